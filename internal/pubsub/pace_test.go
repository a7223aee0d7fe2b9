package pubsub

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// receive plays a receive that waits for a record, and returns how long the pause after it was.
func (p *pace) receive(ctx context.Context, waits time.Duration, viewed bool) time.Duration {
	p.began = time.Now()
	time.Sleep(waits)
	now := time.Now()
	p.wait(ctx, now, viewed)
	return time.Since(now)
}

func TestASteadyFlowGathers(t *testing.T) {
	for _, c := range []struct {
		name   string
		viewed bool
		want   time.Duration
	}{{"with viewers", true, pauseMost}, {"without", false, pauseUnseen}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p pace
				p.receive(t.Context(), time.Hour, c.viewed) // the first record
				for i := 1; i < flowAfter; i++ {
					if paused := p.receive(t.Context(), time.Millisecond, c.viewed); paused > 0 {
						t.Fatalf("pause of %v after %d waits", paused, i)
					}
				}
				for range 10 {
					if paused := p.receive(t.Context(), time.Millisecond, c.viewed); paused != c.want {
						t.Fatalf("pause of %v, want %v", paused, c.want)
					}
					for range c.want / time.Millisecond { // what has gathered, however long its first read takes
						if paused := p.receive(t.Context(), 0, c.viewed); paused > 0 {
							t.Fatalf("pause of %v while there is more to read", paused)
						}
					}
				}
			})
		})
	}
}

func TestWhatComesAloneOrInAFloodIsNotHeldUp(t *testing.T) {
	for _, c := range []struct {
		name  string
		waits []time.Duration // of the receives, again and again
	}{
		{"a record now and then", []time.Duration{pauseUnseen/2 + time.Millisecond}},
		{"a burst now and then", []time.Duration{time.Second, 200 * time.Microsecond, 200 * time.Microsecond, 200 * time.Microsecond}},
		{"a flood", []time.Duration{150 * time.Microsecond, 0, 0, 0, 0}},
		{"a flood that is always there", []time.Duration{10 * time.Microsecond}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p pace
				for i := range 100 {
					for _, waits := range c.waits {
						if paused := p.receive(t.Context(), waits, false); paused > 0 {
							t.Fatalf("pause of %v in round %d", paused, i)
						}
					}
				}
			})
		})
	}
}

func TestAPauseEndsWithItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var p pace
		for p.receive(ctx, time.Millisecond, false) == 0 {
		}
		for range 20 {
			p.receive(ctx, 0, false) // what has gathered
		}
		time.AfterFunc(3*time.Millisecond, cancel)
		if paused := p.receive(ctx, time.Millisecond, false); paused != 2*time.Millisecond {
			t.Errorf("pause of %v; its session ended after 2 ms of it", paused)
		}
	})
}
