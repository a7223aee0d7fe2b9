package hosts

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/CAFxX/httpcompression"
	"github.com/NYTimes/gziphandler"
	elva "github.com/SupermanScott/Elva"
	ginzip "github.com/gin-contrib/gzip"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/gorilla/handlers"
	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"github.com/redis/go-redis/v9"
)

// What the root module's tests already prove is not here: WriteTimeout over HTTP/1.1 and HTTP/2, wrappers
// with and without Unwrap and Flush, http.TimeoutHandler, Server.Shutdown (stream_test.go), the policy
// of a host with a nonce (http_test.go). internal/e2e has the policies in Chromium, Trusted Types too.

// startHost serves a handler of Elva's as mount makes of it, and returns the page's address.
func startHost(t *testing.T, server redisServer, c elva.Config, mount func(logs http.Handler) http.Handler) (page string, host *httptest.Server) {
	t.Helper()
	logs := newLogs(t, server, c)
	host = httptest.NewServer(mount(logs))
	t.Cleanup(host.Close)
	t.Cleanup(func() { logs.Close() }) // ends the streams, which host.Close would wait for
	return host.URL + "/debug/logs/", host
}

// inChi, inGin and inEcho mount behind a middleware of that router.
func inChi(middleware func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(logs http.Handler) http.Handler {
		r := chi.NewRouter()
		r.Use(middleware)
		r.Mount("/debug/logs", logs)
		return r
	}
}

func inGin(middleware gin.HandlerFunc) func(http.Handler) http.Handler {
	return func(logs http.Handler) http.Handler {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		r.Use(middleware)
		r.Any("/debug/logs/*any", gin.WrapH(logs))
		return r
	}
}

func inEcho(middleware echo.MiddlewareFunc) func(http.Handler) http.Handler {
	return func(logs http.Handler) http.Handler {
		e := echo.New()
		e.Use(middleware)
		e.Any("/debug/logs*", echo.WrapHandler(logs))
		return e
	}
}

// compressions returns the compressing middlewares that hosts use.
func compressions(t *testing.T) map[string]func(http.Handler) http.Handler {
	t.Helper()
	cafxx, err := httpcompression.DefaultAdapter()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]func(http.Handler) http.Handler{
		"gorilla/handlers":         handlers.CompressHandler,
		"klauspost/gzhttp":         func(logs http.Handler) http.Handler { return gzhttp.GzipHandler(logs) },
		"NYTimes/gziphandler":      gziphandler.GzipHandler,
		"CAFxX/httpcompression":    cafxx,
		"chi":                      inChi(chimiddleware.Compress(5)),
		"chi, compressing streams": inChi(chimiddleware.Compress(5, "text/html", "text/css", "text/event-stream")),
		"gin-contrib/gzip":         inGin(ginzip.Gzip(ginzip.DefaultCompression)),
		"echo":                     inEcho(echomiddleware.Gzip()),
	}
}

func TestMiddleware_CompressionIsLive(t *testing.T) {
	for name, mount := range compressions(t) {
		t.Run(name, func(t *testing.T) {
			server := startRedis(t)
			page, _ := startHost(t, server, elva.Config{}, mount)
			client := newClient(t, nil)
			checkPage(t, client, page)
			s := open(t, client, page, "Accept-Encoding", "gzip, deflate, br, zstd")
			s.await("status", "")
			t.Logf("from PUBLISH to the event %v at best, Content-Encoding %q", latency(t, server, s).Round(time.Microsecond), s.Header.Get("Content-Encoding"))
			checkResume(t, server, client, page)
			// Every other answer comes through whole, the small ones and the errors too.
			for query, want := range map[string]int{"?records": 200, "?health": 200, "?health=prometheus": 200, "?raw=x-1": 404, "?records&q=/(/": 400, "?nothing;": 200} {
				if status, body, _ := fetch(t, client, page+query); status != want || body == "" {
					t.Errorf("%s: %d: %.100q", query, status, body)
				}
			}
		})
	}
}

// TestMiddleware_WriteTimeoutWithCompression has a timeout shorter than what is between two events. Some of these
// middlewares hide the connection's deadlines from http.ResponseController.
func TestMiddleware_WriteTimeoutWithCompression(t *testing.T) {
	for name, mount := range compressions(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logs := newLogs(t, startRedis(t), elva.Config{})
			host := httptest.NewUnstartedServer(mount(logs))
			host.Config.WriteTimeout = 500 * time.Millisecond
			host.Start()
			t.Cleanup(host.Close)
			t.Cleanup(func() { logs.Close() })
			s := open(t, newClient(t, nil), host.URL+"/debug/logs/", "Accept-Encoding", "gzip, deflate, br, zstd")
			for range 3 { // at 0, 2 and 4 s
				s.await("status", "")
			}
		})
	}
}

