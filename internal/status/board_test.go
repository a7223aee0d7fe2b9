package status_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/redisutil"
	"github.com/SupermanScott/Elva/internal/status"
)

var (
	a   = redisutil.Channel{Name: "a"}
	b   = redisutil.Channel{Name: "b"}
	p   = redisutil.Channel{Name: "p*", Pattern: true}
	all = []redisutil.Channel{a, b, p}
)

// at returns a time that many seconds after start.
func at(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

// start is later than the creation of any Board in these tests.
var start = time.Now().Add(time.Minute)

// link is a board with one subscription.
type link struct {
	*status.Board
	*status.Subscription
}

func newLink(sources []redisutil.Channel, streams []string, list string, lag time.Duration) link {
	var subscriptions [][]redisutil.Channel
	if sources != nil {
		subscriptions = append(subscriptions, sources)
	}
	l := link{Board: status.NewBoard(subscriptions, streams, list, nil, lag)}
	if sources != nil {
		l.Subscription = l.Board.Subscription(0)
	}
	return l
}

func confirm(l link, second int, sources ...int) {
	for _, i := range sources {
		l.Confirm(at(second), i)
	}
}

func TestEndLosses_FirstTryWorks(t *testing.T) {
	l := newLink(all, nil, "", 0)
	confirm(l, 1, 0, 1, 2)
	if gaps := l.EndLosses(at(1), at(0)); len(gaps) != 0 {
		t.Errorf("gaps %+v", gaps)
	}
}

func TestEndLosses_FirstTryFails(t *testing.T) {
	before := time.Now()
	l := newLink(all, nil, "", 0)
	l.Lost("refused")
	l.Lost("again refused")
	confirm(l, 9, 0, 1, 2)
	gaps := l.EndLosses(at(9), at(8))
	if len(gaps) != 1 || gaps[0].From.Before(before.UTC()) || gaps[0].From.After(before.Add(time.Second)) || !gaps[0].To.Equal(at(9)) || gaps[0].Reason != "refused" || !gaps[0].LastRecord.IsZero() {
		t.Errorf("gaps %+v", gaps)
	}
}

// TestEndLosses_BeginsAtLastDelivery loses the connection of a reader that fell behind. Its last input was published long
// before, and later messages were dropped, so the gap must begin at the last NoteDelivered.
func TestEndLosses_BeginsAtLastDelivery(t *testing.T) {
	for name, lag := range map[string]time.Duration{"one server": 0, "a cluster": time.Second} {
		t.Run(name, func(t *testing.T) {
			l := newLink(all, nil, "", lag)
			confirm(l, 1, 0, 1, 2)
			l.EndLosses(at(1), at(0))
			l.NoteDelivered(at(5))
			l.NoteDelivered(at(4)) // an earlier time has no effect
			l.Input(at(20))
			l.Record(at(20), a)
			l.Lost("EOF")
			l.Reconnect()
			l.Record(at(21), a) // between the confirmations
			confirm(l, 22, 0, 1, 2)
			gaps := l.EndLosses(at(22), at(21))
			if len(gaps) != 1 || !gaps[0].From.Equal(at(5).Add(-lag)) || !gaps[0].To.Equal(at(22)) || !gaps[0].LastRecord.Equal(at(20)) {
				t.Errorf("gaps %+v, want one from 5 to 22, last record 20", gaps)
			}
			l.Lost("EOF") // at once: the next gap must begin where the last one ended
			if gaps := l.EndLosses(at(23), at(22)); len(gaps) != 1 || !gaps[0].From.Equal(at(22).Add(-lag)) {
				t.Errorf("gaps %+v, want one from 22", gaps)
			}
		})
	}
}

func TestEndLosses_DeniedSource(t *testing.T) {
	l := newLink(all, nil, "", 0)
	noperm := errors.New("NOPERM no")
	confirm(l, 1, 0)
	l.Deny(1, noperm)
	l.Deny(2, noperm)
	if gaps := l.EndLosses(at(1), at(0)); len(gaps) != 0 {
		t.Errorf("the permitted name has gaps %+v", gaps)
	}
	if got, want := l.DeniedError().Error(), `Redis denies 2 of 3 subscriptions: the channel "b": NOPERM no; the pattern "p*": NOPERM no`; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if got := l.Denied(); !reflect.DeepEqual(got, []int{1, 2}) {
		t.Errorf("denied %v", got)
	}
	l.NoteDelivered(at(10))
	confirm(l, 11, 1)
	gaps := l.EndLosses(at(11), at(10))
	if len(gaps) != 1 || gaps[0].From.After(at(0)) || gaps[0].Reason != `Redis denies the channel "b": NOPERM no` {
		t.Errorf("gaps %+v, want one of b from the start", gaps)
	}
	l.Lost("EOF")
	l.Reconnect()
	confirm(l, 20, 0, 1, 2)
	gaps = l.EndLosses(at(20), at(19))
	if len(gaps) != 2 || gaps[0].From.After(at(0)) || !gaps[1].From.Equal(at(11)) && !gaps[1].From.Equal(at(10)) || gaps[1].Reason != "EOF" {
		t.Errorf("gaps %+v, want one of p from the start, then one of the others since the last delivery", gaps)
	}
	if l.DeniedError() != nil {
		t.Error("a source is still denied")
	}
}

// TestSnapshot_DeniedSource checks since when a source is denied and when it is tried again. A new connection that denies it
// again must not change the former.
func TestSnapshot_DeniedSource(t *testing.T) {
	l := newLink(all, nil, "", 0)
	before := time.Now()
	confirm(l, 1, 0, 2)
	l.Deny(1, errors.New("NOPERM"))
	l.Set(status.Denied, "denied", at(30))
	first := l.Snapshot(at(2)).Sources
	if since := first[1].DeniedSince; since.Before(before.UTC()) || since.After(time.Now()) || !first[1].NextTry.Equal(at(30)) || first[1].Denied != "NOPERM" {
		t.Errorf("the denied source is %+v", first[1])
	}
	if !first[0].DeniedSince.IsZero() || !first[0].NextTry.IsZero() {
		t.Errorf("a confirmed source is %+v", first[0])
	}
	time.Sleep(2 * time.Millisecond)
	l.Reconnect()
	if s := l.Snapshot(at(3)).Sources[1]; !s.DeniedSince.IsZero() || !s.NextTry.IsZero() {
		t.Errorf("before the reply, the source is %+v", s)
	}
	l.Deny(1, errors.New("NOPERM"))
	if s := l.Snapshot(at(4)).Sources[1]; !s.DeniedSince.Equal(first[1].DeniedSince) {
		t.Errorf("since %v, was %v", s.DeniedSince, first[1].DeniedSince)
	}
	confirm(l, 5, 1)
	l.Deny(1, errors.New("NOPERM"))
	if s := l.Snapshot(at(6)).Sources[1]; !s.DeniedSince.After(first[1].DeniedSince) {
		t.Errorf("denied since %v, although it was confirmed meanwhile", s.DeniedSince)
	}
}

func TestDeniedError_ManySources(t *testing.T) {
	var many []redisutil.Channel
	for i := range 5 {
		many = append(many, redisutil.Channel{Name: fmt.Sprint(i)})
	}
	l := newLink(many, nil, "", 0)
	for i := range many {
		l.Deny(i, errors.New("no"))
	}
	want := `Redis denies 5 of 5 subscriptions: the channel "0": no; the channel "1": no; the channel "2": no; and 2 more`
	if got := l.DeniedError().Error(); got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if got := redisutil.Describe(l.DeniedError()); got != want {
		t.Errorf("described as %q", got)
	}
}

func TestSnapshot_NoInput(t *testing.T) {
	l := newLink(all, nil, "", 0)
	if text := l.Snapshot(time.Now().Add(10 * time.Second)).Text; text != "connecting to Redis for 10 s" {
		t.Errorf("text %q", text)
	}
	l.Set(status.Live, "live", time.Time{})
	l.Input(at(0))
	for second, want := range map[int]string{1: "live", 8: "Redis has not answered for 8 s"} {
		if text := l.Snapshot(at(second)).Text; text != want {
			t.Errorf("text %q, want %q", text, want)
		}
	}
}
