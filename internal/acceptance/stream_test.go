package acceptance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/gap"
)

func TestEvents_Preamble(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	res, err := http.Get(h.URL + "/?events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for name, want := range map[string]string{
		"Content-Type":                "text/event-stream",
		"Cache-Control":               "no-store, no-transform",
		"X-Accel-Buffering":           "no",
		"X-Content-Type-Options":      "nosniff",
		"Access-Control-Allow-Origin": "",
		"Content-Encoding":            "",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	first := make([]byte, len("retry: 1000\n:")+2048)
	if _, err := io.ReadFull(res.Body, first); err != nil {
		t.Fatal(err)
	}
	if want := "retry: 1000\n:" + strings.Repeat(" ", 2048); string(first) != want {
		t.Errorf("begins with %.40q, want the retry line and a comment of 2 KiB", first)
	}
}

func TestEvents_StatusThenRecords(t *testing.T) {
	h := newHost(t, elva.Config{Title: "Shop"}, nil)
	h.publish(numbered(1200)...)
	v := open(t, h.URL+"/?events")
	e, err := v.next()
	if err != nil || e.Name != "status" {
		t.Fatalf("first event %q (error %v), want status", e.Name, err)
	}
	var s struct {
		V                   int
		Epoch, Build, Title string
		Redis               struct{ State string }
		Viewers             int
		History             struct{ LastSeq int }
	}
	if err := json.Unmarshal([]byte(e.Data), &s); err != nil {
		t.Fatal(err)
	}
	if s.V != 1 || s.Epoch == "" || s.Build == "" || s.Title != "Shop" || s.Redis.State != "live" || s.Viewers != 1 || s.History.LastSeq != 1200 {
		t.Errorf("status %+v", s)
	}
	for seq := 0; seq < 1200; {
		e := v.nextOf("")
		var batch []entry
		if err := json.Unmarshal([]byte(e.Data), &batch); err != nil {
			t.Fatal(err)
		}
		if len(batch) == 0 || len(batch) > 500 || len(e.Data) > 128<<10 {
			t.Errorf("an array of %d records in %d bytes", len(batch), len(e.Data))
		}
		for _, r := range batch {
			seq++
			if r.Seq != seq || r.Message != fmt.Sprint("p", seq-1) || r.Channel != "app" || time.Since(r.At) > time.Minute {
				t.Fatalf("record %d is %+v", seq, r)
			}
		}
		if want := fmt.Sprintf("%s-%d", s.Epoch, seq); e.ID != want {
			t.Errorf("id %q, want the last record's, %q", e.ID, want)
		}
	}
	if v.Retry != "1000" {
		t.Errorf("retry %q, want 1000", v.Retry)
	}
}

func TestEvents_Live(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	h.publish("before")
	v := open(t, h.URL+"/?events")
	if got := v.messages(1); got != "before" {
		t.Errorf("got %q", got)
	}
	for i := range 20 {
		h.publish(fmt.Sprint("live", i))
		if got, want := v.messages(1), fmt.Sprint("live", i); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestResume_SameEpoch(t *testing.T) {
	h := newHost(t, elva.Config{History: 100}, nil)
	h.publish(numbered(50)...)
	v := open(t, h.URL+"/?events")
	v.records(50)
	v.close()
	id := v.ID
	h.publish("p50", "p51")
	old := strings.TrimSuffix(id, "50") + "10"

	for name, c := range map[string]struct {
		url    string
		header []string
	}{
		"by header":                       {"/?events", []string{"Last-Event-ID", id}},
		"by query":                        {"/?events&after=" + id, nil},
		"by header when both are there":   {"/?events&after=" + old, []string{"Last-Event-ID", id}},
		"on the bare path, by its Accept": {"/", []string{"Last-Event-ID", id}},
	} {
		t.Run(name, func(t *testing.T) {
			v := open(t, h.URL+c.url, c.header...)
			if e, err := v.next(); err != nil || e.Name != "status" {
				t.Fatalf("first event %+v, %v", e, err)
			}
			e, err := v.next()
			if err != nil || e.Name != "" || !strings.Contains(e.Data, "p50") || strings.Contains(e.Data, "p49") {
				t.Errorf("second event %+v, %v; want the records after %s", e, err, id)
			}
		})
	}
}

// gap returns the next gap, and the last event ID.
func (v *viewer) gap() (g gap.Gap, id string) {
	v.t.Helper()
	e := v.nextOf("gap")
	if err := json.Unmarshal([]byte(e.Data), &g); err != nil {
		v.t.Fatalf("gap is no JSON: %v\n%s", err, e.Data)
	}
	return g, v.ID
}

func TestResume_IDNoLongerInMemory(t *testing.T) {
	h := newHost(t, elva.Config{History: 100}, nil)
	h.publish("p0")
	v := open(t, h.URL+"/?events")
	v.records(1)
	v.close()
	for i := range 499 {
		h.publish(fmt.Sprint("p", i+1))
	}
	w := open(t, h.URL+"/?events", "Last-Event-ID", v.ID)
	g, id := w.gap()
	if g.Kind != "evicted" || g.Lost < 399 || g.Lost > 409 || g.Seq != 0 || g.To.IsZero() {
		t.Fatalf("gap %+v, want 399 evicted, or some more: a part of the history is kept free", g)
	}
	if id != "" {
		t.Errorf("a gap made for one viewer has the id %q", id)
	}
	if r, want := w.records(499-int(g.Lost)), fmt.Sprint("p", g.Lost+1); r[0].Message != want {
		t.Errorf("continues with %q, want %q", r[0].Message, want)
	}
}

func TestResume_AfterRestart(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	h.publish("a", "b")
	for _, id := range []string{"OTHER-1", "nonsense", "-", "🙂", status(t, h.Handler).Epoch + "-x", status(t, h.Handler).Epoch + "--1"} {
		v := open(t, h.URL+"/?events", "Last-Event-ID", id)
		if g, _ := v.gap(); g.Kind != "restart" || g.Reason == "" {
			t.Errorf("id %q: gap %+v, want a restart", id, g)
		}
		if got := v.messages(2); got != "a b" {
			t.Errorf("id %q: then %q, want the whole history", id, got)
		}
		v.close()
	}
}

func TestEvents_FilteredCursor(t *testing.T) {
	t.Parallel()
	h := newHost(t, elva.Config{}, nil)
	v := open(t, h.URL+"/?events&q=wanted")
	v.nextOf("status")
	h.publish("noise", "wanted", "noise", "noise")
	if got := v.messages(1); got != "wanted" {
		t.Errorf("got %q", got)
	}
	if !strings.HasSuffix(v.ID, "-2") {
		t.Errorf("id %q, want the record's number 2", v.ID)
	}
	v.nextOf("status") // the next heartbeat has the cursor
	if !strings.HasSuffix(v.ID, "-4") {
		t.Errorf("id %q, want 4: what the filter left out needn't be read again", v.ID)
	}
}

func TestEvents_Heartbeat(t *testing.T) {
	t.Parallel()
	h := newHost(t, elva.Config{}, nil)
	v, w := open(t, h.URL+"/?events"), open(t, h.URL+"/?events")
	for range 2 {
		v.nextOf("status")
		w.nextOf("status")
	}
	if v.ID != "" {
		t.Errorf("a status has the id %q", v.ID)
	}
}

func TestEvents_EndAtMaxAge(t *testing.T) {
	t.Parallel()
	h := newHost(t, elva.Config{}, nil)
	setMaxAge(h.Handler, time.Millisecond)
	v := open(t, h.URL+"/?events")
	for {
		if _, err := v.next(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Errorf("ended by %v, want a clean end", err)
			}
			return
		}
	}
}

func TestEvents_HostShutsDown(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	for _, name := range []string{"first server", "second server"} { // one handler outlives servers
		t.Run(name, func(t *testing.T) {
			server := &http.Server{Handler: h.Handler}
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			go server.Serve(listener)
			var viewers []*viewer
			for range 3 {
				v := open(t, "http://"+listener.Addr().String()+"/?events")
				v.nextOf("status")
				viewers = append(viewers, v)
			}
			// Much longer than needed and much shorter than the lifetime of a stream.
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			began := time.Now()
			if err := server.Shutdown(ctx); err != nil {
				t.Fatalf("Shutdown: %v", err)
			}
			t.Logf("Shutdown took %v with 3 streams open", time.Since(began))
			for _, v := range viewers {
				if _, err := io.Copy(io.Discard, v.body); err != nil {
					t.Errorf("the stream ended by %v, want a clean end", err)
				}
			}
		})
	}
}

func TestClose_EndsStreams(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	v := open(t, h.URL+"/?events")
	v.nextOf("status")
	for range 2 {
		if err := h.Handler.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.Copy(io.Discard, v.body); err != nil {
		t.Error(err)
	}
	if res, body := get(t, h.URL+"/?events"); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a stream of a closed handler: status %d, %s", res.StatusCode, body)
	}
	if d := status(t, h.Handler); d.Redis.State != "closed" {
		t.Errorf("link is %q, want closed", d.Redis.State)
	}
}

func TestEvents_OtherSite(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	for site, want := range map[string]int{"cross-site": 403, "same-site": 403, "same-origin": 200, "none": 200, "": 200} {
		for _, path := range []string{"/?events", "/?tail"} {
			req := httptest.NewRequest("HEAD", path, nil)
			if site != "" {
				req.Header.Set("Sec-Fetch-Site", site)
			}
			w := httptest.NewRecorder()
			h.Handler.ServeHTTP(w, req)
			if w.Code != want {
				t.Errorf("%s from %q: status %d, want %d", path, site, w.Code, want)
			}
		}
	}
}

// writerWithoutFlush is a ResponseWriter wrapped by a careless middleware.
type writerWithoutFlush struct{ w http.ResponseWriter }

func (w writerWithoutFlush) Header() http.Header         { return w.w.Header() }
func (w writerWithoutFlush) Write(p []byte) (int, error) { return w.w.Write(p) }
func (w writerWithoutFlush) WriteHeader(code int)        { w.w.WriteHeader(code) }

// unwrapping is a ResponseWriter wrapped by a careful middleware.
type unwrapping struct{ writerWithoutFlush }

func (w unwrapping) Unwrap() http.ResponseWriter { return w.w }

func TestEvents_WriterWithoutFlush(t *testing.T) {
	for name, mount := range map[string]func(http.Handler) http.Handler{
		"a wrapper without Flush": func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(writerWithoutFlush{w}, r) })
		},
		"http.TimeoutHandler": func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Minute, "") },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, elva.Config{}, mount)
			res, body := get(t, h.URL+"/?events")
			if res.StatusCode != 500 || !strings.Contains(body, "Flush") || !strings.Contains(body, "middleware") {
				t.Errorf("status %d: %s", res.StatusCode, body)
			}
			if res, body := get(t, h.URL+"/"); res.StatusCode != 200 || !strings.Contains(body, "<html") {
				t.Errorf("the page itself: status %d", res.StatusCode)
			}
		})
	}
}

