package bus

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// version begins every payload. A node that does not know a version ignores
// the payload, and finds what it spoke of by looking at the rows.
const version = "1"

// hint is what a payload says: its tokens one after the other.
//
//	r7:120        organization 7 is at revision 120
//	x7:100000001  its task 100000001 is recalled
//	u7:3,5,9      its people 3, 5 and 9 have read something
//	d7            its directory moved
//	t             credentials have ended, or what apps may do has changed
//	a             anything may have happened
type hint struct {
	revisions   []pair
	recalled    []pair
	read        []people
	directories []int64
	credentials bool
	everything  bool
}

type pair struct{ organization, value int64 }

type people struct {
	organization int64
	ordinals     []uint32
}

var (
	errVersion = errors.New("bus: another version's payload")
	errPayload = errors.New("bus: not a payload")
)

// parse reads a payload: who sent it and what it says. Tokens of an unknown
// kind are left out. errVersion and errPayload say why nothing is read of it.
func parse(payload string) (node string, h hint, err error) {
	head, rest, _ := strings.Cut(payload, " ")
	if head != version {
		return "", hint{}, errVersion
	}
	node, rest, _ = strings.Cut(rest, " ")
	if node == "" {
		return "", hint{}, errPayload
	}
	for token := range strings.SplitSeq(rest, " ") {
		if token == "" {
			continue
		}
		if err := h.add(token[0], token[1:]); err != nil {
			return "", hint{}, fmt.Errorf("%w: token %.40q", errPayload, token)
		}
	}
	return node, h, nil
}

func (h *hint) add(kind byte, body string) error {
	switch kind {
	case 'r', 'x':
		organization, value, err := numbers(body)
		if err != nil {
			return err
		}
		if kind == 'r' {
			h.revisions = append(h.revisions, pair{organization, value})
		} else {
			h.recalled = append(h.recalled, pair{organization, value})
		}
	case 'u':
		p, err := parsePeople(body)
		if err != nil {
			return err
		}
		h.read = append(h.read, p)
	case 'd':
		organization, err := strconv.ParseInt(body, 10, 64)
		if err != nil {
			return err
		}
		h.directories = append(h.directories, organization)
	case 't':
		h.credentials = true
	case 'a':
		h.everything = true
	}
	return nil
}

func numbers(body string) (organization, value int64, err error) {
	left, right, _ := strings.Cut(body, ":")
	if organization, err = strconv.ParseInt(left, 10, 64); err != nil {
		return 0, 0, err
	}
	value, err = strconv.ParseInt(right, 10, 64)
	return organization, value, err
}

func parsePeople(body string) (people, error) {
	left, right, _ := strings.Cut(body, ":")
	organization, err := strconv.ParseInt(left, 10, 64)
	if err != nil {
		return people{}, err
	}
	p := people{organization: organization}
	for text := range strings.SplitSeq(right, ",") {
		ordinal, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return people{}, err
		}
		p.ordinals = append(p.ordinals, uint32(ordinal))
	}
	return p, nil
}
