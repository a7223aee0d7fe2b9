package acceptance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	elva "github.com/SupermanScott/Elva"
)

// isControl reports whether a terminal or a page interprets r instead of showing it.
func isControl(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// controls are control characters as JSON escapes.
const controls = `\u0000\u001b[2J\u007f\u0085\u009b31m\u061c\u200e\u2028\u2029\u202a\u202e\u2066\u2069\r`

// TestOutput_ControlCharacters publishes control characters in every part of a record, escaped and not. No response other than ?raw may contain
// them.
func TestOutput_ControlCharacters(t *testing.T) {
	var raw string
	if err := json.Unmarshal([]byte(`"`+controls+`"`), &raw); err != nil {
		t.Fatal(err)
	}
	unescaped := strings.Map(func(r rune) rune { // but for C0 controls, with which it would not be JSON
		if r < ' ' {
			return -1
		}
		return r
	}, raw)
	h := newHost(t, elva.Config{Title: "Shop" + raw}, nil)
	for _, text := range []string{controls, unescaped} {
		h.publish(fmt.Sprintf(`{"time":"2026-11-22T17:00:00Z","level":"ERROR","msg":"m%[1]s","logger":"shop%[1]s","hostname":"web%[1]s","pathname":"/srv/%[1]s.py","lineno":1,`+
			`"traceback":"Traceback (most recent call last):\n  File \"%[1]s.py\", line 1, in f\nValueError: %[1]s","user%[1]s":{"%[1]s":["%[1]s"]}}`, text))
	}
	h.publish("text "+raw, "Traceback (most recent call last):\n  File \"x.py\", line 1\nValueError: "+raw, "end")

	checkText := func(where, text string) {
		t.Helper()
		if i := strings.IndexFunc(text, isControl); i >= 0 {
			t.Errorf("%s has %+q", where, text[max(0, i-60):min(len(text), i+60)])
		}
	}
	for _, query := range []string{"", "?records", "?health", "?health=document", "?health=prometheus"} {
		_, body := get(t, h.URL+"/"+query)
		checkText("/"+query, body)
	}
	checkText("?tail", readUntil(t, h.URL+"/?tail", " end\n"))
	checkText("?events", readUntil(t, h.URL+"/?events", `"end"`))

	_, body := get(t, h.URL+"/?records")
	var r entry
	if err := json.Unmarshal([]byte(body[:strings.IndexByte(body, '\n')]), &r); err != nil || !strings.Contains(r.Logger, "\u202a\u202e\u2066\u2069") {
		t.Errorf("the escapes stand for something else: logger %+q (%v)", r.Logger, err)
	}
}

// readUntil reads a stream up to the line that contains end.
func readUntil(t *testing.T, url, end string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var text strings.Builder
	for lines := newLines(response.Body); ; {
		line, err := lines.ReadString('\n')
		text.WriteString(line)
		if strings.Contains(line, end) {
			return text.String()
		}
		if err != nil {
			t.Fatalf("%s: %v before %q:\n%s", url, err, end, text.String())
		}
	}
}

// TestPage_FirstPaintIsBounded publishes records that make the rows as large as possible.
func TestPage_FirstPaintIsBounded(t *testing.T) {
	quotes := strings.Repeat(`\"`, 60_000)
	frames := strings.Repeat(`  File \"/srv/app/shop/payment.py\", line 134, in charge\n`, 3000)
	for name, payload := range map[string]string{
		"long tracebacks":             `{"level":"ERROR","msg":"charge failed %d","traceback":"Traceback (most recent call last):\n` + frames + `ValueError: the end %[1]d"}`,
		"long tracebacks in one line": `{"level":"ERROR","msg":"charge failed %d","traceback":"Traceback (most recent call last): the end %[1]d` + quotes + `"}`,
		"long everything":             `{"level":"ERROR","msg":"charge failed %d` + quotes[:20_000] + `","logger":"` + quotes[:20_000] + `","pathname":"` + quotes[:20_000] + `","lineno":1,"hostname":"` + quotes[:20_000] + `","traceback":"` + quotes[:20_000] + `"}`,
		"long fields alone":           `{"a %d":"charge failed %[1]d ` + quotes + `"}`,
		"controls":                    `{"level":"ERROR","msg":"charge failed %d ` + strings.Repeat(`\u202e`, 20_000) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, elva.Config{HistoryBytes: 128 << 20}, nil)
			for i := range 60 {
				h.publish(fmt.Sprintf(payload, i))
			}
			_, page := get(t, h.URL+"/")
			if len(page) > 256<<10 {
				t.Errorf("%d KiB of HTML", len(page)>>10)
			}
			rows := strings.Count(page, `<div class="row"`) - 1 // the template's apart
			t.Logf("%d rows in %d KiB", rows, len(page)>>10)
			if rows < 5 || rows < 60 && len(page) < 200<<10 || !strings.Contains(page, "charge failed 59") {
				t.Errorf("%d rows, and the newest is there: %v", rows, strings.Contains(page, "charge failed 59"))
			}
		})
	}
}

