package pubsub

import (
	"strconv"
	"sync"
	"time"
)

// Pending is what a connection was asked and has not answered yet, in order. Redis answers in order, so
// an error, which does not say what it is about, answers the first request. Its methods are safe for
// concurrent use.
type Pending struct {
	mu    sync.Mutex
	list  []request
	pings uint64 // so far, for their tokens
}

type request struct {
	names []int  // the sources asked for that have no answer yet; none for a ping
	all   int    // how many there were
	token string // of a ping
	at    time.Time
}

// Subscribe notes that the sources are asked for by one command. It must be called before that is sent.
func (a *Pending) Subscribe(now time.Time, sources []int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, request{names: append([]int{}, sources...), all: len(sources), at: now})
}

// Ping notes a ping and returns the token that its pong brings back. ok is false when one is under way
// already.
func (a *Pending) Ping(now time.Time) (token string, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, q := range a.list {
		if q.all == 0 {
			return "", false
		}
	}
	a.pings++
	token = strconv.FormatUint(a.pings, 10)
	a.list = append(a.list, request{token: token, at: now})
	return token, true
}

// Pong takes an answer to a ping and returns when that was sent. ok is false when it is not the one
// under way: one sent before Reset.
func (a *Pending) Pong(token string) (at time.Time, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.list) == 0 || a.list[0].all > 0 || token != "" && token != a.list[0].token {
		return time.Time{}, false
	}
	at = a.list[0].at
	a.list = a.list[1:]
	return at, true
}

// Confirmed takes a confirmation of a source and returns when that was asked for. ok is false when it
// was not.
func (a *Pending) Confirmed(source int) (at time.Time, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.list) == 0 {
		return time.Time{}, false
	}
	q := &a.list[0]
	for i, name := range q.names {
		if name != source {
			continue
		}
		at = q.at
		// Redis confirms in the order of the command, so this is the first one nearly always.
		q.names[i] = q.names[0]
		if q.names = q.names[1:]; len(q.names) == 0 {
			a.list = a.list[1:]
		}
		return at, true
	}
	return time.Time{}, false
}

// Denied takes an error. It answers the ping or the command that was sent first: sources are those
// the command asked for, none when it was a ping, and at is when it was sent. ok is false when nothing
// was asked.
func (a *Pending) Denied() (sources []int, at time.Time, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.list) == 0 {
		return nil, time.Time{}, false
	}
	q := a.list[0]
	a.list = a.list[1:]
	return q.names, q.at, true
}

// Open reports whether a source waits for its answer.
func (a *Pending) Open() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, q := range a.list {
		if q.all > 0 {
			return true
		}
	}
	return false
}

// Reset forgets everything: the connection is another one.
func (a *Pending) Reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = nil
}
