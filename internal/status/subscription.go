package status

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/redisutil"
)

// Subscription is the part of a Board for one subscription to Redis. Its sources are numbered from 0. Its methods are safe
// for concurrent use.
type Subscription struct {
	board   *Board
	part    int                       // its number among the board's parts
	first   int                       // the number of its first source among the board's sources
	indexes map[redisutil.Channel]int // the number of each source

	lastInput  atomic.Int64 // in Unix nanoseconds
	lastRecord atomic.Int64

	// The board's mutex guards these.
	serving        bool      // whether there is a connection that receives messages
	losses         []loss    // by source
	deliveredUntil time.Time // messages that were published before this time have been delivered
}

// loss describes since when and why records of a source may be missing. It is zero if none can be missing.
type loss struct {
	from, lastRecord time.Time
	reason           string
	connection       bool // whether a working connection was lost
}

// source returns a source. The caller holds the lock.
func (s *Subscription) source(i int) *Source { return &s.board.doc.Sources[s.first+i] }

// Set sets the state of the subscription. nextTry may be zero.
func (s *Subscription) Set(state, text string, nextTry time.Time) {
	s.board.set(s.part, part{state, text, nextTry})
}

// Input notes that Redis sent something on the subscription's connection.
func (s *Subscription) Input(now time.Time) { s.lastInput.Store(now.UnixNano()) }

// LastInput returns the time of the last input, zero before the first.
func (s *Subscription) LastInput() time.Time { return fromNanoseconds(s.lastInput.Load()) }

// LastRecord returns the time of the last record, zero before the first.
func (s *Subscription) LastRecord() time.Time { return fromNanoseconds(s.lastRecord.Load()) }

// Record notes a record from a source.
func (s *Subscription) Record(now time.Time, source redisutil.Channel) {
	s.lastRecord.Store(now.UnixNano())
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	if i, ok := s.indexes[source]; ok {
		s.source(i).Records++
		s.source(i).LastRecord = now.UTC()
	}
}

// NoteDelivered notes that all messages published before the time at have been delivered: Redis has answered a command that
// was sent then, and it answers in order. The arrival of a message doesn't prove that for its own time, since it may have
// been buffered while later messages were dropped.
func (s *Subscription) NoteDelivered(at time.Time) {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	if at.After(s.deliveredUntil) {
		s.deliveredUntil = at
	}
}

// Lost notes that the connection was lost. Records may be missing since the time of the last NoteDelivered, or since the
// start.
func (s *Subscription) Lost(reason string) {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	for i := range s.losses {
		s.beginLoss(i, reason, s.serving)
	}
	s.serving = false
}

// beginLoss begins the loss of a source unless it has begun already. The caller holds the lock.
func (s *Subscription) beginLoss(i int, reason string, connection bool) {
	if s.losses[i].from.IsZero() {
		from := s.deliveredUntil.Add(-s.board.lag)
		if from.Before(s.board.started) {
			from = s.board.started
		}
		s.losses[i] = loss{from: from, lastRecord: s.source(i).LastRecord, reason: reason, connection: connection}
	}
}

// Reconnect notes that a new connection begins, on which no source is confirmed or denied yet. A source that is denied again
// keeps its DeniedSince.
func (s *Subscription) Reconnect() {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	for i := range s.losses {
		s.board.setReply(s.first+i, time.Time{}, "")
	}
}

// Index returns the number of a source.
func (s *Subscription) Index(src redisutil.Channel) (i int, ok bool) {
	i, ok = s.indexes[src]
	return i, ok
}

// Confirm notes that Redis confirmed a source.
func (s *Subscription) Confirm(now time.Time, i int) {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	s.board.deniedSince[s.first+i] = time.Time{}
	s.board.setReply(s.first+i, now.UTC(), "")
}

// Deny notes that Redis denied the i-th source with err, so that its records are lost from now on.
func (s *Subscription) Deny(i int, err error) {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	s.board.setDenied(s.first+i, err)
	s.beginLoss(i, (&redisutil.DeniedError{What: s.board.describe(s.first + i), Err: err}).Error(), false)
}

// Denied returns the numbers of the denied sources.
func (s *Subscription) Denied() []int {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	var list []int
	for i := range s.losses {
		if s.source(i).Denied != "" {
			list = append(list, i)
		}
	}
	return list
}

// DeniedError returns an error that names the denied sources, nil if there are none.
func (s *Subscription) DeniedError() *redisutil.DeniedError {
	list := s.Denied()
	if len(list) == 0 {
		return nil
	}
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	if len(s.losses) == 1 {
		return &redisutil.DeniedError{What: s.board.describe(s.first), Err: fmt.Errorf("%s", s.source(0).Denied)}
	}
	var texts []string
	for n, i := range list {
		if n == maxNames {
			texts = append(texts, fmt.Sprintf("and %d more", len(list)-n))
			break
		}
		texts = append(texts, s.board.describe(s.first+i)+": "+s.source(i).Denied)
	}
	return &redisutil.DeniedError{What: fmt.Sprintf("%d of %d subscriptions", len(list), len(s.losses)), Err: fmt.Errorf("%s", strings.Join(texts, "; "))}
}

// EndLosses ends the losses of the confirmed sources and returns them as gaps, oldest first. requested is when the
// subscription was requested.
func (s *Subscription) EndLosses(now, requested time.Time) []gap.Gap {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	s.serving = true
	var gaps []gap.Gap
	indexes := make(map[loss]int)
	deliveredUntil := now // messages before now are delivered or lie in a gap
	for i, lost := range s.losses {
		if s.source(i).Confirmed.IsZero() {
			continue
		}
		if lost.from.IsZero() {
			deliveredUntil = requested
			continue
		}
		s.losses[i] = loss{}
		key := loss{from: lost.from, reason: lost.reason, connection: lost.connection}
		n, ok := indexes[key]
		if !ok {
			n = len(gaps)
			indexes[key] = n
			gaps = append(gaps, gap.Gap{Kind: gap.Redis, From: lost.from.UTC(), To: now.UTC(), Reason: lost.reason})
			if lost.connection {
				gaps[n].Connections = 1
			}
		}
		if lost.lastRecord.After(gaps[n].LastRecord) {
			gaps[n].LastRecord = lost.lastRecord
		}
	}
	if deliveredUntil.After(s.deliveredUntil) {
		s.deliveredUntil = deliveredUntil
	}
	slices.SortStableFunc(gaps, func(a, b gap.Gap) int { return cmp.Compare(a.From.UnixNano(), b.From.UnixNano()) })
	return gaps
}
