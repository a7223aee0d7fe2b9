//go:build unix

package acceptance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	elva "github.com/SupermanScott/Elva"
)

// page returns a page of docs.
func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// documented are the records that the examples of docs/filters.md and docs/embed.md select from, numbered from 1.
var documented = []string{
	`{"msg":"timeout of the database","level":"warning","logger":"shop.db","hostname":"web-1","service":"shop"}`,
	`{"msg":"connection refused","level":"error","logger":"shop.cart","hostname":"web-2","service":"shop","took":900,"status":200}`,
	`{"msg":"refused a connection: timeout, debug","level":"debug","logger":"shop.cart.old","hostname":"db-1"}`,
	`{"msg":"reset by peer","level":"info","logger":"shopping","service":"db"}`,
	`{"msg":"HTTP 502 from upstream","level":"error","user":"ann","http":{"response":{"status":502}},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`,
	`{"msg":"bye user=ann","level":"info","user":"joann","http.response.status":502}`,
	`{"msg":"paths","path":"/api/v1/cart","err":"EOF","took":"2h","size":"1MiB","expires":"2026-11-01T00:00:00Z","status":500,"odd key":"xy","tags":["a","b"],"items":[{"sku":"x1"}]}`,
	`{"msg":"job","task_id":"7d2e","order":4711,"level":"error","pid":77,"time":"2026-11-29T16:05:00Z"}`,
	`{"msg":"charged","task":"7d2e","level":"info","time":"2026-11-29T16:20:00Z"}`,
}

// TestDocs_Filters runs each example in the tables of docs/filters.md over the records above.
func TestDocs_Filters(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	h.publish(documented...)
	text := page(t, "filters.md")
	text = text[:strings.Index(text, "## In an address")]
	want := map[string]string{
		"timeout": "1 3", "refused connection": "2 3", `"connection refused"`: "2", "-debug": "1 2 4 5 6 7 8 9", "refused OR reset": "2 3 4",
		`/^HTTP 5\d\d/`: "5", "user:ann": "5 6", "user=ann": "5 6", "fields.user=ann": "5", "http.response.status=502": "5 6", `"odd key":x`: "7",
		`path:/^\/api\/v[12]/`: "7", "err:*": "7", "-err:*": "1 2 3 4 5 6 8 9", "took>500": "2", "took>=1h30m": "7", "size<2MiB": "7",
		"expires<2026-12-01T00:00:00Z": "7", "status!=200": "1 3 4 5 6 7 8 9", "level:error,warn": "1 2 5 8", "logger:shop.cart": "2 3", "ids:7d2e": "8",
	}
	for _, cell := range regexp.MustCompile("(?m)^\\| (`.*?`) \\|").FindAllStringSubmatch(text, -1) {
		for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell[1], -1) {
			query := code[1]
			if strings.HasSuffix(query, ":") { // a key alone
				continue
			}
			_, body := get(t, h.URL+"/?records&q="+url.QueryEscape(query))
			if got := numbers(t, body); got != want[query] {
				t.Errorf("%s selects %q, want %q", query, got, want[query])
			}
		}
	}
}

// numbers returns the numbers of records that are NDJSON.
func numbers(t *testing.T, body string) string {
	t.Helper()
	var found []string
	for line := range strings.Lines(body) {
		var record struct{ Seq int }
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		found = append(found, fmt.Sprint(record.Seq))
	}
	return strings.Join(found, " ")
}

// TestDocs_Links opens each address of docs/embed.md, and as ?records, over the same records.
func TestDocs_Links(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	h.publish(documented...)
	want := map[string]string{
		"q=task_id%3D7d2e": "8", "id=7d2e": "8 9", "q=timeout+-debug": "1", "level=warning&logger=shop.cart": "2", "host=web-1&host=web-2": "1 2",
		"worker=web-1%2Fshop": "1", "from=2026-11-29T16:00:00Z&to=2026-11-29T16:15:00Z": "8", "tail=100&level=error": "2 5 8",
		"records&download&q=order%3D4711": "8", "id=7d2e&level=error": "8",
	}
	unseen := maps.Clone(want)
	found := regexp.MustCompile("(?m)^\\| `/debug/logs/\\?([^`]+)`").FindAllStringSubmatch(page(t, "embed.md"), -1)
	for _, match := range found {
		opens(t, h.URL+"/?"+match[1])
		if strings.HasPrefix(match[1], "view=") || strings.HasPrefix(match[1], "span=") { // what that shows is the page's
			continue
		}
		delete(unseen, match[1])
		query := regexp.MustCompile("tail=100&|records&").ReplaceAllString(match[1], "")
		if _, body := get(t, h.URL+"/?records&"+query); numbers(t, body) != want[match[1]] {
			t.Errorf("%s shows %q, want %q", match[1], numbers(t, body), want[match[1]])
		}
	}
	for address := range unseen {
		t.Errorf("docs/embed.md does not have %s", address)
	}
}

// TestDocs_Addresses opens every address in docs/http.md and docs/filters.md.
func TestDocs_Addresses(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	h.publish(documented...)
	id := status(t, h.Handler).Epoch + "-1"
	for _, name := range []string{"http.md", "filters.md"} {
		found := regexp.MustCompile("(?:/debug/logs/|`)\\?([a-z][^`'\\s]*)").FindAllStringSubmatch(page(t, name), -1)
		if len(found) < 3 {
			t.Errorf("%s has %d addresses", name, len(found))
		}
		for _, match := range found {
			if match[1] != "raw" {
				opens(t, h.URL+"/?"+strings.Replace(match[1], "ID", id, 1))
			}
		}
	}
	for _, parameter := range []string{"limit=200", "before=" + id, "after=" + id, "newest"} { // of the table
		if !strings.Contains(page(t, "http.md"), strings.SplitN(parameter, "=", 2)[0]) {
			t.Errorf("docs/http.md does not have %s", parameter)
		}
		opens(t, h.URL+"/?records&"+parameter)
	}
}

// opens fails unless the address is answered with 200. It does not wait for the end of a stream.
func opens(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("GET %s: %s", address, response.Status)
	}
}

// TestDocs_Lines compares the members of the lines that docs/http.md shows with those of an answer.
func TestDocs_Lines(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	h.publish(documented...)
	_, records := get(t, h.URL+"/?records&limit=3")
	_, histogram := get(t, h.URL+"/?histogram&q=timeout")
	var answered []string
	for line := range strings.Lines(records + histogram) {
		answered = append(answered, members(t, line))
	}
	shown := regexp.MustCompile(`(?m)^    (\{.*\})$`).FindAllStringSubmatch(page(t, "http.md"), -1)
	if len(shown) != 4 {
		t.Errorf("%d lines", len(shown))
	}
	for _, line := range shown {
		if !slices.Contains(answered, members(t, line[1])) {
			t.Errorf("no answer has the members of %s, only\n%s", line[1], strings.Join(answered, "\n"))
		}
	}
}

// members returns the names of a JSON object's members, and of an object in it, but for the levels of counts.
func members(t *testing.T, line string) string {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(line), &object); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	var names []string
	for name, value := range object {
		names = append(names, name)
		if below, ok := value.(map[string]any); ok && name != "counts" {
			for name := range below {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}
