package streams

import (
	"fmt"
	"hash/maphash"
	"time"

	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/position"
)

// stream is how far one stream was read, and what is known of it.
//
// XREAD goes on in silence behind what was trimmed (redis.io, XTRIM). What tells of it is Redis's own count:
// the n-th entry ever added has the index n, so between two entries whose indexes are known as many should
// come as lie between them.
type stream struct {
	key    string
	number int // among the handler's streams
	sink   Sink

	begun   bool
	at      position.Position // read up to here
	exact   bool              // at.Index is known
	anchor  position.Position // an entry still to come whose index is known; zero without one
	backlog position.Entry    // what is read up to here was added before Elva looked
	gone    bool              // the key did not exist when it was last looked at
	last    time.Time         // when the last entry came

	until  position.Entry // entries up to here may come again, and are known then
	server string         // the run ID of the server it was last compared on, if that tells it

	seed maphash.Seed
	seen []mark // the last entries that were read, a ring
	next int    // its oldest, when it is full

	refused error     // what Redis says when it does not let the stream be read
	again   time.Time // when it is asked again
	tries   int       // how often it was refused
}

// remembered is how many entries are known again after a failover: it takes those of a second or so.
const remembered = 4096

// mark is an entry that was read.
type mark struct {
	id  position.Entry
	sum uint64
}

// check takes what Redis says of the stream, and tells of entries that went before they were read. It reports
// false when this is not the stream that was read, or the same with its newest entries gone.
func (s *stream) check(now time.Time, in info) (same bool) {
	if !in.exists {
		s.gone = s.at.Entry != position.Entry{}
		return true
	}
	if s.gone || in.counted && in.generated.Compare(s.at.Entry) < 0 || s.exact && in.added > 0 && in.added < s.at.Index {
		return false
	}
	switch {
	case in.added == 0 && in.empty(): // as XGROUP CREATE makes one
	case in.added == 0: // nothing is counted before Redis 7
		s.exact = false
		if in.first.Compare(s.at.Entry) > 0 && s.at.Entry != (position.Entry{}) && s.trimmed(in) {
			s.lose(now, 0)
		}
	case in.generated == s.at.Entry || in.length == 0: // nothing that was added is still to come
		s.count(now, in.added)
	case in.first.Compare(s.at.Entry) > 0: // none is left of what was read
		s.count(now, in.added-in.length)
	default:
		s.anchor = position.Position{Entry: in.generated, Index: in.added}
	}
	return true
}

// trimmed reports, once for each oldest entry, that the last entry read was trimmed, and others may have
// been with it.
func (s *stream) trimmed(in info) bool {
	seen := s.anchor.Entry == in.first
	s.anchor = position.Position{Entry: in.first}
	return !seen
}

// count takes the index of the place that was read up to, and tells how many entries were missed if it is
// more than was counted.
func (s *stream) count(now time.Time, index uint64) {
	exact, before := s.exact, s.at.Index
	s.at.Index, s.exact = index, true
	switch {
	case exact && index > before:
		s.lose(now, index-before)
	case exact && index < before: // it was made anew between two looks, and read on with IDs that went on
		s.missing(now, 0, "the stream %q was made anew: what stood between those above may be missing")
	}
}

// take counts an entry that comes next.
func (s *stream) take(now time.Time, id position.Entry) {
	if s.anchor.Index > 0 && id.Compare(s.anchor.Entry) >= 0 {
		if id == s.anchor.Entry {
			s.count(now, s.anchor.Index-1)
		}
		s.anchor = position.Position{} // it has gone itself: the next one will count
	}
	s.at.Entry = id
	if s.exact {
		s.at.Index++
	}
	s.last = now
}

// place is what a viewer may know of where the stream stands.
func (s *stream) place() position.Position {
	if s.exact {
		return s.at
	}
	return position.Position{Entry: s.at.Entry}
}

func (s *stream) lose(now time.Time, entries uint64) {
	s.missing(now, entries, "the stream %q was trimmed before these entries were read")
}

// missing tells of a hole before the place, of unknown size if entries is 0. reason has a place for the key.
func (s *stream) missing(now time.Time, entries uint64, reason string) {
	s.sink.Missing(now, s.number, s.place(), history.Gap{Kind: "stream", Lost: entries, From: utc(s.last), To: now.UTC(), LastRecord: utc(s.last),
		Reason: fmt.Sprintf(reason, s.key)})
}

// remember keeps an entry that was read, to know it again.
func (s *stream) remember(e *entry) {
	if s.seen == nil {
		s.seed, s.seen = maphash.MakeSeed(), make([]mark, 0, remembered)
	}
	m := mark{e.id, maphash.String(s.seed, e.payload)}
	if len(s.seen) < remembered {
		s.seen = append(s.seen, m)
		return
	}
	s.seen[s.next] = m
	s.next = (s.next + 1) % remembered
}

// oldest returns the ID of the oldest entry that is known again.
func (s *stream) oldest() (id position.Entry) {
	for i, m := range s.seen {
		if i == 0 || m.id.Compare(id) < 0 {
			id = m.id
		}
	}
	return id
}

// knows reports whether the entry is one that was read.
func (s *stream) knows(e *entry) bool {
	for i := range s.seen {
		m := s.seen[(s.next+len(s.seen)-1-i)%len(s.seen)] // the newest first
		if m.id == e.id && m.sum == maphash.String(s.seed, e.payload) {
			return true
		}
	}
	return false
}

// turn goes on behind p in a stream that is not the one that was read, or not so long any more.
func (s *stream) turn(now time.Time, p position.Position, exact, onward bool, reason string) {
	if s.until.Compare(s.at.Entry) < 0 { // it may be turned again before it is back where it was
		s.until = s.at.Entry
	}
	s.at, s.exact, s.anchor, s.gone = p, exact, position.Position{}, false
	s.sink.BeginAnew(now, s.number, s.place(), onward, history.Gap{Kind: "stream", From: utc(s.last), To: now.UTC(), LastRecord: utc(s.last), Reason: reason})
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}
