package filter_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
)

var now = time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC)

// parse parses valid parameters.
func parse(t testing.TB, params string, own ...string) *filter.Filter {
	t.Helper()
	f, err := filter.Parse(params, now, own...)
	if err != nil {
		t.Fatalf("%s: %v", params, err)
	}
	return f
}

func TestParse_NothingAskedFor(t *testing.T) {
	for _, params := range []string{"", "q=", "level=&from=", "events&after=x-1", "q=%22%22", "logger=."} {
		if f := parse(t, params, "events", "after"); f != nil {
			t.Errorf("%q is the filter %q", params, f)
		}
	}
	var f *filter.Filter
	if !f.Match(record.Unknown, nil) || !f.MayMatch(nil) || !f.CanMatch(&filter.Segment{}) || !f.GapInRange(now, now) || f.Key() != "" || f.String() != "" || f.Query() != "" {
		t.Error("a nil filter does not select all")
	}
}

func TestParse_OwnNamesOfTheEndpoint(t *testing.T) {
	if f := parse(t, "records&limit=5&q=a&download", "records", "limit", "download"); f.String() != "q=a" {
		t.Errorf("got %q", f)
	}
	if _, err := filter.Parse("limit=5&q=a", now); err == nil || err.Error() != `there is no parameter "limit"; known are level, logger, channel, host, worker, id, from, to, case, q` {
		t.Errorf("got %v", err)
	}
	if _, err := filter.Parse("download=%ff", now, "download"); err == nil {
		t.Error("a query that can't be read is accepted because the endpoint owns the name")
	}
}

