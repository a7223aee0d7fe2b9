//go:build unix

package redistest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// RequireServer returns the path of redis-server. The environment variable REDIS_BIN can name another program, such as
// valkey-server. If there is none, RequireServer skips the test, or fails it in CI or if ELVA_NO_SKIP is set.
func RequireServer(t testing.TB) string {
	t.Helper()
	name := "redis-server"
	if bin := os.Getenv("REDIS_BIN"); bin != "" {
		name = bin
	}
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" || os.Getenv("ELVA_NO_SKIP") != "" {
		t.Fatalf("this test may not be skipped here: %v", err)
	}
	t.Skip(err)
	return ""
}

// Version returns the version text of the server, such as "Redis server v=7.0.15 …".
func Version(t testing.TB) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), RequireServer(t), "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// Server is a redis-server process.
type Server struct {
	Port int
	Addr string // 127.0.0.1:PORT
	Dir  string // its working directory, where it also logs

	t    testing.TB
	bin  string
	args []string

	mu      sync.Mutex
	command *exec.Cmd     // nil if it doesn't run
	ended   chan struct{} // closed when it has ended
}

// Start starts a server without persistence on a free loopback port and waits until it answers. args are further arguments,
// such as "--maxclients", "3". The server ends with the test.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s := New(t, args...)
	s.Restart()
	return s
}

// New is like Start, but doesn't start the server.
func New(t testing.TB, args ...string) *Server {
	t.Helper()
	bin := RequireServer(t)
	s := &Server{Port: FreePort(t), Dir: t.TempDir(), t: t, bin: bin}
	s.Addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))
	s.args = append([]string{
		"--port", strconv.Itoa(s.Port), "--bind", "127.0.0.1", "--dir", s.Dir, "--logfile", filepath.Join(s.Dir, "log"),
		"--save", "", "--appendonly", "no",
	}, args...)
	if !strings.Contains(Version(t), " v=6.") { // Redis 6 has no such setting, and allows DEBUG
		s.args = append(s.args, "--enable-debug-command", "yes")
	}
	t.Cleanup(s.Kill)
	return s
}

// FreePort returns a free port below those that the kernel uses for outgoing connections (32768 and up), so that it stays
// free while its server is down. The port 10000 above it, which a cluster node uses for its bus, is free, too.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 12_000 + rand.IntN(10_000)
		if isFree(port) && isFree(port+10_000) {
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

func isFree(port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

// Restart starts the server and waits until it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.RestartLoading()
	s.wait(func(reply string) bool { return reply == "+PONG" || strings.HasPrefix(reply, "-NO") })
}

// RestartLoading is like Restart, but doesn't wait until the server has loaded its data.
func (s *Server) RestartLoading() {
	s.t.Helper()
	s.mu.Lock()
	if s.command != nil {
		s.mu.Unlock()
		s.t.Fatal("the server runs already")
	}
	s.command = exec.Command(s.bin, s.args...)
	s.command.Dir = s.Dir
	if err := s.command.Start(); err != nil {
		s.mu.Unlock()
		s.t.Fatal(err)
	}
	command, ended := s.command, make(chan struct{})
	s.ended = ended
	go func() {
		_ = command.Wait() // "signal: killed", mostly
		close(ended)
	}()
	s.mu.Unlock()
	s.wait(func(string) bool { return true })
}

// Configure adds arguments for the next start, which override earlier ones.
func (s *Server) Configure(args ...string) { s.args = append(s.args, args...) }

// wait waits until ok returns true for the reply to a PING.
func (s *Server) wait(ok func(reply string) bool) {
	s.t.Helper()
	last := "nothing"
	running := func() bool {
		select {
		case <-s.ended: // a mistake in the arguments, or the port was taken
			return false
		default:
			return true
		}
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline) && running(); time.Sleep(5 * time.Millisecond) {
		reply, err := s.ping()
		if err == nil && ok(reply) {
			return
		}
		last = fmt.Sprint(reply, err)
	}
	log, _ := os.ReadFile(filepath.Join(s.Dir, "log"))
	s.t.Fatalf("redis-server on %s is not ready: %s\n%s", s.Addr, last, log)
}

// ping returns the reply to a PING. It uses no client, since error replies count, too.
func (s *Server) ping() (string, error) {
	conn, err := net.DialTimeout("tcp", s.Addr, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return "", err
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return "", err
	}
	buffer := make([]byte, 200)
	n, err := conn.Read(buffer)
	return strings.TrimSpace(string(buffer[:n])), err
}

// Kill ends the server immediately (SIGKILL), if it runs.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.command == nil {
		return
	}
	_ = s.command.Process.Kill() // works for a frozen process, too
	<-s.ended
	s.command = nil
}

// Freeze suspends the server (SIGSTOP). Its connections stay open without replies.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Unfreeze continues a frozen server (SIGCONT).
func (s *Server) Unfreeze() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(signal syscall.Signal) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.command == nil {
		s.t.Fatal("the server does not run")
	}
	if err := s.command.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// Client returns a client of the server, which is closed at the end of the test. change, which may be nil, can change its
// options.
func (s *Server) Client(change func(*redis.Options)) *redis.Client {
	s.t.Helper()
	options := &redis.Options{Addr: s.Addr}
	if change != nil {
		change(options)
	}
	client := redis.NewClient(options)
	s.t.Cleanup(func() { client.Close() })
	return client
}

// Do sends one command, such as "CLIENT", "KILL", "TYPE", "pubsub", on a separate connection and returns the reply. An error
// fails the test.
func (s *Server) Do(args ...any) any {
	s.t.Helper()
	client := redis.NewClient(&redis.Options{Addr: s.Addr, MaxRetries: -1, ReadTimeout: patience, PoolSize: 1})
	defer client.Close()
	reply, err := client.Do(context.Background(), args...).Result()
	if err != nil {
		s.t.Fatalf("%v: %v", args, err)
	}
	return reply
}
