// Package health derives the health of the logging systems from their records. Its memory is bounded, and every record
// costs about the same.
//
// # Model
//
// A service is a deployed program on one channel. Its name is the record's service field or the first segment of the
// logger (record.Service), without variable parts such as numbers, or else its channel. A worker is one host that runs a service. An error group is a set of
// errors with the same origin.
//
// Each of them has its own baselines, by hour of the day once there is enough data. Outliers count only in part, and time
// during an alarm is not learned. At most 2,000 workers, 200 services and 500 error groups are kept, in at most 16 MB. A
// full registry drops the least important ones.
//
// # Limits
//
// A gap between records, a count or a ratio is unusual if it lies beyond the tail of its past values. [spread]
// extrapolates this tail to what happens once in months. A worker that logs at regular intervals is therefore reported
// after three missing records, and one that logs at random after a correspondingly longer time. A job with a schedule is
// reported when it misses a run.
//
// # Quiet
//
// A worker that becomes quiet is not reported if there is an explanation: it logged a farewell, a successor took over, its
// job is done, or its service scales down. Time in which records could not be observed, because Redis or Elva was
// unavailable, does not count as quiet.
//
// # States
//
//	down      Redis is unreachable or denies access; a service, or half of its workers, is quiet; an error storm
//	degraded  any other cause: a quiet worker, a missed run, more errors or warnings than normal, a new error group, too
//	          few records or too many, a hang, restarts, duplicates, a critical record, a wrong clock
//	unknown   not connected yet, still learning, or no worker is active and there is no cause
//	ok        none of these
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
	// learningTime is how many seconds Elva must have observed before the state can be ok.
	learningTime = 10 * 60
	// maxCatchUp is how many past minutes are learned at most when time jumps forward.
	maxCatchUp = 60
)

// Health observes records and reports the state of the systems that log them. Its methods are safe for concurrent use.
type Health struct {
	mu      sync.Mutex
	started float64 // when Elva started, in Unix seconds, as all times in this package
	learned
	state      string         // the last summary's
	stateSince float64        // when state last changed
	changes    []change       // the newest changes of the state
	zone       *time.Location // of the times in sentences

	// Buffers that are reused.
	toClassify []*worker
	newcomers  []*worker
	causeBuf   []cause
	limitBuf   []float64
}

// learned is what the records say.
type learned struct {
	seed               maphash.Seed
	observedFrom       float64 // from when on all records were observed
	watch              watch
	decay              decay
	counters           counters
	registry           registry
	groups             groups
	minute             int64   // the last minute that was learned, counted from 1970
	unobservedAtMinute float64 // watch.unobserved at the end of that minute
	active             bitset  // IDs of the active workers
	alarmsUpdated      float64 // when updateAlarms last ran
}

// New returns a Health that observes from the time started on.
func New(started time.Time) *Health {
	now := seconds(started)
	h := &Health{started: now, learned: learned{seed: maphash.MakeSeed(), observedFrom: now, watch: newWatch(now)}, zone: started.Location()}
	h.decay = decay{landmark: now, weight: 1}
	h.counters = counters{channels: make(map[string]*counts), second: int64(now)}
	h.registry.workers = make(map[workerKey]*worker)
	h.registry.services = make(map[serviceKey]*service)
	h.groups.byKey, h.groups.grouping = make(map[uint64]*errorGroup), group.New()
	h.minute, h.alarmsUpdated = minuteOf(int64(now)), now
	return h
}

// Observe counts a record that arrived on channel at the time at and has the number seq in the history. For a record that
// was read later from a stream or list, at is the time at which it was added there. Observe doesn't retain r or its
// strings.
func (h *Health) Observe(at time.Time, channel string, r *record.Record, seq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.watch.observe(seconds(at))
	h.advance()
	h.counters.add(at.Unix(), r.Level)
	w := h.workerFor(now, channel, r)
	w.channelCounts[r.Level]++
	w.observe(now, h, r)
	isError := r.Level >= record.Error
	w.service.observe(now, h, w, isError, r.Level == record.Warning)
	if isError {
		g := h.observeError(now, r, w, seq)
		if r.Level == record.Critical {
			w.service.critical.observe(now, w, g, r)
		}
	}
}

