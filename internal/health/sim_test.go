package health_test

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// This file simulates fleets: actors that log at times given by a law, in simulated time, with outages of Redis and pauses
// of Elva. The scenes are in fleets_test.go (healthy fleets) and faults_test.go, the detectors in detectors_test.go, and
// the measures in evaluate_test.go.

const (
	hours, minutes = time.Hour, time.Minute
	day            = 24 * hours
	// checkEvery is the interval at which the detectors report.
	checkEvery = 5 * time.Second
)

// epoch is when every simulation starts: a Monday at six in the morning.
var epoch = time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)

type span struct{ from, to time.Duration }

func (s span) has(at time.Duration) bool { return at >= s.from && at < s.to }

func within(spans []span, at time.Duration) bool {
	for _, s := range spans {
		if s.has(at) {
			return true
		}
	}
	return false
}

// law returns the time until the next record.
type law func(r *rand.Rand, at time.Duration) time.Duration

func scale(d time.Duration, f float64) time.Duration { return time.Duration(float64(d) * f) }

// steady is a loop with jitter.
func steady(gap time.Duration) law {
	return func(r *rand.Rand, _ time.Duration) time.Duration { return scale(gap, 0.7+0.6*r.Float64()) }
}

// random is a Poisson process.
func random(mean time.Duration) law {
	return func(r *rand.Rand, _ time.Duration) time.Duration { return scale(mean, r.ExpFloat64()) }
}

func lognormal(median time.Duration, sigma float64) law {
	return func(r *rand.Rand, _ time.Duration) time.Duration {
		return scale(median, math.Exp(sigma*r.NormFloat64()))
	}
}

func pareto(minimum time.Duration, alpha float64) law {
	return func(r *rand.Rand, _ time.Duration) time.Duration {
		return min(scale(minimum, math.Pow(1-r.Float64(), -1/alpha)), 12*hours)
	}
}

// bursts is an average of n records at short gaps, then a pause.
func bursts(n float64, short, pause law) law {
	return func(r *rand.Rand, at time.Duration) time.Duration {
		if r.Float64() < 1/n {
			return pause(r, at)
		}
		return short(r, at)
	}
}

// byMean is a Poisson process whose mean gap depends on the time.
func byMean(mean func(at time.Duration) time.Duration) law {
	return func(r *rand.Rand, at time.Duration) time.Duration { return scale(mean(at), r.ExpFloat64()) }
}

// hourOf returns the hour of the day with its fraction, and whether it is a weekend.
func hourOf(at time.Duration) (hour float64, weekend bool) {
	t := epoch.Add(at)
	d := t.Weekday()
	return float64(t.Hour()) + float64(t.Minute())/60 + float64(t.Second())/3600, d == time.Saturday || d == time.Sunday
}

// dayNight returns a mean gap that changes smoothly between byDay at 14:00 and byNight at 02:00.
func dayNight(at, byDay, byNight time.Duration) time.Duration {
	hour, _ := hourOf(at)
	share := (1 - math.Cos((hour-2)/24*2*math.Pi)) / 2
	return time.Duration(math.Exp(math.Log(float64(byNight)) + share*(math.Log(float64(byDay))-math.Log(float64(byNight)))))
}

// actor is one process that logs.
type actor struct {
	host, service, logger, channel string
	level                          record.Level
	messages                       []string
	trace                          string
	from, to                       time.Duration
	law                            law
	pid                            func(at time.Duration) int64
	skew                           func(at time.Duration) time.Duration // of its clock
	share                          func(at time.Duration) float64       // the share of its records that are logged
	quietIn                        []span                               // when it logs nothing
	duplicatedIn                   []span                               // when it logs every record twice
	message                        func(n uint64) string                // replaces messages
	flush                          time.Duration                        // the interval at which a shipper delivers its records
	heldIn                         []span                               // when a shipper holds its records back
	onlyAt                         func(at time.Duration) bool
	once                           bool // whether it logs a single record

	next       time.Duration // when the next record arrives
	recordTime time.Duration // the time of that record
	n          uint64
	rng        *rand.Rand
	w          *world
}

