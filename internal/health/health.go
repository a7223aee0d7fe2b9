// Package health knows, from the records alone, how the systems that log are doing: how much they
// say at which level, and whether Elva hears them at all.
package health

import (
	"sync"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// levels is how many levels there are, the unknown one included.
	levels = int(record.Critical) + 1
	// seconds is how far back counts per second are kept: the verdict speaks of the last minute.
	seconds = 60
	// rateSeconds is what rates are a mean of: shorter jumps, longer hides what happens now.
	rateSeconds = 10
)

// Health counts records. Its methods are safe for concurrent use.
type Health struct {
	mu      sync.Mutex
	started time.Time
	counts  [levels]uint64
	recent  [seconds][levels]uint32 // by second, modulo seconds
	second  int64                   // the newest second in recent, Unix
}

// New returns a Health that counts from the time started on.
func New(started time.Time) *Health {
	return &Health{started: started, second: started.Unix()}
}

// Observe counts a record of that level which arrived at the time at.
func (h *Health) Observe(at time.Time, level record.Level) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.advance(at.Unix())
	h.counts[level]++
	h.recent[h.second%seconds][level]++
}

// Fill writes what Health knows at the time now into d: uptime, rates, counts and the verdict, which
// rests on d.Redis.
func (h *Health) Fill(d *Document, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.advance(now.Unix())
	d.V, d.At, d.Uptime = Version, now.UTC(), now.Sub(h.started).Seconds()
	d.Counts, d.Rates = Levels{}, Levels{}
	// The current second is not over: the mean is of the ones before it.
	span := max(1, min(rateSeconds, h.second-h.started.Unix()))
	lately, minute := h.sum(1, int(span)), h.sum(0, seconds-1)
	for l := range levels {
		if h.counts[l] == 0 {
			continue
		}
		name := record.Level(l).String()
		if name == "" {
			name = "none"
		}
		d.Counts[name] = float64(h.counts[l])
		d.Rates[name] = float64(lately[l]) / float64(span)
	}
	d.Health = verdict(d.Redis, minute, now)
}

// sum adds up the seconds from the newest but first to the newest but last.
func (h *Health) sum(first, last int) (n [levels]uint64) {
	for back := first; back <= last; back++ {
		for l, c := range h.recent[(h.second-int64(back)+seconds)%seconds] {
			n[l] += uint64(c)
		}
	}
	return n
}

// advance makes second the newest one. A clock that goes back counts into the newest.
func (h *Health) advance(second int64) {
	if second-h.second > seconds {
		h.recent = [seconds][levels]uint32{}
		h.second = second
	}
	for h.second < second {
		h.second++
		h.recent[h.second%seconds] = [levels]uint32{}
	}
}
