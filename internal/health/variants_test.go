package health_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// This file has variants of the other scenes. They were written after the rules, to find out how the rules perform in fleets
// that were not used for tuning.

// healthyVariants are healthy fleets: every alarm is false.
var healthyVariants = []scene{
	{"hosts that change", "a canary half an hour before each deploy", 3 * day, func(w *world) *fault {
		w.addDeployed("orders", 6, 7*hours, deploy{overlap: 15 * time.Second, each: 30 * time.Second, farewell: true}, steady(2*time.Second))
		for at := 7*hours - 30*minutes; at < w.length; at += 7 * hours {
			w.add(fmt.Sprintf("orders-canary-%s-%s", w.podSuffix(), w.podSuffix()[:5]), "orders", steady(2*time.Second)).during(at, at+35*minutes)
		}
		return nil
	}, true},
	{"hosts that change", "green is nearly idle for an hour before the switch", 3 * day, func(w *world) *fault {
		for g, from := 0, time.Duration(0); from < w.length; g++ {
			for range 4 {
				host := fmt.Sprintf("shop-%s-%s", w.podSuffix(), w.podSuffix()[:5])
				if g > 0 {
					w.add(host, "shop", steady(20*time.Second)).during(from-hours, from)
				}
				w.add(host, "shop", random(3*time.Second)).during(from, from+10*hours)
			}
			from += 10 * hours
		}
		return nil
	}, true},
	{"hosts that change", "four more pods at each full hour by day", 4 * day, func(w *world) *fault {
		w.addGroup("api-6f9c7d5b4-x%dk2p", 3, "api", random(3*time.Second))
		for at := time.Duration(0); at < w.length; at += hours {
			if h, _ := hourOf(at); h < 8 || h > 19 {
				continue
			}
			for range 4 {
				from := at + scale(40*time.Second, w.rng.Float64())
				w.add("api-6f9c7d5b4-"+w.podSuffix()[:5], "api", random(3*time.Second)).during(from, from+scale(14*minutes, 0.9+0.2*w.rng.Float64()))
			}
		}
		return nil
	}, true},
	{"hosts that change", "a Lambda for each call", 3 * day, func(w *world) *fault {
		for at := minutes; at < w.length; at += scale(100*time.Second, w.rng.ExpFloat64()) {
			w.add("2026/11/23/[$LATEST]"+w.podSuffix()+w.podSuffix(), "thumb", steady(300*time.Millisecond)).during(at, at+2*time.Second)
		}
		return nil
	}, true},
	{"hosts that change", "spot instances vanish, some for an hour", 4 * day, func(w *world) *fault {
		for range 10 {
			for at := time.Duration(0); at < w.length; {
				life := scale(9*hours, w.rng.ExpFloat64()+0.2)
				w.add("i-0"+w.podSuffix()+"4f", "render", random(4*time.Second)).during(at, at+life)
				at += life + minutes + scale(hours, w.rng.Float64()*w.rng.Float64())
			}
		}
		return nil
	}, false},
	{"hosts that change", "fixed hosts are renamed", 3 * day, func(w *world) *fault {
		for i := range 5 {
			at := 20*hours + time.Duration(i)*3*minutes
			w.add(fmt.Sprint("web-", i+1), "orders", steady(3*time.Second)).during(0, at)
			w.add(fmt.Sprintf("eu-web-%02d", i+1), "orders", steady(3*time.Second)).during(at+30*time.Second, w.length)
		}
		return nil
	}, true},
	{"hosts that change", "nodes are drained, three services move", 3 * day, func(w *world) *fault {
		for i, s := range []string{"api", "cart", "mail"} {
			d := deploy{overlap: 10 * time.Second, each: 100 * time.Second, farewell: i != 1}
			w.addDeployed(s, 2+2*i, 11*hours, d, random(time.Duration(2+3*i)*time.Second))
		}
		return nil
	}, false},
	{"hosts that change", "a queue's jobs, none at night", 4 * day, func(w *world) *fault {
		for at := 5 * minutes; at < w.length; at += scale(6*minutes, 0.3+1.4*w.rng.Float64()) {
			if h, _ := hourOf(at); h >= 7 && h < 22 {
				w.add("encode-"+w.podSuffix(), "encode", random(2*time.Second)).during(at, at+scale(9*minutes, 0.1+w.rng.Float64()))
			}
		}
		w.addGroup("web-%d", 2, "orders", random(4*time.Second))
		return nil
	}, false},

	{"crons", "on Mondays and Thursdays", 15 * day, func(w *world) *fault {
		w.cron("office-2", "payroll", w.daily(18, 4*minutes, time.Monday, time.Thursday), fixed(15*minutes), steady(4*time.Second))
		w.addGroup("web-%d", 2, "orders", steady(40*time.Second))
		return nil
	}, false},
	{"crons", "a nightly batch that takes longer each day", 8 * day, func(w *world) *fault {
		n := 0
		w.cron("night-2", "import", w.daily(3, 3*minutes), func() time.Duration { n++; return 15*minutes + time.Duration(n)*7*minutes }, random(3*time.Second))
		w.addGroup("web-%d", 2, "orders", steady(10*time.Second))
		return nil
	}, false},
	{"crons", "a daily run moves by an hour with daylight saving", 9 * day, func(w *world) *fault {
		schedule := w.daily(2, 3*minutes)
		w.cron("night-3", "backup", func(n int) time.Duration {
			at := schedule(n)
			if at > 5*day {
				at += hours
			}
			return at
		}, fixed(20*minutes), steady(3*time.Second))
		w.addGroup("web-%d", 2, "orders", steady(10*time.Second))
		return nil
	}, false},
	{"crons", "a poller of two minutes beside an hourly one", 4 * day, func(w *world) *fault {
		w.cron("poll-1", "poller", w.every(2*minutes, 0, 4*time.Second), fixed(5*time.Second), steady(time.Second))
		w.cron("poll-1", "poller", w.every(hours, 13*minutes, minutes), fixed(4*minutes), steady(2*time.Second))
		w.addGroup("web-%d", 3, "orders", random(3*time.Second))
		return nil
	}, true},

	{"day and night", "a weekend of half-hour gaps", 11 * day, func(w *world) *fault {
		w.addGroup("desk-%d", 3, "desk", byMean(func(at time.Duration) time.Duration {
			if h, weekend := hourOf(at); weekend {
				return 12 * minutes
			} else if h < 7 || h > 20 {
				return 2 * minutes
			}
			return 8 * time.Second
		}))
		return nil
	}, false},
	{"day and night", "shop hours move by an hour", 8 * day, func(w *world) *fault {
		for _, a := range w.addGroup("shop-%d", 3, "shop", random(4*time.Second)) {
			a.onlyAt = func(at time.Duration) bool {
				h, _ := hourOf(at)
				if at > 5*day {
					h--
				}
				return h >= 7.5 && h < 19
			}
		}
		w.addGroup("db-%d", 2, "db", steady(5*time.Second))
		return nil
	}, false},
	{"day and night", "eight times the traffic after a mailing", 3 * day, func(w *world) *fault {
		leap := func(mean time.Duration) law {
			return byMean(func(at time.Duration) time.Duration {
				gap := dayNight(at, mean, 4*mean)
				for _, start := range []time.Duration{27 * hours, 52 * hours} {
					if at >= start {
						gap = scale(gap, 1/(1+7*min(1, float64(at-start)/float64(90*time.Second))*math.Exp(-float64(at-start)/float64(50*minutes))))
					}
				}
				return gap
			})
		}
		for _, a := range w.addGroup("web-%d", 4, "orders", leap(2*time.Second)) {
			w.errors(a.host, "orders", "card declined", leap(90*time.Second))
			w.errors(a.host, "orders", "address not found", leap(4*minutes))
		}
		return nil
	}, true},
	{"day and night", "only the leader of three logs much", 4 * day, func(w *world) *fault {
		for i := range 3 {
			host := fmt.Sprint("node-", i+1)
			w.add(host, "scheduler", steady(5*minutes))
			for at := time.Duration(i) * 9 * hours; at < w.length; at += 27 * hours {
				w.add(host, "scheduler", random(3*time.Second)).during(at, at+9*hours)
			}
		}
		return nil
	}, false},

	{"errors", "a worker that logs only errors", 5 * day, func(w *world) *fault {
		w.addGroup("web-%d", 3, "orders", steady(3*time.Second))
		w.errors("mail-1", "mail", "mailbox full", random(25*minutes))
		w.errors("mail-1", "mail", "connection refused", random(70*minutes))
		return nil
	}, true},
	{"errors", "some at each deploy", 3 * day, func(w *world) *fault {
		pods := w.addDeployed("orders", 5, 7*hours, deploy{overlap: 20 * time.Second, each: 40 * time.Second, farewell: true}, steady(3*time.Second))
		for _, g := range pods {
			for _, a := range g {
				w.errors(a.host, "orders", "connection pool not ready", random(4*time.Second)).during(a.from, a.from+12*time.Second)
				w.errors(a.host, "orders", "card declined", random(6*minutes)).during(a.from, a.to)
			}
		}
		return nil
	}, true},
	{"errors", "warnings of a nightly backup", 4 * day, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 3, "orders", random(3*time.Second)) {
			v := w.add(a.host, "orders", random(3*minutes))
			v.level, v.messages = record.Warning, []string{"slow query"}
			b := w.add(a.host, "orders", random(2*time.Second))
			b.level, b.messages = record.Warning, []string{"slow query"}
			b.onlyAt = func(at time.Duration) bool { h, _ := hourOf(at); return h >= 1 && h < 1.5 }
		}
		return nil
	}, false},

	{"flaps, shipper, pauses", "a shipper of one host restarts each day", 4 * day, func(w *world) *fault {
		list := w.addGroup("web-%d", 5, "orders", random(3*time.Second))
		for at := 9 * hours; at < w.length; at += day {
			list[1].heldIn = append(list[1].heldIn, span{at, at + 12*time.Second})
		}
		return nil
	}, false},
	{"flaps, shipper, pauses", "a clock is set right by NTP", 2 * day, func(w *world) *fault {
		for i, a := range w.addGroup("web-%d", 4, "orders", random(4*time.Second)) {
			a.skew = clockOff(0, time.Duration(5+i)*hours, []time.Duration{-24 * time.Second, 9 * time.Second, 2 * time.Second, -4 * time.Second}[i])
		}
		return nil
	}, true},
	{"flaps, shipper, pauses", "one of two workers delivers every 5 min", 3 * day, func(w *world) *fault {
		w.add("edge-1", "edge", random(5*time.Second)).flush = 5 * minutes
		w.add("edge-2", "edge", random(5*time.Second))
		return nil
	}, false},
}