// world is a fleet.
type world struct {
	rng           *rand.Rand
	length        time.Duration
	actors        []*actor
	outages       []span          // outages of Redis, in which records are lost
	pauses        []span          // pauses of Elva; records arrive at the end, or are lost if the pause is over a minute
	restarts      []time.Duration // when Elva restarts, which loses all that it has learned
	silentSources []string
	heap          actorHeap
}

func newWorld(length time.Duration, seed uint64) *world {
	return &world{rng: rand.New(rand.NewPCG(seed, 77)), length: length}
}

// work is the messages of healthy workers.
var work = []string{"order accepted", "order shipped", "cart updated", "payment taken", "stock level written", "cache filled", "mail sent", "page rendered"}

// add adds an actor that logs as service on host by law for the whole length.
func (w *world) add(host, service string, l law) *actor {
	a := &actor{
		host: host, service: service, logger: service + ".work", channel: "app", level: record.Info, messages: work, to: w.length, law: l,
		rng: rand.New(rand.NewPCG(w.rng.Uint64(), 1)), w: w,
	}
	w.actors = append(w.actors, a)
	return a
}

// errors adds an actor that logs errors by a law.
func (w *world) errors(host, service, message string, l law) *actor {
	a := w.add(host, service, l)
	a.level, a.messages, a.logger = record.Error, []string{message}, service+".fail"
	return a
}

// once adds a single record.
func (w *world) once(at time.Duration, host, service, message string, level record.Level) *actor {
	a := w.add(host, service, nil)
	a.level, a.messages, a.from, a.once = level, []string{message}, at, true
	return a
}

// during sets when an actor starts and ends.
func (a *actor) during(from, to time.Duration) *actor {
	a.from, a.to = from, min(to, a.w.length)
	return a
}

// dies stops an actor for a time.
func (a *actor) dies(from, to time.Duration) *actor {
	a.quietIn = append(a.quietIn, span{from, to})
	return a
}

// cron adds an actor that runs at each time of the schedule. Each run takes length and logs at short gaps.
func (w *world) cron(host, service string, schedule func(n int) time.Duration, length func() time.Duration, short law) *actor {
	run, end := 0, time.Duration(-1)
	a := w.add(host, service, nil)
	a.law = func(r *rand.Rand, at time.Duration) time.Duration {
		if end >= 0 {
			if gap := short(r, at); at+gap < end {
				return gap
			}
		}
		for {
			start := schedule(run)
			run++
			if start > at {
				end = start + length()
				return start - at
			}
		}
	}
	return a
}

// every is a schedule with a period, an offset and a jitter.
func (w *world) every(period, offset, jitter time.Duration) func(n int) time.Duration {
	return func(n int) time.Duration {
		return offset + time.Duration(n)*period + scale(jitter, w.rng.Float64())
	}
}

// daily is a schedule at an hour of the day, on the given days of the week, or on all if none is given.
func (w *world) daily(hour float64, jitter time.Duration, days ...time.Weekday) func(n int) time.Duration {
	first := scale(hours, hour) - 6*hours
	if first < 0 {
		first += day
	}
	var starts []time.Duration
	for at := first; at < w.length+8*day; at += day {
		if len(days) == 0 || slices.Contains(days, epoch.Add(at).Weekday()) {
			starts = append(starts, at+scale(jitter, w.rng.Float64()))
		}
	}
	return func(n int) time.Duration {
		if n < len(starts) {
			return starts[n]
		}
		return 1000 * day
	}
}

func fixed(d time.Duration) func() time.Duration { return func() time.Duration { return d } }

// record fills r with the actor's next record.
func (a *actor) record(r *record.Record) {
	*r = record.Record{Time: epoch.Add(a.recordTime), Level: a.level, Logger: a.logger, Host: a.host, Trace: a.trace}
	if a.skew != nil {
		r.Time = r.Time.Add(a.skew(a.recordTime))
	}
	if a.pid != nil {
		r.PID, r.HasPID = a.pid(a.recordTime), true
	}
	if a.message != nil {
		r.Message = a.message(a.n)
	} else {
		r.Message = a.messages[a.n%uint64(len(a.messages))]
	}
}

