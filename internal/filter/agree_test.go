package filter_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/SupermanScott/Elva/internal/filter"
)

// outcome is the result of a case on one side.
type outcome struct {
	Match []int  `json:"match"`
	Print string `json:"print"`
	Again string `json:"again"`
	Error *struct {
		Message string `json:"message"`
		At      int    `json:"at"`
	} `json:"error"`
}

// TestFilter_AgreesWithPage compares the results of the server and the page for random queries and records.
func TestFilter_AgreesWithPage(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("needs node")
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	g := newGenerator(t, seed)
	list := unicodeCases()
	for range 5_000 {
		list = append(list, g.filterCase())
	}
	var lines bytes.Buffer
	for i := range list {
		text, err := json.Marshal(list[i])
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(text, '\n'))
	}
	cmd := exec.CommandContext(t.Context(), node, "../../view/_dev/agree.mjs")
	cmd.Stdin = &lines
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	answers := bufio.NewScanner(bytes.NewReader(out))
	answers.Buffer(nil, 1<<20)
	errors, some := 0, 0
	for i := range list {
		if !answers.Scan() {
			t.Fatalf("only %d answers", i)
		}
		var page outcome
		if err := json.Unmarshal(answers.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		server := list[i].outcome(t)
		if server.Error != nil {
			errors++
		} else if n := len(server.Match); n > 0 && n < len(list[i].Records) {
			some++
		}
		if describe(server) != describe(page) {
			t.Errorf("%s\nserver %s\npage   %s", describe(list[i]), describe(server), describe(page))
		}
		if server.Error == nil && server.Again != server.Print {
			t.Errorf("%s\nprinted %q, and again %q", describe(list[i]), server.Print, server.Again)
		}
	}
	t.Logf("of %d cases %d are errors, and %d select some of their records", len(list), errors, some)
}

// unicodeCases have a query for every character that equals others, if case is ignored or in canonical form. They leave out
// characters that are newer than Go's tables, since browsers differ there.
func unicodeCases() (list []filterCase) {
	ask := func(query string, messages ...string) {
		c := filterCase{Query: &query}
		for _, m := range messages {
			encoded, _ := json.Marshal(map[string]string{"message": m})
			c.Records = append(c.Records, encoded)
		}
		list = append(list, c)
	}
	for r := rune(0x80); r < 0x30000; r++ {
		same := []string{string(r), string(r) + "x"}
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			same = append(same, string(next))
		}
		if len(same) > 2 {
			ask(`"`+string(r)+`"`, same...)
			ask("/^["+string(r)+"]$/", same...)
		}
		const firstHangul, lastHangul = 0xAC00, 0xD7A3 // one rule composes them all
		if d := norm.NFD.String(string(r)); d != string(r) && (r <= firstHangul+100 || r >= lastHangul) {
			ask(`"`+string(r)+`"`, d, string(r))
			ask(`"`+d+`"`, d, string(r))
		}
	}
	return list
}

func describe(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// outcome returns the result of the server.
func (c *filterCase) outcome(t *testing.T) (o outcome) {
	f, err := c.parse()
	if err == nil {
		o.Print = c.print(f)
		again := filterCase{Query: c.Query, Params: c.Params, Case: c.Case, Now: c.Now}
		if c.Query != nil {
			again.Query = &o.Print
		} else {
			again.Params = &o.Print
		}
		var g *filter.Filter
		if g, err = again.parse(); err == nil {
			o.Again = again.print(g)
			o.Match = matches(t, f, c.Records)
			return o
		}
	}
	e := err.(*filter.Error)
	return outcome{Error: &struct {
		Message string `json:"message"`
		At      int    `json:"at"`
	}{e.Message, e.At}}
}

// generator makes random cases from pieces that have a meaning in the grammar.
type generator struct {
	*rand.Rand
	queries []string
	params  []string
	records []json.RawMessage
}

func newGenerator(t *testing.T, seed uint64) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0))}
	for _, c := range readCases(t) {
		if c.Query != nil && len(*c.Query) < 200 {
			g.queries = append(g.queries, *c.Query)
		}
		if c.Params != nil && len(*c.Params) < 200 {
			g.params = append(g.params, *c.Params)
		}
		for _, r := range c.Records {
			if len(r) < 1000 {
				g.records = append(g.records, r)
			}
		}
	}
	return g
}

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

