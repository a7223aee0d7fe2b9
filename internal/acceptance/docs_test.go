//go:build unix

package acceptance_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// operate returns docs/operate.md.
func operate(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operate.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestDocs_Rights gives Elva and a producer the users of docs/operate.md. Redis logs what it denies.
func TestDocs_Rights(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	lines := regexp.MustCompile(`(?m)^ACL SETUSER .*$`).FindAllString(operate(t), -1)
	if len(lines) != 2 {
		t.Fatalf("users %q", lines)
	}
	for _, line := range lines {
		var args []any
		for _, word := range strings.Fields(line) {
			args = append(args, word)
		}
		server.Do(args...)
	}
	as := func(user string) *redis.Client {
		return server.Client(func(o *redis.Options) { o.Username, o.Password = user, "secret" })
	}
	reader, producer := as("elva"), as("producer")
	h := elva.Config{HistoryList: "my:list", Streams: []string{"my:stream"}, Logger: quiet.Logger}.New(reader, "my:channel")
	defer h.Close()
	sharded := elva.Config{Sharded: true, Logger: quiet.Logger}.New(reader, "my:channel")
	defer sharded.Close()
	waitFor(t, "the link", func() bool {
		return status(t, h).Redis.State == "live" && status(t, sharded).Redis.State == "live"
	})
	for name, w := range map[string]*elva.Writer{
		"by channel": elva.NewWriter(producer, "my:channel"), "by stream": elva.NewStreamWriter(producer, "my:stream", 0),
		"sharded": elva.NewShardedWriter(producer, "my:channel"),
	} {
		fmt.Fprintln(w, name)
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	pipe := producer.TxPipeline() // like python-redis-log's RedisListHandler
	pipe.RPush(t.Context(), "my:list", "by list")
	pipe.LTrim(t.Context(), "my:list", -1000, -1)
	pipe.Publish(t.Context(), "my:channel", "by list")
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Error(err)
	}
	waitFor(t, "the records", func() bool {
		got := records(t, h)
		return strings.Contains(got, "by channel") && strings.Contains(got, "by stream") && strings.Contains(got, "by list") && strings.Contains(records(t, sharded), "sharded")
	})
	if denied := server.Do("ACL", "LOG").([]any); len(denied) > 0 {
		t.Errorf("Redis has denied %v", denied)
	}
}

// TestDocs_HealthMembers compares the members of the document with docs/operate.md. Only the whole one has minutes.
func TestDocs_HealthMembers(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	h.publish("x", `{"level":"error","msg":"x","host":"web-1"}`)
	docs := operate(t)
	docs = docs[strings.Index(docs, "## The document"):strings.Index(docs, "## Prometheus")]
	levels := regexp.MustCompile(`^(trace|debug|info|warning|error|critical|none)$`) // keys, not members
	var walk func(value any)
	walk = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for name, below := range value {
				if !levels.MatchString(name) && !regexp.MustCompile("[`.]"+name+"(`|\\[)").MatchString(docs) {
					t.Errorf("docs/operate.md does not have %s", name)
				}
				walk(below)
			}
		case []any:
			for _, below := range value {
				walk(below)
			}
		}
	}
	for query, want := range map[string]bool{"/?health": false, "/?health=document": true} {
		_, text := get(t, h.URL+query)
		if got := strings.Contains(text, `"minutes"`); got != want {
			t.Errorf("%s has minutes: %v", query, got)
		}
		var document any
		if err := json.Unmarshal([]byte(text), &document); err != nil {
			t.Fatal(err)
		}
		walk(document)
	}
}

// TestDocs_Metrics compares the metrics with the table in docs/operate.md, and the rules and the dashboard with the metrics.
func TestDocs_Metrics(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	h.publish("x")
	_, text := get(t, h.URL+"/?health=prometheus")
	exist := make(map[string]bool)
	for _, match := range regexp.MustCompile(`(?m)^# TYPE (\S+)`).FindAllStringSubmatch(text, -1) {
		exist[match[1]] = true
		if !strings.Contains(operate(t), "`"+match[1]) {
			t.Errorf("docs/operate.md does not have %s", match[1])
		}
	}
	names := regexp.MustCompile(`\belva_\w+`)
	for _, file := range []string{"operate.md", "prometheus/elva-rules.yml", "prometheus/elva-dashboard.json"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names.FindAllString(string(text), -1) {
			if !exist[name] {
				t.Errorf("%s: there is no metric %s", file, name)
			}
		}
		if strings.HasSuffix(file, ".json") && !json.Valid(text) {
			t.Errorf("%s is no JSON", file)
		}
	}
}

// TestDocs_Promtool checks the metrics, the scrape configuration and what the rules alert on with Prometheus's own tool.
func TestDocs_Promtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("ELVA_NO_SKIP") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	h := newHost(t, elva.Config{}, nil)
	h.publish("x", `{"level":"error","msg":"x","host":"web-1"}`)
	_, text := get(t, h.URL+"/?health=prometheus")
	command := exec.Command(promtool, "check", "metrics")
	command.Stdin = strings.NewReader(text)
	if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("check metrics: %v\n%s", err, out)
	}
	dir := t.TempDir()
	rules, err := os.ReadFile(filepath.Join("..", "..", "docs", "prometheus", "elva-rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	alerts, err := os.ReadFile(filepath.Join("testdata", "alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	config := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(operate(t))
	for name, text := range map[string]string{
		"prometheus.yml": config[1], "elva-rules.yml": string(rules), "alerts.yml": string(alerts), "elva.password": "secret",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command(promtool, "check", "config", filepath.Join(dir, "prometheus.yml")).CombinedOutput(); err != nil {
		t.Errorf("check config: %v\n%s", err, out)
	}
	if out, err := exec.Command(promtool, "test", "rules", filepath.Join(dir, "alerts.yml")).CombinedOutput(); err != nil {
		t.Errorf("test rules: %v\n%s", err, out)
	}
}
