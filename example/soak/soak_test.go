//go:build unix

package soak_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

var (
	soak    = flag.Duration("soak", 15*time.Second, "how long to run")
	viewers = flag.Int("viewers", 50, "how many viewers")
	seed    = flag.Uint64("seed", 0, "of the faults' choice and times; 0 takes another one each time")
)

const (
	// Small, so that slow viewers and those that stay away lose records.
	historyRecords, historyBytes = 5000, 4 << 20
	// hostEnv makes the test's program the host of Elva: a process of its own, so that what it needs
	// is not mixed with what the test needs.
	hostEnv = "ELVA_SOAK_REDIS"
	pace    = 10 * time.Millisecond // between two records of one publisher
	// Three of the publishers to the channel publish all the time, one bursts and one storms.
	channelPublishers = 5
	// A storm is tracebacks of 5 KB at up to 5,000/s for a second. What it costs with Redis's default limits the mode
	// storm of example/load measures; here Redis holds 1 MB for a subscriber.
	stormRecord, stormRecords, stormRate, stormPart = 5000, 5000, 5000, 100
)

func TestMain(m *testing.M) {
	if addr := os.Getenv(hostEnv); addr != "" {
		host(addr)
		return
	}
	os.Exit(m.Run())
}

// host serves Elva, and what it needs at /needs, until its standard input ends.
func host(addr string) {
	client := redis.NewClient(&redis.Options{Addr: addr, Username: "viewer", Password: "secret"})
	h := elva.Config{History: historyRecords, HistoryBytes: historyBytes, Logger: slog.New(slog.DiscardHandler)}.New(client, "app", "a?p")
	list := elva.Config{History: historyRecords, HistoryBytes: historyBytes, Logger: slog.New(slog.DiscardHandler), HistoryList: "app:list"}.New(client, "app", "a?p")
	stream := elva.Config{History: historyRecords, HistoryBytes: historyBytes, Logger: slog.New(slog.DiscardHandler), Streams: []string{"app:stream"}}
	one, two := stream.New(client), stream.New(client)
	handlers := map[string]*elva.Handler{"/logs/": h, "/list/": list, "/stream/1/": one, "/stream/2/": two}
	mux := http.NewServeMux()
	for path, handler := range handlers {
		mux.Handle(path, handler)
	}
	mux.HandleFunc("/needs", func(w http.ResponseWriter, r *http.Request) {
		debug.FreeOSMemory()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		_ = json.NewEncoder(w).Encode(needs{Goroutines: runtime.NumGoroutine(), Heap: m.HeapAlloc})
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	server := &http.Server{Handler: mux}
	go server.Serve(listener)
	_, _ = io.Copy(io.Discard, os.Stdin)
	for _, handler := range handlers {
		handler.Close()
	}
	server.Close()
	client.Close()
}

// needs is what the host's process needs.
type needs struct {
	Goroutines int
	Heap       uint64
}

// stage is what the faults break.
type stage struct {
	server *redistest.Server
	proxy  *redistest.Proxy
	rng    *rand.Rand
	burst  *redistest.Publisher
	storm  *redistest.Publisher
}

// TestSoak is the promise, for as long as -soak says.
func TestSoak(t *testing.T) {
	redistest.RequireServer(t)
	if testing.Short() {
		t.Skip("it takes a while")
	}
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("-seed %d", *seed)
	s := &stage{rng: rand.New(rand.NewPCG(*seed, 0))}
	s.server = redistest.Start(t, append([]string{"--client-output-buffer-limit", "pubsub 1mb 0 0", "--appendonly", "yes", "--appendfsync", "always"},
		strings.Fields("--user viewer on >secret resetchannels &app &a?p ~app:* +subscribe +psubscribe +ping +hello +client +info +lrange +xread +xrange +xrevrange +xinfo")...)...)
	s.proxy = redistest.NewProxy(t, s.server.Addr)

	// The host.
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), hostEnv+"="+s.proxy.Addr)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close(); _ = command.Wait() })
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + strings.TrimSpace(addr)
	await(t, "the links", func() bool { return s.live(t, base) })
	begin := measure(t, base)

	// Publishers and viewers.
	direct := s.server.Client(func(o *redis.Options) { o.MaxRetries, o.ReadTimeout = -1, 10*time.Minute })
	var publishers []*redistest.Publisher
	for i := range channelPublishers - 2 {
		publishers = append(publishers, redistest.NewPublisher(direct, "app", strconv.Itoa(i)))
	}
	s.burst = redistest.NewPublisher(direct, "app", strconv.Itoa(len(publishers)))
	s.burst.Pad = 1000
	for _, p := range publishers {
		p.Pad = 200
		p.List = "app:list"
		p.Start(pace)
	}
	s.burst.List = "app:list"
	s.storm = redistest.NewPublisher(direct, "app", strconv.Itoa(len(publishers)+1))
	s.storm.Pad, s.storm.List = stormRecord, "app:list"
	var streamed []*redistest.Publisher
	for i := range 2 {
		p := redistest.NewPublisher(direct, "app:stream", strconv.Itoa(i))
		p.Stream, p.Pad = 20_000, 200
		p.Start(2 * pace)
		streamed = append(streamed, p)
	}
	publishers = append(publishers, s.burst, s.storm)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var list []*viewer
	for i := range *viewers {
		v := newViewer(base+"/logs/?events", i, *seed)
		list = append(list, v)
		go v.run(ctx)
	}
	var filled []*viewer
	for i := range 5 {
		v := newViewer(base+"/list/?events", i, *seed)
		v.pos.Store(historyRecords) // the numbers up to it are kept free for what was in the list before
		filled = append(filled, v)
		go v.run(ctx)
	}
	var crossings []*crossing
	for i := range 5 {
		v := newCrossing([]string{base + "/stream/1/?events", base + "/stream/2/?events"}, len(streamed), i, *seed)
		crossings = append(crossings, v)
		go v.run(ctx)
	}

	// Faults.
	done := make(map[string]int)
	for end := time.Now().Add(*soak); time.Now().Before(end); {
		name := s.fault()
		done[name]++
		time.Sleep(time.Duration(500+s.rng.IntN(2500)) * time.Millisecond)
	}

	// The end: everything is healed, and every viewer reads up to the last number.
	await(t, "the links", func() bool { return s.live(t, base) })
	for _, p := range append(publishers, streamed...) {
		p.Stop()
	}
	for _, v := range append(list, filled...) {
		v.calm.Store(true)
	}
	for _, v := range crossings {
		v.calm.Store(true)
	}
	for _, p := range append(publishers, streamed...) {
		if _, err := p.Publish(); err != nil {
			t.Fatal(err)
		}
	}
	last := s.settled(t, base, "/logs/", list)
	lastFilled := s.settled(t, base, "/list/", filled)
	ended := measure(t, base)
	var before int64
	await(t, "the viewers of the stream to be shown no more", func() bool {
		time.Sleep(8 * time.Second) // longer than any of their streams
		now := int64(0)
		for _, v := range crossings {
			now += v.shown.Load()
		}
		now, before = before, now
		return now == before
	})
	cancel()
	for _, v := range append(list, filled...) {
		<-v.done
	}
	for _, v := range crossings {
		<-v.done
	}

	totals := judge(t, publishers, list, last) + "\nlist: " + judge(t, publishers, filled, lastFilled) + "\n" + judgeCrossing(t, streamed, crossings)
	t.Logf("ran %v with %d viewers; faults %v", *soak, len(list), done)
	t.Log(totals)
	t.Logf("heap %.1f MB at the start, %.1f MB at the end; goroutines %d and %d (with %d viewers)",
		float64(begin.Heap)/1e6, float64(ended.Heap)/1e6, begin.Goroutines, ended.Goroutines, len(list))
	// The history, and for each viewer what net/http keeps for a connection.
	if most := begin.Heap + 4*2*historyBytes + uint64(len(list)+10)*200_000; ended.Heap > most {
		t.Errorf("the heap grew to %d bytes, more than %d", ended.Heap, most)
	}
	await(t, "the viewers' goroutines to end", func() bool { return measure(t, base).Goroutines <= begin.Goroutines+3 })
}

