package redisutil

import "time"

// Backoff limits how often Elva connects to Redis. Two connections begin at least a wait apart, and the wait grows with each
// failure; only the first failure of a connection that served causes no wait. The waits start over after a connection
// served for some time or received many bytes. Otherwise a Redis that accepts connections and closes them would be dialed
// without pause. Backoff is not safe for concurrent use.
type Backoff struct {
	Timing Timing

	failures     int
	began        time.Time // when the current connection began
	servingSince time.Time // zero if it doesn't serve
	received     int       // bytes that it received
}

// enoughBytes is how many bytes a connection must receive for the waits to start over: half of the default output buffer
// limit of a subscriber. If this machine is too slow for a flood, Redis closes each connection after more than that, within
// a second. A wait would only lose more messages.
const enoughBytes = 16 << 20

// Begin notes the start of a connection.
func (b *Backoff) Begin(now time.Time) { b.began, b.servingSince, b.received = now, time.Time{}, 0 }

// Received notes that the connection received so many bytes.
func (b *Backoff) Received(bytes int) {
	if b.received < enoughBytes {
		b.received += bytes
	}
}

// Serving notes that the connection works: Redis has confirmed a subscription or answered a read. Later calls have no effect.
func (b *Backoff) Serving(now time.Time) {
	if b.servingSince.IsZero() {
		b.servingSince = now
	}
}

// Next returns when the next connection may begin if this one fails now. denied is whether Redis denied what was requested.
func (b *Backoff) Next(now time.Time, denied bool) time.Time {
	var wait time.Duration
	switch failures := b.failuresSoFar(now); {
	case denied:
		wait = b.Timing.AfterDenial(failures)
	case failures > 0 || b.servingSince.IsZero():
		wait = b.Timing.AfterDown(failures)
	}
	if next := b.began.Add(wait); next.After(now) {
		return next
	}
	return now // the connection lasted longer than the wait
}

// Failed notes that the connection failed.
func (b *Backoff) Failed(now time.Time) { b.failures = b.failuresSoFar(now) + 1 }

// failuresSoFar returns how many connections failed in a row, 0 if the current one lasted or received enough.
func (b *Backoff) failuresSoFar(now time.Time) int {
	if !b.servingSince.IsZero() && (now.Sub(b.servingSince) >= b.Timing.Steady || b.received >= enoughBytes) {
		return 0
	}
	return b.failures
}
