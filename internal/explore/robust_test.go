package explore_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/explore"
	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/record"
)

// all returns one of each kind of summary, with a filter that selects everything.
func all() map[string]interface{ Add(record.Level, []byte) } {
	now := time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC)
	return map[string]interface{ Add(record.Level, []byte) }{
		"patterns": explore.NewPatterns(nil, now.Add(-time.Hour), now), "facets": explore.NewFacets(nil, nil), "named": explore.NewFacets(nil, []string{"a", "host"}),
		"operations": explore.NewOperations(nil, now, nil), "changes": explore.NewChanges(nil, now.Add(-time.Minute), now, now.Add(-time.Hour), now.Add(-time.Minute)),
	}
}

// TestExplore_DamagedRecords adds pieces of records, and records with bytes of others in them. Nothing panics, and every answer can be
// encoded.
func TestExplore_DamagedRecords(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var patterns group.Patterns
	counts := all()
	for i := range 20_000 {
		r := record.Decode(fmt.Sprintf(`{"level":"error","hostname":"web-1","logger":"shop","msg":"m %d","pid":%d,"request_id":"r%d","a":[1,"x",{"b":null}],"exc_info":"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'x'"}`, i, i, i%50))
		encoded := encode(i, time.Date(2026, 11, 29, 15, 59, i%60, 0, time.UTC), &r, &patterns)
		switch rng.IntN(3) {
		case 0:
			encoded = encoded[:rng.IntN(len(encoded)+1)]
		case 1:
			for range 1 + rng.IntN(3) {
				encoded[rng.IntN(len(encoded))] = `"\{}[],:0a`[rng.IntN(10)]
			}
		}
		for _, x := range counts {
			x.Add(record.Level(rng.IntN(7)), encoded)
		}
	}
	for name, x := range counts {
		t.Run(name, func(t *testing.T) { encoded(t, x) })
	}
}

// TestPatterns_TextIsOfTheSameRecord encodes the corpus of package record. The pattern in each encoding must equal the pattern of the decoded
// record.
func TestPatterns_TextIsOfTheSameRecord(t *testing.T) {
	files, err := filepath.Glob("../record/testdata/corpus/*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var patterns group.Patterns
	n := 0
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 4<<20)
		for lines.Scan() {
			var c struct{ Payload string }
			payload := lines.Text()
			if json.Unmarshal(lines.Bytes(), &c) == nil && c.Payload != "" {
				payload = c.Payload
			}
			r := record.Decode(payload)
			var back struct{ Message, Template, Trace, Pattern string }
			if err := json.Unmarshal(encode(1, time.Now(), &r, &patterns), &back); err != nil {
				t.Fatal(err)
			}
			again := string(group.AppendPattern(nil, patterns.Hash(&record.Record{Message: back.Message, Template: back.Template, Trace: back.Trace})))
			if n++; again != back.Pattern {
				t.Errorf("%.200s: pattern %s, read back %s", payload, back.Pattern, again)
			}
		}
		f.Close()
	}
	t.Logf("%d records", n)
}

// TestPatterns_MoreThanAreCounted adds more patterns than are counted one by one.
func TestPatterns_MoreThanAreCounted(t *testing.T) {
	p := explore.NewPatterns(nil, time.Time{}, time.Now())
	const n = 25_000
	for i := range n {
		p.Add(record.Info, fmt.Appendf(nil, `{"seq":1,"at":"2026-11-29T15:00:00.000000Z","channel":"a","worker":"w%d","message":"m","pattern":"%08x"}`, i, i))
		p.Add(record.Info, fmt.Appendf(nil, `{"seq":1,"at":"2026-11-29T15:00:00.000000Z","channel":"a","worker":"w","message":"m","pattern":"%08x"}`, i))
	}
	list := p.List(1000)
	listed := 0
	for _, x := range list.Patterns {
		listed += x.Count
	}
	if list.Records != 2*n || len(list.Patterns) != 1000 || list.Others.Patterns != n-1000 || listed+list.Others.Records != 2*n {
		t.Errorf("%d records, %d listed, others %+v", list.Records, listed, list.Others)
	}
}

// TestFacets_MoreThanAreCounted adds more values and fields than are counted one by one.
func TestFacets_MoreThanAreCounted(t *testing.T) {
	x := explore.NewFacets(nil, nil)
	for i := range 10_000 {
		x.Add(record.Info, fmt.Appendf(nil, `{"seq":1,"at":"2026-11-29T15:00:00.000000Z","channel":"a","fields":{"id":"v%d","f%d":1,"big":%q,"n":%d},"pattern":"00000000"}`, i, i, strings.Repeat("x", 300), i))
	}
	for _, f := range x.List(10).Facets {
		sum := f.Others
		for _, v := range f.Values {
			sum += v.Count
		}
		if sum != f.Present || f.Distinct > 20_000 || f.More != (f.Field == "id" || f.Field == "big" || f.Field == "n") {
			t.Errorf("%+v", f)
		}
		if f.Field == "n" && (f.Number.Min != 0 || f.Number.Max != 9999 || f.Number.Median != 5000 || f.Number.P95 != 9499) {
			t.Errorf("%+v", f.Number)
		}
	}
}

