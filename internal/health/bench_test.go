package health_test

import (
	"fmt"
	"github.com/SupermanScott/Elva/internal/status"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/record"
)

// BenchmarkFill makes the document of a heartbeat, and the one of ?health.
func BenchmarkFill(b *testing.B) {
	for _, workers := range []int{10, 1000} {
		h := health.New(epoch)
		for i := range 20 * workers {
			r := record.Record{Level: record.Level(1 + i%6), Host: fmt.Sprint("web-", i%workers), Logger: "shop", Message: "x"}
			h.Observe(epoch.Add(time.Duration(i)*time.Second), "app", &r, uint64(i))
		}
		for name, fill := range map[string]func(*status.Document, time.Time){"status": h.Fill, "all": h.FillAll} {
			b.Run(fmt.Sprint(name, "/", workers, "-workers"), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					d := live()
					fill(&d, epoch.Add(time.Hour))
				}
			})
		}
	}
}
