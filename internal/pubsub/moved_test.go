package pubsub

import (
	"fmt"
	"testing"
	"time"
)

func TestMoved_DropsWhatTheNodeBeforeHasDelivered(t *testing.T) {
	m := newMoved(time.Second)
	deliver := func(millis int, payload string) bool {
		return !m.repeated(at(0).Add(time.Duration(millis)*time.Millisecond), "app", payload)
	}
	for i, payload := range []string{"old", "a", "tick", "tick", "b"} {
		if !deliver(i*500, payload) {
			t.Errorf("%q is dropped before any move", payload)
		}
	}
	m.begin(at(2)) // "tick", "tick" and "b" arrived within a second before that
	for _, c := range []struct {
		millis  int
		payload string
		want    bool
	}{
		{2010, "old", true}, {2010, "b", false}, {2010, "b", true},
		{2020, "tick", false}, {2020, "tick", false}, {2020, "tick", true},
		{2030, "new", true}, {3100, "a", true},
	} {
		if got := deliver(c.millis, c.payload); got != c.want {
			t.Errorf("%d ms: %q delivered: %v, want %v", c.millis, c.payload, got, c.want)
		}
	}
}

func TestMoved_RemembersABoundedNumber(t *testing.T) {
	m := newMoved(time.Second)
	for i := range 3 * maxRecent {
		m.repeated(at(0), "app", fmt.Sprint(i))
	}
	m.begin(at(0))
	if len(m.recent) != maxRecent || len(m.again) != maxRecent {
		t.Errorf("%d arrivals are remembered, %d of them may come again, want %d", len(m.recent), len(m.again), maxRecent)
	}
	if m.repeated(at(0), "app", "0") || !m.repeated(at(0), "app", fmt.Sprint(3*maxRecent-1)) {
		t.Error("the newest are not those that are remembered")
	}
}

func TestMoved_WithoutAClusterNothingIsRemembered(t *testing.T) {
	m := newMoved(0)
	m.repeated(at(0), "app", "a")
	if m.begin(at(0)); m.repeated(at(0), "app", "a") {
		t.Error("a message is dropped")
	}
}
