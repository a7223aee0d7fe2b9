package wire

import (
	"sync/atomic"
	"time"
)

const (
	// spare is how many goroutines wait for the next turn: on most machines no more take one at once, unless viewers
	// read too slowly. Each keeps 8 KiB of stack.
	spare = 16
	// patience is how long they wait: longer than it takes from one heartbeat to the next.
	patience = 5 * time.Second
)

// Turns calls functions in goroutines of its own, and waits for each: it is as if they had been called. It is safe
// for concurrent use; any number of turns may be taken at once.
//
// Writing a response needs more of a stack than 4 KiB, of which net/http's header alone takes 2.8, and a
// goroutine that has once had 8 KiB keeps them for as long as it has a request. Between two writes, which is
// nearly always, a stream needs less than 4. The goroutines are used again: Go gives a new one 2 KiB, and one in
// the place of one that has ended what goroutines need on the average, which is 4 or 8, and would make
// net/http's own, which read in the background, as large. So 10,000 idle viewers have 6.6 kB of stacks each, instead
// of 8 to 12. Handing a turn over costs a microsecond, a write 5 to 20.
type Turns struct {
	calls   chan *Turn
	waiting atomic.Int32
	done    <-chan struct{}
}

// NewTurns returns turns that leave no goroutine behind when done is closed and the last one is over.
func NewTurns(done <-chan struct{}) *Turns { return &Turns{calls: make(chan *Turn), done: done} }

// Turn is what one goroutine has called, one function after the other. It keeps what each needs, so that a turn
// makes no garbage.
type Turn struct {
	turns    *Turns
	do       func() error
	ended    chan struct{}
	err      error
	panicked bool
	value    any // of the panic, for whoever would have got it: net/http, or a middleware
}

// Turn returns a Turn for the use of one goroutine.
func (t *Turns) Turn() Turn { return Turn{turns: t, ended: make(chan struct{}, 1)} }

// Call calls do.
func (t *Turn) Call(do func() error) error {
	t.do, t.panicked = do, true
	select {
	case t.turns.calls <- t:
	default: // nobody waits for it
		go t.turns.take(t)
	}
	<-t.ended
	if t.panicked {
		panic(t.value)
	}
	return t.err
}

// take takes one turn, and then those that come.
func (t *Turns) take(turn *Turn) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for turn != nil {
		turn.call()
		timer.Reset(patience)
		turn = t.next(timer)
	}
}

// next waits for a turn. It returns nil when none comes, or enough others wait.
func (t *Turns) next(timer *time.Timer) *Turn {
	defer t.waiting.Add(-1)
	if t.waiting.Add(1) > spare {
		return nil
	}
	select {
	case turn := <-t.calls:
		return turn
	case <-timer.C:
	case <-t.done:
	}
	return nil
}

func (t *Turn) call() {
	defer func() {
		if t.panicked {
			t.value = recover()
		}
		t.ended <- struct{}{}
	}()
	t.err = t.do()
	t.panicked = false
}
