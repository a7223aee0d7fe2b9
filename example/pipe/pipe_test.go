//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/redistest"
	"github.com/redis/go-redis/v9"
)

// patience is what may pass until something happens that takes milliseconds on an idle machine.
const patience = 2 * time.Minute

// TestMain lets the test's binary be pipe itself, or a program whose output is piped.
func TestMain(m *testing.M) {
	switch os.Getenv("PIPE_TEST") {
	case "":
		os.Exit(m.Run())
	case "pipe":
		main()
	case "panics":
		fmt.Println("listening")
		var order *strings.Builder
		order.WriteString("x")
	}
}

// A piping is a pipe that runs, and what it publishes.
type piping struct {
	*exec.Cmd
	t        *testing.T
	messages <-chan *redis.Message
	stderr   *lockedBuffer
	ended    chan error
}

// startPipe starts pipe on a channel of server, with its stdin from in.
func startPipe(t *testing.T, server *redistest.Server, in io.Reader, args ...string) *piping {
	t.Helper()
	p := &piping{t: t, stderr: new(lockedBuffer), ended: make(chan error, 1)}
	p.subscribe(server)
	p.Cmd = exec.CommandContext(t.Context(), os.Args[0], append(append([]string{"-redis", "redis://" + server.Addr}, args...), "app:log")...)
	p.Env = append(os.Environ(), "PIPE_TEST=pipe")
	p.Stdin, p.Stderr = in, p.stderr
	p.WaitDelay = time.Second // stdin may be a goroutine that copies
	return p
}

// start starts the process.
func (p *piping) start() *piping {
	p.t.Helper()
	if err := p.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() { p.ended <- p.Wait() }()
	return p
}

// subscribe listens to what is published from here on.
func (p *piping) subscribe(server *redistest.Server) {
	p.t.Helper()
	client := server.Client(nil)
	subscription := client.Subscribe(p.t.Context(), "app:log")
	if _, err := subscription.Receive(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { subscription.Close() })
	p.messages = subscription.Channel(redis.WithChannelSize(100_000))
}

// next returns the next record.
func (p *piping) next() string {
	p.t.Helper()
	select {
	case message := <-p.messages:
		return message.Payload
	case <-time.After(patience):
		p.t.Fatalf("no record in %v", patience)
		return ""
	}
}

// end waits for the end of pipe and returns its exit status.
func (p *piping) end() int {
	p.t.Helper()
	select {
	case err := <-p.ended:
		if status := (*exec.ExitError)(nil); err != nil && !errors.As(err, &status) && !errors.Is(err, exec.ErrWaitDelay) {
			p.t.Fatal(err)
		}
		return p.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("pipe has not ended in %v", patience)
		return -1
	}
}

// all waits for the end and returns what was published.
func (p *piping) all(server *redistest.Server) (records []string) {
	p.t.Helper()
	if status := p.end(); status != 0 {
		p.t.Errorf("exit status %d: %s", status, p.stderr)
	}
	server.Client(nil).Publish(p.t.Context(), "app:log", "the end")
	for {
		record := p.next()
		if record == "the end" {
			return records
		}
		records = append(records, record)
	}
}

func TestPipe_InputOfEachKind(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	huge := strings.Repeat("h", 10<<20)
	for name, c := range map[string]struct {
		input string
		want  []string
	}{
		"nothing":             {"", nil},
		"blank lines":         {"\n\r\n \n\n", nil},
		"no trailing newline": {"one\ntwo", []string{"one", "two"}},
		"CRLF":                {"one\r\n{\"a\":1}\r\ntwo\r\n", []string{"one", `{"a":1}`, "two"}},
		"binary":              {"\x00\x01\xff\xfe\n\xc3\n\x80\x00", []string{"\x00\x01\xff\xfe", "\xc3", "\x80\x00"}},
		"a huge line":         {"one\n" + huge + "\ntwo\n", []string{"one", fmt.Sprintf("%s … %d bytes more", huge[:maxRecord], len(huge)-maxRecord), "two"}},
		"broken JSON":         {"{\"a\":\n  1\nnext\n", []string{" {\"a\":\n  1", "next"}},
		"indented JSON":       {"{\n  \"a\": 1\n}\nnext\n", []string{"{\n  \"a\": 1\n}", "next"}},
		"a flood":             {strings.Repeat("line\n", 50_000), slices.Repeat([]string{"line"}, 50_000)},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			p := startPipe(t, server, strings.NewReader(c.input), "-tee", "-wait", "30s")
			p.Stdout = &out
			if got := p.start().all(server); !slices.Equal(got, c.want) {
				t.Errorf("%d records, want %d: %.300q", len(got), len(c.want), got)
			}
			if out.String() != c.input {
				t.Errorf("passed on %d bytes of %d", out.Len(), len(c.input))
			}
			if p.stderr.String() != "" {
				t.Errorf("stderr: %s", p.stderr)
			}
		})
	}
}

