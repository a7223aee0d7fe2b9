package health_test

import (
	"testing"
	"time"
)

// The end of a first run looks like a death. A day of false down is worse than a death that is reported for an hour only.
func TestFirstRun_OfANightlyJobIsReportedForAnHour(t *testing.T) {
	w := newWorld(40*hours, 3)
	w.group("api-%d", 3, "api", steady(4*time.Second))
	w.cron("night-1", "vacuum", w.daily(4, minutes), fixed(40*minutes), steady(10*time.Second))
	var soon, late int
	ends := 22*hours + 45*minutes // the epoch is at six
	w.play([]judge{newElva()}, func(at time.Duration, _ int, o opinion) {
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
