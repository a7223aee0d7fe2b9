package redact_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/redact"
)

// corpusCase is a payload in which secrets are marked with ⟦…⟧, or with ⟪…⟫ if they are not inside a JSON string. A payload without marks
// must not be changed.
type corpusCase struct{ Note, Payload string }

func (c *corpusCase) payload() string {
	return strings.NewReplacer("⟦", "", "⟧", "", "⟪", "", "⟫", "").Replace(c.Payload)
}

func (c *corpusCase) want() string {
	want := c.Payload
	for _, marks := range []struct{ from, to, with string }{{"⟦", "⟧", redact.Replacement}, {"⟪", "⟫", `"` + redact.Replacement + `"`}} {
		for {
			before, rest, found := strings.Cut(want, marks.from)
			if !found {
				break
			}
			_, after, _ := strings.Cut(rest, marks.to)
			want = before + marks.with + after
		}
	}
	return want
}

func corpus(t testing.TB) (cases []corpusCase) {
	t.Helper()
	f, err := os.Open("testdata/corpus.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c corpusCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		cases = append(cases, c)
	}
	return cases
}

func TestSecrets_Corpus(t *testing.T) {
	cases := corpus(t)
	touched := 0
	for _, c := range cases {
		payload, want := c.payload(), c.want()
		if payload != want {
			touched++
		}
		got := redact.Secrets(payload)
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", c.Note, got, want)
		}
		if json.Valid([]byte(payload)) && !json.Valid([]byte(got)) {
			t.Errorf("%s: the result is invalid JSON: %s", c.Note, got)
		}
		if again := redact.Secrets(got); again != got {
			t.Errorf("%s: a second time\n got %s\nfrom %s", c.Note, again, got)
		}
	}
	if n := len(cases); n < 220 || touched < 150 || n-touched < 60 {
		t.Errorf("%d payloads, %d of them with secrets: too few", n, touched)
	}
}

// BenchmarkSecrets should take at most 1 µs for a record of normal size without secrets.
func BenchmarkSecrets(b *testing.B) {
	for _, bench := range []struct{ name, payload string }{
		{"nothing-350", `{"name": "shop.checkout.payment", "level": "warning", "filename": "/srv/app/shop/payment.py", "line_no": 134, ` +
			`"msg": "payment of %s by %s is at %d%% of it", "args": ["order-10382", "alice@example.org", 93], ` +
			`"time": "2026-11-22T17:04:28.802554", "username": "deploy", "funcname": "charge_the_customer", "hostname": "web-1.eu.example", "traceback": null}`},
		{"nothing-slog", `{"time":"2026-11-22T17:08:44.200370795Z","level":"WARN","msg":"slow query","took":1532000000,"rows":3,"sql":"SELECT 1","ok":true,"ratio":0.5}`},
		{"nothing-text", `2026-11-22 17:06:01,781 - app.web - INFO - GET /index.html took 12 ms`},
		{"password", `{"level":"info","msg":"login","user":"al","password":"hunter2"}`},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.payload)))
			b.ReportAllocs()
			for b.Loop() {
				redact.Secrets(bench.payload)
			}
		})
	}
}

func TestSecrets_DoesNotAllocate(t *testing.T) {
	for _, c := range corpus(t) {
		payload := c.payload()
		if payload != c.want() || !strings.HasSuffix(c.Note, "no secret") && !strings.HasSuffix(c.Note, "the demo's") {
			continue
		}
		if n := testing.AllocsPerRun(10, func() { redact.Secrets(payload) }); n > 0 {
			t.Errorf("%s: %v allocations", c.Note, n)
		}
	}
}

func FuzzSecrets(f *testing.F) {
	for _, c := range corpus(f) {
		f.Add(c.payload())
	}
	f.Fuzz(func(t *testing.T, payload string) {
		got := redact.Secrets(payload)
		if begins := strings.TrimLeft(payload, " \t\r\n"); begins == "" || begins[0] != '{' && begins[0] != '"' {
			return // a number or a list of numbers counts as text
		}
		if json.Valid([]byte(payload)) && !json.Valid([]byte(got)) {
			t.Fatalf("the result is invalid JSON:\n%s\n%s", payload, got)
		}
	})
}
