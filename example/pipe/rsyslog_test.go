//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// TestRsyslog runs rsyslog with the recipe as it is, but for the program and the address of Redis.
func TestRsyslog(t *testing.T) {
	t.Parallel()
	rsyslogd, err := exec.LookPath("rsyslogd")
	if err != nil {
		rsyslogd, err = exec.LookPath("/usr/sbin/rsyslogd")
	}
	if err != nil {
		skip(t, "no rsyslogd")
	}
	server := redistest.Start(t)
	recipe, err := os.ReadFile("rsyslog.conf")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "rsyslog") // t.TempDir is longer than a socket's name may be
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	program, socket, config := filepath.Join(dir, "elva-pipe"), filepath.Join(dir, "log"), filepath.Join(dir, "rsyslog.conf")
	test, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(recipe), "/usr/local/bin/elva-pipe -redis redis://localhost:6379 my:channel", program+" -redis redis://"+server.Addr+" app:log")
	if !strings.Contains(text, server.Addr) {
		t.Fatal("the recipe has another program")
	}
	text = fmt.Sprintf("module(load=\"imuxsock\" sysSock.use=\"off\")\ninput(type=\"imuxsock\" socket=%q)\nglobal(workDirectory=%q)\n%s", socket, dir, text)
	for name, content := range map[string]string{config: text, program: fmt.Sprintf("#!/bin/sh\nPIPE_TEST=pipe exec %q \"$@\"\n", test)} {
		if err := os.WriteFile(name, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p := &piping{t: t}
	p.subscribe(server)
	daemon := exec.CommandContext(t.Context(), rsyslogd, "-n", "-f", config, "-i", filepath.Join(dir, "pid"))
	daemon.Stdout, daemon.Stderr = t.Output(), t.Output()
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { daemon.Process.Kill(); daemon.Wait() }()

	var log net.Conn
	for deadline := time.Now().Add(patience); log == nil; time.Sleep(5 * time.Millisecond) {
		if log, err = net.Dial("unixgram", socket); err != nil && time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	defer log.Close()
	message := "failed: \"x\" \\ ü\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\nValueError: no"
	fmt.Fprintf(log, "<11>%s shop[77]: %s", time.Now().Format(time.Stamp), message)
	payload := p.next()
	if !json.Valid([]byte(payload)) {
		t.Fatalf("no JSON: %s", payload)
	}
	r := record.Decode(payload)
	host, _ := os.Hostname()
	host, _, _ = strings.Cut(host, ".")
	if strings.TrimPrefix(r.Message, " ") != "failed: \"x\" \\ ü" || !strings.Contains(r.Trace, "ValueError: no") || r.Level != record.Error || r.Logger != "shop" || r.PID != 77 ||
		!strings.HasPrefix(r.Host, host) || time.Since(r.Time).Abs() > time.Hour {
		t.Errorf("got %+v of %s", r, payload)
	}
}
