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

// Subscription is the part of a board that one subscription to Redis keeps. Its sources are numbered from 0. Its methods
// are safe for concurrent use.
type Subscription struct {
	board   *Board
	part    int                       // its number among the board's parts
	first   int                       // the number of its first source among the board's
	indexes map[redisutil.Channel]int // where each source is

	lastInput  atomic.Int64 // Unix nanoseconds
	lastRecord atomic.Int64

	// The board's mutex guards these.
	live   bool      // there is a connection that serves
	losses []loss    // by source
	proven time.Time // what Redis took before this has been delivered
}

// loss is since when a source's records may be missing; the zero value while none can be.
type loss struct {
	from, lastRecord time.Time
	reason           string
	connection       bool // a connection that served was lost
}

// source returns a source. The caller holds the lock.
func (s *Subscription) source(i int) *Source { return &s.board.doc.Sources[s.first+i] }

// Set sets the state of the subscription, and logs the link's when it becomes another one. nextTry may be
// zero.
func (s *Subscription) Set(state, text string, nextTry time.Time) {
	s.board.set(s.part, part{state, text, nextTry})
}

// Input notes a sign of life of the subscription.
func (s *Subscription) Input(now time.Time) { s.lastInput.Store(now.UnixNano()) }

// LastInput returns the time of the subscription's last sign of life, zero before the first.
func (s *Subscription) LastInput() time.Time { return clock(s.lastInput.Load()) }

// LastRecord returns the time of the subscription's last record, zero before the first.
func (s *Subscription) LastRecord() time.Time { return clock(s.lastRecord.Load()) }

// Record notes a record that a source brought.
func (s *Subscription) Record(now time.Time, by redisutil.Channel) {
	s.lastRecord.Store(now.UnixNano())
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	if i, ok := s.indexes[by]; ok {
		s.source(i).Records++
		s.source(i).LastRecord = now.UTC()
	}
}

// Prove notes that everything Redis took before the time at has been delivered: it has answered what
// was sent then, and it answers in order. What arrives is no proof of the moment it arrives, since it
// may have waited in buffers while what came after it was dropped.
func (s *Subscription) Prove(at time.Time) {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	if at.After(s.proven) {
		s.proven = at
	}
}

// Lost notes that contact was lost. Records may be missing since the last proof, or since the start if
// there was none.
func (s *Subscription) Lost(reason string) {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	for i := range s.losses {
		s.lose(i, reason, s.live)
	}
	s.live = false
}

// lose begins a loss unless one has begun. The caller holds the lock.
func (s *Subscription) lose(i int, reason string, connection bool) {
	if s.losses[i].from.IsZero() {
		from := s.proven.Add(-s.board.lag)
		if from.Before(s.board.started) {
			from = s.board.started
		}
		s.losses[i] = loss{from: from, lastRecord: s.source(i).LastRecord, reason: reason, connection: connection}
	}
}

// Reconnect notes that a new connection begins: nothing is confirmed and nothing denied. What was
// denied before, and is again, was so all the time.
func (s *Subscription) Reconnect() {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	for i := range s.losses {
		s.board.answered(s.first+i, time.Time{}, "")
	}
}

// Index returns a source's number.
func (s *Subscription) Index(src redisutil.Channel) (i int, ok bool) {
	i, ok = s.indexes[src]
	return i, ok
}

// Confirm notes that Redis confirms a subscription.
func (s *Subscription) Confirm(now time.Time, i int) {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	s.board.denied[s.first+i] = time.Time{}
	s.board.answered(s.first+i, now.UTC(), "")
}

// Deny notes that Redis denies a subscription, and why.
func (s *Subscription) Deny(i int, err error) {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	s.board.deny(s.first+i, err)
	s.lose(i, (&redisutil.DeniedError{What: s.board.what(s.first + i), Err: err}).Error(), false)
}

// Denied returns the sources that are denied.
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

// DeniedError returns an error that names what is denied, in words, and nil when nothing is.
func (s *Subscription) DeniedError() *redisutil.DeniedError {
	list := s.Denied()
	if len(list) == 0 {
		return nil
	}
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	if len(s.losses) == 1 {
		return &redisutil.DeniedError{What: s.board.what(s.first), Err: fmt.Errorf("%s", s.source(0).Denied)}
	}
	var said []string
	for n, i := range list {
		if n == namesInText {
			said = append(said, fmt.Sprintf("and %d more", len(list)-n))
			break
		}
		said = append(said, s.board.what(s.first+i)+": "+s.source(i).Denied)
	}
	return &redisutil.DeniedError{What: fmt.Sprintf("%d of %d subscriptions", len(list), len(s.losses)), Err: fmt.Errorf("%s", strings.Join(said, "; "))}
}

// EndLosses ends the losses of the confirmed sources and returns them as gaps, oldest first. asked is
// when the subscription was asked for.
func (s *Subscription) EndLosses(now, asked time.Time) []gap.Gap {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	s.live = true
	var gaps []gap.Gap
	indexes := make(map[loss]int)
	proven := now // what is in a gap that ends now needs no other proof
	for i, lost := range s.losses {
		if s.source(i).Confirmed.IsZero() {
			continue
		}
		if lost.from.IsZero() {
			proven = asked
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
	if proven.After(s.proven) {
		s.proven = proven
	}
	slices.SortStableFunc(gaps, func(a, b gap.Gap) int { return cmp.Compare(a.From.UnixNano(), b.From.UnixNano()) })
	return gaps
}
