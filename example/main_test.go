//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/redistest"
	"github.com/redis/go-redis/v9"
)

// patience bounds every wait for something that happens within milliseconds on an idle machine.
const patience = 20 * time.Second

// binary is this program, built once for all tests.
var binary string

func TestMain(m *testing.M) {
	os.Unsetenv("REDIS_URL")          // a developer's own
	if signal.Ignored(os.Interrupt) { // as of a job in the background of a script; the programs that are started would ignore it, too
		signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "elva-example-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "example.exe")
		if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

func TestDemo_WithoutRedis(t *testing.T) {
	p := start(t)
	for path, want := range map[string]string{
		"/":            "text/html; charset=utf-8",
		"/debug/logs/": "text/html; charset=utf-8",
		"/debug/logs":  "text/html; charset=utf-8",
		"/hello":       "text/plain; charset=utf-8",
	} {
		response, err := http.Get(p.url + strings.TrimPrefix(path, "/"))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := response.Header.Get("Content-Type"); response.StatusCode != 200 || got != want {
			t.Errorf("GET %s: got %d %s, want 200 %s", path, response.StatusCode, got, want)
		}
	}

	missing := map[string]bool{webChannel: true, paymentChannel: true, mailChannel: true, stockChannel: true}
	p.records(t, "debug/logs/", func(r record) bool {
		delete(missing, r.Channel)
		return len(missing) == 0
	})
}

func TestDemo_Rate(t *testing.T) {
	p := start(t, "-demo-rate", "1000")
	var first, last time.Time
	n := 0
	p.records(t, "", func(r record) bool {
		if n++; n == 100 { // past the opening, which comes at once
			first = r.At
		}
		last = r.At
		return n == 2100
	})
	// 2000 irregular gaps of 1 ms on average. The demo makes up for at most 1 s that a busy machine cost it.
	if took := last.Sub(first); took < 900*time.Millisecond {
		t.Errorf("2000 records took %v at 1000 records/s", took)
	} else {
		t.Logf("2000 records took %v", took)
	}
}

func TestExample_ReadsOnlyTheNamedChannels(t *testing.T) {
	server := redistest.Start(t)
	for name, args := range map[string][]string{
		"flag":        {"-redis", "redis://" + server.Addr},
		"environment": {},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "environment" {
				t.Setenv("REDIS_URL", "redis://"+server.Addr)
			}
			p := start(t, append(args, "my:channel", "job:*")...)
			client := server.Client(nil)
			publish(t, client, "my:channel", "first")
			publish(t, client, "job:7", "second")
			if n := client.Publish(t.Context(), "other", "unheard").Val(); n != 0 {
				t.Errorf("%d subscribers of a channel that was not named", n)
			}
			var got []string
			p.records(t, "", func(r record) bool {
				got = append(got, r.Channel+" "+r.Message)
				return len(got) == 2
			})
			if want := "my:channel first, job:7 second"; strings.Join(got, ", ") != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestCtrlC_OpenStreams(t *testing.T) {
	p := start(t)
	for range 3 {
		response, err := http.Get(p.url + "?events")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
	}
	p.openIdle(t)

	asked := time.Now()
	p.signal(t, os.Interrupt)
	if code := p.wait(t); code != 0 {
		t.Errorf("exit status %d, want 0", code)
	}
	// It takes shutdownGrace and little more; 3 s is for a busy machine, and less than the 5 s of Shutdown alone.
	if took := time.Since(asked); took > 3*time.Second {
		t.Errorf("took %v", took)
	} else {
		t.Logf("took %v", took)
	}
	for line := range strings.Lines(p.stderr.String()) {
		if !strings.Contains(line, "INFO elva: link to redis state=") {
			t.Errorf("stderr: %s", line)
		}
	}
}

func TestCtrlC_SecondKills(t *testing.T) {
	// The second signal must come within shutdownGrace of the first, which a busy machine may miss: so try again.
	for range 5 {
		p := start(t)
		p.openIdle(t)
		p.signal(t, os.Interrupt)
		for { // the listener closes when the first signal has been taken
			probe, err := net.Dial("tcp", p.host())
			if err != nil {
				break
			}
			probe.Close()
		}
		p.signal(t, os.Interrupt)
		p.wait(t)
		if status := p.command.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() && status.Signal() == syscall.SIGINT {
			return
		}
	}
	t.Error("never killed by the second of two signals")
}

func TestExample_MistakesOnTheCommandLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().String()

	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"port in use":        {[]string{"-addr", port}, 1, "example: " + port + " is in use: name another address with -addr"},
		"no port":            {[]string{"-addr", "localhost"}, 1, "example: listen tcp: address localhost: missing port in address"},
		"no channel":         {[]string{"-redis", "redis://localhost"}, 2, "example: name at least one channel or pattern to read, e.g. my:channel or 'app:*', or a -stream"},
		"list, no channel":   {[]string{"-redis", "redis://localhost", "-stream", "s", "-list", "l"}, 2, "example: -list fills the gaps of channels, and none is named"},
		"empty channel":      {[]string{"-redis", "redis://localhost", ""}, 2, "example: the name of a channel or a stream is empty"},
		"channel, no redis":  {[]string{"my:channel"}, 2, "example: channels or keys are named but no Redis: add -redis redis://localhost:6379, or leave them out for the demo"},
		"flag after channel": {[]string{"my:channel", "-redis", "redis://localhost"}, 2, "example: -redis comes after a channel: flags come first"},
		"scheme":             {[]string{"-redis", "http://localhost", "a"}, 2, "example: the URL of Redis: redis: invalid URL scheme: http; it looks like redis://host:6379"},
		"password in URL":    {[]string{"-redis", "redis://me:se/cret@localhost", "a"}, 2, "example: the URL of Redis is none: it looks like redis://user:password@host:6379, with % escapes in the password"},
		"demo rate":          {[]string{"-demo-rate", "NaN"}, 2, "example: -demo-rate NaN: must be 0 to 50000"},
		"unknown flag":       {[]string{"-port", "80"}, 2, "example: flag provided but not defined: -port (-help lists the flags)"},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code := runBinary(t, test.args...)
			if code != test.code || stderr != test.want+"\n" || stdout != "" {
				t.Errorf("got status %d, stderr %q, stdout %q; want status %d, stderr %q", code, stderr, stdout, test.code, test.want+"\n")
			}
		})
	}
}

