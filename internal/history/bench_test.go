package history_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
)

// payload is a typical payload of python-redis-log.
const payload = `{"name": "shop.checkout.payment", "level": "warning", "filename": "/srv/app/shop/payment.py", "line_no": 134, ` +
	`"msg": "payment of %s by %s is at %d%% of it", "args": ["order-10382", "alice@example.org", 93], ` +
	`"time": "2026-11-22T17:04:28.802554", "username": "deploy", "funcname": "charge_the_customer", "hostname": "web-1.eu.example", "traceback": null}`

// BenchmarkAppend encodes a record and puts it into a full history.
func BenchmarkAppend(b *testing.B) {
	h := history.New(20_000, 32<<20, 100*time.Millisecond)
	defer h.Close()
	r := record.Decode(payload)
	at := start
	for range 30_000 { // fill the retained queue, too
		h.Append(at, history.Source{Channel: "app"}, payload, &r)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(payload)))
	for b.Loop() {
		at = at.Add(100 * time.Microsecond)
		h.Append(at, history.Source{Channel: "app"}, payload, &r)
	}
}

// BenchmarkAppendGap measures the cost of a gap.
func BenchmarkAppendGap(b *testing.B) {
	h := history.New(20_000, 32<<20, 100*time.Millisecond)
	defer h.Close()
	b.ReportAllocs()
	for b.Loop() {
		h.AppendGap(start, history.Source{}, gap.Gap{Kind: gap.Redis, From: start, To: start})
	}
}

// BenchmarkView selects one record in a hundred for the viewers of one filter.
func BenchmarkView(b *testing.B) {
	h := history.New(20_000, 32<<20, time.Millisecond)
	defer h.Close()
	n := 0
	v := h.View("hundredth", func(record.Level, []byte) bool { n++; return n%100 == 0 })
	defer v.Release()
	r := record.Decode(payload)
	reader := h.Cursor(0).Follow(v)
	b.ReportAllocs()
	for b.Loop() {
		h.Append(start, history.Source{Channel: "app"}, payload, &r)
		reader.Read()
	}
}

// BenchmarkRead reads runs of a full history, as a viewer does in a replay.
func BenchmarkRead(b *testing.B) {
	for _, records := range []int{1000, 20_000, 300_000} {
		b.Run(fmt.Sprint(records), func(b *testing.B) {
			h := history.New(records, 2000*records, time.Hour)
			defer h.Close()
			r := record.Decode(payload)
			for range records {
				h.Append(start, history.Source{Channel: "app"}, payload, &r)
			}
			reader, n := h.Cursor(0), 0
			b.ReportAllocs()
			for b.Loop() {
				run := reader.Read()
				if n += run.Len(); run.Len() == 0 {
					reader = h.Cursor(0)
				}
			}
			b.ReportMetric(float64(n)/float64(b.N), "records/op")
		})
	}
}