// faultVariants are fleets in which something goes wrong.
var faultVariants = []scene{
	{"death", "one of twenty", 8 * hours, func(w *world) *fault {
		return dies(w.addGroup("web-%d", 20, "orders", random(4*time.Second))[12], 5*hours, 7*hours)
	}, false},
	{"death", "by day, after a quiet weekend", 8*day + 6*hours, func(w *world) *fault {
		list := w.addGroup("desk-%d", 3, "desk", byMean(func(at time.Duration) time.Duration {
			if h, weekend := hourOf(at); weekend {
				return 6 * minutes
			} else if h < 7 || h > 20 {
				return minutes
			}
			return 6 * time.Second
		}))
		return dies(list[1], 7*day+4*hours, 8*day)
	}, true},
	{"death", "half of ten, one after the other", 10 * hours, func(w *world) *fault {
		for i, a := range w.addGroup("web-%d", 10, "orders", random(6*time.Second))[:5] {
			a.dies(6*hours+time.Duration(i)*20*time.Second, 9*hours)
		}
		return &fault{from: 6*hours + 80*time.Second, to: 9 * hours, began: 6*hours - minutes, pattern: "(?i)[5-9] of (10 )?workers of orders" + quietWords, names: "orders"}
	}, true},
	{"death", "half of four workers that log at random", 2*day + 8*hours, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 4, "orders", random(15*time.Second))[:2] {
			a.dies(2*day, 2*day+6*hours)
		}
		return &fault{from: 2 * day, to: 2*day + 6*hours, pattern: quiet("(orders|web-[12])"), names: "(orders|web-[12])"}
	}, true},
	{"death", "half of eight with slow evenings", 3*day + 16*hours, func(w *world) *fault {
		for _, a := range w.addGroup("web-%d", 8, "orders", byMean(func(at time.Duration) time.Duration { return dayNight(at, 6*time.Second, 3*minutes) }))[:4] {
			a.dies(3*day+12*hours, 3*day+15*hours)
		}
		return &fault{from: 3*day + 12*hours, to: 3*day + 15*hours, pattern: quiet("(orders|web-[1234])"), names: "orders"}
	}, true},
	{"death", "while another service has a storm", 9 * hours, func(w *world) *fault {
		f := dies(sixWorkers(w, random(3*time.Second))[2], 5*hours, 8*hours)
		for _, a := range w.addGroup("mail-%d", 2, "mail", random(5*time.Second)) {
			w.errors(a.host, "mail", "mailbox full", random(time.Second)).during(5*hours-10*minutes, 6*hours)
		}
		return f
	}, true},
	{"death", "and Redis breaks meanwhile", 9 * hours, func(w *world) *fault {
		w.outages = append(w.outages, span{5*hours + 20*minutes, 5*hours + 26*minutes})
		return dies(sixWorkers(w, random(3*time.Second))[2], 5*hours, 8*hours)
	}, true},

	{"changing hosts", "a canary alone has a new error", 9 * hours, func(w *world) *fault {
		w.addDeployed("orders", 6, 12*hours, deploy{overlap: 15 * time.Second, each: 30 * time.Second}, steady(2*time.Second))
		a := w.add("orders-"+w.podSuffix()+"-"+w.podSuffix()[:5], "orders", steady(2*time.Second)).during(6*hours, 7*hours)
		w.errors(a.host, "orders", "no such column", random(15*time.Second)).during(6*hours, 7*hours)
		return &fault{from: 6 * hours, to: 7 * hours, pattern: "no such column", names: a.host}
	}, true},
	{"changing hosts", "the new pods of a deploy never log", 15 * hours, func(w *world) *fault {
		pods := w.addDeployed("orders", 4, 4*hours, deploy{overlap: 20 * time.Second, each: 40 * time.Second, farewell: true}, random(3*time.Second))
		for _, g := range pods[3:] {
			for _, a := range g {
				a.from = w.length
			}
		}
		w.addGroup("mail-%d", 2, "mail", random(5*time.Second))
		end := time.Duration(0)
		for _, a := range pods[2] {
			end = max(end, a.to)
		}
		return &fault{from: end, to: w.length, pattern: quiet("orders"), names: "orders"}
	}, true},
	{"changing hosts", "six of ten spot instances vanish", 2 * day, func(w *world) *fault {
		from := 40 * hours
		for i := range 10 {
			for at := time.Duration(0); at < w.length; {
				end := at + scale(14*hours, w.rng.ExpFloat64()+0.2)
				stays := i < 6 && end > from-15*minutes
				if stays {
					end = from
				}
				w.add("i-0"+w.podSuffix()+"4f", "render", random(4*time.Second)).during(at, end)
				if at = end + minutes + scale(2*minutes, w.rng.Float64()); stays {
					break
				}
			}
		}
		return &fault{from: from, to: w.length, pattern: quiet("(render|i-0)"), names: "render"}
	}, false},
	{"changing hosts", "no Lambda is called any more", 2 * day, func(w *world) *fault {
		for at := minutes; at < 40*hours; at += scale(100*time.Second, w.rng.ExpFloat64()) {
			w.add("2026/11/23/[$LATEST]"+w.podSuffix()+w.podSuffix(), "thumb", steady(300*time.Millisecond)).during(at, at+2*time.Second)
		}
		w.addGroup("web-%d", 3, "orders", steady(4*time.Second))
		return &fault{from: 40 * hours, to: w.length, pattern: quiet("thumb"), names: "thumb"}
	}, false},
	{"changing hosts", "a pod dies twenty minutes after a deploy", 8 * hours, func(w *world) *fault {
		pods := w.addDeployed("orders", 5, 5*hours, deploy{overlap: 20 * time.Second, each: 40 * time.Second, farewell: true}, random(2*time.Second))
		a := pods[1][2]
		a.dies(a.from+20*minutes, w.length)
		return &fault{from: a.from + 20*minutes, to: a.from + 75*minutes, pattern: quiet("orders"), names: a.host}
	}, true},

	{"errors", "a creep of one group over six hours", 20 * hours, func(w *world) *fault {
		for _, a := range sixWorkers(w, random(5*time.Second)) {
			w.errors(a.host, "orders", "card declined", random(5*minutes))
			w.errors(a.host, "orders", "lock timed out", byMean(func(at time.Duration) time.Duration {
				if at >= 10*hours && at < 16*hours {
					return scale(20*minutes, 1/(1+19*float64(at-10*hours)/float64(6*hours)))
				}
				return 20 * minutes
			}))
		}
		return &fault{from: 10 * hours, to: 16 * hours, pattern: "lock timed out", names: "lock timed out"}
	}, true},
	{"errors", "a poison message goes around", 7 * hours, func(w *world) *fault {
		n := uint64(0)
		list := sixWorkers(w, random(2*time.Second))
		for i, a := range list {
			e := w.errors(a.host, "orders", "", steady(36*time.Second)).during(5*hours+time.Duration(i)*6*time.Second, 6*hours)
			e.message = func(uint64) string { n++; return fmt.Sprintf("message 7f3a9 failed, attempt %d", n) }
		}
		return &fault{from: 5 * hours, to: 6 * hours, pattern: "message .{1,6} failed", names: "orders"}
	}, true},
	{"errors", "a storm while Redis breaks", 8 * hours, func(w *world) *fault {
		w.outages = append(w.outages, span{5*hours + 10*minutes, 5*hours + 13*minutes})
		for _, a := range sixWorkers(w, random(3*time.Second)) {
			w.errors(a.host, "orders", "card declined", random(8*minutes))
			w.errors(a.host, "orders", "bank says no", random(3*time.Second)).during(5*hours, 7*hours)
		}
		return &fault{from: 5 * hours, to: 7 * hours, pattern: "(?i)(storm|errors)", names: "bank says no"}
	}, true},
	{"errors", "a storm goes on after Elva's restart", 8 * hours, func(w *world) *fault {
		w.restarts = []time.Duration{6 * hours}
		for _, a := range sixWorkers(w, random(3*time.Second)) {
			w.errors(a.host, "orders", "card declined", random(8*minutes))
			w.errors(a.host, "orders", "bank says no", random(3*time.Second)).during(5*hours, 7*hours)
		}
		return &fault{from: 6 * hours, to: 7 * hours, pattern: "(?i)(storm|errors?) ", names: "bank says no"}
	}, true},
	{"errors", "Lambdas begin to fail", 30 * hours, func(w *world) *fault {
		for at := minutes; at < w.length; at += scale(40*time.Second, w.rng.ExpFloat64()) {
			a := w.add("2026/11/23/[$LATEST]"+w.podSuffix()+w.podSuffix(), "thumb", steady(300*time.Millisecond)).during(at, at+2*time.Second)
			if w.rng.Float64() < 0.01 || at >= 20*hours && at < 23*hours && w.rng.Float64() < 0.5 {
				w.once(at+time.Second, a.host, "thumb", "cannot read image", record.Error)
			}
		}
		return &fault{from: 20 * hours, to: 23 * hours, pattern: "cannot read image", names: "thumb"}
	}, false},
	{"errors", "a nightly batch fails with a critical record", 3*day + 6*hours, func(w *world) *fault {
		w.cron("night-1", "backup", w.daily(1.5, minutes), fixed(20*minutes), steady(3*time.Second))
		w.addGroup("web-%d", 3, "orders", steady(8*time.Second))
		at := 2*day + 19*hours + 40*minutes
		w.once(at, "night-1", "backup", "backup failed: disk full", record.Critical)
		return &fault{from: at, to: at + 2*minutes, pattern: "(?i)(critical|disk full)", names: "night-1", oneOff: true}
	}, false},

	{"volume", "a worker slows down over an hour", 9 * hours, func(w *world) *fault {
		list := sixWorkers(w, random(time.Second))
		list[1].share = func(at time.Duration) float64 {
			if at >= 5*hours && at < 8*hours {
				return max(0.05, 1-float64(at-5*hours)/float64(hours))
			}
			return 1
		}
		return &fault{from: 5 * hours, to: 8 * hours, pattern: "(?i)web-2", names: "web-2"}
	}, true},
	{"volume", "a hang with a heartbeat, random work", 8 * hours, func(w *world) *fault {
		list := w.addGroup("job-%d", 4, "jobs", random(3*time.Second))
		for _, a := range list {
			b := w.add(a.host, "jobs", steady(10*time.Second))
			b.logger, b.messages = "jobs.ping", []string{"ping"}
		}
		list[2].dies(5*hours, 7*hours)
		return &fault{from: 5 * hours, to: 7 * hours, pattern: "(?i)job-3", names: "job-3"}
	}, true},
	{"volume", "one of six delivers every record twice", 7 * hours, func(w *world) *fault {
		sixWorkers(w, random(2*time.Second))[4].duplicatedIn = []span{{5 * hours, 6 * hours}}
		return &fault{from: 5 * hours, to: 6 * hours, pattern: "(?i)(twice|duplicate)", names: "(orders|web-5)"}
	}, false},
	{"restarts", "a crash loop with a growing pause", 8 * hours, func(w *world) *fault {
		a := sixWorkers(w, random(3*time.Second))[5].dies(5*hours, 7*hours)
		for at, pause := 5*hours, 10*time.Second; at < 7*hours; at, pause = at+pause, min(2*pause, 5*minutes) {
			w.once(at, a.host, "orders", "Starting orders 1.4.2", record.Info)
			w.once(at+2*time.Second, a.host, "orders", "cannot connect to the database", record.Error)
			at += 3 * time.Second
		}
		return &fault{from: 5 * hours, to: 7 * hours, pattern: "(?i)(restart|cannot connect|web-6)", names: "web-6"}
	}, true},
	{"clock", "45 seconds ahead", 5 * hours, func(w *world) *fault {
		sixWorkers(w, random(3*time.Second))[3].skew = clockOff(3*hours, 4*hours, 45*time.Second)
		return &fault{from: 3 * hours, to: 4 * hours, pattern: "(?i)clock of web-4.{0,20} 4[56] s", names: "web-4"}
	}, false},
}

