package acceptance_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ"

	elva "github.com/SupermanScott/Elva"
)

// reference matches the references of the page to its script, style sheet and icon.
var reference = regexp.MustCompile(`(?:src|href)="(\?elva-[^"]+)"`)

// TestServe_EveryMount resolves the page's references like a browser, since a prefix may break them.
func TestServe_EveryMount(t *testing.T) {
	type mount func(h http.Handler) http.Handler
	mux := func(pattern string, wrap func(http.Handler) http.Handler) mount {
		return func(h http.Handler) http.Handler {
			m := http.NewServeMux()
			for p := range strings.SplitSeq(pattern, " + ") {
				m.Handle(p, wrap(h))
			}
			return m
		}
	}
	plain := func(h http.Handler) http.Handler { return h }
	strip := func(prefix string) func(http.Handler) http.Handler {
		return func(h http.Handler) http.Handler { return http.StripPrefix(prefix, h) }
	}
	// proxied is a reverse proxy that strips outer and asks a backend with inner in front.
	proxied := func(outer, inner string, backend mount) mount {
		return func(h http.Handler) http.Handler {
			server := httptest.NewServer(backend(h))
			t.Cleanup(server.Close)
			target, _ := url.Parse(server.URL)
			return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(target)
				r.Out.URL.Path = inner + strings.TrimPrefix(r.In.URL.Path, outer)
				r.Out.URL.RawPath = ""
			}}
		}
	}
	for _, c := range []struct {
		name  string
		mount mount
		path  string
	}{
		{"at the root", plain, "/"},
		{"a subtree", mux("/debug/logs/", plain), "/debug/logs/"},
		{"a subtree, asked without its slash", mux("/debug/logs/", plain), "/debug/logs"},
		{"a subtree with a method", mux("GET /debug/logs/", plain), "/debug/logs/"},
		{"a wildcard", mux("/debug/logs/{path...}", plain), "/debug/logs/"},
		{"a wildcard, a deeper path", mux("/debug/logs/{path...}", plain), "/debug/logs/any/thing"},
		{"a wildcard for one element", mux("/{name}", plain), "/logs"},
		{"an exact pattern", mux("/debug/logs", plain), "/debug/logs"},
		{"an exact subtree", mux("/debug/logs/{$}", plain), "/debug/logs/"},
		{"StripPrefix without a slash", mux("/debug/logs/", strip("/debug/logs")), "/debug/logs/"},
		{"StripPrefix with a slash", mux("/debug/logs/", strip("/debug/logs/")), "/debug/logs/"},
		{"both patterns and StripPrefix, no slash", mux("/debug/logs + /debug/logs/", strip("/debug/logs")), "/debug/logs"},
		{"an escaped prefix", plain, "/de%20bug/lo%2Fgs"},
		{"a prefix that is an alias, with a slash", mux("/debug/tail/", plain), "/debug/tail/"},
		{"a stripping proxy", proxied("/tools", "", mux("/debug/logs/", plain)), "/tools/debug/logs/"},
		{"a stripping proxy, no slash", proxied("/tools", "", mux("/debug/logs + /debug/logs/", plain)), "/tools/debug/logs"},
		{"a proxy to the backend's root, no slash", proxied("/logs", "/", plain), "/logs"},
		{"a proxy that adds a prefix", proxied("", "/debug/logs", mux("/debug/logs/", plain)), "/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHost(t, elva.Config{}, c.mount)
			h.publish("hello")
			res, page := get(t, h.URL+c.path)
			if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
				t.Fatalf("page: status %d, type %q", res.StatusCode, res.Header.Get("Content-Type"))
			}
			if !strings.Contains(page, "hello") {
				t.Error("the page does not show the record on its first paint")
			}
			address := res.Request.URL // after the redirects that a browser follows too
			found := reference.FindAllStringSubmatch(page, -1)
			if len(found) < 3 {
				t.Fatalf("the page refers to %v, want script, style sheet and icon", found)
			}
			for _, m := range found {
				ref, err := address.Parse(m[1])
				if err != nil {
					t.Fatal(err)
				}
				if res, body := get(t, ref.String()); res.StatusCode != 200 || len(body) == 0 {
					t.Errorf("asset %s: status %d", ref, res.StatusCode)
				}
			}
			for _, query := range []string{"?events", "?records", "?health"} {
				ref, _ := address.Parse(query)
				if query == "?events" {
					v := open(t, ref.String())
					if got := v.messages(1); got != "hello" {
						t.Errorf("stream: %q", got)
					}
					v.close()
				} else if res, body := get(t, ref.String()); res.StatusCode != 200 || !strings.Contains(body, "app") {
					t.Errorf("%s: status %d: %s", query, res.StatusCode, body)
				}
			}
		})
	}
}

