package health

import (
	"hash/maphash"
	"math"
	"slices"

	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// skewSamples is the number of records whose median gives the skew of a worker's clock.
	skewSamples = 15
	// maxSkew is the normal skew of a clock at most, in seconds. NTP keeps clocks within a second, but producers that batch
	// send records some seconds late.
	maxSkew = 30
	// skewTolerance is how much the samples of a wrong clock may differ, relative to the skew. The delays of a shipper
	// differ more.
	skewTolerance = 0.25
	// minAhead is how many records in a row that are ahead show that a clock is wrong: no delay makes a record come early.
	minAhead = 5
	// skewOpens is the time that a clock must be wrong to be reported, skewCloses the time that it must be right again.
	skewOpens  = 10
	skewCloses = 20
	// comparedRecords is the number of a worker's last records with which a new one is compared to find duplicates.
	comparedRecords = 4
	// maxPIDs is how many processes of a worker are remembered.
	maxPIDs = 8
	// maxStarts is how many starts of a worker are remembered.
	maxStarts = 4
	// startTolerance is the time within which two signs of a start belong to the same start, in seconds.
	startTolerance = 10
	// farewellValid is how many seconds after a farewell the last record may come.
	farewellValid = 60
)

// workerState is the state of a worker. The status document has one more, which is computed: learning.
type workerState uint8

const (
	active workerState = iota
	quiet
	replaced
	ended
)

// worker is what logs with one host, one service and one channel.
type worker struct {
	id            int
	key           workerKey
	name          string // the displayed name
	service       *service
	channelCounts *counts
	generated     bool // whether its host or service has a generated name

	state      workerState
	stateSince float64 // when the state began; 0 if it is active
	newcomer   bool    // whether it started after its service
	explained  bool    // whether it has replaced another worker
	round      uint32  // the last round in which it logged, see half

	activity activity
	volume   volume
	records  uint64
	errors   tally
	warnings tally
	loggers  loggers

	lastFarewell float64 // when it last logged a farewell; 0 if that was not its end
	lastFinish   float64

	pids       [maxPIDs]int64     // its last processes, each plus 1, the newest first
	startTimes [maxStarts]float64 // its last starts, the newest first
	restarts   restartRate

	missedRun  bool                    // whether it is quiet because it missed a run
	recent     [comparedRecords]uint64 // hashes of its last records
	clock      clockSkew
	duplicates duplicates
}

type workerKey struct{ host, service, channel string }

// name returns the displayed name of the worker.
func (k *workerKey) name() string {
	if name := record.WorkerName(k.host, k.service); name != "" {
		return name
	}
	return k.channel
}

// life returns the time between the worker's first and last record, in seconds.
func (w *worker) life() float64 { return w.activity.last - w.activity.first }

// observe counts a record.
func (w *worker) observe(now float64, h *Health, r *record.Record) {
	if w.state != active || w.activity.unobservedAtLast != h.watch.unobserved {
		w.loggers.restartGaps(now)
	}
	gap, learned := w.activity.observe(now, &h.watch, &h.decay, w.state == quiet)
	if w.state != active && w.activity.last > w.stateSince {
		w.reactivate(now)
	}
	if learned {
		w.service.workerHours.add(now-gap, gap)
	}
	slot := slotOf(now)
	w.records++
	if r.Level < record.Error { // it is no hang if errors stop
		w.loggers.observe(now, r.Logger)
	}
	switch {
	case r.Level >= record.Error:
		w.errors.add(slot)
		w.volume.counts.advance(slot)
	case r.Level == record.Warning:
		w.warnings.add(slot)
		fallthrough
	default:
		w.volume.counts.add(slot)
	}
	w.detectStart(now, r)
	if !r.Time.IsZero() {
		w.clock.observe(seconds(r.Time)-(now-h.watch.offset), w.records)
		w.countDuplicate(h, r)
	}
}

// reactivate makes a worker active that was quiet, ended or replaced.
func (w *worker) reactivate(now float64) {
	if w.state != quiet {
		w.activity.resumed = now
		if w.service.active == 0 {
			w.service.activity.resumed = now
		}
	}
	w.state, w.stateSince = active, 0
	if w.lastFarewell > 0 && now-w.lastFarewell > farewellValid {
		w.lastFarewell = 0
	}
}

