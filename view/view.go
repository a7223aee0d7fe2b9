// Package view is the page: its HTML shell, its style sheet and its browser code.
//
// It depends neither on Redis nor on the stream. It renders the first paint as HTML that is readable without script; the
// script then follows the stream. Every reference in the page is a query on the document's own address (`?elva-HASH.js`,
// `?events`), so that it works under any prefix, with or without a trailing slash, and behind a proxy that rewrites
// paths (RFC 3986, section 5.2.2).
package view

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/SupermanScott/Elva/internal/printable"
)

// The generated files are committed, so that importers of Elva need neither tool. The browser code is bundled because
// relative imports would not survive a page that is served without its trailing slash; _dev/bundle says which files there are.
//
//go:generate go run github.com/a-h/templ/cmd/templ@v0.3.977 generate -path . -lazy=false
//go:generate go run -C _dev/bundle .

const (
	// maxRows bounds the first paint: enough to fill a tall screen and to scroll back a little, small enough to be there
	// at once. The script gets the rest from the stream.
	maxRows = 100
	// maxHTML bounds it in bytes: so much loads within a second on a phone, and is parsed within a frame or two.
	maxHTML = 256 << 10
	// maxMessage and maxLabel (in characters) and maxTrace (in bytes) bound what a row shows: painting a message of a megabyte takes
	// a third of a second. maxHTML has room for at least five rows.
	maxMessage = 1000
	maxLabel   = 200
	maxTrace   = 8 << 10
)

// Page is what the first paint shows.
type Page struct {
	Title   string    // the page's name; empty means "Elva"
	Home    string    // the address of the link back to the host; empty means none
	State   string    // of what is logged: ok, degraded, down or unknown
	Summary string    // one sentence on how things are
	Rows    []Row     // the last records, oldest first; at most the last 100 are shown, as many as 256 KiB of HTML hold
	Now     time.Time // the server's clock; if zero, no age is shown
}

// Row is one record as the stream sends it; it can be unmarshalled from the same JSON.
type Row struct {
	Seq      int64           `json:"seq"`
	At       string          `json:"at"`
	Channel  string          `json:"channel"`
	Worker   string          `json:"worker"`
	Time     string          `json:"time"`
	Level    string          `json:"level"`
	Logger   string          `json:"logger"`
	Message  string          `json:"message"`
	Source   string          `json:"source"`
	Trace    string          `json:"trace"`
	Host     string          `json:"host"`
	PID      int64           `json:"pid"`
	Fields   json.RawMessage `json:"fields"`
	Template string          `json:"template"`
}

// Render returns the page as a component. It may be rendered at any time, by any number of goroutines at once; the
// nonce of templ.WithNonce, where a host has put one into the context, is set on the script and the style sheet.
func Render(p Page) templ.Component {
	if p.Title == "" {
		p.Title = "Elva"
	}
	if p.State == "" {
		p.State = "unknown"
	}
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		rows, err := fit(ctx, p)
		if err != nil {
			return err
		}
		p.Rows = rows
		return page(p).Render(ctx, w)
	})
}

