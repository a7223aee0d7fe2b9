package acceptance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
)

// endpoints are the queries whose responses contain log data.
var endpoints = []string{"", "events", "records", "records&download", "records&limit=1", "histogram", "patterns", "facets", "operations", "changes", "tail", "health", "health=document", "health=prometheus", "raw=x-1"}

// ask sends a HEAD request to a handler without a server. header has names and values alternately.
func ask(handler http.Handler, query string, header ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest("HEAD", "/debug/logs/?"+query, nil)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, request)
	return w
}

func TestAccept_OtherSite(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	for _, c := range []struct {
		name    string
		refused bool
		header  []string
	}{
		{"no browser", false, nil},
		{"the page's own fetch", false, []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}},
		{"a prefetch of the same origin", false, []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Purpose", "prefetch"}},
		{"a typed address", false, []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}},
		{"a link of another site", false, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}},
		{"a link of another origin of this site", false, []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}},
		{"a fetch", true, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "empty"}},
		{"a fetch of another origin of this site", true, []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}},
		{"a script", true, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"}},
		{"an image", true, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}},
		{"a frame", true, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}},
		{"a frame of another origin of this site", true, []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}},
		{"an embedded object", true, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "object"}},
		{"a prefetch", true, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Purpose", "prefetch"}},
		{"a prerender", true, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Purpose", "prefetch;prerender"}},
		{"nothing but the site", true, []string{"Sec-Fetch-Site", "cross-site"}},
		{"an unknown site", true, []string{"Sec-Fetch-Site", "sideways"}},
	} {
		for _, query := range endpoints {
			w := ask(h.Handler, query, c.header...)
			if got := w.Code == http.StatusForbidden; got != c.refused {
				t.Errorf("%s, ?%s: status %d, refused should be %v", c.name, query, w.Code, c.refused)
			}
			for name, want := range map[string]string{
				"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
			} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s, ?%s: %s %q, want %q", c.name, query, name, got, want)
				}
			}
			if got := w.Header().Get("Cache-Control"); !strings.HasPrefix(got, "no-store") {
				t.Errorf("%s, ?%s: Cache-Control %q", c.name, query, got)
			}
		}
	}
	for _, path := range []string{"/x/records", "/x/tail", "/x/health", "/x/events"} { // the aliases
		request := httptest.NewRequest("GET", path, nil)
		request.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		if h.Handler.ServeHTTP(w, request); w.Code != http.StatusForbidden {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
}

// TestAccept_NoConnectionPerRequest resumes with the ID of an instance that has read a stream further, with rejected requests and an accepted one.
// Many viewers with such IDs must not cause many connections.
func TestAccept_NoConnectionPerRequest(t *testing.T) {
	var dials atomic.Int64
	instance := func() (*httptest.Server, *miniredis.Miniredis) {
		mini := miniredis.RunT(t)
		client := redis.NewClient(&redis.Options{Addr: mini.Addr(), Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
			dials.Add(1)
			return new(net.Dialer).DialContext(ctx, network, addr)
		}})
		t.Cleanup(func() { client.Close() })
		h := elva.Config{Streams: []string{"s"}, Logger: slog.New(slog.DiscardHandler)}.New(client)
		t.Cleanup(func() { h.Close() })
		waitFor(t, "the link to be live", func() bool { return status(t, h).Redis.State == "live" })
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		t.Cleanup(func() { h.Close() })
		return server, mini
	}
	other, mini := instance()
	if _, err := mini.XAdd("s", "*", []string{"record", "hello"}); err != nil {
		t.Fatal(err)
	}
	v := open(t, other.URL+"/?events")
	v.records(1)
	after := "events&after=" + url.QueryEscape(v.ID)
	server, _ := instance()
	before := dials.Load()
	for _, c := range []struct {
		name, method, query, site string
		status                    int
	}{
		{"another site", "GET", after, "cross-site", 403},
		{"an unknown parameter", "GET", after + "&x=1", "", 400},
		{"a query that can't be read", "GET", after + "&q=%zz", "", 400},
		{"a wrong filter", "GET", after + "&level=loud", "", 400},
		{"another method", "POST", after, "", 405},
		{"a HEAD, which needs no cursor", "HEAD", after, "", 200},
	} {
		request, err := http.NewRequest(c.method, server.URL+"/?"+c.query, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Sec-Fetch-Site", c.site)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", c.name, response.StatusCode, c.status)
		}
		if n := dials.Load() - before; n != 0 {
			t.Errorf("%s: %d connections to Redis", c.name, n)
			before += n
		}
	}
	open(t, server.URL+"/?"+after).nextOf("status")
	if n := dials.Load() - before; n != 0 {
		t.Errorf("a viewer with this ID: %d connections to Redis", n)
	}
}

