package acceptance_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
)

// patience is the timeout of waits. It is long because a loaded machine may take seconds for what normally takes a millisecond.
const patience = 30 * time.Second

// host is a handler on an HTTP server, with an embedded Redis.
type host struct {
	*httptest.Server
	Handler *elva.Handler
	Redis   *miniredis.Miniredis
	t       *testing.T

	published int
}

// newHost starts Redis, a handler on the channel "app" and a server for it, and waits until the
// handler is live. mount wraps the handler; nil serves it as it is. Other channels may be named, one of which
// must be "app" or match it.
func newHost(t *testing.T, c elva.Config, mount func(http.Handler) http.Handler, channels ...string) *host {
	t.Helper()
	if channels == nil {
		channels = []string{"app"}
	}
	mini := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: mini.Addr()})
	t.Cleanup(func() { client.Close() })
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	handler := c.New(client, channels...)
	t.Cleanup(func() { handler.Close() })
	var served http.Handler = handler
	if mount != nil {
		served = mount(handler)
	}
	h := &host{Handler: handler, Redis: mini, t: t, Server: httptest.NewServer(served)}
	t.Cleanup(func() {
		handler.Close() // ends the streams, for which the server would wait
		h.Server.Close()
	})
	waitFor(t, "the link to be live", func() bool { return status(t, handler).Redis.State == "live" })
	return h
}

// publish publishes payloads on app and waits until the handler has them.
func (h *host) publish(payloads ...string) {
	h.t.Helper()
	for _, p := range payloads {
		if n := h.Redis.Publish("app", p); n != 1 {
			h.t.Fatalf("%d subscribers took %.40q, want 1", n, p)
		}
	}
	h.published += len(payloads)
	waitFor(h.t, "the records", func() bool { // the health counts a record after the history has it
		counted := 0.0
		for _, n := range status(h.t, h.Handler).Counts {
			counted += n
		}
		return int(counted) >= h.published
	})
}

// waitFor polls until ok returns true.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// document is the status document, as a client of ?health reads it.
type document struct {
	V     int
	Epoch string
	Redis struct {
		State, Text string
		NextTry     time.Time
		Sources     []struct {
			Name, Kind           string
			Confirmed            time.Time
			DeniedSince, NextTry time.Time
			Denied               string
			Records              int
		}
	}
	Counts, Rates map[string]float64
	Health        struct{ State, Text string }
	Viewers       int
	History       struct {
		Records, Bytes, LastSeq int
		Complete, Loading       bool
	}
	Gaps, Lost int
	code       int
}

// status asks the handler for its health, without a server.
func status(t *testing.T, handler http.Handler) document {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/?health", nil))
	var d document
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatalf("health is no JSON: %v\n%s", err, w.Body)
	}
	d.code = w.Code
	return d
}

// records asks the handler for its history, without a server.
func records(t *testing.T, handler http.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/?records", nil))
	return w.Body.String()
}

// event is one Server-Sent Event.
type event struct {
	Name, ID, Data string
}

// entry is one record of the stream.
type entry struct {
	Seq                                     int
	At, Time                                time.Time
	Channel, Level, Logger, Message, Source string
	Trace, Host                             string
	Fields                                  map[string]any
}

// viewer reads a stream like a browser (WHATWG HTML, section 9.2.6).
type viewer struct {
	t      *testing.T
	ID     string // the last event id
	Header http.Header
	Retry  string
	body   io.ReadCloser
	lines  *bufio.Reader
}

// open opens a stream and fails the test unless the response is one. header has names and values alternately.
func open(t *testing.T, url string, header ...string) *viewer {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	watchdog := time.AfterFunc(patience, cancel)
	t.Cleanup(func() { watchdog.Stop(); cancel() })
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if got := res.Header.Get("Content-Type"); res.StatusCode != 200 || got != "text/event-stream" {
		body, _ := io.ReadAll(res.Body)
		t.Fatalf("%s: status %d, type %q: %s", url, res.StatusCode, got, body)
	}
	return &viewer{t: t, Header: res.Header, body: res.Body, lines: newLines(res.Body)}
}

// next returns the next event. An error means that the stream has ended.
func (v *viewer) next() (event, error) {
	var e event
	var data []string
	for {
		line, err := v.lines.ReadString('\n')
		if err != nil {
			return event{}, err
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			if data == nil {
				e = event{}
				continue
			}
			e.ID, e.Data = v.ID, strings.Join(data, "\n")
			return e, nil
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			e.Name = value
		case "data":
			data = append(data, value)
		case "id":
			v.ID = value
		case "retry":
			v.Retry = value
		}
	}
}

// nextOf returns the next event with a name ("" for records), skipping others.
func (v *viewer) nextOf(name string) event {
	v.t.Helper()
	for {
		e, err := v.next()
		if err != nil {
			v.t.Fatalf("the stream ended before an event %q: %v", name, err)
		}
		if e.Name == name {
			return e
		}
	}
}

// records returns the next n records.
func (v *viewer) records(n int) []entry {
	v.t.Helper()
	var list []entry
	for len(list) < n {
		var batch []entry
		e := v.nextOf("")
		if err := json.Unmarshal([]byte(e.Data), &batch); err != nil {
			v.t.Fatalf("data is no array of records: %v\n%s", err, e.Data)
		}
		list = append(list, batch...)
	}
	return list
}

// messages returns the messages of the next n records, joined.
func (v *viewer) messages(n int) string {
	v.t.Helper()
	var list []string
	for _, r := range v.records(n) {
		list = append(list, r.Message)
	}
	return strings.Join(list, " ")
}

// close ends the stream from the viewer's side.
func (v *viewer) close() { v.body.Close() }

// get returns a response with its body, which must end.
func get(t *testing.T, url string, header ...string) (*http.Response, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// numbered returns n payloads: p0, p1 ...
func numbered(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = "p" + strconv.Itoa(i)
	}
	return list
}

func newLines(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, 1<<20) }
