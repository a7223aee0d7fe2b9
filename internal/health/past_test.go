package health_test

import (
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/status"
)

// restarted is an Elva that starts at the time start and learns the records before it from a stream.
type restarted struct {
	*elva
	past  *health.Health
	start time.Time
}

func (e *restarted) observe(at time.Time, channel string, r *record.Record, seq uint64) {
	switch {
	case e.past == nil:
		e.past = health.New(at)
		fallthrough
	case at.Before(e.start):
		e.past.ObservePast(at, channel, r, seq)
	default:
		e.elva.observe(at, channel, r, seq)
	}
}

func (e *restarted) check(now time.Time, link redisLink) finding {
	if now.Before(e.start) {
		return finding{}
	}
	if e.h == nil {
		e.h = health.New(now)
		e.h.Learn(e.past, now)
	}
	link.since = e.start
	return e.elva.check(now, link)
}

// TestLearn_AfterRestart checks the first state of an Elva that has read the past records of a stream.
func TestLearn_AfterRestart(t *testing.T) {
	const start = 26 * hours
	tests := []struct {
		name        string
		build       func(w *world)
		state, text string
	}{
		{"a healthy day", func(w *world) {
			w.addGroup("web-%d", 4, "orders", byMean(func(at time.Duration) time.Duration { return dayNight(at, 3*time.Second, minutes) }))
			w.errors("web-1", "orders", "card declined", random(5*minutes))
			w.cron("cron-1", "report", w.every(hours, 7*minutes, 5*time.Second), fixed(20*time.Second), steady(time.Second))
		}, status.OK, ""},
		{"two minutes", func(w *world) {
			for _, a := range sixWorkers(w, steady(3*time.Second)) {
				a.from = start - 2*minutes
			}
		}, status.Unknown, "Still learning what is normal ("},
		{"a worker that died before", func(w *world) { sixWorkers(w, random(3*time.Second))[2].dies(start-40*minutes, w.length) },
			status.Degraded, "web-3/orders: no logs since 07:19:5"},
		{"everything is quiet", func(w *world) {
			for _, a := range sixWorkers(w, random(3*time.Second)) {
				a.dies(start-3*hours, w.length)
			}
		}, status.Down, "All of orders: no logs since 04:59:5"},
		{"a storm that goes on", func(w *world) {
			for _, a := range sixWorkers(w, random(3*time.Second)) {
				w.errors(a.host, "orders", "card declined", random(8*minutes))
				w.errors(a.host, "orders", "bank says no", random(3*time.Second)).during(start-50*minutes, w.length)
			}
		}, status.Down, "Error storm in orders since 07:10:0"},
		{"a storm that is over", func(w *world) {
			for _, a := range sixWorkers(w, random(3*time.Second)) {
				w.errors(a.host, "orders", "bank says no", random(3*time.Second)).during(start-5*hours, start-2*hours)
			}
		}, status.OK, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(start+10*time.Second, 1)
			test.build(w)
			e := &restarted{elva: &elva{}, start: epoch.Add(start)}
			w.play([]detector{e}, func(at time.Duration, _ int, _ finding) {
				if at >= start && (e.d.Health.State != test.state || !strings.Contains(e.d.Health.Text, test.text)) {
					t.Errorf("%v after the start: %s, %q; want %s, %q", at-start, e.d.Health.State, e.d.Health.Text, test.state, test.text)
				}
			})
		})
	}
}
