package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

var root = filepath.Join("..", "..")

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// blocks returns the code in one language of some pages.
func blocks(t *testing.T, language string, pages ...string) []string {
	t.Helper()
	var found []string
	for _, page := range pages {
		for _, match := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(read(t, root, filepath.FromSlash(page)), -1) {
			found = append(found, match[1])
		}
	}
	if len(found) == 0 {
		t.Fatalf("no %s in %q", language, pages)
	}
	return found
}

// squeezed is code without its indentation, which a snippet and its place in a program need not share.
func squeezed(code string) string {
	var lines []string
	for line := range strings.Lines(code) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func TestREADME_GoCompiles(t *testing.T) {
	snippets := squeezed(read(t, "snippets_test.go"))
	for _, block := range blocks(t, "go", "README.md", "docs/send.md", "docs/embed.md") {
		if !strings.HasPrefix(block, "package main") {
			if !strings.Contains(snippets, squeezed(block)) {
				t.Errorf("not in snippets_test.go, so not compiled:\n%s", block)
			}
			continue
		}
		dir := t.TempDir()
		file := filepath.Join(dir, "main.go")
		if err := os.WriteFile(file, []byte(block), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, command := range []*exec.Cmd{exec.Command("gofmt", "-l", file), exec.Command("go", "build", "-o", filepath.Join(dir, "program"), file)} {
			if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s: %v\n%s", command, err, out)
			}
		}
	}
}

func TestREADMEsInlineGoCompiles(t *testing.T) {
	snippets := read(t, "snippets_test.go")
	found := regexp.MustCompile("`(elva\\.[^`]*[{(][^`]*)`").FindAllStringSubmatch(read(t, root, "README.md")+read(t, root, "docs", "send.md"), -1)
	if len(found) == 0 {
		t.Error("none found")
	}
	for _, match := range found {
		if !strings.Contains(snippets, match[1]) {
			t.Errorf("not in snippets_test.go, so not compiled: %s", match[1])
		}
	}
}

// TestREADME_MountingTable compares it with example/hosts, where each program is run.
func TestREADME_MountingTable(t *testing.T) {
	programs := map[string]string{"net/http": "std", "chi": "chi", "gin": "gin", "echo": "echo", "gorilla/mux": "gorilla", "httprouter": "httprouter", "fiber v3": "fiber"}
	rows := regexp.MustCompile("(?m)^\\| ([^|]+) \\| `(.*Handle.*|.*Mount.*|.*Any.*)` \\|$").FindAllStringSubmatch(read(t, root, "README.md"), -1)
	if len(rows) != len(programs) {
		t.Errorf("%d rows for %d programs", len(rows), len(programs))
	}
	for _, row := range rows {
		if source := read(t, root, "example", "hosts", programs[row[1]], "main.go"); !strings.Contains(source, "\t"+row[2]) {
			t.Errorf("%s: the program has no line %s", row[1], row[2])
		}
	}
}

func TestREADMENamesEveryOption(t *testing.T) {
	readme := read(t, root, "README.md")
	config := reflect.TypeFor[elva.Config]()
	for i := range config.NumField() {
		if name := config.Field(i).Name; config.Field(i).IsExported() && !strings.Contains(readme, "| `"+name+"` |") {
			t.Errorf("no row for Config.%s", name)
		}
	}
}

func TestREADME_Links(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(pages) < 5 {
		t.Fatalf("%d pages: %v", len(pages), err)
	}
	for _, page := range append(pages, filepath.Join(root, "README.md")) {
		for _, match := range regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`).FindAllStringSubmatch(read(t, page), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), filepath.FromSlash(match[1]))); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

func TestREADME_PythonAndNodeArrive(t *testing.T) {
	for _, test := range []struct {
		language, file string
		interpreter    func(*testing.T) string
		want           map[string]any
	}{
		{"python", filepath.Join(root, "example", "python", "readme.py"), python,
			map[string]any{"level": "warning", "logger": "shop.cart", "message": "disk /dev/sda1 at 93%"}},
		{"js", filepath.Join("_node", "readme.mjs"), node,
			map[string]any{"level": "error", "message": "checkout failed"}},
	} {
		t.Run(test.language, func(t *testing.T) {
			interpreter := test.interpreter(t)
			redis := startRedis(t)
			url := startExample(t, "-redis", "redis://"+redis.Addr, "my:channel")
			redis.publish(t, "my:channel", "somebody listens")
			code := strings.Join(blocks(t, test.language, "docs/send.md"), "")
			if strings.Count(code, "redis://localhost:6379") != 1 {
				t.Fatalf("the address of Redis is not in\n%s", code)
			}
			code = strings.ReplaceAll(code, "redis://localhost:6379", "redis://"+redis.Addr)
			// The files stand where the imports are found.
			files := map[string]string{test.file: code}
			if test.language == "js" {
				files[filepath.Join("_node", "elva-pino.mjs")] = read(t, root, "example", "node", "elva-pino.mjs")
			}
			for name, text := range files {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { os.Remove(name) })
			}
			command := exec.CommandContext(t.Context(), interpreter, test.file)
			command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
			if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
				t.Fatalf("%v\n%s", err, out)
			}

			var batch []map[string]any
			if err := json.Unmarshal([]byte(awaitRecord(t, url, test.want["message"].(string))), &batch); err != nil {
				t.Fatal(err)
			}
			last := batch[len(batch)-1]
			for name, want := range test.want {
				if last[name] != want {
					t.Errorf("%s is %v, want %v", name, last[name], want)
				}
			}
			if test.language == "js" && !strings.HasPrefix(last["trace"].(string), "Error: cart is empty\n    at ") {
				t.Errorf("trace %v", last["trace"])
			}
		})
	}
}

// TestREADME_ProgramEndsWithOpenPage runs the whole program: it wants a password, fails if its port is taken, and a signal ends it and
// its streams.
func TestREADME_ProgramEndsWithOpenPage(t *testing.T) {
	var code string
	for _, block := range blocks(t, "go", "README.md") {
		if strings.HasPrefix(block, "package main") {
			code = block
		}
	}
	redis := startRedis(t)
	address := fmt.Sprint("127.0.0.1:", redistest.FreePort(t))
	code = strings.NewReplacer("localhost:6379", redis.Addr, "localhost:8080", address).Replace(code)
	dir := t.TempDir()
	file, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	command := exec.Command(binary)
	command.Env = append(os.Environ(), "ADMIN_PASSWORD=secret")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	t.Cleanup(func() { command.Process.Kill() })
	ask := func(password string) (*http.Response, error) {
		request, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+address+"/debug/logs/?events", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("admin", password)
		return http.DefaultClient.Do(request)
	}
	var page *http.Response
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		var err error
		if page, err = ask("secret"); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	defer page.Body.Close()
	if page.StatusCode != 200 {
		t.Fatalf("with the password: %s", page.Status)
	}
	refused, err := ask("")
	if err != nil {
		t.Fatal(err)
	}
	refused.Body.Close()
	if refused.StatusCode != 401 {
		t.Errorf("without the password: %s", refused.Status)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if out, err := exec.CommandContext(ctx, binary).CombinedOutput(); err == nil || !strings.Contains(string(out), "address already in use") || ctx.Err() != nil {
		t.Errorf("a second one at the same port: %v\n%s", err, out)
	}
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Error("the open page keeps the program from ending")
	}
}

func TestREADME_GoArrives(t *testing.T) {
	redis := startRedis(t)
	url := startExample(t, "-redis", "redis://"+redis.Addr, "my:channel")
	redis.publish(t, "my:channel", "somebody listens")
	logTo(redis.client, func(logger *slog.Logger) { logger.Warn("nearly sold out", "left", 2) })
	if batch := awaitRecord(t, url, "nearly sold out"); !strings.Contains(batch, `"level":"warning"`) {
		t.Error(batch)
	}
}

func TestREADME_ShellLines(t *testing.T) {
	redis := startRedis(t)
	demo := startExample(t)
	reader := startExample(t, "-redis", "redis://"+redis.Addr, "my:channel", "job:*")
	redis.publish(t, "my:channel", `{"level":"warning","msg":"somebody listens"}`)
	awaitRecord(t, reader, "somebody listens")
	_, redisPort, _ := strings.Cut(redis.Addr, ":")

	// What each line must do. A line that is not here has no test.
	checks := map[string]func(t *testing.T, line string){
		"git clone https://github.com/SupermanScott/Elva && cd Elva": nil, // this test runs in the clone
		"go run ./example": func(t *testing.T, _ string) { awaitRecord(t, demo, "GET /") },
		"go run ./example -redis redis://localhost:6379 my:channel 'job:*'": func(t *testing.T, _ string) {
			redis.publish(t, "job:7", "by pattern")
			awaitRecord(t, reader, "by pattern")
		},
		"go run ./example -redis redis://localhost:6379 -stream my:stream": func(t *testing.T, _ string) {
			page := startExample(t, "-redis", "redis://"+redis.Addr, "-stream", "my:stream")
			awaitRecord(t, page, "hello")
		},
		"XADD my:stream MAXLEN '~' 100000 '*' record hello": func(t *testing.T, line string) {
			shell(t, "redis-cli -p "+redisPort+" "+line, "-")
		},
		"curl -N 'localhost:8888/?tail&level=warning'": prints(reader, "somebody listens"),
		"curl -N 'localhost:8888/?events'":             prints(reader, "data: ["),
		"curl 'localhost:8888/?health'":                prints(reader, `"state":`),
		"redis-cli publish my:channel hello": func(t *testing.T, line string) {
			shell(t, strings.Replace(line, "redis-cli", "redis-cli -p "+redisPort, 1), "1\n")
		},
	}
	lines := slices.Concat(regexp.MustCompile("`(redis-cli [^`]+)`").FindStringSubmatch(read(t, root, "README.md"))[1:],
		regexp.MustCompile("`(XADD [^`]+)`").FindStringSubmatch(read(t, root, "README.md"))[1:])
	for _, block := range blocks(t, "sh", "README.md") {
		lines = append(lines, strings.Split(strings.TrimSpace(block), "\n")...)
	}
	for _, line := range lines {
		check, known := checks[line]
		if !known {
			t.Errorf("no test of %q", line)
		}
		if check != nil {
			t.Run(line, func(t *testing.T) { check(t, line) })
		}
	}
}

// prints returns a check that a curl line prints want within a few seconds, from the page at url.
func prints(url, want string) func(*testing.T, string) {
	return func(t *testing.T, line string) {
		line = strings.Replace(line, "localhost:8888/", url, 1)
		shell(t, strings.Replace(line, "curl ", "curl -sS --max-time 3 ", 1)+" || [ $? = 28 ]", want) // 28: the time is over
	}
}

func shell(t *testing.T, line, want string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", line).CombinedOutput()
	if err != nil || !strings.Contains(string(out), want) {
		t.Errorf("%s: %v, no %q in %.2000s", line, err, want, out)
	}
}

// python returns a Python that has redis-py.
func python(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} { // a version manager's python3 may hide Debian's
		if exec.Command(name, "-c", "import redis").Run() == nil {
			return name
		}
	}
	skip(t, "no python3 with the module redis")
	return ""
}

// node returns a Node that finds pino and redis.
func node(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		skip(t, "no node on PATH")
	}
	if _, err := os.Stat(filepath.Join("_node", "node_modules", "pino")); err != nil {
		skip(t, "no node_modules: npm ci in internal/e2e/_node")
	}
	return path
}
