// Package health knows, from the records alone, how the systems that log are doing: who speaks and how
// often, who has fallen silent, what fails and what of it is new. It keeps that in bounded memory, at
// the same small cost for every record.
//
// # Workers
//
// A worker is whoever logs with one host, one service (the field of that name, else the first segment
// of the logger) and one channel. Its rhythm is learnt from the seconds in which it speaks: the usual
// gap between them, and the pauses that it makes again and again. It is silent when it has said nothing
// for ten of its usual gaps (five if it speaks once an hour or rarer), for two of its longest known
// pauses, and for 15 s, whichever is longest. Nobody is judged who was heard for less than a minute,
// and nobody while Redis is not live: silence counts from when it is live again.
//
// A silent worker has been replaced, and is no trouble, when another host has begun to log for the same
// service and channel since ten minutes before its last word: so does a deploy of containers look. A
// worker that says nothing for a day is forgotten.
//
// # Errors
//
// Errors (and worse) in the last minute are held against the usual number a minute, smoothed over an
// hour. More than the usual by three standard deviations of chance and two is attention; ten times the
// usual, and at least 30, is a storm. A kind of error is an exception type and the last own frame, else
// a logger and a template, else a message without what varies. It is new for ten minutes after it was
// first seen, except in the first ten minutes of watching, when everything would be.
//
// # The verdict
//
//	trouble    Redis is down or refuses, a worker is silent, or errors storm
//	attention  more errors than usual, a critical record, a new kind of error, a source that was never
//	           heard, a clock that is more than 30 s off
//	unknown    not connected yet, nothing heard yet, or watching for less than half a minute
//	ok         none of it
//
// What can't be seen is never called ok; and after a start, when nothing is known yet, nothing is called
// trouble but the link itself.
package health

import (
	"math"
	"sync"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// levels is how many levels there are, the unknown one included.
	levels = int(record.Critical) + 1
	// minute is how far back counts per second are kept: the verdict speaks of the last minute.
	minute = 60
	// rateSeconds is what rates are a mean of: shorter jumps, longer hides what happens now.
	rateSeconds = 10
	// usualMinutes is over how many minutes the usual number of errors is smoothed.
	usualMinutes = 60
	// maxChannels bounds the counts by channel: a pattern can match names without end.
	maxChannels = 200
	// otherChannels stands for the channels beyond it.
	otherChannels = "(other)"
)

type counts [levels]uint64

// Health learns from records. Its methods are safe for concurrent use.
type Health struct {
	mu       sync.Mutex
	started  time.Time
	since    time.Time // since when Redis is live without a hole
	total    counts
	channels map[string]*counts
	seconds  [minute][levels]uint32 // by second, modulo
	second   int64                  // the newest of them, Unix
	minutes  [hour][levels]uint32   // by minute, modulo
	usual    float64                // errors a minute
	learnt   int                    // how many minutes that is made of
	roster   roster
	kinds    catalogue
}

// New returns a Health that counts from the time started on.
func New(started time.Time) *Health {
	return &Health{started: started, since: started, second: started.Unix(), channels: make(map[string]*counts)}
}

// Observe learns from a record that arrived on channel at the time at and has the number seq in the
// history. One that was recovered later, as from a stream, counts for the time at which it came. It keeps
// nothing of the record's memory.
func (h *Health) Observe(at time.Time, channel string, r *record.Record, seq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.advance(at.Unix())
	h.total[r.Level]++
	h.channel(channel)[r.Level]++
	second := at.Unix()
	if h.second-second < minute {
		h.seconds[ringIndex(second, minute)][r.Level]++
	}
	if h.second/60-second/60 < hour {
		h.minutes[ringIndex(second/60, hour)][r.Level]++
	}
	w := h.roster.observe(at, channel, r, h.since)
	if r.Level >= record.Error {
		h.kinds.observe(at, r, w, seq)
	}
}

// Interrupted notes that records may be missing up to the time at: nobody's silence counts until then.
func (h *Health) Interrupted(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.since = at
}

func (h *Health) channel(name string) *counts {
	c := h.channels[name]
	if c == nil {
		if len(h.channels) >= maxChannels {
			name = otherChannels
		}
		if c = h.channels[name]; c == nil {
			c = new(counts)
			h.channels[clip(name)] = c
		}
	}
	return c
}

// last adds up the seconds from the newest but first to the newest but last.
func (h *Health) last(first, last int) (n counts) {
	for back := first; back <= last; back++ {
		for l, c := range h.seconds[ringIndex(h.second-int64(back), minute)] {
			n[l] += uint64(c)
		}
	}
	return n
}

// advance makes second the newest one, unless it is an older one.
func (h *Health) advance(second int64) {
	for h.second < second {
		if second-h.second > 3600 { // a long sleep; an hour of it empties everything
			h.second = second - 3600
		}
		h.second++
		h.seconds[ringIndex(h.second, minute)] = [levels]uint32{}
		if h.second%60 == 0 {
			h.learn(h.second/60 - 1)
			h.minutes[ringIndex(h.second/60, hour)] = [levels]uint32{}
		}
	}
}

// learn adds a full minute to what is usual. A storm counts no more than what makes it one, or it would
// be usual soon.
func (h *Health) learn(m int64) {
	if m*60 < h.started.Unix() {
		return // not heard in full
	}
	errors := errorsIn(counts64(h.minutes[ringIndex(m, hour)]))
	if h.learnt > 0 {
		errors = min(errors, stormTimes*h.usual+stormMin)
	}
	h.learnt = min(h.learnt+1, usualMinutes)
	h.usual += (errors - h.usual) / float64(h.learnt)
}

// elevated returns from how many errors a minute on there are more than usual.
func (h *Health) elevated() float64 { return h.usual + 3*math.Sqrt(h.usual) + 2 }

func errorsIn(n counts) float64 { return float64(n[record.Error] + n[record.Critical]) }

func counts64(n [levels]uint32) (c counts) {
	for l := range n {
		c[l] = uint64(n[l])
	}
	return c
}
