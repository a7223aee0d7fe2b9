// Package alert calls a function when the state of what is logged has changed and held.
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
	// holdWorse is for how long a state must be worse than the reported one: what opens a cause has lasted for a
	// while already, so that this only absorbs a slip.
	holdWorse = 10 * time.Second
	// holdBetter is for how long it must be better: a flap is one call.
	holdBetter = time.Minute
)

// Alert calls a function, one call at a time. Its methods are safe for concurrent use.
type Alert struct {
	call func(status.Summary)
	log  *slog.Logger
	wake chan struct{} // something is pending

	mu       sync.Mutex
	reported string    // the state that was reported last
	same     time.Time // when it was last the state
	called   bool      // there was a call
	pending  *status.Summary
}

// New returns an Alert that calls call, and logs its panics to log. A nil call is never called.
func New(call func(status.Summary), log *slog.Logger) *Alert {
	return &Alert{call: call, log: log, wake: make(chan struct{}, 1)}
}

// Observe takes in a summary. It never waits for a call.
func (a *Alert) Observe(now time.Time, s status.Summary) {
	if a.call == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.called && severity(s.State) == 0 { // all is well from the start: no news
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

// severity orders states. What is unknown is as good as ok.
func severity(state string) int {
	switch state {
	case status.Down:
		return 2
	case status.Degraded:
		return 1
	}
	return 0
}

// Run makes the calls until ctx ends. While one call takes long, the states between are skipped.
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
		if s == nil || s.State == last { // it has changed back while a call took long
			continue
		}
		last = s.State
		a.callOnce(*s)
	}
}

// callOnce makes one call. A panic in it ends neither the host nor the calls.
func (a *Alert) callOnce(s status.Summary) {
	defer func() {
		if p := recover(); p != nil {
			a.log.Error("elva: OnChange panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	a.call(s)
}
