package acceptance_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
)

var _ io.WriteCloser = (*elva.Writer)(nil)

// newWriter returns a writer on the channel of a host, closed with the test.
func newWriter(t *testing.T, h *host) *elva.Writer {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: h.Redis.Addr()})
	w := elva.NewWriter(client, "app")
	t.Cleanup(func() { w.Close(); client.Close() })
	return w
}

func TestWriter_Loggers(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	w := newWriter(t, h)
	v := open(t, h.URL+"/?events")
	v.nextOf("status")

	slog.New(slog.NewJSONHandler(w, nil)).Warn("from slog", "order", 4711)
	log.New(w, "", 0).Print("from log")
	r := v.records(2)
	if r[0].Message != "from slog" || r[0].Level != "warning" || r[0].Fields["order"] != 4711.0 || r[1].Message != "from log" {
		t.Errorf("got %+v", r)
	}
}

func TestWriter_OrderAndNoLoss(t *testing.T) {
	h := newHost(t, elva.Config{History: 20_000}, nil)
	w := newWriter(t, h)
	v := open(t, h.URL+"/?events")
	v.nextOf("status")
	const n = 5000
	for i := range n {
		if _, err := fmt.Fprintf(w, "m%d\n", i); err != nil {
			t.Fatal(err)
		}
	}
	for i, r := range v.records(n) {
		if want := fmt.Sprint("m", i); r.Message != want {
			t.Fatalf("record %d is %q, want %q", i, r.Message, want)
		}
	}
}

func TestWriter_ManyGoroutines(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	w := newWriter(t, h)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				fmt.Fprintf(w, "g%d-%d\n", g, i)
			}
		})
	}
	wg.Wait()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "all records", func() bool { return status(t, h.Handler).History.Records == 1600 })
}

// TestWriter_WithoutRedis writes more than the bound. The excess is dropped, and its number is reported when Redis is back.
func TestWriter_WithoutRedis(t *testing.T) {
	mini := miniredis.RunT(t)
	var back atomic.Bool
	client := redis.NewClient(&redis.Options{Addr: mini.Addr(), MaxRetries: -1, Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if !back.Load() {
			return nil, errors.New("nobody is there")
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}})
	defer client.Close()
	w := elva.NewWriter(client, "app")
	defer w.Close()
	fmt.Fprint(w, "m0")
	waitFor(t, "the writer to notice", func() bool { return w.Stats().Err != nil }) // so that all dropped records are reported at once
	const n = 25_000
	for i := 1; i < n; i++ {
		if _, err := fmt.Fprintf(w, "m%d", i); err != nil {
			t.Fatal(err)
		}
	}
	reader := redis.NewClient(&redis.Options{Addr: mini.Addr()})
	defer reader.Close()
	h := elva.Config{History: 30_000, Logger: quiet.Logger}.New(reader, "app")
	defer h.Close()
	waitFor(t, "the link", func() bool { return status(t, h).Redis.State == "live" })
	back.Store(true)
	waitFor(t, "the count", func() bool { return status(t, h).Counts["warning"] == 1 })
	if kept := status(t, h).History.Records; kept != 20_001 {
		t.Errorf("%d records came, want 20,000 and the count", kept)
	}
	seen := status(t, h).History.LastSeq
	fmt.Fprint(w, "after")
	waitFor(t, "what comes after", func() bool { return status(t, h).History.LastSeq > seen })
	body := records(t, h)
	if !strings.Contains(body, `"5000 records dropped: Redis did not take them in time"`) {
		t.Errorf("the count is missing in %.300s", body[max(0, len(body)-300):])
	}
	if !strings.Contains(body, `"message":"after"`) {
		t.Error("what was written after is missing")
	}
}

// TestWriter_FrozenRedisDoesNotBlock writes to a server that accepts connections and never answers.
func TestWriter_FrozenRedisDoesNotBlock(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	client := redis.NewClient(&redis.Options{Addr: silent.Addr().String(), ReadTimeout: 5 * time.Second, MaxRetries: -1})
	defer client.Close()
	w := elva.NewWriter(client, "app")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 100_000 {
			fmt.Fprintf(w, "m%d", i)
		}
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("the program waits for Redis")
	}
	err = w.Close()
	if err == nil || !strings.Contains(err.Error(), "20000 records not published, 80000 dropped: redis does not answer") {
		t.Errorf("Close: %v", err)
	}
}

func TestWriterClose_Flushes(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	w := newWriter(t, h)
	for i := range 1000 {
		fmt.Fprintf(w, "m%d", i)
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "all records", func() bool { return status(t, h.Handler).History.Records == 1000 })
	if _, err := w.Write([]byte("x")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("write after Close: %v", err)
	}
}

func TestWriter_HostClosesItsClient(t *testing.T) {
	client := deadClient(t)
	w := elva.NewWriter(client, "app")
	client.Close()
	fmt.Fprint(w, "x")
	if err := w.Close(); !errors.Is(err, redis.ErrClosed) {
		t.Errorf("Close: %v", err)
	}
}