func TestAccept_BadQuery(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	h.publish("hello")
	for _, c := range []struct{ query, want string }{
		{"records&q=%zz", `the query can't be read: invalid URL escape "%zz"`},
		{"records&level=error;x=1", "the query can't be read: invalid semicolon separator in query"},
		{"records;level=error", "the query can't be read: invalid semicolon separator in query"},
		{"level=error;records", "the query can't be read: invalid semicolon separator in query"},
		{"%zz&records", "the query can't be read"},
		{"records&limit%zz=1", "the query can't be read"},
		{"records&Level=error", `there is no parameter "Level"; known are records, download, limit, before, after, newest, gaps, level, logger, channel, host, worker, id, from, to, case, q`},
		{"records&levels=error", `there is no parameter "levels"`},
		{"records&after=x", `after="x" is not`},
		{"records&=x", `there is no parameter ""`},
		{"records&%1b[31m=x", `there is no parameter "\x1b[31m"`},
		{"records&tail", `there is no parameter "tail"; known are records`},
		{"events&since=x", `there is no parameter "since"; known are events, after, last, level, logger, channel, host, worker, id, from, to, case, q`},
		{"events&q=%zz", "the query can't be read"},
		{"tail&lines=5", `there is no parameter "lines"; known are tail, color, level`},
		{"tail=-1", `tail="-1" is not a number from 0 to`},
		{"tail=5&tail=50", "tail is given twice"},
		{"records&limit=5&limit=x", "limit is given twice"},
		{"records&after=x-1&after=x-2", "after is given twice"},
		{"histogram&step=10s&step=1h", "step is given twice"},
		{"patterns&limit=1001", `limit="1001" is not a number from 1 to 1000`},
		{"facets&limit=5&limit=5", "limit is given twice"},
		{"operations&limit=5", `there is no parameter "limit"; known are operations, level`},
		{"changes&base-from=soon", "soon"},
		{"changes&base-to=1m&base-to=2m", "base-to is given twice"},
		{"changes&from=1h&from=2h", "from is given twice"},
		{"changes&to=1m&to=2m", "to is given twice"},
		{"records&case=0&case=1", "case is given twice"},
		{"operations&case=1&case=1", "case is given twice"},
		{"health=prometheus&health=document", "health is given twice"},
		{"raw=x-1&raw=x-2", "raw is given twice"},
		{"tail=ten", `tail="ten" is not a number from 0 to`},
		{"health&level=error", `there is no parameter "level"; known are health`},
		{"health=nonsense", `health="nonsense" is not document, status or prometheus`},
		{"health;x", "the query can't be read"},
		{"raw=x-1&level=error", `there is no parameter "level"; known are raw`},
	} {
		if res, body := get(t, h.URL+"/?"+c.query); res.StatusCode != 400 || !strings.Contains(body, c.want) || strings.Contains(body, "hello") {
			t.Errorf("?%s: status %d: %s, want %s", c.query, res.StatusCode, body, c.want)
		}
	}
	// An alias and the Accept header select an endpoint too.
	for _, c := range []struct{ path, accept string }{{"/x/records?levels=error", ""}, {"/x/tail?x", ""}, {"/x/health?x", ""}, {"/?levels=error", "text/event-stream"}} {
		if res, body := get(t, h.URL+c.path, "Accept", c.accept); res.StatusCode != 400 || !strings.Contains(body, "there is no parameter") {
			t.Errorf("%s (Accept %q): status %d: %s", c.path, c.accept, res.StatusCode, body)
		}
	}
	// Hosts add parameters of their own to the page's address.
	for _, query := range []string{"q=%zz", "level=loud", "utm_source=mail", "a;b"} {
		if res, body := get(t, h.URL+"/?"+query); res.StatusCode != 200 || !strings.Contains(body, "<html") {
			t.Errorf("the page with ?%s: status %d", query, res.StatusCode)
		}
	}
}

// searches are the endpoints that take a filter.
var searches = []string{"records", "records&newest", "histogram", "patterns", "facets", "operations", "changes", "tail", "events"}

