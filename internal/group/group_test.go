package group_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/record"
)

func decode(payload string) *record.Record {
	r := record.Decode(payload)
	return &r
}

// javaTrace returns a record with the trace of an exception that a library threw, and of its cause.
func javaTrace(root, own string) string {
	return `{"level":"ERROR","logger_name":"o.a.c.Dispatcher","message":"threw exception","stack_trace":"jakarta.servlet.ServletException: Request processing failed: ` + root +
		`\n\tat org.springframework.web.servlet.FrameworkServlet.processRequest(FrameworkServlet.java:1022)\n\tat com.acme.shop.LogFilter.doFilter(LogFilter.java:20)\nCaused by: ` + root +
		`\n\tat ` + own + `\n\tat java.base/java.lang.Thread.run(Thread.java:1)\n\t... 1 more"}`
}

func TestID_SameGroup(t *testing.T) {
	python := func(line int, text string) string {
		return fmt.Sprintf("Traceback (most recent call last):\n  File \"/srv/app/cart.py\", line %d, in add\n    x\nValueError: %s", line, text)
	}
	for _, c := range []struct {
		name string
		same bool
		a, b string
	}{
		{"the same function, another line and text", true, python(41, "7"), python(42, "eight\nmore")},
		{"another function", false, python(41, "7"), strings.Replace(python(41, "7"), "in add", "in remove", 1)},
		{"a wrapper with another cause", false, javaTrace("java.lang.IllegalStateException: x", "com.acme.shop.Cart.add(Cart.java:41)"), javaTrace("java.net.SocketTimeoutException: y", "com.acme.shop.Billing.charge(Billing.java:7)")},
		{"a wrapper with the same cause", true, javaTrace("java.lang.IllegalStateException: x", "com.acme.shop.Cart.add(Cart.java:41)"), javaTrace("java.lang.IllegalStateException: z", "com.acme.shop.Cart.add(Cart.java:42)")},
		{"a namespace of the application that ends in System", false,
			`{"Level":"Error","MessageTemplate":"failed","Exception":"System.NullReferenceException: x\n   at Acme.OrderSystem.Cart.Add(Item i) in /src/Cart.cs:line 41"}`,
			`{"Level":"Error","MessageTemplate":"failed","Exception":"System.NullReferenceException: x\n   at Acme.OrderSystem.Billing.Charge(Order o) in /src/Billing.cs:line 41"}`},
		{"an anonymous frame with line and column", true,
			`{"level":50,"msg":"failed","err":{"type":"TypeError","message":"x","stack":"TypeError: x\n    at /srv/app/cart.js:41:11"}}`,
			`{"level":50,"msg":"failed","err":{"type":"TypeError","message":"x","stack":"TypeError: x\n    at /srv/app/cart.js:42:9"}}`},
		{"Node's modules: line and column", true,
			"TypeError: x\n    at add (file:///srv/app/cart.mjs:41:11)", "TypeError: x\n    at add (file:///srv/app/cart.mjs:43:2)"},
		{"PHP: the line", true, "PHP Fatal error:  Uncaught E: x in /srv/a.php:4\nStack trace:\n#0 /srv/b.php(7): Cart->add()\n#1 {main}", "PHP Fatal error:  Uncaught E: x in /srv/a.php:5\nStack trace:\n#0 /srv/b.php(9): Cart->add()\n#1 {main}"},
		{"Go: a panic's goroutine and arguments", true, "panic: a\n\ngoroutine 1 [running]:\nmain.work(0xc000)\n\t/srv/main.go:12 +0x1", "panic: b\n\ngoroutine 77 [running]:\nmain.work(0xd000)\n\t/srv/main.go:13 +0x2"},
		{"Go: a closure's number", true, "panic: a\n\ngoroutine 1 [running]:\nmain.work.func1()\n\t/srv/main.go:12", "panic: b\n\ngoroutine 1 [running]:\nmain.work.func2()\n\t/srv/main.go:12"},
		{"zap: a frame without a type", false, `{"level":"error","msg":"query failed","error":"refused","stacktrace":"main.query\n\t/srv/main.go:1"}`, `{"level":"error","msg":"load failed","error":"refused","stacktrace":"main.query\n\t/srv/main.go:1"}`},
		{"a wrapped error of Go", false, `{"level":"error","msg":"request failed","err":"charge: dial tcp: connection refused"}`, `{"level":"error","msg":"request failed","err":"charge: card expired"}`},
		{"a wrapped error of Go with variable parts", true, `{"level":"error","msg":"request failed","err":"charge 7: dial tcp 10.0.0.1:80: connection refused"}`, `{"level":"error","msg":"request failed","err":"charge 8: dial tcp 10.0.0.2:80: connection refused"}`},
		{"Rust's anyhow: another root", false, "Error: cannot start\n\nCaused by:\n    0: cannot read\n    1: no such file", "Error: cannot start\n\nCaused by:\n    0: cannot read\n    1: permission denied"},
		{"leaves in another order", true,
			"  + Exception Group Traceback (most recent call last):\n  |   File \"/a.py\", line 1, in f\n  | ExceptionGroup: x (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | ValueError: a\n    +---------------- 2 ----------------\n    | KeyError: b\n    +------------------------------------",
			"  + Exception Group Traceback (most recent call last):\n  |   File \"/a.py\", line 1, in f\n  | ExceptionGroup: x (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | KeyError: b\n    +---------------- 2 ----------------\n    | ValueError: a\n    +------------------------------------"},
		{"other leaves", false,
			"  + Exception Group Traceback (most recent call last):\n  |   File \"/a.py\", line 1, in f\n  | ExceptionGroup: x (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | ValueError: a\n    +------------------------------------",
			"  + Exception Group Traceback (most recent call last):\n  |   File \"/a.py\", line 1, in f\n  | ExceptionGroup: x (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | KeyError: b\n    +------------------------------------"},
		{"a template, other arguments", true, `{"name":"shop","levelname":"ERROR","msg":"order %s failed","args":["x"]}`, `{"name":"shop","levelname":"ERROR","msg":"order %s failed","args":["y"]}`},
		{"a logger's id", true, `{"level":"error","logger":"shop.worker-17","msg":"no cart"}`, `{"level":"error","logger":"shop.worker-3","msg":"no cart"}`},
		{"another logger", false, `{"level":"error","logger":"shop.cart","msg":"no cart"}`, `{"level":"error","logger":"shop.pay","msg":"no cart"}`},
		{"quoted words", true, `{"level":"error","msg":"no such user 'alice'"}`, `{"level":"error","msg":"no such user 'bob'"}`},
		{"a position", true, "ERROR:a:bad token at 4:17", "ERROR:a:bad token at 19:3"},
		{"a UUID whose parts have no digit", true, "ERROR:a:no deadbeef-cafe-abcd-dcba-fadedfacadee here", "ERROR:a:no feedbabe-dead-babe-dcba-facadedecade here"},
		{"a block's name", true, "ERROR:a:lost blk_-1608999687919862906", "ERROR:a:lost blk_7503483334202473044"},
		{"a mail's name", true, "ERROR:a:cannot mail al@example.org", "ERROR:a:cannot mail bob@acme.test"},
		{"paths", true, "ERROR:a:cannot read /srv/a/b.txt", "ERROR:a:cannot read /var/lib/x"},
		{"text without spaces around a number", true, "ERROR:a:用户123登录失败", "ERROR:a:用户45登录失败"},
		{"a meaningful word", false, "ERROR:a:connection opened", "ERROR:a:connection closed"},
		{"a code", false, "ERROR:a:upstream answered HTTP 404", "ERROR:a:upstream answered HTTP 503"},
		{"a product with a digit", false, "ERROR:a:no utf8 here", "ERROR:a:no ipv6 here"},
		{"a reason", false, "ERROR:a:refused reason=quota", "ERROR:a:refused reason=license"},
	} {
		groups := group.New()
		first, _ := groups.ID(decode(c.a))
		second, _ := groups.ID(decode(c.b))
		if (first == second) != c.same {
			t.Errorf("%s: %q and %q", c.name, groups.Title(decode(c.a)), groups.Title(decode(c.b)))
		}
	}
}

