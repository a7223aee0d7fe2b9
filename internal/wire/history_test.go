package wire_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/resume"
	"github.com/SupermanScott/Elva/internal/wire"
)

// get answers a request as the handler does, and returns the status and the lines.
func get(t *testing.T, h *history.History, query string) (int, []string) {
	t.Helper()
	r := httptest.NewRequest("GET", "/?"+query, nil)
	w := httptest.NewRecorder()
	out := wire.NewResponse(w, r)
	request, err := wire.Accept(r)
	var f *filter.Filter
	if err == nil {
		if f, err = wire.ParseFilter(r.URL.RawQuery, &request, time.Now(), h.Stats().Oldest); err != nil {
			err = &wire.Refusal{Status: 400, Reason: err.Error()}
		}
	}
	switch s := wire.NewSearch(h, f, r.Context().Done()); {
	case err != nil:
		out.Refuse(err)
	case request.Kind == wire.Histogram:
		wire.ServeHistogram(out, r, h, s, &request)
	case request.Kind == wire.Patterns, request.Kind == wire.Facets, request.Kind == wire.Operations, request.Kind == wire.Changes:
		wire.NewExplorer().Serve(out, r, h, s, &request)
	default:
		wire.ServeRecords(out, r, h, s, &request, resume.NewIDFormat("E", nil))
	}
	return w.Code, strings.Split(strings.TrimSuffix(w.Body.String(), "\n"), "\n")
}

// logged returns a history with records of all levels and of times around their arrival, a part of them packed.
func logged(rng *rand.Rand, n int) *history.History {
	h := history.New(100_000, 1<<20, time.Millisecond)
	for i := range n {
		at := time.Now().Add(time.Duration(i-n) * 700 * time.Millisecond)
		r := record.Record{Level: record.Level(rng.IntN(7)), Logger: fmt.Sprint("part", i/500), Message: fmt.Sprint("message ", i, strings.Repeat(" x", rng.IntN(100)))}
		switch rng.IntN(200) {
		case 0:
			r.Time = at.Add(time.Duration(rng.IntN(100_000)-50_000) * time.Hour)
		case 1:
			r.Time = time.Date(1+rng.IntN(9998), 1, 1, 0, 0, 0, 0, time.UTC)
		case 2:
			h.AppendGap(at, history.Source{}, gap.Gap{Kind: gap.Redis, From: at, To: at})
		default:
			r.Time = at.Add(time.Duration(rng.IntN(30_000)-15_000) * time.Millisecond)
		}
		h.Append(at, history.Source{Channel: "app"}, "", &r)
	}
	synctest.Wait()
	return h
}

var historyFilters = []string{"", "level=warning", "level=none", "logger=part9", "q=x", "q=message+-level:info", "q=absent",
	"from=20m", "from=15m&to=300s", "to=10m&level=error,info", "q=at>2026-01-01T00:00:00Z", "from=9000-01-01T00:00:00Z"}

// TestHistogram_TheSumIsTheNumberOfRecords compares the counts of a histogram with the records of the same filter, in total and by bucket.
func TestHistogram_TheSumIsTheNumberOfRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 3))
		h := logged(rng, 20_000)
		defer h.Close()
		for _, f := range historyFilters {
			for _, size := range []string{"", "&buckets=7", "&buckets=1000", "&step=1d", "&step=3650d"} {
				if strings.HasPrefix(size, "&step") && strings.HasPrefix(f, "from=9000") {
					continue // its range depends on the current time
				}
				_, records := get(t, h, "records&"+f)
				if records[0] == "" {
					records = nil
				}
				code, lines := get(t, h, "histogram&"+f+size)
				if code != 200 {
					t.Fatalf("%s%s: %d %s", f, size, code, lines)
				}
				var last struct {
					Records  int
					Complete bool
				}
				if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || !last.Complete || last.Records != len(records) {
					t.Fatalf("%s%s: %s, %v; want %d records", f, size, lines[len(lines)-1], err, len(records))
				}
				sum, previous := 0, ""
				for _, line := range lines[1 : len(lines)-1] {
					var bucket struct {
						Time   string
						Counts map[string]int
					}
					if err := json.Unmarshal([]byte(line), &bucket); err != nil || previous != "" && bucket.Time >= previous {
						t.Fatalf("%s%s: bucket %s behind %s: %v", f, size, line, previous, err)
					}
					previous = bucket.Time
					for _, n := range bucket.Counts {
						sum += n
					}
				}
				if sum != len(records) {
					t.Fatalf("%s%s: buckets with %d records, want %d", f, size, sum, len(records))
				}
			}
		}
	})
}

