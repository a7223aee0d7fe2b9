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

// Need skips the test when there is no redis-server on the PATH. Where nothing may be skipped (CI, or
// ELVA_NO_SKIP as .ci/run sets it) it fails instead. It returns the program's path, which REDIS_BIN
// overrides: valkey-server will do.
func Need(t testing.TB) string {
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

// Version returns what the server of [Need] says of its version, such as "Redis server v=7.0.15 …".
func Version(t testing.TB) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), Need(t), "--version").Output()
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
	command *exec.Cmd     // nil while it does not run
	ended   chan struct{} // closed when it has ended
}

// Start starts a server without persistence on a free port of the loopback and waits until it
// answers. args are further arguments, as "--maxclients", "3". It ends with the test.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s := New(t, args...)
	s.Restart()
	return s
}

// New prepares what Start starts, on a port that is free now.
func New(t testing.TB, args ...string) *Server {
	t.Helper()
	bin := Need(t)
	s := &Server{Port: FreePort(t), Dir: t.TempDir(), t: t, bin: bin}
	s.Addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))
	s.args = append([]string{
		"--port", strconv.Itoa(s.Port), "--bind", "127.0.0.1", "--dir", s.Dir, "--logfile", filepath.Join(s.Dir, "log"),
		"--save", "", "--appendonly", "no",
	}, args...)
	if !strings.Contains(Version(t), " v=6.") { // Redis 6 has no such setting, and DEBUG at once
		s.args = append(s.args, "--enable-debug-command", "yes")
	}
	t.Cleanup(s.Kill)
	return s
}

// FreePort returns a port on which nobody listens, below the ports that the kernel gives to outgoing
// connections (32768 and up), so that nobody takes it while its server is down. The port 10000 above,
// which a cluster node needs for its bus, is free too.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 12_000 + rand.IntN(10_000)
		if free(port) && free(port+10_000) {
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

func free(port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

// Restart starts the server, on its port, and waits until it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.RestartLoading()
	s.wait(func(reply string) bool { return reply == "+PONG" || strings.HasPrefix(reply, "-NO") })
}

// RestartLoading is Restart, but takes a server that still loads its data for ready.
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

// Configure changes the arguments of the next start: later ones override the first.
func (s *Server) Configure(args ...string) { s.args = append(s.args, args...) }

// wait waits until ok accepts the server's answer to a PING.
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

// ping asks without a client, so that a password or a loading server is an answer too.
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

// Kill ends the server as a crash does, at once (SIGKILL). It may have ended already.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.command == nil {
		return
	}
	_ = s.command.Process.Kill() // it works on a frozen process as well
	<-s.ended
	s.command = nil
}

// Stop freezes the server: its connections stay open and answer nothing (SIGSTOP).
func (s *Server) Stop() { s.signal(syscall.SIGSTOP) }

// Cont lets a frozen server go on (SIGCONT).
func (s *Server) Cont() { s.signal(syscall.SIGCONT) }

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

// Client returns a client of the server. It ends with the test. change may be nil.
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

// Do sends one command, as "CLIENT", "KILL", "TYPE", "pubsub", over a connection of its own, and
// returns the reply. An error fails the test.
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
