//go:build unix

package streams

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/redistest"
	"github.com/SupermanScott/Elva/internal/status"
)

// bench is a Reader of the stream a, or of several streams, on a real Redis, driven read by read.
type bench struct {
	*testing.T
	*Reader
	*notes
	redis *redis.Client
}

func newBench(t *testing.T, others ...string) *bench {
	keys := append([]string{"a"}, others...)
	b := &bench{T: t, notes: &notes{}, redis: redistest.Start(t).Client(nil)}
	b.Reader = Readers(b.redis, keys, Options{Link: status.NewBoard(nil, keys, "", slog.New(slog.DiscardHandler), 0),
		Sink: b.notes, Tracker: b.notes, Newest: 500, Bytes: 1 << 20})[0]
	b.client, b.count = b.redis, maxCount
	return b
}

// add adds entries whose IDs are numbers.
func (b *bench) add(from, to int, text string) {
	b.Helper()
	for n := from; n <= to; n++ {
		if err := b.redis.XAdd(context.Background(), &redis.XAddArgs{Stream: "a", ID: fmt.Sprintf("%d-0", n), Values: []string{"f", text}}).Err(); err != nil {
			b.Fatal(err)
		}
	}
}

func (b *bench) trim(to int64) {
	b.Helper()
	if err := b.redis.XTrimMaxLen(context.Background(), "a", to).Err(); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) remove() {
	b.Helper()
	if err := b.redis.Del(context.Background(), "a").Err(); err != nil {
		b.Fatal(err)
	}
}

// reads reads until nothing comes, asking Redis each time how the stream is, and returns what was handed on.
func (b *bench) reads() string { b.Helper(); return b.readTenTimes(true) }

// readsOnly is like reads, but does not ask Redis how the stream is.
func (b *bench) readsOnly() string { b.Helper(); return b.readTenTimes(false) }

func (b *bench) readTenTimes(inspect bool) string {
	b.Helper()
	b.list = nil
	for range 10 {
		if _, err := b.read(context.Background(), inspect, -1); err != nil {
			b.Fatal(err)
		}
	}
	return b.String()
}

func (b *bench) expect(want string) {
	b.Helper()
	if got := b.reads(); got != want {
		b.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// entries is what is handed on of entries.
func entries(from, to int, text string) string {
	var list []string
	for n := from; n <= to; n++ {
		list = append(list, fmt.Sprintf("1:%s at %d-0", text, n))
	}
	return strings.Join(list, ", ")
}

func TestRead_FailoverThatIsNoticedByALook(t *testing.T) {
	b := newBench(t)
	b.add(1, 200, "old")
	b.expect(entries(1, 200, "old"))
	b.remove()
	b.add(1, 190, "old")
	b.add(195, 196, "new") // the other server gave these IDs too
	b.add(201, 202, "new")
	b.expect("1: failover 0 up to 190-0, " + entries(195, 196, "new") + ", " + entries(201, 202, "new"))
	b.add(203, 203, "new")
	b.expect(entries(203, 203, "new"))
}

func TestRead_OtherServerWithTheSameStream(t *testing.T) {
	b := newBench(t)
	b.add(1, 3, "old")
	b.expect(entries(1, 3, "old"))
	b.connections.Add(1)
	b.streams[0].server = "another"
	b.expect("")
	b.add(10, 10, "new")
	b.expect("1: failover 0 up to 9-18446744073709551615, " + entries(10, 10, "new"))
}

// TestRead_EmptiedStream empties a stream after everything was read. After a reconnect, it is still the same stream.
func TestRead_EmptiedStream(t *testing.T) {
	b := newBench(t)
	b.add(1, 3, "old")
	b.expect(entries(1, 3, "old"))
	b.trim(0)
	b.connections.Add(1)
	b.expect("")
	b.add(10, 10, "next")
	b.expect(entries(10, 10, "next"))
}

func TestRead_OtherServerWithAnotherStream(t *testing.T) {
	b := newBench(t)
	b.add(1, 3, "old")
	b.expect(entries(1, 3, "old"))
	b.connections.Add(1)
	b.streams[0].server = "another"
	b.expect("")
	b.remove()
	b.add(10, 11, "new")
	b.expect("1: recreated 0 up to 9-18446744073709551615, " + entries(10, 11, "new"))
}

func TestRead_StreamDeletedAndCreatedAgain(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*bench)
		want string
	}{
		{"with larger IDs", func(b *bench) { b.remove(); b.add(10, 11, "new") },
			"1: recreated 0 up to 9-18446744073709551615, " + entries(10, 11, "new")},
		{"with smaller IDs", func(b *bench) { b.remove(); b.add(1, 2, "new") }, "1: recreated 0 up to 0-0, " + entries(1, 2, "new")},
		{"longer than before", func(b *bench) { b.remove(); b.add(10, 19, "new") },
			"1: recreated 0 up to 9-18446744073709551615, " + entries(10, 19, "new")},
		{"with the same entries, as by a copy", func(b *bench) { b.remove(); b.add(1, 6, "old") }, entries(6, 6, "old")},
		{"after it was missed", func(b *bench) { b.remove(); b.reads(); b.add(10, 11, "new") },
			"1: recreated 0 up to 9-18446744073709551615, " + entries(10, 11, "new")},
		{"after it was missed, longer and trimmed", func(b *bench) { b.remove(); b.reads(); b.add(10, 19, "new"); b.trim(2) },
			"1: recreated 0 up to 17-18446744073709551615, " + entries(18, 19, "new")},
		{"while nothing was read of it, and was trimmed", func(b *bench) { b.remove(); b.add(10, 19, "new"); b.trim(2) },
			"1: trimmed 3 up to 17-18446744073709551615, " + entries(18, 19, "new")}, // its count is as if it were the old one
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.add(1, 5, "old")
			b.expect(entries(1, 5, "old"))
			c.do(b)
			b.expect(c.want)
			b.add(30, 30, "next")
			b.expect(entries(30, 30, "next"))
		})
	}
}

