package redisutil

import "time"

// Backoff spaces the connections to a Redis that fails: two of them begin at least a wait apart, and the wait grows
// with each failure, but for the first one of a connection that has served. It starts over only after a connection has
// lasted or brought much, or a Redis that accepts a connection and closes it would be dialed without pause. It is not
// safe for concurrent use.
type Backoff struct {
	Timing Timing

	failures int
	began    time.Time // the newest connection
	live     time.Time // since when it serves; zero if it does not
	brought  int       // bytes
}

// much is how many bytes a connection must bring for the waits to start over, half of what Redis lets wait for a subscriber
// by default. In a storm that is too much for this machine Redis closes each connection within a second, after more than
// that, and what is published during a wait is lost.
const much = 16 << 20

// Begin notes that a connection begins.
func (b *Backoff) Begin(now time.Time) { b.began, b.live, b.brought = now, time.Time{}, 0 }

// Brought notes that the connection has brought so many bytes.
func (b *Backoff) Brought(bytes int) {
	if b.brought < much {
		b.brought += bytes
	}
}

// Live notes that the connection serves. Later calls change nothing.
func (b *Backoff) Live(now time.Time) {
	if b.live.IsZero() {
		b.live = now
	}
}

// Next returns when the next connection may begin if this one has failed now. denied says that Redis denied it what it
// was for.
func (b *Backoff) Next(now time.Time, denied bool) time.Time {
	var wait time.Duration
	switch failures := b.failed(now); {
	case denied:
		wait = b.Timing.AfterRefusal(failures)
	case failures > 0 || b.live.IsZero():
		wait = b.Timing.AfterDown(failures)
	}
	if next := b.began.Add(wait); next.After(now) {
		return next
	}
	return now // it has lasted longer than the wait
}

// Failed notes that the connection has failed.
func (b *Backoff) Failed(now time.Time) { b.failures = b.failed(now) + 1 }

// failed returns how many connections have failed since one lasted or brought much.
func (b *Backoff) failed(now time.Time) int {
	if !b.live.IsZero() && (now.Sub(b.live) >= b.Timing.Steady || b.brought >= much) {
		return 0
	}
	return b.failures
}
