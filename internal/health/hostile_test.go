package health_test

import (
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/record"
)

// TestObserve_HostileTimes observes records whose arrival times are far from Elva's clock.
func TestObserve_HostileTimes(t *testing.T) {
	times := map[string]time.Time{
		"before 1970":   time.Date(1969, 12, 31, 23, 58, 0, 0, time.UTC),
		"year 1":        {},
		"before year 1": time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC),
		"year 9999":     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		"smallest Unix": time.Unix(-1<<62, 0),
		"largest Unix":  time.Unix(1<<62, 0),
	}
	for name, at := range times {
		for _, started := range []time.Time{epoch, at} {
			t.Run(name, func(t *testing.T) {
				h := health.New(started)
				for _, level := range []record.Level{record.Info, record.Warning, record.Error, record.Critical} {
					for i := range 3 {
						r := record.Record{Time: at, Level: level, Host: "web-1", Logger: "shop", Message: "x"}
						h.Observe(at.Add(time.Duration(i)*time.Minute), "app", &r, 1)
					}
				}
				if d := report(h, time.Minute); d.Counts["error"] != 3 {
					t.Errorf("counts %v, want 3 errors", d.Counts)
				}
			})
		}
	}
}