// bombs are queries whose expressions are too large, alone or together.
var bombs = map[string]url.Values{
	"nested counts":               {"q": {"/(?:a{1000}){1000}/"}},
	"nested optional counts":      {"q": {"/(?:(?:(?:a?){10}){10}){11}/"}},
	"optional ones of a thousand": {"q": {"/" + strings.Repeat("(a?){999}", 50) + "/"}},
	"thirty of those":             {"q": repeated("/"+strings.Repeat("(a?){999}", 50)+"/", 15)},
	"classes of letters":          {"q": {"/" + strings.Repeat("[!-𞤀]", 101) + "/"}},
	"a counted class of letters":  {"q": {"/(?:[!-𞤀]|[^a]){501}/"}},
	"many small ones":             {"q": repeated("/(a?){50}/", 60)},
	"many words":                  {"q": repeated(strings.Repeat("w", 500), 60)},
	"words and expressions":       {"q": {strings.Repeat("w", 900), strings.Repeat("w", 900), "/a{999}/", "/b{9}/"}},
	"a hundred thousand loggers":  {"logger": repeated("a", 9_000)},
	"eight kilobytes of channels": {"channel": repeated(strings.Repeat("a", 99), 90)},
}

func repeated(s string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = s
	}
	return list
}

func TestSearch_BoundedExpressions(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	for name, query := range bombs {
		t.Run(name, func(t *testing.T) {
			for _, endpoint := range searches {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				w := httptest.NewRecorder()
				h.Handler.ServeHTTP(w, httptest.NewRequest("GET", "/?"+endpoint+"&"+query.Encode(), nil))
				runtime.ReadMemStats(&after)
				if w.Code != 400 {
					t.Errorf("?%s: status %d, %.100s", endpoint, w.Code, w.Body)
				}
				if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
					t.Errorf("?%s: %d MB were allocated", endpoint, used>>20)
				}
			}
		})
	}
}

// costly is a filter that takes long for a record of many a's and never matches.
var costly = url.Values{"q": {"/(?:a?){390}[!?]/"}}.Encode()

// TestSearch_Timeout searches more than is possible within the time limit.
func TestSearch_Timeout(t *testing.T) {
	t.Parallel()
	h := newHost(t, elva.Config{HistoryBytes: 64 << 20}, nil)
	h.publish("first")
	payload := strings.Repeat("a", 4<<10) // a search ends between two records
	for range 1900 {
		h.publish(payload)
	}
	for _, endpoint := range searches {
		t.Run(endpoint, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, body := get(t, h.URL+"/?"+endpoint+"&"+costly)
			t.Logf("took %v: …%s", time.Since(began), body[max(0, len(body)-200):])
			want, special := map[string]string{
				"records":        `{"incomplete":{"reason":"the search was ended after 5s","searchedTo":`,
				"records&newest": `"reason":"the search was ended after 5s"}}`,
				"histogram":      `"complete":false,"reached":"`,
				"events":         ": the search was ended after 5s; resume with the last id\n",
				"tail":           "the search was ended after 5s\n",
			}[endpoint]
			if !special {
				want = `"complete":false,"reason":"the search was ended after 5s","reached":"`
			}
			if !strings.Contains(body, want) {
				t.Errorf("no %q in …%s", want, body[max(0, len(body)-500):])
			}
			if endpoint == "events" && !strings.Contains(body, "\nid: "+status(t, h.Handler).Epoch) {
				t.Error("no id says how far it came")
			}
		})
	}
}

func TestSearch_ClientLeaves(t *testing.T) {
	t.Parallel()
	var requests running
	h := newHost(t, elva.Config{HistoryBytes: 64 << 20}, requests.count)
	payload := strings.Repeat("a", 4<<10) // a search ends between two records
	for range 1900 {
		h.publish(payload)
	}
	for _, endpoint := range searches {
		ctx, cancel := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, "GET", h.URL+"/?"+endpoint+"&"+costly, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Reader", endpoint)
		go http.DefaultClient.Do(request)
		waitFor(t, "the search to begin", func() bool { return len(requests.left(endpoint)) == 1 })
		cancel()
		left := time.Now()
		waitFor(t, "the search to end", func() bool { return len(requests.left(endpoint)) == 0 })
		if took := time.Since(left); took > 4*time.Second { // otherwise it would take 5 s
			t.Errorf("?%s: the search ended %v after its client had left", endpoint, took)
		}
	}
}

