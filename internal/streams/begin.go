package streams

import (
	"context"
	"errors"
	"fmt"
	"github.com/SupermanScott/Elva/internal/status"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/redisutil"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/position"
)

// page and firstPage are how many entries are passed at once on the way back through a stream: few at first,
// for they may be large.
const firstPage, page = 16, 500

// begin finds where to begin in a stream.
func (r *Reader) begin(ctx context.Context, s *stream) error {
	p, exact, newest, err := r.start(ctx, s)
	if err != nil {
		return err
	}
	s.at, s.exact, s.begun, s.backlog = p, exact, true, newest
	r.sink.Begin(time.Now(), s.number, s.place())
	return nil
}

// start returns the place behind which the newest entries of a stream stand, as many as are wanted, and the
// newest one.
func (r *Reader) start(ctx context.Context, s *stream) (p position.Position, exact bool, newest position.Entry, err error) {
	in, err := parseInfo(do(ctx, r.client, xinfo(ctx, s.key)))
	if err != nil {
		return p, false, newest, err
	}
	if !in.exists || in.length == 0 {
		// All that will come is new. An emptied stream has IDs behind it, though.
		return position.Position{Entry: in.generated, Index: in.added}, !in.exists || in.added > 0 || in.empty(), newest, nil
	}
	count, bytes := 0, 0
	passed := tally{info: in}
	err = r.back(ctx, s, "+", func(e *entry) bool {
		if newest == (position.Entry{}) {
			newest = e.id
		}
		if count >= r.newest || bytes > r.bytes {
			p.Entry = e.id
			return false
		}
		count++
		bytes += len(e.payload)
		passed.take(e.id)
		return true
	})
	if err != nil {
		return p, false, newest, err
	}
	p.Index = passed.index()
	return p, passed.exact, newest, nil
}

// tally counts entries on the way back through a stream of which XINFO said how many were added up to the newest
// one. What was added since is passed too, but is not in that count.
type tally struct {
	info    info
	entries uint64 // up to that one
	exact   bool   // it was passed
}

func (t *tally) take(id position.Entry) {
	if c := id.Compare(t.info.generated); c <= 0 {
		t.entries++
		t.exact = t.exact || c == 0 && t.info.added > 0
	}
}

// index returns how many had been added before the entries that were passed; 0 if Redis does not count.
func (t *tally) index() uint64 { return t.info.added - min(t.info.added, t.entries) }

// known is how many known entries in a row are taken for the part that two servers have in common: what they
// don't have in common is of the second in which one took over.
const known = 64

// verify looks, on a new connection, whether the streams are those that were read. It reports whether one had
// to be turned to another place.
func (r *Reader) verify(ctx context.Context, streams []*stream) (turned bool, err error) {
	now := time.Now()
	server := r.server(ctx)
	for _, s := range streams {
		other := s.server != "" && server != "" && s.server != server
		same, err := r.same(ctx, s)
		switch {
		case err != nil:
			return turned, err
		case !same:
			turned = true
			if err := r.turn(ctx, s); err != nil {
				return turned, err
			}
		case other && s.at.Entry != position.Entry{}:
			s.missing(now, 0, "Redis was started again, or another took over: what it was given last may be missing in the stream %q")
		}
		if server != "" {
			s.server = server
		}
	}
	return turned, nil
}

// server returns the run ID of the server, or nothing if it does not tell.
func (r *Reader) server(ctx context.Context) string {
	var text string
	err := redisutil.Guard(func() (err error) {
		text, err = r.client.Info(ctx, "server").Result()
		return err
	})
	if err != nil {
		return ""
	}
	_, id, _ := strings.Cut(text, "run_id:")
	id, _, _ = strings.Cut(id, "\r\n")
	return id
}

// same reports whether the entry up to which a stream was read is in it, or was trimmed. It need not be the last one
// that was read: that may be gone since the stream was turned, and was told.
func (r *Reader) same(ctx context.Context, s *stream) (bool, error) {
	if len(s.seen) == 0 {
		return true, nil
	}
	last := s.at.Entry
	reply, err := do(ctx, r.client, command(ctx, 1, "xrevrange", s.key, last.String(), last.String(), "count", 1)).Slice()
	if err != nil {
		return false, err
	}
	if len(reply) > 0 {
		e, err := readEntry(reply[0])
		if err != nil || e.id == last {
			return s.knows(&e), err
		}
	}
	in, err := parseInfo(do(ctx, r.client, xinfo(ctx, s.key)))
	if err != nil || !in.exists || !in.counted {
		return true, err // check will see to it
	}
	return in.length == 0 || in.first.Compare(last) > 0, nil
}

