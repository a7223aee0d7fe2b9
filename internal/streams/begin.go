package streams

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/redisutil"
	"github.com/SupermanScott/Elva/internal/status"
)

const (
	// firstPage is how many entries the first command asks for: few, since entries may be large.
	firstPage = 16
	// page is how many entries a command asks for at most when a stream is read backwards.
	page = 500
)

// moveToNewest moves to the position before the newest entries of a stream that was created again, as many of them as r.newest and
// r.bytes allow. The ID of that position is zero only at the beginning of the stream.
func (r *Reader) moveToNewest(ctx context.Context, s *stream) error {
	in, err := parseInfo(do(ctx, r.client, xinfo(ctx, s.key)))
	if err != nil {
		return err
	}
	bytes := 0
	t, err := r.tail(ctx, s, in, func(n int, e *record) bool {
		bytes += len(e.payload)
		return n < r.newest && bytes-len(e.payload) <= r.bytes
	})
	if err != nil {
		return err
	}
	s.at, s.exact, s.existing = t.before, t.exact, t.newest
	switch {
	case t.newest == (entry.ID{}): // the stream is empty, but it may have had entries
		s.at, s.exact = entry.Entry{ID: in.generated, Index: in.added}, !in.exists || in.added > 0 || in.empty()
	case s.at.ID == (entry.ID{}) && (s.at.Index > 0 || !s.exact): // earlier entries were trimmed, or may have been
		s.at.ID = t.oldest.Previous()
	}
	return nil
}

// tail is the newest entries of a stream.
type tail struct {
	newest, oldest entry.ID
	before         entry.Entry // the entry before the oldest, with a zero ID if there is none
	exact          bool        // whether the index of before is known
}

// tail reads a stream backwards from its newest entry, as long as more accepts the n-th entry, counted from 0. in is the
// stream's XINFO from before.
func (r *Reader) tail(ctx context.Context, s *stream, in info, more func(n int, e *record) bool) (t tail, err error) {
	n, counted := 0, uint64(0)
	err = r.readBackward(ctx, s, "+", func(e *record) bool {
		c := e.id.Compare(in.generated)
		t.exact = t.exact || c == 0
		if !more(n, e) {
			t.before.ID = e.id
			return false
		}
		if n == 0 {
			t.newest = e.id
		}
		if c <= 0 { // Redis's count lacks what was added since
			counted++
		}
		n, t.oldest = n+1, e.id
		return true
	})
	t.before.Index, t.exact = in.added-min(in.added, counted), t.exact && in.added > 0
	return t, err
}

// readBackward reads a stream backwards from an ID, until each returns false.
func (r *Reader) readBackward(ctx context.Context, s *stream, from string, each func(*record) bool) error {
	for count := firstPage; ; {
		reply, err := do(ctx, r.client, command(ctx, 1, "xrevrange", s.key, from, "-", "count", count)).Slice()
		if err != nil {
			return err
		}
		var last record
		bytes := 0
		for _, item := range reply {
			if last, err = readEntry(item); err != nil {
				return err
			}
			if !each(&last) {
				return nil
			}
			bytes += len(last.payload)
		}
		if len(reply) < count {
			return nil
		}
		count = nextCount(count, len(reply), bytes, page)
		from = "(" + last.id.String()
	}
}

// nextCount returns how many entries to ask for after a reply with that many entries and bytes: about readBytes of them,
// but at most twice as many as before.
func nextCount(count, entries, bytes, most int) int {
	return min(max(readBytes*entries/max(bytes, 1), 1), 2*count, most)
}

// deny marks a stream as denied if Redis denied access to it, so that the others can still be read. It returns any other
// error.
func (r *Reader) deny(s *stream, err error) error {
	if !redisutil.Answered(err) || !redisutil.Denied(err) || redisutil.ConcernsConnection(err) {
		return err
	}
	s.denied = r.link.KeyUnreadable(s.number, err)
	s.retry = time.Now().Add(r.timing.AfterDenial(s.tries))
	s.tries++
	r.link.SetStream(s.number, status.Denied, s.denied.Error(), s.retry)
	return nil
}

// allowRetries clears the denial of streams whose retry is due.
func (r *Reader) allowRetries(now time.Time) {
	for _, s := range r.streams {
		if s.denied != nil && !s.retry.After(now) {
			s.denied = nil
		}
	}
}

// nextRetry returns when the next denied stream is tried again.
func (r *Reader) nextRetry() (next time.Time) {
	for _, s := range r.streams {
		if s.denied != nil && (next.IsZero() || s.retry.Before(next)) {
			next = s.retry
		}
	}
	return next
}

// findDenied finds the streams that Redis denies by asking for each alone: when Redis denies a command for several, it
// doesn't name the stream.
func (r *Reader) findDenied(ctx context.Context, streams []*stream, denied error) error {
	found := false
	for _, s := range streams {
		if s.denied != nil {
			found = true
			continue
		}
		err := do(ctx, r.client, xread(ctx, []*stream{s}, 1, -1)).Err()
		if err == nil || errors.Is(err, redis.Nil) { // no new entry
			continue
		}
		if err = r.deny(s, err); err != nil {
			return err
		}
		found = true
	}
	if !found {
		return denied
	}
	return nil
}