func TestEvents_WriterWithUnwrap(t *testing.T) {
	h := newHost(t, elva.Config{}, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(unwrapping{writerWithoutFlush{w}}, r)
		})
	})
	h.publish("hello")
	if got := open(t, h.URL+"/?events").messages(1); got != "hello" {
		t.Errorf("got %q", got)
	}
}

// TestEvents_HostWriteTimeout tests both protocols, since each has its own deadlines.
func TestEvents_HostWriteTimeout(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%v", h2), func(t *testing.T) {
			t.Parallel()
			h := newHost(t, elva.Config{}, nil)
			server := httptest.NewUnstartedServer(h.Handler)
			server.Config.WriteTimeout = 500 * time.Millisecond
			server.EnableHTTP2 = h2
			server.StartTLS()
			defer server.Close()
			defer h.Handler.Close()
			res, err := server.Client().Get(server.URL + "/?events")
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if got, want := res.ProtoMajor == 2, h2; got != want {
				t.Fatalf("protocol %s", res.Proto)
			}
			v := &viewer{t: t, body: res.Body, lines: newLines(res.Body)}
			for range 3 { // at 0, 2 and 4 s
				v.nextOf("status")
			}
			h.publish("late")
			if got := v.messages(1); got != "late" {
				t.Errorf("got %q", got)
			}
		})
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// hidingWriter hides the connection's deadlines: it has a Flush, but no Unwrap.
type hidingWriter struct{ writerWithoutFlush }