// TestHistogram_WhileRecordsArrive counts while records are appended and segments are packed. Before each histogram, and after it, the records of
// the same filter up to the same number must be as many, by level and bucket.
func TestHistogram_WhileRecordsArrive(t *testing.T) {
	h := history.New(1_000_000, 8<<20, time.Millisecond) // large enough to drop nothing, small enough to pack most
	ended := make(chan struct{})
	defer h.Close()
	defer func() { <-ended }()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	began := time.Now().Add(-time.Hour)
	go func() {
		defer close(ended)
		rng := rand.New(rand.NewPCG(5, 5))
		for n := 0; ctx.Err() == nil; n++ {
			if n > 8_000 && n%200 == 0 {
				time.Sleep(50 * time.Millisecond) // a pace at which some segments are packed in a round
			}
			at := began.Add(time.Duration(n) * 20 * time.Millisecond)
			r := record.Record{Time: at.Add(-time.Duration(rng.IntN(20)) * time.Second), Level: record.Level(rng.IntN(7)), Logger: fmt.Sprint("part", n/2000),
				Message: fmt.Sprint("message ", n, strings.Repeat(" x", rng.IntN(60)))}
			h.Append(at, history.Source{Channel: "app"}, "", &r)
		}
	}()
	to := url.QueryEscape(began.Add(40 * time.Second).Format(time.RFC3339Nano)) // in a packed segment
	for h.Stats().Records < 8_000 {
		time.Sleep(time.Millisecond)
	}
	for range 2 {
		for _, f := range []string{"", "level=warning", "logger=part3", "q=x+-level:info", "q=absent", "to=" + to, "level=error&to=" + to} {
			counted, newest := histogramOf(t, h, f+"&step=10s")
			listed := make(map[string]int)
			_, lines := get(t, h, "records&"+f)
			for strings.HasPrefix(lines[len(lines)-1], `{"incomplete"`) { // the machine was too busy for the time that a search has
				_, lines = get(t, h, "records&"+f)
			}
			for _, line := range lines {
				var r struct {
					Seq   uint64
					Time  time.Time
					Level string
				}
				if line == "" {
					continue
				}
				if err := json.Unmarshal([]byte(line), &r); err != nil {
					t.Fatal(err)
				}
				if r.Level == "" {
					r.Level = "none"
				}
				if r.Seq <= newest {
					listed[fmt.Sprint(history.SlotOf(r.Time), " ", r.Level)]++
				}
			}
			if !maps.Equal(counted, listed) {
				t.Fatalf("%q up to %d: counted %v, listed %v", f, newest, counted, listed)
			}
		}
	}
}

// histogramOf returns the counts of a histogram by the start of the bucket and the level, and the number of the newest record at its start.
func histogramOf(t *testing.T, h *history.History, query string) (counts map[string]int, newest uint64) {
	t.Helper()
	var last struct {
		Records  int
		Complete bool
		Seq      uint64
	}
	var lines []string
	for !last.Complete { // see above
		_, lines = get(t, h, "histogram&"+query)
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
			t.Fatalf("%s: %s, %v", query, lines[len(lines)-1], err)
		}
	}
	counts, sum := make(map[string]int), 0
	for _, line := range lines[1 : len(lines)-1] {
		var bucket struct {
			Time   time.Time
			Counts map[string]int
		}
		if err := json.Unmarshal([]byte(line), &bucket); err != nil {
			t.Fatal(err)
		}
		for level, n := range bucket.Counts {
			counts[fmt.Sprint(bucket.Time.Unix(), " ", level)] += n
			sum += n
		}
	}
	if sum != last.Records {
		t.Fatalf("%s: buckets with %d records, and %d in the last line", query, sum, last.Records)
	}
	return counts, last.Seq
}

func TestHistogram_ABucketIsWhatTheSameRangeOfRecordsHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := logged(rand.New(rand.NewPCG(4, 4)), 5_000)
		defer h.Close()
		_, lines := get(t, h, "histogram&from=40m&level=debug")
		for _, line := range lines[1 : len(lines)-1] {
			var bucket struct {
				Time   time.Time
				Counts map[string]int
			}
			var head struct{ Step int }
			if json.Unmarshal([]byte(line), &bucket) != nil || json.Unmarshal([]byte(lines[0]), &head) != nil {
				t.Fatal(line)
			}
			for level, n := range bucket.Counts {
				end := bucket.Time.Add(time.Duration(head.Step) * time.Second)
				_, records := get(t, h, "records&level="+level+",&from="+url.QueryEscape(bucket.Time.Format(time.RFC3339))+"&to="+url.QueryEscape(end.Format(time.RFC3339)))
				if n > len(records) || n < len(records) && !strings.Contains(lines[len(lines)-2], line) { // from cuts the oldest bucket
					t.Errorf("%s: %d of level %s, and %d records", line, n, level, len(records))
				}
			}
		}
	})
}

