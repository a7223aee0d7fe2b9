package hosts

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/redistest"
)

// proxyTimeout is how long the proxies wait for a silent backend. Their own defaults are a minute and
// more, too long for a test; what matters is that it is longer than Elva's heartbeat.
const proxyTimeout = 5 * time.Second

// proxies are started on an address, strip /tools and ask the backend. stop kills them.
var proxies = []struct {
	name     string
	timesOut bool // it ends a response that is silent for proxyTimeout
	start    func(t *testing.T, address, backend string) (stop func())
}{
	{"nginx", true, func(t *testing.T, address, backend string) func() {
		// Debian's own nginx.conf: buffering, gzip and tcp_nopush on, HTTP/1.0 to the backend. gzip_types
		// is what somebody adds who wants everything small.
		return startProxy(t, "nginx.conf", fmt.Sprintf(`
			daemon off;
			master_process off;
			pid nginx.pid;
			error_log stderr;
			events { }
			http {
				access_log off;
				client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
				sendfile on;
				tcp_nopush on;
				gzip on;
				gzip_types text/css application/javascript text/javascript text/event-stream;
				server {
					listen %s;
					location /tools/ {
						proxy_pass http://%s/;
						proxy_read_timeout %ds;
					}
				}
			}`, address, backend, int(proxyTimeout.Seconds())), need(t, "nginx"), "-p", ".", "-e", "stderr", "-c", "nginx.conf")
	}},
	// HAProxy saves packets by MSG_MORE, for which the kernel holds the end of what was written back for
	// 200 ms. "option http-no-delay" takes that away.
	{"HAProxy", true, func(t *testing.T, address, backend string) func() {
		return startProxy(t, "haproxy.cfg", fmt.Sprintf(`
defaults
	mode http
	timeout connect 5s
	timeout client %[3]ds
	timeout server %[3]ds
	compression algo gzip
	compression type text/html text/css text/javascript text/event-stream
frontend tools
	bind %[1]s
	http-request replace-path /tools(/.*) \1
	default_backend host
backend host
	server one %[2]s
`, address, backend, int(proxyTimeout.Seconds())), need(t, "haproxy"), "-db", "-f", "haproxy.cfg")
	}},
	// Debian's Caddy 2.6.2 compresses streams and never flushes what it compresses. Since
	// caddyserver/caddy#5257 it leaves alone what says no-transform, as Elva's streams do.
	{"Caddy", true, func(t *testing.T, address, backend string) func() {
		return startProxy(t, "Caddyfile", fmt.Sprintf(`
{
	admin off
	auto_https off
}
http://%s {
	@other not header Accept text/event-stream
	encode @other zstd gzip
	handle_path /tools/* {
		reverse_proxy %s {
			transport http {
				read_timeout %ds
			}
		}
	}
}
`, address, backend, int(proxyTimeout.Seconds())), need(t, "caddy"), "run", "--config", "Caddyfile", "--adapter", "caddyfile")
	}},
	{"ReverseProxy", false, func(t *testing.T, address, backend string) func() {
		return serve(t, address, http.StripPrefix("/tools", &httputil.ReverseProxy{
			Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: backend}) },
			ErrorLog: log.New(t.Output(), "", 0),
		}))
	}},
}

// startProxy runs a program with its configuration in a folder of its own until stop, and waits for it.
func startProxy(t *testing.T, name, config, program string, args ...string) (stop func()) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		command.Process.Kill()
		command.Wait()
	}
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("%s wrote:\n%.5000s", program, &output)
		}
	})
	return stop
}

// serve serves a handler on an address until stop, which breaks its connections as a kill would.
func serve(t *testing.T, address string, handler http.Handler) (stop func()) {
	t.Helper()
	var listener net.Listener
	eventually(t, func() (missing string) { // the address may have been let go just now
		var err error
		if listener, err = net.Listen("tcp", address); err != nil {
			missing = err.Error()
		}
		return missing
	})
	server := &http.Server{Handler: handler, ErrorLog: log.New(t.Output(), "", 0)}
	ended := make(chan struct{})
	go func() { defer close(ended); server.Serve(listener) }()
	stop = func() { server.Close(); <-ended }
	t.Cleanup(stop)
	return stop
}

// newLogs returns a handler of Elva's that ends with the test.
func newLogs(t *testing.T, server redisServer, c elva.Config) *elva.Handler {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: server.Addr})
	t.Cleanup(func() { client.Close() })
	logs := c.New(client, channel)
	t.Cleanup(func() { logs.Close() })
	return logs
}

