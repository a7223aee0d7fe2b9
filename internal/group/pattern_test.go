package group_test

import (
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/record"
)

const keyError = `"traceback":"Traceback (most recent call last):\n  File \"/srv/app/shop/cart.py\", line 31, in add\n    self.total += price(item)\nKeyError: 'A-17'"`

func BenchmarkPattern(b *testing.B) {
	for name, payload := range map[string]string{
		"template": `{"level":"info","msg":"payment of %s by %s is at %d%% of it","args":["order-10382","alice@example.org",93]}`,
		"words":    `{"level":"debug","message":"connection reused"}`,
		"access":   `{"level":"info","msg":"10.0.3.17:51233 - \"GET /api/orders/48266 HTTP/1.1\" 200"}`,
		"values":   `{"level":"info","msg":"charged 28.10 EUR for order 48266 of user 17 in 23 ms"}`,
		"trace":    `{"level":"error","msg":"cart 7 failed",` + keyError + `}`,
	} {
		r := record.Decode(payload)
		var p group.Patterns
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Hash(&r)
			}
		})
	}
}

// TestHash has patterns that must never change, since links contain them and other instances must agree.
func TestHash(t *testing.T) {
	for _, c := range []struct{ payload, pattern, text string }{
		{`{"msg":"charged %s EUR for order %d","args":["28.10",48266]}`, "5f73ac6e", "charged … EUR for order …"},
		{`{"msg":"charged 28.10 EUR for order 48266"}`, "f7cefb92", "charged … for order …"},
		{`{"msg":"charged 3.10 EUR for order 1"}`, "f7cefb92", "charged … for order …"},
		{`{"msg":"%s","args":["charged 3.10 EUR for order 1"]}`, "f7cefb92", "charged … for order …"},
		{`{"msg":"%s %s %d in %d ms","args":["GET","/cart",200,41]}`, "", "GET … in …"},
		{`{"@mt":"{Method} {Path}: {Status}","@t":"2026-11-29T16:00:00Z","Method":"GET","Path":"/cart","Status":200}`, "", "GET …: …"},
		{`{"msg":"connection refused"}`, "2d66437c", "connection refused"},
		{`{"msg":"cart 7 failed",` + keyError + `}`, "397832cf", "cart … failed"},
		{`{"msg":"Unhandled exception",` + keyError + `}`, "90a36610", "KeyError in cart.py add"},
		{`{"msg":"Exception in ASGI application",` + keyError + `}`, "90a36610", "KeyError in cart.py add"},
		{`{"msg":"KeyError: 'A-17'",` + keyError + `}`, "90a36610", "KeyError in cart.py add"},
		{`{"msg":"",` + keyError + `}`, "90a36610", "KeyError in cart.py add"},
		{`{"msg":"KeyErrors were fixed",` + keyError + `}`, "c830b8c7", "KeyErrors were fixed"},
		{`{"a":1}`, "00000000", ""},
		{`{"msg":"retry (3) of [1, 2, 3], done in (17 ms)..."}`, "", "retry (…) of […], done in (…)..."},
		{`{"msg":"` + strings.Repeat("word ", 400) + `"}`, "", strings.Repeat("word ", 63) + "word…"},
	} {
		r := record.Decode(c.payload)
		var p group.Patterns
		var text strings.Builder
		for _, piece := range p.Pieces(&r) {
			if piece.Varies {
				text.WriteString("…")
			}
			text.WriteString(piece.Text)
		}
		if pattern := string(group.AppendPattern(nil, p.Hash(&r))); c.pattern != "" && pattern != c.pattern {
			t.Errorf("%s: pattern %s, want %s", c.payload, pattern, c.pattern)
		}
		if text.String() != c.text {
			t.Errorf("%s: text %q, want %q", c.payload, text.String(), c.text)
		}
	}
}

func TestPieces_Template(t *testing.T) {
	for _, c := range []struct{ template, text string }{
		{"order %d of %(name)s failed: 100%% lost", "order … of … failed: 100% lost"},
		{"{Method} {Path:l} took {Elapsed:0.00} ms of {{x}}", "… … took … ms of {x}"},
		{"50 %, or %% of all", "50 %, or % of all"},
		{"{not a hole} {", "{not a hole} {"},
		{"sum %-5.2f|%+v|%#x", "sum …|…|…"},
		{strings.Repeat("%s ", 1000), strings.Repeat("… ", 333) + "%…"},
	} {
		var text strings.Builder
		var p group.Patterns
		for _, piece := range p.Pieces(&record.Record{Message: "x", Template: c.template}) {
			if piece.Varies {
				text.WriteString("…")
			}
			text.WriteString(piece.Text)
		}
		if text.String() != c.text {
			t.Errorf("%.50s: %.80q, want %.80q", c.template, text.String(), c.text)
		}
	}
}
