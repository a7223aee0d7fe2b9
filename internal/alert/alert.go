// Package alert calls a function when the state has changed for long enough.
package alert

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/SupermanScott/Elva/internal/status"
)

const (
	// holdWorse is how long a state must be worse than the reported one before it is reported. It is short, since a cause
	// must have lasted for a while already.
	holdWorse = 10 * time.Second
	// holdBetter is how long a state must be better than the reported one before it is reported. Flapping causes only one
	// call.
	holdBetter = time.Minute
)

// Alert reports changes of the state by calling a function, one call at a time. Its methods are safe for concurrent use.
type Alert struct {
	call func(status.Summary)
	log  *slog.Logger
	wake chan struct{} // signals that pending is set; has one slot

	mu       sync.Mutex
	reported string    // the state that was reported last
	same     time.Time // when the state was last the reported one
	called   bool      // whether a state was reported by a call
	pending  *status.Summary
}

// New returns an Alert that calls call, which may be nil, and logs its panics to log.
func New(call func(status.Summary), log *slog.Logger) *Alert {
	return &Alert{call: call, log: log, wake: make(chan struct{}, 1)}
}

// Observe takes the current state, and leaves it to Run to report it once it has held long enough.
func (a *Alert) Observe(now time.Time, s status.Summary) {
	if a.call == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.called && severity(s.State) == 0 { // ok from the start is not reported
		a.reported = s.State
	}
	if s.State == a.reported || a.same.IsZero() {
		a.same = now
	}
	hold := holdBetter
	if severity(s.State) > severity(a.reported) {
		hold = holdWorse
	}
	if s.State == a.reported || now.Sub(a.same) < hold {
		return
	}
	a.reported, a.same, a.called = s.State, now, true
	a.pending = &s
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// severity returns the rank of a state. Unknown ranks like ok.
func severity(state string) int {
	switch state {
	case status.Down:
		return 2
	case status.Degraded:
		return 1
	}
	return 0
}

// Run calls the function, one call at a time, for each state that Observe found to have held, until ctx ends. A state that is superseded
// during a call is skipped.
func (a *Alert) Run(ctx context.Context) {
	last := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.wake:
		}
		a.mu.Lock()
		s := a.pending
		a.pending = nil
		a.mu.Unlock()
		if s == nil || s.State == last { // the state changed back during the last call
			continue
		}
		last = s.State
		a.callOnce(*s)
	}
}

// callOnce calls the function and logs its panic.
func (a *Alert) callOnce(s status.Summary) {
	defer func() {
		if p := recover(); p != nil {
			a.log.Error("elva: OnChange panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	a.call(s)
}
