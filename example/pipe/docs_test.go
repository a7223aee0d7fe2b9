//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/redistest"
)

// failure is what a program prints that fails. It is one record.
const failure = "ERROR:shop:failed\nTraceback (most recent call last):\n  File \"app.py\", line 4, in <module>\nZeroDivisionError: division by zero"

// TestDocs_Commands runs each command in the table of docs/pipe.md. In place of the programs there are some that print what these print,
// journald's real output among it, and in place of files one that grows.
func TestDocs_Commands(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "pipe.md"))
	if err != nil {
		t.Fatal(err)
	}
	journal, err := filepath.Abs(filepath.Join("testdata", "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile("(?m)^\\| [^|]+ \\| `(.+ \\\\\\| .+)` \\|$").FindAllStringSubmatch(string(page), -1)
	if len(commands) < 8 {
		t.Fatalf("%d commands", len(commands))
	}
	printed := map[string]string{ // by how a command begins
		"myprog":                               "cat <<'END'\n" + failure + "\nEND",
		"journalctl -afo json":                 "cat " + journal,
		"journalctl -fo cat -u app":            "cat <<'END'\n" + failure + "\nEND",
		"docker logs -f --tail 0 app":          "cat >&2 <<'END'\n" + failure + "\nEND",
		"docker compose logs -f --no-color":    "sed 's/^/web-1  | /' <<'END'\n" + failure + "\nEND",
		"kubectl logs -f --prefix -l app=shop": "sed 's#^#[pod/shop-5d/shop] #' <<'END'\n" + failure + "\nEND",
		"tail -qF /var/log/app/*.log":          "cat <<'END'\n" + failure + "\nEND", // TestPipe_FollowedFile has the real one
	}
	for _, match := range commands {
		line := strings.ReplaceAll(match[1], `\|`, "|")
		t.Run(line, func(t *testing.T) {
			begin, _, _ := strings.Cut(strings.Replace(line, " 2>&1", "", 1), " |")
			script, known := printed[begin]
			if !known {
				t.Fatalf("no test of %q", begin)
			}
			server := redistest.Start(t)
			bin := t.TempDir()
			program, arguments, _ := strings.Cut(begin, " ")
			for name, script := range map[string]string{
				program:     `[ "$*" = "` + arguments + `" ] || exit 9` + "\n" + script,
				"elva-pipe": `PIPE_TEST=pipe exec "$BINARY" "$@"`,
			} {
				if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/bash\n"+script+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			subscription := server.Client(nil).Subscribe(t.Context(), "my:channel")
			if _, err := subscription.Receive(t.Context()); err != nil {
				t.Fatal(err)
			}
			line = strings.NewReplacer("go run ./example/pipe", "elva-pipe", "redis://localhost:6379", "$REDIS_URL").Replace(line)
			command := exec.CommandContext(t.Context(), "bash", "-o", "pipefail", "-c", line)
			command.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "BINARY="+os.Args[0], "REDIS_URL=redis://"+server.Addr)
			if out, err := command.CombinedOutput(); err != nil || strings.Contains(line, "-tee") != strings.Contains(string(out), "failed") {
				t.Errorf("%v\n%s", err, out)
			}
			want := failure
			if strings.Contains(line, "json") {
				want = `"MESSAGE":"ERROR:root:failed"`
			}
			for {
				select {
				case message := <-subscription.Channel():
					if strings.Contains(unprefixed(message.Payload), want) {
						return
					}
				case <-time.After(patience):
					t.Fatal("the failure is not published as one record")
				}
			}
		})
	}
}

// unprefixed is a record without what docker compose and kubectl put before each line.
func unprefixed(record string) string {
	return regexp.MustCompile(`(?m)^(web-1  \| |\[pod/shop-5d/shop\] )`).ReplaceAllString(record, "")
}
