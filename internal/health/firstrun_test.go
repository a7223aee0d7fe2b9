package health_test

import (
	"testing"
	"time"
)

// The end of a first run looks like a failure. A false alarm of a day is worse than a failure that is reported only for an
// hour.
func TestFirstRun_NightlyJob(t *testing.T) {
	w := newWorld(40*hours, 3)
	w.addGroup("api-%d", 3, "api", steady(4*time.Second))
	w.cron("night-1", "vacuum", w.daily(4, minutes), fixed(40*minutes), steady(10*time.Second))
	var soon, late int
	ends := 22*hours + 45*minutes // the simulation starts at six
	w.play([]detector{newElva()}, func(at time.Duration, _ int, o finding) {
		switch {
		case at == ends+5*minutes:
			soon = o.level
		case at > ends+65*minutes:
			late = max(late, o.level)
		}
	})
	if soon != 2 || late != 0 {
		t.Errorf("state %d after five minutes, %d after an hour; want down and ok", soon, late)
	}
}
