package streams

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/ingest"
	"github.com/SupermanScott/Elva/internal/status"
)

// notes writes down what a reader hands on.
type notes struct {
	list     []string
	lost     uint64
	newest   entry.ID
	newestAt time.Time
}

func (n *notes) note(format string, args ...any) {
	n.list = append(n.list, fmt.Sprintf(format, args...))
}

func (n *notes) String() string { return strings.Join(n.list, ", ") }

func (n *notes) Record(r ingest.Record) { n.note("%d:%s at %v", r.Stream, r.Payload, r.Entry.ID) }

func (n *notes) Begin(int, entry.Entry) {}

func (n *notes) Newest(_ int, id entry.ID, at time.Time) { n.newest, n.newestAt = id, at }

func (n *notes) Gap(g ingest.Gap) {
	n.note("%d: %s %d up to %v", g.Stream, g.Kind, g.Lost, g.Entry.ID)
	n.lost += g.Lost
}

// most is the largest second part of an ID: what is before the first entry that is left.
const most = "18446744073709551615"

func ms(n uint64) entry.ID { return entry.ID{MS: n} }

// full is what Redis 7 says of a stream with so many entries of those that were ever added, whose IDs are their
// numbers.
func full(added, length uint64) info {
	in := info{exists: true, length: length, counted: true, generated: ms(added), added: added}
	if length > 0 {
		in.first = ms(added - length + 1)
	}
	return in
}

func TestCheck(t *testing.T) {
	old := func(first, newest uint64) info { // before Redis 7
		return info{exists: true, length: newest - first + 1, counted: true, generated: ms(newest), first: ms(first)}
	}
	small := info{exists: true, length: 3} // a server for tests
	type step struct {
		in   *info  // what Redis says, or
		from uint64 // the entries from..to come
		to   uint64
	}
	says := func(in info) step { return step{in: &in} }
	come := func(from, to uint64) step { return step{from: from, to: to} }
	for _, c := range []struct {
		name   string
		begin  entry.Entry
		exact  bool
		steps  []step
		want   string // what is reported
		index  uint64 // in the end
		other  bool   // it is another stream, in the end
		unsure bool   // the index isn't known, in the end
	}{
		{name: "nothing trimmed", exact: true, steps: []step{says(full(10, 10)), come(1, 10), says(full(10, 10))}, index: 10},
		{name: "trimmed behind the reader", exact: true, steps: []step{come(1, 10), says(full(15, 8)), come(11, 15)}, index: 15},
		{name: "trimmed before it was read", exact: true, steps: []step{come(1, 10), says(full(100, 20)), come(81, 100), says(full(100, 20))},
			want: "1: trimmed 70 up to 80-" + most, index: 100},
		{name: "trimmed after Redis was asked", exact: true, steps: []step{come(1, 10), says(full(15, 10)), come(13, 15)},
			want: "1: trimmed 2 up to 14-0", index: 15},
		{name: "and the one that was asked for, too", exact: true, steps: []step{come(1, 10), says(full(15, 10)), come(21, 30), says(full(30, 10))},
			want: "1: trimmed 10 up to 30-0", index: 30},
		{name: "all was trimmed", exact: true, steps: []step{come(1, 10), says(full(30, 0)), come(31, 32)}, want: "1: trimmed 20 up to 30-0", index: 32},
		{name: "all was trimmed, and none was missed", exact: true, steps: []step{come(1, 10), says(full(10, 0)), come(11, 12)}, index: 12},
		{name: "entries deleted before they were read", exact: true, steps: []step{come(1, 4), come(7, 10), says(full(10, 8))}, want: "1: trimmed 2 up to 10-0", index: 10},
		{name: "the index is learnt", begin: entry.Entry{ID: ms(5)}, steps: []step{come(6, 8), says(full(9, 9)), come(9, 9)}, index: 9},
		{name: "the index is learnt at the end", begin: entry.Entry{ID: ms(5)}, steps: []step{come(6, 8), says(full(8, 8))}, index: 8},
		{name: "created again, shorter", exact: true, steps: []step{come(1, 10), says(full(3, 3))}, index: 10, other: true},
		{name: "created again, with newer IDs", exact: true, steps: []step{come(1, 10), says(info{exists: true, length: 2, counted: true, generated: ms(50), added: 2, first: ms(40)})}, index: 10, other: true},
		{name: "created again, longer, and not read", exact: true, steps: []step{come(1, 10), says(info{exists: true, length: 15, counted: true, generated: ms(50), added: 15, first: ms(36)}), come(36, 50)},
			want: "1: recreated 0 up to 35-" + most, index: 15},
		{name: "created again, longer, and read", exact: true, steps: []step{come(1, 10), come(36, 40), says(info{exists: true, length: 15, counted: true, generated: ms(50), added: 15, first: ms(36)}), come(41, 50)},
			want: "1: recreated 0 up to 49-0", index: 15},
		{name: "deleted", exact: true, steps: []step{come(1, 10), says(info{})}, index: 10},
		{name: "deleted and made again", exact: true, steps: []step{come(1, 10), says(info{}), says(full(20, 20))}, index: 10, other: true},
		{name: "not there yet", exact: true, steps: []step{says(info{}), says(full(3, 3)), come(1, 3)}, index: 3},
		{name: "there, but never added to", exact: true, steps: []step{says(full(0, 0)), says(full(9, 3)), come(7, 9)}, want: "1: trimmed 6 up to 6-" + most, index: 9},
		{name: "before Redis 7", steps: []step{come(1, 10), says(old(5, 10)), says(old(15, 20)), says(old(15, 20)), come(15, 20), says(old(17, 20))},
			want: "1: trimmed 0 up to 14-" + most, unsure: true},
		{name: "before Redis 7, twice", steps: []step{come(1, 10), says(old(15, 20)), come(15, 20), says(old(30, 31))},
			want: "1: trimmed 0 up to 14-" + most + ", 1: trimmed 0 up to 29-" + most, unsure: true},
		{name: "before Redis 7, created again", steps: []step{come(1, 10), says(old(1, 3))}, other: true, unsure: true},
		{name: "a small server", steps: []step{come(1, 10), says(small), come(20, 30), says(small)}, unsure: true},
	} {
		sink := &notes{}
		s := &stream{key: "s", sink: sink, begun: true, at: c.begin, exact: c.exact}
		same := true
		for _, step := range c.steps {
			if step.in != nil {
				same = s.check(time.Now(), *step.in)
				continue
			}
			for n := step.from; n <= step.to; n++ {
				s.advance(time.Now(), ms(n))
			}
		}
		if got := sink.String(); got != c.want || same == c.other || s.exact == c.unsure || s.exact && s.at.Index != c.index {
			t.Errorf("%s: reported %q, the same %v, index %d (%v); want %q, %v, %d (%v)", c.name, got, same, s.at.Index, s.exact, c.want, !c.other, c.index, !c.unsure)
		}
	}
}

