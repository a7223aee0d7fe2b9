package health_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/status"
)

// BenchmarkFill measures the document of a heartbeat ("status") and that of ?health ("all").
func BenchmarkFill(b *testing.B) {
	for _, workers := range []int{10, 1000} {
		h := health.New(epoch)
		for i := range 100 * workers {
			at := time.Duration(i/workers) * 30 * time.Second
			r := record.Record{Level: record.Level(1 + (i+i/workers)%6), Host: fmt.Sprint("web-", i%workers), Logger: "shop", Message: "x", Time: epoch.Add(at)}
			h.Observe(epoch.Add(at), "app", &r, uint64(i))
		}
		for name, fill := range map[string]func(*status.Document, time.Time){"status": h.Fill, "all": h.FillAll} {
			b.Run(fmt.Sprint(name, "/", workers, "-workers"), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					d := live()
					fill(&d, epoch.Add(50*time.Minute+time.Duration(i)*100*time.Microsecond))
				}
			})
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	records := make([]record.Record, 7)
	for i := range records {
		records[i] = record.Record{Time: epoch, Level: record.Info, Host: fmt.Sprint("web-", i), Logger: "shop.worker", Message: "order 4711 shipped", Fields: []byte(`{"username":"root"}`)}
	}
	b.Run("info", func(b *testing.B) {
		h := health.New(epoch)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			h.Observe(epoch.Add(time.Duration(i)*time.Millisecond), "app", &records[i%7], uint64(i))
		}
	})
	for name, r := range map[string]record.Record{
		"error with a template": {Level: record.Error, Host: "web-1", Logger: "shop.worker", Template: "order %d failed", Message: "order 4711 failed"},
		"error with a message":  {Level: record.Error, Host: "web-1", Logger: "shop.worker", Message: "order 4711 failed"},
		"error with a trace":    {Level: record.Error, Host: "web-1", Logger: "shop.worker", Message: "order 4711 failed", Trace: traceback},
	} {
		b.Run(name, func(b *testing.B) {
			h := health.New(epoch)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				h.Observe(epoch.Add(time.Duration(i)*time.Millisecond), "app", &r, uint64(i))
			}
		})
	}
}
