package hosts

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
	"github.com/tmaxmax/go-sse"
)

// lines takes what a client reads, "SEQ MESSAGE".
type lines chan string

// record is what the clients take out of a record.
type record struct {
	Seq     int
	Message string
}

func (l lines) take(t *testing.T, data string) {
	var batch []record
	if err := json.Unmarshal([]byte(data), &batch); err != nil {
		t.Errorf("data is no array of records: %v: %.300s", err, data)
	}
	for _, r := range batch {
		l <- fmt.Sprintf("%d %s", r.Seq, r.Message)
	}
}

// clients read a stream and come back by themselves when it breaks, until the test ends.
var clients = map[string]func(t *testing.T, page string, read lines){
	"EventSource of Chromium": func(t *testing.T, page string, read lines) {
		tab := newTab(t)
		tab.open(t, page+"?health") // any document of the same origin that opens no stream of its own
		eval[bool](t, tab, `(() => {
			window.__read = [];
			new EventSource("?events").onmessage = (e) => window.__read.push(...JSON.parse(e.data).map((r) => r.seq + " " + r.message));
			return true;
		})()`)
		go func() {
			for tab.ctx.Err() == nil {
				for _, line := range evalOr(tab, `window.__read.splice(0)`) {
					read <- line
				}
				time.Sleep(20 * time.Millisecond)
			}
		}()
	},
	"eventsource of npm": func(t *testing.T, page string, read lines) {
		node := need(t, "node")
		if _, err := os.Stat(filepath.Join("_node", "node_modules", "eventsource")); err != nil {
			skip(t, "no node_modules: npm ci in example/hosts/_node")
		}
		pipe(t, read, exec.Command(node, filepath.Join("_node", "read.mjs"), page+"?events"))
	},
	"github.com/tmaxmax/go-sse": func(t *testing.T, page string, read lines) {
		ctx, cancel := context.WithCancel(context.Background())
		request, err := http.NewRequestWithContext(ctx, "GET", page+"?events", nil)
		if err != nil {
			t.Fatal(err)
		}
		client := &sse.Client{HTTPClient: newClient(t, nil), Backoff: sse.DefaultClient.Backoff}
		connection := client.NewConnection(request)
		connection.Buffer(nil, 1<<20) // by default an event may have 64 KiB; Elva's have up to 128
		connection.SubscribeMessages(func(e sse.Event) {
			if e.Data != "" { // it hands on blocks without data, which WHATWG HTML 9.2.6 says to pass over
				read.take(t, e.Data)
			}
		})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if err := connection.Connect(); !errors.Is(err, context.Canceled) {
				t.Errorf("go-sse ended by %v", err)
			}
		}()
		t.Cleanup(func() { cancel(); <-ended })
	},
	// curl does not come back by itself, so the shell does it, with the last id that it has seen.
	"curl": func(t *testing.T, page string, read lines) {
		need(t, "curl")
		loop := `id=; while :; do
			curl -sN ${id:+-H "Last-Event-ID: $id"} "$0" | {
				name=; data=
				while IFS= read -r line; do case $line in
					"event: "*) name=${line#event: } ;;
					"id: "*) id=${line#id: } ;;
					"data: "*) data=${line#data: } ;;
					"") [ -z "$data" ] || [ -n "$name" ] || printf '%s\n' "$data"; name=; data=; printf '%s' "$id" >"$1" ;;
				esac; done
			}
			id=$(cat "$1")
			sleep 0.2
		done`
		arrays := make(lines, cap(read))
		pipe(t, arrays, exec.Command("bash", "-c", loop, page+"?events", filepath.Join(t.TempDir(), "id")))
		go func() {
			for array := range arrays {
				read.take(t, array)
			}
		}()
	},
}

// evalOr is eval where the tab may end at any moment.
func evalOr(p *tab, expression string) []string {
	value, err := evaluate[[]string](p, expression)
	if err != nil {
		return nil
	}
	return value
}

// pipe runs a command until the test ends and reads its lines.
func pipe(t *testing.T, read lines, command *exec.Cmd) {
	t.Helper()
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	command.Stderr = &stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the shell's curl ends with it
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(read)
		scanner := bufio.NewScanner(stdout)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			read <- scanner.Text()
		}
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		<-ended
		command.Wait()
		if t.Failed() && stderr.Len() > 0 {
			t.Logf("stderr:\n%.3000s", &stderr)
		}
	})
}

