package hosts

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// nodeProgram is what docs/send.md shows, and what of a program follows it.
func nodeProgram(t *testing.T, server redisServer, rest string) *exec.Cmd {
	t.Helper()
	node := need(t, "node")
	if _, err := os.Stat(filepath.Join("_node", "node_modules", "pino")); err != nil {
		skip(t, "no node_modules: npm ci in example/hosts/_node")
	}
	readme, err := os.ReadFile("../../docs/send.md")
	if err != nil {
		t.Fatal(err)
	}
	snippet := regexp.MustCompile("(?ms)^```js\n(.*?)^```$").FindSubmatch(readme)
	if snippet == nil || bytes.Count(snippet[1], []byte("redis://localhost:6379")) != 1 {
		t.Fatalf("no Node in docs/send.md, or without the address of Redis: %q", snippet)
	}
	transport, err := os.ReadFile("../node/elva-pino.mjs")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("_node", "program-") // where the imports are found
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	program := strings.Replace(string(snippet[1]), "redis://localhost:6379", "redis://"+server.Addr, 1) + rest
	for name, text := range map[string]string{"elva-pino.mjs": string(transport), "program.mjs": program} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return exec.CommandContext(t.Context(), node, filepath.Join(dir, "program.mjs"))
}

// TestNode_LastRecordBeforeAProgramEnds runs that program, which really ends.
func TestNode_LastRecordBeforeAProgramEnds(t *testing.T) {
	const connected = "await new Promise((resolve) => log.flush(resolve));\n"
	for name, c := range map[string]struct {
		rest    string
		status  int
		records int
	}{
		"at once, process.exit":       {`log.fatal("last words"); process.exit(3);`, 3, 2},
		"at once, an exception":       {`log.fatal("last words"); throw new Error("out of tea");`, 1, 2},
		"at once, a rejection":        {`log.fatal("last words"); Promise.reject(new Error("out of tea"));`, 1, 2},
		"at once, nothing more to do": {`log.fatal("last words");`, 0, 2},
		"in a handler of exceptions": {`process.on("uncaughtException", (error) => { log.fatal(error, "last words"); process.exit(4); });
			throw new Error("out of tea");`, 4, 2},
		"when exiting":             {`process.on("beforeExit", () => process.exit(0)); log.fatal("last words");`, 0, 2},
		"later, process.exit":      {connected + `log.fatal("last words"); process.exit(3);`, 3, 2},
		"later, an exception":      {connected + `setImmediate(() => { log.fatal("last words"); throw new Error("out of tea"); });`, 1, 2},
		"many records":             {`for (let i = 0; i < 5000; i++) log.info("record"); log.fatal("last words"); process.exit(3);`, 3, 5002},
		"later, many records":      {connected + `for (let i = 0; i < 5000; i++) log.info("record"); log.fatal("last words"); process.exit(3);`, 3, 5002},
		"large records, and lines": {`log.info("\n".repeat(300_000)); log.fatal("last words \u{1F680} " + "x".repeat(6_000_000)); process.exit(3);`, 3, 3},
	} {
		t.Run(name, func(t *testing.T) {
			server := startRedis(t)
			published := listen(t, server)
			out, err := nodeProgram(t, server, c.rest).CombinedOutput()
			status := 0
			if exit := new(exec.ExitError); errors.As(err, &exit) {
				status = exit.ExitCode()
			}
			if status != c.status || c.status != 1 && len(out) > 0 { // Node prints what was not caught
				t.Errorf("it ended with %v, want status %d\n%s", err, c.status, out)
			}
			got := published()
			if len(got) != c.records || !strings.Contains(got[len(got)-1], "last words") {
				t.Errorf("%d records, want %d, the last %.300q\n%s", len(got), c.records, got[max(0, len(got)-1):], out)
			}
		})
	}
}

// TestNode_RedisAway ends in time, and says what was lost.
func TestNode_RedisAway(t *testing.T) {
	for name, end := range map[string]func(redisServer){"dead": func(s redisServer) { s.Kill() }, "frozen": func(s redisServer) { s.Freeze() }} {
		t.Run(name, func(t *testing.T) {
			server := startRedis(t)
			end(server)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			program := nodeProgram(t, server, `for (let i = 0; i < 12_000; i++) log.info("record"); log.fatal("last words"); process.exit(3);`)
			command := exec.CommandContext(ctx, program.Path, program.Args[1:]...)
			began := time.Now()
			out, _ := command.CombinedOutput()
			if status := command.ProcessState.ExitCode(); status != 3 {
				t.Errorf("status %d after %v", status, time.Since(began))
			}
			if string(out) != "elva-pino: my:channel: 12002 records were not published\n" {
				t.Errorf("it wrote %s", out)
			}
		})
	}
}
