package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPage_OtherSite opens a page of another site, which tries all that a page can do with the address of the logs. A person who
// follows a link of that page sees the logs.
func TestPage_OtherSite(t *testing.T) {
	redis := startRedis(t)
	url := startExample(t, "-redis", "redis://"+redis.Addr, "app:log")
	redis.publish(t, "app:log", "a secret")
	awaitRecord(t, url, "a secret")
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<!doctype html><title>other</title>")
	}))
	t.Cleanup(other.Close)
	tab := newTab(t) // whose console says what was refused
	tab.open(t, strings.Replace(other.URL, "127.0.0.1", "localhost", 1))

	for _, query := range []string{"", "?events", "?records", "?records&q=secret", "?records&download", "?tail", "?health", "?health=document", "?health=prometheus", "?raw=x-1", "records"} {
		got, err := chromedp.Run(tab.ctx, chromedp.Evaluate[map[string]string](fmt.Sprintf(`(async (address) => {
			const load = (tag, name) => new Promise((done) => {
				const element = document.createElement(tag);
				element.onload = () => done("loaded");
				element.onerror = () => done("");
				setTimeout(() => done("still loads"), 5000);
				element[name] = address;
				document.body.append(element);
			});
			const get = (mode) => fetch(address, {mode, credentials: "include", cache: "no-store"}).then((answer) => answer.type, () => "");
			const stream = new Promise((done) => {
				const source = new EventSource(address);
				source.onopen = () => { source.close(); done("opened"); };
				source.onerror = () => { source.close(); done(""); };
			});
			return {
				"fetch without CORS": await get("no-cors"), "fetch with CORS": await get("cors"), EventSource: await stream,
				script: await load("script", "src"), image: await load("img", "src"), object: await load("object", "data"),
			};
		})(%q)`, url+query), chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		for how, what := range got {
			if what != "" {
				t.Errorf("/%s by %s: %s", query, how, what)
			}
		}
	}
	response, err := http.Get(url + "?health=prometheus")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(text), "\nelva_viewers 0\n") {
		t.Errorf("a viewer is left (%v): %s", err, text)
	}

	// A window that it opens shows the logs, and is out of its reach.
	eval[bool](t, tab, `{ window.logs = window.open(%q); true }`, url)
	tab.await(t, `window.logs.closed`)

	eval[bool](t, tab, `{ location.href = %q; true }`, url)
	tab.awaitLive(t)
	tab.awaitMessage(t, "a secret")
}
