package health_test

import (
	"fmt"
	"github.com/SupermanScott/Elva/internal/status"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/record"
)

// said is one record of a simulated fleet.
type said struct {
	at      time.Duration // since epoch
	host    string
	logger  string
	level   record.Level
	message string
	trace   string
	skew    time.Duration
}

// fleet makes records. Its methods add to it.
type fleet struct {
	rng     *rand.Rand
	records []said
}

// every lets a host speak about every gap, from one time to another.
func (f *fleet) every(host string, gap, from, to time.Duration) *fleet {
	for at := from; at < to; at += time.Duration(float64(gap) * (0.7 + 0.6*f.rng.Float64())) {
		f.say(said{at: at, host: host, level: record.Info, message: "working"})
	}
	return f
}

// random lets a host speak at random times with that mean gap.
func (f *fleet) random(host string, gap, from, to time.Duration, level record.Level, message string) *fleet {
	for at := from; at < to; at += time.Duration(f.rng.ExpFloat64() * float64(gap)) {
		f.say(said{at: at, host: host, level: level, message: message})
	}
	return f
}

func (f *fleet) say(s said) {
	if s.logger == "" {
		s.logger = "shop.worker"
	}
	f.records = append(f.records, s)
}

// moment is a verdict at a time.
type moment struct {
	at time.Duration
	status.Verdict
}

// watch plays the fleet and asks for the verdict every five seconds. redis says how the link is.
func (f *fleet) watch(length time.Duration, redis func(at time.Duration) (state string, since time.Duration)) []moment {
	sort.SliceStable(f.records, func(i, j int) bool { return f.records[i].at < f.records[j].at })
	h := health.New(epoch)
	var list []moment
	next, last := 0, time.Time{}
	wasDown := false
	for at := time.Duration(0); at < length; at += 5 * time.Second {
		state, since := status.Live, time.Duration(0)
		if redis != nil {
			state, since = redis(at)
		}
		for ; next < len(f.records) && f.records[next].at <= at; next++ {
			s := f.records[next]
			if state != status.Live {
				continue // Pub/Sub keeps nothing
			}
			if wasDown {
				h.Interrupted(epoch.Add(since))
				wasDown = false
			}
			last = epoch.Add(s.at)
			r := record.Record{Time: last.Add(s.skew), Level: s.level, Host: s.host, Logger: s.logger, Message: s.message, Trace: s.trace}
			h.Observe(last, "app", &r, uint64(next+1))
		}
		wasDown = wasDown || state != status.Live
		d := status.Document{Redis: status.Link{
			State: state, Since: epoch.Add(since), Text: "No connection to Redis", LastRecord: last,
			Sources: []status.Source{{Name: "app", Records: uint64(next)}},
		}}
		h.Fill(&d, epoch.Add(at))
		list = append(list, moment{at, d.Health})
	}
	return list
}

// share returns which part of the moments between two times has one of the states.
func share(list []moment, from, to time.Duration, states ...string) float64 {
	n, hits := 0, 0
	for _, m := range list {
		if m.at >= from && m.at < to {
			n++
			for _, s := range states {
				if m.State == s {
					hits++
				}
			}
		}
	}
	return float64(hits) / float64(n)
}

// delay returns how long after from the first moment comes that has the state and the words.
func delay(list []moment, from time.Duration, state, words string) (time.Duration, bool) {
	for _, m := range list {
		if m.at >= from && m.State == state && strings.Contains(m.Verdict.Verdict, words) {
			return m.at - from, true
		}
	}
	return 0, false
}

