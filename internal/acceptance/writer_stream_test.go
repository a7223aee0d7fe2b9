package acceptance_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
)

// entries returns the payloads of a stream. Each entry must have only the field "record".
func entries(t *testing.T, client redis.UniversalClient, key string) (payloads []string) {
	t.Helper()
	got, err := client.XRange(context.Background(), key, "-", "+").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range got {
		text, ok := e.Values["record"].(string)
		if !ok || len(e.Values) != 1 {
			t.Fatalf("entry %s has %v", e.ID, e.Values)
		}
		payloads = append(payloads, text)
	}
	return payloads
}

// inOrder returns an error unless all numbered records exist in order. Those of a pipeline whose connection was lost may exist twice.
func inOrder(payloads []string, prefix string, n int) error {
	next := 0
	for _, p := range payloads {
		text, ok := strings.CutPrefix(p, prefix)
		i, err := strconv.Atoi(text)
		switch {
		case !ok || err != nil:
			continue
		case i > next:
			return fmt.Errorf("%q where %s%d should be", p, prefix, next)
		case i == next:
			next++
		}
	}
	if next != n {
		return fmt.Errorf("%d of %d are there", next, n)
	}
	return nil
}

func TestStreamWriter_Order(t *testing.T) {
	mini := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: mini.Addr()})
	defer client.Close()
	var p pipelines
	client.AddHook(&p)
	w := elva.NewStreamWriter(client, "app", 0)
	const n = 5000
	want := make([]string, n)
	for i := range want {
		want[i] = fmt.Sprint("m", i)
		fmt.Fprintln(w, want[i])
	}
	fmt.Fprint(w, "")
	waitFor(t, "all records", func() bool { return w.Stats().Waiting == 0 })
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, client, "app"); !slices.Equal(got, append(want, "")) {
		t.Errorf("%d entries, %.200q", len(got), got)
	}
	// miniredis trims exactly, and knows no default.
	if got := fmt.Sprint(p.first.Load()); !strings.HasPrefix(got, "[xadd app maxlen ~ 100000 * record ") {
		t.Errorf("the first command is %s", got)
	}
}

func TestStreamWriter_Length(t *testing.T) {
	mini := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: mini.Addr()})
	defer client.Close()
	w := elva.NewStreamWriter(client, "app", 70)
	for i := range 1000 {
		fmt.Fprintf(w, "m%d", i)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := entries(t, client, "app")
	if len(got) != 70 || got[0] != "m930" || got[69] != "m999" {
		t.Errorf("%q", got)
	}
}

// TestStreamWriter_ReportsDropped writes more than the bound without Redis. The report must come without the grace period that a channel needs.
func TestStreamWriter_ReportsDropped(t *testing.T) {
	mini := miniredis.RunT(t)
	addr := mini.Addr()
	mini.Close()
	client := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1})
	defer client.Close()
	w := elva.NewStreamWriter(client, "app", 0)
	fmt.Fprint(w, "m0")
	waitFor(t, "the writer to notice", func() bool { return w.Stats().Err != nil }) // so that all dropped records are reported at once
	for i := 1; i < 20_003; i++ {
		fmt.Fprintf(w, "m%d", i)
	}
	if err := mini.Restart(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the records", func() bool { s := w.Stats(); return s.Waiting == 0 && s.Dropped == 0 })
	fmt.Fprint(w, "after")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := entries(t, client, "app")
	if err := inOrder(got, "m", 20_000); err != nil {
		t.Error(err)
	}
	if len(got) != 20_002 || !strings.Contains(got[20_000], `"3 records dropped: Redis did not take them in time"`) || got[20_001] != "after" {
		t.Errorf("%d entries, the last are %q", len(got), got[max(0, len(got)-2):])
	}
}

// TestStreamWriter_RedisReturns compares it with a writer to a channel in the same outage, which waits for subscribers.
func TestStreamWriter_RedisReturns(t *testing.T) {
	t.Parallel()
	mini := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: mini.Addr()})
	defer client.Close()
	var p pipelines
	down := errors.New("down")
	p.err.Store(&down)
	client.AddHook(&p)
	channel, stream := elva.NewWriter(client, "app"), elva.NewStreamWriter(client, "app", 0)
	defer channel.Close()
	defer stream.Close()
	for _, w := range []*elva.Writer{channel, stream} {
		fmt.Fprint(w, "x")
		waitFor(t, "the writer to notice", func() bool { return w.Stats().Err != nil })
	}
	p.err.Store(nil)
	waitFor(t, "the entry", func() bool { return stream.Stats().Waiting == 0 })
	if n := channel.Stats().Waiting; n != 1 {
		t.Error("the stream's writer waited as long as the channel's")
	}
}

func TestStreamWriter_FrozenRedisDoesNotBlock(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	client := redis.NewClient(&redis.Options{Addr: silent.Addr().String(), ReadTimeout: 5 * time.Second, MaxRetries: -1})
	defer client.Close()
	w := elva.NewStreamWriter(client, "app", 0)
	began := time.Now()
	for i := range 100_000 {
		fmt.Fprintf(w, "m%d", i)
	}
	err = w.Close()
	if err == nil || !strings.Contains(err.Error(), "20000 records not published, 80000 dropped: redis does not answer") {
		t.Errorf("Close: %v", err)
	}
	if took := time.Since(began); took > patience {
		t.Errorf("it took %s", took)
	}
}

func TestStreamWriter_WrongType(t *testing.T) {
	mini := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: mini.Addr()})
	defer client.Close()
	if err := mini.Set("app", "a string"); err != nil {
		t.Fatal(err)
	}
	w := elva.NewStreamWriter(client, "app", 0)
	fmt.Fprint(w, "x")
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), "1 record not published: WRONGTYPE") {
		t.Errorf("Close: %v", err)
	}
}