// TestFiber_NewFasthttp is about Fiber v2, with this module's fasthttp; v3 has a program.
func TestFiber_NewFasthttp(t *testing.T) {
	server := startRedis(t)
	logs := newLogs(t, server, elva.Config{})
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.All("/debug/logs/*", adaptor.HTTPHandler(logs))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go app.Listener(listener)
	t.Cleanup(func() { app.Shutdown() })
	t.Cleanup(func() { logs.Close() }) // ends the streams, which Shutdown would wait for
	page, client := "http://"+listener.Addr().String()+"/debug/logs/", newClient(t, nil)
	checkPage(t, client, page)
	s := open(t, client, page)
	if took := latency(t, server, s); took > 300*time.Millisecond {
		t.Errorf("from PUBLISH to the event %v, at best", took)
	}
	checkResume(t, server, client, page)
	s.cancel()
	eventually(t, func() string { // the handler learns that a client has left only when a heartbeat fails
		if n := viewers(t, logs); n > 0 {
			return fmt.Sprint(n, " viewers are left")
		}
		return ""
	})
}

// TestFiber_NamedAsCause is about the fasthttp that Fiber asks for: its adaptor takes no deadlines, and never says that a client
// is gone.
func TestFiber_NamedAsCause(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "refused")
	command := exec.CommandContext(t.Context(), "go", "build", "-C", filepath.Join("testdata", "refused"), "-o", binary, ".")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, version := range []string{"2", "3"} {
		t.Run("v"+version, func(t *testing.T) {
			address := freeAddress(t)
			_ = startProxy(t, "unused", "", binary, version, address, startRedis(t).Addr)
			page, client := "http://"+address+"/debug/logs/", newClient(t, nil)
			awaitAnswer(t, client, page)
			checkPage(t, client, page)
			for _, query := range []string{"?events", "?tail"} {
				if status, body, _ := fetch(t, client, page+query); status != 500 || !strings.Contains(body, "go get github.com/valyala/fasthttp") {
					t.Errorf("%s: %d: %s", query, status, body)
				}
			}
			for _, query := range []string{"?records", "?health=prometheus"} {
				if status, body, _ := fetch(t, client, page+query); status != 200 || strings.Contains(body, "elva_viewers 1") {
					t.Errorf("%s: %d: %s", query, status, body)
				}
			}
		})
	}
}

func TestMiddleware_TimeoutHandlerIsLogged(t *testing.T) {
	for name, mount := range map[string]func(http.Handler) http.Handler{
		// echo's Response has a Flush for every writer, and panics in it.
		//lint:ignore SA1019 hosts have it
		"echo": inEcho(echomiddleware.TimeoutWithConfig(echomiddleware.TimeoutConfig{Timeout: time.Minute})),
		"http.TimeoutHandler in chi": inChi(func(next http.Handler) http.Handler {
			return http.TimeoutHandler(next, time.Minute, "")
		}),
	} {
		t.Run(name, func(t *testing.T) {
			page, _ := startHost(t, startRedis(t), elva.Config{}, mount)
			status, body, _ := fetch(t, newClient(t, nil), page+"?events")
			if status != 500 || !strings.Contains(body, "mount Elva outside it") {
				t.Errorf("%d: %s", status, body)
			}
		})
	}
}

// TestMiddleware_ContextTimeout is about chi's, which leaves the writer alone: a
// viewer resumes.
func TestMiddleware_ContextTimeout(t *testing.T) {
	server := startRedis(t)
	page, _ := startHost(t, server, elva.Config{}, inChi(chimiddleware.Timeout(500*time.Millisecond)))
	client := newClient(t, nil)
	s := open(t, client, page)
	server.publish(t, "before")
	last := s.await("", "before").id
	_ = s.awaitEnd()
	server.publish(t, "between")
	if e := open(t, client, page, "Last-Event-ID", last).await("", ""); !strings.Contains(e.data, "between") || strings.Contains(e.data, "before") {
		t.Errorf("resumed with %s", e.data)
	}
	tab := openTab(t)
	tab.open(t, page)
	tab.awaitLive(t)
	for _, text := range []string{"first", "second"} {
		server.publish(t, text)
		tab.awaitMessage(t, text)
		time.Sleep(time.Second) // it is a stream's whole life that has to pass
	}
}