// TestSimulatedFleets says for each fleet what must be seen and how soon, and how much may be said in
// vain. Run with -v it prints the table.
func TestSimulatedFleets(t *testing.T) {
	seven := func(f *fleet, to time.Duration) *fleet {
		for i := range 7 {
			f.every(fmt.Sprint("web-", i+1), 2*time.Second, 0, to)
		}
		return f
	}
	for _, c := range []struct {
		name   string
		length time.Duration
		build  func(f *fleet)
		redis  func(at time.Duration) (string, time.Duration)
		// What must be seen: a state with these words, at most so long after a time.
		from  time.Duration
		state string
		words string
		soon  time.Duration
		// What may not: these states between two times, in more than that part of the moments.
		calmFrom, calmTo time.Duration
		alarms           []string
		most             float64
	}{
		{name: "steady", length: 6 * hours, build: func(f *fleet) { seven(f, 6*hours) },
			from: 0, state: "ok", words: "7 workers talking. No errors", soon: 2 * minutes,
			calmFrom: 0, calmTo: 6 * hours, alarms: []string{"trouble", "attention"}},
		{name: "a start begins as unknown", length: 2 * minutes, build: func(f *fleet) { seven(f, 2*minutes) },
			from: 5 * time.Second, state: "unknown", words: "too early to judge", soon: 0,
			calmFrom: 0, calmTo: 30 * time.Second, alarms: []string{"trouble", "attention", "ok"}},
		{name: "bursty: 20 s of work every 5 min", length: 24 * hours, build: func(f *fleet) {
			seven(f, 24*hours)
			for at := time.Duration(0); at < 24*hours; at += 5 * minutes {
				f.every("batch-1", 300*time.Millisecond, at, at+20*time.Second)
			}
		}, calmFrom: 0, calmTo: 24 * hours, alarms: []string{"trouble"}},
		{name: "hourly", length: 72 * hours, build: func(f *fleet) {
			seven(f, 72*hours)
			f.every("cron-1", hours, minutes, 72*hours)
		}, calmFrom: 0, calmTo: 72 * hours, alarms: []string{"trouble"}},
		{name: "hourly, five seconds of work each", length: 72 * hours, build: func(f *fleet) {
			seven(f, 72*hours)
			for at := time.Duration(0); at < 72*hours; at += hours {
				f.every("cron-1", 100*time.Millisecond, at, at+5*time.Second)
			}
		}, calmFrom: 0, calmTo: 72 * hours, alarms: []string{"trouble"}},
		{name: "a job of 40 s that never comes back", length: 2 * hours, build: func(f *fleet) {
			seven(f, 2*hours).every("job-1", time.Second, 10*minutes, 10*minutes+40*time.Second)
		}, calmFrom: 0, calmTo: 2 * hours, alarms: []string{"trouble"}},
		{name: "at random, mean 5 s", length: 48 * hours, build: func(f *fleet) {
			for i := range 5 {
				f.random(fmt.Sprint("web-", i+1), 5*time.Second, 0, 48*hours, record.Info, "x")
			}
		}, calmFrom: 0, calmTo: 48 * hours, alarms: []string{"trouble"}, most: 0.0005},
		{name: "day and night, after the first night", length: 120 * hours, build: func(f *fleet) {
			for i := range 3 {
				host := fmt.Sprint("web-", i+1)
				for day := time.Duration(0); day < 120*hours; day += 24 * hours {
					f.every(host, 3*time.Second, day, day+14*hours)
					f.every(host, 20*minutes, day+14*hours, day+24*hours)
				}
			}
		}, calmFrom: 24 * hours, calmTo: 120 * hours, alarms: []string{"trouble"}, most: 0.001},
		{name: "deploy of containers: new host names", length: 3 * hours, build: func(f *fleet) {
			for i := range 5 {
				stop := hours + time.Duration(i)*10*time.Second
				f.every(fmt.Sprintf("pod-a%d", i), 2*time.Second, 0, stop)
				f.every(fmt.Sprintf("pod-b%d", i), 2*time.Second, stop-5*time.Second, 3*hours)
			}
		}, from: hours + minutes, state: "ok", words: "5 workers talking", soon: 2 * minutes,
			calmFrom: 0, calmTo: 3 * hours, alarms: []string{"trouble"}},
		{name: "restart in place, 12 s", length: 3 * hours, build: func(f *fleet) {
			for i := range 5 {
				f.every(fmt.Sprint("web-", i), time.Second, 0, hours).every(fmt.Sprint("web-", i), time.Second, hours+12*time.Second, 3*hours)
			}
		}, calmFrom: 0, calmTo: 3 * hours, alarms: []string{"trouble"}},
		{name: "one host dies", length: 3 * hours, build: func(f *fleet) {
			seven(f, 3*hours).every("web-8", 2*time.Second, 0, hours)
		}, from: hours, state: "trouble", words: "7 of 8 workers talking, web-8/shop silent for", soon: 30 * time.Second,
			calmFrom: 0, calmTo: hours, alarms: []string{"trouble", "attention"}},
		{name: "everything dies", length: 2 * hours, build: func(f *fleet) { seven(f, hours) },
			from: hours, state: "trouble", words: "All 7 workers silent", soon: 40 * time.Second,
			calmFrom: 0, calmTo: hours, alarms: []string{"trouble", "attention"}},
		{name: "the hourly worker dies", length: 80 * hours, build: func(f *fleet) {
			seven(f, 80*hours).every("cron-1", hours, 0, 60*hours)
		}, from: 60 * hours, state: "trouble", words: "cron-1/shop silent", soon: 6 * hours,
			calmFrom: 0, calmTo: 60 * hours, alarms: []string{"trouble"}},
		{name: "a clock 5 min ahead", length: hours, build: func(f *fleet) {
			seven(f, hours)
			for at := 10 * minutes; at < hours; at += 2 * time.Second {
				f.say(said{at: at, host: "web-8", level: record.Info, message: "x", skew: 5 * minutes})
			}
		}, from: 10 * minutes, state: "attention", words: "The clock of web-8/shop is 5 min ahead", soon: 2 * minutes,
			calmFrom: 0, calmTo: hours, alarms: []string{"trouble"}},
		{name: "a flood of one error", length: 2 * hours, build: func(f *fleet) {
			seven(f, 2*hours)
			for at := hours; at < hours+10*minutes; at += 50 * time.Millisecond {
				f.say(said{at: at, host: "web-3", level: record.Error, message: fmt.Sprint("order ", at.Milliseconds(), " failed")})
			}
		}, from: hours, state: "trouble", words: "mostly from web-3/shop", soon: 10 * time.Second,
			calmFrom: 0, calmTo: hours, alarms: []string{"trouble", "attention"}},
		{name: "a slow leak of a new error", length: 3 * hours, build: func(f *fleet) {
			seven(f, 3*hours)
			for at := hours; at < 3*hours; at += 4 * minutes {
				f.say(said{at: at, host: "web-3", level: record.Error, message: "failed", trace: traceback})
			}
		}, from: hours, state: "attention", words: "1 new kind of error, 0 s ago: ValueError in pay.py charge", soon: 5 * time.Second,
			calmFrom: hours + 20*minutes, calmTo: 3 * hours, alarms: []string{"trouble", "attention"}},
		{name: "errors as usual, 2 a minute at random", length: 24 * hours, build: func(f *fleet) {
			seven(f, 24*hours).random("web-1", 30*time.Second, 0, 24*hours, record.Error, "declined")
		}, calmFrom: 20 * minutes, calmTo: 24 * hours, alarms: []string{"trouble", "attention"}, most: 0.01},
		{name: "Redis down for 10 min", length: 3 * hours, build: func(f *fleet) { seven(f, 3*hours) },
			redis: func(at time.Duration) (string, time.Duration) {
				switch {
				case at < hours:
					return status.Live, 0
				case at < hours+10*minutes:
					return status.Down, hours
				}
				return status.Live, hours + 10*minutes
			},
			from: hours, state: "trouble", words: "No connection to Redis", soon: 0,
			calmFrom: hours + 10*minutes, calmTo: 3 * hours, alarms: []string{"trouble", "attention"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &fleet{rng: rand.New(rand.NewPCG(7, 7))}
			c.build(f)
			list := f.watch(c.length, c.redis)
			line := ""
			if c.state != "" {
				took, ok := delay(list, c.from, c.state, c.words)
				if !ok {
					t.Errorf("never %s with %q; at the end: %s", c.state, c.words, list[len(list)-1].Verdict.Verdict)
				} else if took > c.soon {
					t.Errorf("%s with %q after %v, want within %v", c.state, c.words, took, c.soon)
				}
				line = fmt.Sprintf("%s after %v; ", c.state, took)
			}
			alarms := share(list, c.calmFrom, c.calmTo, c.alarms...)
			if alarms > c.most {
				for _, m := range list {
					if m.at >= c.calmFrom && m.at < c.calmTo && strings.Contains(strings.Join(c.alarms, " "), m.State) {
						t.Errorf("%.3f %% of the moments are %v, want at most %.3f %%; the first at %v: %s", 100*alarms, c.alarms, 100*c.most, m.at, m.Verdict.Verdict)
						break
					}
				}
			}
			t.Logf("%s: %s%.3f %% of moments in vain (%v)", c.name, line, 100*alarms, c.calmTo-c.calmFrom)
		})
	}
}

const traceback = `Traceback (most recent call last):
  File "/srv/app/main.py", line 10, in run
    charge(order)
  File "/srv/app/pay.py", line 12, in charge
    client.post(order)
  File "/usr/lib/python3/dist-packages/requests/api.py", line 115, in post
    return request("post", url)
ValueError: bad amount: -1`
