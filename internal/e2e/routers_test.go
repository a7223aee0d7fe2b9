package e2e

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	neturl "net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	elva "github.com/SupermanScott/Elva"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gorilla/mux"
	"github.com/labstack/echo/v4"
	goredis "github.com/redis/go-redis/v9"
)

// routers mount logs with the lines of the README's table, whose names they have.
var routers = map[string]func(logs http.Handler) http.Handler{
	"net/http": func(logs http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/debug/logs/", logs)
		return mux
	},
	"net/http, stripped": func(logs http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/debug/logs/", http.StripPrefix("/debug/logs", logs))
		return mux
	},
	"chi": func(logs http.Handler) http.Handler {
		r := chi.NewRouter()
		r.Mount("/debug/logs", logs)
		return r
	},
	"gin": func(logs http.Handler) http.Handler {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		r.Any("/debug/logs/*any", gin.WrapH(logs))
		return r
	},
	"echo": func(logs http.Handler) http.Handler {
		e := echo.New()
		e.Any("/debug/logs/*", echo.WrapHandler(logs))
		return e
	},
	"gorilla/mux": func(logs http.Handler) http.Handler {
		r := mux.NewRouter()
		r.PathPrefix("/debug/logs/").Handler(logs)
		return r
	},
}

// reference is a script or style sheet of the page.
var reference = regexp.MustCompile(`(?:src|href)="([^"]+)"`)

func TestPageAssetsAndStreamUnderEveryRouterOfTheREADME(t *testing.T) {
	for name, mount := range routers {
		t.Run(name, func(t *testing.T) {
			redis := startRedis(t)
			client := goredis.NewClient(&goredis.Options{Addr: redis.Addr})
			t.Cleanup(func() { client.Close() })
			logs := elva.New(client, "app:log")
			server := httptest.NewServer(mount(logs))
			t.Cleanup(server.Close)
			t.Cleanup(func() { logs.Close() })
			base, err := neturl.Parse(server.URL + "/debug/logs/")
			if err != nil {
				t.Fatal(err)
			}

			page := get(t, base.String())
			references := reference.FindAllStringSubmatch(page, -1)
			if len(references) < 3 {
				t.Fatalf("script, style sheet and icon in %.500s", page)
			}
			for _, match := range references {
				target, err := base.Parse(strings.ReplaceAll(match[1], "&amp;", "&"))
				if err != nil {
					t.Fatal(err)
				}
				if body := get(t, target.String()); body == "" || strings.HasPrefix(body, "<!") {
					t.Errorf("%s: not an asset: %.100s", target, body)
				}
			}

			redis.publish(t, "app:log", "through "+name)
			awaitRecord(t, base.String(), "through "+name)
		})
	}
}

// get returns the body of a 200.
func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body strings.Builder
	if _, err := bufio.NewReader(response.Body).WriteTo(&body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, response.Status, err)
	}
	return body.String()
}

// awaitRecord reads the stream of the page at url until it has a record with text in it, and returns that batch.
func awaitRecord(t *testing.T, url, text string) string {
	t.Helper()
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	response, err := client.Get(url + "?events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	started := time.Now()
	lines := bufio.NewReader(response.Body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%s: no record with %q in %v: %v", url, text, time.Since(started), err)
		}
		if data, ok := strings.CutPrefix(line, "data: ["); ok && strings.Contains(data, text) {
			return fmt.Sprint("[", data)
		}
	}
}