// TestPipe_Programs pipes what real programs print when they log and end.
func TestPipe_Programs(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	python := `
import logging, threading
logging.basicConfig(level=10)
print("printed", flush=True)
try:
    {}["tea"]
except KeyError:
    logging.exception("no tea")
logging.info("placed")
def work():
    raise RuntimeError("in a thread")
thread = threading.Thread(target=work)
thread.start()
thread.join()
def outer():
    try:
        int("x")
    except ValueError as error:
        raise LookupError("chained") from error
outer()
`
	node := `console.log("listening"); console.error(new TypeError("printed")); console.log(JSON.stringify({level: "info", msg: "JSON"})); setTimeout(() => { throw new Error("uncaught") }, 1)`
	script := filepath.Join(t.TempDir(), "app.js")
	if err := os.WriteFile(script, []byte(node), 0o600); err != nil {
		t.Fatal(err)
	}
	type want struct {
		message string
		level   record.Level
		trace   string // in it
	}
	for name, c := range map[string]struct {
		command []string
		want    []want
	}{
		"Python": {[]string{"python3", "-c", python}, []want{
			{"printed", record.Unknown, ""}, {"no tea", record.Error, "KeyError: 'tea'"}, {"placed", record.Info, ""},
			{"Exception in thread Thread-1 (work):", record.Error, "RuntimeError: in a thread"}, {"LookupError: chained", record.Error, "direct cause"},
		}},
		"Go": {[]string{os.Args[0]}, []want{
			{"listening", record.Unknown, ""}, {"panic: runtime error: invalid memory address or nil pointer dereference", record.Critical, "strings.(*Builder).WriteString"},
		}},
		"Node": {[]string{"node", script}, []want{
			{"listening", record.Unknown, ""}, {"TypeError: printed", record.Error, "app.js:1"}, {"JSON", record.Info, ""}, {"Error: uncaught", record.Error, "app.js:1"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(c.command[0]); err != nil {
				skip(t, "no "+c.command[0])
			}
			program := exec.CommandContext(t.Context(), c.command[0], c.command[1:]...)
			program.Env = append(os.Environ(), "PIPE_TEST=panics")
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			program.Stdout, program.Stderr = write, write
			p := startPipe(t, server, read, "-join", "5s").start()
			if err := program.Start(); err != nil {
				t.Fatal(err)
			}
			write.Close()
			read.Close()
			program.Wait()
			got := p.all(server)
			if len(got) != len(c.want) {
				t.Fatalf("%d records, want %d: %q", len(got), len(c.want), got)
			}
			for i, want := range c.want {
				r := record.Decode(got[i])
				if !strings.Contains(r.Message, want.message) || r.Level != want.level || !strings.Contains(r.Trace, want.trace) || (r.Trace == "") != (want.trace == "") {
					t.Errorf("record %d: message %q, level %v, trace %q; want %v", i, r.Message, r.Level, r.Trace, want)
				}
			}
		})
	}
}

// TestPipe_FollowedFile shows each record while the file grows, and ends soon after Ctrl-C, which tail has too.
func TestPipe_FollowedFile(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	file, err := os.CreateTemp(t.TempDir(), "app.log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := exec.LookPath("tail"); err != nil {
		skip(t, "no tail")
	}
	tail := exec.CommandContext(t.Context(), "tail", "-F", file.Name())
	out, err := tail.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := tail.Start(); err != nil {
		t.Fatal(err)
	}
	p := startPipe(t, server, out).start()
	for i := range 3 {
		text := fmt.Sprintf("ERROR number %d\n  File %d", i, i)
		fmt.Fprintln(file, text)
		if got := p.next(); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	fmt.Fprint(file, "last words without their end")
	tail.Process.Signal(os.Interrupt)
	p.Process.Signal(os.Interrupt)
	tail.Wait()
	if status := p.end(); status != 0 {
		t.Errorf("exit status %d: %s", status, p.stderr)
	}
}

// TestPipe_LastWordsAfterCtrlC reads on while the program ends, and ends by itself when the program doesn't.
func TestPipe_LastWordsAfterCtrlC(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	for _, stays := range []bool{false, true} {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		p := startPipe(t, server, read).start()
		read.Close()
		fmt.Fprintln(write, "first")
		if got := p.next(); got != "first" {
			t.Errorf("got %q", got)
		}
		p.Process.Signal(syscall.SIGTERM)
		fmt.Fprintln(write, "Traceback (most recent call last):\n  File \"a.py\"\nKeyboardInterrupt")
		if !stays {
			write.Close()
		}
		if got := p.next(); !strings.HasSuffix(got, "\nKeyboardInterrupt") {
			t.Errorf("got %q", got)
		}
		if status := p.end(); status != 0 {
			t.Errorf("exit status %d: %s", status, p.stderr)
		}
		write.Close()
	}
}

// TestPipe_StdoutIsClosed ends as the program before it would, and publishes what it has read.
func TestPipe_StdoutIsClosed(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	in, program, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, stdout, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := startPipe(t, server, in, "-tee")
	p.Stdout = stdout
	p.start()
	in.Close()
	stdout.Close()
	fmt.Fprintln(program, "one")
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "one\n" {
		t.Errorf("passed on %q, %v", line, err)
	}
	out.Close()
	fmt.Fprintln(program, "two")
	if status := p.end(); status != 1 || !strings.Contains(p.stderr.String(), "broken pipe") {
		t.Errorf("exit status %d: %s", status, p.stderr)
	}
	if one, two := p.next(), p.next(); one != "one" || two != "two" {
		t.Errorf("published %q and %q", one, two)
	}
	if _, err := fmt.Fprintln(program, "three"); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("the program may go on: %v", err)
	}
}

// TestPipe_RedisAway starts without Redis, and loses it meanwhile. A stream shows it: nobody need listen at the right moment.
func TestPipe_RedisAway(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client(nil)
	p := startPipe(t, server, read)
	p.Args = []string{os.Args[0], "-redis", "redis://" + server.Addr, "-stream", "app"}
	server.Kill()
	p.start()
	read.Close()
	for times := 1; times <= 2; times++ {
		for i := range 100 {
			fmt.Fprintln(write, "line", i)
		}
		eventually(t, "pipe says that Redis is away", func() bool { return strings.Count(p.stderr.String(), "records wait") == times })
		server.Restart()
		eventually(t, "all is published", func() bool { return client.XLen(t.Context(), "app").Val() >= 100 })
		entries, err := client.XRange(t.Context(), "app", "-", "+").Result()
		if err != nil || len(entries) != 100 || entries[0].Values["record"] != "line 0" || entries[99].Values["record"] != "line 99" {
			t.Fatalf("%d entries, %v", len(entries), err)
		}
		eventually(t, "pipe says that Redis is back", func() bool { return strings.Count(p.stderr.String(), "takes records again, 0 dropped") == times })
		server.Kill()
	}
	server.Restart()
	write.Close()
	if status := p.end(); status != 0 {
		t.Errorf("exit status %d: %s", status, p.stderr)
	}
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

// A lockedBuffer may be read while it is written.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// TestPipe_ProgramIsNotStopped drops and counts what a Redis that is away does not take: the program is stopped once, for -wait.
func TestPipe_ProgramIsNotStopped(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	const lines = 100_000
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := startPipe(t, server, read, "-wait", "200ms")
	server.Freeze() // frozen
	p.start()
	read.Close()
	for i := range lines { // 20,000 s, if each record waited
		if _, err := fmt.Fprintln(write, "line", i); err != nil {
			t.Fatal(err)
		}
	}
	server.Unfreeze()
	published, reported := 0, 0
	for reported == 0 { // the count comes with the first record that finds room
		fmt.Fprintln(write, "more")
		for len(p.messages) > 0 {
			r := record.Decode(p.next())
			if n := 0; r.Logger == "pipe" {
				fmt.Sscanf(r.Message, "%d records dropped", &n)
				reported += n
			} else {
				published++
			}
		}
	}
	write.Close()
	if status := p.end(); status != 1 {
		t.Errorf("exit status %d", status)
	}
	if text := p.stderr.String(); !strings.Contains(text, "records are dropped from here on") || !strings.Contains(text, "of them reported on the channel") {
		t.Errorf("stderr: %s", text)
	}
	if published < maxWaiting || reported < lines-2*maxWaiting-20_000 {
		t.Errorf("%d published, %d reported as dropped, of %d", published, reported, lines)
	}
}

func TestPipe_NotAllIsPublished(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	p := startPipe(t, server, strings.NewReader("one\ntwo\n"), "-wait", "0s")
	server.Kill()
	p.start()
	if status := p.end(); status != 1 || !strings.Contains(p.stderr.String(), "2 records not published") {
		t.Errorf("exit status %d: %s", status, p.stderr)
	}
}

func TestPipe_Stream(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	err := run(t.Context(), []string{"-redis", "redis://" + server.Addr, "-stream", "app"}, strings.NewReader("one\n  more\ntwo"), io.Discard, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	entries, err := server.Client(nil).XRange(t.Context(), "app", "-", "+").Result()
	if err != nil || len(entries) != 2 || entries[0].Values["record"] != "one\n  more" || entries[1].Values["record"] != "two" {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestPipe_CommandLine(t *testing.T) {
	t.Setenv("REDIS_URL", "")
	for _, args := range [][]string{{}, {"a", "b"}, {"-stream", "s", "a"}, {"-join", "0s", "a"}, {"-wait", "-1s", "a"}, {"-no", "a"},
		{"-redis", "redis://:secret%@x", "a"}, {"-redis", "http://x", "a"}} {
		var stderr bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		err := run(ctx, args, strings.NewReader(""), io.Discard, &stderr)
		cancel()
		if !errors.Is(err, errUsage) || stderr.Len() == 0 || strings.Contains(stderr.String(), "secret") {
			t.Errorf("%q: %v, %s", args, err, &stderr)
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
