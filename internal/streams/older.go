package streams

import (
	"context"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/ingest"
)

const (
	// newestFirst is how many of the existing entries are delivered before new ones, so that viewers have them at once. A page shows
	// about thirty.
	newestFirst = 1000
	// olderPage is how many entries are read backwards at a time. Handling them takes ten milliseconds, for which new ones wait.
	olderPage = 2000
	// slowPage is how long new entries may wait for older ones. If Redis takes longer, fewer are requested.
	slowPage = 100 * time.Millisecond
)

// past is the part of a stream that is still to be delivered, from the newest entry to the oldest.
type past struct {
	*stream
	newest  entry.Entry // where reading backwards begins
	entries []record    // that were read, the newest first
	lowest  entry.ID    // the last one that was read
	index   uint64      // of the next entry to deliver
	exact   bool        // whether index is known
	count   int         // how many to ask for
	ended   bool        // whether there are no others than those that were read
}

// newPast moves a stream that was not read yet to its newest entry, and returns what precedes that.
func (r *Reader) newPast(ctx context.Context, s *stream) (*past, error) {
	in, err := parseInfo(do(ctx, r.client, xinfo(ctx, s.key)))
	if err != nil {
		return nil, err
	}
	s.at, s.exact = entry.Entry{ID: in.generated, Index: in.added}, !in.exists || in.added > 0 || in.empty()
	if in.exists && !in.counted { // a small server for tests
		err = r.readBackward(ctx, s, "+", func(e *record) bool {
			s.at.ID = e.id
			return false
		})
	}
	s.seen = nil
	return &past{stream: s, newest: s.upTo(), index: s.at.Index, count: firstPage, ended: s.at.ID == entry.ID{}}, err
}

// read reads until two entries are known, so that one of them can be delivered.
func (p *past) read(ctx context.Context, r *Reader, share int) error {
	for !p.ended && len(p.entries) < 2 {
		from := "(" + p.lowest.String()
		if p.lowest == (entry.ID{}) {
			from = p.newest.ID.String()
		}
		asked := time.Now()
		reply, err := do(ctx, r.client, command(ctx, 1, "xrevrange", p.key, from, "-", "count", p.count)).Slice()
		if err != nil {
			p.count = firstPage // Redis may have been too slow
			return err
		}
		bytes := 0
		for _, item := range reply {
			e, err := readEntry(item)
			if err != nil {
				return err
			}
			if p.lowest == (entry.ID{}) {
				p.begin(e.id)
			}
			p.entries, p.lowest = append(p.entries, e), e.id
			bytes += len(e.payload)
		}
		p.ended = len(reply) < p.count
		if p.count = nextCount(p.count, max(len(reply), 1), bytes*share, max(olderPage/share, firstPage)); time.Since(asked) > slowPage {
			p.count = max(p.count/4, 1)
		}
	}
	return nil
}

// begin notes the newest entry that exists. If a newer one was deleted, the index is not known.
func (p *past) begin(newest entry.ID) {
	if p.exact = p.index > 0 && newest == p.newest.ID; newest != p.newest.ID {
		p.at, p.stream.exact = entry.Entry{ID: newest}, false
	}
}

// before returns the entry before those that were delivered. It is zero if there never was one.
func (p *past) before() entry.Entry {
	e := entry.Entry{ID: p.lowest.Previous()}
	switch {
	case len(p.entries) > 0:
		e.ID = p.entries[0].id
	case p.lowest == entry.ID{}: // the stream is empty, but it may have had entries
		return p.newest
	case p.exact && p.index == 0:
		return entry.Entry{}
	}
	if p.exact {
		e.Index = p.index
	}
	return e
}

// next removes the next entry.
func (p *past) next(now time.Time) ingest.Record {
	e := &p.entries[0]
	record := ingest.Record{At: added(e.id, now), Channel: p.key, Payload: e.payload, Stream: p.number + 1, Entry: p.before()}
	p.entries = p.entries[1:]
	if p.exact {
		p.index--
	}
	return record
}

// backlog is the past of streams that began to be read at the same time.
type backlog []*past

// read reads and removes about olderPage entries, the newest ones, and returns them ordered by ID. It returns none if there are no more.
func (b *backlog) read(ctx context.Context, r *Reader) (list []ingest.Record, err error) {
	for _, p := range slices.Clone(*b) {
		if err := p.read(ctx, r, len(*b)); err != nil {
			if err = r.deny(p.stream, err); err != nil {
				return nil, err
			}
			b.drop(p.stream)
		}
	}
	now := time.Now()
	for bytes := 0; len(list) < olderPage && bytes < readBytes; {
		var newest *past
		for _, p := range *b {
			if len(p.entries) > 0 && (newest == nil || p.entries[0].id.Compare(newest.entries[0].id) >= 0) {
				newest = p
			}
		}
		if newest == nil || len(newest.entries) == 1 && !newest.ended {
			break
		}
		list = append(list, newest.next(now))
		bytes += len(list[len(list)-1].Payload)
	}
	slices.Reverse(list)
	return list, nil
}

// before returns, by stream, the last entry before those that were removed.
func (b *backlog) before() map[int]entry.Entry {
	before := make(map[int]entry.Entry, len(*b))
	for _, p := range *b {
		before[p.number+1] = p.before()
	}
	return before
}

func (b *backlog) drop(s *stream) {
	*b = slices.DeleteFunc(*b, func(p *past) bool { return p.stream == s })
}

// begin begins to read streams: it delivers their newest entries, and remembers what precedes them.
func (r *Reader) begin(ctx context.Context, b backlog) error {
	var list []ingest.Record
	for bytes := 0; len(list) < min(newestFirst, r.newest) && bytes < min(readBytes, r.bytes); {
		part, err := b.read(ctx, r)
		if err != nil {
			return err
		}
		if len(part) == 0 {
			break
		}
		for i := range part {
			bytes += len(part[i].Payload)
		}
		list = append(part, list...)
	}
	if r.past != nil {
		r.past.BeginOlder()
	}
	for _, p := range b {
		p.begun = true
		r.tracker.Begin(p.number+1, p.before())
	}
	now := time.Now()
	for i := range list {
		s := r.stream(list[i].Stream - 1)
		s.last = now
		s.remember(&record{list[i].Entry.ID, list[i].Payload})
		r.link.KeyRecord(now, s.number)
		r.sink.Record(list[i])
	}
	r.backlogs = append(r.backlogs, &b)
	return nil
}

// stream returns the stream with that number.
func (r *Reader) stream(number int) *stream { return r.streams[number-r.streams[0].number] }

// readOlder delivers the next older entries.
func (r *Reader) readOlder(ctx context.Context) error {
	for len(r.backlogs) > 0 && r.past != nil {
		b := r.backlogs[0]
		list, err := b.read(ctx, r)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			r.backlogs = r.backlogs[1:]
			continue
		}
		now := time.Now()
		for i := range list {
			r.link.KeyRecord(now, list[i].Stream-1)
		}
		if r.past.Older(list, b.before()) {
			return nil
		}
		break // there is no room
	}
	r.backlogs = nil
	if !r.pastEnded && r.past != nil {
		r.pastEnded = true
		r.past.EndOlder()
	}
	return nil
}