// some returns up to n pieces, concatenated.
func (g *generator) some(n int, piece func() string) string {
	var b strings.Builder
	for range g.IntN(n + 1) {
		b.WriteString(piece())
	}
	return b.String()
}

func (g *generator) filterCase() (c filterCase) {
	c.Now = time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC)
	c.Case = g.IntN(4) == 0
	for range 4 {
		if g.IntN(3) == 0 {
			c.Records = append(c.Records, g.records[g.IntN(len(g.records))])
		} else {
			c.Records = append(c.Records, g.record())
		}
	}
	if g.IntN(4) == 0 {
		c.Case = false
		params := g.parameters()
		c.Params = &params
		return c
	}
	q := g.query()
	if g.IntN(3) > 0 {
		q = g.grounded(c.Records[g.IntN(len(c.Records))])
	}
	c.Query = &q
	return c
}

// grounded returns a query of one or two terms for values that a record has.
func (g *generator) grounded(encoded json.RawMessage) string {
	var record map[string]any
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	if err := decoder.Decode(&record); err != nil {
		panic(err)
	}
	q := g.about(record)
	for range g.IntN(2) {
		q += g.pick(" ", " OR ", " -") + g.about(record)
	}
	return q
}

// about returns a term for a leaf of a record, or for a piece of it.
func (g *generator) about(record map[string]any) string {
	path, leaf := g.leaf("", record)
	path = strings.TrimPrefix(path, g.pick("fields.", "\x00"))
	if g.IntN(6) == 0 { // a path above it
		path, _, _ = strings.Cut(path, ".")
	}
	piece := []rune(leaf)
	if g.IntN(2) == 0 {
		from := g.IntN(len(piece) + 1)
		piece = piece[from : from+g.IntN(len(piece)-from+1)]
	}
	value := string(piece)
	switch g.IntN(5) {
	case 0:
		value = strings.ToUpper(value)
	case 1:
		value = strings.ToLower(value)
	}
	switch g.IntN(8) {
	case 0:
		return g.quoted(value)
	case 1:
		return g.quoted(path + "=" + value)
	case 2, 3:
		pattern := "/" + strings.ReplaceAll(regexp.QuoteMeta(value), "/", `\/`) + g.pick("", "+", `\b`, "$", ".", "[^a]?", "{1,2}") + "/" + g.pick("", "i")
		if g.IntN(2) == 0 {
			return pattern
		}
		return g.quoted(path) + ":" + pattern
	case 4:
		return g.quoted(path) + g.pick(">", ">=", "<", "<=") + value
	case 5:
		return g.quoted(path) + ":*"
	}
	return g.quoted(path) + g.pick(":", "=", "!=") + g.pick(value, g.quoted(value))
}

// leaf returns the path and the text of a random leaf.
func (g *generator) leaf(path string, v any) (string, string) {
	switch v := v.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		if len(names) == 0 {
			return path, ""
		}
		name := names[g.IntN(len(names))]
		if path != "" {
			path += "."
		}
		return g.leaf(path+name, v[name])
	case []any:
		if len(v) == 0 {
			return path, ""
		}
		return g.leaf(path, v[g.IntN(len(v))])
	case nil:
		return path, "null"
	}
	return path, fmt.Sprint(v)
}

func (g *generator) query() string {
	switch g.IntN(5) {
	case 0: // parts of two of the table
		a, b := []rune(g.pick(g.queries...)), []rune(g.pick(g.queries...))
		return string(a[:g.IntN(len(a)+1)]) + string(b[g.IntN(len(b)+1):])
	case 1:
		return g.some(8, g.piece)
	}
	return g.some(3, func() string { return g.term() + g.pick(" ", " ", "  ", " OR ", " AND ", "") })
}

