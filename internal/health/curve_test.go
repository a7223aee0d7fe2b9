package health_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestFleets_Curve measures how soon a stopped worker is detected and how often a false alarm is raised, the usual measures
// of failure detectors (Chen, Toueg and Aguilera, 2002). It compares Elva with simple rules, for five logging patterns.
func TestFleets_Curve(t *testing.T) {
	skipUnderRace(t)
	_, newDetectors := detectors(true)
	rhythms, days := curveRhythms, 10
	if !*long {
		rhythms, days = rhythms[:2], 4
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\ndelay / mistakes a worker-day\n%-24s", "")
	for _, r := range rhythms {
		fmt.Fprintf(&b, " | %-22s", r.name)
	}
	for n := range newDetectors() {
		name := "Elva"
		if a, ok := newDetectors()[n].(*rule); ok {
			name = a.name
		}
		fmt.Fprintf(&b, "\n%-24s", name)
		for _, r := range rhythms {
			delay, mistakes := curvePoint(r.law(), days, newDetectors()[n])
			fmt.Fprintf(&b, " | %-22s", fmt.Sprintf("%v / %.2f", delay.Round(time.Second), mistakes))
			// At most twice what was measured in the long form.
			if n == 0 && (mistakes > 0.05 || delay == 0 || delay > 2*r.measured) {
				t.Errorf("%s: %v, %.2f mistakes a worker-day", r.name, delay, mistakes)
			}
		}
	}
	t.Log(b.String())
}

var curveRhythms = []struct {
	name     string
	law      func() law
	measured time.Duration
}{
	{"4 s ± 25 %", func() law { return steady(4 * time.Second) }, 15 * time.Second},
	{"random 12 s", func() law { return random(12 * time.Second) }, 3 * minutes},
	{"random 5 min", func() law { return random(5 * minutes) }, 40 * minutes},
	{"bursts each 7 min", func() law { return bursts(10, steady(time.Second), steady(7*minutes)) }, 10 * minutes},
	{"day 4 s, night 5 min", func() law {
		return byMean(func(at time.Duration) time.Duration { return dayNight(at, 4*time.Second, 5*minutes) })
	}, 5 * minutes},
}

// curvePoint simulates six workers, of which one stops on the last day at ten. Workers that are reported quiet before that,
// but after the third day or half of the time, are mistakes.
func curvePoint(l law, days int, d detector) (delay time.Duration, mistakes float64) {
	w := newWorld(time.Duration(days)*day, 7)
	from := min(3*day, w.length/2)
	death := w.length - day + 4*hours // the simulation starts at six
	list := w.addGroup("web-%d", 6, "orders", l)
	list[2].dies(death, w.length)
	before, n := 0, 0
	w.play([]detector{d}, func(at time.Duration, _ int, o finding) {
		if at >= from && at < death && o.quiet > before {
			n += o.quiet - before
		}
		before = o.quiet
		if at >= death && delay == 0 && strings.Contains(o.text, "web-3") {
			delay = at - death
		}
	})
	return delay, float64(n) / 6 / ((death - from).Hours() / 24)
}
