package outbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// records writes to a box and returns its records before and after Close.
func records(writes ...string) (now, atLast []string) {
	var b Box
	for _, w := range writes {
		b.Write([]byte(w))
	}
	now = drain(&b)
	b.Close()
	return now, drain(&b)
}

func TestWrite_OneRecord(t *testing.T) {
	// These may be the beginning of several records, so they wait if they lack a newline at their end.
	waits := map[string]bool{"a broken object": true, "Go's panic and stack": true, "zap's console with a stack": true,
		"a Python traceback": true, "a Java trace": true, "a response under its line": true}
	for name, text := range map[string]string{
		"nothing":                       "",
		"a line without a newline":      "m0",
		"JSON without a newline":        `{"level":"info","msg":"a"}`,
		"a broken object":               `{"level":"info","msg":"a`,
		"two lines of plain text":       "first\nsecond",
		"Go's panic and stack":          "2026/11/29 16:16:00 panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:12 +0x1d\ngoroutine 2 [select]:\nmain.f()\n\t/src/f.go:3",
		"zap's console with a stack":    "2026-11-29T16:16:00.056Z\terror\tcard refused\nmain.pay\n\t/src/pay.go:8\nmain.main\n\t/src/main.go:12",
		"a Python traceback":            "2026-11-29 16:16:00,056 ERROR shop failed\nTraceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nValueError: no",
		"a Java trace":                  "ERROR failed\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException\n\t... 3 more",
		"indented JSON":                 "{\n  \"level\": \"info\",\n  \"nested\": {\n    \"a\": 1\n  }\n}",
		"an array over several lines":   "[\n  {\"a\": 1},\n  {\"a\": 2}\n]",
		"a response under its line":     "2026/11/29 16:16:00 response:\n{\n  \"a\": 1\n}\n{\"b\": 2}",
		"a list with numbers":           "1. open the cart\n2. pay",
		"a statement":                   "SELECT *\nFROM orders\nWHERE id = 7",
		"a count":                       "10 of 20 done\n11 of 20 done",
		"addresses":                     "10.0.0.1 is up\n10.0.0.2 is down",
		"a dump of goroutines":          "goroutine 1 [running]:\nmain.main()\n\ngoroutine 2 [select]:\nmain.f()",
		"braces that are no JSON":       "{unbalanced",
		"a line that ends with a brace": "map[a:1] {\nnext",
	} {
		for _, end := range []string{"", "\n", "\r\n"} {
			now, atLast := records(text + end)
			if waits := end == "" && waits[name]; !slices.Equal(append(now, atLast...), []string{text}) || waits != (len(now) == 0) {
				t.Errorf("%s, ending with %q: %q and then %q", name, end, now, atLast)
			}
		}
	}
}

// buffers are records of loggers that write several of them at once.
var buffers = map[string][]string{
	"JSON": {`{"level":"info","msg":"a"}`, `{"level":"error","msg":"b","trace":"x\n\ty"}`, `{"msg":"}{"}`, `{"level":"info"}`},
	"indented JSON": {
		"{\n  \"msg\": \"a\",\n  \"n\": {\n    \"b\": 1\n  }\n}", "{\n  \"msg\": \"b\"\n}", "{\"msg\": \"c\"}",
	},
	"JSON and text":    {`{"msg":"a"}`, "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:1", `{"msg":"b"}`, "killed"},
	"log":              {"2026/11/29 16:16:00 a", "2026/11/29 16:16:01 panic: b\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:1", "2026/12/01 00:00:00 c"},
	"log, microsecond": {"16:16:00.000001 main.go:12: a", "16:16:01.100000 pay.go:8: b\n\tindented", "16:16:01.100001 c"},
	"log with levels":  {"INFO a", "[WARN] b", "ERROR c\nTraceback (most recent call last):\n  File \"x\"\nValueError: d", "DEBUG: e"},
	"slog text":        {"time=2026-11-29T16:16:00.056+01:00 level=INFO msg=a", "time=2026-11-29T16:16:01.000+01:00 level=ERROR msg=b"},
	"slog default":     {"2026/11/29 16:16:00 INFO a order=7", "2026/11/29 16:16:00 ERROR b"},
	"logrus text":      {`time="2026-11-29T16:16:00+01:00" level=info msg=a`, `time="2026-11-29T16:16:10+01:00" level=error msg=b`},
	"logrus console":   {"\x1b[36mINFO\x1b[0m[0000] a", "\x1b[31mERROR\x1b[0m[0012] b"},
	"zerolog console":  {"\x1b[90m4:16PM\x1b[0m \x1b[32mINF\x1b[0m a", "\x1b[90m10:16PM\x1b[0m \x1b[31mERR\x1b[0m b error=\x1b[31mno\x1b[0m"},
	"zap console":      {"2026-11-29T16:16:00.056Z\tinfo\ta", "2026-11-29T16:16:00.057Z\terror\tb\nmain.pay\n\t/src/pay.go:8"},
	"klog":             {"I1129 16:16:00.000001     123 a.go:12] a", "E1129 16:16:01.100000     123 b.go:8] b", "W1130 00:00:00.000000     123 c.go:8] c"},
	"go-kit":           {"level=info ts=2026-11-29T16:16:00Z msg=a", "level=error ts=2026-11-29T16:16:00Z msg=b"},
	"ts first":         {"ts=2026-11-29T16:16:00Z level=info msg=a", "ts=2026-11-29T16:16:00Z level=error msg=b"},
	"syslog":           {"<34>Nov 29 16:16:00 host app[7]: a", "<165>Nov 29 16:16:01 host app[7]: b"},
	"syslog, RFC 5424": {"<34>1 2026-11-29T16:16:00Z host app 7 - - a", "<165>1 2026-11-29T16:16:01Z host app 7 - - b"},
	"daemons":          {"Nov 29 16:16:00 host app[7]: a", "Dec 1 00:00:00 host app[7]: b"},
	"in brackets":      {"[2026-11-29 16:16:00] a", "[2026-11-29 16:16:01] b\n  more"},
	"hclog":            {"2026-11-29T16:16:00.056Z [INFO]  a: b=c", "2026-11-29T16:16:00.056Z [ERROR] d"},
}

