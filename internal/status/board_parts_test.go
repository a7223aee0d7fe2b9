package status_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/redisutil"
	"github.com/SupermanScott/Elva/internal/status"
)

func TestBoard_WorstPart(t *testing.T) {
	l := newLink([]redisutil.Channel{a}, []string{"s", "t"}, "", 0)
	is := func(state, text string) {
		t.Helper()
		if d := l.Snapshot(time.Now()); d.State != state || d.Text != text {
			t.Errorf("the link is %s: %q, want %s: %q", d.State, d.Text, state, text)
		}
	}
	never := time.Time{}
	l.Input(time.Now())
	l.KeyInput(time.Now())
	is(status.Connecting, "connecting to Redis")
	l.Set(status.Live, "live", never)
	l.SetStream(0, status.Live, "live", never)
	is(status.Connecting, "connecting to Redis")
	l.SetStream(1, status.Denied, "t is denied", at(5))
	is(status.Denied, "t is denied")
	since := l.Snapshot(time.Now()).Since
	l.SetStream(0, status.Denied, "s is denied", at(9))
	is(status.Denied, "s is denied")
	if d := l.Snapshot(time.Now()); !d.Since.Equal(since) || !d.NextTry.Equal(at(9)) {
		t.Errorf("denied since %v, want %v; next try %v", d.Since, since, d.NextTry)
	}
	l.Set(status.Down, "down", at(1))
	is(status.Down, "down")
	l.SetStream(0, status.Live, "live", never)
	is(status.Down, "down")
	l.Set(status.Live, "live", never)
	is(status.Denied, "t is denied")
	l.SetStream(1, status.Live, "live", never)
	is(status.Live, "live")
	if d := l.Snapshot(time.Now()); !d.NextTry.IsZero() {
		t.Errorf("live, and the next try is %v", d.NextTry)
	}
	l.SetStream(1, status.Closed, "closed", never)
	l.Set(status.Down, "down", at(1))
	is(status.Closed, "closed")
}

func TestBoard_OnlyStreams(t *testing.T) {
	l := newLink(nil, []string{"s"}, "", 0)
	if d := l.Snapshot(time.Now()); d.State != status.Connecting {
		t.Errorf("the link is %s", d.State)
	}
	l.SetStream(0, status.Live, "live", time.Time{})
	if d := l.Snapshot(time.Now()); d.State != status.Live {
		t.Errorf("the link is %s", d.State)
	}
}

func TestBoard_Keys(t *testing.T) {
	l := newLink([]redisutil.Channel{a}, []string{"s"}, "list", 0)
	l.KeyReadable(at(1), 0)
	l.KeyReadable(at(2), 0)
	l.KeyRecord(at(3), 0)
	l.KeyRecord(at(4), 1)
	d := l.Snapshot(at(5))
	if s := d.Sources[1]; s.Kind != status.Stream || !s.Confirmed.Equal(at(1)) || s.Records != 1 || !s.LastRecord.Equal(at(3)) {
		t.Errorf("the stream is %+v", s)
	}
	if s := d.Sources[2]; s.Kind != status.List || !s.Confirmed.IsZero() || s.Records != 1 || !d.LastRecord.Equal(at(4)) {
		t.Errorf("the list is %+v, last record %v", s, d.LastRecord)
	}
	if d.Sources[0].Records != 0 || d.Sources[0].Kind != status.Channel {
		t.Errorf("the channel is %+v", d.Sources[0])
	}
	err := l.KeyUnreadable(1, redis.ErrClosed)
	if s := l.Snapshot(at(5)).Sources[2]; !errors.Is(err, redis.ErrClosed) || s.Denied != "" {
		t.Errorf("error %v, the list is %+v", err, s)
	}
	err = l.KeyUnreadable(0, said("NOPERM no"))
	if s := l.Snapshot(at(5)).Sources[1]; !strings.Contains(err.Error(), `the stream "s"`) || s.Denied != "NOPERM no" || !s.Confirmed.IsZero() {
		t.Errorf("error %v, the stream is %+v", err, s)
	}
	if got := l.DeniedError(); got != nil {
		t.Errorf("the subscription is denied: %v", got)
	}
	l.KeyReadable(at(6), 0)
	if s := l.Snapshot(at(7)).Sources[1]; s.Denied != "" || !s.Confirmed.Equal(at(6)) {
		t.Errorf("the stream is %+v", s)
	}
}

// said is an error reply of Redis.
type said string

func (s said) Error() string { return string(s) }
func (s said) RedisError()   {}