// TestFleets_Variants measures false alarms and detected faults in the variants.
func TestFleets_Variants(t *testing.T) {
	skipUnderRace(t)
	names, newDetectors := detectors(*compareRules)
	all := slices.Concat(healthyVariants, healthyUnseen)
	out := evaluate(all, *long, newDetectors)
	logFalseAlarms(t, out[0])
	logHealthyTable(t, names, all, out)
	for _, m := range out[0] {
		if limit, ok := mostFalseMinutes[m.scene.name]; ok && (m.down[0] > limit.down || m.degraded[0] > limit.degraded) {
			t.Errorf("%s: %.1f minutes down and %.1f degraded; want at most %v and %v", m.scene.name, m.down[0], m.degraded[0], limit.down, limit.degraded)
		}
	}
	out = evaluate(slices.Concat(faultVariants, faultsUnseen), *long, newDetectors)
	logFaults(t, out[0])
	logFaultTable(t, names, out)
	for _, m := range out[0] {
		if limit, ok := longestDelays[m.scene.name]; ok && (!m.detected || m.delay > limit || m.held < 0.9) {
			t.Errorf("%s: detected %v after %v, held %.0f %%; want at most %v and 90 %%", m.scene.name, m.detected, m.delay, 100*m.held, limit)
		}
	}
}