func (g *generator) piece() string {
	return g.pick(" ", "-", `"`, `\`, "/", ":", "=", "!", ">", "<", "*", "OR", "AND", " OR ", "a", "é", "e\u0301", "\u0338", "ſ", "K", "\u00a0",
		"fields.", "level", "host", "user", "5", "1h", "i", ",", ".", "(", ")", "[", "]", "{2}", "+", "?", "|", "^", "$", `\b`, `\d`, "🔥", "\u2028", "ß", "ẞ", "İ", "ı", "Σ", "ς")
}

func (g *generator) term() string {
	negated := g.pick("", "", "", "-")
	switch g.IntN(4) {
	case 0:
		return negated + g.pick(g.word(), g.quoted(g.word()), g.quoted(g.word()+" "+g.word()))
	case 1:
		return negated + g.pattern()
	}
	key := g.pick(g.key(), g.key(), g.quoted(g.key()))
	op := g.pick(":", ":", ":", "=", "=", "!=", ">", ">=", "<", "<=", ":>", ":<=", ":*")
	return negated + key + op + g.pick(g.value(), g.value(), g.value(), g.quoted(g.value()), g.pattern(), "", `""`)
}

func (g *generator) quoted(s string) string {
	return `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(s) + `"`
}

func (g *generator) key() string {
	return g.pick("level", "Level", "logger", "host", "channel", "worker", "message", "source", "trace", "pid", "time", "seq", "at", "template", "entry", "ids", "pattern",
		"user", "USER", "a", "a.b", "a.b.c", "took", "http.status", "fields.user", "Fields.host", "fields.", "n", "tags", "odd key", "größe", "__proto__", "constructor", "ſource", "a/b", "@t", "café", "")
}

func (g *generator) word() string {
	return g.pick("ann", "Ann", "error", "boom", "web-1", "a.b", "connect()", "user=ann", "status=500", "a.b=1", "ſ", "s", "K", "k", "Σίσυφος", "ΣΊΣΥΦΟΣ", "café", "cafe\u0301", "CAFÉ", "\u0301x", "ß", "ẞ", "ss", "İ", "i", "ı",
		"1", "500", "x", "-x", "--y", "->", "=5", "OR", "AND", "or", "/etc", "/a/", "x/", "a\nb", `say "hi"`, `C:\new`, "null", "true", "*", "*/5", "失败", "🔥", "µs", "μs", "ÅÅ", "\u1e9b\u0323")
}

func (g *generator) value() string {
	return g.pick(g.word(), g.word(), "error,warn", "none", "ERR", "f", "fail", "loud", "error,loud", "5", "-5", "500", "9f3c2a1b", "9F3C2A1B", "1e3", "1000.0", "1e99999", "0", "-0", "0.3", "500ms", "1.5s", "1h30m", "1 h", "2 KiB", "2kb", "1.5 mib",
		"999999999999999w", "2026-11-29T16:00:00Z", "2026-11-29T16:00:00.5Z", "2026-11-29T17:00:00+01:00", "2026-02-30T00:00:00Z", "2024-02-29T23:59:59-23:59", "0000-01-01T00:00:00Z", "2026-11-29", "a.b.", "::", "a::b", "web-*", "<b>", ">5", "007", "+5", "5.", ".5", "1608",
		"9223372036854775807", "9007199254740993")
}

func (g *generator) pattern() string {
	atom := func() string {
		return g.pick("a", "n", "ann", "s", "k", "ſ", "É", "é", "e\u0301", ".", `\d`, `\w`, `\s`, `\D`, `\W`, `\S`, `\b`, `\B`, "^", "$", "[a-z]", "[^a-z]", "[A-Z]", `[^\w]`, `[\W\d]`, "[é-ü]", "[^É]", "[а-я]", "[Α-Ω]", `[^\d\D]`, `[\w-z]`, "[z-a]", "[]", "[[]", "[a-]", "[-a]",
			"(a|b)", "(?:a|)", "(?=a)", "(?<n>a)", "(", ")", "a|b", "|", `\x41`, `\xe9`, `\x4`, `\1`, `\q`, `\.`, `\/`, `\t`, "{", "{2}", "}", "]", "500", "=", "ς", "ß", "🔥", "İ", "ı", " ")
	}
	quantified := func() string {
		return atom() + g.pick("", "", "", "*", "+", "?", "*?", "{2}", "{0}", "{1,3}", "{2,}", "{,3}", "{3,1}", "{1001}", "{100}{100}", "**")
	}
	return "/" + g.some(4, quantified) + "/" + g.pick("", "", "i", "x")
}

func (g *generator) parameters() string {
	if g.IntN(3) == 0 {
		return g.pick(g.params...) + "&" + g.pick(g.params...)
	}
	var list []string
	for range 1 + g.IntN(4) {
		name := g.pick("level", "level", "logger", "channel", "host", "worker", "id", "from", "to", "case", "q", "q", "q")
		var value string
		switch name {
		case "q":
			value = g.query()
		case "from", "to":
			value = g.pick("15m", "5m", "1d2h", "1.000000001ns", "999999999999999w", "-5m", "2026-11-29T16:00:00Z", "2026-11-29T17:00:01 01:00", "2026-11-29T15:59:59.999999Z", "soon", "")
		case "case":
			value = g.pick("0", "1", "1", "2")
		default:
			value = g.pick("", "-") + g.value()
		}
		if value = url.QueryEscape(value); g.IntN(20) == 0 {
			value += g.pick("%", "%zz", ";", "%ff", "&", "=", "&&x=1", "+")
		}
		list = append(list, name+"="+value)
	}
	return strings.Join(list, "&")
}

// record returns a record in the encoding of the history, with fields as a client may publish them.
func (g *generator) record() json.RawMessage {
	var b strings.Builder
	fmt.Fprintf(&b, `{"seq":%d,"at":"2026-11-29T16:00:0%d.000000Z","channel":%s`, g.IntN(1000), g.IntN(10), g.pick(`"app:log"`, `"a\u003cb"`, `"web-1"`))
	add := func(format string, values ...string) {
		if g.IntN(2) == 0 {
			fmt.Fprintf(&b, format, g.pick(values...))
		}
	}
	add(`,"time":"%s"`, "2026-11-29T15:59:59Z", "2026-11-29T16:00:00.5Z", "2026-11-29T16:00:00.123456789Z", "0001-01-01T00:00:01Z")
	add(`,"level":"%s"`, "trace", "debug", "info", "warning", "error", "critical")
	add(`,"logger":%s`, g.text())
	add(`,"message":%s`, g.text(), g.text())
	add(`,"source":%s`, `"/srv/app/a.py:372 run"`, g.text())
	add(`,"trace":%s`, `"Traceback\n  err=\"not found\"\nValueError: bad"`, g.text())
	add(`,"host":%s`, `"web-1"`, g.text())
	add(`,"pid":%s`, "1608", "5", "9223372036854775807")
	add(`,"fields":%s`, g.object(0), g.object(0), `{"user":"ann","took":500,"tags":["a","b"],"http":{"status":502}}`)
	add(`,"template":%s`, g.text())
	add(`,"worker":%s`, `"web-3/shop"`, g.text())
	add(`,"entry":"%s"`, "1795968000123-0")
	add(`,"ids":%s`, `["7d2e","ann"]`, `{"request":"ann","n":5}`, `[]`, `[{"kind":"trace","name":"ann","value":"7d2e"}]`)
	add(`,"pattern":"%s"`, "9f3c2a1b", "00000005")
	b.WriteByte('}')
	return json.RawMessage(b.String())
}

// text returns a JSON string, sometimes with escapes that only other encoders use.
func (g *generator) text() string {
	s := g.some(4, func() string {
		return g.pick(g.word(), g.value(), g.key()+g.pick("=", ":", `="`)+g.word(), " ", ".", ",", `"`, "::", "/")
	})
	text, _ := json.Marshal(s)
	switch g.IntN(6) {
	case 0:
		return strings.ReplaceAll(string(text), "/", `\/`)
	case 1:
		return strings.NewReplacer("a", `\u0061`, "s", `\u0073`).Replace(strings.ReplaceAll(string(text), `\u`, `u`))
	}
	return string(text)
}

func (g *generator) object(depth int) string {
	var members []string
	var used []string
	for range g.IntN(4) {
		name, _ := json.Marshal(g.pick(g.key(), "a", "b", "c", "a.b", "user"))
		if slices.Contains(used, string(name)) {
			continue
		}
		used = append(used, string(name))
		members = append(members, string(name)+":"+g.jsonValue(depth+1))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (g *generator) jsonValue(depth int) string {
	switch n := g.IntN(8); {
	case n == 0 && depth < 4:
		return g.object(depth)
	case n == 1 && depth < 4:
		var list []string
		for range g.IntN(3) {
			list = append(list, g.jsonValue(depth+1))
		}
		return "[" + strings.Join(list, ",") + "]"
	case n < 4:
		return g.pick("0", "-0", "-0.0", "5", "500", "500.5", "1e3", "1E3", "1000", "1e99999", "502", "12345678901234567890", "9007199254740993", "true", "false", "null", "0.30000000000000004")
	}
	return g.text()
}
