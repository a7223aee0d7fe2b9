package health_test

import (
	"math"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/status"
)

// redisLink is the state of the connection to Redis.
type redisLink struct {
	down          bool
	since         time.Time // when the state began
	last          time.Time // when the last record arrived
	silentSources []string  // sources without any record
}

// finding is what a detector reports.
type finding struct {
	level int // 0 ok or unknown, 1 degraded, 2 down
	text  string
	quiet int // number of quiet workers
}

// detector observes a fleet and reports its state.
type detector interface {
	observe(at time.Time, channel string, r *record.Record, seq uint64)
	interrupted(at time.Time)
	restart(at time.Time)
	check(now time.Time, link redisLink) finding
}

// elva is the detector under test.
type elva struct {
	h *health.Health
	d status.Document
}

func newElva() *elva { return &elva{h: health.New(epoch)} }

func (e *elva) observe(at time.Time, channel string, r *record.Record, seq uint64) {
	e.h.Observe(at, channel, r, seq)
}

func (e *elva) interrupted(at time.Time) { e.h.Interrupted(at) }

func (e *elva) restart(at time.Time) { e.h = health.New(at) }

func (e *elva) check(now time.Time, link redisLink) finding {
	d := status.Document{Redis: status.Link{State: status.Live, Since: link.since, Text: "live", LastRecord: link.last}}
	d.Redis.Sources = []status.Source{{Name: "app", Records: 1}}
	for _, name := range link.silentSources {
		d.Redis.Sources = append(d.Redis.Sources, status.Source{Name: name})
	}
	if link.down {
		d.Redis.State, d.Redis.Text = status.Down, "No connection to Redis"
	}
	e.h.Fill(&d, now)
	e.d = d
	o := finding{text: d.Health.Text, quiet: d.Totals.Quiet}
	switch d.Health.State {
	case status.Degraded:
		o.level = 1
	case status.Down:
		o.level = 2
	}
	return o
}

// rule is a detector with one simple rule for the gaps of each worker and one for the errors of each minute, as in a
// monitoring tool that doesn't know services. Elva must perform better.
type rule struct {
	name    string
	limit   func(g *gaps) float64           // seconds of quiet after which a worker is reported; 0 for never
	tooMany func(n, mean, dev float64) bool // whether a minute's errors are too many
	workers map[[3]string]*gaps
	minute  int64
	errors  float64
	mean    float64
	square  float64
	minutes float64
	alarm   bool
	since   time.Time
}

// gaps is what the rules remember about a worker.
type gaps struct {
	name        string
	last        float64
	n           int
	mean, dev   float64 // exponentially weighted, over about 20 gaps
	window      [100]float64
	sum, square float64
}

func (g *gaps) add(gap float64) {
	i := g.n % len(g.window)
	g.sum += gap - g.window[i]
	g.square += gap*gap - g.window[i]*g.window[i]
	g.window[i] = gap
	g.n++
	share := 1 / math.Min(float64(g.n), 20)
	g.dev += share * (math.Abs(gap-g.mean) - g.dev)
	g.mean += share * (gap - g.mean)
}

func (g *gaps) longestGap() (longest float64) {
	for _, gap := range g.window {
		longest = max(longest, gap)
	}
	return longest
}

// rules returns the best known rules of each type.
func rules() []*rule {
	ready := func(limit func(g *gaps) float64) func(g *gaps) float64 {
		return func(g *gaps) float64 {
			if g.n < 30 {
				return 0
			}
			return limit(g)
		}
	}
	phi := func(z float64) func(g *gaps) float64 {
		return ready(func(g *gaps) float64 {
			n := math.Min(float64(g.n), 100)
			mean := g.sum / n
			return mean + z*math.Sqrt(max(g.square/n-mean*mean, 0.01))
		})
	}
	overEWMA := func(k float64) func(n, mean, dev float64) bool {
		return func(n, mean, dev float64) bool { return n >= 5 && n > mean+k*dev }
	}
	return []*rule{
		{name: "fixed 1 min, 30 errors", limit: func(*gaps) float64 { return 60 }, tooMany: func(n, _, _ float64) bool { return n >= 30 }},
		{name: "fixed 5 min, 100 errors", limit: func(*gaps) float64 { return 300 }, tooMany: func(n, _, _ float64) bool { return n >= 100 }},
		{name: "phi > 8, 3 deviations", limit: phi(5.6), tooMany: overEWMA(3)},
		{name: "EWMA + 12 deviations, 6", limit: ready(func(g *gaps) float64 { return max(g.mean+12*g.dev, 1) }), tooMany: overEWMA(6)},
		{name: "3 x longest of 100", limit: ready(func(g *gaps) float64 { return max(15, 3*g.longestGap()) }), tooMany: overEWMA(6)},
	}
}

func (a *rule) observe(at time.Time, channel string, r *record.Record, _ uint64) {
	if a.workers == nil {
		a.workers = make(map[[3]string]*gaps)
	}
	service, _, _ := strings.Cut(r.Logger, ".")
	key := [3]string{r.Host, service, channel}
	g := a.workers[key]
	now := float64(at.UnixMilli()) / 1000
	if g == nil {
		g = &gaps{name: r.Host + "/" + service, last: now}
		a.workers[key] = g
	} else if gap := now - g.last; gap >= 1 {
		g.add(gap)
		g.last = now
	}
	if r.Level >= record.Error {
		a.errors++
	}
}

func (a *rule) interrupted(at time.Time) { a.since = at }

func (a *rule) restart(time.Time) {
	*a = rule{name: a.name, limit: a.limit, tooMany: a.tooMany}
}

func (a *rule) check(now time.Time, link redisLink) (o finding) {
	if minute := now.Unix() / 60; minute != a.minute {
		a.minutes++
		dev := math.Sqrt(max(a.square-a.mean*a.mean, 1))
		a.alarm = a.minutes > 10 && a.tooMany(a.errors, a.mean, dev)
		share := 1 / math.Min(a.minutes, 60)
		a.mean += share * (a.errors - a.mean)
		a.square += share * (a.errors*a.errors - a.square)
		a.minute, a.errors = minute, 0
	}
	if link.down {
		return finding{level: 2, text: "No connection to Redis"}
	}
	since := float64(a.since.UnixMilli()) / 1000
	for _, g := range a.workers {
		if limit := a.limit(g); limit > 0 && float64(now.UnixMilli())/1000-max(g.last, since) > limit {
			o.quiet++
			o.level = 2
			if o.quiet < 20 { // to keep the text short
				o.text += g.name + ": no logs. "
			}
		}
	}
	if a.alarm {
		o.level = max(o.level, 1)
		o.text += "More errors."
	}
	return o
}
