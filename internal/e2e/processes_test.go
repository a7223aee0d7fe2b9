package e2e

import (
	"bufio"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/redistest"
)

// A redisServer is a real one, with a client to publish by.
type redisServer struct {
	*redistest.Server
	client *redis.Client
}

// startRedis starts a redis-server for one test.
func startRedis(t *testing.T) redisServer {
	t.Helper()
	server := redistest.Start(t)
	return redisServer{server, server.Client(func(o *redis.Options) { o.MaxRetries = -1 })} // a retried PUBLISH may arrive twice
}

// publish sends payload once, as soon as somebody listens.
func (s redisServer) publish(t *testing.T, channel, payload string) {
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
	url, _ = startProcess(t, args...)
	return url
}

func startProcess(t *testing.T, args ...string) (url string, process *exec.Cmd) {
	t.Helper()
	var stderr strings.Builder
	process = exec.Command(binary, append([]string{"-addr", "127.0.0.1:0"}, args...)...)
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
	return url, process
}

// awaitRecord reads the stream of the page at url until it has a record with text in it, and returns that batch.
func awaitRecord(t *testing.T, url, text string) string {
	t.Helper()
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	response, err := client.Get(url + "?events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	started := time.Now()
	lines := bufio.NewReader(response.Body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%s: no record with %q in %v: %v", url, text, time.Since(started), err)
		}
		if data, ok := strings.CutPrefix(line, "data: ["); ok && strings.Contains(data, text) {
			return fmt.Sprint("[", data)
		}
	}
}
