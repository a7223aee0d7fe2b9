package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/SupermanScott/Elva/internal/redistest"
)

// pythonRecord is a record as python-redis-log publishes it.
func pythonRecord(level, logger, message, traceback string) string {
	trace := "null"
	if traceback != "" {
		trace = fmt.Sprintf("%q", traceback)
	}
	return fmt.Sprintf(`{"name": %q, "level": %q, "filename": "/srv/app/worker.py", "line_no": 34, "msg": "%%s", "args": [%q], `+
		`"time": "2026-11-22T17:04:28.500564", "username": "app", "funcname": "work", "hostname": "web-1", "traceback": %s}`,
		logger, level, message, trace)
}

const traceback = "Traceback (most recent call last):\n  File \"/srv/app/worker.py\", line 34, in work\n    return 1 / 0\n           ~~^~~\nZeroDivisionError: division by zero"

func TestPage_LiveRecord(t *testing.T) {
	redis := startRedis(t)
	url := startExample(t, "-redis", "redis://"+redis.Addr, "app:log")
	for _, path := range []string{"", "debug/logs/"} {
		p := openTab(t)
		p.open(t, url+path)
		p.awaitLive(t)
		message := "hello at /" + path
		redis.publish(t, "app:log", pythonRecord("warning", "shop.cart", message, ""))
		p.awaitMessage(t, message)
		got := eval[map[string]string](t, p, `(({level, logger, source}) => ({level, logger, source}))(%s.find((row) => row.message === %q))`, rows, message)
		if !strings.EqualFold(got["level"], "warning") || got["logger"] != "shop.cart" || !strings.Contains(got["source"], "worker.py:34") {
			t.Errorf("row shows %v", got)
		}
	}
}

func TestPage_TracebackByMouseAndKeyboard(t *testing.T) {
	redis := startRedis(t)
	url := startExample(t, "-redis", "redis://"+redis.Addr, "app:log")
	p := openTab(t)
	p.open(t, url)
	p.awaitLive(t)
	redis.publish(t, "app:log", pythonRecord("info", "app", "before", ""))
	redis.publish(t, "app:log", pythonRecord("error", "app", "division failed", traceback))
	redis.publish(t, "app:log", pythonRecord("info", "app", "after", ""))
	p.awaitMessage(t, "after")

	const shown = `(() => { const trace = document.querySelector("#log .detail pre.trace"); return trace?.checkVisibility() && %q.split("\n").every((line) => trace.textContent.includes(line.trim())) || false; })()`
	p.click(t, fmt.Sprintf(`%s.find((row) => row.message === "division failed")?.row.querySelector(".message")`, rows))
	p.await(t, shown, traceback)
	p.click(t, fmt.Sprintf(`%s.find((row) => row.message === "division failed")?.row.querySelector(".message")`, rows))
	p.await(t, `!document.querySelector("#log .detail")?.checkVisibility()`)

	for _, keys := range []string{kb.Enter, kb.ArrowLeft, kb.ArrowRight} { // the row that was clicked has the focus
		if err := chromedp.Do(p.ctx, chromedp.KeyEvent(keys)); err != nil {
			t.Fatal(err)
		}
		if keys == kb.ArrowLeft {
			p.await(t, `!document.querySelector("#log .detail")?.checkVisibility()`)
		} else {
			p.await(t, shown, traceback)
		}
	}
}