// mostFalseMinutes is how long variants may be wrongly down or degraded in which a rule was once wrong.
var mostFalseMinutes = map[string]struct{ down, degraded float64 }{
	"a weekend of half-hour gaps":                        {2, 300}, // it was 3,180: an evening was accepted after two hours, but not learned
	"eight times the traffic after a mailing":            {1, 5},   // it was 90 and 117: the errors came with the traffic
	"warnings of a nightly backup":                       {0, 65},  // it was 122: no alarm was learned
	"four more pods at each full hour by day":            {0, 60},  // it was 1,133: their ends were never learned
	"green is nearly idle for an hour before the switch": {0, 5},   // it was 3,356: their successors were older than an hour
	"a queue that idles and drains":                      {0, 60},  // it was 1,121 a day: no flood was ever known, and its end was a lack of records
	"twelve pods by turns, slow nights":                  {0, 5},   // it was 6 a day: a young pod's gap counted as rare if it came once in its life
}

// longestDelays is the longest delay of variants in which a rule was once too slow.
var longestDelays = map[string]time.Duration{
	"half of eight with slow evenings":                   2 * minutes,  // it was 3:45, by the limits of the single workers
	"a storm goes on after Elva's restart":               4 * minutes,  // it was the baseline
	"one of five delivers twice, a second each":          time.Minute,  // duplicates were counted by service
	"a pod of a scaling service that says farewell else": 3 * minutes,  // its end was taken for scaling
	"six times as many of one in five minutes":           45 * minutes, // it was closed while it lasted: its rate was overestimated
}

// TestHalfQuiet_Text checks that half of a service is down, also two of four, and that its workers are no longer said to be
// active.
func TestHalfQuiet_Text(t *testing.T) {
	for _, test := range []struct {
		workers int
		want    string
	}{
		{6, "3 of 6 workers of orders: no logs since 07:59:59 (web-1, web-2, web-3). No errors in the last minute. 3 of 6 workers active."},
		{4, "2 of 4 workers of orders: no logs since 07:59:57 (web-1, web-2). No errors in the last minute. 2 of 4 workers active."},
	} {
		w := newWorld(3*hours, 1)
		for _, a := range w.addGroup("web-%d", test.workers, "orders", random(5*time.Second))[:test.workers/2] {
			a.dies(2*hours, w.length)
		}
		text := ""
		w.play([]detector{newElva()}, func(_ time.Duration, _ int, o finding) {
			if o.level == 2 && text == "" {
				text = o.text
			}
		})
		if text != test.want {
			t.Errorf("got %q, want %q", text, test.want)
		}
	}
}
