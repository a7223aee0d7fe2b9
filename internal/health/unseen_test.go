package health_test

import (
	"fmt"
	"math"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// This file has a third set of scenes, written before the rules were changed to meet them: other periods, rates and sizes.

// sharp is a mean gap with steep edges at the given hours of the day.
func sharp(from, to float64, byDay, byNight time.Duration) func(at time.Duration) time.Duration {
	return func(at time.Duration) time.Duration {
		if h, _ := hourOf(at); h >= from && h < to {
			return byDay
		}
		return byNight
	}
}

// healthyUnseen are healthy fleets: every alarm is false.
var healthyUnseen = []scene{
	{"steady, random", "forty workers and a pair, random 8 s", 3 * day, func(w *world) *fault {
		w.addGroup("node-%02d", 40, "search", random(8*time.Second))
		w.addGroup("pay-%d", 2, "billing", random(25*time.Second))
		return nil
	}, false},
	{"steady, random", "requests of some lines each, random 15 s", 5 * day, func(w *world) *fault {
		w.addGroup("web-%d", 3, "orders", bursts(4, random(200*time.Millisecond), random(15*time.Second)))
		return nil
	}, true},
	{"steady, random", "one worker, random 4 min", 7 * day, func(w *world) *fault { w.addGroup("bot-%d", 1, "bot", random(4*minutes)); return nil }, false},
	{"heavy tails", "lognormal, 2, from a second", 6 * day, func(w *world) *fault { w.addGroup("web-%d", 4, "orders", lognormal(time.Second, 2)); return nil }, false},
	{"heavy tails", "batches with pauses of lognormal minutes", 6 * day, func(w *world) *fault {
		w.addGroup("queue-%d", 2, "queue", bursts(60, random(time.Second), lognormal(4*minutes, 1)))
		return nil
	}, false},
	{"heavy tails", "a queue that idles and drains", 4 * day, func(w *world) *fault {
		for i := range 2 {
			host := fmt.Sprint("drain-", i+1)
			w.add(host, "drain", steady(30*time.Second))
			for at := 2 * hours; at < w.length; at += scale(4*hours, 0.3+1.4*w.rng.Float64()) {
				w.add(host, "drain", random(60*time.Millisecond)).during(at, at+scale(14*minutes, 0.3+w.rng.Float64()))
			}
		}
		return nil
	}, true},
	{"crons", "each six hours, five to fifty minutes", 6 * day, func(w *world) *fault {
		w.cron("etl-1", "etl", w.every(6*hours, 100*minutes, 2*minutes), func() time.Duration { return scale(50*minutes, 0.1+0.9*w.rng.Float64()) }, random(4*time.Second))
		w.addGroup("web-%d", 3, "orders", random(5*time.Second))
		return nil
	}, false},
	{"crons", "three jobs of one host", 5 * day, func(w *world) *fault {
		w.cron("cron-1", "jobs", w.every(20*minutes, 2*minutes, 8*time.Second), fixed(15*time.Second), steady(time.Second))
		w.cron("cron-1", "jobs", w.every(hours, 31*minutes, 8*time.Second), fixed(3*minutes), steady(2*time.Second))
		w.cron("cron-1", "jobs", w.daily(4.2, minutes), fixed(25*minutes), random(3*time.Second))
		w.addGroup("web-%d", 3, "orders", random(5*time.Second))
		return nil
	}, true},
	{"crons", "nightly before midnight, a quarter of an hour of jitter", 8 * day, func(w *world) *fault {
		w.cron("night-4", "rollup", w.daily(23.85, 14*minutes), func() time.Duration { return scale(12*minutes, 0.5+w.rng.Float64()) }, steady(2*time.Second))
		w.addGroup("web-%d", 3, "orders", random(12*time.Second))
		return nil
	}, false},
	{"day and night", "steep mornings and evenings", 6 * day, func(w *world) *fault {
		w.addGroup("web-%d", 4, "orders", byMean(sharp(6, 22, 5*time.Second, 2*minutes)))
		return nil
	}, false},
	{"day and night", "steep, and an hour earlier after five days", 8 * day, func(w *world) *fault {
		w.addGroup("web-%d", 4, "orders", byMean(func(at time.Duration) time.Duration {
			if at > 5*day {
				return sharp(6, 20, 4*time.Second, minutes)(at)
			}
			return sharp(7, 21, 4*time.Second, minutes)(at)
		}))
		return nil
	}, false},
	{"day and night", "two continents in one service", 5 * day, func(w *world) *fault {
		w.addGroup("eu-%d", 3, "chat", byMean(func(at time.Duration) time.Duration { return dayNight(at, 5*time.Second, 4*minutes) }))
		w.addGroup("us-%d", 3, "chat", byMean(func(at time.Duration) time.Duration { return dayNight(at+9*hours, 5*time.Second, 4*minutes) }))
		return nil
	}, true},
	{"day and night", "weekends with an eighth, and errors alike", 10 * day, func(w *world) *fault {
		traffic := func(mean time.Duration) law {
			return byMean(func(at time.Duration) time.Duration {
				gap := dayNight(at, mean, 8*mean)
				if _, weekend := hourOf(at); weekend {
					gap *= 8
				}
				return gap
			})
		}
		for _, a := range w.addGroup("web-%d", 4, "orders", traffic(3*time.Second)) {
			w.errors(a.host, "orders", "card declined", traffic(40*time.Second))
			w.errors(a.host, "orders", "voucher unknown", traffic(5*minutes))
		}
		return nil
	}, false},
	{"hosts that change", "twelve pods by turns, slow nights", 3 * day, func(w *world) *fault {
		w.addDeployed("orders", 12, 5*hours, deploy{overlap: 3 * minutes, each: 90 * time.Second, farewell: true}, byMean(func(at time.Duration) time.Duration { return dayNight(at, 3*time.Second, minutes) }))
		return nil
	}, true},
	{"hosts that change", "scaled by a queue, minutes of life", 4 * day, func(w *world) *fault {
		w.addGroup("work-7d9f8b6c5-p%dxq2", 2, "work", random(3*time.Second))
		for at := hours; at < w.length; at += scale(50*minutes, w.rng.ExpFloat64()) {
			for range 1 + w.rng.IntN(7) {
				w.add("work-7d9f8b6c5-"+w.podSuffix()[:5], "work", random(2*time.Second)).during(at, at+scale(30*minutes, 0.2+w.rng.Float64()))
			}
		}
		return nil
	}, false},
	{"hosts that change", "killed and restarted by name every nine hours", 4 * day, func(w *world) *fault {
		for i, a := range w.addGroup("cache-%d", 3, "cache", steady(4*time.Second)) {
			for at := 9*hours + time.Duration(i)*100*minutes; at < w.length; at += 9 * hours {
				a.dies(at, at+12*time.Second)
				w.once(at+12*time.Second, a.host, "cache", "starting cache 3.1", record.Info)
			}
		}
		return nil
	}, false},
	{"hosts that change", "thirty spot workers each night", 5 * day, func(w *world) *fault {
		for at := 19 * hours; at < w.length; at += day {
			for range 30 {
				from := at + scale(3*minutes, w.rng.Float64())
				w.add("ip-10-2-"+w.podSuffix()[:4], "train", random(4*time.Second)).during(from, from+scale(50*minutes, 0.7+0.6*w.rng.Float64()))
			}
		}
		w.addGroup("web-%d", 3, "orders", random(5*time.Second))
		return nil
	}, false},
	{"errors", "seldom, in a service that is deployed", 4 * day, func(w *world) *fault {
		for _, g := range w.addDeployed("orders", 4, 9*hours, deploy{overlap: 25 * time.Second, each: 45 * time.Second, farewell: true}, random(3*time.Second)) {
			for _, a := range g {
				w.errors(a.host, "orders", "card declined", random(20*minutes)).during(a.from, a.to)
				w.errors(a.host, "orders", "mail bounced", random(3*hours)).during(a.from, a.to)
			}
		}
		return nil
	}, true},
	{"errors", "two hundred each night", 5 * day, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 3, "orders", random(4*time.Second)) {
			w.errors(a.host, "orders", "card declined", random(8*minutes))
		}
		w.cron("night-1", "import", w.daily(1, 2*minutes), fixed(25*minutes), steady(time.Second))
		a := w.cron("night-1", "import", w.daily(1.1, 2*minutes), fixed(10*minutes), random(3*time.Second))
		a.level, a.messages = record.Error, []string{"row rejected"}
		return nil
	}, false},
	{"errors", "retries at lognormal intervals", 5 * day, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 4, "orders", random(3*time.Second)) {
			w.errors(a.host, "orders", "upstream timed out", lognormal(minutes, 1.5))
			w.errors(a.host, "orders", "lock timed out", lognormal(5*minutes, 1.5))
		}
		return nil
	}, true},
	{"flaps, shipper, pauses", "Redis away for two minutes every three hours, a shipper", 3 * day, func(w *world) *fault {
		for at := 3 * hours; at < w.length; at += 3 * hours {
			w.outages = append(w.outages, span{at, at + 2*minutes})
		}
		for _, a := range w.addGroup("web-%d", 4, "orders", random(4*time.Second)) {
			a.flush = 10 * time.Second
		}
		return nil
	}, true},
	{"flaps, shipper, pauses", "Elva restarts every twenty hours", 5 * day, func(w *world) *fault {
		for at := 20 * hours; at < w.length; at += 20 * hours {
			w.restarts = append(w.restarts, at)
		}
		for _, a := range w.addGroup("web-%d", 4, "orders", random(5*time.Second)) {
			w.errors(a.host, "orders", "card declined", random(3*minutes))
		}
		w.cron("cron-1", "report", w.every(hours, 7*minutes, 10*time.Second), fixed(30*time.Second), steady(time.Second))
		return nil
	}, false},
}

