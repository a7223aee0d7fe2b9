package health_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// This file composes random fleets, since the others were used for tuning.

// logUniform returns a random duration whose logarithm is uniformly distributed.
func logUniform(r *rand.Rand, low, high time.Duration) time.Duration {
	return scale(low, math.Exp(r.Float64()*math.Log(float64(high)/float64(low))))
}

// randomLaw returns a random law whose mean gap is between minMean and maxMean.
func randomLaw(r *rand.Rand, minMean, maxMean time.Duration) law {
	gap := logUniform(r, minMean, maxMean)
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

// addRandomService adds a service of a random type and returns its workers, nil if they change.
func (w *world) addRandomService(name string) []*actor {
	r := w.rng
	n := 1 + r.IntN(8)
	switch r.IntN(8) {
	case 0, 1, 2:
		return w.addGroup(name+"-%d", n, name, randomLaw(r, 500*time.Millisecond, 2*minutes))
	case 3:
		busy := logUniform(r, time.Second, 20*time.Second)
		calm := scale(busy, 2+30*r.Float64())
		return w.addGroup(name+"-%d", n, name, byMean(func(at time.Duration) time.Duration { return dayNight(at, busy, calm) }))
	case 4:
		d := deploy{overlap: scale(2*minutes, r.Float64()) - 30*time.Second, each: scale(minutes, r.Float64()) + 2*time.Second, farewell: r.IntN(2) == 0}
		w.addDeployed(name, 2+r.IntN(6), logUniform(r, 3*hours, 20*hours), d, randomLaw(r, time.Second, 10*time.Second))
	case 5:
		w.addAutoscaled(name, 2, 4+r.IntN(6), r.IntN(2) == 0, randomLaw(r, time.Second, 10*time.Second))
	case 6:
		period := []time.Duration{5 * minutes, 10 * minutes, 30 * minutes, hours}[r.IntN(4)]
		w.cron(name+"-1", name, w.every(period, scale(period, r.Float64()), scale(period, 0.02)), fixed(scale(period, 0.02+0.2*r.Float64())), random(2*time.Second))
	case 7:
		every := logUniform(r, 5*minutes, hours)
		for at := every; at < w.length; at += scale(every, 0.7+0.6*r.Float64()) {
			w.add(name+"-"+w.podSuffix(), name, randomLaw(r, time.Second, 5*time.Second)).during(at, at+scale(every, 0.1+0.5*r.Float64()))
		}
	}
	return nil
}

// addRandomErrors adds errors of some types to the workers.
func (w *world) addRandomErrors(workers []*actor) {
	for i := range w.rng.IntN(5) {
		a := workers[w.rng.IntN(len(workers))]
		w.errors(a.host, a.service, "error of type "+string(rune('a'+i)), random(logUniform(w.rng, 20*time.Second, 3*hours)))
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
				if workers := w.addRandomService([]string{"orders", "mail", "search"}[k]); workers != nil {
					w.addRandomErrors(workers)
				}
			}
			return nil
		}})
	}
	return list
}

// randomFaults are fleets of fixed hosts with a random fault after half a day to two days.
func randomFaults(n int) (list []scene) {
	for i := range n {
		list = append(list, scene{family: "random " + randomFaultKinds[i%len(randomFaultKinds)], name: fmt.Sprint("random ", i), length: 3 * day, build: func(w *world) *fault {
			for range i {
				w.rng.Uint64()
			}
			return w.addRandomFault(randomFaultKinds[i%len(randomFaultKinds)])
		}})
	}
	return list
}

var randomFaultKinds = []string{"death", "all", "storm", "more errors", "new", "slow", "clock", "warnings"}

func (w *world) addRandomFault(kind string) *fault {
	r := w.rng
	for k := range 1 + r.IntN(2) {
		w.addRandomService([]string{"mail", "search"}[k])
	}
	n := 3 + r.IntN(5)
	gap := logUniform(r, 500*time.Millisecond, 30*time.Second)
	workers := w.addGroup("web-%d", n, "orders", []law{steady(gap), random(gap), lognormal(gap, 0.8)}[r.IntN(3)])
	w.addRandomErrors(workers)
	from := 12*hours + scale(36*hours, r.Float64())
	to := from + 2*hours + scale(6*hours, r.Float64())
	a := workers[r.IntN(n)]
	switch kind {
	case "death":
		for _, other := range w.actors { // including the actor that logs its errors
			if other.host == a.host {
				other.dies(from, to)
			}
		}
		return &fault{from: from, to: to, pattern: quiet(a.host), names: a.host}
	case "all":
		for _, other := range w.actors {
			if other.service == "orders" {
				other.dies(from, to)
			}
		}
		return &fault{from: from, to: to, pattern: quiet("orders"), names: "orders"}
	case "storm":
		w.errors(a.host, "orders", "bank says no", random(logUniform(r, 100*time.Millisecond, time.Second))).during(from, to)
		return &fault{from: from, to: to, pattern: "bank says no", names: a.host}
	case "more errors":
		mean := logUniform(r, 10*time.Second, 3*minutes)
		w.errors(a.host, "orders", "card declined", byMean(func(at time.Duration) time.Duration {
			if at >= from && at < to {
				return mean / 8
			}
			return mean
		}))
		return &fault{from: from, to: to, pattern: "card declined", names: "card declined"}
	case "new":
		w.errors(a.host, "orders", "checksum differs", random(logUniform(r, 5*time.Second, minutes))).during(from, to)
		return &fault{from: from, to: to, pattern: "checksum differs", names: a.host}
	case "slow":
		to = from + hours
		if gap > 5*time.Second {
			workers[0].law = steady(2 * time.Second)
			a = workers[0]
		}
		a.share = func(at time.Duration) float64 {
			if at >= from && at < to {
				return 0.1
			}
			return 1
		}
		return &fault{from: from, to: to, pattern: a.host, names: a.host}
	case "clock":
		by := []time.Duration{time.Hour, -2 * time.Hour, 5 * minutes, -90 * time.Second}[r.IntN(4)]
		a.skew = clockOff(from, to, by)
		return &fault{from: from, to: to, pattern: "clock of " + a.host, names: a.host}
	}
	v := w.add(a.host, "orders", random(500*time.Millisecond)).during(from, to)
	v.level, v.messages = record.Warning, []string{"queue is full"}
	return &fault{from: from, to: to, pattern: "warnings", names: a.host}
}
