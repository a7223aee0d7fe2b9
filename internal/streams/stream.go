package streams

import (
	"fmt"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/ingest"
)

// stream is the state of reading one stream.
//
// XREAD skips trimmed entries without saying so (redis.io, XTRIM). Redis's own count reveals them: the n-th entry ever
// added has the index n, so the number of entries between two with known indexes is known, too.
type stream struct {
	key    string
	number int // among the handler's streams, from 0
	sink   ingest.Sink

	begun    bool
	at       entry.Entry // the last entry that was read
	exact    bool        // whether the index of at is known
	anchor   entry.Entry // an entry that was not read yet, whose index is known; zero if there is none
	existing entry.ID    // entries up to this one were added before reading began
	gone     bool        // whether the key did not exist when it was last checked
	asked    time.Time   // when the last reply was requested: it has everything that was added before
	last     time.Time   // when the last entry came
	pending  *gap.Gap    // to be reported before the next entry

	until  entry.ID // entries up to this one may come a second time
	server string   // the run ID of the server on which the stream was last compared; "" if unknown

	seen []mark // the last entries that were read

	denied error     // why Redis denies access; nil if it doesn't
	retry  time.Time // when to try again
	tries  int       // how often access was denied in a row
}

// check compares the stream with its XINFO and reports entries that were trimmed before they were read. It returns false
// if this may be another stream than the one that was read, or lacks entries that were read.
func (s *stream) check(now time.Time, in info) (same bool) {
	if !in.exists {
		s.gone = s.at.ID != entry.ID{}
		return true
	}
	if s.gone || in.counted && in.generated.Compare(s.at.ID) < 0 || s.hasFewer(in.added) {
		return false
	}
	switch {
	case in.added == 0 && in.empty(): // XGROUP CREATE makes an empty stream
	case in.added == 0: // Redis counts only since version 7
		s.exact = false
		if in.first.Compare(s.at.ID) > 0 && s.at.ID != (entry.ID{}) && s.noticeTrim(in) {
			s.at.ID = in.first.Previous()
			s.report(now, gap.Trimmed, 0, trimmedReason)
		}
	case in.generated == s.at.ID: // everything was read
		s.reconcile(now, entry.Entry{ID: s.at.ID, Index: in.added})
	case in.length == 0:
		s.reconcile(now, entry.Entry{ID: in.generated, Index: in.added})
	case in.first.Compare(s.at.ID) > 0: // no entry that was read still exists
		s.reconcile(now, entry.Entry{ID: in.first.Previous(), Index: in.added - in.length})
	default:
		s.anchor = entry.Entry{ID: in.generated, Index: in.added}
	}
	return true
}

// hasFewer reports whether Redis counts fewer entries than were read or missed.
func (s *stream) hasFewer(added uint64) bool { return s.exact && 0 < added && added < s.at.Index }

// noticeTrim reports whether the oldest entry has changed since the last call. The last entry that was read was trimmed
// then, and others may have been trimmed with it.
func (s *stream) noticeTrim(in info) bool {
	seen := s.anchor.ID == in.first
	s.anchor = entry.Entry{ID: in.first}
	return !seen
}

const trimmedReason = "the stream %q was trimmed before these entries were read"

// reconcile compares the number of entries that were read or missed with Redis's count, and reports the difference as a
// gap. upTo is the last entry that was read or missed, with its index by Redis's count.
func (s *stream) reconcile(now time.Time, upTo entry.Entry) {
	exact, before := s.exact, s.at.Index
	s.at.Index, s.exact = upTo.Index, true
	switch {
	case exact && upTo.Index > before:
		s.at.ID = upTo.ID
		s.report(now, gap.Trimmed, upTo.Index-before, trimmedReason)
	case exact && upTo.Index < before:
		s.at.ID = upTo.ID
		s.report(now, gap.Recreated, 0, "the stream %q was deleted and created again: the last entries of the old one may be missing")
	}
}

// advance moves to the next entry and counts it.
func (s *stream) advance(now time.Time, id entry.ID) {
	if s.pending != nil {
		s.at.ID = id.Previous()
		s.send(now, *s.pending, s.upTo())
		s.pending = nil
	}
	if s.anchor.Index > 0 && id.Compare(s.anchor.ID) >= 0 {
		if id == s.anchor.ID {
			s.reconcile(now, entry.Entry{ID: s.at.ID, Index: s.anchor.Index - 1})
		}
		s.anchor = entry.Entry{} // reached, or trimmed: the next XINFO sets another
	}
	s.at.ID = id
	if s.exact {
		s.at.Index++
	}
	s.last = now
}

// gap returns a gap since the last reply, of unknown size if lost is 0. reason has a verb for the key.
func (s *stream) gap(now time.Time, kind gap.Kind, lost uint64, reason string) gap.Gap {
	return gap.Gap{Kind: kind, Lost: lost, From: utc(s.asked), To: now.UTC(), LastRecord: utc(s.last), Reason: fmt.Sprintf(reason, s.key)}
}

// report sends a gap that lies before the entries behind s.at.
func (s *stream) report(now time.Time, kind gap.Kind, lost uint64, reason string) {
	s.send(now, s.gap(now, kind, lost, reason), s.upTo())
}

func (s *stream) send(now time.Time, g gap.Gap, upTo entry.Entry) {
	s.sink.Gap(ingest.Gap{Gap: g, At: now, Stream: s.number + 1, Entry: upTo})
}

// upTo returns the last entry that was read, with its index only if that is exact.
func (s *stream) upTo() entry.Entry {
	if s.exact {
		return s.at
	}
	return entry.Entry{ID: s.at.ID}
}

// utc converts a time to UTC but keeps the zero time, which JSON omits.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}
