package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// join returns the records of an input that comes in pieces of that size.
func join(input string, size int) (records []string) {
	j := joiner{publish: func(record []byte) { records = append(records, string(record)) }}
	for piece := range slices.Chunk([]byte(input), size) {
		j.Write(piece)
	}
	j.End()
	return records
}

// inputs are records, each to be one again when they come as lines.
var inputs = map[string][]string{
	"lines":      {"one", "two  three", "10.0.0.1 is up", "2026-11-29 16:16:00 INFO four", "[five]", "(six)", "at noon", "é\x00\xff seven"},
	"JSON":       {`{"level":"info","msg":"a"}`, "plain", `{"msg":"b\n\tat c"}`, `{"msg":"}{"}`, "{unbalanced", "after"},
	"JSON cut":   {`{"level":"info","msg":"a`, "after", "{\"a\":\n  1", `{"msg":"b"}`},
	"JSON below": {"{\n  \"a\": {\n    \"b\": 1\n  }\n}", "{\n  \"a\": 2\n}", "response:\n  {\"a\": 1}", "list: [\n  1,\n  2\n]", "[\n  {\n    \"a\": 1\n  }\n]", "plain"},
	"indented":   {"usage:\n  a\n\n  b", "next\n\tmore", "last"},
	"padded":     {" INFO one", "ERROR two\n    more", " WARN three", "DEBUG four"},
	"Python, logged": {"2026-11-29 16:16:00,056 INFO shop before",
		"2026-11-29 16:16:00,057 ERROR shop failed\nTraceback (most recent call last):\n  File \"a.py\", line 1, in <module>\n    1/0\n    ~^~\nZeroDivisionError: division by zero",
		"printed", "2026-11-29 16:16:00,058 INFO shop after", "plain"},
	"Python, basicConfig": {"INFO:shop:before", "ERROR:shop:failed\nTraceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: '2026-11-29 16:16:00'", "start", "end"},
	"Python, ends":        {"starting", "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nValueError: no", "Traceback (most recent call last):\n  File \"b.py\", line 1, in <module>\nValueError", "after"},
	"Python, after INFO":  {"INFO:root:placed", "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nValueError: no"},
	"Python, chained": {"before", "Traceback (most recent call last):\n  File \"a.py\", line 2, in f\nKeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n" +
		"Traceback (most recent call last):\n  File \"a.py\", line 4, in f\nValueError: b\n\nThe above exception was the direct cause of the following exception:\n\n" +
		"Traceback (most recent call last):\n  File \"a.py\", line 6, in f\nRuntimeError: c", "after"},
	"Python, text of several lines": {"ERROR:root:x\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\nsqlalchemy.exc.OperationalError: no such table\n[SQL: SELECT 1]\n(Background on this error at: https://sqlalche.me/e/20/e3q8)",
		"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\npydantic_core._pydantic_core.ValidationError: 1 validation error for Order\nid\n  Field required [type=missing]\n    For further information visit x", "after"},
	"Python, group":         {"before", "  + Exception Group Traceback (most recent call last):\n  |   File \"a.py\", line 1, in <module>\n  | ExceptionGroup: two (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | ValueError: a\n    +---------------- 2 ----------------\n    | TypeError: b\n    +------------------------------------", "after"},
	"Python, logged group":  {"ERROR:root:x\n  + Exception Group Traceback (most recent call last):\n  | ExceptionGroup: two (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | ValueError: a\n    +------------------------------------", "after"},
	"Python, thread":        {"before", "Exception in thread Thread-1 (work):\nTraceback (most recent call last):\n  File \"a.py\", line 1, in work\nValueError: no", "Exception ignored in: <function f at 0x7f>\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\nValueError: no"},
	"Python, logging's own": {"--- Logging error ---\nTraceback (most recent call last):\n  File \"logging/__init__.py\", line 1, in emit\nTypeError: not all arguments converted\nCall stack:\n  File \"a.py\", line 3, in <module>\n    log.info(\"a\", 1)\nMessage: 'a'\nArguments: (1,)", "after"},
	"Python, stack_info":    {"WARNING:root:here\nStack (most recent call last):\n  File \"a.py\", line 3, in <module>\n    f()", "after"},
	"Python, cut off":       {"2026-11-29 16:16:00,057 ERROR failed\nTraceback (most recent call last):\n  File \"a.py\", line 1, in <module>", "2026-11-29 16:16:01,000 INFO restarted"},
	"Java":                  {"INFO before", "Exception in thread \"main\" java.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\n\tSuppressed: java.io.IOException\n\t\tat a.B.d(B.java:2)\nCaused by: java.io.IOException: gone\n\tat a.B.e(B.java:3)\n\t... 3 more", "INFO after"},
	"Java, logged": {"16:16:00.123 [main] ERROR a.B - failed\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException: gone\n\t... 3 more", "16:16:00.124 [main] INFO  a.B - after",
		"16:16:00.125 [main] INFO  a.B - ok", "java.lang.Error: bare\n\tat a.B.c(B.java:1)"},
	"Go":             {"2026/11/29 16:16:00 listening", "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]\n\ngoroutine 1 [running]:\nmain.f(...)\n\t/src/main.go:12\nmain.main()\n\t/src/main.go:8 +0x1d\n\ngoroutine 7 [select]:\nmain.g()\n\t/src/g.go:3 +0x2\ncreated by main.main in goroutine 1\n\t/src/main.go:7 +0x3", "exit status 2"},
	"Go, fatal":      {"fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\nmain.main()\n\t/src/main.go:8 +0x1d", "exit status 2"},
	"Go, overflow":   {"runtime: goroutine stack exceeds 1000000000-byte limit", "fatal error: stack overflow\n\nruntime stack:\nruntime.throw({0x1, 0x2})\n\t/go/panic.go:1 +0x1\n\ngoroutine 1 [running]:\nmain.f()\n\t/src/main.go:1 +0x1", "after"},
	"Go, SIGQUIT":    {"SIGQUIT: quit\nPC=0x46e1a1 m=0 sigcode=0\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:1 +0x1\n\nrax    0x1\nrflags 0x246", "exit status 2"},
	"Go, net/http":   {"2026/11/29 16:16:00 http: panic serving 127.0.0.1:1: boom\ngoroutine 7 [running]:\nnet/http.(*conn).serve.func1()\n\t/go/server.go:1 +0x1\npanic({0x1, 0x2})\n\t/go/panic.go:1 +0x2", "2026/11/29 16:16:01 next"},
	"Go, nested":     {"panic: a [recovered]\n\tpanic: b\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:1 +0x1"},
	"Node, ends":     {"listening", "/srv/app.js:3\n  throw new Error(\"no\");\n  ^\n\nError: no\n    at f (/srv/app.js:3:9)\n    at node:internal/main/run_main_module:28:49 {\n  code: 'E'\n}\n\nNode.js v18.19.0", "after"},
	"Node, col 0":    {"file:///srv/app.mjs:3\nthrow new TypeError(\"no\");\n^\n\nTypeError: no\n    at f (/srv/app.js:3:9)\n\nNode.js v18.19.0", "after"},
	"Node, rejected": {"node:internal/process/promises:288\n            triggerUncaughtException(err, true /* fromPromise */);\n            ^\n\n[UnhandledPromiseRejection: rejected with the reason \"x\".] {\n  code: 'ERR_UNHANDLED_REJECTION'\n}\n\nNode.js v18.19.0"},
	"Node, printed":  {"before", "TypeError: no\n    at f (/srv/app.js:3:9) {\n  [cause]: Error: inner\n      at g (/srv/app.js:1:1)\n}", "after"},
	"Ruby":           {"before", "/srv/app.rb:3:in `f': no (RuntimeError)\n\tfrom /srv/app.rb:7:in `<main>'", "after"},
	"Ruby, Rails":    {"RuntimeError (boom):\n  \napp/controllers/a.rb:3:in `index'\napp/controllers/b.rb:4:in `call'", "Started GET \"/\""},
	".NET":           {"before", "Unhandled exception. System.InvalidOperationException: no\n ---> System.IO.IOException: inner\n   at A.B.C() in /src/B.cs:line 3\n   --- End of inner exception stack trace ---\n   at A.B.D()\n--- End of stack trace from previous location ---\n   at A.B.E()", "after"},
	".NET, console":  {"fail: Shop.Cart[0]\n      could not add\n      System.InvalidOperationException: no\n         at A.B.C() in /src/B.cs:line 3", "info: Shop.Cart[0]\n      added"},
	"Rust":           {"before", "thread 'main' panicked at src/main.rs:2:5:\nno cart\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace", "after"},
	"Rust, frames":   {"thread 'main' panicked at src/main.rs:2:5:\nno cart\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/1/std/src/panicking.rs:1:5\n   1: shop::main\n             at ./src/main.rs:2:5\nnote: Some details are omitted", "after"},
	"PHP":            {"before", "PHP Fatal error:  Uncaught RuntimeException: no in /srv/a.php:3\nStack trace:\n#0 /srv/a.php(7): f()\n#1 {main}\n  thrown in /srv/a.php on line 3", "after"},
	"Elixir":         {"16:16:00.123 [error] Task #PID<0.1.0> terminating\n** (RuntimeError) no\n    (shop 0.1.0) lib/shop.ex:3: Shop.f/0", "16:16:00.124 [info] after", "** (RuntimeError) no\n    lib/shop.ex:3: Shop.f/0"},
	"compose":        {"web-1  | 2026-11-29 16:16:00 ERROR failed\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\nValueError: no", "web-2  | after", "web-2  | {\"msg\":\"JSON\"}", "web-1  | last"},
	"kubectl":        {"[pod/shop-7d9f8b6c5-abcde/app] Error: no\n    at f (/srv/app.js:3:9)", "[pod/shop-7d9f8b6c5-fghij/app] after"},
	"docker logs -t": {"2026-11-29T10:00:00.123456789Z Error: no\n    at f (/srv/app.js:3:9)", "2026-11-29T10:00:00.123456791Z after"},
}