// TestTail_Filtered has matching records far back.
func TestTail_Filtered(t *testing.T) {
	h := newHost(t, elva.Config{History: 4000}, nil)
	for i := range 3000 {
		level := "info"
		if i%200 == 0 {
			level = "error"
		}
		h.Redis.Publish("app", fmt.Sprintf(`{"time":"2026-11-22T17:00:00Z","level":"%s","msg":"m%d"}`, level, i))
	}
	h.published = 2999
	h.publish(`{"time":"2026-11-22T17:00:00Z","level":"error","msg":"last"}`)
	for _, c := range []struct{ query, want string }{
		{"tail=3", "m2998 m2999 last"},
		{"tail=1", "last"},
		{"tail&level=error", "m1200 m1400 m1600 m1800 m2000 m2200 m2400 m2600 m2800 last"},
		{"tail=2&level=error", "m2800 last"},
		{"tail=100&level=error", "m0 m200 m400 m600 m800 m1000 m1200 m1400 m1600 m1800 m2000 m2200 m2400 m2600 m2800 last"},
		{"tail&q=m17", "m1790 m1791 m1792 m1793 m1794 m1795 m1796 m1797 m1798 m1799"},
		{"tail=0", "end"}, // live records follow
		{"tail&q=nd", "end end"},
		{"tail=100&q=nd&level=error", "end end end"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, "GET", h.URL+"/?"+c.query, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if strings.HasPrefix(c.want, "end") {
			h.publish(`{"level":"error","msg":"end"}`)
		}
		lines := newLines(response.Body)
		var got []string
		for range strings.Fields(c.want) {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatalf("?%s: %v after %q", c.query, err, got)
			}
			got = append(got, line[strings.LastIndexByte(line, ' ')+1:len(line)-1])
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("?%s begins with %s, want %s", c.query, got, c.want)
		}
	}
}

// TestTail_RetainedErrors reads errors that the history has kept longer than the records around them.
func TestTail_RetainedErrors(t *testing.T) {
	h := newHost(t, elva.Config{History: 100}, nil)
	for i := range 5 {
		h.publish(fmt.Sprintf(`{"time":"2026-11-22T17:00:00Z","level":"error","msg":"e%d"}`, i))
		h.publish(numbered(100)...)
	}
	response, err := http.Get(h.URL + "/?tail=3&level=error")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := newLines(response.Body)
	for i := range 3 {
		if line, err := lines.ReadString('\n'); err != nil || !strings.HasSuffix(line, fmt.Sprintf(" e%d\n", i+2)) {
			t.Fatalf("line %d is %q (%v)", i, line, err)
		}
	}
}

// TestRecords_EvictedWhileRead reads slowly while all records are evicted. The records hardly compress.
func TestRecords_EvictedWhileRead(t *testing.T) {
	h := newHost(t, elva.Config{HistoryBytes: 8 << 20}, nil)
	hostile := newPipes()
	server := &http.Server{Handler: h.Handler}
	go server.Serve(hostile)
	t.Cleanup(func() { server.Close() })
	random := rand.New(rand.NewPCG(1, 1))
	text := func() string {
		letters := make([]byte, 32<<10)
		for i := range letters {
			letters[i] = byte('0' + random.IntN(75))
			if letters[i] == '\\' {
				letters[i] = '/'
			}
		}
		return string(letters)
	}
	for range 100 {
		h.publish(text())
	}
	conn, err := hostile.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /?records HTTP/1.0\r\n\r\n")
	if _, err := io.ReadFull(conn, make([]byte, 100<<10)); err != nil {
		t.Fatal(err)
	}
	for range 300 {
		h.publish(text())
	}
	rest, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	last := rest[bytes.LastIndexByte(bytes.TrimRight(rest, "\n"), '\n')+1:]
	var line struct {
		Incomplete struct {
			Reason                      string
			SearchedTo, Newest, Evicted int
		}
	}
	if err := json.Unmarshal(last, &line); err != nil || line.Incomplete.Evicted == 0 || line.Incomplete.Newest != 100 || line.Incomplete.Reason == "" {
		t.Errorf("the last line is %.200s (%v)", last, err)
	}
}

// noFlush is a ResponseWriter of a server other than net/http, whose Flush does nothing, as in old versions of fasthttp's adaptor.
type noFlush struct {
	header http.Header
	status int
	bytes.Buffer
}

func (d *noFlush) Header() http.Header    { return d.header }
func (d *noFlush) WriteHeader(status int) { d.status = status }
func (d *noFlush) Flush()                 {}

func TestStream_ServerWithoutDeadlines(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	for _, query := range []string{"events", "tail"} {
		w := &noFlush{header: make(http.Header)}
		h.Handler.ServeHTTP(w, httptest.NewRequest("GET", "/?"+query, nil))
		if w.status != 500 || !strings.Contains(w.String(), "fasthttp") || !strings.Contains(w.String(), "http.Server") {
			t.Errorf("?%s: status %d: %s", query, w.status, w)
		}
	}
	for _, query := range []string{"", "records", "health"} {
		w := &noFlush{header: make(http.Header)}
		if h.Handler.ServeHTTP(w, httptest.NewRequest("GET", "/?"+query, nil)); w.status != 0 && w.status != 200 || w.Len() == 0 && query != "records" {
			t.Errorf("?%s: status %d, %d bytes", query, w.status, w.Len())
		}
	}
	if n := status(t, h.Handler).Viewers; n != 0 {
		t.Errorf("%d viewers", n)
	}
}