// TestClients_ReadAndResume breaks the connection twice under each: every record comes once and
// in its order, those that were published meanwhile too.
func TestClients_ReadAndResume(t *testing.T) {
	for name, start := range clients {
		t.Run(name, func(t *testing.T) {
			server := startRedis(t)
			page, host := startHost(t, server, elva.Config{}, func(logs http.Handler) http.Handler { return logs })
			read := make(lines, 10_000)
			n := 0
			publish := func(count int) {
				for range count {
					n++
					server.publish(t, fmt.Sprint("record ", n))
				}
			}
			publish(1000)
			start(t, page, read)
			next := 1
			await := func() {
				t.Helper()
				deadline := time.After(patience)
				for ; next <= n; next++ {
					select {
					case line := <-read:
						if want := fmt.Sprintf("%d record %d", next, next); line != want {
							t.Fatalf("read %q, want %q", line, want)
						}
					case <-deadline:
						t.Fatalf("read %d of %d records", next-1, n)
					}
				}
			}
			await()
			publish(10)
			await()
			for range 2 {
				host.CloseClientConnections()
				publish(20)
				await()
			}
		})
	}
}

// TestViewers_TenThousandLeaveNothing opens and closes streams, some before their first byte.
func TestViewers_TenThousandLeaveNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("opens 10,000 streams")
	}
	server := startRedis(t)
	logs := newLogs(t, server, elva.Config{})
	host := httptest.NewServer(logs)
	t.Cleanup(host.Close)
	t.Cleanup(func() { logs.Close() })
	server.publish(t, "hello")
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Transport: transport}
	watch := func(count int) {
		var running sync.WaitGroup
		var opened atomic.Int64
		for range 8 {
			running.Go(func() {
				line := make([]byte, 64)
				for n := opened.Add(1); n <= int64(count); n = opened.Add(1) {
					response, err := client.Get(host.URL + "/?events")
					if err != nil {
						t.Errorf("stream %d: %v", n, err)
						return
					}
					if n%3 > 0 {
						if _, err := response.Body.Read(line); err != nil {
							t.Errorf("stream %d: %v", n, err)
						}
					}
					response.Body.Close()
				}
			})
		}
		running.Wait()
		eventually(t, func() string {
			if n := viewers(t, logs); n != 0 {
				return fmt.Sprint(n, " viewers are left")
			}
			return ""
		})
	}
	measure := func() (goroutines int, heap uint64) {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), m.HeapAlloc
	}
	watch(500) // warms up pools
	goroutines, heap := measure()
	watch(10_000)
	eventually(t, func() string { // what net/http still has to end
		if after, _ := measure(); after > goroutines+10 {
			return fmt.Sprintf("%d goroutines before, %d after", goroutines, after)
		}
		return ""
	})
	after, grown := measure()
	t.Logf("goroutines %d before, %d after; heap %d KiB before, %d KiB after", goroutines, after, heap>>10, grown>>10)
	if grown > heap+4<<20 { // a leak of 420 bytes a stream would be as much
		t.Errorf("the heap grew from %d to %d KiB", heap>>10, grown>>10)
	}
}

func viewers(t *testing.T, logs http.Handler) int {
	t.Helper()
	w := httptest.NewRecorder()
	logs.ServeHTTP(w, httptest.NewRequest("GET", "/?health", nil))
	var document struct{ Viewers int }
	if err := json.Unmarshal(w.Body.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	return document.Viewers
}

// TestHandlers_OpenAndCloseOnOneClient ends handlers while they are asked, and looks at what Redis still has
// of them.
func TestHandlers_OpenAndCloseOnOneClient(t *testing.T) {
	server := startRedis(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr, PoolSize: 2})
	t.Cleanup(func() { client.Close() })
	kept := elva.New(client, channel)
	t.Cleanup(func() { kept.Close() })
	var current atomic.Pointer[elva.Handler]
	current.Store(kept)
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { current.Load().ServeHTTP(w, r) }))
	t.Cleanup(host.Close)
	stop := make(chan struct{})
	var running sync.WaitGroup
	web := newClient(t, nil)
	for _, path := range []string{"/", "/?events", "/?records", "/?tail", "/?health"} {
		running.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				response, err := web.Get(host.URL + path)
				if err != nil {
					t.Errorf("%s: %v", path, err)
					return
				}
				_, _ = response.Body.Read(make([]byte, 100))
				response.Body.Close()
			}
		})
	}
	running.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				server.client.Publish(context.Background(), channel, "something")
			}
		}
	})
	for range 200 {
		logs := elva.New(client, channel, "other:*")
		current.Store(logs)
		time.Sleep(time.Millisecond) // to be asked in every stage of its life
		logs.Close()
	}
	current.Store(kept)
	close(stop)
	running.Wait()
	eventually(t, func() string {
		if left := strings.Count(fmt.Sprint(server.Do("CLIENT", "LIST", "TYPE", "pubsub")), "\n"); left != 1 {
			return fmt.Sprintf("Redis has %d subscribers, want the one that was kept", left)
		}
		return ""
	})
	s := open(t, web, host.URL+"/")
	server.publish(t, "still there")
	s.await("", "still there")
	s.cancel()
}
