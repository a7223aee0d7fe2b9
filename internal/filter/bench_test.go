package filter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
)

// payloads are typical payloads of workers: access lines, messages of a connection pool, structured records, a warning and a traceback.
var payloads = []string{
	`{"name":"uvicorn.access","level":"info","filename":"/usr/lib/python3/uvicorn/protocols/http.py","line_no":484,"msg":"10.0.%d.7:51%d - \"GET /api/orders/%d HTTP/1.1\" 200","args":[1,7,48113],"time":"2026-11-22T17:04:28.802554","hostname":"web-1.eu.example","funcname":"send"}`,
	`{"time":"2026-11-22T17:04:28.812Z","level":"INFO","source":{"function":"main.work","file":"/srv/shop/pool.go","line":77},"msg":"job done","logger":"shop.pool","host":"worker-3","pid":1608,"job":{"id":"7d2e91aa-31c2","kind":"invoice","took":"153ms","attempt":1},"queue":"default"}`,
	`{"level":"debug","logger":"shop.db.pool","message":"connection reused","conn":17,"idle":4,"host":"web-2.eu.example","took_ms":0.31,"ts":1795968000.123}`,
	`{"name":"shop.checkout.payment","level":"warning","filename":"/srv/app/shop/payment.py","line_no":134,"msg":"payment of %s by %s is at %d%% of it","args":["order-10382","alice@example.org",93],"time":"2026-11-22T17:04:28.802554","username":"deploy","funcname":"charge_the_customer","hostname":"web-1.eu.example","traceback":null}`,
	`{"name":"shop.cart","level":"error","msg":"cart failed","time":"2026-11-22T17:04:29.1","hostname":"web-1.eu.example","traceback":"Traceback (most recent call last):\n  File \"/srv/app/shop/cart.py\", line 31, in add\n    self.total += price(item)\n  File \"/srv/app/shop/pricing.py\", line 12, in price\n    return TABLE[item.sku]\nKeyError: 'A-113'"}`,
}

// logged is an encoded record with its level.
type logged struct {
	level   record.Level
	encoded []byte
}

// encode returns the encoded records of the payloads.
func encode(t testing.TB, payloads []string) (list []logged) {
	h := history.New(100, 1<<20, 0)
	t.Cleanup(h.Close)
	for _, payload := range payloads {
		r := record.Decode(payload)
		h.Append(time.Unix(1795968000, 0), history.Source{Channel: "shop:logs"}, payload, &r)
	}
	for cursor := h.Cursor(0); ; {
		run := cursor.Read()
		if run.Len() == 0 {
			return list
		}
		for i := range run.Len() {
			item := run.Item(i)
			list = append(list, logged{item.Level, append([]byte(nil), item.JSON...)})
		}
	}
}

// benchmarked are typical filters.
var benchmarked = []string{
	"level=error", "logger=shop", "host=web-1.eu.example", "from=2026-11-22T17:04:28.805Z", "q=absent", "q=kubernetes", "q=invoice", "q=shop", "q=\"order-10382 by\"",
	"q=%22job+done%22+-debug", "q=took>100ms", "q=job.kind=invoice", "q=job.kind:inv", "q=-logger:shop.db", "q=/HTTP\\/1.1\" 5\\d\\d/", "q=/time(d )?out/", "q=/[0-9a-f]{8}-[0-9a-f]{4}/",
	"level=warning&q=refused+OR+reset+OR+%22timed+out%22", "q=стоимость",
}

// BenchmarkMatch measures the time for one record.
func BenchmarkMatch(b *testing.B) {
	records := encode(b, payloads)
	for _, params := range benchmarked {
		b.Run(params, func(b *testing.B) {
			f, err := filter.Parse(params, time.Now())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			selected := 0
			for i := 0; b.Loop(); i++ {
				r := &records[i%len(records)]
				if f.Match(r.level, r.encoded) {
					selected++
				}
			}
			b.ReportMetric(float64(selected)/float64(b.N), "selected")
		})
	}
}

// BenchmarkMayMatch searches a block of encodings in one call, as a search does for a block without an index.
func BenchmarkMayMatch(b *testing.B) {
	var block []byte
	n := 0
	for records := encode(b, payloads); len(block) < 256<<10; n++ {
		block = append(append(block, records[n%len(records)].encoded...), ',')
	}
	for _, params := range []string{"q=absent", "q=kubernetes", "q=took_us>5"} {
		b.Run(params, func(b *testing.B) {
			f, err := filter.Parse(params, time.Now())
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(block)))
			for b.Loop() {
				if f.MayMatch(block) {
					b.Fatal("found")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/record")
		})
	}
}

// TestMatch_NoAllocations reads records in which nothing is escaped.
func TestMatch_NoAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	records := encode(t, payloads[1:3])
	for _, params := range benchmarked {
		f, err := filter.Parse(params, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if strings.Contains(string(r.encoded), `\`) {
				t.Fatalf("escaped: %s", r.encoded)
			}
			if n := testing.AllocsPerRun(100, func() { f.Match(r.level, r.encoded) }); n > 0 {
				t.Errorf("%s: %v allocations for %s", params, n, r.encoded)
			}
		}
	}
}
