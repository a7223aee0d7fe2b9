package history_test

import (
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
)

// BenchmarkSearch searches 32 MiB of records like those of the demo.
func BenchmarkSearch(b *testing.B) {
	h := history.New(1_000_000, 32<<20, 100*time.Millisecond)
	defer h.Close()
	fillUp(b, h, demoPayload, 480_000)
	for _, params := range []string{"q=kubernetes", "q=invoice", "logger=absent", "level=critical", "from=2026-11-22T17:10:00Z&to=2026-11-22T17:11:00Z", "q=took>899ms"} {
		f, err := filter.Parse(params, time.Now())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(params, func(b *testing.B) {
			found := 0
			for b.Loop() {
				found = 0
				for r := h.Backward(f, 0, h.Stats().Last+1); r.Next(nil, func(run *history.Run) int {
					for i := range run.Len() {
						if item := run.Item(i); f.Match(item.Level, item.JSON) {
							found++
						}
					}
					return run.Len()
				}); {
				}
			}
			b.ReportMetric(float64(found), "found")
			b.ReportMetric(float64(h.Stats().Records), "records")
		})
	}
}
