package redisutil_test

import (
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

// TestBackoff lets five connections fail and checks how long the sixth must wait.
func TestBackoff(t *testing.T) {
	for _, c := range []struct {
		name     string
		serves   bool
		lasts    time.Duration
		receives int
		min, max time.Duration
	}{
		{"never connected", false, time.Millisecond, 0, 500 * time.Millisecond, time.Second},
		{"confirmed and closed", true, time.Millisecond, 0, 500 * time.Millisecond, time.Second},
		{"confirmed, received little and closed", true, 20 * time.Millisecond, 100 << 10, 500 * time.Millisecond, time.Second},
		{"cut off in a storm", true, 200 * time.Millisecond, 40 << 20, 0, 0},
		{"lasted", true, time.Minute, 100, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := redisutil.Backoff{Timing: redisutil.DefaultTiming()}
			now := time.Unix(1_800_000_000, 0)
			var next time.Time
			for range 5 {
				b.Begin(now)
				if c.serves {
					b.Serving(now)
				}
				for range 4 {
					b.Received(c.receives / 4)
				}
				now = now.Add(c.lasts)
				next = b.Next(now, false)
				b.Failed(now)
			}
			if wait := next.Sub(now); wait < c.min || wait > c.max {
				t.Errorf("the next one waits %v, want %v to %v", wait, c.min, c.max)
			}
		})
	}
}
