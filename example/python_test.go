//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/redistest"
)

// TestPython_HandlerTests runs each file of tests by itself. Those that start many processes take a minute, and are not for -short.
func TestPython_HandlerTests(t *testing.T) {
	python := findPython(t)
	redistest.RequireServer(t) // the Python tests start servers of their own
	files, err := filepath.Glob("python/test_*.py")
	if err != nil || len(files) < 5 {
		t.Fatalf("%v: %q", err, files)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".py")
		t.Run(name, func(t *testing.T) {
			if testing.Short() && slices.Contains([]string{"test_processes", "test_recipes"}, name) {
				t.Skip("-short")
			}
			ctx, cancel := beforeDeadline(t)
			defer cancel()
			command := exec.CommandContext(ctx, python, "-X", "faulthandler", "-m", "unittest", "-v", name)
			command.Cancel = func() error { return command.Process.Signal(syscall.SIGABRT) } // faulthandler says then where each thread is
			command.WaitDelay = 5 * time.Second                                              // a child that was left behind holds the pipe
			command.Dir = "python"
			command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
			out, err := command.CombinedOutput()
			t.Logf("%s", out)
			if err != nil || bytes.Contains(out, []byte("Ran 0 tests")) {
				t.Fatal(err)
			}
		})
	}
}

// beforeDeadline returns a context that ends early enough before the test's deadline to report what was running.
func beforeDeadline(t *testing.T) (context.Context, context.CancelFunc) {
	deadline, ok := t.Deadline()
	if !ok {
		return context.WithCancel(t.Context())
	}
	return context.WithDeadline(t.Context(), deadline.Add(-20*time.Second))
}

func TestPython_RecordsAreComplete(t *testing.T) {
	python := findPython(t)
	server := redistest.Start(t)
	p := start(t, "-redis", "redis://"+server.Addr, "app:log")
	client := server.Client(nil)
	publish(t, client, "app:log", "listening")

	program := `
import logging, sys
from elva_logging import ElvaHandler
log = logging.getLogger("shop.cart")
log.addHandler(ElvaHandler("app:log", sys.argv[1]))
try:
    {}["tea"]
except KeyError:
    log.exception("no %s at %d%%", "tea", 5, extra={"order": 7})
`
	command := exec.CommandContext(t.Context(), python, "-c", program, "redis://"+server.Addr)
	command.Dir = "python"
	command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}

	p.records(t, "", func(r record) bool {
		if r.Logger != "shop.cart" {
			return false
		}
		if r.Level != "error" || r.Message != "no tea at 5%" || r.Host == "" || r.PID != command.Process.Pid ||
			!strings.HasSuffix(r.Trace, "KeyError: 'tea'") || r.Source != "<string>:9 <module>" {
			t.Errorf("got %+v", r)
		}
		extra, _ := r.Fields["extra"].(map[string]any)
		if extra["order"] != 7.0 || r.Fields["thread"] != "MainThread" {
			t.Errorf("fields %v", r.Fields)
		}
		return true
	})
}

// TestPython_FormatterRecords has a formatter's JSON and text, and a dict, come out as a record does.
func TestPython_FormatterRecords(t *testing.T) {
	python := findPython(t)
	server := redistest.Start(t)
	p := start(t, "-redis", "redis://"+server.Addr, "app:log")
	publish(t, server.Client(nil), "app:log", "listening")

	program := `
import json, logging, sys
from elva_logging import ElvaHandler
class ToJSON(logging.Formatter):
    def format(self, record):
        return json.dumps({"event": record.getMessage(), "order": 7})
class Redacting(logging.Formatter):
    def format(self, record):
        return super().format(record).replace("hunter2", "***")
log = logging.getLogger("shop.cart")
handler = ElvaHandler("app:log", sys.argv[1])
log.addHandler(handler)
log.warning({"event": "a dict", "order": 7})
handler.setFormatter(ToJSON())
log.warning("%s", "JSON")
handler.setFormatter(Redacting())
try:
    raise ValueError("hunter2")
except ValueError:
    log.warning("%s", "text", exc_info=True)
`
	command := exec.CommandContext(t.Context(), python, "-c", program, "redis://"+server.Addr)
	command.Dir = "python"
	command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	var got []record
	p.records(t, "", func(r record) bool {
		if r.Logger == "shop.cart" {
			got = append(got, r)
		}
		return len(got) == 3
	})
	for i, want := range []string{"a dict", "JSON", "text"} {
		r := got[i]
		order := r.Fields["order"]
		if extra, ok := r.Fields["extra"].(map[string]any); ok {
			order = extra["order"]
		}
		if r.Message != want || r.Level != "warning" || r.Host == "" || r.PID != command.Process.Pid || i < 2 && order != 7.0 {
			t.Errorf("got %+v, want %q", r, want)
		}
	}
	if !strings.HasSuffix(got[2].Trace, "ValueError: ***") {
		t.Errorf("trace %q", got[2].Trace)
	}
}

// findPython returns a Python that has redis-py. Where there is none the test is skipped, except in CI.
func findPython(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} { // a version manager's python3 may hide Debian's
		if exec.Command(name, "-c", "import redis").Run() == nil {
			return name
		}
	}
	skip(t, "no python3 with the module redis")
	return ""
}
