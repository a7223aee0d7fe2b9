package e2e

import (
	"fmt"
	"html"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	elva "github.com/SupermanScott/Elva"
	goredis "github.com/redis/go-redis/v9"
)

// The parts of docs/embed.md that are more than lines to compile.

// TestFramed shows the page in a frame of another site, whose name is in the host's policy, and not in one of a site whose is not.
func TestFramed(t *testing.T) {
	redis := startRedis(t)
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<!doctype html><title>portal</title><iframe width=1200 height=800 src=%q></iframe>", r.URL.Query().Get("logs"))
	}))
	t.Cleanup(portal.Close)
	origin := strings.Replace(portal.URL, "127.0.0.1", "localhost", 1)
	portalInstead := func(logs http.Handler) http.Handler { // the page's portal.example is not here
		return framed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", strings.Replace(w.Header().Get("Content-Security-Policy"), "https://portal.example", origin, 1))
			logs.ServeHTTP(w, r)
		}))
	}
	for name, c := range map[string]struct {
		middleware func(http.Handler) http.Handler
		shown      bool
	}{
		"as documented":      {portalInstead, true},
		"for another portal": {framed, false},
	} {
		t.Run(name, func(t *testing.T) {
			url := startHost(t, redis, c.middleware)
			tab := newTab(t) // the console says what was refused
			tab.open(t, origin+"/?logs="+url)
			if c.shown {
				eventually(t, func() string {
					if !streams(t, url) {
						return fmt.Sprint("the page in the frame has no stream: ", tab.found(t))
					}
					return ""
				})
				return
			}
			eventually(t, func() string {
				if !strings.Contains(fmt.Sprint(tab.found(t)), "frame-ancestors") {
					return "nothing was refused"
				}
				return ""
			})
			if streams(t, url) {
				t.Error("the page is shown")
			}
		})
	}
}

// streams reports whether a page at url has an open stream.
func streams(t *testing.T, url string) bool {
	t.Helper()
	return !strings.Contains(text(t, url+"?health=prometheus"), "\nelva_viewers 0\n")
}

// text returns the body of an answer.
func text(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestByRole mounts a handler for each role: one has nothing of the other's channels, however it is asked.
func TestByRole(t *testing.T) {
	redis := startRedis(t)
	client := goredis.NewClient(&goredis.Options{Addr: redis.Addr})
	t.Cleanup(func() { client.Close() })
	mux := http.NewServeMux()
	byRole(mux, client, func(_ string, next http.Handler) http.Handler {
		logs := next.(*elva.Handler)
		t.Cleanup(func() { logs.Close() })
		return logs
	})
	host := httptest.NewServer(mux)
	t.Cleanup(host.Close)
	for _, path := range []string{"/debug/logs/", "/support/logs/"} {
		eventually(t, func() string {
			if !strings.Contains(text(t, host.URL+path+"?health=prometheus"), "\nelva_redis_up 1\n") {
				return path + " does not read yet"
			}
			return ""
		})
	}
	redis.publish(t, "shop:payments", "a payment")
	redis.publish(t, "shop:orders", "an order")
	awaitRecord(t, host.URL+"/support/logs/", "an order")
	awaitRecord(t, host.URL+"/debug/logs/", "a payment")
	for _, query := range []string{"?records", "?health=document", ""} {
		if body := text(t, host.URL+"/support/logs/"+query); strings.Contains(body, "payment") {
			t.Errorf("%s shows support %s", query, body)
		}
	}
}

// TestLinksFromOtherPrograms runs the template and the line of Python: an ID of any characters is one value of the address.
func TestLinksFromOtherPrograms(t *testing.T) {
	const id = `7d2e&level=a b"<é`
	var page strings.Builder
	template := template.Must(template.New("").Parse(blocks(t, "html", "docs/embed.md")[0]))
	if err := template.Execute(&page, map[string]string{"RequestID": id}); err != nil {
		t.Fatal(err)
	}
	code := "import sys, urllib.parse\njob_id = sys.argv[1]\n" + blocks(t, "python", "docs/embed.md")[0] + "print(link)"
	line, err := exec.CommandContext(t.Context(), python(t), "-c", code, id).Output()
	if err != nil {
		t.Fatal(err)
	}
	href := html.UnescapeString(strings.Split(page.String(), `"`)[1])
	for _, link := range []string{href, strings.TrimSpace(string(line))} {
		address, err := url.Parse(link)
		if err != nil || address.Path != "/debug/logs/" || len(address.Query()) != 1 || address.Query().Get("id") != id {
			t.Errorf("%s: %v", link, err)
		}
	}
}