// anotherServer lets the next read compare the stream, as after a takeover by another server.
func (b *bench) anotherServer() {
	b.connections.Add(1)
	b.streams[0].server = "another"
}

func TestRead_FailoverNoticedByTheConnection(t *testing.T) {
	const mayBeMissing = "1: failover 0 up to 9-18446744073709551615, "
	for _, c := range []struct {
		name string
		do   func(*bench)
		want string
	}{
		{"to the same stream", func(b *bench) { b.anotherServer() }, mayBeMissing + entries(10, 10, "next")},
		{"to a stream that is missing for a while", func(b *bench) { b.anotherServer(); b.remove(); b.reads(); b.add(1, 5, "old") },
			mayBeMissing + entries(10, 10, "next")},
		{"to another stream", func(b *bench) { b.anotherServer(); b.remove(); b.add(7, 8, "new") },
			"1: recreated 0 up to 6-18446744073709551615, " + entries(7, 8, "new") + ", " + entries(10, 10, "next")},
		{"to another stream with smaller IDs, which was trimmed", func(b *bench) { b.anotherServer(); b.remove(); b.add(1, 3, "new"); b.trim(2) },
			"1: recreated 0 up to 0-0, " + entries(2, 3, "new") + ", " + entries(10, 10, "next")},
		{"to a stream that has the last entry, but fewer", func(b *bench) { b.anotherServer(); b.remove(); b.add(3, 5, "old") },
			"1: recreated 0 up to 5-0, " + entries(10, 10, "next")},
		{"to a stream that lacks entries and has others between those that were read", func(b *bench) {
			b.anotherServer()
			b.remove()
			b.add(1, 2, "old")
			b.add(3, 3, "new")
			b.add(4, 4, "old")
			b.add(6, 6, "new")
		}, "1: failover 0 up to 2-0, " + entries(3, 3, "new") + ", " + entries(6, 6, "new") + ", " + entries(10, 10, "next")},
		{"while the stream was trimmed", func(b *bench) { b.connections.Add(1); b.add(6, 8, "new"); b.trim(1) },
			"1: trimmed 2 up to 7-18446744073709551615, " + entries(8, 8, "new") + ", " + entries(10, 10, "next")},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.add(1, 5, "old")
			b.expect(entries(1, 5, "old"))
			c.do(b)
			got := b.reads()
			b.add(10, 10, "next")
			if got = strings.TrimPrefix(got+", "+b.reads(), ", "); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if b.streams[0].gone {
				t.Error("the stream counts as gone")
			}
		})
	}
}

func TestRead_FailoverBeforeTheFirstEntry(t *testing.T) {
	b := newBench(t)
	b.expect("")
	b.anotherServer()
	b.expect("")
	b.add(10, 10, "new")
	b.expect(entries(10, 10, "new"))
}

