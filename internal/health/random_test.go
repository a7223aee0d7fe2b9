package health_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// This file composes fleets of random parts, so that the judgment is measured on what it was not tuned on.

// between returns a duration between two, evenly by logarithm.
func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return scale(least, math.Exp(r.Float64()*math.Log(float64(most)/float64(least))))
}

// anyLaw returns a law of gaps of a random sort, with a mean of at least least.
func anyLaw(r *rand.Rand, least, most time.Duration) law {
	gap := between(r, least, most)
	switch r.IntN(6) {
	case 0, 1:
		return steady(gap)
	case 2, 3:
		return random(gap)
	case 4:
		return lognormal(gap, 0.3+0.7*r.Float64())
	}
	return bursts(5+30*r.Float64(), random(scale(gap, 0.2)), random(scale(gap, 10)))
}

// anyService adds a service of a random sort and returns its workers, if they are fixed.
func (w *world) anyService(name string) []*actor {
	r := w.rng
	n := 1 + r.IntN(8)
	switch r.IntN(8) {
	case 0, 1, 2:
		return w.group(name+"-%d", n, name, anyLaw(r, 500*time.Millisecond, 2*minutes))
	case 3:
		busy := between(r, time.Second, 20*time.Second)
		calm := scale(busy, 2+30*r.Float64())
		return w.group(name+"-%d", n, name, byMean(func(at time.Duration) time.Duration { return dayNight(at, busy, calm) }))
	case 4:
		d := deploy{overlap: scale(2*minutes, r.Float64()) - 30*time.Second, each: scale(minutes, r.Float64()) + 2*time.Second, farewell: r.IntN(2) == 0}
		w.deploys(name, 2+r.IntN(6), between(r, 3*hours, 20*hours), d, anyLaw(r, time.Second, 10*time.Second))
	case 5:
		w.scales(name, 2, 4+r.IntN(6), r.IntN(2) == 0, anyLaw(r, time.Second, 10*time.Second))
	case 6:
		period := []time.Duration{5 * minutes, 10 * minutes, 30 * minutes, hours}[r.IntN(4)]
		w.cron(name+"-1", name, w.every(period, scale(period, r.Float64()), scale(period, 0.02)), fixed(scale(period, 0.02+0.2*r.Float64())), random(2*time.Second))
	case 7:
		every := between(r, 5*minutes, hours)
		for at := every; at < w.length; at += scale(every, 0.7+0.6*r.Float64()) {
			w.add(name+"-"+w.suffix(), name, anyLaw(r, time.Second, 5*time.Second)).during(at, at+scale(every, 0.1+0.5*r.Float64()))
		}
	}
	return nil
}

// anyErrors adds errors of some types to the workers, and returns the mean gap of all.
func (w *world) anyErrors(workers []*actor) {
	for i := range w.rng.IntN(5) {
		a := workers[w.rng.IntN(len(workers))]
		w.errors(a.host, a.service, "error of type "+string(rune('a'+i)), random(between(w.rng, 20*time.Second, 3*hours)))
	}
}

// randomHealthy are healthy fleets of one to three services.
func randomHealthy(n int) (list []scene) {
	for i := range n {
		list = append(list, scene{family: "random", name: fmt.Sprint("random ", i), length: 3 * day, build: func(w *world) *fault {
			for range i {
				w.rng.Uint64()
			}
			for k := range 1 + w.rng.IntN(3) {
				if workers := w.anyService([]string{"orders", "mail", "search"}[k]); workers != nil {
					w.anyErrors(workers)
				}
			}
			return nil
		}})
	}
	return list
}

// randomFaults are fleets of fixed hosts in which something of a random sort goes wrong after half a day to two days.
func randomFaults(n int) (list []scene) {
	for i := range n {
		list = append(list, scene{family: "random " + randomKinds[i%len(randomKinds)], name: fmt.Sprint("random ", i), length: 3 * day, build: func(w *world) *fault {
			for range i {
				w.rng.Uint64()
			}
			return w.anyFault(randomKinds[i%len(randomKinds)])
		}})
	}
	return list
}

var randomKinds = []string{"death", "all", "storm", "more errors", "new", "slow", "clock", "warnings"}

func (w *world) anyFault(kind string) *fault {
	r := w.rng
	for k := range 1 + r.IntN(2) {
		w.anyService([]string{"mail", "search"}[k])
	}
	n := 3 + r.IntN(5)
	gap := between(r, 500*time.Millisecond, 30*time.Second)
	workers := w.group("web-%d", n, "orders", []law{steady(gap), random(gap), lognormal(gap, 0.8)}[r.IntN(3)])
	w.anyErrors(workers)
	from := 12*hours + scale(36*hours, r.Float64())
	to := from + 2*hours + scale(6*hours, r.Float64())
	a := workers[r.IntN(n)]
	switch kind {
	case "death":
		for _, other := range w.actors { // its errors too
			if other.host == a.host {
				other.dies(from, to)
			}
		}
		return &fault{from: from, to: to, seen: quiet(a.host), where: a.host}
	case "all":
		for _, other := range w.actors {
			if other.service == "orders" {
				other.dies(from, to)
			}
		}
		return &fault{from: from, to: to, seen: quiet("orders"), where: "orders"}
	case "storm":
		w.errors(a.host, "orders", "bank says no", random(between(r, 100*time.Millisecond, time.Second))).during(from, to)
		return &fault{from: from, to: to, seen: "bank says no", where: a.host}
	case "more errors":
		mean := between(r, 10*time.Second, 3*minutes)
		w.errors(a.host, "orders", "card declined", byMean(func(at time.Duration) time.Duration {
			if at >= from && at < to {
				return mean / 8
			}
			return mean
		}))
		return &fault{from: from, to: to, seen: "card declined", where: "card declined"}
	case "new":
		w.errors(a.host, "orders", "checksum differs", random(between(r, 5*time.Second, minutes))).during(from, to)
		return &fault{from: from, to: to, seen: "checksum differs", where: a.host}
	case "slow":
		to = from + hours
		if gap > 5*time.Second {
			workers[0].law = steady(2 * time.Second)
			a = workers[0]
		}
		a.keep = func(at time.Duration) float64 {
			if at >= from && at < to {
				return 0.1
			}
			return 1
		}
		return &fault{from: from, to: to, seen: a.host, where: a.host}
	case "clock":
		by := []time.Duration{time.Hour, -2 * time.Hour, 5 * minutes, -90 * time.Second}[r.IntN(4)]
		a.skew = clockOff(from, to, by)
		return &fault{from: from, to: to, seen: "clock of " + a.host, where: a.host}
	}
	v := w.add(a.host, "orders", random(500*time.Millisecond)).during(from, to)
	v.level, v.messages = record.Warning, []string{"queue is full"}
	return &fault{from: from, to: to, seen: "warnings", where: a.host}
}
