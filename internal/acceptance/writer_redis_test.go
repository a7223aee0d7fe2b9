//go:build unix

package acceptance_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// TestWriter_ConnectionDenied has an unknown user, so that Redis denies the connection.
func TestWriter_ConnectionDenied(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(func(o *redis.Options) { o.Username, o.Password = "app", "secret" })
	w := elva.NewWriter(client, "app")
	for i := range 10 {
		fmt.Fprintf(w, "m%d", i)
	}
	err := w.Close()
	if err == nil || !strings.Contains(err.Error(), "10 records not published: WRONGPASS") {
		t.Errorf("Close: %v", err)
	}

	h := quiet.New(server.Client(nil), "app")
	defer h.Close()
	waitFor(t, "the link to be live", func() bool { return status(t, h).Redis.State == "live" })
	w = elva.NewWriter(client, "app")
	defer w.Close()
	fmt.Fprint(w, "known in the end")
	server.Do("ACL", "SETUSER", "app", "on", ">secret", "+@all", "~*", "&*")
	waitFor(t, "the record", func() bool { return strings.Contains(records(t, h), "known in the end") })
}

func TestWriter_ACLDenied(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	server.Do("ACL", "SETUSER", "app", "on", ">secret", "+@all", "~*", "resetchannels", "&other")
	client := server.Client(func(o *redis.Options) { o.Username, o.Password = "app", "secret" })
	w := elva.NewWriter(client, "app")
	fmt.Fprint(w, "denied")
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), "1 record not published: NOPERM") {
		t.Errorf("Close: %v", err)
	}

	h := quiet.New(server.Client(nil), "app")
	defer h.Close()
	waitFor(t, "the link to be live", func() bool { return status(t, h).Redis.State == "live" })
	w = elva.NewWriter(client, "app")
	defer w.Close()
	fmt.Fprint(w, "permitted in the end")
	server.Do("ACL", "SETUSER", "app", "&app")
	waitFor(t, "the record", func() bool { return strings.Contains(records(t, h), "permitted in the end") })
}

// TestWriter_RedisRestarts kills and restarts Redis. The Writer must wait until the viewer has subscribed again.
func TestWriter_RedisRestarts(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	h := quiet.New(server.Client(nil), "app")
	defer h.Close()
	waitFor(t, "the link to be live", func() bool { return status(t, h).Redis.State == "live" })
	w := elva.NewWriter(server.Client(nil), "app")
	defer w.Close()
	fmt.Fprint(w, "before")
	waitFor(t, "the first record", func() bool { return strings.Contains(records(t, h), "before") })
	server.Kill()
	waitFor(t, "the link to be down", func() bool { return status(t, h).Redis.State == "down" })
	for i := range 1000 {
		fmt.Fprintf(w, "away %d.", i)
	}
	waitFor(t, "the writer to notice", func() bool { return w.Stats().Err != nil })
	server.Restart()
	waitFor(t, "all records", func() bool { return strings.Contains(records(t, h), "away 999.") })
	body := records(t, h)
	for i := range 1000 {
		if !strings.Contains(body, fmt.Sprintf(`"away %d."`, i)) {
			t.Fatalf("record %d is lost", i)
		}
	}
}

// TestWriter_FrozenServerMemory freezes a real redis-server while records are written.
func TestWriter_FrozenServerMemory(t *testing.T) {
	server := redistest.Start(t)
	client := server.Client(nil)
	w := elva.NewWriter(client, "app")
	fmt.Fprint(w, "before")
	waitFor(t, "the first record", func() bool { return w.Stats().Waiting == 0 })
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	server.Freeze()
	record := []byte(strings.Repeat("x", 350))
	for range 500_000 {
		w.Write(record)
	}
	dropped := w.Stats().Dropped
	grown := int64(heap()) - int64(before)
	t.Logf("500,000 records of 350 bytes under a frozen Redis: %d dropped, the heap grew by %d KiB", dropped, grown>>10)
	if grown > 16<<20 {
		t.Errorf("the heap grew by %d KiB", grown>>10)
	}
	server.Unfreeze()
	if err := w.Close(); err != nil {
		t.Errorf("Close with Redis back: %v", err)
	}
}

// BenchmarkWriter measures the time of Write and the allocations of the process, with a real redis-server. It regularly waits for Redis with the timer
// stopped, since dropped records would improve the mean.
func BenchmarkWriter(b *testing.B) {
	benchmarkWriter(b, func(client *redis.Client) *elva.Writer { return elva.NewWriter(client, "app") })
}

// BenchmarkWriterToStream is like BenchmarkWriter with XADD.
func BenchmarkWriterToStream(b *testing.B) {
	benchmarkWriter(b, func(client *redis.Client) *elva.Writer { return elva.NewStreamWriter(client, "app", 10_000) })
}

func benchmarkWriter(b *testing.B, create func(*redis.Client) *elva.Writer) {
	server := redistest.Start(b)
	w := create(server.Client(nil))
	defer w.Close()
	record := []byte(strings.Repeat("x", 350))
	b.ReportAllocs()
	dropped, waited := uint64(0), time.Duration(0)
	for n := 1; b.Loop(); n++ {
		w.Write(record)
		if n%5000 == 0 {
			b.StopTimer()
			began := time.Now()
			for s := w.Stats(); s.Waiting > 0; s = w.Stats() {
				dropped = max(dropped, s.Dropped)
				time.Sleep(time.Millisecond)
			}
			waited += time.Since(began)
			b.StartTimer()
		}
	}
	b.ReportMetric(float64(dropped), "dropped")
	b.ReportMetric(float64(waited.Nanoseconds())/float64(b.N), "ns-behind/op")
}