// fit returns the newest of the page's rows that fit into the first paint.
func fit(ctx context.Context, p Page) ([]Row, error) {
	rows := p.Rows
	p.Rows = nil
	var size counter
	if err := page(p).Render(ctx, &size); err != nil {
		return nil, err
	}
	first := len(rows)
	for first > 0 && len(rows)-first < maxRows {
		if err := still(rows[first-1]).Render(ctx, &size); err != nil {
			return nil, err
		}
		if size > maxHTML {
			break
		}
		first--
	}
	return rows[first:], nil
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// File is one asset that the page refers to. Body is shared: it must not be changed.
type File struct {
	Name string // as in the query, with the hash: elva-3f2a90c1d4e5.js
	Type string // its MIME type
	ETag string // a strong validator, in quotes (RFC 9110, section 8.8.3)
	Body []byte
}

// Asset returns the file that a request's raw query names, and whether it exists. It does not find a name with the hash
// of another build, which belongs to a page of another program.
func Asset(rawQuery string) (File, bool) {
	f, ok := assets().byName[strings.TrimSuffix(rawQuery, "=")] // some proxies write a bare name as name=
	return f, ok
}

// Build returns the hash of all assets. It changes if and only if one of them does. A page that was loaded from another
// build offers a reload.
func Build() string { return assets().build }

//go:embed static/*.js static/*.css static/*.svg
var static embed.FS

type assetSet struct {
	build  string
	byName map[string]File
}

var assets = sync.OnceValue(loadAssets)

// loadAssets reads the embedded files and names each by the hash of all of them, so that one page never mixes two builds.
// static/elva.js becomes elva-HASH.js, static/elva-error.svg becomes elva-HASH-error.svg.
func loadAssets() assetSet {
	entries, err := static.ReadDir("static")
	if err != nil {
		panic(fmt.Sprintf("view: %v", err)) // can't happen: the compiler has seen the directory
	}
	all := sha256.New()
	bodies := make(map[string][]byte, len(entries))
	for _, e := range entries {
		body, err := static.ReadFile("static/" + e.Name())
		if err != nil {
			panic(fmt.Sprintf("view: %v", err))
		}
		fmt.Fprintf(all, "%s %d\n", e.Name(), len(body))
		all.Write(body)
		bodies[e.Name()] = body
	}
	// 48 bits tell two builds apart, and the name stays readable in a network panel.
	set := assetSet{build: hex.EncodeToString(all.Sum(nil)[:6]), byName: make(map[string]File, len(entries))}
	for file, body := range bodies {
		sum := sha256.Sum256(body)
		name := "elva-" + set.build + strings.TrimPrefix(file, "elva")
		set.byName[name] = File{
			Name: name,
			Type: types[path.Ext(file)],
			ETag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
			Body: body,
		}
	}
	return set
}

// types is explicit because the machine's own table may map a script to text/plain, which nosniff then rejects.
var types = map[string]string{
	".js":  "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
}

// ref returns the reference to an asset, as the page writes it: only a query. file is the part after the hash.
func ref(file string) string { return "?elva-" + Build() + file }

// levels are the levels in the order of their chips. "none" is for records without a level.
var levels = [...]string{"critical", "error", "warning", "info", "debug", "trace", "none"}

// clock formats the record's time of day in UTC: without script the page does not know the reader's time zone.
func (r Row) clock() string {
	t, err := time.Parse(time.RFC3339Nano, r.instant())
	if err != nil {
		return ""
	}
	return t.UTC().Format("15:04:05")
}

// milliseconds formats the rest of the second, which the table dims.
func (r Row) milliseconds() string {
	t, err := time.Parse(time.RFC3339Nano, r.instant())
	if err != nil {
		return ""
	}
	return t.UTC().Format(".000")
}

// instant returns the record's own time, or when it was received.
func (r Row) instant() string {
	if r.Time != "" {
		return r.Time
	}
	return r.At
}

// name returns the record's level as the filters spell it.
func (r Row) name() string {
	if r.Level == "" {
		return "none"
	}
	return r.Level
}

// oneLine is the message as a row shows it: its start, with line breaks as a sign.
func (r Row) oneLine() string {
	text := r.Message
	if text == "" {
		text, _, _ = strings.Cut(r.Trace, "\n")
	}
	if text == "" {
		text = r.note()
	}
	if text == "" {
		text = string(r.Fields)
	}
	return visible(strings.NewReplacer("\n", " ↵ ", "\t", " ").Replace(cut(text, maxMessage)))
}

// cut returns the first n characters of text.
func cut(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i] + "…"
		}
	}
	return text
}

// shownTrace is the trace for the first paint: the middle of a long one is left out, since the error is at its start or its end, and control
// characters are visible.
func (r Row) shownTrace() string {
	text := r.Trace
	if len(text) > maxTrace {
		head, tail := text[:maxTrace/2], text[len(text)-maxTrace/2:]
		if i := strings.LastIndexByte(head, '\n'); i > 0 {
			head = head[:i]
		}
		if i := strings.IndexByte(tail, '\n'); i >= 0 {
			tail = tail[i+1:]
		}
		text = strings.ToValidUTF8(head+"\n… cut …\n"+tail, "")
	}
	return visible(text)
}

// note describes an empty record, whose only field is Elva's note.
func (r Row) note() string {
	var fields struct {
		Empty *struct {
			Bytes int64 `json:"bytes"`
		} `json:"elva.empty"`
	}
	if json.Unmarshal(r.Fields, &fields) != nil || fields.Empty == nil {
		return ""
	}
	if fields.Empty.Bytes == 1 {
		return "empty record, 1 byte"
	}
	return fmt.Sprintf("empty record, %d bytes", fields.Empty.Bytes)
}

// visible makes control characters visible.
func visible(text string) string { return printable.Text(text) }

// levelLabel returns the text for a level.
func levelLabel(name string) string {
	if name == "none" {
		return "No level"
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// stateLabel returns the text for a state of what is logged.
func stateLabel(state string) string {
	if state == "ok" {
		return "OK"
	}
	return strings.ToUpper(state[:1]) + state[1:]
}

// file returns the end of the source, which fits a narrow column: "queue.py:372" of "/srv/app/mail/queue.py:372 send".
func (r Row) file() string {
	where, _, _ := strings.Cut(r.Source, " ")
	return visible(cut(where[strings.LastIndexAny(where, `/\`)+1:], maxLabel))
}