// rising adds an actor whose errors come factor times as often between two times.
func (w *world) rising(host, message string, mean time.Duration, factor float64, from, to time.Duration) *actor {
	a := w.errors(host, "orders", message, random(scale(mean, 1/factor)))
	a.share = func(at time.Duration) float64 {
		if at >= from && at < to {
			return 1
		}
		return 1 / factor
	}
	return a
}

// faultsUnseen are fleets in which something goes wrong.
var faultsUnseen = []scene{
	{"death", "one of two, random 8 s", 2*day + 8*hours, func(w *world) *fault {
		return dies(w.addGroup("pay-%d", 2, "billing", random(8*time.Second))[1], 2*day, 2*day+6*hours)
	}, true},
	{"death", "two of four in a loop of 5 s", 12 * hours, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 4, "orders", steady(5*time.Second))[2:] {
			a.dies(9*hours, 11*hours)
		}
		return &fault{from: 9 * hours, to: 11 * hours, pattern: quiet("(orders|web-[34])"), names: "(orders|web-[34])"}
	}, true},
	{"death", "one of five by day, steep mornings", 3*day + 6*hours, func(w *world) *fault {
		list := w.addGroup("web-%d", 5, "orders", byMean(sharp(7, 21, 4*time.Second, minutes)))
		return dies(list[3], 2*day+6*hours, 3*day)
	}, true},
	{"death", "one of three that logs requests of some lines", 2 * day, func(w *world) *fault {
		return dies(w.addGroup("web-%d", 3, "orders", bursts(4, random(200*time.Millisecond), random(15*time.Second)))[0], 40*hours, 46*hours)
	}, false},
	{"death", "a third of forty", 14 * hours, func(w *world) *fault {
		for _, a := range w.addGroup("node-%02d", 40, "search", random(10*time.Second))[:13] {
			a.dies(11*hours, 13*hours)
		}
		return &fault{from: 11 * hours, to: 13 * hours, pattern: quiet("(search|node-0[1-9])"), names: "(search|node)"}
	}, false},
	{"death", "forty minutes after Elva's restart", 16 * hours, func(w *world) *fault {
		w.restarts = []time.Duration{12 * hours}
		return dies(sixWorkers(w, random(6*time.Second))[1], 12*hours+40*minutes, 15*hours)
	}, true},
	{"changing hosts", "a pod of a scaling service that says farewell else", 3 * day, func(w *world) *fault {
		w.addAutoscaled("orders", 3, 8, true, random(4*time.Second))
		from := 2*day + 7*hours
		for _, a := range w.actors {
			if !a.once && a.from < from-2*hours && a.to > from+4*hours {
				a.dies(from, from+4*hours)
				return &fault{from: from, to: from + 4*hours, pattern: quiet("orders"), names: a.host}
			}
		}
		panic("no pod is alive")
	}, true},
	{"changing hosts", "pods of a new release end after a minute", 14 * hours, func(w *world) *fault {
		pods := w.addDeployed("orders", 4, 5*hours, deploy{overlap: 20 * time.Second, each: 40 * time.Second, farewell: true}, random(3*time.Second))
		for _, a := range pods[2] {
			a.to = min(a.to, a.from+80*time.Second)
		}
		for _, g := range pods[3:] {
			for _, a := range g {
				a.from = w.length
			}
		}
		from := pods[2][3].to
		return &fault{from: from, to: w.length, pattern: quiet("orders"), names: "orders"}
	}, false},
	{"crons", "every 20 min, missed", 20 * hours, func(w *world) *fault {
		a := w.cron("cron-2", "sync", w.every(20*minutes, 4*minutes, 15*time.Second), fixed(time.Minute), random(3*time.Second))
		w.addGroup("web-%d", 3, "orders", random(5*time.Second))
		f := dies(a, 12*hours, 16*hours)
		f.from, f.schedule = 12*hours+4*minutes, true
		return f
	}, true},
	{"errors", "six times as many of one in five minutes", 30 * hours, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 5, "orders", random(4*time.Second)) {
			w.rising(a.host, "card declined", 25*minutes, 6, 24*hours, 27*hours)
		}
		return &fault{from: 24 * hours, to: 27 * hours, pattern: "(?i)(storm|errors)", names: "(orders|card declined)"}
	}, true},
	{"errors", "a rare group at fifteen times its rate", 34 * hours, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 4, "orders", random(4*time.Second)) {
			w.errors(a.host, "orders", "card declined", random(2*minutes))
		}
		w.rising("web-1", "lock timed out", 30*minutes, 15, 28*hours, 31*hours)
		return &fault{from: 28 * hours, to: 31 * hours, pattern: "lock timed out", names: "lock timed out"}
	}, false},
	{"errors", "three times as many where there are many", 14 * hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, random(2*time.Second)) {
			w.rising(a.host, "card declined", 20*time.Second, 3, 10*hours, 12*hours)
		}
		return &fault{from: 10 * hours, to: 12 * hours, pattern: "(?i)(storm|errors)", names: "(orders|card declined)"}
	}, true},
	{"errors", "a new type each minute", 2*day + 6*hours, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 4, "orders", random(3*time.Second)) {
			w.errors(a.host, "orders", "card declined", random(4*minutes))
		}
		w.errors("web-2", "orders", "no such tenant", random(minutes)).during(2*day, 2*day+3*hours)
		return &fault{from: 2 * day, to: 2*day + 3*hours, pattern: "no such tenant", names: "web-2"}
	}, false},
	{"errors", "a storm of a new type on half of the workers", 9 * hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, random(3*time.Second))[:3] {
			w.errors(a.host, "orders", "bank says no", random(4*time.Second)).during(6*hours, 8*hours)
		}
		return &fault{from: 6 * hours, to: 8 * hours, pattern: "(?i)bank says no", names: "orders"}
	}, true},
	{"errors", "twelve times the warnings", 14 * hours, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 4, "orders", random(3*time.Second)) {
			v := w.rising(a.host, "", 40*time.Second, 12, 10*hours, 12*hours)
			v.level, v.messages = record.Warning, []string{"slow query", "retrying"}
		}
		return &fault{from: 10 * hours, to: 12 * hours, pattern: "(?i)warnings", names: "orders"}
	}, true},
	{"volume", "a service at a seventh of its rate", 16 * hours, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 3, "orders", random(2*time.Second)) {
			a.share = func(at time.Duration) float64 {
				if at >= 12*hours && at < 14*hours {
					return 0.14
				}
				return 1
			}
		}
		return &fault{from: 12 * hours, to: 14 * hours, pattern: "(?i)orders.{0,60}(slow|a minute|normal|baseline|no logs)", names: "orders"}
	}, false},
	{"volume", "thirty lines a second for debugging", 12 * hours, func(w *world) *fault {
		w.addGroup("web-%d", 3, "orders", random(2*time.Second))
		w.add("web-1", "orders", random(33*time.Millisecond)).during(9*hours, 10*hours).messages = []string{"entering loop"}
		return &fault{from: 9 * hours, to: 10 * hours, pattern: "(?i)(flood|records)", names: "web-1"}
	}, false},
	{"volume", "one of five delivers twice, a second each", 12 * hours, func(w *world) *fault {
		w.addGroup("web-%d", 5, "orders", random(time.Second))[2].duplicatedIn = []span{{9 * hours, 10 * hours}}
		return &fault{from: 9 * hours, to: 10 * hours, pattern: "(?i)(twice|duplicate)", names: "(orders|web-3)"}
	}, true},
	{"volume", "one of twelve delivers twice, seldom", 14 * hours, func(w *world) *fault {
		w.addGroup("web-%d", 12, "orders", random(7*time.Second))[8].duplicatedIn = []span{{9 * hours, 12 * hours}}
		return &fault{from: 9 * hours, to: 12 * hours, pattern: "(?i)(twice|duplicate)", names: "(orders|web-9)"}
	}, false},
	{"volume", "a hang, the heartbeat each half minute", 10 * hours, func(w *world) *fault {
		list := w.addGroup("job-%d", 3, "jobs", random(4*time.Second))
		for _, a := range list {
			b := w.add(a.host, "jobs", steady(30*time.Second))
			b.logger, b.messages = "jobs.beat", []string{"alive"}
		}
		list[1].dies(7*hours, 9*hours)
		return &fault{from: 7 * hours, to: 9 * hours, pattern: "(?i)job-2", names: "job-2"}
	}, true},
	{"restarts", "a new PID every 45 s, no word of it", 10 * hours, func(w *world) *fault {
		list := w.addGroup("web-%d", 3, "orders", random(3*time.Second))
		for i, a := range list {
			a.pid = func(at time.Duration) int64 {
				if i == 0 && at >= 8*hours && at < 9*hours {
					return 1000 + int64(at/(45*time.Second))
				}
				return int64(20 + i)
			}
		}
		return &fault{from: 8 * hours, to: 9 * hours, pattern: "(?i)restart", names: "web-1"}
	}, false},
	{"clock", "two hours ahead, one of two", 8 * hours, func(w *world) *fault {
		w.addGroup("pay-%d", 2, "billing", random(9*time.Second))[0].skew = clockOff(5*hours, 7*hours, 2*hours)
		return &fault{from: 5 * hours, to: 7 * hours, pattern: "(?i)clock of pay-1.{0,20} 2 h", names: "pay-1"}
	}, false},
	{"clock", "drifts by a minute in an hour", 10 * hours, func(w *world) *fault {
		w.addGroup("web-%d", 4, "orders", random(4*time.Second))[2].skew = func(at time.Duration) time.Duration {
			if at < 5*hours || at >= 9*hours {
				return 0
			}
			return -scale(minutes, math.Min(1, float64(at-5*hours)/float64(hours)))
		}
		return &fault{from: 5*hours + 32*minutes, to: 9 * hours, pattern: "(?i)clock of web-3", names: "web-3"}
	}, false},
}
