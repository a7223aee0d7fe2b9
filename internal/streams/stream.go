package streams

import (
	"fmt"
	"hash/maphash"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/ingest"
)

// stream is how far one stream was read, and what is known of it.
//
// XREAD continues in silence behind what was trimmed (redis.io, XTRIM). It is Redis's own count that shows it: the n-th
// entry ever added has the index n, so between two entries whose indexes are known as many should
// come as lie between them.
type stream struct {
	key    string
	number int // among the handler's streams, from 0
	sink   ingest.Sink

	begun   bool
	at      entry.Entry // read up to here
	exact   bool        // its index is known
	anchor  entry.Entry // an entry still to come whose index is known; zero without one
	backlog entry.ID    // what is read up to here was added before Elva began
	gone    bool        // the key did not exist at the last look
	asked   time.Time   // when the last answer was asked for: it has all that was added before
	last    time.Time   // when the last entry came
	pending *gap.Gap    // reported before the next entry

	until  entry.ID // entries up to here may come again, and are known then
	server string   // the run ID of the server that it was last compared on, if that is known

	seed maphash.Seed
	seen []mark // the last entries that were read, a ring
	next int    // its oldest, when it is full

	denied error     // why Redis does not let it be read
	retry  time.Time // when it is asked for again
	tries  int       // how often it was denied
}

// check takes what Redis says of the stream, and reports entries that were trimmed before they were read. It returns
// false when this may not be the stream that was read, or not all of it.
func (s *stream) check(now time.Time, in info) (same bool) {
	if !in.exists {
		s.gone = s.at.ID != entry.ID{}
		return true
	}
	if s.gone || in.counted && in.generated.Compare(s.at.ID) < 0 || s.fewer(in.added) {
		return false
	}
	switch {
	case in.added == 0 && in.empty(): // as XGROUP CREATE makes one
	case in.added == 0: // nothing is counted before Redis 7
		s.exact = false
		if in.first.Compare(s.at.ID) > 0 && s.at.ID != (entry.ID{}) && s.trimmed(in) {
			s.at.ID = in.first.Previous()
			s.report(now, gap.Trimmed, 0, trimmedReason)
		}
	case in.generated == s.at.ID: // nothing that was added is still to come
		s.count(now, entry.Entry{ID: s.at.ID, Index: in.added})
	case in.length == 0:
		s.count(now, entry.Entry{ID: in.generated, Index: in.added})
	case in.first.Compare(s.at.ID) > 0: // none is left of what was read
		s.count(now, entry.Entry{ID: in.first.Previous(), Index: in.added - in.length})
	default:
		s.anchor = entry.Entry{ID: in.generated, Index: in.added}
	}
	return true
}

// fewer reports whether fewer entries were added than were read and missed.
func (s *stream) fewer(added uint64) bool { return s.exact && 0 < added && added < s.at.Index }

// trimmed reports, once for each oldest entry, that the last entry read was trimmed, and others may have
// been with it.
func (s *stream) trimmed(in info) bool {
	seen := s.anchor.ID == in.first
	s.anchor = entry.Entry{ID: in.first}
	return !seen
}

const trimmedReason = "the stream %q was trimmed before these entries were read"

// count takes a place up to which nothing is still to come, and reports how many entries were missed if its index is
// larger than what was counted.
func (s *stream) count(now time.Time, p entry.Entry) {
	exact, before := s.exact, s.at.Index
	s.at.Index, s.exact = p.Index, true
	switch {
	case exact && p.Index > before:
		s.at.ID = p.ID
		s.report(now, gap.Trimmed, p.Index-before, trimmedReason)
	case exact && p.Index < before:
		s.at.ID = p.ID
		s.report(now, gap.Recreated, 0, "the stream %q was deleted and created again: the last entries of the old one may be missing")
	}
}

// take counts an entry that comes next.
func (s *stream) take(now time.Time, id entry.ID) {
	if s.pending != nil {
		s.at.ID = id.Previous()
		s.send(now, *s.pending, s.upTo())
		s.pending = nil
	}
	if s.anchor.Index > 0 && id.Compare(s.anchor.ID) >= 0 {
		if id == s.anchor.ID {
			s.count(now, entry.Entry{ID: s.at.ID, Index: s.anchor.Index - 1})
		}
		s.anchor = entry.Entry{} // it has gone itself: the next one will count
	}
	s.at.ID = id
	if s.exact {
		s.at.Index++
	}
	s.last = now
}

// gap describes what is missing since the last answer, of unknown size if lost is 0. reason has a verb for the key.
func (s *stream) gap(now time.Time, kind gap.Kind, lost uint64, reason string) gap.Gap {
	return gap.Gap{Kind: kind, Lost: lost, From: utc(s.asked), To: now.UTC(), LastRecord: utc(s.last), Reason: fmt.Sprintf(reason, s.key)}
}

// report reports a gap before what follows behind s.at.
func (s *stream) report(now time.Time, kind gap.Kind, lost uint64, reason string) {
	s.send(now, s.gap(now, kind, lost, reason), s.upTo())
}

func (s *stream) send(now time.Time, g gap.Gap, upTo entry.Entry) {
	s.sink.Gap(ingest.Gap{Gap: g, At: now, Stream: s.number + 1, Entry: upTo})
}

// upTo returns what was read, as others may know it.
func (s *stream) upTo() entry.Entry {
	if s.exact {
		return s.at
	}
	return entry.Entry{ID: s.at.ID}
}

// utc keeps the zero time, which is absent in JSON.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}
