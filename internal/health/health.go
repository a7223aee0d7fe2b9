// Package health judges, from the records alone, how the systems that log are doing. It keeps what it learns in bounded
// memory and costs the same for every record.
//
// # Model
//
// A service is what is deployed: the field of that name, or the first segment of the logger, with what varies taken out,
// on one channel. A worker is what runs it: a host, a service and a channel. An error group is a kind of failure. Each
// has baselines of its own, which are learned robustly, by hour of the day where there is enough, and never from time
// that was called wrong. At most 2,000 workers, 200 services and 500 error groups are kept, in at most 16 MB; a full
// registry drops what is worth least.
//
// # Limits
//
// Every figure (a gap between records, a count, a ratio) is compared with the tail of what was seen of it: [spread]
// continues that to what happens once in months. So who logs like clockwork is missed within three periods, and who logs
// at random is given the time that chance needs. Jobs that run by a schedule are missed when a run is.
//
// # Ends
//
// Quiet is explained before it is reported: a farewell, a successor, a job that is done, a service that scales down. Time
// in which nothing could be observed, since Redis or Elva was away, is not quiet.
//
// # States
//
//	down      Redis is not reachable or denies; a service, or half of it, is quiet; a storm of errors
//	degraded  another cause: a quiet worker, a missed run, more errors or warnings than normal, a new error group, too
//	          few records or too many, a hang, restarts, duplicates, a critical record, a clock that is wrong
//	unknown   not connected yet, still learning what is normal, or nothing active and no cause for it
//	ok        none of it
package health

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/status"
)

const (
	// learnFor is for how many observed seconds Elva learns what is normal before it calls anything ok.
	learnFor = 10 * 60
	// mostTicks bounds how many minutes are made up for at once after time has jumped.
	mostTicks = 60
)

// Health judges records. Its methods are safe for concurrent use.
type Health struct {
	mu        sync.Mutex
	seed      maphash.Seed
	started   float64 // Unix seconds, as all times here
	watch     watch
	decay     decay
	counters  counters
	registry  registry
	groups    groups
	minute    int64     // the last one that was learned, since 1970
	lost      float64   // watch.lost when it was
	active    bitset    // ids of the active workers
	ending    []*worker // scratch, as newcomers and limits
	newcomers []*worker
	found     []cause
	limits    []float64
	state     string         // of the last summary
	since     float64        // of that
	changes   []change       // of the state, the newest ones
	judged    float64        // when the alarms were brought up to date
	zone      *time.Location // of the times in sentences
}

// New returns a Health that judges from the time started on.
func New(started time.Time) *Health {
	now := seconds(started)
	h := &Health{seed: maphash.MakeSeed(), started: now, watch: newWatch(now), zone: started.Location()}
	h.decay = decay{landmark: now, weight: 1}
	h.counters = counters{channels: make(map[string]*counts), second: int64(now)}
	h.registry.workers = make(map[workerKey]*worker)
	h.registry.services = make(map[serviceKey]*service)
	h.groups.byKey, h.groups.of = make(map[uint64]*errorGroup), group.New()
	h.minute = floorDiv(int64(now), 60)
	return h
}

// Observe takes in a record that arrived on channel at the time at and has the number seq in the history. One that was
// recovered later, as from a stream, counts for the time at which it arrived there. Observe keeps nothing of the record's
// memory.
func (h *Health) Observe(at time.Time, channel string, r *record.Record, seq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.watch.record(seconds(at))
	h.advance()
	h.counters.add(at.Unix(), r.Level)
	w := h.worker(now, channel, r)
	w.channel[r.Level]++
	w.observe(now, h, r)
	isError := r.Level >= record.Error
	w.service.observe(now, h, isError, r.Level == record.Warning)
	if isError {
		g := h.observeError(now, r, w, seq)
		if r.Level == record.Critical {
			w.service.critical.observe(now, w, g, r)
		}
	}
}

// Interrupted notes that records may be missing up to the time at: that time is not quiet.
func (h *Health) Interrupted(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watch.interrupt(seconds(at) + h.watch.offset)
}

// advance learns the minutes that are over.
func (h *Health) advance() {
	minute := floorDiv(int64(h.watch.now), 60)
	if minute <= h.minute {
		return
	}
	if minute-h.minute > mostTicks {
		h.minute = minute - mostTicks
		h.lost = -1 // not observed in full
	}
	for h.minute < minute {
		h.minute++
		h.learn(float64(h.minute) * 60)
	}
}

// learn takes in the minute that is over.
func (h *Health) learn(now float64) {
	if h.decay.at(now) {
		h.rescale(now)
	}
	observed := h.watch.lost-h.lost < 1 && now-60 >= h.started
	h.lost = h.watch.lost
	for _, s := range h.registry.services {
		s.learn(now, h, observed)
	}
	for _, w := range h.registry.workers {
		w.learn(now, h, observed)
	}
	fade := h.minute%10 == 0
	for _, g := range h.groups.byKey {
		g.rate.learn(now, h, observed, len(windows), func(minutes int64) float64 { return g.normal(now, minutes) })
		if fade {
			g.fade()
		}
	}
	if h.minute%60 == 0 {
		h.expire(now)
	}
}

// rescale makes all weights small again, once in half a year.
func (h *Health) rescale(now float64) {
	factor := 1 / h.decay.weight
	h.decay = decay{landmark: now, weight: 1}
	scale := func(s *spread) {
		for i := range s {
			s[i] *= factor
		}
	}
	for _, s := range h.registry.services {
		scale(&s.activity.spread)
		scale(&s.volume.ratios)
		scale(&s.errors.scores)
		scale(&s.warnings.scores)
	}
	for _, w := range h.registry.workers {
		scale(&w.activity.spread)
		scale(&w.volume.ratios)
	}
	for _, g := range h.groups.byKey {
		scale(&g.rate.scores)
	}
}

// learning reports whether too little time was observed to know what is normal.
func (h *Health) learning(now float64) bool { return now-h.started-h.watch.lost < learnFor }

func (s *service) learn(now float64, h *Health, observed bool) {
	logging := s.activity.quiet(now, &h.watch) < 60
	s.errors.learn(now, h, observed, 2, func(int64) float64 { return s.errorsNormal(now) })
	s.warnings.learn(now, h, observed, 2, func(int64) float64 { return s.warningsNormal(now) })
	s.volume.learn(now, h, observed, logging)
	if observed {
		s.duplicates.learn(now)
	}
}

// errorsNormal returns how many errors a minute are normal: traffic may rise within the hour.
func (s *service) errorsNormal(now float64) float64 {
	return max(s.errors.base.highest(now), s.errors.base.hour)
}

func (s *service) warningsNormal(now float64) float64 {
	return max(s.warnings.base.highest(now), s.warnings.base.hour)
}

func (w *worker) learn(now float64, h *Health, observed bool) {
	if w.state == active {
		w.volume.learn(now, h, observed, w.activity.quiet(now, &h.watch) < 60)
	}
	if h.minute%10 == 0 {
		w.restarts.learn()
	}
	// A newcomer is growth if it has replaced nobody for an hour, or one that had ended for long and in no deploy.
	if w.newcomer && !w.grown && w.state == active && now-w.activity.first >= hour {
		w.grown = true
		if !w.used || w.late && !w.service.deploying(w.activity.first) {
			w.used = true
			w.service.grown++
		}
	}
}

// Records returns the counts by channel, ordered by name.
func (h *Health) Records() []status.ChannelRecords {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.counters.records()
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}

func fromSeconds(s float64) time.Time {
	whole := int64(s)
	return time.Unix(whole, int64((s-float64(whole))*1e9)).UTC()
}