func TestServe_QueriesAndAliases(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	h.publish("hello")
	for _, c := range []struct{ path, accept, mime string }{
		{"/", "", "text/html; charset=utf-8"},
		{"/?unknown=1", "text/html", "text/html; charset=utf-8"},
		{"/?level=error", "text/html", "text/html; charset=utf-8"},
		{"/?level=nonsense", "text/html", "text/html; charset=utf-8"},
		{"/", "text/event-stream", "text/event-stream"},
		{"/?events", "", "text/event-stream"},
		{"/?events=", "", "text/event-stream"},
		{"/x/events", "", "text/event-stream"},
		{"/events", "", "text/event-stream"},
		{"/x/events/", "", "text/html; charset=utf-8"},
		{"/x/myevents", "", "text/html; charset=utf-8"},
		{"/?records", "", "application/x-ndjson"},
		{"/x/records", "", "application/x-ndjson"},
		{"/?tail", "", "text/plain; charset=utf-8"},
		{"/x/tail", "", "text/plain; charset=utf-8"},
		{"/?health", "", "application/json"},
		{"/x/health", "", "application/json"},
	} {
		req, _ := http.NewRequest("GET", h.URL+c.path, nil)
		req.Header.Set("Accept", c.accept)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("Content-Type"); res.StatusCode != 200 || got != c.mime {
			t.Errorf("%s (Accept %q): status %d, type %q, want %q", c.path, c.accept, res.StatusCode, got, c.mime)
		}
		if got := res.Header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options %q", c.path, got)
		}
	}
}

func TestServe_OtherMethods(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "NONSENSE"} {
		req, _ := http.NewRequest(method, h.URL+"/?events", nil)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: status %d, Allow %q", method, res.StatusCode, res.Header.Get("Allow"))
		}
	}
}

func TestFilter_Select(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	h.publish(
		`{"time":"2026-11-22T17:00:00Z","level":"DEBUG","msg":"Alpha","logger":"shop.db"}`,
		`{"time":"2026-11-22T17:00:00Z","level":"WARN","msg":"Beta","logger":"shop.web"}`,
		`{"time":"2026-11-22T17:00:00Z","level":"ERROR","msg":"Gamma","logger":"mailer"}`,
		"text without a level",
	)
	for query, want := range map[string]string{
		"":                              "Alpha Beta Gamma text without a level",
		"&level=warning":                "Beta Gamma",
		"&logger=shop":                  "Alpha Beta",
		"&logger=mailer&logger=shop.db": "Alpha Gamma",
		"&channel=app&level=error":      "Gamma",
		"&channel=other":                "",
		"&q=beta":                       "Beta",
		"&q=message:/^[AG]/":            "Alpha Gamma",
		"&q=logger:shop+OR+mailer":      "Alpha Beta Gamma",
		"&level=none":                   "text without a level",
		"&logger=-shop":                 "Gamma text without a level",
	} {
		_, body := get(t, h.URL+"/?records"+query)
		var got []string
		for line := range strings.Lines(body) {
			var r entry
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatalf("%s: line is no record: %s", query, line)
			}
			got = append(got, r.Message)
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("?records%s: %q, want %q", query, got, want)
		}
		if want != "" {
			v := open(t, h.URL+"/?events"+query)
			if got := v.messages(strings.Count(want, " ") + 1 - 3*strings.Count(want, "without")); got != want {
				t.Errorf("?events%s: %q, want %q", query, got, want)
			}
			v.close()
		}
	}
	for _, c := range []struct {
		query string
		n     int
		want  string
	}{{"&last=1&level=warning", 1, "Gamma"}, {"&last=2", 2, "Gamma text without a level"}} {
		v := open(t, h.URL+"/?events"+c.query)
		if got := v.messages(c.n); got != c.want {
			t.Errorf("?events%s: %q, want %q", c.query, got, c.want)
		}
		v.close()
	}
}