// live reports whether all handlers have their link.
func (s *stage) live(t *testing.T, base string) bool {
	for _, path := range []string{"/logs/", "/list/", "/stream/1/", "/stream/2/"} {
		if health(t, base+path).Redis.State != "live" {
			return false
		}
	}
	return true
}

// settled waits until nothing comes any more and the viewers of a handler have read all, and returns the last
// number.
func (s *stage) settled(t *testing.T, base, path string, viewers []*viewer) (last uint64) {
	t.Helper()
	await(t, "the last record to arrive", func() bool {
		before := last
		last = health(t, base+path).History.LastSeq
		time.Sleep(time.Second) // a list takes a moment to be read
		return last == before
	})
	for _, v := range viewers {
		await(t, fmt.Sprintf("viewer %d of %s to read number %d (it is at %d)", v.number, path, last, v.position()), func() bool { return v.position() == last })
	}
	return last
}

// fault makes one fault, and heals it before it returns its name.
func (s *stage) fault() string {
	span := func(most time.Duration) { time.Sleep(time.Duration(s.rng.Int64N(int64(min(most, *soak/5))))) }
	switch s.rng.IntN(11) {
	case 0:
		s.server.Do("CLIENT", "KILL", "TYPE", "pubsub")
		return "kill of the subscriber"
	case 1:
		s.proxy.Cut()
		return "reset"
	case 2:
		s.proxy.Stall()
		span(25 * time.Second)
		s.proxy.Resume()
		return "half-open"
	case 3:
		s.server.Kill()
		span(5 * time.Second)
		s.server.Restart()
		return "crash and restart"
	case 4:
		s.server.Freeze()
		span(25 * time.Second)
		s.server.Unfreeze()
		return "frozen server"
	case 5:
		s.server.Do("ACL", "SETUSER", "viewer", "resetchannels", "resetkeys")
		span(5 * time.Second)
		s.server.Do("ACL", "SETUSER", "viewer", "&app", "&a?p", "~app:*")
		return "denial"
	case 6:
		s.server.Do("ACL", "SETUSER", "viewer", "resetchannels", "&app")
		span(5 * time.Second)
		s.server.Do("ACL", "SETUSER", "viewer", "&a?p")
		return "denial of one name"
	case 7:
		s.proxy.Stall()
		_ = s.burst.Burst(12_000) // it may fail like any other
		s.proxy.Resume()
		return "burst while half-open"
	case 8:
		_ = s.burst.Burst(6_000)
		return "burst"
	case 9:
		for range stormRecords / stormPart {
			_ = s.storm.Burst(stormPart)
			time.Sleep(stormPart * time.Second / stormRate)
		}
		return "storm"
	}
	s.server.Do("DEBUG", "SLEEP", "0.5")
	return "slow server"
}

func health(t *testing.T, base string) (s redistest.Status) {
	t.Helper()
	get(t, base+"?health", &s)
	return s
}

func measure(t *testing.T, base string) (n needs) {
	t.Helper()
	get(t, base+"/needs", &n)
	return n
}

func get(t *testing.T, url string, into any) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// await polls until what is true. A viewer that a fault has made wait may need half a minute.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(4 * time.Minute); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
