package wire

import (
	"bytes"
	"errors"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestATurnReturnsAndPanicsAsACall(t *testing.T) {
	done := make(chan struct{})
	defer close(done)
	turn := NewTurns(done).Turn()
	want := errors.New("gone")
	if err := turn.Call(func() error { return want }); err != want {
		t.Errorf("error %v, want %v", err, want)
	}
	if err := turn.Call(func() error { return nil }); err != nil {
		t.Errorf("error %v, want none", err)
	}
	nothing := func() error { return nil }
	if allocs := testing.AllocsPerRun(100, func() { _ = turn.Call(nothing) }); allocs >= 1 {
		t.Errorf("a turn makes %v allocations", allocs)
	}
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("panic with %v, want %v", p, http.ErrAbortHandler)
		}
		if err := turn.Call(nothing); err != nil {
			t.Errorf("after a panic: error %v, want none", err)
		}
	}()
	_ = turn.Call(func() error { panic(http.ErrAbortHandler) })
	t.Error("no panic")
}

func TestATurnWaitsForNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan struct{})
		turns := NewTurns(done)
		stacks := make([]byte, 1<<20)
		left := func() int {
			synctest.Wait()
			return bytes.Count(stacks[:runtime.Stack(stacks, true)], []byte("wire.(*Turns).take("))
		}
		manyAtOnce := func() {
			const many = 10 * spare
			var held, freed sync.WaitGroup
			held.Add(many)
			free := make(chan struct{})
			for range many {
				freed.Go(func() {
					turn := turns.Turn()
					_ = turn.Call(func() error { held.Done(); <-free; return nil })
				})
			}
			held.Wait()
			close(free)
			freed.Wait()
		}
		manyAtOnce()
		if n := left(); n != spare {
			t.Errorf("%d goroutines wait for the next turn, want %d", n, spare)
		}
		time.Sleep(patience)
		if n := left(); n != 0 {
			t.Errorf("%d goroutines still wait when no turn has come", n)
		}
		manyAtOnce()
		close(done)
		if n := left(); n != 0 {
			t.Errorf("%d goroutines are left at the end", n)
		}
		turn := turns.Turn() // who is late still gets it
		if err := turn.Call(func() error { return nil }); err != nil {
			t.Errorf("error %v, want none", err)
		}
		synctest.Wait()
	})
}
