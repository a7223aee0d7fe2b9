package health

import (
	"hash/maphash"
	"math"
	"slices"

	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// clockSamples is how many clock differences a worker's clock is the median of.
	clockSamples = 15
	// clockMax is how many seconds off a clock may be. NTP keeps it under a second; producers that batch send up to
	// some seconds late.
	clockMax = 30
	// clockSame is by which part the differences may differ: a shipper's delays differ more.
	clockSame = 0.25
	// clockOpens is for how many seconds a clock must be off, and clockCloses for how many it must be right again.
	clockOpens  = 10
	clockCloses = 20
	// duplicateKept is how many of a worker's last records a new one is compared with.
	duplicateKept = 4
	// pidsKept is how many processes a worker may have without one of them being new each time.
	pidsKept = 8
	// startsKept is how many start-ups are remembered.
	startsKept = 4
	// sameStart is within how many seconds two signs of a start are one start.
	sameStart = 10
	// farewellHolds is for how many seconds after a farewell the end is one.
	farewellHolds = 60
	// falseFarewells is how many farewells that nothing follows from make such words mean nothing.
	falseFarewells = 3
)

// The states of a worker, beside those of the document: what is not known yet is learning.
type workerState uint8

const (
	active workerState = iota
	quiet
	replaced
	ended
)

// worker is what logs with one host, one service and one channel.
type worker struct {
	id        int
	key       workerKey
	name      string // what people call it
	service   *service
	channel   *counts
	generated bool // its host's name looks like one of many

	state    workerState
	since    float64 // of the state, but for active
	newcomer bool    // it began after its service
	used     bool    // it has replaced another one, or been taken for growth
	grown    bool    // it is counted as growth
	late     bool    // it replaced one that had ended for long

	activity activity
	volume   volume
	records  uint64
	errors   tally
	warnings tally
	loggers  loggers

	farewell float64 // when it last logged one
	finish   float64
	falsely  uint8 // farewells that were none

	pids     [pidsKept]int64
	starts   [startsKept]float64
	restarts restartRate

	missed bool                  // its quiet is a missed run
	recent [duplicateKept]uint64 // hashes of its last records
	clock  clockSkew
}

type workerKey struct{ host, service, channel string }

// name returns what people call the worker.
func (k *workerKey) name() string {
	if name := record.WorkerName(k.host, k.service); name != "" {
		return name
	}
	return k.channel
}

// life returns for how many seconds the worker logged.
func (w *worker) life() float64 { return w.activity.last - w.activity.first }

// observe takes in a record.
func (w *worker) observe(now float64, h *Health, r *record.Record) {
	if w.state != active || w.activity.lost != h.watch.lost {
		w.loggers.skip(now)
	}
	gap, learned := w.activity.observe(now, &h.watch, &h.decay, w.state == quiet)
	if w.state != active && w.activity.last > w.since {
		w.returns(now)
	}
	if learned {
		w.service.slots.add(now-gap, gap)
	}
	slot := slotOf(now)
	w.records++
	if r.Level < record.Error { // errors that end are no hang
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
	w.events(now, r)
	if !r.Time.IsZero() {
		w.clock.observe(seconds(r.Time)-(now-h.watch.offset), w.records)
		w.duplicate(h, r)
	}
}

// returns makes a worker active that was not.
func (w *worker) returns(now float64) {
	if w.state != quiet {
		w.activity.back = now
		if w.service.active == 0 {
			w.service.activity.back = now
		}
	}
	w.state, w.since = active, 0
	if w.farewell > 0 && now-w.farewell > farewellHolds {
		w.farewell = 0
	}
}

// events looks for starts and ends of the process.
func (w *worker) events(now float64, r *record.Record) {
	started := r.HasPID && w.newPID(r.PID)
	switch eventOf(r.Message) {
	case farewell:
		w.farewell = now
	case finish:
		w.finish = now
	case startup:
		started = true
	case noEvent:
		if w.farewell > 0 && now-w.farewell > farewellHolds {
			w.farewell = 0
			w.falsely = min(w.falsely+1, falseFarewells)
		}
	}
	if started && now-w.starts[0] > sameStart {
		copy(w.starts[1:], w.starts[:])
		w.starts[0] = now
		w.restarts.count++
		w.restarts.starts++
	}
}

// loggedFarewell reports whether the last that the worker logged was a farewell.
func (w *worker) loggedFarewell() bool {
	if w.farewell > 0 && w.falsely < falseFarewells && w.activity.last-w.farewell <= farewellHolds {
		return true
	}
	return w.finish > 0 && w.activity.last-w.finish <= farewellHolds && w.life() < jobLife
}

// newPID notes a process and reports whether it is a new one. The first one is not.
func (w *worker) newPID(pid int64) bool {
	pid++ // so that 0 is none
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

// duplicate counts a record that equals one of the worker's last ones in time and text.
func (w *worker) duplicate(h *Health, r *record.Record) {
	sum := maphash.String(h.seed, r.Message) ^ uint64(r.Time.UnixNano())*0x9E3779B97F4A7C15
	if slices.Contains(w.recent[:], sum) {
		w.service.duplicates.double++
	}
	w.service.duplicates.all++
	w.recent[w.records%duplicateKept] = sum
}

// clockSkew is how far a worker's clock is ahead of Elva's. A record's way counts as behind.
type clockSkew struct {
	samples [clockSamples]float32 // of the last records, in seconds
	n       uint8
	far     uint8   // how many of them are off by too much
	off     float64 // since when the clock is off, 0 while it is not
	changed float64 // since when that is about to change, 0 while it is not
}

// observe notes the difference of one record.
func (c *clockSkew) observe(difference float64, records uint64) {
	i := records % clockSamples
	if c.n < clockSamples {
		c.n++
	} else {
		c.far -= isFar(c.samples[i])
	}
	c.samples[i] = float32(difference)
	c.far += isFar(c.samples[i])
}

// judge finds whether the clock is off. That has to last for a while, or a delivery that was held up would be it.
func (c *clockSkew) judge(now float64) {
	isOff := false
	if c.far > clockSamples/2 {
		difference, same := c.median()
		isOff = isFar(float32(difference)) > 0 && (same || difference > 0) // no delay makes a record come early
	}
	if isOff == (c.off > 0) {
		c.changed = 0
		return
	}
	if c.changed == 0 {
		c.changed = now
	}
	switch {
	case isOff && now-c.changed >= clockOpens:
		c.off, c.changed = c.changed, 0
	case !isOff && now-c.changed >= clockCloses:
		c.off, c.changed = 0, 0
	}
}

func isFar(difference float32) uint8 {
	if difference > clockMax || difference < -clockMax {
		return 1
	}
	return 0
}

// median returns the clock's difference; same is whether all but the two most extreme samples are about the same.
func (c *clockSkew) median() (difference float64, same bool) {
	if c.n == 0 {
		return 0, false
	}
	sorted := c.samples
	list := sorted[:c.n]
	slices.Sort(list)
	middle := float64(list[len(list)/2])
	same = len(list) == clockSamples && math.Abs(float64(list[len(list)-2]-list[1])) <= clockSame*math.Abs(middle)
	return middle, same
}