// asPrinted is what the collector would print: its prefix before each line.
func asPrinted(name, record string) string {
	prefix := ""
	switch name {
	case "compose", "kubectl", "docker logs -t":
		prefix = collector.FindString(record)
	}
	return strings.ReplaceAll(record, "\n", "\n"+prefix)
}

func TestJoin_EachRecordIsOneAgain(t *testing.T) {
	for name, records := range inputs {
		checkJoin(t, name, records)
	}
}

// checkJoin joins the lines of records, with each end of line, in pieces of several sizes.
func checkJoin(t *testing.T, name string, records []string) {
	lines := make([]string, len(records))
	for i, r := range records {
		lines[i] = asPrinted(name, r)
	}
	for _, end := range []string{"\n", "\r\n"} {
		input := strings.ReplaceAll(strings.Join(lines, "\n")+"\n", "\n", end)
		for _, size := range []int{1, 7, len(input)} {
			for _, input := range []string{input, strings.TrimSuffix(input, end)} {
				got := join(input, size)
				for i := range got {
					got[i] = strings.ReplaceAll(got[i], "\r\n", "\n")
				}
				if !slices.Equal(got, records) {
					t.Errorf("%s, ending with %q, in pieces of %d:\ngot  %q\nwant %q", name, end, size, got, records)
					return
				}
			}
		}
	}
}

