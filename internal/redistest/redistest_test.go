//go:build unix

package redistest_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/redistest"
)

func TestServer_RestartsOnItsPort(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	client := s.Client(nil)
	if err := client.Set(t.Context(), "a", "b", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if _, err := net.Dial("tcp", s.Addr); err == nil {
		t.Fatal("a killed server accepts connections")
	}
	s.Restart()
	if err := client.Get(t.Context(), "a").Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("after the restart: %v, want no such key", err)
	}
}

func TestServer_FrozenKeepsConnections(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	client := s.Client(func(o *redis.Options) { o.ReadTimeout, o.MaxRetries = 200*time.Millisecond, -1 })
	s.Freeze()
	var timeout net.Error
	if err := client.Ping(context.Background()).Err(); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("a frozen server answers: %v", err)
	}
	s.Unfreeze()
	if err := client.Ping(context.Background()).Err(); err != nil {
		t.Error(err)
	}
}

func TestProxy_StallResumeCut(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := redistest.NewProxy(t, s.Addr)
	conn, err := net.Dial("tcp", p.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	lines := bufio.NewReader(conn)
	ask := func() (string, error) {
		if _, err := conn.Write([]byte("PING\r\n")); err != nil {
			return "", err
		}
		_ = conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		return lines.ReadString('\n')
	}
	if got, err := ask(); got != "+PONG\r\n" {
		t.Fatalf("%q, %v", got, err)
	}
	p.Stall()
	if got, err := ask(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("stalled: %q, %v", got, err)
	}
	if p.Connections() != 1 {
		t.Errorf("%d connections while stalled, want 1", p.Connections())
	}
	p.Resume()
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if got, err := lines.ReadString('\n'); got != "+PONG\r\n" {
		t.Fatalf("the delayed reply: %q, %v", got, err)
	}
	p.Cut()
	if got, err := ask(); err == nil {
		t.Errorf("after the cut: %q", got)
	}
}
