package e2e

import (
	"fmt"
	"strings"
	"testing"
)

func TestPage_HostilePayloads(t *testing.T) {
	const pwn = "window.__pwned=1"
	payloads := []struct {
		payload string
		words   []string // what the row must show
	}{
		{"</script><script>" + pwn + "</script>", []string{"</script><script>" + pwn + "</script>"}},
		{"<img src=x onerror=" + pwn + ">", []string{"<img src=x onerror=" + pwn + ">"}},
		{`{"level":"error","logger":"<b onclick=` + pwn + `>","msg":"<svg onload=` + pwn + `>","<i>":"</td><script>` + pwn + `</script>"}`, []string{"<svg onload=" + pwn + ">"}},
		{`{"level":"</template><script>` + pwn + `</script>","msg":"level"}`, []string{"level"}},
		{"\x1b[31mred\x1b[0m \x1b]0;title\x07after", []string{"red", "after"}},
		{"nul \x00 inside", []string{"nul", "inside"}},
		{"line\u2028separator\u2029end", []string{"line", "separator", "end"}},
		{"bad \xff\xfe utf-8", []string{"bad", "\uFFFD", "utf-8"}},
		{"carriage\r\ndata: [{}]\r\n\r\nevent: gap\ndata: {}", []string{"carriage"}},
		{"right \u202eto left", []string{"right", "to left"}},
		{"x", []string{"x"}},
		{"", nil},
		{"\xff", []string{"\uFFFD"}},
		{"[1,2]", []string{"[1,2]"}},
		{`{"broken`, []string{`{"broken`}},
		{`{"level":["error"],"msg":"level of the wrong type"}`, []string{"level of the wrong type"}},
		{`{"level":"audit","msg":"unknown level"}`, []string{"unknown level"}},
		{`{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"msg":"prototype"}`, []string{"prototype"}},
		{strings.Repeat("y", 10<<20), []string{"yyyyyyyyyyyyyyyyyyyy"}},
		{`{"level":"info","msg":"` + strings.Repeat(`\u0000`, 1<<20) + `end"}`, nil},
		{"the end", []string{"the end"}},
	}

	redis := startRedis(t)
	url := startExample(t, "-redis", "redis://"+redis.Addr, "app:log")
	live := openTab(t)
	live.open(t, url)
	live.awaitLive(t)
	scripts := eval[int](t, live, "document.scripts.length")
	for _, p := range payloads {
		redis.publish(t, "app:log", p.payload)
	}
	live.awaitMessage(t, "the end")

	fromHistory := openTab(t)
	fromHistory.open(t, url)
	fromHistory.awaitMessage(t, "the end")

	for name, p := range map[string]*tab{"live": live, "from history": fromHistory} {
		t.Run(name, func(t *testing.T) {
			got := p.messages(t)
			if len(got) != len(payloads) {
				t.Fatalf("%d rows for %d payloads: %.2000q", len(got), len(payloads), got)
			}
			for i, want := range payloads {
				for _, word := range want.words {
					if !strings.Contains(got[i], word) {
						t.Errorf("row of %.60q: no %q in %.200q", want.payload, word, got[i])
					}
				}
			}
			seqs := eval[[]int](t, p, `%s.map((row) => row.seq)`, rows)
			for i, seq := range seqs { // what opens shows more of the payload: it too must be text only
				level := fmt.Sprintf(`document.querySelector("#log [data-seq='%d'] .level")`, seq)
				p.click(t, level)
				p.await(t, `document.querySelector("#log .detail")?.checkVisibility() ?? false`)
				if injected := eval[string](t, p, injected); injected != "" {
					t.Errorf("row of %.60q: injected %s", payloads[i].payload, injected)
				}
				p.click(t, level)
				p.await(t, `!document.querySelector("#log .detail")?.checkVisibility()`)
			}
			if now := eval[int](t, p, "document.scripts.length"); now != scripts {
				t.Errorf("%d scripts in the document, were %d", now, scripts)
			}
			if eval[bool](t, p, `window.__pwned !== undefined || ({}).polluted !== undefined`) {
				t.Error("the payload ran")
			}
		})
	}
}

// injected is an element that log text must never become.
const injected = `document.querySelector("#log :is(script, img, iframe, object, [onclick], [onload], [onerror])")?.outerHTML ?? ""`

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
