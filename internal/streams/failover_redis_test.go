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

	"github.com/SupermanScott/Elva/internal/redistest"
	"github.com/SupermanScott/Elva/internal/status"
)

// bench is a Reader of one stream on a real Redis, driven read by read.
type bench struct {
	*testing.T
	*Reader
	*notes
	redis *redis.Client
}

func newBench(t *testing.T) *bench {
	b := &bench{T: t, notes: &notes{}, redis: redistest.Start(t).Client(nil)}
	b.Reader = Readers(b.redis, []string{"a"}, Options{Link: status.NewBoard(nil, []string{"a"}, "", slog.New(slog.DiscardHandler), 0),
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
func (b *bench) reads() string {
	b.Helper()
	b.list = nil
	for range 10 {
		if _, err := b.read(context.Background(), true, -1); err != nil {
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

func TestRead_NewestIDIsReportedAsOfTheTimeOfTheQuestion(t *testing.T) {
	b := newBench(t)
	b.add(1, 5, "old")
	before := time.Now()
	b.reads()
	if b.notes.newest.String() != "5-0" || b.newestAt.Before(before) || b.newestAt.After(time.Now()) {
		t.Errorf("the newest ID is %v at %v", b.notes.newest, b.newestAt)
	}
}