// TestFacets_ManyNumbers adds more numbers than are kept, and compares the estimates with the exact values.
func TestFacets_ManyNumbers(t *testing.T) {
	x := explore.NewFacets(nil, []string{"n"})
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200_000 {
		x.Add(record.Info, fmt.Appendf(nil, `{"seq":1,"at":"2026-11-29T15:00:00.000000Z","channel":"a","fields":{"n":%d},"pattern":"00000000"}`, rng.IntN(1000)))
	}
	n := x.List(10).Facets[0].Number
	if n.Min != 0 || n.Max != 999 || n.Median < 480 || n.Median > 520 || n.P95 < 940 || n.P95 > 960 {
		t.Errorf("%+v", n)
	}
}

// A step is one record of a thread, in milliseconds before now.
type step struct {
	before  int
	id      string
	level   record.Level
	message string
	host    string
}

func TestOperations_States(t *testing.T) {
	now := time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC)
	var steps []step
	request := func(id string, begin, took int, level record.Level) {
		steps = append(steps, step{begin, id, record.Info, "POST /checkout", "web-1"}, step{begin - took/2, id, level, "charging", "pay-1"})
		if took > 0 {
			steps = append(steps, step{begin - took, id, record.Info, "checkout done in 7 ms", "web-1"})
		}
	}
	for i := range 20 {
		request(fmt.Sprint("done-", i), 60_000+1000*i, 400, record.Info)
	}
	request("slow", 50_000, 5000, record.Info)
	request("failed", 40_000, 600, record.Error)
	request("just-done", 900, 400, record.Info)
	request("running", 1000, 0, record.Info) // its newest record does not end a thread
	steps = append(steps, step{20_000, "lost", record.Info, "POST /checkout", "web-1"}, step{10_000, "alone", record.Info, "nightly import", "jobs-1"})
	var patterns group.Patterns
	o := explore.NewOperations(nil, now, nil)
	for i := range 100_000 { // the newest first
		for _, s := range steps {
			if s.before != i {
				continue
			}
			at := now.Add(-time.Duration(s.before) * time.Millisecond)
			r := record.Decode(fmt.Sprintf(`{"level":%q,"msg":%q,"hostname":%q,"request_id":%q}`, s.level, s.message, s.host, s.id))
			o.Add(r.Level, encode(1, at, &r, &patterns))
		}
	}
	list := o.List()
	got := make(map[string]explore.Operation)
	var order []string
	for _, x := range list.Operations {
		got[x.ID] = x
		if !strings.HasPrefix(x.ID, "done-") {
			order = append(order, x.ID)
		}
	}
	for id, want := range map[string]struct {
		state    string
		duration int64
		slow     bool
	}{
		"done-3": {"done", 400, false}, "slow": {"done", 5000, true}, "failed": {"failed", 600, false}, "just-done": {"done", 400, false}, "running": {"running", 1000, false},
		"lost": {"done", 0, false}, "alone": {"running", 10_000, false}, // the normal duration of an import is unknown
	} {
		if x := got[id]; x.State != want.state || x.Duration != want.duration || x.Slow != want.slow {
			t.Errorf("%s: %+v, want %+v", id, x, want)
		}
	}
	if x := got["slow"]; x.Normal != 400 || x.Records != 3 || x.Kind != "request" || x.Name != "request_id" || x.Title != "POST /checkout" || strings.Join(x.Workers, " ") != "web-1 pay-1" {
		t.Errorf("%+v", x)
	}
	if want := (explore.OperationCounts{Running: 2, Failed: 1, Slow: 1, Done: 23}); list.Counts != want {
		t.Errorf("%+v, want %+v", list.Counts, want)
	}
	if want := "running alone failed slow just-done lost"; strings.Join(order, " ") != want {
		t.Errorf("order %s, want %s", strings.Join(order, " "), want)
	}
}

// TestOperations_MoreThanAreToldApart has 30,000 IDs.
func TestOperations_MoreThanAreToldApart(t *testing.T) {
	o := explore.NewOperations(nil, time.Now(), nil)
	for i := range 30_000 {
		o.Add(record.Info, fmt.Appendf(nil, `{"seq":1,"at":"2026-11-29T15:00:00.000000Z","channel":"a","worker":"w","ids":[{"kind":"job","name":"jid","value":"%d"}],"pattern":"00000000"}`, i))
	}
	list := o.List()
	if n := list.Counts.Running + list.Counts.Done; list.Complete || list.Reason == "" || n != 20_000 || len(list.Operations) != 200 {
		t.Errorf("%d of 20,000, %d listed, complete %v", n, len(list.Operations), list.Complete)
	}
}

// TestChanges_AddKeepsNothing passes all records in one buffer, as a search does.
func TestChanges_AddKeepsNothing(t *testing.T) {
	w := newWorld(100)
	incidents[0].begin(w)
	want := changesOf(w)
	w = newWorld(100)
	incidents[0].begin(w)
	end := w.begin.Add(worldMinutes * time.Minute)
	c := explore.NewChanges(nil, end.Add(-rangeMinutes*time.Minute), end, w.begin, end.Add(-rangeMinutes*time.Minute))
	lines := w.lines()
	buffer := make([]byte, 0, 64<<10)
	for i := len(lines) - 1; i >= 0; i-- {
		buffer = append(buffer[:0], lines[i].encoded...)
		c.Add(lines[i].level, buffer)
		clear(buffer)
	}
	if got := c.List().Changes; len(got) == 0 || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestChanges_FiltersAreRead parses the filter of every change.
func TestChanges_FiltersAreRead(t *testing.T) {
	for i, in := range incidents {
		w := newWorld(uint64(100 + i))
		in.begin(w)
		for _, c := range changesOf(w) {
			if _, err := filter.ParseQuery(c.Term, false); err != nil {
				t.Errorf("%s: %s: %v", c.Text, c.Term, err)
			}
		}
	}
}