func TestFilter_Invalid(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	for query, want := range map[string]string{
		"level=loud": `level: "loud" is not a level; levels are trace, debug, info, warning, error, critical, none`,
		"q=/(/":      "regular expression: missing ) (at character 2 of the query)",
		"from=soon":  `from: "soon" is neither a time such as 2026-11-29T16:00:00Z nor a duration such as 15m`,
	} {
		for _, kind := range []string{"events", "records", "tail"} {
			res, body := get(t, h.URL+"/?"+kind+"&"+query)
			if res.StatusCode != 400 || !strings.Contains(body, want) || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain") {
				t.Errorf("?%s&%s: status %d: %s", kind, query, res.StatusCode, body)
			}
		}
	}
}

func TestRecords_Download(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	h.publish(numbered(1000)...)
	res, body := get(t, h.URL+"/?records&download")
	if got := res.Header.Get("Content-Disposition"); !regexp.MustCompile(`^attachment; filename="elva-\d{8}-\d{6}\.ndjson"$`).MatchString(got) {
		t.Errorf("Content-Disposition %q", got)
	}
	if got := strings.Count(body, "\n"); got != 1000 {
		t.Errorf("%d lines, want 1000", got)
	}
	if res, _ := get(t, h.URL+"/?records"); res.Header.Get("Content-Disposition") != "" {
		t.Error("an answer that was not asked for as a download is one")
	}
}

func TestRaw_AsPublished(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	payload := "{\"msg\": \"<script>alert(1)</script>\", \"odd\":\x00\xff}"
	h.publish(payload)
	epoch := status(t, h.Handler).Epoch
	res, body := get(t, h.URL+"/?raw="+epoch+"-1")
	if res.StatusCode != 200 || body != payload {
		t.Errorf("status %d: %q", res.StatusCode, body)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-store",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, id := range []string{epoch + "-2", epoch + "-0", "other-1", "", "1"} {
		if res, _ := get(t, h.URL+"/?raw="+id); res.StatusCode != 404 {
			t.Errorf("raw=%s: status %d, want 404", id, res.StatusCode)
		}
	}
}

func TestAssets_Caching(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	_, page := get(t, h.URL+"/")
	for _, m := range reference.FindAllStringSubmatch(page, -1) {
		res, body := get(t, h.URL+"/"+m[1])
		tag := res.Header.Get("ETag")
		if res.StatusCode != 200 || tag == "" || res.Header.Get("Cache-Control") != "private, max-age=31536000, immutable" {
			t.Errorf("%s: status %d, ETag %q, Cache-Control %q", m[1], res.StatusCode, tag, res.Header.Get("Cache-Control"))
		}
		if res, again := get(t, h.URL+"/"+m[1], "If-None-Match", tag); res.StatusCode != 304 || again != "" {
			t.Errorf("%s asked again: status %d, %d bytes of %d", m[1], res.StatusCode, len(again), len(body))
		}
	}
	if res, body := get(t, h.URL+"/?elva-000000000000.js"); res.StatusCode != 404 || !strings.Contains(body, "reload") {
		t.Errorf("an asset of another build: status %d: %s", res.StatusCode, body)
	}
}

func TestPage_ContentSecurityPolicy(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	res, page := get(t, h.URL+"/")
	csp := res.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "base-uri 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(csp, part) {
			t.Errorf("policy %q lacks %q", csp, part)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	for _, inline := range []string{"<style", " style=", "<base", "javascript:", "data:"} {
		if strings.Contains(page, inline) {
			t.Errorf("the page has %q in it", inline)
		}
	}
	if m := regexp.MustCompile(`<script[^>]*>[^<]`).FindString(page); m != "" {
		t.Errorf("the page has an inline script: %q", m)
	}
	if m := regexp.MustCompile(` on[a-z]+=`).FindString(page); m != "" {
		t.Errorf("the page has an inline handler: %q", m)
	}

	own := "script-src 'nonce-abc' 'strict-dynamic'; style-src 'nonce-abc'"
	h = newHost(t, elva.Config{}, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", own)
			next.ServeHTTP(w, r.WithContext(templ.WithNonce(r.Context(), "abc")))
		})
	})
	res, page = get(t, h.URL+"/")
	if got := res.Header.Values("Content-Security-Policy"); len(got) != 1 || got[0] != own {
		t.Errorf("policies %q, want the host's alone", got)
	}
	if got := strings.Count(page, `nonce="abc"`); got < 2 {
		t.Errorf("%d nonces, want one on the script and one on the style sheet", got)
	}
}

