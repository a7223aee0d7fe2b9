//go:build unix

package acceptance_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// memoryBytes is how much TestMemory_Bounded publishes. 10 GB take minutes:
//
//	go test -run Memory_ -v -timeout 1h . -args -memory-bytes 10000000000
var memoryBytes = flag.Int64("memory-bytes", 200_000_000, "how many bytes of records pass in the test of memory")

// heap returns the live heap.
func heap() uint64 {
	debug.FreeOSMemory() // collects garbage twice, so that no garbage remains
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemory_Bounded floods a handler with records of all sizes and levels, with a viewer that reads and one that is stuck, and measures the
// heap.
func TestMemory_Bounded(t *testing.T) {
	redistest.RequireServer(t)
	if testing.Short() {
		t.Skip("it moves 200 MB")
	}
	before := heap()
	server := redistest.Start(t, "--client-output-buffer-limit", "pubsub", "0", "0", "0")
	const bound = 32 << 20
	h := elva.Config{HistoryBytes: bound}.New(server.Client(nil), "app")
	web := httptest.NewServer(h)
	defer web.Close()
	defer h.Close() // ends the streams, or the server would wait for them
	waitFor(t, "the link to be live", func() bool { return status(t, h).Redis.State == "live" })
	following, err := http.Get(web.URL + "/?events")
	if err != nil {
		t.Fatal(err)
	}
	defer following.Body.Close()
	go io.Copy(io.Discard, following.Body) // until the stream ends
	stuck, err := http.Get(web.URL + "/?events")
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Body.Close()

	rng := rand.New(rand.NewPCG(1, 2))
	levels := []string{"DEBUG", "DEBUG", "DEBUG", "INFO", "WARN", "ERROR"}
	payloads := make([]string, 500)
	for i := range payloads {
		size := 100 + rng.IntN(1500)
		if i == 0 {
			size = 200 << 10
		}
		payloads[i] = fmt.Sprintf(`{"level":"%s","msg":"%s","logger":"a.%d","order":%d}`, levels[rng.IntN(len(levels))], strings.Repeat("x", size), i%20, i)
	}
	client := server.Client(func(o *redis.Options) { o.PoolSize = 1 })
	publish := func() (n int, bytes int64) {
		pipe := client.Pipeline()
		for _, p := range payloads {
			pipe.Publish(context.Background(), "app", p)
			bytes += int64(len(p))
		}
		if _, err := pipe.Exec(context.Background()); err != nil {
			t.Fatal(err)
		}
		return len(payloads), bytes
	}
	start := heap()
	var passed, measured int64
	var most uint64
	records, goroutines := 0, runtime.NumGoroutine()
	began := time.Now()
	for passed < *memoryBytes {
		n, bytes := publish()
		records, passed = records+n, passed+bytes
		// Publishing must wait, since records that wait in Redis take no memory of Elva.
		waitFor(t, "the records to be read", func() bool { return status(t, h).History.LastSeq >= records-5000 })
		if passed-measured > *memoryBytes/20 {
			waitFor(t, "all records to be read", func() bool { return status(t, h).History.LastSeq >= records })
			measured = passed
			most = max(most, heap())
		}
	}
	waitFor(t, "the end", func() bool { return status(t, h).History.LastSeq >= records })
	took := time.Since(began)
	end := heap()
	d := status(t, h)
	t.Logf("%d records, %d MB in %v; heap %.1f MB without a handler, %.1f MB before the first record, at most %.1f MB, %.1f MB after the last; the history holds %d records in %.1f MB",
		records, passed/1e6, took.Round(time.Second), mb(before), mb(start), mb(most), mb(end), d.History.Records, mb(uint64(d.History.Bytes)))
	// Memory besides the history: counters, blocks that readers use, buffers of go-redis.
	const rest = 16 << 20
	if most > start+bound+rest {
		t.Errorf("the heap grew from %.1f MB to %.1f MB; the history may take %.1f", mb(start), mb(most), mb(bound))
	}
	if d.History.Bytes > bound || d.Gaps != 0 {
		t.Errorf("the history takes %d bytes of %d, gaps %d", d.History.Bytes, bound, d.Gaps)
	}
	if got := runtime.NumGoroutine(); got > goroutines+10 {
		t.Errorf("%d goroutines, %d at the start", got, goroutines)
	}
}

// TestMemory_SlowIngest floods a handler whose history is full faster than it takes records, while ten clients search, and measures the largest
// heap, garbage included.
func TestMemory_SlowIngest(t *testing.T) {
	redistest.RequireServer(t)
	if testing.Short() {
		t.Skip("it moves 100 MB")
	}
	const bound, filling, flood = 32 << 20, 30_000, 30_000
	before := heap()
	server := redistest.Start(t, "--client-output-buffer-limit", "pubsub", "0", "0", "0")
	var slow atomic.Bool
	h := elva.Config{HistoryBytes: bound, Redact: func(payload string) string {
		for began := time.Now(); slow.Load() && time.Since(began) < 50*time.Microsecond; { // takes a processor, as decoding does
		}
		return payload
	}}.New(server.Client(nil), "app")
	web := httptest.NewServer(h)
	defer web.Close()
	defer h.Close()
	waitFor(t, "the link to be live", func() bool { return status(t, h).Redis.State == "live" })

	rng := rand.New(rand.NewPCG(1, 2))
	client := server.Client(func(o *redis.Options) { o.PoolSize = 1 })
	publish := func(records int, wait func(sent int)) {
		for sent := 0; sent < records; {
			pipe := client.Pipeline()
			for range 500 {
				text := make([]byte, 1000) // random, so that it hardly compresses
				for i := range text {
					text[i] = byte('a' + rng.IntN(26))
				}
				pipe.Publish(context.Background(), "app", fmt.Sprintf(`{"level":"info","msg":"%s","order":%d}`, text, sent))
			}
			if _, err := pipe.Exec(context.Background()); err != nil {
				t.Fatal(err)
			}
			sent += 500
			wait(sent)
		}
	}
	publish(filling, func(sent int) {
		waitFor(t, "the records to be read", func() bool { return status(t, h).History.LastSeq >= sent-5000 })
	})
	full := status(t, h).History

	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	for n := range 10 {
		query := []string{"records&q=absent", "records&newest&q=xyz", "histogram&q=abc", "records&limit=1000", "records&logger=absent"}[n%5]
		running.Go(func() {
			for ctx.Err() == nil {
				request, _ := http.NewRequestWithContext(ctx, http.MethodGet, web.URL+"/?"+query, nil)
				if response, err := http.DefaultClient.Do(request); err == nil {
					io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
			}
		})
	}
	var most uint64
	running.Go(func() {
		allocated := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for ctx.Err() == nil {
			metrics.Read(allocated)
			most = max(most, allocated[0].Value.Uint64())
			time.Sleep(time.Millisecond)
		}
	})
	slow.Store(true)
	publish(flood, func(int) {})
	waitFor(t, "a part of the flood to be read", func() bool { return status(t, h).History.LastSeq >= filling+3000 })
	slow.Store(false)
	waitFor(t, "the end", func() bool { return status(t, h).History.LastSeq >= filling+flood })
	cancel()
	running.Wait()
	most -= 2 * before // Go lets garbage grow to the size of what is in use
	t.Logf("the history held %d records in %.1f MB before the flood; heap at most %.1f MB more than before", full.Records, mb(uint64(full.Bytes)), mb(most))
	const rest = 8 << 20 // buffers of searches and connections
	if most > bound*5/2+rest {
		t.Errorf("the heap grew by %.1f MB, want two and a half times %.1f at most", mb(most), mb(bound))
	}
	if d := status(t, h); d.Gaps != 0 {
		t.Errorf("%d gaps", d.Gaps)
	}
}

func mb(bytes uint64) float64 { return float64(bytes) / 1e6 }
