package redisutil

import (
	"math/rand/v2"
	"time"
)

// Timing is how long to wait for what. Tests shorten it.
type Timing struct {
	// IdlePing is how long Redis may be silent before it is asked for a sign of life. While records
	// flow it is asked every FlowPing: the last answer is the proof since when records may be missing,
	// so a gap is stated that much too wide.
	IdlePing, FlowPing time.Duration
	// Dead is how long before the connection counts as dead: a frozen server or a half-open
	// connection shows no error for minutes, while a pong can lie behind seconds of queued records.
	Dead time.Duration
	// Stuck is how long go-redis may be busy without a word. By default a dial and the greeting take
	// it 8 s at most, but with ReadTimeout -1 it waits for a silent server for ever.
	Stuck time.Duration
	// Steady is how long a connection must have served before the waits between tries start over.
	Steady time.Duration
	// Waits between tries double from the first to the second. A network error is tried again soon,
	// since every second without a subscription is lost for good; a refusal needs somebody to change
	// something first.
	DownWait, DownWaitMax       time.Duration
	RefusedWait, RefusedWaitMax time.Duration
}

// DefaultTiming returns what is used outside tests.
func DefaultTiming() Timing {
	return Timing{
		IdlePing: 5 * time.Second, FlowPing: time.Second, Dead: 15 * time.Second, Stuck: 20 * time.Second, Steady: 10 * time.Second,
		DownWait: 100 * time.Millisecond, DownWaitMax: time.Second,
		RefusedWait: time.Second, RefusedWaitMax: 30 * time.Second,
	}
}

// AfterDown returns the wait after so many tries that ended in a network error.
func (t *Timing) AfterDown(tries int) time.Duration { return backoff(t.DownWait, t.DownWaitMax, tries) }

// AfterRefusal returns the wait after so many tries that were refused.
func (t *Timing) AfterRefusal(tries int) time.Duration {
	return backoff(t.RefusedWait, t.RefusedWaitMax, tries)
}

// backoff is a little random: many instances must not reconnect in step.
func backoff(first, most time.Duration, tries int) time.Duration {
	wait := min(first<<min(tries, 10), most)
	return wait*3/4 + rand.N(wait/4+1)
}