func TestError_SaysWhereInTheQuery(t *testing.T) {
	_, err := filter.Parse("q=a+level:loud", now)
	if want := `"loud" is not a level; levels are trace, debug, info, warning, error, critical, none (at character 9 of the query)`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Two viewers with a duration before now have different times, so they must not share a selection.
func TestKey_DurationBackFromNow(t *testing.T) {
	a := parse(t, "from=15m")
	b, err := filter.Parse("from=15m", now.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if a.Key() == b.Key() || a.String() != b.String() {
		t.Errorf("keys %q and %q of %q and %q", a.Key(), b.Key(), a, b)
	}
	if parse(t, "q=a+b").Key() != parse(t, "q=a&q=b").Key() {
		t.Error("the same filter has two keys")
	}
}

func TestMatch_NoEncodingOfARecord(t *testing.T) {
	f := parse(t, "q=-host:x")
	for _, encoded := range []string{"", "{", `{"a`, `{"a"`, `{"a":`, `{"host":"x`, `{"fields":{"a":1`, `{"ids":[`, "null", `{"host":"y","x":`} {
		for n := range len(encoded) + 1 {
			f.Match(record.Info, []byte(encoded[:n])) // must not panic
		}
	}
	if !f.Match(record.Info, []byte(`{"host":"y","x`)) || !f.Match(record.Info, nil) {
		t.Error("a record is lost because its encoding is damaged")
	}
}

func TestClauses_AreTheChips(t *testing.T) {
	f := parse(t, `q=a OR "b c" -level:info&q=took>5`)
	want := []string{`a OR "b c"`, "-level:info", "took>5"}
	if got := f.Clauses(); !slices.Equal(got, want) || f.Query() != strings.Join(want, " ") {
		t.Errorf("got %q", got)
	}
}

func TestCanMatch_Segments(t *testing.T) {
	segment := filter.Segment{
		Levels:  1<<record.Info | 1<<record.Warning,
		Loggers: []string{"shop.cart", "", "Mail"}, Channels: []string{"app:log"}, Hosts: []string{"web-1", "web-2"},
		From: now.Add(-time.Hour), To: now.Add(-time.Minute),
	}
	for _, c := range []struct {
		params string
		want   bool
	}{
		{"q=anything", true},
		{"level=warning", true},
		{"level=error", false},
		{"level=none", false},
		{"q=level:error", false},
		{"q=-level:info", true},
		{"q=-level:info,warning", false},
		{"q=level:error+OR+boom", true},
		{"q=level:error+OR+level:info", true},
		{"logger=shop", true},
		{"logger=mail", true},
		{"logger=shop.db", false},
		{"logger=-shop", true},
		{"logger=-shop&logger=-mail", true}, // the records without a logger
		{"q=logger:*+-logger:shop+-logger:mail", true},
		{"q=logger:shop.db", false},
		{"q=logger=shop", false},
		{"q=logger:/^m/", true},
		{"q=logger:/^x/", false},
		{"q=-logger:/./", true},
		{"q=-channel:app:log", false},
		{"channel=app:log&case=1", true},
		{"logger=mail&case=1", false},
		{"host=-web-1&host=-web-2", false},
		{"q=host:web-1+host:web-3", false},
		{"worker=w", true}, // not known
		{"from=30m", true},
		{"to=30m", true},
		{"from=30s", false},
		{"to=60m", false}, // not included
		{"from=60m&to=59m", true},
		{"from=1m", true},
	} {
		if got := parse(t, c.params).CanMatch(&segment); got != c.want {
			t.Errorf("%s: %v, want %v", c.params, got, c.want)
		}
	}
}

// TestIndexer_ManyNames indexes about as many loggers as an index names. A search for any of them must open the segment.
func TestIndexer_ManyNames(t *testing.T) {
	for n := 63; n <= 67; n++ {
		var x filter.Indexer
		x.Reset()
		for i := range n {
			x.Add(record.Info, []byte(fmt.Sprintf(`{"seq":1,"at":"2026-11-29T16:00:00Z","channel":"app","level":"info","logger":"l%d","message":"x"}`, i)))
		}
		segment := x.Segment()
		for i := range n {
			if !parse(t, fmt.Sprint("logger=l", i)).CanMatch(&segment) {
				t.Errorf("of %d loggers, the index lacks l%d", n, i)
			}
		}
		if n < 65 && parse(t, "logger=absent").CanMatch(&segment) {
			t.Errorf("of %d loggers, the index can't say that another is absent", n)
		}
	}
}

func TestLevels_WhatAnIndexAnswersAlone(t *testing.T) {
	for _, c := range []struct {
		params string
		levels string
		exact  bool
	}{
		{"case=1", "trace,debug,info,warning,error,critical,none", true},
		{"level=error&from=5m", "error,critical", true},
		{"level=error&q=-level:critical", "error", true},
		{"q=level:info+OR+level:error", "info,error", true},
		{"q=level:info+OR+x", "trace,debug,info,warning,error,critical,none", false},
		{"level=info&host=x", "info,warning,error,critical", false},
		{"id=7", "trace,debug,info,warning,error,critical,none", false},
	} {
		if set, exact := parse(t, c.params).Levels(); set.String() != c.levels || exact != c.exact {
			t.Errorf("%s: %v, %v", c.params, set, exact)
		}
	}
	if from, to := parse(t, "from=15m").Range(); !from.Equal(now.Add(-15*time.Minute)) || !to.IsZero() {
		t.Errorf("the range is %v, %v", from, to)
	}
}

func TestGapInRange(t *testing.T) {
	for _, c := range []struct {
		params string
		want   bool
	}{
		{"q=x&level=error", true},
		{"from=10m", true},
		{"from=5m", true},
		{"from=4m", false},
		{"to=5m", true},
		{"to=10m", false},
	} {
		if got := parse(t, c.params).GapInRange(now.Add(-10*time.Minute), now.Add(-5*time.Minute)); got != c.want {
			t.Errorf("%s: %v, want %v", c.params, got, c.want)
		}
	}
	if !parse(t, "from=5m").GapInRange(time.Time{}, time.Time{}) {
		t.Error("a gap of unknown times is hidden")
	}
}

// TestParse_MemoryOfPatterns compiles the largest filter that is allowed.
func TestParse_MemoryOfPatterns(t *testing.T) {
	const bound = 64 << 20
	for name, q := range map[string]string{
		"a count":                 "/(?:[^a]|b){500}/",
		"counts in counts":        "/((((a?){10}){10}){10})/",
		"optional counts":         "/(?:a{0,30}){33}/",
		"classes of all letters":  strings.Repeat("/"+strings.Repeat(`[!-𞤀]`, 83)+"/ ", 4),
		"classes of many letters": strings.Repeat("/"+strings.Repeat(`[^À-ɏ]`, 71)+"/ ", 3),
		"a class and a count":     `/[^\W!-𞤀]{1000}/`,
		"alternatives":            strings.Repeat("/"+strings.Repeat("a|", 249)+"/ ", 3),
		"nested repeats":          "/" + strings.Repeat("(", 160) + "a" + strings.Repeat(")+", 160) + "/",
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			f, err := filter.ParseQuery(q, false)
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > bound {
				t.Errorf("%d bytes", used)
			}
			f.Match(record.Info, []byte(`{"message":"`+strings.Repeat("ab", 1000)+`"}`))
		})
	}
}

