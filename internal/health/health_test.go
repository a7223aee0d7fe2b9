package health_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/status"
)

// live returns a document with a live connection that has delivered a record.
func live() status.Document {
	return status.Document{Redis: status.Link{State: status.Live, Since: epoch, LastRecord: epoch, Sources: []status.Source{{Name: "app", Records: 1}}}}
}

func report(h *health.Health, at time.Duration) status.Document {
	d := live()
	h.FillAll(&d, epoch.Add(at))
	return d
}

// logs lets a worker log every gap between two times.
func logEvery(h *health.Health, host string, gap, from, to time.Duration) {
	for at := from; at < to; at += gap {
		h.Observe(epoch.Add(at), "app", &record.Record{Level: record.Info, Host: host, Logger: "shop.cart", Message: "order accepted"}, 1)
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

func TestGroups_ByFingerprint(t *testing.T) {
	for _, c := range []struct {
		name    string
		records []record.Record
		want    []string // titles with counts, the newest first
	}{
		{"an exception and its last own frame, whatever the message", []record.Record{
			{Message: "order 1 failed", Trace: traceback}, {Message: "order 2 failed", Trace: strings.Replace(traceback, "-1", "-2", 1)},
		}, []string{"2 ValueError in pay.py charge"}},
		{"another line of the same function is the same group", []record.Record{
			{Trace: traceback}, {Trace: strings.Replace(traceback, "line 12", "line 13", 1)},
		}, []string{"2 ValueError in pay.py charge"}},
		{"another own frame is another group", []record.Record{
			{Trace: traceback}, {Trace: strings.Replace(traceback, "in charge", "in refund", 1)},
		}, []string{"1 ValueError in pay.py refund", "1 ValueError in pay.py charge"}},
		{"the last of a Python chain", []record.Record{
			{Trace: strings.Replace(traceback, "ValueError", "KeyError", 1) + "\n\nThe above exception was the direct cause of the following exception:\n\n" + traceback},
		}, []string{"1 ValueError in pay.py charge"}},
		{"Java", []record.Record{
			{Trace: "java.lang.IllegalStateException: no\n\tat java.util.Map.get(Map.java:1)\n\tat com.shop.Pay.charge(Pay.java:12)\n\tat com.shop.Main.main(Main.java:1)"},
		}, []string{"1 java.lang.IllegalStateException in com.shop.Pay.charge"}},
		{"JavaScript", []record.Record{
			{Trace: "TypeError: x is undefined\n    at get (/srv/node_modules/a/b.js:1:2)\n    at charge (/srv/pay.js:12:3)"},
		}, []string{"1 TypeError in pay.js charge"}},
		{"Go", []record.Record{
			{Trace: "panic: boom\n\ngoroutine 1 [running]:\nruntime.gopanic(0x1)\n\t/usr/lib/go/src/runtime/panic.go:1\nmain.(*store).reserve(0x1)\n\t/srv/main.go:12"},
		}, []string{"1 panic in main.(*store).reserve"}},
		{"a template, whatever the arguments", []record.Record{
			{Logger: "a", Template: "order %d failed", Message: "order 1 failed"}, {Logger: "a", Template: "order %d failed", Message: "order 2 failed"},
			{Logger: "b", Template: "order %d failed", Message: "order 2 failed"},
		}, []string{"1 order %d failed", "2 order %d failed"}},
		{"a message without its variable parts", []record.Record{
			{Message: "order 4711 of user a1b2-c3 failed after 3.5s"}, {Message: "order 4712 of user d4-e5 failed after 12s"},
		}, []string{"2 order # of user # failed after #"}},
		{"hostile", []record.Record{
			{Trace: "Traceback (most recent call last)\n\n\n"}, {Trace: "::::"}, {Message: strings.Repeat("é", 5000)}, {},
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := health.New(epoch)
			for i, r := range c.records {
				r.Level = record.Error
				h.Observe(epoch.Add(time.Duration(i)*time.Second), "app", &r, uint64(i))
			}
			d := report(h, time.Minute)
			var got []string
			for _, group := range d.ErrorGroups {
				got = append(got, fmt.Sprint(group.Count, " ", group.Title))
				if len(group.Title) > 200 {
					t.Errorf("a title of %d bytes", len(group.Title))
				}
			}
			if c.want != nil && strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestGroup_WorkersMinutesAndNewness(t *testing.T) {
	h := health.New(epoch)
	fail := func(at time.Duration, host, message string, seq uint64) {
		h.Observe(epoch.Add(at), "app", &record.Record{Level: record.Error, Host: host, Logger: "shop", Message: message}, seq)
	}
	logEvery(h, "web-0", 5*time.Second, 0, 45*time.Minute)
	fail(time.Minute, "web-1", "old", 1)
	for i := range 5 {
		fail(45*time.Minute+time.Duration(i)*time.Second, fmt.Sprint("web-", i%3), "fresh", uint64(i+2))
	}
	d := report(h, 45*time.Minute+10*time.Second)
	group := d.ErrorGroups[0]
	if group.Title != "fresh" || !group.New || group.Workers != 3 || group.LastSeq != 6 || group.Minutes[59] != 5 || len(group.Minutes) != 60 || !group.FirstSeen.Equal(epoch.Add(45*time.Minute)) {
		t.Errorf("group %+v", group)
	}
	if d.ErrorGroups[1].New || d.Totals.NewErrorGroups != 1 || d.Totals.ErrorGroups != 2 {
		t.Errorf("a group that was seen soon after the start counts as new: %+v, %+v", d.ErrorGroups[1], d.Totals)
	}
	if d := report(h, 47*time.Minute); d.Totals.NewErrorGroups != 0 || d.ErrorGroups[0].Minutes[57] != 5 {
		t.Errorf("a group that doesn't recur is still new: %+v", d.ErrorGroups[0])
	}
	if d := report(h, 110*time.Minute); d.ErrorGroups[0].Minutes[59] != 0 || d.ErrorGroups[0].Count != 5 {
		t.Errorf("after an hour: %+v", d.ErrorGroups[0])
	}
}

func TestWorker_GapsLevelsAndClock(t *testing.T) {
	h := health.New(epoch)
	for i := range 1200 {
		at := epoch.Add(time.Duration(i) * 2 * time.Second)
		level := record.Info
		if i%10 == 0 {
			level = record.Warning
		}
		if i == 1199 {
			level = record.Critical
		}
		h.Observe(at, "app", &record.Record{Time: at.Add(-3 * time.Second), Level: level, Host: "web-1", Logger: "shop.cart.x", Message: "x"}, 1)
	}
	d := report(h, 40*time.Minute)
	if len(d.Workers) != 1 {
		t.Fatalf("%d workers", len(d.Workers))
	}
	w := d.Workers[0]
	if w.Name != "web-1/shop" || w.State != status.Active || w.ExpectedInterval != 2 || w.Threshold != 15 || w.Records != 1200 || w.Skew != -3 {
		t.Errorf("worker %+v", w)
	}
	if w.Last60.Records != 1200 || w.Last60.Warnings != 120 || w.Last60.Errors != 1 || w.Last5.Records < 150 || w.Last5.Records > 158 || w.Last1.Records < 30 || w.Last1.Records > 38 {
		t.Errorf("windows %+v %+v %+v", w.Last1, w.Last5, w.Last60)
	}
	d = report(h, 40*time.Minute+25*time.Second)
	if d.Workers[0].State != status.Quiet || d.Totals.Quiet != 1 || d.Health.State != status.Down {
		t.Errorf("after 25 s of quiet: %+v, %+v", d.Workers[0], d.Health)
	}
	if d := report(h, 47*time.Hour); d.Health.State != status.Down || len(d.Workers) != 1 {
		t.Errorf("after two days of quiet: %+v", d.Health)
	}
}

func TestFillAll_MoreErrorsThanExpected(t *testing.T) {
	for _, c := range []struct {
		name      string
		length    time.Duration // of the run
		atLast    int           // errors in its last minute
		failing   bool
		elevated  bool
		perMinute int // errors in each minute before
	}{
		{"as many as ever", 30 * time.Minute, 2, false, false, 2},
		{"within chance", 30 * time.Minute, 8, false, false, 2},
		{"beyond chance", 30 * time.Minute, 20, true, true, 2},
		{"two after quiet", 30 * time.Minute, 2, false, false, 0},
		{"seven after quiet", 30 * time.Minute, 7, true, true, 0},
		{"no baseline yet, few", 30 * time.Second, 29, false, false, 0},
		{"no baseline yet, a storm", 30 * time.Second, 31, true, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := health.New(epoch)
			observe := func(at time.Duration, n int) {
				h.Observe(epoch.Add(at), "app", &record.Record{Level: record.Info, Host: "web-1", Message: "x"}, 1)
				for range n {
					h.Observe(epoch.Add(at), "app", &record.Record{Level: record.Error, Host: "web-1", Message: "x"}, 1)
				}
			}
			for at := time.Second; at < c.length-time.Minute; at += time.Minute {
				observe(at, c.perMinute)
			}
			observe(c.length-time.Second, c.atLast)
			d := report(h, c.length)
			if d.Workers[0].Failing != c.failing || d.Errors.Elevated != c.elevated {
				t.Errorf("failing %v, elevated %v; want %v, %v: %+v %+v", d.Workers[0].Failing, d.Errors.Elevated, c.failing, c.elevated, d.Errors, d.Workers[0])
			}
		})
	}
}

func TestWorker_ServiceField(t *testing.T) {
	h := health.New(epoch)
	for _, fields := range []string{`{"service":"pay","x":1}`, `{"service.name":"mail"}`, `{"service":{"name":"shop"}}`, `{"note":"\"service\":\"fake\""}`} {
		h.Observe(epoch, "app", &record.Record{Host: "h", Logger: "log.ger", Fields: []byte(fields)}, 1)
	}
	var got []string
	for _, w := range report(h, 0).Workers {
		got = append(got, fmt.Sprint(w.Name, w.Records))
	}
	if want := "[h/log1 h/mail1 h/pay1 h/shop1]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// TestRegistries_FloodOfNames fills every registry with names that differ each time.
func TestRegistries_FloodOfNames(t *testing.T) {
	h := health.New(epoch)
	const n = 20_000
	long := strings.Repeat("x", 10_000)
	logEvery(h, "web-1", 5*time.Second, 0, time.Hour)
	for i := range n {
		name := fmt.Sprint(string(rune('a'+i%26)), i, "x-", long)
		h.Observe(epoch.Add(time.Hour), name, &record.Record{Level: record.Error, Host: name, Logger: name, Template: name}, 1)
	}
	d := report(h, time.Hour+time.Second)
	if len(d.Workers) > 2000 || len(d.Workers) < 100 {
		t.Errorf("%d workers", len(d.Workers))
	}
	if got := len(d.Workers) + int(d.Totals.OtherRecords); got < n {
		t.Errorf("%d workers and %d other records of %d", len(d.Workers), d.Totals.OtherRecords, n)
	}
	if len(d.ErrorGroups) > 500 || len(d.ErrorGroups) < 100 || len(d.ErrorGroups)+int(d.Totals.OtherErrors) < n {
		t.Errorf("%d groups, %d other errors", len(d.ErrorGroups), d.Totals.OtherErrors)
	}
	if text, _ := json.Marshal(d); len(text) > 4<<20 {
		t.Errorf("the document has %d bytes", len(text))
	}
	if got := d.Counts["error"]; got != n {
		t.Errorf("%v errors counted, want %d", got, n)
	}
	if !strings.Contains(fmt.Sprint(d.Workers), "web-1/shop") {
		t.Error("a flood of new names has evicted a worker that logged for an hour")
	}
}

func TestSource_WithoutMessages(t *testing.T) {
	h := health.New(epoch)
	logEvery(h, "web-1", time.Second, 0, 2*time.Minute)
	d := live()
	d.Redis.Sources = append(d.Redis.Sources, status.Source{Name: "shop:mial"})
	h.Fill(&d, epoch.Add(2*time.Minute))
	if d.Health.State != status.Degraded || !strings.Contains(d.Health.Text, "No messages on shop:mial since 06:00:00") {
		t.Errorf("got %+v", d.Health)
	}
}

func TestObserve_ClockSetBack(t *testing.T) {
	h := health.New(epoch)
	for _, at := range []time.Duration{time.Hour, 0, -time.Hour, 2 * time.Hour, time.Minute} {
		h.Observe(epoch.Add(at), "app", &record.Record{Level: record.Error, Host: "h", Message: "x"}, 1)
	}
	if d := report(h, time.Second); d.Counts["error"] != 5 {
		t.Errorf("counts %v", d.Counts)
	}
}

// TestQuiet_ClockSetBack sets Elva's clock back by an hour. A quiet worker must still be reported in time.
func TestQuiet_ClockSetBack(t *testing.T) {
	h := health.New(epoch)
	for at := time.Duration(0); at < 2*time.Hour; at += 5 * time.Second {
		logEvery(h, "web-1", 5*time.Second, at, at+time.Second)
		report(h, at)
	}
	for at := time.Hour; at < 90*time.Minute; at += 5 * time.Second {
		logEvery(h, "web-1", 5*time.Second, at, at+time.Second)
		if d := report(h, at); d.Health.State != status.OK {
			t.Fatalf("at %v: %+v", at, d.Health)
		}
	}
	for at := 90 * time.Minute; at < 90*time.Minute+30*time.Second; at += 5 * time.Second {
		report(h, at)
	}
	if d := report(h, 90*time.Minute+30*time.Second); d.Health.State != status.Down || !strings.Contains(d.Health.Text, "no logs since 07:29:55") {
		t.Errorf("after 35 s of quiet: %+v", d.Health)
	}
}

func TestFillAll_ChangesOfTheState(t *testing.T) {
	h := health.New(epoch)
	fill := func(at time.Duration, state string) (d status.Document) {
		d = live()
		d.Redis.State = state
		h.FillAll(&d, epoch.Add(at))
		return d
	}
	logEvery(h, "web-1", time.Second, 0, time.Minute)
	fill(time.Minute, status.Live)
	fill(2*time.Minute, status.Down)
	d := fill(3*time.Minute, status.Down)
	last := d.Changes[len(d.Changes)-1]
	if last.State != status.Down || last.Text == "" || !last.At.Equal(epoch.Add(2*time.Minute)) {
		t.Errorf("the last change is %+v", last)
	}
	for i := range time.Duration(200) {
		d = fill(3*time.Minute+i*time.Second, []string{status.Live, status.Down}[i%2])
	}
	if len(d.Changes) != 50 || !d.Changes[49].At.After(d.Changes[0].At) {
		t.Errorf("%d changes, from %v to %v", len(d.Changes), d.Changes[0].At, d.Changes[len(d.Changes)-1].At)
	}
	short := live()
	if h.Fill(&short, epoch.Add(time.Hour)); short.Changes != nil {
		t.Errorf("a short document has %d changes", len(short.Changes))
	}
}
