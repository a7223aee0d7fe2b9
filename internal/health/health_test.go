package health_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/record"
)

// live is a document whose link is live and has heard something.
func live() health.Document {
	return health.Document{Redis: health.Link{State: health.Live, Since: epoch, LastRecord: epoch, Sources: []health.Source{{Name: "app", Records: 1}}}}
}

func report(h *health.Health, at time.Duration) health.Document {
	d := live()
	h.FillAll(&d, epoch.Add(at))
	return d
}

func TestKindsOfErrors(t *testing.T) {
	for _, c := range []struct {
		name    string
		records []record.Record
		want    []string // titles with counts, the newest first
	}{
		{"an exception and its last own frame, whatever the message", []record.Record{
			{Message: "order 1 failed", Trace: traceback}, {Message: "order 2 failed", Trace: strings.Replace(traceback, "-1", "-2", 1)},
		}, []string{"2 ValueError in pay.py charge"}},
		{"another line of the same function is the same kind", []record.Record{
			{Trace: traceback}, {Trace: strings.Replace(traceback, "line 12", "line 13", 1)},
		}, []string{"2 ValueError in pay.py charge"}},
		{"another own frame is another kind", []record.Record{
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
		{"a message without what varies", []record.Record{
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
			for _, k := range d.Kinds {
				got = append(got, fmt.Sprint(k.Count, " ", k.Title))
				if len(k.Title) > 200 {
					t.Errorf("a title of %d bytes", len(k.Title))
				}
			}
			if c.want != nil && strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAKindKnowsItsWorkersItsHourAndWhetherItIsNew(t *testing.T) {
	h := health.New(epoch)
	fail := func(at time.Duration, host, message string, seq uint64) {
		h.Observe(epoch.Add(at), "app", &record.Record{Level: record.Error, Host: host, Logger: "shop", Message: message}, seq)
	}
	fail(time.Minute, "web-1", "old", 1)
	for i := range 5 {
		fail(30*time.Minute+time.Duration(i)*time.Second, fmt.Sprint("web-", i%3), "fresh", uint64(i+2))
	}
	d := report(h, 32*time.Minute)
	k := d.Kinds[0]
	if k.Title != "fresh" || !k.New || k.Workers != 3 || k.LastSeq != 6 || k.Minutes[57] != 5 || len(k.Minutes) != 60 || !k.FirstSeen.Equal(epoch.Add(30*time.Minute)) {
		t.Errorf("kind %+v", k)
	}
	if d.Kinds[1].New || d.Summary.NewKinds != 1 || d.Summary.Kinds != 2 {
		t.Errorf("what was seen at the start counts as new: %+v, %+v", d.Kinds[1], d.Summary)
	}
	if d := report(h, 41*time.Minute); d.Summary.NewKinds != 0 {
		t.Error("a kind is new for longer than ten minutes")
	}
	if d := report(h, 95*time.Minute); d.Kinds[0].Minutes[59] != 0 || d.Kinds[0].Count != 5 {
		t.Errorf("after an hour: %+v", d.Kinds[0])
	}
}

func TestAWorkerHasItsRhythmItsLevelsAndItsClock(t *testing.T) {
	h := health.New(epoch)
	for i := range 600 {
		at := epoch.Add(time.Duration(i) * 2 * time.Second)
		level := record.Info
		if i%10 == 0 {
			level = record.Warning
		}
		if i == 599 {
			level = record.Critical
		}
		h.Observe(at, "app", &record.Record{Time: at.Add(-3 * time.Second), Level: level, Host: "web-1", Logger: "shop.cart.x", Message: "x"}, 1)
	}
	d := report(h, 20*time.Minute)
	if len(d.Workers) != 1 {
		t.Fatalf("%d workers", len(d.Workers))
	}
	w := d.Workers[0]
	if w.Name != "web-1/shop" || w.State != health.Talking || w.Usual != 2 || w.Threshold != 20 || w.Records != 600 || w.Skew != -3 {
		t.Errorf("worker %+v", w)
	}
	if w.Last60.Records != 600 || w.Last60.Warnings != 60 || w.Last60.Errors != 1 || w.Last5.Records < 150 || w.Last5.Records > 158 || w.Last1.Records < 30 || w.Last1.Records > 38 {
		t.Errorf("windows %+v %+v %+v", w.Last1, w.Last5, w.Last60)
	}
	if d := report(h, 20*time.Minute+25*time.Second); d.Workers[0].State != health.Silent || d.Summary.Silent != 1 {
		t.Errorf("after 25 s of silence: %+v", d.Workers[0])
	}
	if d := report(h, 25*time.Hour); len(d.Workers) != 0 {
		t.Error("a worker is remembered after a day")
	}
}

func TestFillAll_ReportsWhatHasMoreErrorsThanExpected(t *testing.T) {
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
		{"four after quiet", 30 * time.Minute, 4, true, true, 0},
		{"no baseline yet, thirty", 30 * time.Second, 30, false, false, 0},
		{"no baseline yet, more", 30 * time.Second, 31, true, false, 0},
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

func TestAServiceFieldNamesTheWorker(t *testing.T) {
	h := health.New(epoch)
	for _, fields := range []string{`{"service":"pay","x":1}`, `{"service.name":"mail"}`, `{"service":{"name":"x"}}`, `{"note":"\"service\":\"fake\""}`} {
		h.Observe(epoch, "app", &record.Record{Host: "h", Logger: "log.ger", Fields: []byte(fields)}, 1)
	}
	var got []string
	for _, w := range report(h, 0).Workers {
		got = append(got, fmt.Sprint(w.Name, w.Records))
	}
	if want := "[h/log2 h/mail1 h/pay1]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// TestMemoryIsBoundedWhateverNamesAreLogged floods every list with names that are made anew.
func TestMemoryIsBoundedWhateverNamesAreLogged(t *testing.T) {
	h := health.New(epoch)
	const n = 20_000
	long := strings.Repeat("x", 10_000)
	for i := range n {
		name := fmt.Sprint("n", i, "-", long)
		h.Observe(epoch, name, &record.Record{Level: record.Error, Host: name, Logger: name, Template: name}, 1)
	}
	d := report(h, 0)
	if len(d.Workers) != 1000 || d.Summary.OtherRecords != n-1000 {
		t.Errorf("%d workers, %d other records", len(d.Workers), d.Summary.OtherRecords)
	}
	if len(d.Kinds) != 500 || d.Summary.OtherErrors != n-500 {
		t.Errorf("%d kinds, %d other errors", len(d.Kinds), d.Summary.OtherErrors)
	}
	text, _ := json.Marshal(d)
	if len(text) > 4<<20 {
		t.Errorf("the document has %d bytes", len(text))
	}
	if got := d.Counts["error"]; got != n {
		t.Errorf("%v errors counted, want %d", got, n)
	}
}

func TestASourceThatWasNeverHeardIsNotOK(t *testing.T) {
	h := health.New(epoch)
	h.Observe(epoch, "app", &record.Record{Level: record.Info}, 1)
	d := live()
	d.Redis.Sources = append(d.Redis.Sources, health.Source{Name: "shop:mial"})
	h.Fill(&d, epoch.Add(2*time.Minute))
	if d.Health.State != health.Attention || !strings.Contains(d.Health.Verdict, "Never heard: shop:mial (check the name).") {
		t.Errorf("got %+v", d.Health)
	}
}

func TestTheClockMayGoBack(t *testing.T) {
	h := health.New(epoch)
	for _, at := range []time.Duration{time.Hour, 0, -time.Hour, 2 * time.Hour, time.Minute} {
		h.Observe(epoch.Add(at), "app", &record.Record{Level: record.Error, Host: "h", Message: "x"}, 1)
	}
	if d := report(h, time.Second); d.Counts["error"] != 5 {
		t.Errorf("counts %v", d.Counts)
	}
}

func TestPrometheusText(t *testing.T) {
	h := health.New(epoch)
	h.Observe(epoch, "a\"b\\c\nd", &record.Record{Level: record.Error}, 1)
	h.Observe(epoch, "app", &record.Record{}, 1)
	w := httptest.NewRecorder()
	d := live()
	h.Fill(&d, epoch.Add(time.Minute))
	h.ServePrometheus(w, d)
	for _, want := range []string{
		"# TYPE elva_records_total counter\n",
		`elva_records_total{channel="a\"b\\c\nd",level="error"} 1` + "\n",
		`elva_records_total{channel="app",level="none"} 1` + "\n",
		"elva_redis_up 1\n", "elva_workers 2\n", "elva_workers_silent 0\n", "elva_gaps_total 0\n", "elva_health ",
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %q in\n%s", want, w.Body)
		}
	}
	for line := range strings.Lines(w.Body.String()) {
		if line != "# HELP" && !strings.HasPrefix(line, "# ") && !strings.HasPrefix(line, "elva_") {
			t.Errorf("line %q", line)
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	records := make([]record.Record, 7)
	for i := range records {
		records[i] = record.Record{Time: epoch, Level: record.Info, Host: fmt.Sprint("web-", i), Logger: "shop.worker", Message: "order 4711 shipped", Fields: []byte(`{"username":"root"}`)}
	}
	b.Run("info", func(b *testing.B) {
		h := health.New(epoch)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			h.Observe(epoch.Add(time.Duration(i)*time.Millisecond), "app", &records[i%7], uint64(i))
		}
	})
	for name, r := range map[string]record.Record{
		"error with a template": {Level: record.Error, Host: "web-1", Logger: "shop.worker", Template: "order %d failed", Message: "order 4711 failed"},
		"error with a message":  {Level: record.Error, Host: "web-1", Logger: "shop.worker", Message: "order 4711 failed"},
		"error with a trace":    {Level: record.Error, Host: "web-1", Logger: "shop.worker", Message: "order 4711 failed", Trace: traceback},
	} {
		b.Run(name, func(b *testing.B) {
			h := health.New(epoch)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				h.Observe(epoch.Add(time.Duration(i)*time.Millisecond), "app", &r, uint64(i))
			}
		})
	}
}
