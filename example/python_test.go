//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/redistest"
)

func TestPythonHandlerPassesItsOwnTests(t *testing.T) {
	python := findPython(t)
	redistest.Need(t) // the Python tests start servers of their own
	command := exec.CommandContext(t.Context(), python, "-m", "unittest", "-v")
	command.Dir = "python"
	command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	out, err := command.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"test_dict_config", "test_a_stream_has_each_record", "test_the_list_has_what_the_channel_had"} {
		if !bytes.Contains(out, []byte(name)) {
			t.Errorf("unittest did not find %s", name)
		}
	}
}

func TestPythonRecordsReachThePageWhole(t *testing.T) {
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