func TestWrite_BufferOfRecords(t *testing.T) {
	for name, want := range buffers {
		for _, end := range []string{"\n", "\r\n"} {
			now, atLast := records(strings.Join(want, end) + end)
			if !slices.Equal(now, want) || len(atLast) > 0 {
				t.Errorf("%s: %q and then %q, want %q", name, now, atLast, want)
			}
		}
	}
}

// TestWrite_BufferEndsWithinRecord writes through a bufio.Writer of each size that ends within a line after the first, like
// the default 4096 bytes.
func TestWrite_BufferEndsWithinRecord(t *testing.T) {
	for name, want := range buffers {
		if name == "JSON and text" || strings.Contains(strings.Join(want, ""), "\n") {
			continue // if a buffer ends after a line within a record, the next line can't be recognized as its continuation
		}
		text := strings.Join(want, "\n") + "\n"
		for size := len(want[0]) + 2; size < len(text); size++ {
			var b Box
			for rest := []byte(text); len(rest) > 0; {
				n := min(size, len(rest))
				b.Write(rest[:n])
				rest = rest[n:]
			}
			if got := drain(&b); !slices.Equal(got, want) {
				t.Errorf("%s in pieces of %d: %q, want %q", name, size, got, want)
			}
		}
	}
	// JSON objects show where they end.
	for _, name := range []string{"JSON", "indented JSON"} {
		want := buffers[name]
		text := strings.Join(want, "\n") + "\n"
		for size := 2; size < len(text); size++ {
			var b Box
			out := bufio.NewWriterSize(writer{&b}, size)
			for _, r := range want {
				for c := range strings.SplitSeq(r+"\n", ",") { // in small pieces
					fmt.Fprint(out, c)
				}
			}
			out.Flush()
			var compact []string
			for _, r := range want {
				compact = append(compact, strings.ReplaceAll(r, ",", ""))
			}
			b.Close()
			if got := strings.Join(drain(&b), "\n"); got != strings.Join(compact, "\n") && size > 60 {
				t.Errorf("%s through a buffer of %d: %q", name, size, got)
			}
		}
	}
}

type writer struct{ *Box }

func (w writer) Write(p []byte) (int, error) { w.Box.Write(p); return len(p), nil }

