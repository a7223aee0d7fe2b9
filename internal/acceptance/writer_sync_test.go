package acceptance_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
)

// The Writer is a zapcore.WriteSyncer.
var _ interface {
	io.Writer
	Sync() error
} = (*elva.Writer)(nil)

// newStreamWriter returns a writer to the stream "app", a client that reads it, and the hook for its pipelines.
func newStreamWriter(t *testing.T) (*elva.Writer, *redis.Client, *pipelines) {
	t.Helper()
	mini := miniredis.RunT(t)
	reader := redis.NewClient(&redis.Options{Addr: mini.Addr()})
	client := redis.NewClient(&redis.Options{Addr: mini.Addr(), MaxRetries: -1})
	p := new(pipelines)
	client.AddHook(p)
	w := elva.NewStreamWriter(client, "app", 0)
	t.Cleanup(func() { w.Close(); client.Close(); reader.Close() })
	return w, reader, p
}

func TestSync_AllPublished(t *testing.T) {
	w, reader, _ := newStreamWriter(t)
	for n := range 200 {
		for i := range n {
			fmt.Fprintf(w, "m%d", i)
		}
		before := reader.XLen(t.Context(), "app").Val()
		if err := w.Sync(); err != nil {
			t.Fatal(err)
		}
		if got := reader.XLen(t.Context(), "app").Val(); got != int64(n*(n+1)/2) {
			t.Fatalf("%d entries behind Sync %d, %d before", got, n, before)
		}
	}
}

func TestSync_ManyGoroutines(t *testing.T) {
	w, reader, _ := newStreamWriter(t)
	var running sync.WaitGroup
	for g := range 8 {
		running.Go(func() {
			for i := range 50 {
				text := fmt.Sprintf("g%d-%d", g, i)
				fmt.Fprintln(w, text)
				if err := w.Sync(); err != nil {
					t.Error(err)
				}
				all, err := reader.XRange(context.Background(), "app", "-", "+").Result()
				if err != nil {
					t.Error(err)
				}
				if !slices.ContainsFunc(all, func(m redis.XMessage) bool { return m.Values["record"] == text }) {
					t.Errorf("%s is not there behind its Sync", text)
				}
			}
		})
	}
	running.Wait()
}

// TestSync_WhileOthersWrite must return although the queue is never empty.
func TestSync_WhileOthersWrite(t *testing.T) {
	w, _, _ := newStreamWriter(t)
	stop := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if n := w.Stats().Waiting; n < 1000 {
					fmt.Fprintln(w, "more")
				}
			}
		}
	})
	fmt.Fprintln(w, "mine")
	err := w.Sync()
	close(stop)
	running.Wait()
	if err != nil {
		t.Error(err)
	}
}

func TestSync_RedisDown(t *testing.T) {
	t.Parallel()
	w, reader, p := newStreamWriter(t)
	down := errors.New("down")
	p.err.Store(&down)
	fmt.Fprint(w, "a")
	fmt.Fprint(w, "b")
	began := time.Now()
	if err := w.Sync(); err == nil || err.Error() != "elva: sync log writer: 2 records not published: down" || !errors.Is(err, down) {
		t.Errorf("Sync: %v", err)
	}
	if took := time.Since(began); took > patience {
		t.Errorf("it took %s", took)
	}
	p.err.Store(nil)
	if err := w.Sync(); err != nil { // they are published all the same
		t.Errorf("with Redis back: %v", err)
	}
	if got := reader.XLen(t.Context(), "app").Val(); got != 2 {
		t.Errorf("%d entries", got)
	}
}

// TestSync_AfterALongOutage calls Sync when the pauses between attempts are longer than its timeout.
func TestSync_AfterALongOutage(t *testing.T) {
	t.Parallel()
	w, reader, p := newStreamWriter(t)
	down := errors.New("down")
	p.err.Store(&down)
	fmt.Fprint(w, "x")
	waitFor(t, "the pauses to grow", func() bool { return p.attempts.Load() >= 7 }) // to five seconds
	p.err.Store(nil)
	if err := w.Sync(); err != nil {
		t.Errorf("with Redis back: %v", err)
	}
	if got := reader.XLen(t.Context(), "app").Val(); got != 1 {
		t.Errorf("%d entries", got)
	}
}

// TestSync_RedisReturns calls Sync during an outage that ends meanwhile. It must not wait for the long pause between attempts.
func TestSync_RedisReturns(t *testing.T) {
	t.Parallel()
	w, _, p := newStreamWriter(t)
	down := errors.New("down")
	p.err.Store(&down)
	fmt.Fprint(w, "x")
	waitFor(t, "the pauses to grow", func() bool { return p.attempts.Load() >= 7 }) // to five seconds
	synced := make(chan error)
	go func() { synced <- w.Sync() }()
	waitFor(t, "Sync's first attempt", func() bool { return p.attempts.Load() >= 8 })
	p.err.Store(nil)
	if err := <-synced; err != nil {
		t.Error(err)
	}
}

