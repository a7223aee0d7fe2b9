package wire_test

import (
	"math/rand/v2"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/wire"
)

// BenchmarkExplore measures the answers of Explorer over 450,000 records of a shop.
func BenchmarkExplore(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	h := history.New(450_000, 128<<20, 100*time.Millisecond)
	defer h.Close()
	const n = 450_000
	began := time.Now()
	for i := range n {
		at := began.Add(time.Duration(i-n) * 8 * time.Millisecond)
		payload := shopPayload(rng, i, at)
		r := record.Decode(payload)
		h.Append(at, history.Source{Channel: "web"}, payload, &r)
	}
	for last := -1; ; time.Sleep(10 * time.Millisecond) { // until the keeper is idle
		now := h.Stats().Bytes
		if now == last {
			break
		}
		last = now
	}
	for _, query := range []string{"histogram", "histogram&q=took", "patterns", "patterns&level=error", "facets", "facets&field=status", "operations", "operations&from=1d", "changes&from=10m", "changes&from=3m&base-from=16m"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest("GET", "/?"+query, nil)
				w := httptest.NewRecorder()
				out := wire.NewResponse(w, r)
				request, err := wire.Accept(r)
				if err != nil {
					b.Fatal(err)
				}
				f, err := wire.ParseFilter(r.URL.RawQuery, &request, time.Now(), h.Stats().Oldest)
				if err != nil {
					b.Fatal(err)
				}
				s := wire.NewSearch(h, f, r.Context().Done())
				if request.Kind == wire.Histogram {
					wire.ServeHistogram(out, r, h, s, &request)
				} else {
					wire.NewExplorer().Serve(out, r, h, s, &request)
				}
				b.ReportMetric(float64(w.Body.Len())/1024, "KiB")
			}
			b.ReportMetric(float64(h.Stats().Records), "records")
		})
	}
}
