package health_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/status"
)

func TestObserve_LateRecords(t *testing.T) {
	h := health.New(epoch)
	observe := func(at time.Duration, n int) {
		for range n {
			h.Observe(epoch.Add(at), "app", &record.Record{Level: record.Error, Message: "it broke", Logger: "shop"}, 1)
		}
	}
	observe(10*time.Minute+30*time.Second, 1)
	observe(10*time.Minute, 5) // in the last minute
	observe(8*time.Minute, 7)  // before it
	observe(-2*time.Hour, 11)  // before the last hour
	observe(-100*365*24*time.Hour, 1)
	d := report(h, 10*time.Minute+31*time.Second)
	if d.Errors.LastMinute != 6 || d.Counts["error"] != 25 {
		t.Errorf("%v errors in the last minute, %v in all; want 6, 25", d.Errors.LastMinute, d.Counts)
	}
	last := d.Minutes.Levels["error"]
	if n := len(last); n < 3 || last[n-1] != 6 || last[n-3] != 7 {
		t.Errorf("by minutes: %v", last)
	}
	sum := uint32(0)
	for _, n := range last {
		sum += n
	}
	if sum != 13 {
		t.Errorf("%d in the last hour, want 13", sum)
	}
}

// TestObserve_ReplayAtStart observes the last hour of a stream at once. That must not cause a storm or new error groups.
func TestObserve_ReplayAtStart(t *testing.T) {
	h := health.New(epoch)
	for second := -3600; second < -60; second++ {
		at := epoch.Add(time.Duration(second) * time.Second)
		h.Observe(at, "app", &record.Record{Level: record.Error, Message: fmt.Sprintf("it broke %d", second), Logger: "shop", Host: "web-1"}, 1)
		h.Observe(at, "app", &record.Record{Level: record.Info, Message: "it works", Logger: "shop", Host: "web-1"}, 1)
	}
	for after := time.Second; after < 5*time.Minute; after += time.Second {
		h.Observe(epoch.Add(after), "app", &record.Record{Level: record.Info, Message: "it works", Logger: "shop", Host: "web-1"}, 1)
		d := report(h, after)
		if d.Health.State == status.Down || d.Health.State == status.Degraded {
			t.Fatalf("after %v: %s, %q", after, d.Health.State, d.Health.Text)
		}
		for _, group := range d.ErrorGroups {
			if group.New {
				t.Fatalf("after %v: a new group %+v", after, group)
			}
		}
		if d.Errors.LastMinute > 0 {
			t.Fatalf("after %v: %v errors in the last minute", after, d.Errors.LastMinute)
		}
	}
}