// ObservePast is like Observe for a Health that is fed with past records, in the order of time. It judges them as if Elva had
// run then, so that an error storm doesn't become normal.
func (h *Health) ObservePast(at time.Time, channel string, r *record.Record, seq uint64) {
	h.judgeUntil(seconds(at))
	h.Observe(at, channel, r, seq)
}

// judgeUntil updates the alarms of past times, once a minute: a day of a thousand workers takes seconds then.
func (h *Health) judgeUntil(now float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watch.now = max(h.watch.now, now-longReport)
	for next := h.alarmsUpdated + 60; next <= now; next = h.alarmsUpdated + 60 {
		h.watch.now = max(h.watch.now, next)
		h.advance()
		h.updateAlarms(h.watch.now)
	}
}

// Learn replaces what h has observed by what past has, which observed all records up to the time now: what was wrong before
// Elva's start is still known after it.
func (h *Health) Learn(past *Health, now time.Time) {
	past.judgeUntil(seconds(now))
	h.mu.Lock()
	defer h.mu.Unlock()
	h.learned = past.learned
	h.watch.now = max(h.watch.now, seconds(now))
}

// Interrupted notes that records may be missing up to the time at, so that this time doesn't count as quiet.
func (h *Health) Interrupted(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watch.interrupt(seconds(at) + h.watch.offset)
}

// advance learns the minutes that have ended.
func (h *Health) advance() {
	minute := minuteOf(int64(h.watch.now))
	if minute <= h.minute {
		return
	}
	if minute-h.minute > maxCatchUp {
		h.minute = minute - maxCatchUp
		h.unobservedAtMinute = -1 // makes learnMinute treat the minute as not fully observed
	}
	for h.minute < minute {
		h.minute++
		h.learnMinute(float64(h.minute) * 60)
	}
}

// learnMinute adds the minute that ends at now to all baselines.
func (h *Health) learnMinute(now float64) {
	if h.decay.advance(now) {
		h.rescale(now)
	}
	observed := h.watch.unobserved-h.unobservedAtMinute < 1 && now-60 >= h.observedFrom
	h.unobservedAtMinute = h.watch.unobserved
	for _, s := range h.registry.services {
		s.learn(now, h, observed)
	}
	for _, w := range h.registry.workers {
		w.learn(now, h, observed)
	}
	fade := h.minute%10 == 0
	for _, g := range h.groups.byKey {
		g.rate.learn(now, h, observed, len(windows), func(minutes int64) float64 { return g.normalRate(now, minutes) })
		if fade {
			g.halveWorkerCounts()
		}
	}
	if h.minute%60 == 0 {
		h.expire(now)
	}
}

// rescale divides all weights in the spreads by the current weight, before they overflow.
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
		scale(&s.half.activity.spread)
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

// learning reports whether the observed time is too short to know what is normal.
func (h *Health) learning(now float64) bool {
	return now-h.observedFrom-h.watch.unobserved < learningTime
}

// learn adds the minute that ends at now to the baselines. observed is whether the whole minute was observed.
func (s *service) learn(now float64, h *Health, observed bool) {
	logging := s.activity.quietFor(now, &h.watch) < 60
	s.errors.learn(now, h, observed, 2, func(minutes int64) float64 { return s.normalRate(&s.errors, now, minutes) })
	s.warnings.learn(now, h, observed, 2, func(minutes int64) float64 { return s.normalRate(&s.warnings, now, minutes) })
	s.volume.learn(now, h, observed, logging)
	if h.minute%sizeMinutes == 0 {
		s.size.learn(now, s.active, now-s.activity.first >= 60*sizeMinutes)
	}
}

// normalRate returns how many of the service's errors or warnings a minute are normal over the last minutes. It includes
// the mean of the last hour and rises with the traffic.
func (s *service) normalRate(r *rate, now float64, minutes int64) float64 {
	return max(r.base.highest(now), r.base.hour) * s.volume.rise(now, minutes)
}

// learn adds the minute that ends at now to the baselines. observed is whether the whole minute was observed.
func (w *worker) learn(now float64, h *Health, observed bool) {
	if w.state == active {
		w.volume.learn(now, h, observed, w.activity.quietFor(now, &h.watch) < 60)
	}
	if observed {
		w.duplicates.learn(now)
	}
	if h.minute%10 == 0 {
		w.restarts.learnPeriod()
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
	unix := int64(s)
	return time.Unix(unix, int64((s-float64(unix))*1e9)).UTC()
}
