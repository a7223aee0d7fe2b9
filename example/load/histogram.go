//go:build linux

package main

// Latencies are counted in steps of 50 µs up to 5 s; what takes longer counts as 5 s.
const (
	step  = 50
	steps = 5_000_000 / step
)

// histogram counts microseconds.
type histogram struct {
	counts [steps + 1]uint32
	all    uint64
	most   int64
}

func (h *histogram) add(micros int64) {
	h.counts[min(max(micros, 0)/step, steps)]++
	h.all++
	h.most = max(h.most, micros)
}

func (h *histogram) merge(o *histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.all += o.all
	h.most = max(h.most, o.most)
}

// quantile returns the latency, in milliseconds, that the part q of all does not exceed.
func (h *histogram) quantile(q float64) float64 {
	want, sum := uint64(q*float64(h.all)), uint64(0)
	for i, n := range h.counts {
		if sum += uint64(n); n > 0 && sum >= want {
			return min(float64(i+1)*step, float64(h.most)) / 1000
		}
	}
	return 0
}
