package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/a-h/templ"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	goredis "github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
)

// startHost serves a handler of Elva's at /debug/logs/ in this process, inside middleware.
func startHost(t *testing.T, redis redisServer, middleware func(http.Handler) http.Handler) (url string) {
	t.Helper()
	client := goredis.NewClient(&goredis.Options{Addr: redis.Addr})
	t.Cleanup(func() { client.Close() })
	logs := elva.New(client, "app:log")
	mux := http.NewServeMux()
	mux.Handle("/debug/logs/", middleware(logs))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(func() { logs.Close() }) // ends the streams, which server.Close would wait for
	return server.URL + "/debug/logs/"
}

// policy is middleware that sets a Content-Security-Policy, and gives its nonce to templ if it has one.
func policy(header, nonce string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", header)
			if nonce != "" {
				r = r.WithContext(templ.WithNonce(r.Context(), nonce))
			}
			next.ServeHTTP(w, r)
		})
	}
}

func TestPage_HostContentSecurityPolicy(t *testing.T) {
	for name, middleware := range map[string]func(http.Handler) http.Handler{
		"the host has none": func(next http.Handler) http.Handler { return next },
		"self":              policy("default-src 'self'; base-uri 'none'; object-src 'none'", ""),
		"nonce":             policy("script-src 'nonce-r4nd0m' 'strict-dynamic'; style-src 'nonce-r4nd0m'; base-uri 'none'; object-src 'none'", "r4nd0m"),
		"trusted types":     policy("default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'", ""),
		"strictest": policy("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'", ""),
	} {
		t.Run(name, func(t *testing.T) {
			redis := startRedis(t)
			url := startHost(t, redis, middleware)
			p := openTab(t)
			p.open(t, url)
			p.awaitLive(t)
			redis.publish(t, "app:log", pythonRecord("error", "app", "under a policy", traceback))
			p.awaitMessage(t, "under a policy")
			if display := eval[string](t, p, `getComputedStyle(document.querySelector("#log [data-seq] .level")).color`); display == "rgb(0, 0, 0)" {
				t.Errorf("the level has the default colour %s: no style sheet", display)
			}
			p.click(t, fmt.Sprintf(`%s.find((row) => row.message === "under a policy")?.row.querySelector(".message")`, rows))
			p.await(t, `document.querySelector("#log .detail pre.trace")?.checkVisibility() ?? false`)
		})
	}
}

func TestPage_WithoutScript(t *testing.T) {
	redis := startRedis(t)
	url := startExample(t, "-redis", "redis://"+redis.Addr, "app:log")
	for i := range 150 {
		redis.publish(t, "app:log", pythonRecord("warning", "shop.cart", fmt.Sprintf("number %03d", i), ""))
	}
	redis.publish(t, "app:log", pythonRecord("error", "shop.cart", "division failed", traceback))
	p := openTab(t)
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string { // the last records may still be on their way
		p.open(t, url)
		if got := p.messages(t); len(got) != 100 || got[0] != "number 051" || got[99] != "division failed" {
			return fmt.Sprintf("the last 100 records, have %d: %q", len(got), got)
		}
		return ""
	})
	text := eval[string](t, p, "document.body.innerText")
	for _, want := range []string{"number 149", "shop.cart", "worker.py:34"} {
		if !containsFold(text, want) {
			t.Errorf("no %q on the page without script:\n%.2000s", want, text)
		}
	}
	if summary := eval[string](t, p, `document.querySelector("#summary").textContent.trim()`); summary == "" {
		t.Error("no summary on the page without script")
	}
}