// TestRead_StreamMissingOnTheOtherServer creates the stream before Redis is asked how it is.
func TestRead_StreamMissingOnTheOtherServer(t *testing.T) {
	for before, want := range map[int]string{0: "", 5: "1: recreated 0 up to 9-18446744073709551615, "} {
		b := newBench(t)
		b.add(1, before, "old")
		b.reads()
		b.anotherServer()
		b.remove()
		b.readsOnly()
		b.add(10, 11, "new")
		if got := b.readsOnly(); got != want+entries(10, 11, "new") {
			t.Errorf("after %d entries: got %s", before, got)
		}
	}
}

// TestRead_TwoFailovers has a second failover before everything is read again. Entries that come again are not read again.
func TestRead_TwoFailovers(t *testing.T) {
	b := newBench(t)
	b.add(101, 200, "old")
	b.expect(entries(101, 200, "old"))
	b.streams[0].anchor = entry.Entry{ID: entry.ID{MS: 202}, Index: 110} // by the first server
	for _, kept := range []int{195, 190} {
		b.remove()
		b.add(101, kept, "old")
		if moved, err := b.reconnected(t.Context(), b.streams); !moved || err != nil {
			t.Fatalf("up to %d: moved %v, error %v", kept, moved, err)
		}
	}
	b.add(191, 200, "old")
	b.add(201, 203, "new")
	if got := b.readsOnly(); got != entries(201, 203, "new") {
		t.Errorf("got %s", got)
	}
	b.remove()
	b.add(1, 3, "other")
	b.expect("1: recreated 0 up to 0-0, " + entries(1, 3, "other"))
	b.remove()
	b.add(1, 1, "other")
	b.add(2, 2, "another")
	b.anotherServer()
	b.expect("1: failover 0 up to 1-0, " + entries(2, 2, "another"))
}

// TestRead_FailoverOfOneOfTwoStreams moves back in one stream. What the reply has of it must wait.
func TestRead_FailoverOfOneOfTwoStreams(t *testing.T) {
	b := newBench(t, "b")
	b.add(1, 10, "old")
	if err := b.redis.XAdd(t.Context(), &redis.XAddArgs{Stream: "b", ID: "1-0", Values: []string{"f", "same"}}).Err(); err != nil {
		t.Fatal(err)
	}
	b.reads()
	b.remove()
	b.add(1, 8, "old")
	b.add(9, 12, "new")
	b.anotherServer()
	b.expect("1: failover 0 up to 8-0, " + entries(9, 12, "new"))
}

// TestReconnected_WithoutInfo denies INFO, so that the server can't be identified.
func TestReconnected_WithoutInfo(t *testing.T) {
	b := newBench(t)
	b.add(1, 3, "old")
	b.expect(entries(1, 3, "old"))
	b.connections.Add(1)
	b.expect("")
	known := b.streams[0].server
	if err := b.redis.Do(t.Context(), "ACL", "SETUSER", "default", "-info").Err(); err != nil {
		t.Fatal(err)
	}
	b.connections.Add(1)
	b.expect("")
	b.add(10, 10, "next")
	b.expect(entries(10, 10, "next"))
	if known == "" || b.streams[0].server != known {
		t.Errorf("the server is %q, was %q", b.streams[0].server, known)
	}
}

func TestStream_RemembersTheNewest(t *testing.T) {
	s := &stream{}
	at := func(n int) *record { return &record{id: entry.ID{MS: uint64(n)}} }
	for n := range 5 * rememberedEntries {
		s.remember(at(n))
		if n%777 == 0 && n > rememberedEntries && (!s.wasRead(at(n-rememberedEntries+1)) || len(s.seen) > 2*rememberedEntries) {
			t.Fatalf("after %d, %d entries are remembered", n, len(s.seen))
		}
	}
}

func TestRead_NewestIDIsReportedAsOfTheTimeOfTheQuestion(t *testing.T) {
	b := newBench(t)
	b.add(1, 5, "old")
	before := time.Now()
	b.reads()
	if b.notes.newest.String() != "5-0" || b.newestAt.Before(before) || b.newestAt.After(time.Now()) {
		t.Errorf("the newest ID is %v at %v", b.notes.newest, b.newestAt)
	}
}
