package live

import (
	"errors"
	"net/http"
	"testing"
)

func TestATurnReturnsAndPanicsAsACall(t *testing.T) {
	var turn Turn
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
	}()
	_ = turn.Call(func() error { panic(http.ErrAbortHandler) })
	t.Error("no panic")
}