func TestPage_FirstPaint(t *testing.T) {
	h := newHost(t, elva.Config{Title: "Shop <logs>", Home: "/admin"}, nil)
	h.publish(numbered(150)...)
	_, page := get(t, h.URL+"/")
	for _, want := range []string{"Shop &lt;logs&gt;", `href="/admin"`, status(t, h.Handler).Health.Text, "p50", "p149"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "p49") {
		t.Error("the page has more than the last 100 records")
	}
}

func TestHealth_Status(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	if d := status(t, h.Handler); d.code != 200 || d.Health.State != "unknown" || !strings.Contains(d.Health.Text, "app") {
		t.Errorf("before the first record: %d, %+v", d.code, d.Health)
	}
	h.publish("x", `{"level":"INFO","msg":"x","time":"2026-11-22T17:00:00Z","host":"web-1","pid":1}`,
		`{"level":"ERROR","msg":"x","time":"2026-11-22T17:00:00Z"}`)
	d := status(t, h.Handler)
	if d.code != 200 || d.Counts["none"] != 1 || d.Counts["info"] != 1 || d.Redis.Sources[0].Records != 3 {
		t.Errorf("after three records: %d, %+v", d.code, d)
	}
	if d.Health.State != "unknown" || !strings.Contains(d.Health.Text, "Still learning what is normal (0 of 10 min)") || !strings.Contains(d.Health.Text, "1 error/min") {
		t.Errorf("just begun: %+v", d.Health)
	}
	h.Redis.Close()
	waitFor(t, "the link to be down", func() bool { return status(t, h.Handler).Redis.State == "down" })
	d = status(t, h.Handler)
	if d.code != 503 || d.Health.State != "down" || !strings.Contains(d.Health.Text, "refused") {
		t.Errorf("without Redis: %d, %+v", d.code, d.Health)
	}
	// The request of the page: a browser would write each 503 to its console.
	res, body := get(t, h.URL+"/?health=document")
	if res.StatusCode != 200 || !strings.Contains(body, `"state": "down"`) || res.Header.Get("Content-Type") != "application/json" {
		t.Errorf("?health=document without Redis: %d %s", res.StatusCode, body)
	}
	// The request of a hidden page, without lists.
	res, body = get(t, h.URL+"/?health=status")
	if res.StatusCode != 200 || !strings.Contains(body, `"state": "down"`) || strings.Contains(body, `"changes"`) {
		t.Errorf("?health=status without Redis: %d %s", res.StatusCode, body)
	}
}

// payloads returns hostile payloads. As a variable, the largest would weigh in the tests of memory.
func payloads() map[string]string {
	return map[string]string{
		"empty":             "",
		"one byte":          "x",
		"NUL":               "\x00",
		"invalid UTF-8":     "a\xff\xfe\xc3",
		"CR and LF":         "a\r\nb\n\nevent: gap\ndata: {}\n\n",
		"U+2028":            "a\u2028b\u2029c",
		"ANSI":              "\x1b[31mred\x1b[0m\x1b]8;;http://x\x07link\x1b]8;;\x07",
		"markup":            "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
		"a template":        "</template></table><h1>",
		"bidi":              "a\u202eb",
		"a JSON array":      "[1,2,3]",
		"a JSON number":     "42",
		"null":              "null",
		"a JSON string":     `"text"`,
		"an empty object":   "{}",
		"broken JSON":       `{"msg": "x`,
		"unknown level":     `{"level":"loud","msg":"x"}`,
		"level is a list":   `{"level":["error"],"msg":"x"}`,
		"level is null":     `{"level":null,"msg":"x"}`,
		"message is a list": `{"msg":["x"],"level":"info"}`,
		"lone surrogate":    `{"msg":"\ud800 x"}`,
		"nested deeply":     strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000),
		"10 MB of text":     strings.Repeat("x", 10_000_000),
		"10 MB of control":  strings.Repeat("\x01", 10_000_000),
		"10 MB of JSON":     `{"level":"info","msg":"big","blob":"` + strings.Repeat("y", 10_000_000) + `"}`,
	}
}

