package health_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/record"
)

// TestMemory_FullRegistries fills all registries with long names and measures what the package comment says.
func TestMemory_FullRegistries(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes memory of its own")
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	h := health.New(epoch)
	for round := range 3 {
		for i := range 6000 {
			at := epoch.Add(time.Duration(round)*time.Hour + time.Duration(i)*100*time.Millisecond)
			name := fmt.Sprint("app", string(rune('a'+i%199/26)), string(rune('a'+i%199%26)), strings.Repeat("x", 100))
			host := fmt.Sprint(strings.Repeat("host", 20), i)
			for _, level := range []record.Level{record.Info, record.Warning, record.Error, record.Critical} {
				r := record.Record{Time: at, Level: level, Host: host, Logger: name + ".work", PID: int64(round), HasPID: true, Message: strings.Repeat("failed ", 30), Template: fmt.Sprint("failed ", i)}
				h.Observe(at, name, &r, uint64(i))
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	const bound = 16 << 20
	got := after.HeapAlloc - before.HeapAlloc
	d := report(h, 4*time.Hour)
	t.Logf("%.1f MB for %d workers and %d groups", float64(got)/1e6, len(d.Workers), len(d.ErrorGroups))
	if got > bound || len(d.Workers) < 1800 || len(d.ErrorGroups) < 450 {
		t.Errorf("%d bytes for %d workers and %d groups; want at most %d for full registries", got, len(d.Workers), len(d.ErrorGroups), bound)
	}
}

func TestObserve_DoesNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	h := health.New(epoch)
	r := record.Record{Time: epoch, Level: record.Info, Host: "web-1", Logger: "shop.worker", Message: "order 4711 shipped"}
	at := epoch
	observe := func() {
		at = at.Add(700 * time.Millisecond)
		h.Observe(at, "app", &r, 1)
	}
	observe()
	if n := testing.AllocsPerRun(10_000, observe); n > 0 {
		t.Errorf("%v allocations a record", n)
	}
}
