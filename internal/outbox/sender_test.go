package outbox_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/outbox"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// batch returns n numbered records of at least the given size.
func batch(n, size int) outbox.Batch {
	var b outbox.Box
	for i := range n {
		b.Write(fmt.Appendf(nil, "%-*s", size, fmt.Sprint("m", i)))
	}
	taken, _ := b.Take()
	return taken
}

// TestSend_ConnectionLostWithinPipeline closes the connection when Redis has confirmed a part of a pipeline. go-redis must
// not retry by itself.
func TestSend_ConnectionLostWithinPipeline(t *testing.T) {
	const longest = "$41\r\n18446744073709551615-18446744073709551615\r\n"
	got := make(chan []string, 100)
	server := redistest.NewFake(t, func(c *redistest.FakeConn, n int) {
		for args, ok := c.Greet(2); ok; args, ok = c.Command() {
			got <- args
			switch last := args[len(args)-1]; {
			case n == 0 && last == "m4":
				c.Send("$3\r\n1-0\r\n" + longest)
				return
			case n > 0:
				c.Send(longest)
			}
		}
	})
	client := redis.NewClient(&redis.Options{Addr: server.Addr, Protocol: 2, MaxRetries: 3})
	defer client.Close()
	sender := outbox.ToStream(t.Context(), client, "app", 7)
	b := batch(5, 0)
	sent, bytes, err := sender.Send(t.Context(), &b, 0)
	if sent != 2 || bytes != 4 || err == nil {
		t.Fatalf("%d sent of %d bytes, %v", sent, bytes, err)
	}
	sent, bytes, err = sender.Send(t.Context(), &b, 2)
	if sent != 3 || bytes != 6 || err != nil {
		t.Fatalf("then %d sent of %d bytes, %v", sent, bytes, err)
	}
	if err := sender.SendOne(t.Context(), []byte("count")); err != nil {
		t.Error(err)
	}
	for _, payload := range []string{"m0", "m1", "m2", "m3", "m4", "m2", "m3", "m4", "count"} {
		want := []string{"xadd", "app", "maxlen", "~", "7", "*", "record", payload}
		select {
		case args := <-got:
			if !slices.Equal(args, want) {
				t.Errorf("%q, want %q", args, want)
			}
		case <-time.After(time.Second):
			t.Errorf("%q is missing", want)
		}
	}
	if len(got) > 0 {
		t.Errorf("unexpected command %q", <-got)
	}
}

// TestSend_ErrorWithinPipeline returns an error for a record in the middle.
func TestSend_ErrorWithinPipeline(t *testing.T) {
	server := redistest.NewFake(t, func(c *redistest.FakeConn, _ int) {
		for args, ok := c.Greet(2); ok; args, ok = c.Command() {
			switch {
			case args[len(args)-1] == "m1":
				c.Send("-OOM command not allowed\r\n")
			case args[0] == "publish":
				c.Send(":0\r\n")
			default:
				c.Send("$3\r\n1-0\r\n")
			}
		}
	})
	client := redis.NewClient(&redis.Options{Addr: server.Addr, Protocol: 2})
	defer client.Close()
	for name, sender := range map[string]*outbox.Sender{
		"channel": outbox.ToChannel(t.Context(), client, "app"),
		"stream":  outbox.ToStream(t.Context(), client, "app", 7),
	} {
		b := batch(3, 0)
		sent, bytes, err := sender.Send(t.Context(), &b, 0)
		var said redis.Error
		if sent != 1 || bytes != 2 || !errors.As(err, &said) || !strings.HasPrefix(err.Error(), "OOM") {
			t.Errorf("%s: %d sent of %d bytes, %v", name, sent, bytes, err)
		}
		if err := sender.SendOne(t.Context(), []byte("m1")); err == nil {
			t.Errorf("%s: SendOne returned no error", name)
		}
	}
}
