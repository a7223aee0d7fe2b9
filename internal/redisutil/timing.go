package redisutil

import (
	"math/rand/v2"
	"time"
)

// Timing has the timeouts and waits for connections to Redis. Tests use shorter ones.
type Timing struct {
	// IdlePing is how long Redis may be silent before Elva sends a PING. While records arrive, Elva sends one every
	// FlowPing: a gap begins at the last PING that was answered, so it is reported up to that much too long.
	IdlePing, FlowPing time.Duration
	// Dead is how long Redis may be silent before the connection counts as dead. A frozen server or a half-open connection
	// may cause no error for minutes, but the reply to a PING may come after seconds of queued records.
	Dead time.Duration
	// Stuck is how long a call of go-redis may take. By default a dial and the greeting take 8 s at most, but with
	// ReadTimeout -1 go-redis waits forever.
	Stuck time.Duration
	// Steady is how long a connection must have served before the waits start over.
	Steady time.Duration
	// DownWait and DownWaitMax are the first and the longest wait after a network error, with doubling in between. They
	// are short, since every second without a subscription loses messages.
	DownWait, DownWaitMax time.Duration
	// DeniedWait and DeniedWaitMax are the waits after a denial, which lasts until somebody changes something.
	DeniedWait, DeniedWaitMax time.Duration
}

// DefaultTiming returns the Timing that is used outside of tests.
func DefaultTiming() Timing {
	return Timing{
		IdlePing: 5 * time.Second, FlowPing: time.Second, Dead: 15 * time.Second, Stuck: 20 * time.Second, Steady: 10 * time.Second,
		DownWait: 100 * time.Millisecond, DownWaitMax: time.Second,
		DeniedWait: time.Second, DeniedWaitMax: 30 * time.Second,
	}
}

// AfterDown returns the wait after so many network errors in a row.
func (t *Timing) AfterDown(tries int) time.Duration { return backoff(t.DownWait, t.DownWaitMax, tries) }

// AfterDenial returns the wait after so many denials in a row.
func (t *Timing) AfterDenial(tries int) time.Duration {
	return backoff(t.DeniedWait, t.DeniedWaitMax, tries)
}

// backoff returns a wait that doubles with each try. It is randomized, so that instances don't reconnect simultaneously.
func backoff(first, longest time.Duration, tries int) time.Duration {
	wait := min(first<<min(tries, 10), longest)
	return wait*3/4 + rand.N(wait/4+1)
}