func TestExample_REDIS_URLWithoutChannels(t *testing.T) {
	t.Setenv("REDIS_URL", "redis://localhost")
	_, stderr, code := runBinary(t)
	want := "example: name at least one channel or pattern to read, e.g. my:channel or 'app:*', or a -stream (REDIS_URL is set; without it the demo runs)\n"
	if code != 2 || stderr != want {
		t.Errorf("status %d, stderr %q", code, stderr)
	}
}

func TestHelp_ListsFlagsButNoPassword(t *testing.T) {
	t.Setenv("REDIS_URL", "redis://me:hunter2@localhost")
	stdout, stderr, code := runBinary(t, "-help")
	for _, want := range []string{"usage: example", "-addr", "-redis", "-demo-rate", "REDIS_URL"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in %s", want, stdout)
		}
	}
	if code != 0 || stderr != "" || strings.Contains(stdout, "hunter2") {
		t.Errorf("status %d, stderr %q, stdout %s", code, stderr, stdout)
	}
}

func TestOnlyHosts(t *testing.T) {
	own, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	opts, err := parse([]string{"-addr", "logs.test:0", "-host", "Elva", "-host", "box.lan"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	handler := onlyHosts(opts.hosts, http.HandlerFunc(hello))
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8888": 200, "LOCALHOST.:8888": 200, "app.localhost:1": 200, "127.0.0.1:8888": 200, "192.168.1.7": 200, "[::1]:8888": 200, "[fe80::1]": 200,
		own: 200, own + ":8888": 200, "logs.test:8888": 200, "elva:8888": 200, "BOX.lan": 200,
		"evil.example": 403, "evil.example:8888": 403, "localhost.evil.example": 403, "evillocalhost": 403, "127.0.0.1.evil.example:8888": 403, "127.0.0.1.nip.io": 403,
		"box": 403, "x.box.lan": 403, "": 403, ":8888": 403,
	} {
		request := httptest.NewRequest("GET", "/?records", nil)
		request.Host = host
		answer := httptest.NewRecorder()
		if handler.ServeHTTP(answer, request); answer.Code != want {
			t.Errorf("Host %q: status %d, want %d: %s", host, answer.Code, want, answer.Body)
		}
	}
}

func TestOnlyHosts_ForeignName(t *testing.T) {
	p := start(t)
	for _, path := range []string{"", "?records", "?events", "debug/logs/?tail", "hello"} {
		request, err := http.NewRequest("GET", p.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = "rebound.example:8888"
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != 403 || !strings.Contains(string(body), `-host "rebound.example"`) {
			t.Errorf("/%s: status %d: %s", path, response.StatusCode, body)
		}
	}
}

func TestBrowserURL(t *testing.T) {
	got := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8888}
	for addr, want := range map[string]string{
		"localhost:8888": "http://localhost:8888/",
		":8888":          "http://localhost:8888/",
		"0.0.0.0:8888":   "http://localhost:8888/",
		"[::]:8888":      "http://localhost:8888/",
		"[::1]:0":        "http://[::1]:8888/",
		"logs.test:http": "http://logs.test:8888/",
	} {
		if url := browserURL(addr, got); url != want {
			t.Errorf("%s: got %s, want %s", addr, url, want)
		}
	}
}

// record is the part of a streamed record that the tests look at.
type record struct {
	At      time.Time `json:"at"`
	Channel string    `json:"channel"`
	Level   string    `json:"level"`
	Logger  string    `json:"logger"`
	Message string    `json:"message"`
	Source  string    `json:"source"`
	Trace   string    `json:"trace"`
	Host    string    `json:"host"`
	PID     int       `json:"pid"`
	Fields  map[string]any
}

// process is a running example.
type process struct {
	command *exec.Cmd
	url     string // as printed, with a slash at its end
	stderr  *strings.Builder
}

// start runs the binary on a free port and waits until it has printed its address.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{stderr: new(strings.Builder)}
	p.command = exec.Command(binary, append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	p.command.Stderr = p.stderr
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.command.Process.Kill()
		p.command.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("no address printed: %v, stderr: %s", err, p.stderr)
	}
	p.url = strings.TrimSpace(strings.TrimPrefix(line, "Elva shows the logs at "))
	if u, err := url.Parse(p.url); err != nil || u.Scheme != "http" {
		t.Fatalf("printed %q", line)
	}
	return p
}

