package explore_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/explore"
	"github.com/SupermanScott/Elva/internal/record"
)

// hostileRecords fill the memory of an answer, each kind in another way. They have numbers from 0 on.
var hostileRecords = map[string]func(i int) string{
	"numbers": func(i int) string {
		return `"message":"m","fields":{` + fields(200, func(f int) string { return fmt.Sprintf("%d.%d", i, f) }) + `}`
	},
	"control characters": func(i int) string {
		return `"message":"m","fields":{` + fields(100, func(f int) string { return fmt.Sprintf(`"%s%d"`, strings.Repeat(`\u0001`, 78), i) }) + `}`
	},
	"long messages": func(i int) string { return fmt.Sprintf(`"message":"m %d\n%s"`, i, strings.Repeat("x", 32<<10)) },
	"many words": func(i int) string {
		return fmt.Sprintf(`"worker":"host/w%d","message":"%s"`, i%9973, strings.Repeat(`word 17 \u0001 `, 200))
	},
	"many workers": func(i int) string { return fmt.Sprintf(`"worker":"host/w%d","message":"m"`, i*7919%100_003) },
	"many IDs": func(i int) string {
		return fmt.Sprintf(`"worker":"host/w%d","message":"%s","ids":[{"kind":"job","name":"%s","value":"%s%d"}]`, i%9973, strings.Repeat("wd", 400), strings.Repeat("n", 120), strings.Repeat("v", 120), i)
	},
	"many columns": func(i int) string {
		return fmt.Sprintf(`"message":"m","fields":{%s}`, fields(25, func(f int) string { return fmt.Sprintf(`"%s%d"`, strings.Repeat("x", 80), i) }))
	},
	"many errors": func(i int) string {
		return fmt.Sprintf(`"worker":"host/w%d","pid":%d,"message":"%s","exception":{"type":"E%d"},"fields":{"a":"%s%d","b":"%s%d"}`, i%9973, i, strings.Repeat("word 17 ", 100), i, strings.Repeat("x", 80), i, strings.Repeat("y", 80), i)
	},
}

func fields(n int, value func(f int) string) string {
	list := make([]string, n)
	for f := range list {
		list[f] = fmt.Sprintf(`"f%d":%s`, f, value(f))
	}
	return strings.Join(list, ",")
}

// TestExplore_Memory adds hostile records. No answer may take more than 64 MB, or take long to write once they are added.
func TestExplore_Memory(t *testing.T) {
	now := time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC)
	for kind, rest := range hostileRecords {
		t.Run(kind, func(t *testing.T) {
			n := 60_000
			if len(rest(0)) > 2000 {
				n = 3000
			}
			patterns := 12_000
			if kind == "many columns" { // so many that all are compared, with many values each
				patterns, n = 200, 30_000
			}
			answers := all()
			delete(answers, "named")
			for name, x := range answers {
				before := heap()
				for i := range n {
					at := now.Add(-time.Duration(i) * time.Hour / time.Duration(n)).Format("2006-01-02T15:04:05.000000Z")
					level := record.Level(i % 7)
					x.Add(level, fmt.Appendf(nil, `{"seq":1,"at":"%s","channel":"a",%s,"pattern":"%08x"}`, at, rest(i), i%patterns))
				}
				began := time.Now()
				text := encoded(t, x)
				took := time.Since(began)
				used := heap() - before
				t.Logf("%s: %d MB, an answer of %d KB after %v", name, used>>20, len(text)>>10, took.Round(time.Millisecond))
				if used > 64<<20 {
					t.Errorf("%s: %d MB", name, used>>20)
				}
				if len(text) > 16<<20 {
					t.Errorf("%s: an answer of %d MB", name, len(text)>>20)
				}
				runtime.KeepAlive(x)
				runtime.KeepAlive(text)
			}
		})
	}
}

// heap returns the size of what is reachable.
func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// encoded returns the longest answer of a summary.
func encoded(t *testing.T, x any) []byte {
	t.Helper()
	var answer any
	switch x := x.(type) {
	case *explore.Patterns:
		answer = x.List(1000)
	case *explore.Facets:
		answer = x.List(1000)
	case *explore.Operations:
		answer = x.List()
	case *explore.Changes:
		answer = x.List()
	}
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestChanges_ManyWorkers lists the changes of as many workers, patterns and processes as are compared. The list is not part of the search,
// which ends after some seconds, so it must take no more than time in proportion to their number.
func TestChanges_ManyWorkers(t *testing.T) {
	now := time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC)
	c := explore.NewChanges(nil, now.Add(-30*time.Minute), now, now.Add(-time.Hour), now.Add(-30*time.Minute))
	const n = 10_000
	for i := range 4 * n {
		at := now.Add(-time.Duration(i) * time.Hour / (4 * n)).Format("2006-01-02T15:04:05.000000Z")
		c.Add(record.Error, fmt.Appendf(nil, `{"seq":1,"at":"%s","channel":"a","worker":"host%d/shop","pid":%d,"message":"m %d","exception":{"type":"E%d"},"pattern":"%08x"}`, at, i/2%n, i, i, i%n, i%n))
	}
	took := time.Hour
	for range 5 {
		began := time.Now()
		c.List()
		took = min(took, time.Since(began))
	}
	t.Log(took)
	if took > 1500*time.Millisecond {
		t.Errorf("took %v", took)
	}
}
