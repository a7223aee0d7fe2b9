package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// watch runs before the page's own scripts. It notes what a policy refused, Trusted Types included.
const watch = `
window.__refused = [];
document.addEventListener("securitypolicyviolation", (e) => {
	window.__refused.push(e.effectiveDirective + " " + e.blockedURI + " " + e.sample);
});`

// A tab is a tab of the browser. A test with one fails on any error that the page writes to the console and on
// anything that a Content-Security-Policy refused, even where the policy only reports.
type tab struct {
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

func openTab(t *testing.T) *tab {
	t.Helper()
	p := newTab(t)
	t.Cleanup(func() {
		for _, problem := range p.found(t) {
			t.Errorf("in the browser: %s", problem)
		}
	})
	return p
}

// newTab opens a tab whose problems are the caller's to look at.
func newTab(t *testing.T) *tab {
	t.Helper()
	if browser == nil {
		skip(t, "no chromium on PATH")
	}
	p := &tab{}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.listen))
	p.ctx = ctx
	t.Cleanup(cancel)
	if _, err := chromedp.Call(ctx, audits.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch}); err != nil {
		t.Fatal(err)
	}
	return p
}

// found returns what went wrong in the page so far.
func (p *tab) found(t *testing.T) []string {
	t.Helper()
	refused := eval[[]string](t, p, "window.__refused ?? []")
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Concat(p.problems, refused)
}

// listen notes what goes wrong in the page.
func (p *tab) listen(event any) {
	var problem string
	switch e := event.(type) {
	case *cdpruntime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "assert" {
			var words []string
			for _, arg := range e.Args {
				words = append(words, string(arg.Value)+arg.Description)
			}
			problem = "console.error: " + strings.Join(words, " ")
		}
	case *cdpruntime.EventExceptionThrown:
		problem = "exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			problem += " " + e.ExceptionDetails.Exception.Description
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == "error" {
			problem = fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		if csp := e.Issue.Details.ContentSecurityPolicyIssueDetails; csp != nil {
			problem = fmt.Sprintf("policy: %s refused %s (%s)", csp.ViolatedDirective, csp.BlockedURL, csp.ContentSecurityPolicyViolationType)
		}
	}
	if problem != "" {
		p.mu.Lock()
		p.problems = append(p.problems, problem)
		p.mu.Unlock()
	}
}

// open navigates to url.
func (p *tab) open(t *testing.T, url string) {
	t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.Navigate(url)); err != nil {
		t.Fatal(err)
	}
}

// eval returns the value of a JavaScript expression, whose exceptions fail the test.
func eval[T any](t *testing.T, p *tab, format string, args ...any) T {
	t.Helper()
	expression := format
	if len(args) > 0 {
		expression = fmt.Sprintf(format, args...)
	}
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// await waits until the JavaScript expression is true.
func (p *tab) await(t *testing.T, format string, args ...any) {
	t.Helper()
	eventually(t, func() string {
		if eval[bool](t, p, format, args...) {
			return ""
		}
		return fmt.Sprintf(format, args...) + "\nthe page shows: " + eval[string](t, p, "document.body?.innerText.slice(0, 3000) ?? \"\"")
	})
}

// awaitLive waits until the page says that records flow.
func (p *tab) awaitLive(t *testing.T) {
	t.Helper()
	p.await(t, `document.querySelector("#link")?.dataset.state === "live"`)
}

// awaitMessage waits until a row shows message.
func (p *tab) awaitMessage(t *testing.T, message string) {
	t.Helper()
	p.await(t, `%s.some((row) => row.message === %q)`, rows, message)
}

// messages returns what the rows on the page show, oldest first.
func (p *tab) messages(t *testing.T) []string {
	t.Helper()
	return eval[[]string](t, p, `%s.map((row) => row.message)`, rows)
}

// rows is the records of the log that can be seen, top down, as objects. Gaps are rows too, but no records.
const rows = `[...document.querySelectorAll("#log [data-seq]:not(.gap)")]
	.filter((row) => row.checkVisibility() && row.querySelector(".message"))
	.map((row) => ({seq: Number(row.dataset.seq), row, top: row.getBoundingClientRect().top,
		message: row.querySelector(".message bdi").textContent.trim(), // the end of the traceback follows it
		...Object.fromEntries(["time", "level", "logger", "source"].map((name) => [name, row.querySelector("." + name)?.textContent.trim()]))}))
	.sort((a, b) => a.top - b.top)`

// click clicks in the middle of the element, as a mouse would: what is hidden or covered can't be clicked, and what
// still moves is waited for. If it moved away while the mouse was on its way, which takes seconds on a busy machine, the click is repeated.
func (p *tab) click(t *testing.T, element string) {
	t.Helper()
	type place struct {
		X, Y float64
		Why  string // it can't be clicked
	}
	eventually(t, func() string {
		at, err := chromedp.Run(p.ctx, chromedp.Evaluate[place](fmt.Sprintf(`(async () => {
			const find = () => {
				const element = %s;
				if (!element) return {X: 0, Y: 0, Why: "no such element"};
				const box = element.getBoundingClientRect();
				const X = box.left + box.width / 2, Y = box.top + box.height / 2;
				const top = document.elementFromPoint(X, Y);
				const hit = top !== null && (element.contains(top) || top.contains(element));
				if (!hit) element.scrollIntoView({block: "nearest"});
				return {X, Y, Why: hit ? "" : "covered by " + (top?.outerHTML.slice(0, 200)), element, top};
			};
			const frame = () => new Promise((done) => requestAnimationFrame(done));
			const before = find();
			for (let i = 0; i < 3; i++) await frame();
			const {element, top, ...now} = find();
			if (!now.Why && (now.X !== before.X || now.Y !== before.Y)) now.Why = "it moves";
			window.__missed = !now.Why;
			if (!now.Why) addEventListener("click", ({target}) => (window.__missed = !element.contains(target) && target !== top), {once: true, capture: true});
			return now;
		})()`, element), chromedp.EvalAwaitPromise))
		if err != nil {
			return "click " + element + ": " + err.Error()
		}
		if at.Why != "" {
			return "click " + element + ": " + at.Why
		}
		if err := chromedp.Do(p.ctx, chromedp.MouseClickXY(at.X, at.Y)); err != nil {
			t.Fatal(err)
		}
		if eval[bool](t, p, `window.__missed ?? false`) { // another document has no __missed
			return "click " + element + ": it moved away"
		}
		return ""
	})
}