// openIdle opens a connection without a request, as browsers do ahead of need: Shutdown alone would wait 5 s for it.
func (p *process) openIdle(t *testing.T) {
	t.Helper()
	idle, err := net.Dial("tcp", p.host())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { idle.Close() })
	// Connections are accepted in their order, so after an answer on the next one the program has this one.
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"hello", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true
	response, err := new(http.Transport).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
}

func (p *process) host() string { return strings.Trim(strings.TrimPrefix(p.url, "http://"), "/") }

func (p *process) signal(t *testing.T, sig os.Signal) {
	t.Helper()
	if err := p.command.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

// wait returns the exit status, -1 for a signal.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	ended := make(chan struct{})
	go func() { p.command.Wait(); close(ended) }()
	select {
	case <-ended:
		return p.command.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatal("still running")
		return 0
	}
}

// records calls f with every record of the stream at path, from the history on, until f returns true.
func (p *process) records(t *testing.T, path string, f func(record) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", p.url+path+"?events", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewReader(response.Body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("stream ended: %v", err)
		}
		data, ok := strings.CutPrefix(line, "data: [")
		if !ok {
			continue
		}
		var batch []record
		if err := json.Unmarshal([]byte("["+data), &batch); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		for _, r := range batch {
			if f(r) {
				return
			}
		}
	}
}

// runBinary runs the binary to its end.
func runBinary(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var out, errs strings.Builder
	command := exec.CommandContext(ctx, binary, args...)
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), command.ProcessState.ExitCode()
}

// publish publishes payload to channel as soon as somebody listens there.
func publish(t *testing.T, client *redis.Client, channel, payload string) {
	t.Helper()
	eventually(t, "somebody listens to "+channel, func() bool {
		return client.Publish(t.Context(), channel, payload).Val() > 0
	})
}

// eventually polls until done returns true.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// skip skips the test, or fails it where nothing may be skipped.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" || os.Getenv("ELVA_NO_SKIP") != "" {
		t.Fatalf("%s, and nothing may be skipped here", why)
	}
	t.Skip(why)
}