func TestSync_FrozenRedis(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	client := redis.NewClient(&redis.Options{Addr: silent.Addr().String(), ReadTimeout: 10 * time.Second, MaxRetries: -1})
	defer client.Close()
	w := elva.NewWriter(client, "app")
	defer w.Close()
	for i := range 20_007 {
		fmt.Fprintf(w, "m%d", i)
	}
	var running sync.WaitGroup
	began := time.Now()
	for range 3 {
		running.Go(func() {
			if err := w.Sync(); err == nil || err.Error() != "elva: sync log writer: 20000 records not published, 7 dropped: redis does not answer" {
				t.Errorf("Sync: %v", err)
			}
		})
	}
	running.Wait()
	if took := time.Since(began); took > patience {
		t.Errorf("it took %s", took)
	}
}

// TestSync_DroppedRecords must succeed once the number of dropped records was published.
func TestSync_DroppedRecords(t *testing.T) {
	w, reader, p := newStreamWriter(t)
	down := errors.New("down")
	p.err.Store(&down)
	fmt.Fprint(w, "m0")
	waitFor(t, "the writer to notice", func() bool { return w.Stats().Err != nil })
	for i := range 20_002 {
		fmt.Fprintf(w, "m%d", i+1)
	}
	p.err.Store(nil)
	for err := w.Sync(); err != nil; err = w.Sync() { // a busy machine may need more than one
		if !strings.Contains(err.Error(), "dropped") {
			t.Fatal(err)
		}
	}
	newest := reader.XRevRangeN(t.Context(), "app", "+", "-", 1).Val()
	if len(newest) != 1 || !strings.Contains(fmt.Sprint(newest[0].Values), "3 records dropped") {
		t.Errorf("the newest entry is %.200v", newest)
	}
}

func TestSync_ClosedWriter(t *testing.T) {
	w, _, p := newStreamWriter(t)
	if err := w.Sync(); err != nil { // nothing was written
		t.Error(err)
	}
	if n := p.attempts.Load(); n != 0 {
		t.Errorf("%d pipelines for nothing", n)
	}
	fmt.Fprint(w, "x")
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := w.Sync(); err != nil {
		t.Errorf("Sync of a closed Writer that has published all: %v", err)
	}

	client := deadClient(t)
	w = elva.NewWriter(client, "app")
	client.Close()
	fmt.Fprint(w, "x")
	for range 2 {
		if err := w.Sync(); !errors.Is(err, redis.ErrClosed) || !strings.Contains(err.Error(), "1 record not published") {
			t.Errorf("Sync with a closed client: %v", err)
		}
		w.Close()
	}
}

// TestSync_WhileClosing calls Sync and Close at the same time.
func TestSync_WhileClosing(t *testing.T) {
	client := deadClient(t)
	var p pipelines
	p.took.Store(true)
	client.AddHook(&p)
	for range 500 {
		w := elva.NewWriter(client, "app")
		var running sync.WaitGroup
		for range 3 {
			fmt.Fprint(w, "a")
			running.Go(func() {
				if err := w.Sync(); err != nil {
					t.Error(err)
				}
			})
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		running.Wait()
	}
}

func TestSync_IncompleteRecord(t *testing.T) {
	w, reader, _ := newStreamWriter(t)
	fmt.Fprint(w, `{"msg":"a"}`+"\n"+`{"msg":"b`)
	if err := w.Sync(); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, `c"}`+"\n"+`{"msg":"d"}`+"\n")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(entries(t, reader, "app")); got != `[{"msg":"a"} {"msg":"b c"} {"msg":"d"}]` {
		t.Error(got)
	}
}

// TestWrite_BufferOfSeveralRecords writes through a bufio.Writer of the default size, which ends within records.
func TestWrite_BufferOfSeveralRecords(t *testing.T) {
	w, reader, _ := newStreamWriter(t)
	buffer := bufio.NewWriter(w)
	logger := slog.New(slog.NewJSONHandler(buffer, nil))
	const n = 500
	for i := range n {
		logger.Info("cart opened", "order", i, "trace", "main.main()\n\t/src/main.go:12")
	}
	buffer.Flush()
	if err := w.Sync(); err != nil {
		t.Fatal(err)
	}
	got := entries(t, reader, "app")
	if len(got) != n {
		t.Fatalf("%d entries", len(got))
	}
	for i, payload := range got {
		if !strings.HasSuffix(payload, fmt.Sprintf(`"order":%d,"trace":"main.main()\n\t/src/main.go:12"}`, i)) {
			t.Errorf("entry %d is %s", i, payload)
		}
	}
}

// TestWrite_IncompleteRecord checks that an incomplete record is published in time without a call of Sync.
func TestWrite_IncompleteRecord(t *testing.T) {
	t.Parallel()
	w, reader, _ := newStreamWriter(t)
	fmt.Fprint(w, `{"msg":"half`)
	waitFor(t, "what waits", func() bool { return reader.XLen(t.Context(), "app").Val() == 1 })
	if got := entries(t, reader, "app"); got[0] != `{"msg":"half` {
		t.Errorf("%q", got)
	}
}