// step advances to the actor's next record. It reports whether there is one.
func (a *actor) step() bool {
	for {
		switch {
		case a.once && a.n > 0:
			return false
		case a.once:
			a.recordTime = a.from
		case a.n == 0:
			a.recordTime = a.from + a.law(a.rng, a.from)
		default:
			a.recordTime += max(a.law(a.rng, a.recordTime), time.Millisecond)
		}
		a.n++
		if a.recordTime >= a.to || a.recordTime >= a.w.length {
			return false
		}
		if within(a.quietIn, a.recordTime) || a.share != nil && a.rng.Float64() >= a.share(a.recordTime) || a.onlyAt != nil && !a.onlyAt(a.recordTime) {
			continue
		}
		a.next = a.recordTime
		if a.flush > 0 {
			a.next = a.recordTime - a.recordTime%a.flush + a.flush
		}
		for _, p := range slices.Concat(a.heldIn, a.w.pauses) {
			if p.has(a.next) {
				a.next = p.to
			}
		}
		return true
	}
}

// actorHeap orders actors by the time of their next record.
type actorHeap []*actor

func (h actorHeap) Len() int           { return len(h) }
func (h actorHeap) Less(i, j int) bool { return h[i].next < h[j].next }
func (h actorHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *actorHeap) Push(x any)        { *h = append(*h, x.(*actor)) }
func (h *actorHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// play simulates the fleet, lets the detectors observe it, and passes each finding to add.
func (w *world) play(detectors []detector, add func(at time.Duration, n int, o finding)) {
	for _, a := range w.actors {
		if a.step() {
			w.heap = append(w.heap, a)
		}
	}
	heap.Init(&w.heap)
	link := redisLink{since: epoch}
	var seq uint64
	var r record.Record
	ended := make([]bool, len(w.outages))
	advance := func(at time.Duration) { // updates link at the start and end of outages
		for i, b := range w.outages {
			if at >= b.from && at < b.to {
				link.down, link.since = true, epoch.Add(b.from)
			}
			if at >= b.to && !ended[i] {
				ended[i] = true
				link.down, link.since = false, epoch.Add(b.to)
				for _, j := range detectors {
					j.interrupted(epoch.Add(b.to))
				}
			}
		}
	}
	late := make([]bool, len(w.pauses))
	for at := time.Duration(0); at < w.length; at += checkEvery {
		if slices.Contains(w.restarts, at) {
			for _, j := range detectors {
				j.restart(epoch.Add(at))
			}
		}
		for len(w.heap) > 0 && w.heap[0].next <= at {
			a := w.heap[0]
			advance(a.next)
			lost := within(w.outages, a.next)
			for _, p := range w.pauses {
				lost = lost || p.to-p.from > minutes && p.has(a.recordTime)
			}
			if !lost {
				a.record(&r)
				link.last = epoch.Add(a.next)
				for n := 1; n <= 2; n++ {
					seq++
					for _, j := range detectors {
						j.observe(link.last, a.channel, &r, seq)
					}
					if !within(a.duplicatedIn, a.recordTime) {
						break
					}
				}
			}
			if a.step() {
				heap.Fix(&w.heap, 0)
			} else {
				heap.Pop(&w.heap)
			}
		}
		if within(w.pauses, at) {
			continue
		}
		advance(at)
		for i, p := range w.pauses { // Redis disconnects a client that hasn't read for a minute
			if at >= p.to+checkEvery && !late[i] {
				late[i] = true
				if p.to-p.from > minutes {
					link.since = epoch.Add(p.to)
					for _, j := range detectors {
						j.interrupted(epoch.Add(p.to))
					}
				}
			}
		}
		link.silentSources = w.silentSources
		for n, j := range detectors {
			add(at, n, j.check(epoch.Add(at), link))
		}
	}
}
