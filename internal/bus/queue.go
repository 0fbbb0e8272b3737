package bus

import (
	"strconv"
	"sync"
)

const (
	// maxPayload is what fits into a NOTIFY, which ends below 8,000 bytes.
	maxPayload = 7900
	// maxWaiting is how many numbers may wait to be sent. What comes beyond is
	// said more coarsely: people and tasks are left out, since their rows are
	// found by looking, and too many organizations become "anything".
	maxWaiting = 1 << 14
)

// queue merges what is to be sent. Nothing here waits for anybody.
type queue struct {
	wake chan struct{} // holds one

	mu            sync.Mutex // held for map operations only
	organizations map[int64]*news
	waiting       int // numbers in news
	credentials   bool
	everything    bool
}

// news is what waits to be said of one organization.
type news struct {
	revision  int64 // 0: nothing
	directory bool
	recalled  map[int64]struct{}
	read      map[uint32]struct{}
}

func newQueue() *queue {
	return &queue{wake: make(chan struct{}, 1), organizations: map[int64]*news{}}
}

// tell changes what waits to be said of an organization.
func (q *queue) tell(organization int64, change func(*news)) {
	q.mu.Lock()
	n := q.organizations[organization]
	if n == nil {
		n = &news{recalled: map[int64]struct{}{}, read: map[uint32]struct{}{}}
		q.organizations[organization] = n
	}
	change(n)
	if len(q.organizations) > maxWaiting {
		q.everything = true
		clear(q.organizations)
		q.waiting = 0
	}
	q.mu.Unlock()
	q.nudge()
}

func (q *queue) revision(organization, revision int64) {
	q.tell(organization, func(n *news) { n.revision = max(n.revision, revision) })
}

func (q *queue) directory(organization int64) {
	q.tell(organization, func(n *news) { n.directory = true })
}

func (q *queue) recall(organization, task int64) {
	q.tell(organization, func(n *news) {
		if _, known := n.recalled[task]; !known && q.waiting < maxWaiting {
			n.recalled[task] = struct{}{}
			q.waiting++
		}
	})
}

func (q *queue) reads(organization int64, ordinals []uint32) {
	q.tell(organization, func(n *news) {
		for _, ordinal := range ordinals {
			if _, known := n.read[ordinal]; !known && q.waiting < maxWaiting {
				n.read[ordinal] = struct{}{}
				q.waiting++
			}
		}
	})
}

func (q *queue) ended() {
	q.mu.Lock()
	q.credentials = true
	q.mu.Unlock()
	q.nudge()
}

func (q *queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take returns a payload with as much as fits of what waits, "" when nothing
// does, and whether something is left. What many wait for comes first:
// revisions and recalls before people who have read.
func (q *queue) take(node string) (payload string, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	p := &packer{text: []byte(version + " " + node)}
	empty := len(p.text)
	if q.everything && p.put("a") {
		q.everything = false
	}
	if q.credentials && p.put("t") {
		q.credentials = false
	}
	for organization, n := range q.organizations {
		p.news(organization, n, &q.waiting)
	}
	for organization, n := range q.organizations {
		p.people(organization, n, &q.waiting)
		if n.empty() {
			delete(q.organizations, organization)
		}
	}
	if len(p.text) == empty {
		return "", false
	}
	return string(p.text), p.full
}

func (n *news) empty() bool {
	return n.revision == 0 && !n.directory && len(n.recalled) == 0 && len(n.read) == 0
}

// packer fills one payload.
type packer struct {
	text []byte
	full bool // something did not fit
}

func (p *packer) put(token string) bool {
	if p.full = p.full || len(p.text)+1+len(token) > maxPayload; p.full {
		return false
	}
	p.text = append(append(p.text, ' '), token...)
	return true
}

func (p *packer) news(organization int64, n *news, waiting *int) {
	id := strconv.FormatInt(organization, 10)
	if n.revision > 0 && p.put("r"+id+":"+strconv.FormatInt(n.revision, 10)) {
		n.revision = 0
	}
	if n.directory && p.put("d"+id) {
		n.directory = false
	}
	for task := range n.recalled {
		if !p.put("x" + id + ":" + strconv.FormatInt(task, 10)) {
			return
		}
		delete(n.recalled, task)
		*waiting--
	}
}

// people puts as many of an organization's readers as fit into one token.
func (p *packer) people(organization int64, n *news, waiting *int) {
	const longest = len(",4294967295")
	if len(n.read) == 0 {
		return
	}
	token := "u" + strconv.FormatInt(organization, 10)
	if p.full = p.full || len(p.text)+1+len(token)+longest > maxPayload; p.full {
		return
	}
	p.put(token)
	between := byte(':')
	for ordinal := range n.read {
		if p.full = len(p.text)+longest > maxPayload; p.full {
			return
		}
		p.text = strconv.AppendUint(append(p.text, between), uint64(ordinal), 10)
		between = ','
		delete(n.read, ordinal)
		*waiting--
	}
}