// detectStart looks for signs of a start or an end of the worker's process.
func (w *worker) detectStart(now float64, r *record.Record) {
	started := r.HasPID && w.noteProcess(r.PID)
	switch eventOf(r.Message) {
	case farewell:
		w.lastFarewell = now
	case finish:
		w.lastFinish = now
	case startup:
		started = true
	case noEvent:
		if w.lastFarewell > 0 && now-w.lastFarewell > farewellValid {
			w.lastFarewell = 0
		}
	}
	if started && now-w.startTimes[0] > startTolerance {
		copy(w.startTimes[1:], w.startTimes[:])
		w.startTimes[0] = now
		w.restarts.thisPeriod++
		w.restarts.loopStarts++
	}
}

// loggedFarewell reports whether the worker's last records contain a farewell.
func (w *worker) loggedFarewell() bool {
	if w.lastFarewell > 0 && w.activity.last-w.lastFarewell <= farewellValid {
		return true
	}
	return w.lastFinish > 0 && w.activity.last-w.lastFinish <= farewellValid && w.life() < jobLife
}

// noteProcess notes the process of a record. It reports whether the process is new, which the first one is not.
func (w *worker) noteProcess(pid int64) bool {
	pid++ // 0 means none
	if w.pids[0] == pid {
		return false
	}
	i := slices.Index(w.pids[:], pid)
	isNew := i < 0 && w.pids[0] != 0
	if i < 0 {
		i = len(w.pids) - 1
	}
	copy(w.pids[1:i+1], w.pids[:i])
	w.pids[0] = pid
	return isNew
}

// countDuplicate counts a record, and whether it equals one of the worker's last records in time and message.
func (w *worker) countDuplicate(h *Health, r *record.Record) {
	sum := maphash.String(h.seed, r.Message) ^ uint64(r.Time.UnixNano())*0x9E3779B97F4A7C15
	if slices.Contains(w.recent[:], sum) {
		w.duplicates.duplicated++
	}
	w.duplicates.total++
	w.recent[w.records%comparedRecords] = sum
}

// clockSkew is how far a worker's clock is ahead of Elva's. A delay of records looks like a clock that is behind.
type clockSkew struct {
	samples       [skewSamples]float32 // skews of the last records, in seconds
	n             uint8
	farCount      uint8   // number of samples over maxSkew
	ahead         uint8   // number of newest samples that are ahead by more than maxSkew
	offSince      float64 // when the clock became wrong, 0 if it is right
	changingSince float64 // since when the samples contradict offSince, 0 if they don't
}

// observe notes the difference between a record's time and Elva's clock.
func (c *clockSkew) observe(difference float64, records uint64) {
	i := records % skewSamples
	if c.n < skewSamples {
		c.n++
	} else {
		c.farCount -= countIfFar(c.samples[i])
	}
	c.samples[i] = float32(difference)
	c.farCount += countIfFar(c.samples[i])
	if difference <= maxSkew {
		c.ahead = 0
	} else if c.ahead < minAhead {
		c.ahead++
	}
}

// detectOffset updates whether the clock is wrong. That must last for a while, since a delivery may just be delayed.
func (c *clockSkew) detectOffset(now float64) {
	isOff := c.ahead >= minAhead
	if !isOff && c.farCount > skewSamples/2 {
		difference, same := c.median()
		isOff = countIfFar(float32(difference)) > 0 && (same || difference > 0)
	}
	if isOff == (c.offSince > 0) {
		c.changingSince = 0
		return
	}
	if c.changingSince == 0 {
		c.changingSince = now
	}
	switch {
	case isOff && (c.ahead >= minAhead || now-c.changingSince >= skewOpens):
		c.offSince, c.changingSince = c.changingSince, 0
	case !isOff && now-c.changingSince >= skewCloses:
		c.offSince, c.changingSince = 0, 0
	}
}

// offset returns the median of the samples that are far off.
func (c *clockSkew) offset() float64 {
	list := slices.DeleteFunc(slices.Clone(c.samples[:c.n]), func(difference float32) bool { return countIfFar(difference) == 0 })
	slices.Sort(list)
	if len(list) == 0 {
		return 0
	}
	return float64(list[len(list)/2])
}

// countIfFar returns 1 if a difference is over maxSkew, else 0.
func countIfFar(difference float32) uint8 {
	if difference > maxSkew || difference < -maxSkew {
		return 1
	}
	return 0
}

// median returns the median skew; same is whether the samples are about equal, without the two most extreme ones.
func (c *clockSkew) median() (difference float64, same bool) {
	if c.n == 0 {
		return 0, false
	}
	sorted := c.samples
	list := sorted[:c.n]
	slices.Sort(list)
	middle := float64(list[len(list)/2])
	same = len(list) == skewSamples && math.Abs(float64(list[len(list)-2]-list[1])) <= skewTolerance*math.Abs(middle)
	return middle, same
}