// The page has a copy of the words for levels, since it must parse them without a request to the server.
func TestLevelWords_PageHasTheSame(t *testing.T) {
	source := func(name string) string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	page := source("../../view/app/query-terms.js")
	_, page, _ = strings.Cut(page, "const LEVEL_WORDS")
	page, _, _ = strings.Cut(page, "});")
	words := regexp.MustCompile(`(?m)^\s*(\w+): "([a-z ]+)"`).FindAllStringSubmatch(page, -1)
	if len(words) != 6 {
		t.Fatalf("%d levels in the page's list", len(words))
	}
	known := map[string]bool{"none": true}
	for _, m := range words {
		for _, word := range append(strings.Fields(m[2]), m[1]) {
			known[word] = true
			if f, err := filter.ParseQuery("level:"+word, false); err != nil || f.Query() != "level:"+m[1] {
				t.Errorf("the server does not read %s as %s", word, m[1])
			}
		}
	}
	server := source("../record/level.go")
	_, server, _ = strings.Cut(server, "levelWords")
	server, _, _ = strings.Cut(server, "} {")
	for _, m := range regexp.MustCompile(`"([a-z ]+)"`).FindAllStringSubmatch(server, -1) {
		for word := range strings.FieldsSeq(m[1]) {
			if !known[word] {
				t.Errorf("the page does not know %s", word)
			}
		}
	}
}

// FuzzParse parses any query, prints it and parses it again.
// TestMayMatch_IDs checks that records without an ID are rejected before they are parsed.
func TestMayMatch_IDs(t *testing.T) {
	encoded := []byte(`{"seq":1,"at":"2026-11-29T16:00:00.000000Z","channel":"app","message":"m","ids":[{"kind":"job","name":"jid","value":"7D2E91AA"}]}`)
	for query, want := range map[string]bool{"id=7d2e91aa": true, "id=x&id=7d2e91aa": true, "id=7d2e91ab": false, "id=7d2e91ab&id=8": false, "id=7d2e91aa&case=1": false} {
		f, err := filter.Parse(query, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if got := f.MayMatch(encoded); got != want {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range readCases(f) {
		if c.Query != nil {
			f.Add(*c.Query, c.Case)
		}
	}
	encoded := []byte(`{"seq":1,"at":"2026-11-29T16:00:00.000000Z","channel":"app:log","message":"a \"b\"","fields":{"user":"ann","n":[1,{"x":null}]}}`)
	f.Fuzz(func(t *testing.T, q string, matchCase bool) {
		if !isUTF8(q) {
			t.Skip()
		}
		a, err := filter.ParseQuery(q, matchCase)
		if err != nil {
			if e := err.(*filter.Error); e.At < 0 || e.At > len([]rune(q)) {
				t.Errorf("error at %d: %v", e.At, e)
			}
			return
		}
		b, err := filter.ParseQuery(a.Query(), matchCase)
		if err != nil || a.Query() != b.Query() {
			t.Fatalf("%q is printed as %q, which is read as %v, %v", q, a.Query(), b, err)
		}
		if a.Match(record.Info, encoded) != b.Match(record.Info, encoded) {
			t.Errorf("%q and %q, as it is printed, select differently", q, a.Query())
		}
	})
}

func isUTF8(s string) bool { return strings.ToValidUTF8(s, "") == s }

// FuzzMatch queries the record of any payload for the exact value of each part, and for another value, which must not match.
func FuzzMatch(f *testing.F) {
	f.Add("app:log", `{"level":"error","logger":"a.b","message":"x \"y\" \\","fields":{"a":{"b":[1,"}"]}},"host":"h","traceback":"Traceback\nE: {"}`)
	f.Add(`c"\`, `{"msg":"\\\"","n":1e3,"o":{"\"}":"{"},"s":[{"}":1}]}`)
	f.Add("\u2028\xff", "text \\ \" \x00 <b>")
	f.Fuzz(func(t *testing.T, channel, payload string) {
		h := history.New(10, 1<<20, 0)
		defer h.Close()
		r := record.Decode(payload)
		h.Append(now, history.Source{Channel: channel}, payload, &r)
		run := h.Cursor(0).Read()
		encoded := run.Item(0).JSON
		var parts map[string]any
		if err := json.Unmarshal(encoded, &parts); err != nil {
			t.Fatalf("%v: %s", err, encoded)
		}
		for _, name := range []string{"channel", "logger", "host", "message", "trace", "source", "template"} {
			value, _ := parts[name].(string)
			if value == "" || len(value) > 500 {
				continue
			}
			quoted := `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(value) + `"`
			q := name + "=" + quoted
			selects, err := filter.ParseQuery(q, true)
			if err != nil {
				t.Fatalf("%s: %v", q, err)
			}
			if !selects.Match(r.Level, encoded) {
				t.Errorf("%s does not select %s", q, encoded)
			}
			other, err := filter.ParseQuery(name+`="`+"x"+quoted[1:], true)
			if err != nil {
				t.Fatal(err)
			}
			if other.Match(r.Level, encoded) {
				t.Errorf("%s selects %s", other.Query(), encoded)
			}
		}
	})
}
