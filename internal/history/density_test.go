package history_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
)

// kinds make payloads: like those of the demo, of 100 bytes, and with tracebacks of 3 KB.
var kinds = map[string]func(*rand.Rand, int) string{"demo": demoPayload, "short": shortPayload, "trace": tracePayload}

// demoPayload makes access lines, notes of a pool, structured records, warnings and a few short tracebacks.
func demoPayload(rng *rand.Rand, n int) string {
	at := start.Add(time.Duration(n) * 20 * time.Millisecond).Add(time.Duration(rng.IntN(20_000)) * time.Microsecond)
	host := fmt.Sprintf("web-%d.eu.example", 1+rng.IntN(4))
	switch p := rng.IntN(100); {
	case p < 45:
		return fmt.Sprintf(`{"name":"uvicorn.access","level":"info","filename":"/usr/lib/python3/uvicorn/protocols/http.py","line_no":484,"msg":"10.0.%d.%d:51%03d - \"GET /api/orders/%d HTTP/1.1\" 200","time":"%s","hostname":"%s","funcname":"send"}`,
			rng.IntN(4), rng.IntN(250), rng.IntN(1000), 40_000+rng.IntN(20_000), at.Format("2006-01-02T15:04:05.000000"), host)
	case p < 70:
		return fmt.Sprintf(`{"level":"debug","logger":"shop.db.pool","message":"connection reused","conn":%d,"idle":%d,"host":"%s","took_ms":%.2f,"ts":%.3f}`,
			rng.IntN(40), rng.IntN(10), host, rng.Float64()*3, float64(at.UnixMilli())/1000)
	case p < 90:
		return fmt.Sprintf(`{"time":"%s","level":"INFO","source":{"function":"main.work","file":"/srv/shop/pool.go","line":77},"msg":"job done","logger":"shop.pool","host":"worker-%d","pid":%d,"job":{"id":"%08x-%04x","kind":"invoice","took":"%dms","attempt":1},"queue":"default"}`,
			at.Format("2006-01-02T15:04:05.000Z"), 1+rng.IntN(8), 1600+rng.IntN(8), rng.Uint32(), rng.IntN(65536), rng.IntN(900))
	case p < 97:
		return fmt.Sprintf(`{"name":"shop.checkout.payment","level":"warning","filename":"/srv/app/shop/payment.py","line_no":134,"msg":"payment of %%s by %%s is at %%d%%%% of it","args":["order-%d","user%d@example.org",%d],"time":"%s","username":"deploy","funcname":"charge_the_customer","hostname":"%s","traceback":null}`,
			10_000+rng.IntN(10_000), rng.IntN(500), rng.IntN(100), at.Format("2006-01-02T15:04:05.000000"), host)
	}
	return fmt.Sprintf(`{"name":"shop.cart","level":"error","msg":"cart %d failed","time":"%s","hostname":"%s","traceback":"Traceback (most recent call last):\n  File \"/srv/app/shop/cart.py\", line 31, in add\n    self.total += price(item)\n  File \"/srv/app/shop/pricing.py\", line 12, in price\n    return TABLE[item.sku]\nKeyError: 'A-%d'"}`,
		rng.IntN(10_000), at.Format("2006-01-02T15:04:05.000000"), host, rng.IntN(1000))
}

func shortPayload(rng *rand.Rand, n int) string {
	return fmt.Sprintf("%s INFO shop.worker: job %d of queue default done in %d ms by worker %d, %d left",
		start.Add(time.Duration(n)*20*time.Millisecond).Format("2006-01-02 15:04:05.000"), rng.IntN(100_000), rng.IntN(900), rng.IntN(20), rng.IntN(300))
}

func tracePayload(rng *rand.Rand, n int) string {
	var frames strings.Builder
	for range 24 {
		fmt.Fprintf(&frames, `  File \"/srv/app/shop/module_%d.py\", line %d, in step_%d\n    self.value = self.compute_the_next(item_%d, %d)\n`,
			rng.IntN(40), rng.IntN(400), rng.IntN(90), rng.IntN(100), rng.IntN(10_000))
	}
	return fmt.Sprintf(`{"name":"shop.cart","level":"error","msg":"job %d failed","time":"%s","hostname":"web-1.eu.example","traceback":"Traceback (most recent call last):\n%sKeyError: 'A-%d'"}`,
		rng.IntN(100_000), start.Add(time.Duration(n)*20*time.Millisecond).Format("2006-01-02T15:04:05.000000"), frames.String(), rng.IntN(1000))
}

// fillUp appends records until a history has dropped a tenth of its capacity, and waits until everything is packed.
func fillUp(tb testing.TB, h *history.History, payload func(*rand.Rand, int) string, most int) {
	tb.Helper()
	rng := rand.New(rand.NewPCG(1, 1))
	for n := range most {
		text := payload(rng, n)
		r := record.Decode(text)
		h.Append(start.Add(time.Duration(n)*20*time.Millisecond), history.Source{Channel: "app"}, text, &r)
		if s := h.Stats(); s.First > 1 && n > s.Records*11/10 {
			break
		}
	}
	for last := -1; ; time.Sleep(10 * time.Millisecond) { // until the keeper is idle
		if now := h.Stats().Bytes; now == last {
			return
		} else {
			last = now
		}
	}
}

// BenchmarkDensity measures how many records the default bound holds, and the memory of a record.
func BenchmarkDensity(b *testing.B) {
	for name, payload := range kinds {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				h := history.New(4_000_000, 32<<20, 100*time.Millisecond)
				fillUp(b, h, payload, 3_000_000)
				s := h.Stats()
				b.ReportMetric(float64(s.Records), "records")
				b.ReportMetric(float64(s.Bytes)/float64(s.Records), "B/record")
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "heap-MiB")
				h.Close()
			}
		})
	}
}

// BenchmarkFlood decodes and appends without a pause, and reports how many records the history holds in the end.
func BenchmarkFlood(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	texts := make([]string, 50_000)
	for n := range texts {
		texts[n] = demoPayload(rng, n)
	}
	h := history.New(1_000_000, 32<<20, 100*time.Millisecond)
	defer h.Close()
	n := 0
	for b.Loop() {
		text := texts[n%len(texts)]
		r := record.Decode(text)
		h.Append(start.Add(time.Duration(n)*time.Millisecond), history.Source{Channel: "app"}, text, &r)
		n++
	}
	b.ReportMetric(float64(h.Stats().Records), "records")
}