// TestIngest_HostilePayloads publishes each between two plain records: all three must arrive,
// in order, as one line of valid JSON each, and the page must hold nothing of it as markup.
func TestIngest_HostilePayloads(t *testing.T) {
	for name, payload := range payloads() {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, elva.Config{}, nil)
			v := open(t, h.URL+"/?events")
			v.nextOf("status")
			h.publish("before", payload, "after")
			r := v.records(3)
			if r[0].Message != "before" || r[1].Seq != 2 || r[2].Message != "after" {
				t.Fatalf("got %q, number %d, %q", r[0].Message, r[1].Seq, r[2].Message)
			}
			if n := len(r[1].Message) + len(r[1].Trace); n > 300<<10 {
				t.Errorf("%d bytes are shown of it", n)
			}
			if d := status(t, h.Handler); d.Redis.State != "live" || d.Gaps != 0 {
				t.Errorf("the link suffered: %+v", d)
			}
			_, page := get(t, h.URL+"/")
			for _, bad := range []string{"<script>alert", "<img", "</template></table>", "\x1b", "\x00"} {
				if strings.Contains(page, bad) {
					t.Errorf("the page has %q in it", bad)
				}
			}
			_, lines := get(t, h.URL+"/?records")
			if got := strings.Count(lines, "\n"); got != 3 {
				t.Errorf("?records has %d lines, want 3", got)
			}
			res, err := http.Get(h.URL + "/?tail")
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			text := newLines(res.Body)
			for n := 0; ; n++ {
				line, err := text.ReadString('\n')
				if err != nil && err != io.EOF {
					t.Fatal(err)
				}
				if strings.ContainsAny(line, "\x1b\x00\x01\r\u202e\u2028") {
					t.Errorf("a terminal would get %.80q", line)
				}
				if strings.HasSuffix(line, " after\n") {
					break
				}
			}
		})
	}
}

func TestNew_NilClientOrNoSource(t *testing.T) {
	client := deadClient(t)
	for name, wire := range map[string]func(){
		"nil client":       func() { elva.New(nil, "app") },
		"typed nil client": func() { elva.New(nilClient(), "app") },
		"no channel":       func() { elva.New(client) },
		"empty name":       func() { elva.New(client, "app", "") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p := recover(); p == nil || !strings.HasPrefix(fmt.Sprint(p), "elva: ") {
					t.Errorf("panic %v", p)
				}
			}()
			wire()
		})
	}
}

// TestHealth_ManySources subscribes to more channels than a status event lists: every viewer receives one every two seconds.
func TestHealth_ManySources(t *testing.T) {
	channels := make([]string, 400)
	for i := range channels {
		channels[i] = "app:" + strconv.Itoa(i)
	}
	h := newHost(t, elva.Config{}, nil, append(channels, "app")...)
	for query, want := range map[string][2]int{"health=status": {300, 101}, "health=document": {401, 0}} {
		var d struct {
			Redis struct {
				Sources     []struct{ Name string }
				MoreSources int
			}
		}
		_, body := get(t, h.URL+"/?"+query)
		if err := json.Unmarshal([]byte(body), &d); err != nil {
			t.Fatal(err)
		}
		if got := [2]int{len(d.Redis.Sources), d.Redis.MoreSources}; got != want {
			t.Errorf("?%s lists %d sources and says that there are %d more, want %d", query, got[0], got[1], want)
		}
	}
	response, err := http.Get(h.URL + "/?events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), `data: {"`) {
			if !strings.Contains(lines.Text(), `"moreSources":101`) {
				t.Errorf("the status event is %.300s", lines.Text())
			}
			return
		}
	}
	t.Error("there is no status event")
}
