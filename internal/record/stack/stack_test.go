package stack_test

import (
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/record/stack"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct{ name, text, message string }{
		{"one line", "at f (x.js:1:2)", "at f (x.js:1:2)"},
		{"prose that begins with at", "meet me\n  at the corner (of the street)\n  at noon", "meet me\n  at the corner (of the street)\n  at noon"},
		{"a clock behind at", "started\n  at 10:00:00", "started\n  at 10:00:00"},
		{"prose in other languages", "Treffen\n   bei uns (heute)\n   в доме", "Treffen\n   bei uns (heute)\n   в доме"},
		{"a list with numbers", "todo\n#1 buy milk\n#2 (12) eggs", "todo\n#1 buy milk\n#2 (12) eggs"},
		{"an address", "mail\n  me@example.org: in 'box'", "mail\n  me@example.org: in 'box'"},
		{"keys and values", "failed\n  user: alice\n  role: admin", "failed\n  user: alice\n  role: admin"},
		{"an exception's text of several lines below the message", "failed\ncom.acme.E: one\ntwo\n\tat com.acme.A.b(A.java:1)", "failed"},
		{"an exception's text of several lines as the message", "com.acme.CartException: one\ntwo\n\tat com.acme.A.b(A.java:1)", "com.acme.CartException: one"},
		{"a blank line above the first frame", "failed\n\n\tat com.acme.A.b(A.java:1)", "failed"},
		{"a heading", "failed\ngoroutine 1 [running]:\nmain.main()", "failed"},
	} {
		message, trace, _ := stack.Split(c.text)
		if message != c.message {
			t.Errorf("%s: the message is %q, want %q", c.name, message, c.message)
		}
		if c.message == c.text && trace != "" {
			t.Errorf("%s: there is a trace: %q", c.name, trace)
		}
	}
}

func TestRead(t *testing.T) {
	for _, c := range []struct{ name, message, trace, lines, headline, cause, place, root string }{
		{name: "no trace at all", message: "m", trace: "just\nwords", lines: ".."},
		{name: "one's own wrapper is what was thrown", trace: "com.acme.OrderException: o\n\tat com.acme.Order.place(Order.java:1)\nCaused by: org.postgresql.util.PSQLException: p\n\tat org.postgresql.X.y(X.java:1)\n\tat com.acme.Repo.save(Repo.java:2)\n\t... 1 more",
			lines: "eoclo-", headline: "com.acme.OrderException: o", place: "com.acme.Order.place", root: "org.postgresql.util.PSQLException"},
		{name: "libraries threw all: the innermost with a frame of one's own", trace: "a.b.WrapException: o\n\tat org.springframework.A.b(A.java:1)\n\tat com.acme.Filter.do(F.java:1)\nCaused by: org.postgresql.util.PSQLException: p\n\tat org.postgresql.X.y(X.java:1)\n\tat com.acme.Repo.save(Repo.java:2)\n\t... 1 more",
			lines: "eloclo-", headline: "a.b.WrapException: o", cause: "org.postgresql.util.PSQLException", place: "com.acme.Repo.save", root: "org.postgresql.util.PSQLException"},
		{name: "the newest frame below a recovered panic", trace: "goroutine 1 [running]:\nmain.recovered.func1()\n\t/srv/main.go:3\npanic({0x1, 0x2})\n\t/usr/local/go/src/runtime/panic.go:1\nmain.work()\n\t/srv/main.go:9",
			message: "http: panic serving 10.0.0.1:5: no cart", lines: ".o-l-o-", headline: "panic: no cart", place: "main.work"},
		{name: "no frame of one's own", trace: "java.lang.Error: x\n\tat java.util.A.b(A.java:1)\n\tat java.util.C.d(C.java:1)", lines: "ell", headline: "java.lang.Error: x", place: "java.util.A.b"},
		{name: "valued by its message", message: "TypeError: x is undefined", trace: "    at add (/srv/app/cart.js:1:2)", lines: "o", headline: "TypeError: x is undefined", place: "cart.js add"},
		{name: "a label in the message is no type", message: "Checkout: failed", trace: "main.pay\n\t/srv/pay.go:1", lines: "o-", place: "main.pay"},
	} {
		got := stack.Read(c.message, c.trace)
		if got.Lines != c.lines || got.Headline() != c.headline || got.Cause != c.cause || got.Place() != c.place || got.Root != c.root {
			t.Errorf("%s: lines %q, headline %q, cause %q, place %q, root %q", c.name, got.Lines, got.Headline(), got.Cause, got.Place(), got.Root)
		}
	}
}

func TestStableName(t *testing.T) {
	for name, want := range map[string]string{
		"main.run.func12.3": "main.run.func.3", "a.B$1.run": "a.B$.run", "Shop.Cart.<Add>d__12.MoveNext": "Shop.Cart.<Add>d__.MoveNext", "base64.f2": "base64.f2",
	} {
		if got := stack.StableName(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, trace := range []string{
		"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nE: x\nnote", "  + Exception Group Traceback (most recent call last):\n  | E: x\n  +-+--- 1 ---\n    | F: y",
		"E: x\n\tat a.B.c(B.java:1)\nCaused by: F: y\n\t... 5 more\n ---> G\n --- End of inner exception stack trace ---", "[errors]: [\n]\nCaused by:\n  0: x", "#0 0x1 in f /a.c:1:2\n#1 /a.php(1): g()",
		"** (E) x\n    (a 1.0) lib/a.ex:1: A.f/1\n\t[C]: in ?\nf@http://x/y.js:1:2", "panic: x\n\ngoroutine 1 [running]:\nmain.f()\n\t/a.go:1 +0x1", "a.rb:1:in 'f': x (E)\n\tfrom a.rb:2:in 'g'",
	} {
		f.Add("m", trace)
	}
	f.Fuzz(func(t *testing.T, message, trace string) {
		got := stack.Read(message, trace)
		if want := min(strings.Count(trace, "\n")+1, 2000); len(got.Lines) != want {
			t.Fatalf("%d letters for %d lines", len(got.Lines), want)
		}
		if strings.Trim(got.Lines, ".ecol-") != "" {
			t.Fatalf("letters %q", got.Lines)
		}
		if strings.Contains(got.Headline(), "\n") || len(got.Headline()) > 1000 {
			t.Fatalf("headline %q", got.Headline())
		}
		head, below, _ := stack.Split(trace)
		if len(head)+len(below) > 2*len(trace)+2 {
			t.Fatalf("%d and %d bytes of %d", len(head), len(below), len(trace))
		}
	})
}
