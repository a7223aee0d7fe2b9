package view_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/SupermanScott/Elva/view"
)

func render(t *testing.T, ctx context.Context, p view.Page) string {
	t.Helper()
	var b strings.Builder
	if err := view.Render(p).Render(ctx, &b); err != nil {
		t.Fatalf("Render: %v", err)
	}
	return b.String()
}

func TestPage_ReferencesAreAssets(t *testing.T) {
	page := render(t, t.Context(), view.Page{})
	refs := regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(refs) != 3 {
		t.Fatalf("got %d references %v, want icon, style sheet and script", len(refs), refs)
	}
	types := map[string]string{"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
	for _, ref := range refs {
		query, ok := strings.CutPrefix(html.UnescapeString(ref[1]), "?")
		if !ok {
			t.Errorf("%q is not only a query", ref[1])
			continue
		}
		file, ok := view.Asset(query)
		if !ok {
			t.Errorf("no asset answers %q", query)
			continue
		}
		if want := types[query[strings.LastIndex(query, ".")+1:]]; file.Type != want {
			t.Errorf("%s has the type %q, want %q", file.Name, file.Type, want)
		}
		if len(file.Body) == 0 || file.Name != query || !strings.Contains(query, view.Build()) {
			t.Errorf("%s: %d bytes, asked for as %q in build %s", file.Name, len(file.Body), query, view.Build())
		}
		if !regexp.MustCompile(`^"[\w-]{16}"$`).MatchString(file.ETag) {
			t.Errorf("%s: ETag %s is no strong validator", file.Name, file.ETag)
		}
	}
}

func TestAssetKnowsOnlyThisBuild(t *testing.T) {
	for query, want := range map[string]bool{
		"elva-" + view.Build() + ".js":           true,
		"elva-" + view.Build() + ".js=":          true, // as some proxies rewrite it
		"elva-" + view.Build() + "-error.svg":    true,
		"elva-000000000000.js":                   false,
		"elva.js":                                false,
		"elva-" + view.Build() + "/../view.go":   false,
		"elva-" + view.Build() + ".js&elva":      false,
		"":                                       false,
		"events":                                 false,
		"elva-" + view.Build() + "-critical.svg": true,
		"elva-" + view.Build() + "-warning.svg":  true,
		"elva-" + view.Build() + "-off.svg":      true,
	} {
		if _, got := view.Asset(query); got != want {
			t.Errorf("Asset(%q) found: %v, want %v", query, got, want)
		}
	}
}

func TestPage_StrictPolicy(t *testing.T) {
	page := render(t, t.Context(), view.Page{Rows: []view.Row{{Seq: 1, Message: "m", Trace: "t"}}})
	for _, forbidden := range []string{`<style`, ` style=`, `<base`, `javascript:`, `data:`, `http://`, `https://`, `//`} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the page has %q", forbidden)
		}
	}
	if scripts := regexp.MustCompile(`<script[^>]*>([^<]*)</script>`).FindAllStringSubmatch(page, -1); len(scripts) != 1 || scripts[0][1] != "" {
		t.Errorf("got scripts %q, want one without a body", scripts)
	}
	if handler := regexp.MustCompile(`\son\w+=`).FindString(page); handler != "" {
		t.Errorf("the page has an inline handler: %q", handler)
	}
}

func TestPage_Nonce(t *testing.T) {
	page := render(t, templ.WithNonce(t.Context(), "n0nce"), view.Page{})
	if got := strings.Count(page, `nonce="n0nce"`); got != 2 {
		t.Errorf("the nonce is there %d times, want 2", got)
	}
}

func TestPage_FirstPaint(t *testing.T) {
	rows := make([]view.Row, 150)
	for i := range rows {
		rows[i] = view.Row{Seq: int64(i + 1), At: "2026-11-22T17:04:28.500564Z", Level: "error", Logger: "shop.cart", Message: fmt.Sprintf("message %d.", i+1), Source: "/srv/shop/cart.py:34 add", Trace: "Traceback"}
	}
	page := render(t, t.Context(), view.Page{Title: "Shop <1>", State: "down", Summary: "3 of 4 workers active & one quiet.", Rows: rows})
	for _, want := range []string{
		"<title>Shop &lt;1&gt;</title>", `data-state="down"`, "3 of 4 workers active &amp; one quiet.",
		"message 51.", "message 150.", `data-seq="150"`, "17:04:28.500", "shop.cart", ">cart.py:34<", "<pre>Traceback</pre>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "message 50.") {
		t.Error("the page has more than the last hundred rows")
	}
}

