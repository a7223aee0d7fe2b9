package pubsub

import (
	"fmt"
	"testing"
	"time"
)

// at returns the time that many seconds after a fixed start.
func at(seconds int) time.Time {
	return time.Unix(1_800_000_000, 0).Add(time.Duration(seconds) * time.Second)
}

func TestPending_ErrorAnswersTheFirstRequest(t *testing.T) {
	var q Pending
	if _, _, ok := q.Denied(); ok {
		t.Error("an error answers though nothing was asked")
	}
	q.Subscribe(at(1), []int{0, 1})
	q.Subscribe(at(2), []int{2})
	token, ok := q.Ping(at(3))
	if _, again := q.Ping(at(4)); !ok || again {
		t.Errorf("pings under way: %v, then %v", ok, again)
	}
	if _, ok := q.Confirmed(2); ok {
		t.Error("an answer out of turn counts")
	}
	if when, ok := q.Confirmed(1); !ok || !when.Equal(at(1)) {
		t.Error("names of one command are not confirmed in any order")
	}
	if _, ok := q.Pong(token); ok {
		t.Error("a pong counts before its turn")
	}
	if sources, when, ok := q.Denied(); !ok || fmt.Sprint(sources) != "[0]" || !when.Equal(at(1)) {
		t.Errorf("the error is about %v of %v", sources, when)
	}
	if !q.Open() {
		t.Error("nothing is open")
	}
	if sources, _, ok := q.Denied(); !ok || fmt.Sprint(sources) != "[2]" {
		t.Errorf("the error is about %v", sources)
	}
	if q.Open() {
		t.Error("a ping counts as open")
	}
	if _, ok := q.Pong("of a connection before"); ok {
		t.Error("another ping's pong counts")
	}
	if when, ok := q.Pong(token); !ok || !when.Equal(at(3)) {
		t.Errorf("pong of %v, %v", when, ok)
	}
	q.Ping(at(5))
	if sources, when, ok := q.Denied(); !ok || len(sources) > 0 || !when.Equal(at(5)) {
		t.Error("an error does not answer a ping")
	}
	q.Subscribe(at(6), []int{0})
	q.Reset()
	if _, ok := q.Confirmed(0); ok || q.Open() {
		t.Error("something is left after Reset")
	}
}