// TestReader_EveryEntryIsReadOrCounted reads a stream that is trimmed at any moment, in pieces, asking Redis now and then.
func TestReader_EveryEntryIsReadOrCounted(t *testing.T) {
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 3))
		sink := &notes{}
		s := &stream{key: "s", sink: sink, begun: true, exact: true}
		added, first, read := uint64(0), uint64(1), uint64(0)
		for range 60 {
			if rng.IntN(3) > 0 {
				added += uint64(rng.IntN(30))
			}
			if rng.IntN(3) == 0 && added > 0 {
				first = min(added+1, max(first, added-min(added, uint64(rng.IntN(40)))+1))
			}
			if rng.IntN(3) == 0 && !s.check(time.Now(), full(added, added+1-first)) {
				t.Fatalf("seed %d: taken for another stream", seed)
			}
			for range rng.IntN(30) {
				if n := max(s.at.MS+1, first); n <= added {
					s.advance(time.Now(), ms(n))
					read++
				}
			}
		}
		for n := max(s.at.MS+1, first); n <= added; n++ {
			s.advance(time.Now(), ms(n))
			read++
		}
		s.check(time.Now(), full(added, added+1-first))
		if read+sink.lost != added {
			t.Fatalf("seed %d: %d added, %d read, %d reported: %v", seed, added, read, sink.lost, sink)
		}
	}
}

// reader returns a reader of streams with those keys that has begun, and what it hands on.
func reader(count int, keys ...string) (*Reader, *notes) {
	sink := &notes{}
	r := Readers(nil, keys, Options{Link: status.NewBoard(nil, keys, "", nil, 0), Sink: sink, Tracker: sink})[0]
	r.count = count
	for _, s := range r.streams {
		s.begun, s.exact = true, true
	}
	return r, sink
}

