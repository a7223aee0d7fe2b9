package pubsub

import (
	"strconv"
	"sync"
	"time"
)

// Pending holds the requests on a connection whose replies are pending, in order. An error from Redis does not name
// its request, but Redis replies in order, so the error belongs to the first request. The methods are safe for
// concurrent use.
type Pending struct {
	mu    sync.Mutex
	list  []request
	pings uint64 // the number of pings so far, which gives their tokens
}

type request struct {
	names []int  // the sources whose replies are pending; empty for a ping
	all   int    // the number of sources in the command; 0 for a ping
	token string // the argument of a ping
	at    time.Time
}

// Subscribe notes a command that subscribes to the sources. It must be called before the command is sent.
func (a *Pending) Subscribe(now time.Time, sources []int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, request{names: append([]int{}, sources...), all: len(sources), at: now})
}

// Ping notes a ping and returns the token that its pong returns. ok is false if the reply to another ping is
// pending: then no ping should be sent.
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

// Pong notes the reply to a ping and returns when the ping was sent. ok is false if the pong does not belong to the
// pending ping, but to one from before Reset.
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

// Confirmed notes the confirmation of a source and returns when the command for it was sent. ok is false if no
// command for it is pending.
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
		// Redis confirms in the order of the command, so this is nearly always the first one.
		q.names[i] = q.names[0]
		if q.names = q.names[1:]; len(q.names) == 0 {
			a.list = a.list[1:]
		}
		return at, true
	}
	return time.Time{}, false
}

// Denied notes an error reply, which belongs to the first pending ping or command. sources are the sources of the
// command, or none for a ping, and at is when it was sent. ok is false if no reply is
// pending.
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

// Open reports whether replies are pending.
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

// Reset discards all requests. It must be called when the connection changes.
func (a *Pending) Reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = nil
}
