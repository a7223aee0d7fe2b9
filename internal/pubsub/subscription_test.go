package pubsub_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/ingest"
	"github.com/SupermanScott/Elva/internal/pubsub"
	"github.com/SupermanScott/Elva/internal/redistest"
	"github.com/SupermanScott/Elva/internal/redisutil"
	"github.com/SupermanScott/Elva/internal/status"
)

// patience is how long the tests wait for an event that takes milliseconds on an idle machine.
const patience = time.Minute

// sink is a Sink of functions.
type sink struct{ record func(ingest.Record) }

func (s sink) Record(r ingest.Record) { s.record(r) }
func (s sink) Gap(ingest.Gap)         {}

// subscribe runs a subscription to the channel app of a server until the test ends.
func subscribe(t *testing.T, addr string, readAhead int, record func(ingest.Record)) *pubsub.Subscription {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: addr, Protocol: 2})
	sources := redisutil.ParseChannels([]string{"app"})
	board := status.NewBoard([][]redisutil.Channel{sources}, nil, "", slog.New(slog.DiscardHandler), 0)
	s := pubsub.New(pubsub.Options{
		Client: client, Sources: sources, Timing: redisutil.DefaultTiming(), ReadAhead: readAhead, Sink: sink{record},
		Link: board.Subscription(0), Decode: new(ingest.Ingest).Decode,
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx); s.Wait() }()
	t.Cleanup(func() { cancel(); <-ended; _ = client.Close() })
	return s
}

// TestSubscription_ReadsAhead has a sink that blocks until the server has sent more than the sockets can buffer. Redis closes
// the connection of a subscriber that reads too slowly. Waiting messages are decoded ahead and keep their order.
func TestSubscription_ReadsAhead(t *testing.T) {
	const records, size = 300, 100_000 // each record alone is a storm
	sent, received := make(chan struct{}), make(chan int, records)
	server := redistest.NewFake(t, func(c *redistest.FakeConn, _ int) {
		if _, ok := c.ConfirmSubscription(2); !ok {
			return
		}
		text := strings.Repeat("x", size)
		for n := range records {
			if !c.Send(redistest.Push(2, "message", "app", strconv.Itoa(n)+"#"+text)) {
				return
			}
		}
		close(sent)
		for ok := true; ok; {
			_, ok = c.Command()
		}
	})
	decoded := 0
	s := subscribe(t, server.Addr, 2*records*size, func(r ingest.Record) {
		select {
		case <-sent:
		case <-t.Context().Done():
		}
		if r.Decoded != nil {
			decoded++
		}
		number, _, _ := strings.Cut(r.Payload, "#")
		n, _ := strconv.Atoi(number)
		received <- n
	})
	select {
	case <-sent:
	case <-time.After(patience):
		t.Fatal("the server can't send while the sink takes nothing")
	}
	isBehind := func() bool { _, behind := s.Waiting(); return behind }
	if !isBehind() {
		t.Error("the subscription does not say that it is behind")
	}
	for n := range records {
		select {
		case got := <-received:
			if got != n {
				t.Fatalf("record %d came when %d was due", got, n)
			}
		case <-time.After(patience):
			t.Fatalf("record %d never came", n)
		}
	}
	for deadline := time.Now().Add(patience); isBehind(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the subscription is still behind")
		}
	}
	if decoded == 0 {
		t.Error("no record was decoded ahead of its turn")
	}
}

// TestGuard_BugOfElvas runs itself with a sink that panics. The panic must end the program. It must not be treated like a
// malformed reply, which only costs the connection.
func TestGuard_BugOfElvas(t *testing.T) {
	const env = "ELVA_TEST_SINK_PANICS"
	if os.Getenv(env) != "" {
		server := redistest.NewFake(t, func(c *redistest.FakeConn, _ int) {
			if _, ok := c.ConfirmSubscription(2); ok {
				c.Send(redistest.Push(2, "message", "app", "x"))
				for ok {
					_, ok = c.Command()
				}
			}
		})
		subscribe(t, server.Addr, 1<<20, func(ingest.Record) { panic("a bug of Elva's") })
		time.Sleep(patience)
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, os.Args[0], "-test.run", "^"+t.Name()+"$")
	command.Env = append(os.Environ(), env+"=1")
	out, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "panic: a bug of Elva's") {
		t.Errorf("the program went on: %v\n%s", err, out)
	}
}

// TestGuard_PanicInGoRedis sends a reply that makes go-redis panic. That only costs the connection.
func TestGuard_PanicInGoRedis(t *testing.T) {
	received := make(chan string, 1)
	server := redistest.NewFake(t, func(c *redistest.FakeConn, n int) {
		if _, ok := c.ConfirmSubscription(2); !ok {
			return
		}
		if n == 0 {
			c.Send("*0\r\n")
		} else {
			c.Send(redistest.Push(2, "message", "app", "after the panic"))
		}
		for ok := true; ok; {
			_, ok = c.Command()
		}
	})
	subscribe(t, server.Addr, 1<<20, func(r ingest.Record) { received <- r.Payload })
	select {
	case got := <-received:
		if got != "after the panic" {
			t.Errorf("got %q", got)
		}
	case <-time.After(patience):
		t.Error("no connection after the panic")
	}
}
