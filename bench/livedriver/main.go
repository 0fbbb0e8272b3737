// Command livedriver is the clients' half of the benchmark of live streams, in
// a process of its own so that it costs the server neither memory nor garbage.
//
// It reads one API token per line from its standard input, opens an event
// stream for each, and says "connected" once every one has its first event.
// For each further line "round" it sends one message and says how long after
// the beginning of the send, in microseconds,
//
//	round ANSWERED LAST UNREAD
//
// the send was answered, the last client had the message, and the last client
// had the new count of unread messages that follows it. A client that gets a
// message twice, or anything it should not, ends the run.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

func main() {
	d := &driver{stdin: bufio.NewReader(os.Stdin), client: http.DefaultClient}
	addresses := flag.String("address", "", "HOST:PORT of the server; of several, with commas, each gets as many streams and the first the messages")
	flag.StringVar(&d.send, "send", "", "path and query that a message is posted to")
	flag.IntVar(&d.agent, "agent", 0, "agent_id of the messages")
	flag.Parse()
	d.addresses = strings.Split(*addresses, ",")
	if err := d.run(); err != nil {
		fmt.Fprintln(os.Stderr, "livedriver:", err)
		os.Exit(1)
	}
}

// dialers is how many streams are being opened at the same time.
const dialers = 64

type driver struct {
	addresses []string
	send      string
	agent     int
	stdin     *bufio.Reader
	client    *http.Client
	streams   int
	seen      chan sighting
}

func (d *driver) run() error {
	tokens, err := d.tokens()
	if err != nil {
		return err
	}
	d.streams = len(tokens)
	d.seen = make(chan sighting, 2*len(tokens))
	if err := d.connect(tokens); err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "connected")
	for number := 1; ; number++ {
		line, err := d.stdin.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil || line != "round\n" {
			return fmt.Errorf("command %q: %w", line, err)
		}
		if err := d.round(number); err != nil {
			return err
		}
	}
}

// tokens reads up to an empty line.
func (d *driver) tokens() ([]string, error) {
	var tokens []string
	for {
		line, err := d.stdin.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("tokens: %w", err)
		}
		if line == "\n" {
			return tokens, nil
		}
		tokens = append(tokens, strings.TrimSpace(line))
	}
}

func (d *driver) connect(tokens []string) error {
	todo := make(chan int)
	var dialing sync.WaitGroup
	var failed error
	var once sync.Once
	for range dialers {
		dialing.Go(func() {
			for i := range todo {
				if err := open(d.addresses[i%len(d.addresses)], tokens[i], d.seen); err != nil {
					once.Do(func() { failed = err })
				}
			}
		})
	}
	for i := range tokens {
		todo <- i
	}
	close(todo)
	dialing.Wait()
	return failed
}

// round sends a message and waits until every client has it and its count.
func (d *driver) round(number int) error {
	begin := time.Now()
	answered := make(chan error, 1)
	var answer, last, unread time.Time
	go func() { answered <- d.post(number) }()
	const patience = time.Minute
	timeout := time.After(patience)
	for messages, counts := 0, 0; messages < d.streams || counts < d.streams || answer.IsZero(); {
		select {
		case err := <-answered:
			if err != nil {
				return err
			}
			answer = time.Now()
		case s := <-d.seen:
			switch {
			case s.err != nil:
				return s.err
			case s.round != number:
				return fmt.Errorf("a client is in round %d, the others in %d", s.round, number)
			case s.message:
				messages++
				last = later(last, s.at)
			default:
				counts++
				unread = later(unread, s.at)
			}
		case <-timeout:
			return fmt.Errorf("round %d: %d messages and %d counts for %d clients after %v", number, messages, counts, d.streams, patience)
		}
	}
	_, err := fmt.Fprintln(os.Stdout, "round", answer.Sub(begin).Microseconds(), last.Sub(begin).Microseconds(), unread.Sub(begin).Microseconds())
	return err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (d *driver) post(number int) error {
	body := fmt.Sprintf(`{"agent_id":%d,"to_all_user":true,"msg":{"msgtype":"text","text":{"content":"%s %d"}}}`, d.agent, marker, number)
	//nolint:noctx // the process ends with its last round
	resp, err := d.client.Post("http://"+d.addresses[0]+d.send, "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && !strings.Contains(string(answer), `"errcode":0`) {
		err = fmt.Errorf("answer: %s", answer)
	}
	return err
}