// turn finds out what became of a stream that is not as it was. A failover may have lost its newest entries,
// and given it others that stand before them: then it is read again from what both have in common, and what is
// known is passed over. Else it is another stream, of which all is new.
func (r *Reader) turn(ctx context.Context, s *stream) error {
	now := time.Now()
	in, err := parseInfo(do(ctx, r.client, xinfo(ctx, s.key)))
	if err != nil {
		return err
	}
	var common, top position.Position
	row, onward := 0, true
	passed := tally{info: in}
	// Also if it was gone for a moment: so a server looks that copies all from another one. What was added since
	// is passed, however much it is; before all that is known there is nothing to find.
	oldest := s.oldest()
	err = r.back(ctx, s, "+", func(e *entry) bool {
		if s.knows(e) {
			row++
			common = position.Position{Entry: e.id, Index: passed.index()}
			if top.Entry.Compare(e.id) < 0 {
				top = common
			}
		} else {
			row, onward = 0, onward && e.id.Compare(s.at.Entry) > 0
		}
		passed.take(e.id)
		return row < known && e.id.Compare(oldest) > 0
	})
	if err != nil {
		return err
	}
	if row > 0 {
		if onward { // nothing is to be read again
			common = position.Position{Entry: s.at.Entry, Index: top.Index}
		}
		s.turn(now, common, passed.exact, onward, fmt.Sprintf("the stream %q was made anew, or lost its newest entries in a failover: what was read of it stands above", s.key))
		return nil
	}
	p, exact, newest, err := r.start(ctx, s)
	if err != nil {
		return err
	}
	s.backlog = newest
	if onward = in.first.Compare(s.at.Entry) > 0; onward && p.Compare(s.at.Entry) < 0 {
		p.Entry = s.at.Entry // as good a place before all, and one that other instances don't take for the beginning
	}
	s.turn(now, p, exact, onward, fmt.Sprintf("the stream %q was made anew: what follows is the new one", s.key))
	s.seen, s.next = s.seen[:0], 0
	return nil
}

// back reads a stream from an ID down, until each has enough.
func (r *Reader) back(ctx context.Context, s *stream, from string, each func(*entry) bool) error {
	for count := firstPage; ; {
		reply, err := do(ctx, r.client, command(ctx, 1, "xrevrange", s.key, from, "-", "count", count)).Slice()
		if err != nil {
			return err
		}
		var last entry
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
		count = next(count, len(reply), bytes, page)
		from = "(" + last.id.String()
	}
}

// next returns how many entries to ask for after an answer with so many: no more than readBytes bring, and no
// more than twice as many as before.
func next(count, entries, bytes, most int) int {
	return min(max(readBytes*entries/max(bytes, 1), 1), 2*count, most)
}

// refuse takes an error that a stream caused. What Redis refuses lets the others be read; anything else is
// returned.
func (r *Reader) refuse(s *stream, err error) error {
	if !redisutil.Answered(err) || !redisutil.Denied(err) || redisutil.OfConnection(err) {
		return err
	}
	s.refused = r.link.Unreadable(s.number, err)
	s.again = time.Now().Add(r.timing.AfterRefusal(s.tries))
	s.tries++
	r.link.SetStream(s.number, status.Refused, s.refused.Error(), s.again)
	return nil
}

// forgive lets streams be asked for again whose time has come.
func (r *Reader) forgive(now time.Time) {
	for _, s := range r.streams {
		if s.refused != nil && !s.again.After(now) {
			s.refused = nil
		}
	}
}

// again returns when the next refused stream is to be asked for.
func (r *Reader) again() (next time.Time) {
	for _, s := range r.streams {
		if s.refused != nil && (next.IsZero() || s.again.Before(next)) {
			next = s.again
		}
	}
	return next
}

// blame finds the streams that Redis refuses when it refuses a command for several, which it does without a
// name.
func (r *Reader) blame(ctx context.Context, streams []*stream, refused error) error {
	found := false
	for _, s := range streams {
		if s.refused != nil {
			found = true
			continue
		}
		err := do(ctx, r.client, xread(ctx, []*stream{s}, 1, -1)).Err()
		if err == nil || errors.Is(err, redis.Nil) { // nothing came
			continue
		}
		if err = r.refuse(s, err); err != nil {
			return err
		}
		found = true
	}
	if !found {
		return refused
	}
	return nil
}