func TestTitle(t *testing.T) {
	for _, c := range []struct{ payload, want string }{
		{"2026/12/01 10:00:00 http: panic serving 10.0.0.7:51234: no cart", "http: panic serving #: no cart"},
		{"ERROR:a:order 4711 of user 'al' failed after 3 s", "order # of user # failed after #"},
		{"Traceback (most recent call last):\n  File \"/srv/app/cart.py\", line 41, in add\nKeyError: 'x'", "KeyError in cart.py add"},
		{javaTrace("java.lang.IllegalStateException: x", "com.acme.shop.Cart.add(Cart.java:41)"), "java.lang.IllegalStateException in com.acme.shop.Cart.add"},
		{`{"level":"error","msg":"request failed","err":"dial tcp 10.0.0.1:80: refused"}`, "request failed: dial tcp #: refused"},
		{`{"name":"shop","levelname":"ERROR","msg":"order %s failed","args":["x"]}`, "order %s failed"},
		{"java.lang.OutOfMemoryError: heap of 512 MB\n\tat java.util.A.b(A.java:1)\n\tat java.util.C.d(C.java:1)", "java.lang.OutOfMemoryError: heap of #"},
	} {
		if got := group.New().Title(decode(c.payload)); got != c.want {
			t.Errorf("%q has the title %q, want %q", c.payload, got, c.want)
		}
	}
}

