package redisutil_test

import (
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

// TestBackoff has five connections that fail alike, and looks how long the sixth has to wait behind the fifth's end.
func TestBackoff(t *testing.T) {
	for _, c := range []struct {
		name        string
		live        bool
		lasts       time.Duration
		brings      int
		least, most time.Duration
	}{
		{"never connected", false, time.Millisecond, 0, 500 * time.Millisecond, time.Second},
		{"confirmed and closed", true, time.Millisecond, 0, 500 * time.Millisecond, time.Second},
		{"confirmed, brought little and closed", true, 20 * time.Millisecond, 100 << 10, 500 * time.Millisecond, time.Second},
		{"cut off in a storm", true, 200 * time.Millisecond, 40 << 20, 0, 0},
		{"lasted", true, time.Minute, 100, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := redisutil.Backoff{Timing: redisutil.DefaultTiming()}
			now := time.Unix(1_800_000_000, 0)
			var next time.Time
			for range 5 {
				b.Begin(now)
				if c.live {
					b.Live(now)
				}
				for range 4 {
					b.Brought(c.brings / 4)
				}
				now = now.Add(c.lasts)
				next = b.Next(now, false)
				b.Failed(now)
			}
			if wait := next.Sub(now); wait < c.least || wait > c.most {
				t.Errorf("the next one waits %v, want %v to %v", wait, c.least, c.most)
			}
		})
	}
}