// TestHistogram_EveryEndOfARange ends the range at each record's time, so also at the last one of each segment: that record does not belong to
// it. The range in the first line covers the one that was asked for.
func TestHistogram_EveryEndOfARange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(100_000, 1<<20, time.Millisecond)
		defer h.Close()
		const n = 600
		start := time.Date(2026, 1, 1, 0, 0, 7, 0, time.UTC)
		second := func(i int) string { return start.Add(time.Duration(i) * time.Second).Format(time.RFC3339) }
		for i := range n {
			r := record.Record{Level: record.Info, Time: start.Add(time.Duration(i) * time.Second), Message: strings.Repeat("x", 3000)}
			h.Append(r.Time, history.Source{Channel: "app"}, "", &r)
		}
		synctest.Wait()
		for i := 1; i < n; i++ {
			_, lines := get(t, h, "histogram&step=60s&from="+second(0)+"&to="+second(i))
			var head struct{ From, To string }
			var last struct{ Records int }
			if json.Unmarshal([]byte(lines[0]), &head) != nil || json.Unmarshal([]byte(lines[len(lines)-1]), &last) != nil || last.Records != i {
				t.Fatalf("%d records before %s, want %d", last.Records, second(i), i)
			}
			if head.From > second(0) || head.To < second(i) {
				t.Fatalf("from %s to %s does not cover the range to %s", head.From, head.To, second(i))
			}
		}
	})
}

// TestHistogram_TimesOfAllAges counts records of more times than there may be buckets, most of them from before 1970. Buckets begin at multiples
// of the step, before their records.
func TestHistogram_TimesOfAllAges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(100_000, 1<<20, time.Millisecond)
		defer h.Close()
		const n = 1500
		for year := range n {
			r := record.Record{Level: record.Info, Time: time.Date(1+year, 6, 1, 6, 30, 0, 0, time.UTC), Message: "x"}
			h.Append(time.Now(), history.Source{Channel: "app"}, "", &r)
		}
		synctest.Wait()
		_, lines := get(t, h, "histogram&step=1h&q=x")
		var last struct{ Records int }
		if json.Unmarshal([]byte(lines[len(lines)-1]), &last) != nil || last.Records != n || len(lines) > 1000+3 || len(lines) < 1000 {
			t.Errorf("%d lines, the last is %s", len(lines), lines[len(lines)-1])
		}
		if _, lines = get(t, h, "histogram&step=1d&from=0300-06-01T00:00:00Z&to=0300-06-02T12:00:00Z"); !strings.Contains(lines[1], "0300-06-01T00:00:00Z") {
			t.Errorf("the bucket is %s", lines[1])
		}
		if code, lines := get(t, h, "histogram&step=10s&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z"); code != 400 {
			t.Errorf("a range of more buckets than there may be: %d %s", code, lines[0])
		}
	})
}

type pageLine struct {
	Page *struct {
		More                        bool
		First, Last, Oldest, Newest string
		Reason                      string
	}
}

// TestRecords_PagesAddUpToEverything pages back and forth through all records that filters select.
func TestRecords_PagesAddUpToEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 5))
		h := logged(rng, 10_000)
		defer h.Close()
		filters := historyFilters
		for _, f := range historyFilters {
			filters = append(filters, "gaps&"+f)
		}
		for _, f := range filters {
			_, want := get(t, h, "records&"+f)
			if want[0] == "" {
				want = nil
			}
			for _, order := range []string{"&before=", "&newest&before=", "&after="} {
				var got []string
				for id, more := map[bool]string{true: "E-0"}[order == "&after="], true; more; {
					_, lines := get(t, h, fmt.Sprint("records&", f, order, id, "&limit=", 1+rng.IntN(3000)))
					var last pageLine
					if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Page == nil {
						t.Fatalf("%s%s: last line %s", f, order, lines[len(lines)-1])
					}
					lines = lines[:len(lines)-1]
					if strings.HasPrefix(order, "&newest") {
						slices.Reverse(lines)
					}
					if order == "&after=" {
						got, id = append(got, lines...), last.Page.Last
					} else {
						got, id = append(slices.Clone(lines), got...), last.Page.First
					}
					more = last.Page.More
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s%s: pages have %d records, want %d", f, order, len(got), len(want))
				}
			}
		}
	})
}