// TestID_MergesNames sees names in a position for names. From the third on they must be merged into the oldest group.
func TestID_MergesNames(t *testing.T) {
	groups := group.New()
	into := map[uint64]uint64{}
	var ids []uint64
	for _, name := range []string{"oracle", "admin", "guest", "root2", "pi"} {
		id, merges := groups.ID(decode("ERROR:sshd:Invalid user " + name + " from 10.0.0.1"))
		for _, m := range merges {
			into[m.From] = m.Into
		}
		ids = append(ids, id)
	}
	if ids[0] == ids[1] {
		t.Error("two names are merged, which may be a coincidence")
	}
	if into[ids[1]] != ids[0] || ids[2] != ids[0] || ids[4] != ids[0] {
		t.Errorf("the groups %v were merged as %v, want all into the first", ids, into)
	}
	if again, _ := groups.ID(decode("ERROR:sshd:Invalid user admin from 10.0.0.2")); again != ids[0] {
		t.Errorf("a known name is in group %d, want %d", again, ids[0])
	}
}

func TestID_BoundedMemory(t *testing.T) {
	var before, after runtime.MemStats
	groups := group.New()
	runtime.GC()
	runtime.ReadMemStats(&before)
	rng := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		return strings.Repeat(string(rune('a'+rng.IntN(26))), 1+rng.IntN(9)) + string(rune('a'+rng.IntN(26)))
	}
	for range 200_000 {
		groups.ID(&record.Record{Level: record.Error, Message: word() + " " + word() + " user " + word() + " in " + word() + " " + word()})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := int64(after.HeapAlloc) - int64(before.HeapAlloc); got > 1<<20 {
		t.Errorf("%d bytes are kept, want 1 MiB at most", got)
	}
	first, _ := groups.ID(decode("ERROR:a:order 1 failed"))
	if second, _ := groups.ID(decode("ERROR:a:order 2 failed")); first != second {
		t.Error("a flood of texts broke the grouping")
	}
}

func TestID_DoesNotAllocate(t *testing.T) {
	groups := group.New()
	for _, payload := range benchmarks {
		r := decode(payload)
		groups.ID(r)
		if got := testing.AllocsPerRun(100, func() { groups.ID(r) }); got > 0 {
			t.Errorf("%v allocations for %s", got, payload)
		}
	}
}

var benchmarks = map[string]string{
	"message":  `{"level":"error","logger":"shop","msg":"payment of order-10382 by alice@example.org took 3.14 s, longer than usual"}`,
	"template": `{"name":"shop","level":"error","filename":"a.py","line_no":1,"msg":"payment of %s failed","args":["x"],"time":"2026-11-22T17:04:28.802554","funcname":"f","hostname":"w","traceback":null}`,
	"words":    "ERROR:sshd:Received disconnect from 103.99.0.122: 14: No more user authentication methods available. [preauth]",
	"trace":    "Traceback (most recent call last):\n  File \"/srv/app/cart.py\", line 41, in add\nKeyError: 'x'",
}

func BenchmarkID(b *testing.B) {
	for name, payload := range benchmarks {
		r := decode(payload)
		groups := group.New()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				groups.ID(r)
			}
		})
	}
}

func FuzzID(f *testing.F) {
	for _, l := range families(f)[:60] {
		f.Add(l.Message)
	}
	f.Add("a “b c” (d, e, f) [g] <1> x='y z' {\"k\":\"v w\"} 用户12 ...")
	groups := group.New()
	f.Fuzz(func(t *testing.T, message string) {
		r := &record.Record{Level: record.Error, Message: message}
		first, _ := groups.ID(r)
		second, merges := groups.ID(r)
		if first != second || merges != nil {
			t.Fatalf("%q is in group %d, then in %d", message, first, second)
		}
		title := groups.Title(r)
		if len(title) > 200 || utf8.ValidString(message) && !utf8.ValidString(title) {
			t.Fatalf("%q has the title %q", message, title)
		}
	})
}