func TestPage_LevelAndLoggerFilters(t *testing.T) {
	redis := startRedis(t)
	url := startExample(t, "-redis", "redis://"+redis.Addr, "app:log")
	p := openTab(t)
	p.open(t, url)
	p.awaitLive(t)
	for _, record := range [][2]string{{"debug", "shop.cart"}, {"info", "shop.cart"}, {"error", "shop.cart"}, {"error", "shop.mail"}, {"critical", "pay"}} {
		redis.publish(t, "app:log", pythonRecord(record[0], record[1], record[0]+" from "+record[1], ""))
	}
	p.awaitMessage(t, "critical from pay")

	expect := func(want ...string) {
		t.Helper()
		eventually(t, func() string {
			if got := p.messages(t); !slices.Equal(got, want) {
				return fmt.Sprintf("rows %q, have %q", want, got)
			}
			return ""
		})
	}
	all := []string{"debug from shop.cart", "info from shop.cart", "error from shop.cart", "error from shop.mail", "critical from pay"}
	expect(all...)

	for _, level := range []string{"debug", "info"} {
		p.click(t, fmt.Sprintf(`document.querySelector("input[name=level][value=%s]")`, level))
	}
	expect(all[2:]...)
	redis.publish(t, "app:log", pythonRecord("info", "shop.cart", "filtered out", ""))
	redis.publish(t, "app:log", pythonRecord("error", "shop.cart", "let through", ""))
	expect(all[2], all[3], all[4], "let through")

	if !eval[bool](t, p, `document.querySelector("input[name=logger]")?.checkVisibility() ?? false`) {
		p.click(t, `document.querySelector("button#filtersButton")`)
	}
	p.click(t, `document.querySelector('input[name=logger][value="shop.cart"]')`)
	eventually(t, func() string { // unchecking hides it; where choosing shows it alone, the rest goes
		got := p.messages(t)
		if slices.Equal(got, []string{all[3], all[4]}) || slices.Equal(got, []string{all[2], "let through"}) {
			return ""
		}
		return fmt.Sprintf("rows of one logger, have %q", got)
	})
	p.click(t, `document.querySelector('input[name=logger][value="shop.cart"]')`)
	expect(all[2], all[3], all[4], "let through")
	for _, level := range []string{"debug", "info"} {
		p.click(t, fmt.Sprintf(`document.querySelector("input[name=level][value=%s]")`, level))
	}
	expect(append(all, "filtered out", "let through")...)
}

func TestPage_DownloadFiltered(t *testing.T) {
	redis := startRedis(t)
	url := startExample(t, "-redis", "redis://"+redis.Addr, "app:log")
	p := openTab(t)
	p.open(t, url+"?level=error&logger=shop")
	p.awaitLive(t)
	for _, record := range [][2]string{{"info", "shop.cart"}, {"error", "shop.cart"}, {"error", "pay"}, {"critical", "shop"}} {
		redis.publish(t, "app:log", pythonRecord(record[0], record[1], record[0]+" from "+record[1], ""))
	}
	p.awaitMessage(t, "critical from shop")
	p.click(t, `document.querySelector("button[aria-label=Settings]")`)
	for _, link := range []string{"NDJSON", "Text"} {
		find := fmt.Sprintf(`[...document.querySelectorAll("a[download]")].find((a) => a.textContent === %q)`, link)
		p.await(t, `%s?.checkVisibility() ?? false`, find)
		got := eval[string](t, p, `(() => {
			const request = new XMLHttpRequest();
			request.open("GET", %s.href, false);
			request.send();
			return request.getResponseHeader("Content-Disposition") + request.responseText;
		})()`, find)
		if !strings.HasPrefix(got, "attachment") || strings.Count(got, " from ") != 2 || !strings.Contains(got, "error from shop.cart") || !strings.Contains(got, "critical from shop") {
			t.Errorf("%s: %s", link, got)
		}
	}
}

func TestPage_RedisKilled(t *testing.T) {
	redis := startRedis(t)
	url := startExample(t, "-redis", "redis://"+redis.Addr, "app:log")
	p := openTab(t)
	p.open(t, url)
	p.awaitLive(t)
	redis.publish(t, "app:log", pythonRecord("info", "app", "before", ""))
	p.awaitMessage(t, "before")

	redis.Kill()
	p.await(t, `["down", "connecting"].includes(document.querySelector("#link")?.dataset.state)`)
	redis.Restart()
	p.awaitLive(t)
	redis.publish(t, "app:log", pythonRecord("info", "app", "after", ""))
	p.awaitMessage(t, "after")
	p.await(t, `[...document.querySelectorAll("#log .gap")].filter((gap) => gap.checkVisibility()).length === 1`)
	order := eval[[]string](t, p, `[...document.querySelectorAll("#log .gap, #log [data-seq]")]
		.filter((row) => row.checkVisibility())
		.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
		.map((row) => row.classList.contains("gap") ? "gap" : row.querySelector(".message")?.textContent.trim())`)
	if want := []string{"before", "gap", "after"}; !slices.Equal(order, want) {
		t.Errorf("top down %q, want %q", order, want)
	}
}