// TestRecords_GapsAreShownByTheirTime looks for gaps in segments in which the filter selects no record.
func TestRecords_GapsAreShownByTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := logged(rand.New(rand.NewPCG(7, 7)), 10_000)
		defer h.Close()
		gaps := func(query string) (list []string) {
			_, lines := get(t, h, query)
			for _, line := range lines {
				if strings.HasPrefix(line, `{"gap":{"seq":`) {
					list = append(list, line)
				}
			}
			return list
		}
		all := gaps("records&gaps&after=E-0")
		if len(all) < 20 || len(gaps("records&after=E-0")) > 0 {
			t.Fatalf("%d gaps", len(all))
		}
		for _, c := range []struct {
			filter string
			want   int
		}{
			{"logger=nobody", len(all)}, {"q=absent&level=critical", len(all)}, {"from=9000-01-01T00:00:00Z", 0},
		} {
			for _, order := range []string{"", "&limit=10", "&newest", "&after=E-0"} {
				if got := gaps("records&gaps&" + c.filter + order); len(got) != c.want {
					t.Errorf("%s%s: %d gaps, want %d", c.filter, order, len(got), c.want)
				}
			}
		}
		if got := len(gaps("records&gaps&logger=nobody&newest&from=20m")); got == 0 || got >= len(all) {
			t.Errorf("%d of %d gaps in the last 20 minutes", got, len(all))
		}
	})
}

func TestHistory_BadParameters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := logged(rand.New(rand.NewPCG(6, 6)), 100)
		defer h.Close()
		for _, c := range []struct {
			query string
			code  int
		}{
			{"events&last=0", 400}, {"events&last=x", 400}, {"records&last=5", 400}, {"records&limit=0", 400}, {"records&limit=1e9", 400}, {"records&limit=1000000000", 400}, {"records&limit=-1", 400},
			{"records&limit=99999999999999999999", 400}, {"records&before=nonsense", 400}, {"records&before=7", 400},
			{"records&before=OTHER-7&limit=5", 410}, {"records&after=OTHER-7", 410}, {"records&before=E-0", 200}, {"records&after=E-99999999", 200},
			{"records&before=E-18446744073709551615&limit=2", 200}, {"records&after=E-18446744073709551615", 200},
			{"records&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", 400}, {"records&from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", 200},
			{"histogram&step=1ms&from=1000d", 400}, {"histogram&step=10s", 200}, {"histogram&step=0s", 400}, {"histogram&step=x", 400},
			{"histogram&step=-10s", 400}, {"histogram&buckets=0", 400}, {"histogram&buckets=1001", 400}, {"histogram&buckets=5&step=10s", 400},
			{"histogram&from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z", 200}, {"histogram&from=999999999999999w&buckets=1", 200},
			{"histogram&from=0000-01-01T00:00:00Z&to=0000-01-01T00:00:01Z&buckets=1", 200}, {"histogram&to=-999999999999999w&buckets=1000", 200},
		} {
			if code, lines := get(t, h, c.query); code != c.code {
				t.Errorf("%s: %d %s, want %d", c.query, code, lines, c.code)
			}
		}
	})
}

func TestRecords_DownloadedAsText(t *testing.T) {
	h := history.New(10, 1<<20, time.Millisecond)
	h.Append(time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC), history.Source{Channel: "app"}, "", &record.Record{Level: record.Error, Message: "no\x1b"})
	h.Append(time.Date(2026, 11, 22, 17, 0, 1, 0, time.UTC), history.Source{Channel: "app"}, "", &record.Record{Message: "hello"})
	code, lines := get(t, h, "records&download=text&level=error")
	if want := []string{"2026-11-22 17:00:00.000 ERROR    no␛"}; code != 200 || !slices.Equal(lines, want) {
		t.Errorf("status %d, lines %q, want %q", code, lines, want)
	}
	for _, page := range []string{"&limit=1", "&newest&limit=1", "&after=E-1"} {
		code, lines := get(t, h, "records&download=text"+page)
		if want := "2026-11-22 17:00:01.000 -        hello"; code != 200 || len(lines) != 2 || lines[0] != want {
			t.Errorf("%s: status %d, lines %q, want %q and the page's line", page, code, lines, want)
		}
	}
}