func (h hidingWriter) Flush() { h.w.(http.Flusher).Flush() }

// TestEvents_HostWriteTimeoutHidden ends each stream at the host's WriteTimeout, and says why, once.
func TestEvents_HostWriteTimeoutHidden(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var log strings.Builder
	h := newHost(t, elva.Config{Logger: slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return log.Write(p)
	}), nil))}, nil)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.Handler.ServeHTTP(hidingWriter{writerWithoutFlush{w}}, r)
	}))
	server.Config.WriteTimeout = 500 * time.Millisecond
	server.Start()
	defer server.Close()
	defer h.Handler.Close()
	for range 2 {
		res, err := server.Client().Get(server.URL + "/?events")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body) // to its end
		res.Body.Close()
	}
	mu.Lock()
	defer mu.Unlock()
	if text := log.String(); strings.Count(text, "each stream ends at the server's WriteTimeout of 500ms") != 1 {
		t.Errorf("the log says %s", text)
	}
}

// TestEvents_StuckViewer fills a viewer's connection until writes block. Other viewers receive everything meanwhile. When the viewer reads again, a
// gap says exactly how many records it missed.
func TestEvents_StuckViewer(t *testing.T) {
	t.Parallel()
	h := newHost(t, elva.Config{History: 1000, HistoryBytes: 4 << 20}, nil)
	stuck := open(t, h.URL+"/?events")
	stuck.nextOf("status")
	healthy := open(t, h.URL+"/?events")
	healthy.nextOf("status")
	h.publish("both have this one, so they follow")
	stuck.nextOf("")
	healthy.nextOf("")
	const total, size = 3001, 10 << 10 // 30 MB: more than the sockets' buffers and the history hold
	go func() {
		for i := range total - 1 {
			h.Redis.Publish("app", fmt.Sprintf("%06d %s", i, strings.Repeat("x", size)))
		}
	}()
	next, lost := 1, 0
	for next+lost < total {
		e, err := healthy.next()
		if err != nil {
			t.Fatalf("the healthy viewer was ended: %v", err)
		}
		switch e.Name {
		case "":
			var batch []entry
			if err := json.Unmarshal([]byte(e.Data), &batch); err != nil {
				t.Fatal(err)
			}
			for _, r := range batch {
				if r.Seq != next+lost+1 {
					t.Fatalf("number %d after %d read and %d lost", r.Seq, next, lost)
				}
				next++
			}
		case "gap":
			var g gap.Gap
			if err := json.Unmarshal([]byte(e.Data), &g); err != nil {
				t.Fatal(err)
			}
			lost += int(g.Lost)
		}
	}
	// Now the stuck viewer continues to read, within its write deadline.
	seen, missed := 1, 0
	for seen+missed < total {
		e, err := stuck.next()
		if err != nil {
			t.Fatalf("after %d read and %d missed: %v", seen, missed, err)
		}
		switch e.Name {
		case "":
			var batch []entry
			if err := json.Unmarshal([]byte(e.Data), &batch); err != nil {
				t.Fatal(err)
			}
			seen += len(batch)
		case "gap":
			var g gap.Gap
			if err := json.Unmarshal([]byte(e.Data), &g); err != nil {
				t.Fatal(err)
			}
			if g.Kind != "slow" {
				t.Errorf("gap %+v, want slow", g)
			}
			missed += int(g.Lost)
		}
	}
	if missed == 0 {
		t.Error("the stuck viewer missed nothing: the test did not fill its connection")
	}
	if d := status(t, h.Handler); d.Lost != missed+lost {
		t.Errorf("status tells %d lost, the viewers %d", d.Lost, missed+lost)
	}
}

