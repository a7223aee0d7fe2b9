package acceptance_test

import (
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
)

// quiet returns a configuration without a log.
var quiet = elva.Config{Logger: slog.New(slog.DiscardHandler)}

// deadClient returns a client of a port without a server.
func deadClient(t *testing.T) *redis.Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	client := redis.NewClient(&redis.Options{Addr: listener.Addr().String()})
	t.Cleanup(func() { client.Close() })
	return client
}

func nilClient() *redis.Client { return nil }

// TestNew_DoesNoIO measures the fastest of several calls, since the machine may be busy. Any I/O would slow down all of them.
func TestNew_DoesNoIO(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	silentClient := redis.NewClient(&redis.Options{Addr: silent.Addr().String(), ReadTimeout: 500 * time.Millisecond})
	defer silentClient.Close()
	unroutable := redis.NewClient(&redis.Options{Addr: "127.0.0.1:0"})
	defer unroutable.Close()
	for name, client := range map[string]*redis.Client{"down": deadClient(t), "silent": silentClient, "absent": unroutable} {
		t.Run(name, func(t *testing.T) {
			var took []time.Duration
			for range 20 {
				began := time.Now()
				h := quiet.New(client, "app")
				took = append(took, time.Since(began))
				defer h.Close()
			}
			if fastest := slices.Min(took); fastest > time.Millisecond {
				t.Errorf("New took %v", fastest)
			}
		})
	}
}

func TestNew_RingIsNotSupported(t *testing.T) {
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}})
	defer ring.Close()
	h := quiet.New(ring, "app")
	defer h.Close()
	waitFor(t, "the denial", func() bool { return status(t, h).Redis.State == "denied" })
	if d := status(t, h); d.code != 503 || !strings.Contains(d.Health.Text, "does not support redis.Ring") {
		t.Errorf("%d: %+v", d.code, d.Health)
	}
}

func TestSubscribe_NamesPatternsAndEscapes(t *testing.T) {
	mini := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: mini.Addr()})
	defer client.Close()
	h := quiet.New(client, "plain", "log:*", `jobs\[1\]`, elva.Exact("odd*name?[x]\\"), "plain", `\plain`)
	defer h.Close()
	waitFor(t, "the link to be live", func() bool { return status(t, h).Redis.State == "live" })
	var got []string
	for _, s := range status(t, h).Redis.Sources {
		got = append(got, s.Kind+" "+s.Name)
	}
	want := []string{"channel plain", "pattern log:*", "channel jobs[1]", `channel odd*name?[x]\`}
	if !slices.Equal(got, want) {
		t.Errorf("sources %q, want %q", got, want)
	}
	for channel, subscribers := range map[string]int{"plain": 1, "log:a": 1, "jobs[1]": 1, `odd*name?[x]\`: 1, "jobs1": 0, "oddname": 0} {
		if n := mini.Publish(channel, "x"); n != subscribers {
			t.Errorf("%d subscribers on %q, want %d", n, channel, subscribers)
		}
	}
	waitFor(t, "the records", func() bool { return status(t, h).History.Records == 4 })
}

func TestNew_ReadsWithoutViewers(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	h.publish("early")
	waitFor(t, "the record", func() bool { return status(t, h.Handler).History.Records == 1 })
}

func TestClose_OneOfManyHandlersOfAClient(t *testing.T) {
	mini := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: mini.Addr(), PoolSize: 1})
	defer client.Close()
	a, b := quiet.New(client, "app"), quiet.New(client, "app", "other")
	defer b.Close()
	waitFor(t, "both to be live", func() bool { return status(t, a).Redis.State == "live" && status(t, b).Redis.State == "live" })
	mini.Publish("app", "x")
	waitFor(t, "both to have it", func() bool { return status(t, a).History.Records == 1 && status(t, b).History.Records == 1 })
	a.Close()
	mini.Publish("other", "y")
	waitFor(t, "the other to go on", func() bool { return status(t, b).History.Records == 2 })
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Errorf("the host's client after Close: %v", err)
	}
}
