package wire_test

import (
	"compress/flate"
	"io"
	"runtime"
	"testing"
)

// BenchmarkCompressed measures what a compressor for each viewer would cost. The package comment has the decision
// against it. Each op is one batch of 100 records, as it occurs at 1,000 records/s.
func BenchmarkCompressed(b *testing.B) {
	h := full(b, 100)
	run := h.Cursor(0).Read()
	for _, c := range []struct {
		name  string
		level int
	}{{"none", flate.NoCompression}, {"fastest", flate.BestSpeed}, {"default", flate.DefaultCompression}} {
		b.Run(c.name, func(b *testing.B) {
			var out sink
			w, err := flate.NewWriter(&out, c.level)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(run.Joined())))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.Write(run.Joined()); err != nil {
					b.Fatal(err)
				}
				if err := w.Flush(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(out.bytes)/float64(b.N*run.Len()), "B/record")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*run.Len()), "ns/record")
		})
	}
}

// BenchmarkCompressorMemory measures the memory of each compressor.
func BenchmarkCompressorMemory(b *testing.B) {
	const n = 100
	for b.Loop() {
		var before, after runtime.MemStats
		writers := make([]*flate.Writer, n)
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range writers {
			w, err := flate.NewWriter(io.Discard, flate.BestSpeed)
			if err != nil {
				b.Fatal(err)
			}
			writers[i] = w
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n/1000, "kB/viewer")
		runtime.KeepAlive(writers)
	}
}