func TestEvents_Head(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	for _, path := range []string{"/?events", "/?tail", "/?records", "/"} {
		res, err := http.Head(h.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 200 {
			t.Errorf("HEAD %s: status %d", path, res.StatusCode)
		}
	}
	waitFor(t, "no viewer to be left", func() bool { return status(t, h.Handler).Viewers == 0 })
}

func TestTail_Lines(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	for i := range 20 {
		h.publish(fmt.Sprintf(`{"time":"2026-11-22T17:00:00.5Z","level":"WARN","msg":"m%d","logger":"shop"}`, i))
	}
	res, err := http.Get(h.URL + "/?tail&level=warning")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := newLines(res.Body)
	for i := 10; i < 20; i++ {
		line, err := lines.ReadString('\n')
		if want := fmt.Sprintf("2026-11-22 17:00:00.500 WARNING  shop: m%d\n", i); err != nil || line != want {
			t.Fatalf("line %q (%v), want %q", line, err, want)
		}
	}
	h.publish(`{"level":"info","msg":"not this"}`, `{"time":"2026-11-22T17:00:01Z","level":"error","msg":"\u001b[2Jlive"}`)
	if line, err := lines.ReadString('\n'); err != nil || !strings.HasSuffix(line, "live\n") || strings.Contains(line, "\x1b") {
		t.Errorf("line %q, %v", line, err)
	}
}

// TestEvents_ViewersYield publishes more than can be handled. A viewer that replays the history must yield, so that no waiting record is lost.
func TestEvents_ViewersYield(t *testing.T) {
	t.Parallel()
	const history, storm = 1000, 200
	release := make(chan struct{})
	h := newHost(t, elva.Config{Redact: func(payload string) string {
		if strings.HasPrefix(payload, "storm") {
			<-release
		}
		return payload
	}}, nil)
	ended := sync.OnceFunc(func() { close(release) })
	t.Cleanup(ended)
	for range history {
		h.publish(strings.Repeat("calm ", 200))
	}
	replay := func() time.Duration {
		began := time.Now()
		viewer := open(t, h.URL+"/?events")
		viewer.records(history)
		viewer.close()
		return time.Since(began)
	}
	calm := replay()
	for range storm { // more than the sockets hold, and each so large that it is received while others wait
		h.Redis.Publish("app", "storm"+strings.Repeat("x", 100<<10))
	}
	// 1 MB is 16 runs at least.
	if took := replay(); took < 2*time.Second {
		t.Errorf("a viewer replays in %v, and in %v without a storm", took, calm)
	}
	ended()
	waitFor(t, "the storm", func() bool { return status(t, h.Handler).History.LastSeq == history+storm })
	if gaps := status(t, h.Handler).Gaps; gaps != 0 {
		t.Errorf("%v gaps", gaps)
	}
}
