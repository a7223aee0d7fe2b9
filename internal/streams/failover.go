package streams

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/redisutil"
)

const (
	// rememberedEntries is how many entries are recognized at least. A failover concerns the entries of about a second.
	rememberedEntries = 4096
	// commonEntries is how many recognized entries in a row prove that two servers agree on everything before them:
	// servers differ only in what was added in the second of the takeover.
	commonEntries = 64
)

// mark is an entry that was read.
type mark struct {
	id  entry.ID
	sum uint64 // of its payload
}

var seed = maphash.MakeSeed()

// remember notes an entry that was read, so that wasRead recognizes it.
func (s *stream) remember(e *record) {
	if len(s.seen) >= 2*rememberedEntries {
		s.seen = append(s.seen[:0], s.seen[rememberedEntries:]...)
	}
	s.seen = append(s.seen, markOf(e))
}

func markOf(e *record) mark { return mark{e.id, maphash.String(seed, e.payload)} }

// wasRead reports whether an entry is among the last ones that were read.
func (s *stream) wasRead(e *record) bool { return slices.Contains(s.seen, markOf(e)) }

// reconnected compares the streams with what was read before, since a new connection may lead to another server. It
// reports whether a stream has moved, that is, whether reading continues behind another entry.
func (r *Reader) reconnected(ctx context.Context, streams []*stream) (moved bool, err error) {
	server := "" // its run ID, if that can be read
	_ = redisutil.Guard(func() error {
		server = r.client.InfoMap(ctx, "server").Item("Server", "run_id")
		return nil
	})
	for _, s := range streams {
		other, err := r.compare(ctx, s)
		if err != nil {
			return moved, err
		}
		if !other && s.server != "" && server != "" && s.server != server && s.at.ID != (entry.ID{}) {
			g := s.gap(time.Now(), gap.Failover, 0, "Redis was restarted, or another server took over: the newest entries of the stream %q may be missing")
			s.pending = &g
		}
		s.server = cmp.Or(server, s.server)
		moved = moved || other
	}
	return moved, nil
}

// compare checks that a stream is still the one that was read. If it is not, compare reports a gap and moves to where
// reading continues. After a failover, which may have lost the newest entries and given others smaller IDs, that is behind
// the entries that both servers have. In a stream that was created again, it is before its newest entries.
func (r *Reader) compare(ctx context.Context, s *stream) (moved bool, err error) {
	in, err := parseInfo(do(ctx, r.client, xinfo(ctx, s.key)))
	if err != nil {
		return false, err
	}
	if !in.exists {
		s.gone = true
		return false, nil
	}
	inARow := 0
	var newest entry.ID // the first of them
	if len(s.seen) > 0 {
		oldest := s.seen[0].id
		err = r.readBackward(ctx, s, s.at.ID.String(), func(e *record) bool {
			if !s.wasRead(e) {
				inARow = 0
			} else if inARow++; inARow == 1 {
				newest = e.id
			}
			return newest != s.at.ID && inARow < commonEntries && e.id.Compare(oldest) > 0
		})
	}
	same := newest == s.at.ID
	trimmed := !in.counted || in.length == 0 || in.first.Compare(s.at.ID) > 0
	impossible := s.exact && in.added > 0 && in.added-in.length < s.at.Index // an entry that still exists was read
	switch {
	case err != nil:
	case same && !s.hasFewer(in.added) || inARow == 0 && trimmed && !impossible && !s.gone:
		s.gone = false
		return false, nil
	case inARow == 0:
		err = r.recreated(ctx, s, in)
	default:
		err = r.moveBack(ctx, s, in, newest)
	}
	if err == nil {
		s.anchor, s.gone, s.pending = entry.Entry{}, false, nil
	}
	return err == nil, err
}

// moveBack moves to the newest entry that both servers have, asks Redis for its index, and reports the gap.
func (r *Reader) moveBack(ctx context.Context, s *stream, in info, newest entry.ID) error {
	kind, reason := gap.Failover, "the stream %q lost its newest entries in a failover"
	if newest == s.at.ID { // only the count differs: entries of the new stream were read already
		kind, reason = gap.Recreated, "the stream %q was deleted and created again, or lost its newest entries"
	}
	if s.until.Compare(s.at.ID) < 0 { // the stream may move again before reading is back here
		s.until = s.at.ID
	}
	s.at.ID = newest
	t, err := r.tail(ctx, s, in, func(_ int, e *record) bool { return e.id.Compare(newest) > 0 })
	if err != nil {
		return err
	}
	s.at.Index, s.exact = t.before.Index, t.exact && t.before.ID == newest
	s.report(time.Now(), kind, 0, reason)
	return nil
}

// recreated moves to the newest entries of a stream that was deleted and created again, and reports the gap.
func (r *Reader) recreated(ctx context.Context, s *stream, in info) error {
	for _, b := range r.backlogs {
		b.drop(s)
	}
	onward := in.first.Compare(s.at.ID) > 0
	if err := r.moveToNewest(ctx, s); err != nil {
		return err
	}
	if before := in.first.Previous(); onward && s.at.Compare(before) < 0 {
		s.at.ID = before
	}
	s.seen = nil
	now, upTo := time.Now(), s.upTo()
	if !onward {
		upTo.ID = entry.ID{} // the IDs begin again
	}
	s.send(now, s.gap(now, gap.Recreated, 0, "the stream %q was deleted and created again: what follows is the new one"), upTo)
	return nil
}
