package live

import (
	"errors"
	"net/http"
	"testing"
)

func TestWhatRunsApartReturnsAndPanicsAsIfItWereCalled(t *testing.T) {
	want := errors.New("gone")
	if err := Apart(func() error { return want }); err != want {
		t.Errorf("error %v, want %v", err, want)
	}
	if err := Apart(func() error { return nil }); err != nil {
		t.Errorf("error %v, want none", err)
	}
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("panic with %v, want %v", p, http.ErrAbortHandler)
		}
	}()
	_ = Apart(func() error { panic(http.ErrAbortHandler) })
	t.Error("no panic")
}