// TestJoin_ElvaReadsTheTraces decodes what comes out as Elva does.
func TestJoin_ElvaReadsTheTraces(t *testing.T) {
	for name, want := range map[string]struct {
		record  int
		message string
		level   record.Level
	}{
		"Python, logged": {1, "failed", record.Error},
		"Python, ends":   {1, "ValueError: no", record.Error},
		"Java, logged":   {0, "failed", record.Error},
		"Go":             {1, "panic: runtime error: invalid memory address or nil pointer dereference", record.Critical},
		"Node, ends":     {1, "Error: no", record.Error},
		"Rust, frames":   {0, "no cart", record.Critical},
		"compose":        {0, "failed", record.Error},
		"kubectl":        {0, "Error: no", record.Error},
		"docker logs -t": {0, "Error: no", record.Error},
	} {
		got := record.Decode(inputs[name][want.record])
		if !strings.Contains(got.Message, want.message) || got.Level != want.level || got.Trace == "" {
			t.Errorf("%s: message %q, level %v, trace %q", name, got.Message, got.Level, got.Trace)
		}
	}
}

func TestJoin_Journal(t *testing.T) {
	for _, c := range []struct{ payload, message, host, logger string }{
		{`{"__REALTIME_TIMESTAMP":"1795968912833589","PRIORITY":"3","_HOSTNAME":"vm","SYSLOG_IDENTIFIER":"nginx","_PID":"77","MESSAGE":"bind() failed"}`, "bind() failed", "vm", "nginx"},
		{`{"__REALTIME_TIMESTAMP":"1795968912833589","PRIORITY":"3","_HOSTNAME":"vm","SYSLOG_IDENTIFIER":"nginx","_PID":"77","MESSAGE":[98,195,182,10,27,91,109]}`, "bö", "vm", "nginx"},
	} {
		records := join(c.payload+"\n", 9)
		if len(records) != 1 {
			t.Fatalf("%q", records)
		}
		r := record.Decode(records[0])
		if r.Message != c.message || r.Host != c.host || r.Logger != c.logger || r.Level != record.Error || r.PID != 77 ||
			!r.Time.Equal(time.UnixMicro(1795968912833589)) {
			t.Errorf("%+v", r)
		}
	}
}