func TestPage_Reload(t *testing.T) {
	redis := startRedis(t)
	url := startExample(t, "-redis", "redis://"+redis.Addr, "app:log")
	p := openTab(t)
	p.open(t, url)
	p.awaitLive(t)
	var want []string
	for i := range 30 {
		message := fmt.Sprintf("number %02d", i)
		want = append(want, message)
		redis.publish(t, "app:log", pythonRecord("info", "app", message, ""))
		if i == 10 { // a reload reads the rest from the history
			p.awaitMessage(t, message)
			p.open(t, url)
		}
	}
	p.awaitMessage(t, want[len(want)-1])
	eventually(t, func() string {
		// Rows out of sight may have left the document: what is there must be the end of the story, in order.
		got := p.messages(t)
		if len(got) < 15 || !slices.Equal(got, want[len(want)-len(got):]) {
			return fmt.Sprintf("the last of %q, have %q", want, got)
		}
		return ""
	})
}

func TestExample_CtrlCWithOpenPage(t *testing.T) {
	redis := startRedis(t)
	url, process := startProcess(t, "-redis", "redis://"+redis.Addr, "app:log")
	for range 3 {
		p := newTab(t) // it will complain that the server is gone
		p.open(t, url)
		p.awaitLive(t)
	}
	asked := time.Now()
	if err := process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := process.Wait(); err != nil {
		t.Errorf("%v, want exit status 0", err)
	}
	if took := time.Since(asked); took > 3*time.Second { // Shutdown alone would wait 5 s, and for streams for ever
		t.Errorf("took %v", took)
	} else {
		t.Logf("took %v", took)
	}
}

func TestPage_HostRestarted(t *testing.T) {
	redis := startRedis(t)
	addr := fmt.Sprintf("127.0.0.1:%d", redistest.FreePort(t))
	args := []string{"-redis", "redis://" + redis.Addr, "-addr", addr, "app:log"}
	url, process := startProcess(t, args...)
	p := newTab(t)
	p.open(t, url)
	p.awaitLive(t)
	redis.publish(t, "app:log", pythonRecord("info", "app", "before", ""))
	p.awaitMessage(t, "before")

	process.Process.Kill()
	process.Wait()
	p.await(t, `document.querySelector("#link")?.dataset.state !== "live"`)
	startProcess(t, args...)
	p.awaitLive(t)
	redis.publish(t, "app:log", pythonRecord("info", "app", "after", ""))
	p.awaitMessage(t, "after")
	if got, want := p.messages(t), []string{"before", "after"}; !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
	p.await(t, `[...document.querySelectorAll("#log .gap")].some((gap) => gap.checkVisibility())`)
	for _, problem := range p.found(t) {
		if !strings.HasPrefix(problem, "network: ") { // while nobody answers the browser itself says so
			t.Errorf("in the browser: %s", problem)
		}
	}
}

// TestComplaints_AreNoticed guards the others: a tab that notices nothing would pass them all.
func TestComplaints_AreNoticed(t *testing.T) {
	for name, test := range map[string]struct{ policy, policyReported, script, want string }{
		"console.error":         {script: `console.error("some words")`, want: "some words"},
		"exception":             {script: `throw new TypeError("thrown")`, want: "TypeError: thrown"},
		"rejection":             {script: `Promise.reject(new Error("rejected"))`, want: "Error: rejected"},
		"missing file":          {script: `fetch("/missing")`, want: "404"},
		"refused by policy":     {policy: "img-src 'none'", script: `new Image().src = "/x.png"`, want: "img-src"},
		"reported by policy":    {policyReported: "img-src 'none'", script: `new Image().src = "/"`, want: "img-src"},
		"refused Trusted Types": {policy: "require-trusted-types-for 'script'", script: `try { document.body.innerHTML = "x" } catch {}`, want: "require-trusted-types-for"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/":
					for name, value := range map[string]string{"Content-Security-Policy": test.policy, "Content-Security-Policy-Report-Only": test.policyReported} {
						if value != "" {
							w.Header().Set(name, value)
						}
					}
					fmt.Fprint(w, `<!DOCTYPE html><link rel="icon" href="/icon"><body><script src="/script"></script>`)
				case "/script":
					w.Header().Set("Content-Type", "text/javascript")
					fmt.Fprint(w, test.script)
				case "/icon":
				default:
					http.NotFound(w, r)
				}
			}))
			t.Cleanup(server.Close)
			p := newTab(t)
			p.open(t, server.URL)
			eventually(t, func() string {
				if found := p.found(t); !strings.Contains(strings.Join(found, "\n"), test.want) {
					return fmt.Sprintf("%q among %q", test.want, found)
				}
				return ""
			})
		})
	}
}
