package wire_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/wire"
)

// sink counts the writes to a connection and their bytes.
type sink struct{ writes, bytes int }

func (s *sink) Write(p []byte) (int, error) {
	s.writes++
	s.bytes += len(p)
	return len(p), nil
}

// full returns a history of that many records of 430 bytes, one of eight a warning or worse.
func full(b *testing.B, records int) *history.History {
	h := history.New(20_000, 32<<20, time.Hour)
	b.Cleanup(h.Close)
	for i := range records {
		r := record.Record{Level: record.Level(i%8) % 7, Time: time.Unix(1_763_800_000, 0), Logger: "shop.checkout.payment", Host: "web-1.eu.example",
			Message: "payment of order-10382 by alice@example.org is at 93% of it", Source: "/srv/app/shop/payment.py:134 charge_the_customer",
			Template: "payment of %s by %s is at %d%% of it", Fields: []byte(`{"username":"deploy"}`)}
		h.Append(time.Unix(1_763_800_000, int64(i)*1000), history.Source{Channel: "app"}, "", &r)
	}
	return h
}

// BenchmarkRecords writes a run to one viewer.
func BenchmarkRecords(b *testing.B) {
	for _, records := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(records), func(b *testing.B) {
			h := full(b, records)
			run := h.Cursor(0).Read()
			var out sink
			w := events(h).NewSSE(&out, start(h))
			b.ReportAllocs()
			for b.Loop() {
				if err := w.Records(&run, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(out.writes)/float64(b.N), "writes/op")
			b.SetBytes(int64(out.bytes / b.N))
		})
	}
}

// BenchmarkRecordsFiltered writes to a viewer with a filter that catches up.
func BenchmarkRecordsFiltered(b *testing.B) {
	h := full(b, 100)
	run := h.Cursor(0).Read()
	for _, params := range []string{"level=error", "logger=shop.checkout", "q=order-10382"} {
		b.Run(params, func(b *testing.B) {
			f, err := filter.Parse(params, time.Now())
			if err != nil {
				b.Fatal(err)
			}
			w := events(h).NewSSE(&sink{}, start(h))
			b.ReportAllocs()
			for b.Loop() {
				if err := w.Records(&run, wire.NewSearch(h, f, nil)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkHeartbeat(b *testing.B) {
	h := full(b, 1)
	status := make([]byte, 900)
	w := events(h).NewSSE(&sink{}, start(h))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Heartbeat(status, h.Cursor(0)); err != nil {
			b.Fatal(err)
		}
	}
}