// TestMiddleware_CoversEveryAnswer is what the README promises of authorisation.
func TestMiddleware_CoversEveryAnswer(t *testing.T) {
	server := startRedis(t)
	page, _ := startHost(t, server, elva.Config{}, inChi(chimiddleware.BasicAuth("logs", map[string]string{"ann": "secret"})))
	client := newClient(t, nil)
	text, _ := get(t, client, withPassword(t, page))
	paths := []string{"", "?events", "?records", "?tail", "?health", "?raw=x-1", "events", "tail"}
	for _, match := range reference.FindAllStringSubmatch(text, -1) {
		paths = append(paths, match[1])
	}
	for _, path := range paths {
		if status, body, _ := fetch(t, client, page+path); status != 401 || strings.Contains(body, "elva") {
			t.Errorf("%s without a password: %d: %.100s", path, status, body)
		}
	}
	tab := openTab(t)
	tab.open(t, withPassword(t, page))
	tab.awaitLive(t)
	server.publish(t, "behind a password")
	tab.awaitMessage(t, "behind a password")
}

func withPassword(t *testing.T, page string) string {
	t.Helper()
	address, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	address.User = url.UserPassword("ann", "secret")
	return address.String()
}

// TestMiddleware_LoginExpires lets the session end while the page is open, and the
// stream break, as it does by itself after a quarter of an hour.
func TestMiddleware_LoginExpires(t *testing.T) {
	for name, refuse := range map[string]http.HandlerFunc{
		"by a redirect to the login": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) },
		"by a 401":                   func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
	} {
		t.Run(name, func(t *testing.T) {
			server := startRedis(t)
			var expired atomic.Bool
			page, host := startHost(t, server, elva.Config{}, func(logs http.Handler) http.Handler {
				mux := http.NewServeMux()
				mux.HandleFunc("/login", func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "text/html")
					w.Write([]byte("<h1>Who are you?</h1>"))
				})
				mux.HandleFunc("/debug/logs/", func(w http.ResponseWriter, r *http.Request) {
					if expired.Load() {
						refuse(w, r)
						return
					}
					logs.ServeHTTP(w, r)
				})
				return mux
			})
			tab := newTab(t) // the refusals stand in its console
			tab.open(t, page)
			tab.awaitLive(t)
			expired.Store(true)
			host.CloseClientConnections()
			server.publish(t, "while signed out")
			tab.await(t, `/signed out/i.test(document.querySelector("header").innerText)`)
			expired.Store(false) // in another tab, say
			tab.awaitLive(t)
			tab.awaitMessage(t, "while signed out")
		})
	}
}

func TestMiddleware_CrossOriginProtection(t *testing.T) {
	server := startRedis(t)
	page, _ := startHost(t, server, elva.Config{}, http.NewCrossOriginProtection().Handler)
	tab := openTab(t)
	tab.open(t, page)
	tab.awaitLive(t)
	server.publish(t, "within the origin")
	tab.awaitMessage(t, "within the origin")
}

// TestMiddleware_RequestLogOnShownChannel is the host's own log, on the channel that Elva
// shows: a request makes a record and the record makes none.
func TestMiddleware_RequestLogOnShownChannel(t *testing.T) {
	server := startRedis(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr})
	t.Cleanup(func() { client.Close() })
	writer := elva.NewWriter(client, channel)
	t.Cleanup(func() { writer.Close() })
	logger := slog.New(slog.NewJSONHandler(writer, nil))
	var requests atomic.Int64
	page, _ := startHost(t, server, elva.Config{Logger: logger}, func(logs http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			logger.Info("request began", "query", r.URL.RawQuery)
			defer logger.Info("request ended", "query", r.URL.RawQuery)
			logs.ServeHTTP(w, r)
		})
	})
	tab := openTab(t)
	tab.open(t, page)
	tab.awaitLive(t)
	tab.awaitMessage(t, "request began")
	s := open(t, newClient(t, nil), page)
	for range 3 { // heartbeats, to calm down
		s.await("status", "")
	}
	before := requests.Load()
	for len(s.events) > 0 {
		<-s.events
	}
	s.await("status", "")
	for range 2 {
		if e := <-s.events; e.name != "status" {
			t.Errorf("with nobody asking for anything there came %.300s", e.data)
		}
	}
	if after := requests.Load(); after != before {
		t.Errorf("the page asked %d times by itself", after-before)
	}
	if before > 14 { // the page and its files, the stream, the counts and the health that the timeline begins with
		t.Errorf("%d requests by one page and one stream", before)
	}
}