func answered(key string, ids ...string) []any {
	var list []any
	for _, id := range ids {
		list = append(list, []any{id, []any{"f", key + id}})
	}
	return []any{key, list}
}

func TestReader_MergesStreamsByID(t *testing.T) {
	for _, c := range []struct {
		name  string
		count int
		reply any
		want  string
		more  bool
	}{
		{"one stream", 10, []any{answered("a", "1-0", "2-0")}, "1:a1-0 at 1-0, 1:a2-0 at 2-0", false},
		{"two", 10, []any{answered("a", "1-0", "4-0"), answered("b", "2-0", "4-0", "5-1")},
			"1:a1-0 at 1-0, 2:b2-0 at 2-0, 1:a4-0 at 4-0, 2:b4-0 at 4-0, 2:b5-1 at 5-1", false},
		{"as a map (RESP3)", 10, map[any]any{"b": answered("b", "2-0")[1], "a": answered("a", "3-0")[1]}, "2:b2-0 at 2-0, 1:a3-0 at 3-0", false},
		{"one is full", 2, []any{answered("a", "1-0", "3-0"), answered("b", "2-0", "9-0")}, "1:a1-0 at 1-0, 2:b2-0 at 2-0, 1:a3-0 at 3-0", true},
		{"both are full", 2, []any{answered("a", "5-0", "6-0"), answered("b", "1-0", "2-0")}, "2:b1-0 at 1-0, 2:b2-0 at 2-0", true},
		{"no entries", 10, []any{answered("a"), answered("b", "1-0")}, "2:b1-0 at 1-0", false},
	} {
		r, sink := reader(c.count, "a", "b")
		before := r.count
		n, err := r.deliver(time.Now(), r.streams, c.reply)
		if more := n >= r.count; err != nil || sink.String() != c.want || more != c.more {
			t.Errorf("%s: %v, more %v (%d of %d), error %v; want %s, %v", c.name, sink, more, n, before, err, c.want, c.more)
		}
	}
}

// TestReader_SeveralStreams answers as Redis does, with different counts, until nothing is left.
func TestReader_SeveralStreams(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 4))
		keys := []string{"a", "b", "c"}
		r, sink := reader(1+rng.IntN(20), keys...)
		streams := make([][]string, len(keys))
		total := rng.IntN(400)
		favourite := rng.IntN(3)
		for n := range total {
			k := favourite
			if rng.IntN(4) == 0 {
				k = rng.IntN(3)
			}
			streams[k] = append(streams[k], fmt.Sprintf("%d-%d", n/5+1, n%5))
		}
		for range 1000 {
			var reply []any
			for k, ids := range streams {
				from := slices.IndexFunc(ids, func(id string) bool {
					e, _ := entry.Parse(id)
					return e.Compare(r.streams[k].at.ID) > 0
				})
				if from >= 0 {
					reply = append(reply, answered(keys[k], ids[from:min(from+r.count, len(ids))]...))
				}
			}
			if reply == nil {
				break
			}
			if _, err := r.deliver(time.Now(), r.streams, reply); err != nil {
				t.Fatal(err)
			}
			if r.count < 1 || r.count > maxCount {
				t.Fatalf("it asks for %d", r.count)
			}
		}
		if len(sink.list) != total {
			t.Fatalf("seed %d: %d of %d entries", seed, len(sink.list), total)
		}
		var last entry.ID
		for _, line := range sink.list {
			_, at, _ := strings.Cut(line, " at ")
			text, _, _ := strings.Cut(at, ".")
			e, _ := entry.Parse(text)
			if e.Compare(last) < 0 {
				t.Fatalf("seed %d: %v after %v", seed, e, last)
			}
			last = e
		}
	}
}

func TestReader_CountFollowsEntrySize(t *testing.T) {
	for _, c := range []struct{ count, entries, bytes, want int }{
		{16, 16, 1600, 32}, {400, 400, 40_000, maxCount}, {500, 500, 500 * (64 << 10), 32}, {16, 1, 100 << 20, 1}, {1, 1, 0, 2}, {1, 1, 100, 2},
	} {
		if got := nextCount(c.count, c.entries, c.bytes, maxCount); got != c.want {
			t.Errorf("after %d of %d with %d bytes: %d, want %d", c.entries, c.count, c.bytes, got, c.want)
		}
	}
}
