package health_test

import (
	"fmt"
	"math"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// fault is what goes wrong in a scene, and how it must be reported.
type fault struct {
	from, to  time.Duration
	began     time.Duration // the earliest time that the text may name; 0 for from
	pattern   string        // a regular expression that only texts about this fault match
	names     string        // a regular expression for what the text must name
	returning string        // the host that must log again to end the fault, if any
	oneOff    bool          // whether the fault is a single event, which isn't reported until to
	schedule  bool          // whether the fault is a missed run, which is detected only when the run is due
}

const quietWords = ".{0,80}(no logs|silent|quiet)|(no logs|silent|quiet).{0,160}"

// quiet returns a regular expression that matches a text that reports a worker as quiet.
func quiet(name string) string {
	return "(?i)(" + name + "(" + quietWords + ")|(no logs|silent|quiet)[^.]{0,200}" + name + ")"
}

func sixWorkers(w *world, l law) []*actor { return w.addGroup("web-%d", 6, "orders", l) }

// dies stops a worker for a time and returns the fault.
func dies(a *actor, from, to time.Duration) *fault {
	a.dies(from, to)
	return &fault{from: from, to: to, pattern: quiet(a.host), names: a.host, returning: a.host}
}

// faults are the fleets in which something goes wrong.
var faults = []scene{
	{"death", "one of six in a loop of 3 s", 6 * hours, func(w *world) *fault { return dies(sixWorkers(w, steady(3*time.Second))[3], 3*hours, 5*hours) }, true},
	{"death", "one of six, five minutes after Elva's start", 3 * hours, func(w *world) *fault { return dies(sixWorkers(w, steady(2*time.Second))[3], 5*minutes, 2*hours) }, true},
	{"death", "one of six, random 12 s", 26 * hours, func(w *world) *fault { return dies(sixWorkers(w, random(12*time.Second))[2], 20*hours, 25*hours) }, false},
	{"death", "one of four, random 5 min", 3 * day, func(w *world) *fault {
		f := dies(w.addGroup("web-%d", 4, "orders", random(5*minutes))[2], 52*hours, 70*hours)
		f.began = f.from - 40*minutes
		return f
	}, false},
	{"death", "one that works in bursts every 7 min", 20 * hours, func(w *world) *fault {
		sixWorkers(w, steady(4*time.Second))
		a := w.cron("sync-1", "sync", w.every(7*minutes, minutes, 3*time.Second), fixed(15*time.Second), steady(500*time.Millisecond))
		f := dies(a, 12*hours, 18*hours)
		f.began = f.from - 7*minutes
		return f
	}, true},
	{"death", "by day, where nights are slow", 4*day + 6*hours, func(w *world) *fault {
		list := sixWorkers(w, byMean(func(at time.Duration) time.Duration { return dayNight(at, 4*time.Second, 5*minutes) }))
		return dies(list[1], 3*day+7*hours, 3*day+12*hours)
	}, true},
	{"death", "by night, where nights are slow", 4*day + 6*hours, func(w *world) *fault {
		list := sixWorkers(w, byMean(func(at time.Duration) time.Duration { return dayNight(at, 4*time.Second, 5*minutes) }))
		return dies(list[1], 3*day+19*hours, 4*day+5*hours)
	}, false},
	{"death", "in shop hours", 4*day + 10*hours, func(w *world) *fault {
		list := w.addGroup("shop-%d", 4, "shop", steady(3*time.Second))
		for _, a := range list {
			a.onlyAt = func(at time.Duration) bool { h, _ := hourOf(at); return h >= 8 && h < 20.1 }
		}
		return dies(list[2], 4*day+4*hours, 4*day+9*hours)
	}, false},
	{"death", "one with heavy tails", 2 * day, func(w *world) *fault {
		return dies(w.addGroup("web-%d", 5, "orders", lognormal(5*time.Second, 1.2))[2], 36*hours, 46*hours)
	}, false},
	{"death", "after three outages of the worker", 12 * hours, func(w *world) *fault {
		a := sixWorkers(w, steady(3*time.Second))[3]
		for _, at := range []time.Duration{4, 5, 6} {
			a.dies(at*hours, at*hours+10*minutes)
		}
		return dies(a, 8*hours, 11*hours)
	}, false},
	{"death", "while Redis flaps every 20 min", 12 * hours, func(w *world) *fault {
		for at := 20 * minutes; at < w.length; at += 20 * minutes {
			w.outages = append(w.outages, span{at, at + 15*time.Second})
		}
		return dies(sixWorkers(w, steady(3*time.Second))[3], 6*hours+3*minutes, 11*hours)
	}, true},
	{"death", "during an outage of Redis", 8 * hours, func(w *world) *fault {
		w.outages = append(w.outages, span{4 * hours, 4*hours + 10*minutes})
		f := dies(sixWorkers(w, steady(3*time.Second))[3], 4*hours+2*minutes, 7*hours)
		f.from, f.began = 4*hours+10*minutes, 4*hours-minutes
		return f
	}, false},
	{"death", "all of a service", 8 * hours, func(w *world) *fault {
		sixWorkers(w, steady(3*time.Second))
		for _, a := range w.addGroup("pay-%d", 2, "billing", steady(4*time.Second)) {
			a.dies(4*hours, 7*hours)
		}
		return &fault{from: 4 * hours, to: 7 * hours, pattern: quiet("billing"), names: "billing"}
	}, true},
	{"death", "everything, for 30 hours", 36 * hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, steady(3*time.Second)) {
			a.dies(5*hours, 35*hours)
		}
		return &fault{from: 5 * hours, to: 35 * hours, pattern: quiet("(orders|all)"), names: "(orders|All)"}
	}, true},
	{"death", "half of a service with slow nights", 3*day + 12*hours, func(w *world) *fault {
		list := sixWorkers(w, byMean(func(at time.Duration) time.Duration { return dayNight(at, 4*time.Second, 5*minutes) }))
		for _, a := range list[:3] {
			a.dies(3*day+6*hours, 3*day+10*hours)
		}
		return &fault{from: 3*day + 6*hours, to: 3*day + 10*hours, pattern: quiet("(orders|web-[123])"), names: "orders"}
	}, true},
	{"death", "the only worker", 12 * hours, func(w *world) *fault {
		return dies(w.addGroup("only-%d", 1, "orders", random(8*time.Second))[0], 6*hours, 11*hours)
	}, false},
	{"death", "a rare second service of a busy host", 30 * hours, func(w *world) *fault {
		sixWorkers(w, steady(3*time.Second))
		return dies(w.add("web-2", "audit", random(2*minutes)), 20*hours, 28*hours)
	}, false},

	{"changing hosts", "a pod that a deploy loses", 8 * hours, func(w *world) *fault {
		pods := w.addDeployed("orders", 6, 3*hours, deploy{overlap: 20 * time.Second, each: 40 * time.Second, lost: map[int]int{0: 1}}, steady(3*time.Second))
		return &fault{from: pods[0][0].to, to: w.length, pattern: quiet("orders"), names: "orders-"}
	}, true},
	{"changing hosts", "a pod that the third deploy loses, farewells", 14 * hours, func(w *world) *fault {
		pods := w.addDeployed("orders", 5, 3*hours, deploy{overlap: 20 * time.Second, each: 40 * time.Second, lost: map[int]int{2: 2}}, steady(3*time.Second))
		return &fault{from: pods[2][1].to, to: w.length, pattern: quiet("orders"), names: "orders-"}
	}, false},
	{"changing hosts", "a pod that dies between deploys", 14 * hours, func(w *world) *fault {
		pods := w.addDeployed("orders", 5, 6*hours, deploy{overlap: 20 * time.Second, each: 40 * time.Second, farewell: true, phase: -hours}, steady(3*time.Second))
		a := pods[1][2]
		a.dies(8*hours, w.length)
		return &fault{from: 8 * hours, to: a.to, pattern: quiet("orders"), names: a.host}
	}, true},
	{"changing hosts", "all pods of a service that is deployed often", 14 * hours, func(w *world) *fault {
		for _, g := range w.addDeployed("orders", 5, 4*hours, deploy{overlap: 20 * time.Second, each: 40 * time.Second}, steady(3*time.Second)) {
			for _, a := range g {
				a.dies(10*hours, w.length)
			}
		}
		w.addGroup("mail-%d", 2, "mail", random(5*time.Second))
		return &fault{from: 10 * hours, to: w.length, pattern: quiet("orders"), names: "orders"}
	}, false},
	{"changing hosts", "no Lambda runs any more", 30 * hours, func(w *world) *fault {
		for slot := range 8 {
			for at := scale(5*minutes, w.rng.Float64()*float64(slot+1)/2); at < w.length; {
				life := 15*minutes + scale(60*minutes, w.rng.Float64())
				w.add(fmt.Sprintf("2026/11/23/[$LATEST]%s%s", w.podSuffix(), w.podSuffix()), "resize", random(20*time.Second)).during(at, at+life).dies(20*hours, 28*hours)
				at += life + scale(10*minutes, w.rng.ExpFloat64())
			}
		}
		w.addGroup("web-%d", 3, "orders", steady(4*time.Second))
		return &fault{from: 20 * hours, to: 28 * hours, pattern: quiet("resize"), names: "resize"}
	}, false},
	{"changing hosts", "batch jobs that are not started any more", 30 * hours, func(w *world) *fault {
		for at := 5 * minutes; at < 20*hours; at += scale(10*minutes, 0.5+w.rng.Float64()) {
			w.add(fmt.Sprintf("import-%s", w.podSuffix()), "import", steady(2*time.Second)).during(at, at+scale(8*minutes, 0.2+0.8*w.rng.Float64()))
		}
		w.addGroup("web-%d", 3, "orders", steady(4*time.Second))
		return &fault{from: 20 * hours, to: w.length, pattern: quiet("import"), names: "import"}
	}, false},

	{"crons", "a run of every 5 min is missed", 14 * hours, func(w *world) *fault {
		a := w.cron("cron-1", "sync", w.every(5*minutes, minutes, 5*time.Second), fixed(10*time.Second), steady(time.Second))
		sixWorkers(w, steady(4*time.Second))
		f := dies(a, 10*hours+30*time.Second, 13*hours)
		f.schedule = true
		return f
	}, true},
	{"crons", "an hourly run is missed", 2 * day, func(w *world) *fault {
		a := w.cron("cron-1", "report", w.every(hours, 7*minutes, 20*time.Second), fixed(2*minutes), steady(2*time.Second))
		w.addGroup("web-%d", 3, "orders", steady(5*time.Second))
		f := dies(a, 30*hours, 40*hours)
		f.from, f.schedule = 30*hours+7*minutes, true
		return f
	}, true},
	{"crons", "the third daily run is missed", 3*day + 6*hours, func(w *world) *fault {
		a := w.cron("night-1", "backup", w.daily(1.5, 3*minutes), fixed(20*minutes), steady(3*time.Second))
		w.addGroup("web-%d", 3, "orders", steady(8*time.Second))
		f := dies(a, 60*hours, 4*day)
		f.from, f.to, f.schedule = 2*day+19*hours+30*minutes, w.length, true
		return f
	}, true},
	{"crons", "a weekday's run is missed on Wednesday", 3*day + 6*hours, func(w *world) *fault {
		a := w.cron("office-1", "invoices", w.daily(8, 3*minutes, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday), fixed(10*minutes), steady(5*time.Second))
		w.addGroup("web-%d", 3, "orders", steady(8*time.Second))
		f := dies(a, 2*day, 4*day)
		f.from, f.to, f.schedule = 2*day+2*hours, w.length, true
		return f
	}, false},
	{"crons", "hourly cron pods are not started", 30 * hours, func(w *world) *fault {
		for at := 7 * minutes; at < 20*hours; at += hours {
			w.add(fmt.Sprintf("report-%d-%s", 29300000+int(at/minutes), w.podSuffix()[:5]), "report", steady(time.Second)).during(at, at+scale(30*time.Second, 0.5+w.rng.Float64()))
		}
		w.addGroup("web-%d", 3, "orders", steady(4*time.Second))
		return &fault{from: 20*hours + 7*minutes, to: w.length, pattern: quiet("report"), names: "report", schedule: true}
	}, true},

	{"errors", "a storm of three hours that grows", 10 * hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, steady(3*time.Second)) {
			w.errors(a.host, "orders", "card declined", random(6*minutes))
			w.errors(a.host, "orders", "bank says no", byMean(func(at time.Duration) time.Duration {
				return scale(4*time.Second, math.Exp(-float64(at-5*hours)/float64(2*hours)))
			})).during(5*hours, 8*hours)
		}
		return &fault{from: 5 * hours, to: 8 * hours, pattern: "(?i)(storm|errors)", names: "orders"}
	}, true},
	{"errors", "a storm on one worker", 8 * hours, func(w *world) *fault {
		list := sixWorkers(w, steady(3*time.Second))
		for _, a := range list {
			w.errors(a.host, "orders", "card declined", random(10*minutes))
		}
		w.errors(list[3].host, "orders", "bank says no", random(300*time.Millisecond)).during(5*hours, 7*hours)
		return &fault{from: 5 * hours, to: 7 * hours, pattern: "(?i)(storm|errors)", names: "web-4"}
	}, true},
	{"errors", "a storm after two storms", 10 * hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, steady(3*time.Second)) {
			w.errors(a.host, "orders", "card declined", random(6*minutes))
			for _, at := range []time.Duration{3, 4, 7} {
				w.errors(a.host, "orders", "bank says no", random(2*time.Second)).during(at*hours, at*hours+30*minutes)
			}
		}
		return &fault{from: 7 * hours, to: 7*hours + 30*minutes, pattern: "(?i)(storm|errors)", names: "bank says no"}
	}, false},
	{"errors", "five times as many for two hours", 14 * hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, steady(3*time.Second)) {
			w.rising(a.host, "card declined", 90*time.Second, 5, 10*hours, 12*hours)
		}
		return &fault{from: 10 * hours, to: 12 * hours, pattern: "(?i)(storm|errors)", names: "(orders|card declined)"}
	}, true},
	{"errors", "a creep over six hours", 18 * hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, steady(3*time.Second)) {
			w.errors(a.host, "orders", "card declined", byMean(func(at time.Duration) time.Duration {
				if at >= 9*hours && at < 15*hours {
					return scale(90*time.Second, 1/(1+9*float64(at-9*hours)/float64(6*hours)))
				}
				return 90 * time.Second
			}))
		}
		return &fault{from: 9 * hours, to: 15 * hours, pattern: "(?i)(storm|errors)", names: "(orders|card declined)"}
	}, true},
	{"errors", "a group at ten times its rate below the rest", 16 * hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, steady(3*time.Second)) {
			w.errors(a.host, "orders", "card declined", random(30*time.Second))
		}
		w.rising("web-2", "invoice rejected", 200*time.Second, 10, 12*hours, 15*hours)
		return &fault{from: 12 * hours, to: 15 * hours, pattern: "invoice rejected", names: "invoice rejected"}
	}, true},
	{"errors", "rare errors at twenty times their rate", 30 * hours, func(w *world) *fault {
		list := sixWorkers(w, steady(3*time.Second))
		w.rising(list[0].host, "disk slow", 20*minutes, 20, 24*hours, 28*hours)
		return &fault{from: 24 * hours, to: 28 * hours, pattern: "(?i)(storm|errors)", names: "(orders|disk slow)"}
	}, false},
	{"errors", "a new type", 5 * hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, steady(3*time.Second)) {
			w.errors(a.host, "orders", "card declined", random(5*minutes))
		}
		w.errors("web-3", "orders", "checksum differs", random(20*time.Second)).during(3*hours, 4*hours)
		return &fault{from: 3 * hours, to: 4 * hours, pattern: "checksum differs", names: "web-3"}
	}, true},
	{"errors", "a new type, four minutes after Elva's start", hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, steady(3*time.Second)) {
			w.errors(a.host, "orders", "card declined", random(minutes))
		}
		w.errors("web-3", "orders", "checksum differs", random(8*time.Second)).during(4*minutes, 30*minutes)
		return &fault{from: 4 * minutes, to: 30 * minutes, pattern: "checksum differs", names: "web-3", oneOff: true}
	}, true},
	{"errors", "a new type on the pods of a bad deploy", 6 * hours, func(w *world) *fault {
		pods := w.addDeployed("orders", 6, 3*hours, deploy{overlap: 20 * time.Second, each: 30 * time.Second, farewell: true}, steady(3*time.Second))
		from := pods[1][0].from
		for _, a := range pods[1] {
			w.errors(a.host, "orders", "no such column", random(40*time.Second)).during(a.from, min(a.to, from+90*minutes))
		}
		return &fault{from: from, to: from + 90*minutes, pattern: "no such column", names: "orders"}
	}, true},
	{"errors", "a critical record", 4 * hours, func(w *world) *fault {
		sixWorkers(w, steady(3*time.Second))
		w.once(3*hours, "web-6", "orders", "no space left", record.Critical)
		return &fault{from: 3 * hours, to: 3*hours + 2*minutes, pattern: "(?i)(critical|no space left)", names: "web-6", oneOff: true}
	}, true},
	{"errors", "a storm of warnings", 9 * hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, steady(3*time.Second)) {
			v := w.add(a.host, "orders", random(2*minutes))
			v.level, v.messages = record.Warning, []string{"slow query"}
		}
		v := w.add("web-4", "orders", random(400*time.Millisecond)).during(6*hours, 8*hours)
		v.level, v.messages = record.Warning, []string{"queue is full"}
		return &fault{from: 6 * hours, to: 8 * hours, pattern: "(?i)warnings", names: "(web-4|orders)"}
	}, true},
	{"errors", "a storm at the third minute", hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, steady(3*time.Second)) {
			w.errors(a.host, "orders", "bank says no", random(2*time.Second)).during(3*minutes, 40*minutes)
		}
		return &fault{from: 3 * minutes, to: 40 * minutes, pattern: "(?i)(bank says no|errors)", names: "orders"}
	}, false},

	{"volume", "a worker at a tenth of its rate", 8 * hours, func(w *world) *fault {
		list := sixWorkers(w, steady(time.Second))
		list[3].share = func(at time.Duration) float64 {
			if at >= 5*hours && at < 7*hours {
				return 0.1
			}
			return 1
		}
		return &fault{from: 5 * hours, to: 7 * hours, pattern: "(?i)web-4", names: "web-4"}
	}, true},
	{"volume", "a service at a tenth of its rate", 9 * hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, random(3*time.Second)) {
			a.share = func(at time.Duration) float64 {
				if at >= 6*hours && at < 8*hours {
					return 0.1
				}
				return 1
			}
		}
		return &fault{from: 6 * hours, to: 8 * hours, pattern: "(?i)orders.{0,60}(slow|a minute|normal|baseline|no logs)", names: "orders"}
	}, true},
	{"volume", "a flood of one line", 6 * hours, func(w *world) *fault {
		sixWorkers(w, steady(3*time.Second))
		a := w.add("web-5", "orders", random(40*time.Millisecond)).during(4*hours, 4*hours+30*minutes)
		a.messages = []string{"cache miss"}
		return &fault{from: 4 * hours, to: 4*hours + 30*minutes, pattern: "(?i)(flood|records)", names: "web-5"}
	}, true},
	{"volume", "every record twice", 6 * hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, steady(3*time.Second)) {
			a.duplicatedIn = []span{{4 * hours, 5 * hours}}
		}
		return &fault{from: 4 * hours, to: 5 * hours, pattern: "(?i)(twice|duplicate)", names: "orders"}
	}, true},
	{"volume", "a hang in which the heartbeat goes on", 6 * hours, func(w *world) *fault {
		list := sixWorkers(w, steady(2*time.Second))
		for _, a := range list {
			b := w.add(a.host, "orders", steady(15*time.Second))
			b.logger, b.messages = "orders.alive", []string{"alive"}
		}
		list[4].dies(4*hours, 5*hours)
		return &fault{from: 4 * hours, to: 5 * hours, pattern: "(?i)web-5", names: "web-5"}
	}, true},
	{"restarts", "a crash loop with a new PID each time", 6 * hours, func(w *world) *fault {
		list := sixWorkers(w, steady(3*time.Second))
		for _, a := range list {
			a.pid = func(time.Duration) int64 { return 7 }
		}
		list[5].pid = func(at time.Duration) int64 {
			if at >= 4*hours && at < 5*hours {
				return 100 + int64(at/(70*time.Second))
			}
			return 7
		}
		return &fault{from: 4 * hours, to: 5 * hours, pattern: "(?i)restart", names: "web-6"}
	}, true},
	{"restarts", "a crash loop that only says starting", 6 * hours, func(w *world) *fault {
		list := sixWorkers(w, steady(3*time.Second))
		list[5].dies(4*hours, 5*hours)
		a := w.add("web-6", "orders", steady(20*time.Second)).during(4*hours, 5*hours)
		a.messages = []string{"Starting orders 1.4.2", "listening on :8080"}
		return &fault{from: 4 * hours, to: 5 * hours, pattern: "(?i)restart", names: "web-6"}
	}, true},
	{"clock", "three hours behind", 5 * hours, func(w *world) *fault {
		sixWorkers(w, steady(3*time.Second))[5].skew = clockOff(3*hours, 4*hours, -3*hours)
		return &fault{from: 3 * hours, to: 4 * hours, pattern: "(?i)clock of web-6.{0,20} 3 h", names: "web-6"}
	}, true},
	{"clock", "five minutes ahead", 5 * hours, func(w *world) *fault {
		sixWorkers(w, random(6*time.Second))[1].skew = clockOff(3*hours, 4*hours, 5*minutes)
		return &fault{from: 3 * hours, to: 4 * hours, pattern: "(?i)clock of web-2.{0,20} 5 min", names: "web-2"}
	}, false},
	{"clock", "off by three hours when Elva starts", 2 * hours, func(w *world) *fault {
		sixWorkers(w, steady(3*time.Second))[1].skew = clockOff(0, hours, 3*hours)
		return &fault{from: 0, to: hours, pattern: "(?i)clock of web-2.{0,20} 3 h", names: "web-2"}
	}, false},
	{"redis", "down for ten minutes", 3 * hours, func(w *world) *fault {
		sixWorkers(w, steady(3*time.Second))
		w.outages = append(w.outages, span{hours, hours + 10*minutes})
		return &fault{from: hours, to: hours + 10*minutes, pattern: "(?i)redis", names: "Redis"}
	}, true},
	{"redis", "a channel that nobody publishes on", 2 * hours, func(w *world) *fault {
		sixWorkers(w, steady(3*time.Second))
		w.silentSources = []string{"shop:mial"}
		return &fault{from: 0, to: w.length, pattern: "shop:mial", names: "shop:mial"}
	}, true},
}

func clockOff(from, to, by time.Duration) func(at time.Duration) time.Duration {
	return func(at time.Duration) time.Duration {
		if at >= from && at < to {
			return by
		}
		return 0
	}
}