func TestWrite_IncompleteRecord(t *testing.T) {
	for name, c := range map[string]struct {
		writes      []string
		now, atLast []string
	}{
		"an object":                       {[]string{`{"msg":"a`, `b"}` + "\n"}, []string{`{"msg":"ab"}`}, nil},
		"an object in three":              {[]string{`{"msg"`, `:"a`, `b"}`}, []string{`{"msg":"ab"}`}, nil},
		"an object within an object":      {[]string{`{"a":`, `{"b":1}}` + "\n"}, []string{`{"a":{"b":1}}`}, nil},
		"an object that holds a time":     {[]string{`{"t":"`, `2026-11-29 16:16:00"}` + "\n"}, []string{`{"t":"2026-11-29 16:16:00"}`}, nil},
		"a line after a record":           {[]string{"INFO a\nINFO b", "c\nINFO d\n"}, []string{"INFO a", "INFO bc", "INFO d"}, nil},
		"a newline alone":                 {[]string{"INFO a\nINFO b", "\n"}, []string{"INFO a", "INFO b"}, nil},
		"a line without an end":           {[]string{"INFO a\nINFO b"}, []string{"INFO a"}, []string{"INFO b"}},
		"an object without an end":        {[]string{`{"a":`}, nil, []string{`{"a":`}},
		"a newline after an object":       {[]string{`{"a":1}`, "\n" + `{"b":1}` + "\n"}, []string{`{"a":1}`, `{"b":1}`}, nil},
		"the newline of a line":           {[]string{"m0", "\r\n", "m1", "\nm2\n"}, []string{"m0", "m1", "m2"}, nil},
		"after the first line's end":      {[]string{"INFO a\n", "INFO b\nI", "NFO c\n"}, []string{"INFO a", "INFO b", "INFO c"}, nil},
		"a record of another logger":      {[]string{`{"a":`, `{"b":1}` + "\n"}, []string{`{"a":`, `{"b":1}`}, nil},
		"a line of another logger":        {[]string{"INFO a\nINFO b", "INFO c\n"}, []string{"INFO a", "INFO b", "INFO c"}, nil},
		"an object broken in its middle":  {[]string{`{"a":"b` + "\n" + `{"c":1}` + "\n"}, []string{`{"a":"b`, `{"c":1}`}, nil},
		"within an escape":                {[]string{`{"a":"\`, `""}` + "\n"}, []string{`{"a":"\""}`}, nil},
		"after the brace":                 {[]string{`{`, `"a":1}` + "\n"}, []string{`{"a":1}`}, nil},
		"in the middle of several writes": {[]string{"INFO a\n", "INFO b\nINFO c", " d\n", "INFO e\n"}, []string{"INFO a", "INFO b", "INFO c d", "INFO e"}, nil},
	} {
		if now, atLast := records(c.writes...); !slices.Equal(now, c.now) || !slices.Equal(atLast, c.atLast) {
			t.Errorf("%s: %q and then %q, want %q and %q", name, now, atLast, c.now, c.atLast)
		}
	}
}

func TestWrite_IncompleteRecordTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b Box
		b.Write([]byte(`{"msg":"a`))
		began := b.IncompleteSince()
		if began.IsZero() {
			t.Fatal("no incomplete record waits")
		}
		time.Sleep(MaxIncompleteAge / 2)
		b.Write([]byte("b"))
		if got := drain(&b); len(got) > 0 || b.IncompleteSince() != began {
			t.Errorf("%q, and the record of %v waits since %v", got, began, b.IncompleteSince())
		}
		time.Sleep(MaxIncompleteAge)
		b.Write([]byte("c")) // the incomplete record is too old, but was not flushed yet
		if got := drain(&b); !slices.Equal(got, []string{`{"msg":"abc`}) {
			t.Errorf("%q", got)
		}
		// The rest of the line comes last, with records after it.
		b.Write([]byte(`d"}` + "\n" + `{"msg":"e"}` + "\n" + `{"msg":"f`))
		b.Write([]byte(`"}` + "\n"))
		if got, want := drain(&b), []string{`d"}`, `{"msg":"e"}`, `{"msg":"f"}`}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		b.Write([]byte("{\n" + `  "level": "info",` + "\n"))
		began = b.IncompleteSince()
		time.Sleep(MaxIncompleteAge / 2)
		b.Write([]byte(`  "msg": "a",` + "\n"))
		if b.IncompleteSince() != began {
			t.Errorf("the record of %v waits since %v", began, b.IncompleteSince())
		}
		b.Write([]byte(`  "n": 1` + "\n}\n{"))
		if got := drain(&b); len(got) != 1 || b.IncompleteSince() == began {
			t.Errorf("%q, and the next record waits since %v", got, b.IncompleteSince())
		}
		b.Write([]byte(`"msg":"b"}` + "\n"))
		drain(&b)
		b.FlushIncomplete() // there is no incomplete record
		if got := drain(&b); len(got) > 0 {
			t.Errorf("%q", got)
		}
	})
}

func TestWrite_IncompleteRecordTooLarge(t *testing.T) {
	var b Box
	b.Write([]byte(`{"msg":"`))
	piece := bytes.Repeat([]byte("x"), 64<<10)
	for range 3 * maxIncomplete / len(piece) {
		b.Write(piece)
		if n := len(b.splitter.incomplete); n > maxIncomplete {
			t.Fatalf("%d bytes wait", n)
		}
	}
	b.Write([]byte("\"}\n" + `{"msg":"next"}` + "\n"))
	got := drain(&b)
	if got[len(got)-1] != `{"msg":"next"}` || len(got[0]) < maxIncomplete || len(strings.Join(got, "")) != len(`{"msg":""}`)+3*maxIncomplete+len(`{"msg":"next"}`) {
		t.Errorf("%d records, the last is %.100q", len(got), got[len(got)-1])
	}
}

// FuzzWrite cuts JSON records anywhere. The box must return the original records.
func FuzzWrite(f *testing.F) {
	f.Add("a", "b\nc", uint16(5), uint16(9))
	f.Add(`"}{`, "\\", uint16(1), uint16(0))
	f.Fuzz(func(t *testing.T, first, second string, cut1, cut2 uint16) {
		var want []string
		for _, msg := range []string{first, second, first + second} {
			record, err := json.Marshal(map[string]string{"msg": msg})
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, string(record))
		}
		text := strings.Join(want, "\n") + "\n"
		i, j := int(cut1)%len(text), int(cut2)%len(text)
		var b Box
		for _, piece := range []string{text[:min(i, j)], text[min(i, j):max(i, j)], text[max(i, j):]} {
			if piece != "" {
				b.Write([]byte(piece))
			}
		}
		b.Close()
		if got := drain(&b); !slices.Equal(got, want) {
			t.Errorf("cut at %d and %d: %q, want %q", i, j, got, want)
		}
	})
}