func TestJoin_IsBounded(t *testing.T) {
	huge := strings.Repeat("x", 3*maxRecord)
	records := join("before\n"+huge+"\nafter", 64<<10)
	if want := fmt.Sprintf("%s … %d bytes more", huge[:maxRecord], 2*maxRecord); !slices.Equal(records, []string{"before", want, "after"}) {
		t.Errorf("%d records of a huge line; the second ends with %q", len(records), records[1][len(records[1])-40:])
	}
	lines := "first\n" + strings.Repeat("  "+strings.Repeat("y", 1000)+"\n", 1000)
	records = join(lines, 64<<10)
	if strings.Join(records, "\n")+"\n" != lines || len(records) < 4 {
		t.Errorf("%d records of many indented lines, %d bytes of %d", len(records), len(strings.Join(records, "\n"))+1, len(lines))
	}
	for _, r := range records {
		if len(r) > maxRecord {
			t.Errorf("a record of %d bytes", len(r))
		}
	}
}

func TestJoin_ARecordThatGrowsForLongIsPublished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		published := 0
		j := joiner{publish: func([]byte) { published++ }}
		for range 10 {
			j.Write([]byte("  indented\n"))
			time.Sleep(maxAge / 2)
		}
		if published < 2 {
			t.Errorf("%d records of ten lines in %v", published, 5*maxAge)
		}
	})
}

func FuzzJoin_NothingIsLostAndNothingPanics(f *testing.F) {
	for name, records := range inputs {
		lines := make([]string, len(records))
		for i, r := range records {
			lines[i] = asPrinted(name, r)
		}
		f.Add(strings.Join(lines, "\n"))
	}
	f.Fuzz(func(t *testing.T, input string) {
		whole, bytewise := join(input, max(len(input), 1)), join(input, 1)
		if !slices.Equal(whole, bytewise) {
			t.Errorf("whole %q, by bytes %q", whole, bytewise)
		}
		got := strings.Join(strings.Fields(strings.Join(whole, "\n")), " ")
		if collector.MatchString(input) || strings.Contains(input, "\n") && collector.MatchString(input[strings.IndexByte(input, '\n')+1:]) {
			return // its prefixes go
		}
		if want := strings.Join(strings.Fields(input), " "); got != want && !strings.Contains(input, "Z ") && !strings.Contains(input, "| ") && !strings.Contains(input, "[pod/") {
			t.Errorf("got %q of %q", got, want)
		}
	})
}