// pipelines is a hook that lets pipelines fail or succeed without Redis.
type pipelines struct {
	err      atomic.Pointer[error] // nil: Redis itself answers
	took     atomic.Bool           // every pipeline succeeds without Redis
	panics   atomic.Bool           // the next one panics
	attempts atomic.Int64
	first    atomic.Value // the arguments of the first command in the newest pipeline
}

func (p *pipelines) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (p *pipelines) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (p *pipelines) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		p.attempts.Add(1)
		if commands[0].Name() != "client" { // some versions of go-redis greet through the hooks
			p.first.Store(commands[0].Args())
		}
		if p.panics.CompareAndSwap(true, false) {
			panic("slice bounds out of range")
		}
		if err := p.err.Load(); err != nil {
			for _, c := range commands {
				c.SetErr(*err)
			}
			return *err
		}
		if p.took.Load() {
			return nil
		}
		return next(ctx, commands)
	}
}

// TestWriterClose_RetriesAfterALongOutage closes when the waits between attempts are long.
func TestWriterClose_RetriesAfterALongOutage(t *testing.T) {
	t.Parallel()
	mini := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: mini.Addr()})
	defer client.Close()
	var p pipelines
	down := errors.New("down")
	p.err.Store(&down)
	client.AddHook(&p)
	w := elva.NewWriter(client, "app")
	fmt.Fprint(w, "x")
	waitFor(t, "the waits to grow", func() bool { return p.attempts.Load() >= 6 })
	closed := make(chan error)
	go func() { closed <- w.Close() }()
	waitFor(t, "the attempt of Close", func() bool { return p.attempts.Load() >= 7 })
	p.err.Store(nil)
	if err := <-closed; err != nil {
		t.Errorf("with Redis back: %v", err)
	}
}

// TestWriter_PanicInGoRedis lets go-redis panic, as it may after malformed replies or in a hook of the host.
func TestWriter_PanicInGoRedis(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	client := redis.NewClient(&redis.Options{Addr: h.Redis.Addr()})
	defer client.Close()
	var p pipelines
	p.panics.Store(true)
	client.AddHook(&p)
	w := elva.NewWriter(client, "app")
	defer w.Close()
	fmt.Fprint(w, "a")
	waitFor(t, "the record", func() bool { return status(t, h.Handler).History.Records == 1 })
	if n := p.attempts.Load(); n < 2 {
		t.Errorf("%d attempts", n)
	}
}

// TestWriterClose_LastRecord closes immediately after the last record, many times.
func TestWriterClose_LastRecord(t *testing.T) {
	client := deadClient(t)
	var p pipelines
	p.took.Store(true)
	client.AddHook(&p)
	for i := range 5000 {
		w := elva.NewWriter(client, "app")
		fmt.Fprint(w, "a")
		for range i % 50 {
			runtime.Gosched()
		}
		fmt.Fprint(w, "b")
		if err := w.Close(); err != nil {
			t.Fatalf("writer %d: %v", i, err)
		}
	}
}

// TestWriterClose_WhileWriting checks that all records that Write accepted are published.
func TestWriterClose_WhileWriting(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	w := newWriter(t, h)
	var accepted atomic.Int64
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for {
				if _, err := fmt.Fprint(w, "x"); err != nil {
					return
				}
				if accepted.Add(1) > 5000 { // not more than fits
					return
				}
			}
		})
	}
	waitFor(t, "the first records", func() bool { return accepted.Load() > 100 })
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	running.Wait()
	waitFor(t, "all records", func() bool { return int64(status(t, h.Handler).History.LastSeq) == accepted.Load() })
}

// TestWrite_ReusesMemory writes bursts, between which the writer catches up.
func TestWrite_ReusesMemory(t *testing.T) {
	client := deadClient(t)
	var p pipelines
	p.took.Store(true)
	client.AddHook(&p)
	w := elva.NewWriter(client, "app")
	defer w.Close()
	record := []byte(strings.Repeat("x", 350))
	burst := func() {
		for range 5000 {
			w.Write(record)
		}
		waitFor(t, "the writer to catch up", func() bool { return w.Stats().Waiting == 0 })
	}
	for range 3 { // until both buffers are as large as they get
		burst()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 20 {
		burst()
	}
	runtime.ReadMemStats(&after)
	const writes = 20 * 5000
	if size := (after.TotalAlloc - before.TotalAlloc) / writes; size > 200 {
		t.Errorf("%d bytes are allocated for each Write of 350", size)
	}
	if count := float64(after.Mallocs-before.Mallocs) / writes; count > 0.5 {
		t.Errorf("%.2f allocations for each Write", count)
	}
}

func TestNewWriter_WiringMistakes(t *testing.T) {
	client := deadClient(t)
	for name, wire := range map[string]func(){
		"nil client":       func() { elva.NewWriter(nil, "app") },
		"typed nil client": func() { elva.NewWriter(nilClient(), "app") },
		"no channel":       func() { elva.NewWriter(client, "") },
		"no stream client": func() { elva.NewStreamWriter(nilClient(), "app", 0) },
		"no stream":        func() { elva.NewStreamWriter(client, "", 0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p := recover(); p == nil || !strings.HasPrefix(fmt.Sprint(p), "elva: ") {
					t.Errorf("panic %v", p)
				}
			}()
			wire()
		})
	}
}
