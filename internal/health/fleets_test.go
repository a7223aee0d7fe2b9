package health_test

import (
	"fmt"
	"math"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// scene is a fleet to simulate. Its build function returns the fault, nil in a healthy fleet.
type scene struct {
	family, name string
	length       time.Duration
	build        func(w *world) *fault
	short        bool // whether the short form includes it
}

// healthy are the healthy fleets: every alarm is false.
var healthy = []scene{
	{"steady, random", "six workers, a loop of 3 s", 3 * day, func(w *world) *fault { w.addGroup("web-%d", 6, "orders", steady(3*time.Second)); return nil }, true},
	{"steady, random", "five workers, random 5 s", 4 * day, func(w *world) *fault { w.addGroup("web-%d", 5, "orders", random(5*time.Second)); return nil }, false},
	{"steady, random", "four workers, random 60 s", 5 * day, func(w *world) *fault { w.addGroup("web-%d", 4, "orders", random(minutes)); return nil }, true},
	{"steady, random", "three services of 2 s, 20 s, 5 min", 5 * day, func(w *world) *fault {
		w.addGroup("web-%d", 3, "orders", steady(2*time.Second))
		w.addGroup("mail-%d", 2, "mail", random(20*time.Second))
		w.addGroup("audit-%d", 2, "audit", random(5*minutes))
		return nil
	}, false},
	{"steady, random", "one worker, random 20 s", 4 * day, func(w *world) *fault { w.addGroup("web-%d", 1, "orders", random(20*time.Second)); return nil }, true},
	{"steady, random", "quiet loggers beside busy ones", 5 * day, func(w *world) *fault {
		for i := range 4 {
			host := fmt.Sprint("web-", i+1)
			w.add(host, "orders", steady(3*time.Second))
			w.add(host, "urllib3", random(40*minutes)).level = record.Warning
			w.add(host, "sqlalchemy", random(10*minutes))
		}
		return nil
	}, true},

	{"heavy tails", "lognormal, 1.5", 6 * day, func(w *world) *fault { w.addGroup("web-%d", 5, "orders", lognormal(5*time.Second, 1.5)); return nil }, false},
	{"heavy tails", "Pareto 1.5 from 2 s", 6 * day, func(w *world) *fault { w.addGroup("web-%d", 4, "orders", pareto(2*time.Second, 1.5)); return nil }, false},
	{"heavy tails", "Pareto 2.5 from 5 s", 6 * day, func(w *world) *fault { w.addGroup("web-%d", 4, "orders", pareto(5*time.Second, 2.5)); return nil }, true},
	{"heavy tails", "a queue that fills at random", 6 * day, func(w *world) *fault {
		w.addGroup("queue-%d", 3, "queue", bursts(20, steady(time.Second), random(8*minutes)))
		return nil
	}, true},
	{"heavy tails", "a loop with rare pauses of minutes", 6 * day, func(w *world) *fault {
		w.addGroup("web-%d", 4, "orders", bursts(8000, steady(3*time.Second), steady(4*minutes)))
		return nil
	}, false},
	{"heavy tails", "a sparse queue, lognormal minutes", 7 * day, func(w *world) *fault { w.addGroup("queue-%d", 2, "queue", lognormal(3*minutes, 1.2)); return nil }, false},

	{"crons", "every 5 min, 10 s of work", 3 * day, func(w *world) *fault {
		w.cron("cron-1", "sync", w.every(5*minutes, minutes, 5*time.Second), fixed(10*time.Second), steady(time.Second))
		w.addGroup("web-%d", 3, "orders", steady(4*time.Second))
		return nil
	}, true},
	{"crons", "every 15 min, a minute of jitter", 4 * day, func(w *world) *fault {
		w.cron("cron-1", "sync", w.every(15*minutes, 3*minutes, minutes), fixed(40*time.Second), random(2*time.Second))
		w.addGroup("web-%d", 3, "orders", steady(4*time.Second))
		return nil
	}, false},
	{"crons", "hourly, one record", 5 * day, func(w *world) *fault {
		w.cron("cron-1", "report", w.every(hours, 7*minutes, 10*time.Second), fixed(time.Millisecond), steady(time.Second))
		w.addGroup("web-%d", 3, "orders", steady(4*time.Second))
		return nil
	}, true},
	{"crons", "hourly, minutes of work", 5 * day, func(w *world) *fault {
		w.cron("cron-1", "report", w.every(hours, 7*minutes, 20*time.Second), func() time.Duration { return scale(6*minutes, 0.5+w.rng.Float64()) }, steady(2*time.Second))
		w.addGroup("web-%d", 3, "orders", steady(4*time.Second))
		return nil
	}, false},
	{"crons", "daily at two", 8 * day, func(w *world) *fault {
		w.cron("night-1", "backup", w.daily(2, 4*minutes), func() time.Duration { return scale(20*minutes, 0.7+0.6*w.rng.Float64()) }, steady(3*time.Second))
		w.addGroup("web-%d", 2, "orders", steady(10*time.Second))
		return nil
	}, false},
	{"crons", "on weekdays at half past six", 15 * day, func(w *world) *fault {
		w.cron("office-1", "invoices", w.daily(6.5, 3*minutes, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday), fixed(10*minutes), steady(5*time.Second))
		w.addGroup("web-%d", 2, "orders", steady(30*time.Second))
		return nil
	}, false},
	{"crons", "on Sundays", 22 * day, func(w *world) *fault {
		w.cron("weekly-1", "archive", w.daily(4, 5*minutes, time.Sunday), fixed(30*minutes), steady(5*time.Second))
		w.addGroup("web-%d", 2, "orders", steady(60*time.Second))
		return nil
	}, false},

	{"day and night", "4 s by day, 5 min by night", 5 * day, func(w *world) *fault {
		w.addGroup("web-%d", 5, "orders", byMean(func(at time.Duration) time.Duration { return dayNight(at, 4*time.Second, 5*minutes) }))
		return nil
	}, true},
	// The first night is always reported, and the 32 hours of the short form have no second one.
	{"day and night", "shop hours", 6 * day, func(w *world) *fault {
		for _, a := range w.addGroup("shop-%d", 4, "shop", steady(3*time.Second)) {
			a.onlyAt = func(at time.Duration) bool { h, _ := hourOf(at); return h >= 8 && h < 20.1 }
		}
		return nil
	}, false},
	{"day and night", "an office, calm on weekends", 11 * day, func(w *world) *fault {
		w.addGroup("web-%d", 3, "orders", byMean(func(at time.Duration) time.Duration {
			if h, weekend := hourOf(at); weekend || h < 7 || h > 19 {
				return 6 * minutes
			}
			return 10 * time.Second
		}))
		return nil
	}, false},
	{"day and night", "a pause each night at three", 5 * day, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 4, "orders", steady(3*time.Second)) {
			a.onlyAt = func(at time.Duration) bool { h, _ := hourOf(at); return h < 3 || h >= 3.4 }
		}
		return nil
	}, false},
	{"day and night", "noon has twenty times the traffic", 4 * day, func(w *world) *fault {
		w.addGroup("web-%d", 4, "orders", byMean(func(at time.Duration) time.Duration {
			h, _ := hourOf(at)
			return scale(30*time.Second, 1/(1+19*math.Exp(-(h-12)*(h-12))))
		}))
		return nil
	}, false},

	{"hosts that change", "a rolling deploy each 8 h, farewells", 3 * day, func(w *world) *fault {
		w.addDeployed("orders", 6, 8*hours, deploy{overlap: 20 * time.Second, each: 40 * time.Second, farewell: true}, steady(3*time.Second))
		return nil
	}, true},
	{"hosts that change", "a rolling deploy each 8 h, no farewell", 3 * day, func(w *world) *fault {
		w.addDeployed("orders", 6, 8*hours, deploy{overlap: 30 * time.Second, each: 50 * time.Second}, steady(3*time.Second))
		return nil
	}, true},
	{"hosts that change", "old pods end before new ones start", 3 * day, func(w *world) *fault {
		w.addDeployed("orders", 5, 6*hours, deploy{overlap: -35 * time.Second, each: 60 * time.Second, farewell: true}, random(4*time.Second))
		return nil
	}, false},
	{"hosts that change", "blue and green each 12 h", 3 * day, func(w *world) *fault {
		w.addDeployed("orders", 6, 12*hours, deploy{overlap: 5 * minutes, each: 2 * time.Second}, steady(3*time.Second))
		return nil
	}, true},
	{"hosts that change", "blue and green, an hour of overlap", 3 * day, func(w *world) *fault {
		w.addDeployed("orders", 4, 9*hours, deploy{overlap: 50 * minutes, each: 2 * time.Second, farewell: true}, random(6*time.Second))
		return nil
	}, false},
	{"hosts that change", "autoscaling by day, no farewell", 4 * day, func(w *world) *fault { w.addAutoscaled("orders", 3, 9, false, random(4*time.Second)); return nil }, false},
	{"hosts that change", "autoscaling by day, farewells", 4 * day, func(w *world) *fault { w.addAutoscaled("orders", 2, 7, true, steady(3*time.Second)); return nil }, false},
	{"hosts that change", "batch jobs of some minutes", 3 * day, func(w *world) *fault {
		for at, n := 5*minutes, 0; at < w.length; at, n = at+scale(10*minutes, 0.5+w.rng.Float64()), n+1 {
			w.add(fmt.Sprintf("import-%s", w.podSuffix()), "import", steady(2*time.Second)).during(at, at+scale(8*minutes, 0.2+0.8*w.rng.Float64()))
		}
		w.addGroup("web-%d", 3, "orders", steady(4*time.Second))
		return nil
	}, true},
	{"hosts that change", "hourly cron pods", 4 * day, func(w *world) *fault {
		for at := 7 * minutes; at < w.length; at += hours {
			start := at + scale(20*time.Second, w.rng.Float64())
			w.add(fmt.Sprintf("report-%d-%s", 29300000+int(at/minutes), w.podSuffix()[:5]), "report", steady(time.Second)).during(start, start+scale(30*time.Second, 0.5+w.rng.Float64()))
		}
		w.addGroup("web-%d", 3, "orders", steady(4*time.Second))
		return nil
	}, false},
	{"hosts that change", "warm Lambdas", 4 * day, func(w *world) *fault {
		for slot := range 8 {
			for at := scale(5*minutes, w.rng.Float64()*float64(slot+1)/2); at < w.length; {
				life := 15*minutes + scale(60*minutes, w.rng.Float64())
				w.add(fmt.Sprintf("2026/11/23/[$LATEST]%s%s", w.podSuffix(), w.podSuffix()), "resize", random(20*time.Second)).during(at, at+life)
				at += life + scale(10*minutes, w.rng.ExpFloat64())
			}
		}
		return nil
	}, false},
	{"hosts that change", "spot instances that are replaced", 4 * day, func(w *world) *fault {
		for range 6 {
			for at := time.Duration(0); at < w.length; {
				life := scale(14*hours, w.rng.ExpFloat64()+0.2)
				w.add(fmt.Sprintf("ip-10-0-%d-%d", w.rng.IntN(256), w.rng.IntN(256)), "orders", steady(4*time.Second)).during(at, at+life)
				at += life + minutes + scale(2*minutes, w.rng.Float64())
			}
		}
		return nil
	}, false},
	{"hosts that change", "the same names restart each night", 4 * day, func(w *world) *fault {
		for i, a := range w.addGroup("db-%d", 4, "orders", steady(3*time.Second)) {
			for at := 20 * hours; at < w.length; at += day {
				begin := at + time.Duration(i)*90*time.Second
				a.dies(begin, begin+25*time.Second)
				w.once(begin-time.Second, a.host, "orders", "SIGTERM received, shutting down", record.Info)
				w.once(begin+25*time.Second, a.host, "orders", "starting version 1.4", record.Info)
			}
			a.pid = func(at time.Duration) int64 { return 100 + int64((at+4*hours-time.Duration(i)*90*time.Second)/day) }
		}
		return nil
	}, false},
	{"hosts that change", "a restart of everything at once, 90 s", 2 * day, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 5, "orders", steady(3*time.Second)) {
			a.dies(30*hours, 30*hours+90*time.Second)
			w.once(30*hours-time.Second, a.host, "orders", "SIGTERM received, shutting down", record.Info)
		}
		return nil
	}, false},

	{"errors", "two a minute at random", 4 * day, func(w *world) *fault {
		hosts := w.addGroup("web-%d", 4, "orders", steady(3*time.Second))
		for i, text := range []string{"card declined", "address not found", "invoice rejected", "coupon expired"} {
			w.errors(hosts[i].host, "orders", text, random(2*minutes))
		}
		return nil
	}, true},
	{"errors", "with the day's traffic", 5 * day, func(w *world) *fault {
		traffic := func(least time.Duration) law {
			return byMean(func(at time.Duration) time.Duration { return dayNight(at, least, 20*least) })
		}
		for _, a := range w.addGroup("web-%d", 3, "orders", traffic(3*time.Second)) {
			w.errors(a.host, "orders", "card declined", traffic(20*time.Second))
			w.errors(a.host, "orders", "address not found", traffic(80*time.Second))
		}
		return nil
	}, true},
	{"errors", "an hourly batch in which some fail", 4 * day, func(w *world) *fault {
		w.addGroup("web-%d", 3, "orders", steady(4*time.Second))
		w.cron("batch-1", "import", w.every(hours, 11*minutes, 20*time.Second), fixed(3*minutes), steady(time.Second))
		a := w.cron("batch-1", "import", w.every(hours, 11*minutes+20*time.Second, 20*time.Second), fixed(2*minutes), random(5*time.Second))
		a.level, a.messages = record.Error, []string{"row rejected"}
		return nil
	}, true},
	{"errors", "texts that never repeat", 4 * day, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 3, "orders", steady(3*time.Second)) {
			w.errors(a.host, "orders", "card declined", random(3*minutes))
			e := w.errors(a.host, "orders", "", random(25*minutes))
			e.message = func(uint64) string { return "cannot parse " + words(w, 3) }
		}
		return nil
	}, false},
	{"errors", "clusters of a dozen", 4 * day, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 3, "orders", steady(3*time.Second)) {
			w.errors(a.host, "orders", "upstream timed out", bursts(12, random(3*time.Second), random(3*hours)))
			w.errors(a.host, "orders", "card declined", random(4*minutes))
		}
		return nil
	}, false},
	{"errors", "warnings in waves", 3 * day, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 4, "orders", steady(3*time.Second)) {
			v := w.add(a.host, "orders", byMean(func(at time.Duration) time.Duration {
				return scale(15*time.Second, math.Exp(math.Sin(float64(at)/float64(40*minutes))))
			}))
			v.level, v.messages = record.Warning, []string{"slow query", "retrying"}
		}
		return nil
	}, false},
	{"errors", "rare ones of many types", 5 * day, func(w *world) *fault {
		hosts := w.addGroup("web-%d", 3, "orders", steady(3*time.Second))
		for i, text := range []string{"card declined", "address not found", "mail bounced", "disk slow", "lock timed out", "page not rendered"} {
			w.errors(hosts[i%3].host, "orders", text, random(time.Duration(20*(i+1)*(i+1))*minutes))
		}
		return nil
	}, false},

	{"flaps, shipper, pauses", "Redis away for 20 s every 20 min", 3 * day, func(w *world) *fault {
		w.addGroup("web-%d", 4, "orders", random(5*time.Second))
		for at := 20 * minutes; at < w.length; at += 20 * minutes {
			w.outages = append(w.outages, span{at, at + 20*time.Second})
		}
		return nil
	}, true},
	{"flaps, shipper, pauses", "Redis away for 30 min, producers come back slowly", 3 * day, func(w *world) *fault {
		for at := 9 * hours; at < w.length; at += day {
			w.outages = append(w.outages, span{at, at + 30*minutes})
		}
		for _, a := range w.addGroup("web-%d", 4, "orders", steady(3*time.Second)) {
			for _, b := range w.outages {
				a.dies(b.from, b.to+scale(20*time.Second, w.rng.Float64()))
			}
		}
		return nil
	}, false},
	{"flaps, shipper, pauses", "a shipper that delivers every 90 s", 3 * day, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 4, "orders", random(4*time.Second)) {
			a.flush = 90 * time.Second
		}
		return nil
	}, true},
	{"flaps, shipper, pauses", "Elva is suspended", 3 * day, func(w *world) *fault {
		w.addGroup("web-%d", 4, "orders", steady(3*time.Second))
		for at, n := 5*hours, 0; at < w.length; at, n = at+7*hours, n+1 {
			w.pauses = append(w.pauses, span{at, at + []time.Duration{40 * time.Second, 3 * minutes, 2 * hours}[n%3]})
		}
		return nil
	}, true},
	{"flaps, shipper, pauses", "long garbage collections", 3 * day, func(w *world) *fault {
		w.addGroup("web-%d", 4, "orders", bursts(2000, steady(2*time.Second), steady(9*time.Second)))
		return nil
	}, false},
	{"flaps, shipper, pauses", "a process for each of many services", 3 * day, func(w *world) *fault {
		for i := range 12 {
			w.add(fmt.Sprint("node-", i%3), fmt.Sprint("svc", string(rune('a'+i))), random(time.Duration(2+i*i)*time.Second))
		}
		return nil
	}, false},
}

