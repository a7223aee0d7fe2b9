package e2e

import (
	"bufio"
	"net"
	"os/exec"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// A redisServer is a real one that can be killed and started again on its port.
type redisServer struct {
	addr    string
	client  *redis.Client // for publishing
	process *exec.Cmd
}

// startRedis starts redis-server on a free port, for one test.
func startRedis(t *testing.T) *redisServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &redisServer{addr: listener.Addr().String()}
	listener.Close()
	s.client = redis.NewClient(&redis.Options{Addr: s.addr, MaxRetries: -1}) // a retried PUBLISH may arrive twice
	t.Cleanup(func() { s.client.Close() })
	s.start(t)
	t.Cleanup(s.kill)
	return s
}

func (s *redisServer) start(t *testing.T) {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		skip(t, "no redis-server on PATH")
	}
	_, port, _ := net.SplitHostPort(s.addr)
	s.process = exec.Command(path, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string {
		if err := s.client.Ping(t.Context()).Err(); err != nil {
			return "redis-server answers: " + err.Error()
		}
		return ""
	})
}

// kill ends it as a crash would.
func (s *redisServer) kill() {
	if s.process != nil {
		s.process.Process.Kill()
		s.process.Wait()
		s.process = nil
	}
}

// publish sends payload once, as soon as somebody listens.
func (s *redisServer) publish(t *testing.T, channel, payload string) {
	t.Helper()
	eventually(t, func() string {
		n, err := s.client.Publish(t.Context(), channel, payload).Result()
		if err != nil {
			return "publish: " + err.Error()
		}
		if n == 0 {
			return "nobody listens to " + channel
		}
		return ""
	})
}

// startExample runs the example program on a free port and returns the address that it prints.
func startExample(t *testing.T, args ...string) (url string) {
	t.Helper()
	var stderr strings.Builder
	process := exec.Command(binary, append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	process.Stderr = &stderr
	stdout, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		process.Process.Kill()
		process.Wait()
		if t.Failed() && stderr.Len() > 0 {
			t.Logf("the example's stderr:\n%s", &stderr)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "Elva shows the logs at ")
	if err != nil || !ok {
		t.Fatalf("no address: %v, printed %q, stderr %s", err, line, &stderr)
	}
	return url
}