// hush answers the header of a stream and then nothing, until the client goes.
func hush(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	fmt.Fprint(w, ":\n\n")
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

func TestEveryProxy(t *testing.T) {
	for _, proxy := range proxies {
		t.Run(proxy.name, func(t *testing.T) {
			t.Parallel()
			server := startRedis(t)
			mux := http.NewServeMux()
			mux.Handle("/debug/logs/", newLogs(t, server, elva.Config{}))
			mux.HandleFunc("/hush", hush)
			backend := freeAddress(t)
			stopBackend := serve(t, backend, mux)
			address := freeAddress(t)
			stopProxy := proxy.start(t, address, backend)
			client := newClient(t, nil)
			host := "http://" + address + "/tools"
			page := host + "/debug/logs/"
			awaitAnswer(t, client, page)

			checkPage(t, client, page)
			began := time.Now()
			s := open(t, client, page, "Accept-Encoding", "gzip, deflate, br, zstd")
			first := s.await("status", "").at.Sub(began)
			took := latency(t, server, s)
			t.Logf("first event %v after the request, from PUBLISH to the event %v at best, Content-Encoding %q",
				first.Round(time.Microsecond), took.Round(time.Microsecond), s.Header.Get("Content-Encoding"))
			if took > time.Second {
				t.Errorf("from PUBLISH to the event %v, at best", took)
			}
			checkResume(t, server, client, page)

			t.Run("the heartbeat holds a quiet stream open", func(t *testing.T) {
				if proxy.timesOut { // the proxy does end a silent one, or this would show nothing
					began := time.Now()
					_ = open(t, client, host+"/hush?x").awaitEnd()
					if lived := time.Since(began); lived < proxyTimeout-time.Second {
						t.Errorf("a silent stream lived %v", lived)
					}
				}
				for quiet := time.Now().Add(2 * proxyTimeout); time.Now().Before(quiet); {
					s.await("status", "")
				}
				server.publish(t, "after the quiet")
				s.await("", "after the quiet")
			})

			t.Run("a restart is healed", func(t *testing.T) {
				tab := newTab(t) // the browser notes the broken connections as errors
				tab.open(t, page)
				tab.awaitLive(t)
				server.publish(t, "before the restart")
				tab.awaitMessage(t, "before the restart")
				last := s.await("", "before the restart").id

				stopProxy()
				_ = s.awaitEnd()
				server.publish(t, "while the proxy was away")
				tab.await(t, `document.querySelector("#link").dataset.state !== "live"`)
				stopProxy = proxy.start(t, address, backend)
				awaitAnswer(t, client, page)
				s = open(t, client, page, "Last-Event-ID", last)
				if e := s.await("", ""); !strings.Contains(e.data, "while the proxy was away") || strings.Contains(e.data, "before the restart") {
					t.Errorf("resumed with %.300s", e.data)
				}
				tab.awaitMessage(t, "while the proxy was away")

				// Now the proxy is there and the host is not: it answers with an error, after which an
				// EventSource never tries again by itself.
				stopBackend()
				_ = s.awaitEnd()
				if status, _, _ := fetch(t, client, page); status != http.StatusBadGateway && status != http.StatusServiceUnavailable {
					t.Errorf("the proxy answers %d without its backend", status)
				}
				server.publish(t, "while the host was away")
				tab.await(t, `document.querySelector("#link").dataset.state !== "live"`)
				tab.await(t, `performance.getEntriesByType("resource").some((e) => e.responseStatus === 502 || e.responseStatus === 503)`)
				stopBackend = serve(t, backend, mux)
				awaitAnswer(t, client, page)
				tab.awaitLive(t)
				tab.awaitMessage(t, "while the host was away")
				for _, text := range []string{"before the restart", "while the proxy was away", "while the host was away"} {
					if n := eval[int](t, tab, `%s.filter((row) => row.message === %q).length`, rows, text); n != 1 {
						t.Errorf("%q is shown %d times", text, n)
					}
				}
			})
		})
	}
}

// awaitAnswer waits until the page is served.
func awaitAnswer(t *testing.T, client *http.Client, page string) {
	t.Helper()
	eventually(t, func() string {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, "GET", page, nil)
		if err != nil {
			return err.Error()
		}
		response, err := client.Do(request)
		if err != nil {
			return err.Error()
		}
		response.Body.Close()
		if response.StatusCode != 200 {
			return response.Status
		}
		return ""
	})
}

func freeAddress(t *testing.T) string {
	t.Helper()
	return fmt.Sprint("127.0.0.1:", redistest.FreePort(t))
}