// group adds n actors of a service.
func (w *world) addGroup(host string, n int, service string, l law) []*actor {
	var list []*actor
	for i := range n {
		list = append(list, w.add(fmt.Sprintf(host, i+1), service, l))
	}
	return list
}

// podSuffix returns a random suffix like those that Kubernetes appends to the names of pods.
func (w *world) podSuffix() string {
	const letters = "bcdfghjklmnpqrstvwxz2456789"
	b := make([]byte, 10)
	for i := range b {
		b[i] = letters[w.rng.IntN(len(letters))]
	}
	return string(b)
}

// deploy is how pods are replaced.
type deploy struct {
	overlap  time.Duration // of an old pod and its successor
	each     time.Duration // between the replacements of two pods
	farewell bool
	lost     map[int]int // by deploy: how many pods don't come back
	phase    time.Duration
}

// addDeployed adds n pods of a service that are replaced periodically. It returns the pods of each generation.
func (w *world) addDeployed(service string, n int, period time.Duration, d deploy, l law) [][]*actor {
	begins := make([]time.Duration, n)
	var all [][]*actor
	for g := 0; ; g++ {
		hash := w.podSuffix()
		var pods []*actor
		at := time.Duration(g+1)*period + scale(20*minutes, w.rng.Float64()) + d.phase
		for i := range n {
			if begins[i] < 0 {
				continue
			}
			end := at + time.Duration(i)*d.each
			a := w.add(fmt.Sprintf("%s-%s-%s", service, hash, w.podSuffix()[:5]), service, l).during(begins[i], end)
			if d.farewell && end < w.length {
				w.once(end, a.host, service, "SIGTERM received, shutting down", record.Info)
			}
			pods = append(pods, a)
			begins[i] = end - d.overlap
			if i < d.lost[g] {
				begins[i] = -1
			}
		}
		all = append(all, pods)
		if at > w.length {
			return all
		}
	}
}

// addAutoscaled adds pods whose number depends on the hour of the day.
func (w *world) addAutoscaled(service string, minPods, maxPods int, farewell bool, l law) {
	for slot := range maxPods {
		var start time.Duration = -1
		for at := time.Duration(0); at <= w.length; at += minutes {
			h, _ := hourOf(at)
			load := (1 - math.Cos((h-2)/24*2*math.Pi)) / 2
			up := slot < minPods || at < w.length && load > (float64(slot-minPods)+0.7+0.2*math.Sin(float64(at)/float64(7*hours)))/float64(maxPods-minPods+1)
			switch {
			case up && start < 0:
				start = at + scale(minutes, w.rng.Float64())
			case (!up || at == w.length) && start >= 0:
				a := w.add(fmt.Sprintf("%s-6d5f7c9b8-%s", service, w.podSuffix()[:5]), service, l).during(start, at)
				if farewell && at < w.length {
					w.once(at, a.host, service, "SIGTERM received, shutting down", record.Info)
				}
				start = -1
			}
		}
	}
}

// words returns n random words.
func words(w *world, n int) (text string) {
	for range n {
		for range 3 + w.rng.IntN(4) {
			text += string(rune('a' + w.rng.IntN(26)))
		}
		text += " "
	}
	return text
}