// TestSearch_ThousandClients has a thousand clients search at once. Some get a result, the others are asked to retry later, and meanwhile other
// viewers receive new records.
func TestSearch_ThousandClients(t *testing.T) {
	t.Parallel()
	h := newHost(t, elva.Config{}, nil)
	for range 3000 { // so many that most are packed
		h.publish(strings.Repeat("a", 4<<10))
	}
	viewer := open(t, h.URL+"/?events")
	viewer.records(3000)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	var answers [600]atomic.Int32
	var running sync.WaitGroup
	for i := range 1000 {
		running.Go(func() {
			endpoint := []string{"records", "histogram", "records&newest&limit=10", "patterns", "facets", "operations", "changes"}[i%7]
			res, err := (&http.Client{Transport: transport}).Get(h.URL + "/?" + endpoint + "&" + costly)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			answers[res.StatusCode].Add(1)
		})
	}
	for n := range 20 {
		h.publish(fmt.Sprint("meanwhile ", n))
		if got := viewer.messages(1); got != fmt.Sprint("meanwhile ", n) {
			t.Fatalf("the viewer got %q", got)
		}
	}
	running.Wait()
	if ok, later := answers[200].Load(), answers[503].Load(); ok == 0 || later == 0 || ok+later != 1000 {
		t.Errorf("%d searches were answered and %d refused, of 1000", ok, later)
	}
}

// hostileParameters are values of parameters that no page sends. Each is refused, or answered with a document.
var hostileParameters = []string{
	"from=-9999h", "from=9999999999999999h", "from=1e9999", "from=-1e9999", "to=0001-01-01T00:00:00Z", "from=9999-12-31T23:59:59Z&to=0000-01-01T00:00:00Z",
	"from=0000-01-01T00:00:00Z", "from=9999-12-31T23:59:59-23:59", "to=0000-01-01T00:00:00%2B23:59", "from=1m&to=1h", "from=0s&to=0s", "from=1s&to=1s", "from=NaN", "from=%00", "to=\u202e",
	"from=9223372036854775807", "from=-9223372036854775808", "from=253402300800", "from=1h&from=2h", "to=1h&to=2h",
	"case=0&case=1", "case=2", "case=", "limit=1000000000", "limit=-1", "limit=0", "limit=0x10", "limit=1e3", "limit=18446744073709551616",
	"base-from=9999h&base-to=-9999h", "base-from=0000-01-01T00:00:00Z&base-to=9999-12-31T23:59:59Z", "base-to=9999-12-31T23:59:59Z",
	"field=", "field=%00", "field=constructor", "field=__proto__&field=__proto__", "field=a.b.c...", "field=%ff", "field=level&field=level", "field=fields.", "field=\u202e",
	"id=%00", "id=\u202e", "id=%ff", "id=" + strings.Repeat("a", 5000), "level=none&level=error", "worker=%00", "q=%00", "q=%ff", "q=\u202e", "q=level:", "q=-", "q=" + strings.Repeat("-", 500),
	"q=" + url.QueryEscape(`a.b.c="x`), "q=took>1e400", "q=took>-0", "q=pid=9223372036854775808", "channel=", "logger=%00&host=%ff",
}

// TestExplore_HostileQueries requests every summary with hostile parameters, of records with hostile members.
func TestExplore_HostileQueries(t *testing.T) {
	t.Parallel()
	h := newHost(t, elva.Config{}, nil)
	h.publish(`{"time":"0000-01-01T00:00:00Z","level":"error","msg":"year 0","request_id":"r\u0000\u202e","took":1e400,"n":-0,"pid":9223372036854775808}`,
		`{"time":"9999-12-31T23:59:59-23:59","level":"error","msg":"year 10000","request_id":"r\u0000\u202e","took":-1e400,"constructor":1,"__proto__":{"a":1},"":"empty","a\u0000\u202eb":"\ud800"}`,
		`{"time":-44,"msg":"before 1970","request_id":"r\u0000\u202e","took":1e308,"hostname":"\u202ehost"}`,
		`{"time":1e300,"msg":"`+strings.Repeat("long ", 20_000)+`","a":1,"a":2,"took":NaN}`,
		`{"msg":"nested","a":`+strings.Repeat(`{"a":`, 10_000)+`1`+strings.Repeat(`}`, 10_000)+`}`, "\x00", "\xff\xfe", `{"msg":"m","took":123456789012345678901234567890}`)
	for _, endpoint := range []string{"patterns", "facets", "operations", "changes"} {
		answered := 0
		for _, parameters := range append([]string{""}, hostileParameters...) {
			res, body := get(t, h.URL+"/?"+endpoint+"&"+parameters)
			switch {
			case res.StatusCode == 200 && json.Valid([]byte(body)):
				answered++
			case res.StatusCode != 400:
				t.Errorf("?%s&%.60s: status %d, %.200s", endpoint, parameters, res.StatusCode, body)
			}
			if strings.ContainsAny(body, "\x00\u202e") {
				t.Errorf("?%s&%.60s: a control character in %.200q", endpoint, parameters, body)
			}
		}
		t.Logf("?%s: %d of %d are answered", endpoint, answered, 1+len(hostileParameters))
	}
}