func TestTheLinkBackToTheHost(t *testing.T) {
	for _, c := range []struct{ home, want string }{
		{"", ""},
		{"/admin?tab=1&x=2", `href="/admin?tab=1&amp;x=2"`},
		{"https://shop.example/", `href="https://shop.example/"`},
		{"../", `href="../"`},
		{"javascript:alert(1)", `href="about:invalid#TemplFailedSanitizationURL"`},
	} {
		link := regexp.MustCompile(`<a [^>]*id="home"[^>]*>`).FindString(render(t, t.Context(), view.Page{Home: c.home}))
		if c.want == "" && link != "" || !strings.Contains(link, c.want) {
			t.Errorf("the link to %q is %q, want %s", c.home, link, c.want)
		}
	}
}

func TestRow_EqualsScriptTemplate(t *testing.T) {
	page := render(t, t.Context(), view.Page{Rows: []view.Row{{Seq: 1, Message: "x"}}})
	rows := regexp.MustCompile(`(?s)<div class="row".*?</div>`).FindAllString(page, -1)
	if len(rows) != 2 {
		t.Fatalf("got %d rows, want the record's and the template's", len(rows))
	}
	shape := func(s string) string {
		return regexp.MustCompile(`>[^<]+<`).ReplaceAllString(regexp.MustCompile(`="[^"]*"`).ReplaceAllString(s, ""), "><")
	}
	if shape(rows[0]) != shape(rows[1]) {
		t.Errorf("the row is\n%s\nand the template\n%s", rows[0], rows[1])
	}
}

func TestHostileTextIsShownAsText(t *testing.T) {
	for name, text := range map[string]string{
		"markup":          `</script><img src=x onerror=alert(1)>"'`,
		"controls":        "a\x00b\x1b[31mc\u0085\u2028",
		"invalid UTF-8":   "a\xff\xfeb",
		"bidi":            "a\u202eb\u2066c",
		"a megabyte":      strings.Repeat("<x>", 1<<20/3),
		"a template hole": "{{ .Secret }} ${x}",
	} {
		t.Run(name, func(t *testing.T) {
			page := render(t, t.Context(), view.Page{Title: text, Summary: text, Rows: []view.Row{{Message: text, Logger: text, Level: text, Source: text, Host: text, At: text, Time: text}}})
			if strings.Contains(page, "<img") || strings.Contains(page, "<x>") || strings.Count(page, "<script") != 1 {
				t.Error("the text became markup")
			}
			for _, cell := range []string{`<bdi>([^<]*)</bdi>`, `<span class="logger" role="gridcell">([^<]*)</span>`, `<span class="source" role="gridcell">([^<]*)</span>`} {
				shown := regexp.MustCompile(cell).FindStringSubmatch(page)
				if shown == nil || strings.ContainsAny(shown[1], "\x00\x1b\u0085\u202e\u2066") {
					t.Errorf("%s: control characters are left in %.40q", cell, shown)
				}
			}
		})
	}
}

func TestARowTakesTheStreamsJSON(t *testing.T) {
	const record = `{"seq":123,"at":"2026-11-22T17:04:28.500564Z","channel":"app:log","worker":"web-1/a","time":"2026-11-22T17:04:28Z","level":"error","logger":"a.b","message":"m","source":"/srv/a.py:34 f","trace":"t","host":"web-1","pid":12,"fields":{"big":12345678901234567890},"template":"%s"}`
	var row view.Row
	if err := json.Unmarshal([]byte(record), &row); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != record {
		t.Errorf("got  %s\nwant %s", again, record)
	}
}

func TestRow_NoMessage(t *testing.T) {
	for want, row := range map[string]view.Row{
		`{&#34;a&#34;:1}`:        {Fields: json.RawMessage(`{"a":1}`)},
		"ValueError":             {Trace: "ValueError\n  x"},
		"one ↵ two":              {Message: "one\ntwo"},
		"empty record, 1 byte<":  {Fields: json.RawMessage(`{"elva.empty":{"bytes":1}}`)},
		"empty record, 2 bytes<": {Fields: json.RawMessage(`{"elva.empty":{"bytes":2}}`)},
	} {
		if page := render(t, t.Context(), view.Page{Rows: []view.Row{row}}); !strings.Contains(page, "<bdi>"+want) {
			t.Errorf("%+v: the row does not say %q", row, want)
		}
	}
}
