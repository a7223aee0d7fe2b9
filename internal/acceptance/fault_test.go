//go:build unix

package acceptance_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// trial is a handler with a real Redis and a viewer, while numbered records are published.
type trial struct {
	*testing.T
	Handler    *elva.Handler
	URL        string
	Viewer     *redistest.Viewer
	Publishers []*redistest.Publisher
	way        way // byChannel unless it is set
	states     *states
}

// newTrial starts a handler that uses client, and a viewer.
func newTrial(t *testing.T, c elva.Config, client redis.UniversalClient, channels ...string) *trial {
	t.Helper()
	tr := &trial{T: t, states: &states{}}
	c.Logger = slog.New(tr.states)
	if c.History == 0 {
		c.History, c.HistoryBytes = 1_000_000, 512<<20 // nothing may be evicted
	}
	tr.Handler = c.New(client, channels...)
	server := httptest.NewServer(tr.Handler)
	tr.URL = server.URL
	tr.Viewer = &redistest.Viewer{URL: server.URL + "/?events"}
	tr.Viewer.Start()
	t.Cleanup(func() {
		for _, p := range tr.Publishers {
			p.Stop()
		}
		tr.Viewer.Stop()
		tr.Handler.Close()
		server.Close()
	})
	return tr
}

// every is the interval of a publisher. Two of them must not fill the list of 10,000 during the longest fault of 20 s.
const every = 5 * time.Millisecond

// publish starts to publish records on channel.
func (tr *trial) publish(client redis.UniversalClient, channel string) {
	tr.publisher(client, channel, fmt.Sprintf("p%d", len(tr.Publishers))).Start(every)
}

// publisher returns a publisher for the trial's way.
func (tr *trial) publisher(client redis.UniversalClient, channel, name string) *redistest.Publisher {
	p := redistest.NewPublisher(client, channel, name)
	switch tr.way {
	case byList:
		p.List = channel + ":list"
	case byStream:
		p.Stream = 1_000_000
	}
	tr.Publishers = append(tr.Publishers, p)
	return p
}

// publishers returns a client for publishers. It doesn't retry, since that could publish twice, and has no timeout for a frozen server, since that
// could change the order.
func publishers(s *redistest.Server) *redis.Client {
	return s.Client(func(o *redis.Options) { o.MaxRetries, o.ReadTimeout = -1, time.Minute })
}

// await polls until ok returns true.
func (tr *trial) await(what string, ok func() bool) {
	tr.Helper()
	for deadline := time.Now().Add(2 * patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			tr.Fatalf("waited in vain for %s\n%s", what, tr.states)
		}
	}
}

func (tr *trial) state() string { return status(tr.T, tr.Handler).Redis.State }

func (tr *trial) awaitState(state string) {
	tr.Helper()
	tr.await("the state "+state, func() bool { return tr.state() == state })
}

// awaitFlow waits until the viewer has seen n more records.
func (tr *trial) awaitFlow(n int) {
	tr.Helper()
	want := len(tr.Viewer.Seen()) + n
	tr.await(fmt.Sprintf("%d more records", n), func() bool { return len(tr.Viewer.Seen()) >= want })
}

// republishAfter is how long judge waits for a record before it publishes another one.
const republishAfter = time.Second

// judge stops publishing, waits until the viewer has the last record, and fails the test unless every record was seen once or lies in a gap. It
// publishes the last record again while it does not arrive: a connection that was lost is not noticed while records are read that came
// before, and the first one may be published to nobody. Then it must lie in a gap, too.
func (tr *trial) judge() *redistest.Result {
	tr.Helper()
	for _, p := range tr.Publishers {
		p.Stop()
		var last redistest.Published
		tr.await("the last record", func() bool {
			if time.Since(last.Before) > republishAfter {
				var err error
				if last, err = p.Publish(); err != nil {
					tr.Fatal(err)
				}
			}
			return tr.Viewer.Has(last)
		})
	}
	result := redistest.Check(tr.Publishers, tr.Viewer)
	if result.Bad() {
		tr.Errorf("%v\n%s\n%s", result, strings.Join(result.Problems, "\n"), tr.states)
	}
	return result
}

// states is a slog.Handler that keeps the state changes that a handler logs.
type states struct {
	mu   sync.Mutex
	list []change
}

type change struct {
	At          time.Time
	State, Text string
}

func (s *states) Enabled(context.Context, slog.Level) bool { return true }
func (s *states) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s *states) WithGroup(string) slog.Handler            { return s }

func (s *states) Handle(_ context.Context, r slog.Record) error {
	c := change{At: r.Time}
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "state":
			c.State = a.Value.String()
		case "text":
			c.Text = a.Value.String()
		}
		return true
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, c)
	return nil
}

// after returns the first change after the time at into a state that ok accepts.
func (s *states) after(at time.Time, ok func(state string) bool) (change, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.list {
		if c.At.After(at) && ok(c.State) {
			return c, true
		}
	}
	return change{}, false
}

func (s *states) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, c := range s.list {
		fmt.Fprintf(&b, "%s %s: %s\n", c.At.UTC().Format("04:05.000"), c.State, c.Text)
	}
	return b.String()
}

// fault is a way to lose and regain the connection.
type fault struct {
	name string
	// args are the server's arguments.
	args []string
	// options are those of Elva's client.
	options func(*redis.Options)
	// prepare configures the server before the handler starts. make causes the fault. heal ends it once it was noticed, or after lasts. prepare
	// and heal may be nil.
	prepare, make, heal func(*stage)
	lasts               time.Duration
	// state is the state that the fault must cause, "" if it must not be noticed. words must be in the text of that state.
	state, words string
	// real uses the real constants and runs only without -short. calm has longer timeouts, so that a busy machine isn't taken for a fault.
	real, calm bool
	// keys is whether the fault is also tested with a list besides the channel, and with a stream. open has the ways in which the gap can't be
	// filled.
	keys bool
	open way
	// unnoticed is the way in which the fault may go unnoticed, since a read uses another connection when the first is lost.
	unnoticed way
}

// way is how records reach Elva.
type way string

const (
	byChannel way = "channel"
	byList    way = "channel and list"
	byStream  way = "stream"
)

// stage is the servers and connections for a fault.
type stage struct {
	*trial
	Server  *redistest.Server
	Proxy   *redistest.Proxy // between Elva and the server
	Fill    func(n int)      // bursts n records of 1 kB
	release func()
}

const viewerRule = "+subscribe +psubscribe +unsubscribe +punsubscribe +ping +hello +client ~app:list ~app +lrange +xread +xrevrange +xinfo"

func asViewer(o *redis.Options) { o.Username, o.Password = "viewer", "secret" }

func makeViewer(s *stage) {
	args := []any{"ACL", "SETUSER", "viewer", "on", ">secret", "resetchannels", "&app"}
	for _, rule := range strings.Fields(viewerRule) {
		args = append(args, rule)
	}
	s.Server.Do(args...)
}

func killSubscribers(s *stage) {
	kind := "pubsub"
	if s.trial != nil && s.way == byStream {
		kind = "normal" // the publishers' connections, too
	}
	s.Server.Do("CLIENT", "KILL", "TYPE", kind)
}

// durable makes a server keep streams and lists across a crash.
var durable = []string{"--appendonly", "yes", "--appendfsync", "always"}

var faults = []fault{
	{
		name: "CLIENT KILL five times",
		make: func(s *stage) {
			for range 5 {
				killSubscribers(s)
				s.awaitFlow(10)
			}
		},
		state: "down", words: "No connection to Redis", keys: true, unnoticed: byStream,
	}, {
		name: "a reset (RST)", make: func(s *stage) { s.Proxy.Cut() }, keys: true, unnoticed: byStream,
		state: "down", words: "No connection to Redis",
	}, {
		name: "SIGKILL and a restart after 2 s", lasts: 2 * time.Second, args: durable, keys: true, open: byStream, // another run may have lost some
		make: func(s *stage) { s.Server.Kill() }, heal: func(s *stage) { s.Server.Restart() },
		state: "down", words: "No connection to Redis",
	}, {
		name: "a frozen server", lasts: 2 * time.Second, keys: true,
		make: func(s *stage) { s.Server.Freeze() }, heal: func(s *stage) { s.Server.Unfreeze() },
		state: "down", words: "does not answer",
	}, {
		name: "a half-open connection while publishers go on", lasts: 2 * time.Second, keys: true,
		make: func(s *stage) { s.Proxy.Stall() }, heal: func(s *stage) { s.Proxy.Resume() },
		state: "down", words: "does not answer",
	}, {
		name: "a half-open connection for 20 s with the real constants", lasts: 20 * time.Second, real: true, keys: true,
		make: func(s *stage) { s.Proxy.Stall() }, heal: func(s *stage) { s.Proxy.Resume() },
		state: "down", words: "does not answer",
	}, {
		name: "a server frozen for 20 s with the real constants", lasts: 20 * time.Second, real: true, keys: true,
		make: func(s *stage) { s.Server.Freeze() }, heal: func(s *stage) { s.Server.Unfreeze() },
		state: "down", words: "does not answer",
	}, {
		name: "a server that sleeps for a second", lasts: time.Second, keys: true, calm: true,
		make: func(s *stage) { s.Server.Do("DEBUG", "SLEEP", "1") },
	}, {
		name: "CLIENT PAUSE for a second", lasts: time.Second, keys: true, calm: true,
		make: func(s *stage) { s.Server.Do("CLIENT", "PAUSE", "1000", "ALL") },
	}, {
		name: "a channel revoked by ACL and given back", lasts: time.Second,
		options: asViewer, prepare: makeViewer,
		make:  func(s *stage) { s.Server.Do("ACL", "SETUSER", "viewer", "resetchannels", "resetkeys") },
		heal:  func(s *stage) { s.Server.Do("ACL", "SETUSER", "viewer", "&app", "~app", "~app:list") },
		state: "denied", words: `"app": NOPERM`, keys: true,
	}, {
		name: "a password that is asked for all at once (NOAUTH)", lasts: time.Second, keys: true,
		make: func(s *stage) {
			s.Server.Do("ACL", "SETUSER", "admin", "on", "nopass", "allcommands", "allkeys", "allchannels")
			s.Server.Do("CONFIG", "SET", "requirepass", "new")
			s.admin("CLIENT", "KILL", "TYPE", "pubsub")
			s.admin("CLIENT", "KILL", "TYPE", "normal")
		},
		heal: func(s *stage) {
			s.admin("ACL", "SETUSER", "default", "on", "nopass", "allcommands", "allkeys", "allchannels")
		},
		state: "denied", words: "NOAUTH",
	}, {
		name: "a password that is changed and changed back (WRONGPASS)", lasts: time.Second, keys: true,
		options: asViewer, prepare: makeViewer,
		make: func(s *stage) {
			s.Server.Do("ACL", "SETUSER", "viewer", "resetpass", ">other")
			killSubscribers(s)
		},
		heal:  func(s *stage) { s.Server.Do("ACL", "SETUSER", "viewer", ">secret") },
		state: "denied", words: "WRONGPASS",
	}, {
		name: "no connection left (maxclients)", lasts: time.Second, keys: true,
		make:  (*stage).full,
		heal:  func(s *stage) { s.release() },
		state: "down", words: "No connection to Redis",
	}, {
		name: "a burst that overflows the output buffer",
		args: []string{"--client-output-buffer-limit", "pubsub", "1mb", "0", "0"}, lasts: time.Second,
		keys: true, open: byList, unnoticed: byStream, // the list holds only 10,000
		make: func(s *stage) {
			s.Proxy.Stall() // the reader falls behind once the kernel's buffers are full
			s.Fill(16_000)
			s.Proxy.Resume()
		},
		state: "down", words: "Redis", // a slow machine may notice the stall first
	}, {
		name: "a message of 40 MiB",
		make: func(s *stage) {
			if err := s.Server.Client(nil).Publish(context.Background(), "app", strings.Repeat("x", 40<<20)).Err(); err != nil {
				s.Fatal(err)
			}
		},
		state: "down", words: "Redis",
	}, {
		name:    "a quiet time of a subscriber that may not PING",
		options: asViewer, lasts: 12 * time.Second, calm: true, // more than twice the time after which a link is dead
		prepare: func(s *stage) {
			makeViewer(s)
			s.Server.Do("ACL", "SETUSER", "viewer", "-ping")
		},
		make: func(s *stage) {
			for _, p := range s.Publishers {
				p.Stop()
			}
		},
	},
}

// TestFaults_PublishedToNobody publishes a record directly after the connection was killed.
func TestFaults_PublishedToNobody(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	s := &stage{Server: redistest.Start(t)}
	client := s.Server.Client(nil)
	s.trial = newTrial(t, hurry(elva.Config{}), client, "app")
	s.awaitState("live")
	p := s.publisher(publishers(s.Server), "app", "p")
	p.Start(every)
	s.awaitFlow(20)
	p.Stop()
	killSubscribers(s)
	if result := s.judge(); result.Gaps == 0 {
		t.Error("no gap")
	}
}

// admin sends a command as the user admin.
func (s *stage) admin(args ...any) {
	s.Helper()
	client := redis.NewClient(&redis.Options{Addr: s.Server.Addr, Username: "admin", Password: "any"})
	defer client.Close()
	if err := client.Do(context.Background(), args...).Err(); err != nil {
		s.Fatal(err)
	}
}

// full makes Redis reject new connections, and closes Elva's.
func (s *stage) full() {
	client := redis.NewClient(&redis.Options{Addr: s.Server.Addr, PoolSize: 1})
	do := func(args ...any) {
		if err := client.Do(context.Background(), args...).Err(); err != nil {
			s.Fatal(err)
		}
	}
	do("CONFIG", "SET", "maxclients", "1")
	do("CLIENT", "KILL", "TYPE", "pubsub")
	do("CLIENT", "KILL", "TYPE", "normal")
	s.release = func() {
		do("CONFIG", "SET", "maxclients", "100")
		client.Close()
	}
}

// TestFaults causes every fault while records are published. Each must be seen once or lie in a gap. With a list besides the channel, or with a
// stream, there must be no gap, except for records that the list has lost.
func TestFaults(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	for _, f := range faults {
		for _, w := range []way{byChannel, byList, byStream} {
			if w != byChannel && !f.keys {
				continue
			}
			for _, protocol := range []int{2, 3} {
				if f.real && protocol == 2 {
					continue // the protocol makes no difference to a watchdog, and each takes 20 s
				}
				t.Run(fmt.Sprintf("%s/%s/RESP%d", f.name, w, protocol), func(t *testing.T) {
					if f.real && testing.Short() {
						t.Skip("it takes half a minute")
					}
					t.Parallel()
					f.try(t, w, protocol)
				})
			}
		}
	}
}

func (f *fault) try(t *testing.T, w way, protocol int) {
	s := &stage{Server: redistest.Start(t, f.args...)}
	s.trial = &trial{T: t, way: w}
	if f.prepare != nil {
		f.prepare(s)
	}
	s.Proxy = redistest.NewProxy(t, s.Server.Addr)
	options := &redis.Options{Addr: s.Proxy.Addr, Protocol: protocol}
	if f.options != nil {
		f.options(options)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { client.Close() })
	config := hurry(elva.Config{})
	switch {
	case f.real:
		config = elva.Config{}
	case f.calm:
		config = hurryBy(3, elva.Config{})
	}
	channels := []string{"app"}
	switch w {
	case byList:
		config.HistoryList = "app:list"
	case byStream:
		config.Streams, channels = channels, nil
	}
	s.trial = newTrial(t, config, client, channels...)
	s.way = w
	s.awaitState("live")
	direct := publishers(s.Server)
	s.publish(direct, "app")
	s.publish(direct, "app")
	s.Fill = func(n int) {
		p := s.publisher(direct, "app", "burst")
		p.Pad = 1000
		if err := p.Burst(n); err != nil {
			t.Fatal(err)
		}
	}
	s.awaitFlow(50)

	began := time.Now()
	f.make(s)
	other := func(state string) bool { return state != "live" }
	if f.state == "" {
		time.Sleep(f.lasts) // the duration of the fault
	} else {
		if f.unnoticed != w {
			s.await("the fault to be noticed", func() bool { _, ok := s.states.after(began, other); return ok })
		}
		if f.heal != nil {
			s.awaitState(f.state)
			if d := status(t, s.Handler); !strings.Contains(d.Redis.Text, f.words) || d.Health.State != "down" {
				t.Errorf("health %q, text %q; want down and %q", d.Health.State, d.Redis.Text, f.words)
			}
		}
		time.Sleep(time.Until(began.Add(f.lasts)))
	}
	healed := time.Now()
	if f.heal != nil {
		healed = time.Now()
		f.heal(s)
	}
	s.awaitState("live")
	for _, p := range s.Publishers[:2] {
		p.Stop()
		p.Start(every)
	}
	s.awaitFlow(20)
	result := s.judge()

	noticed, was := s.states.after(began, other)
	if was != (f.state != "") && f.unnoticed != w {
		t.Errorf("noticed: %v, want state %q\n%s", was, f.state, s.states)
	}
	row := fmt.Sprintf("%s, %s RESP%d: ", f.name, w, protocol)
	if was {
		if f.unnoticed != w && !strings.Contains(s.states.String()+gapReasons(s.Viewer), f.words) {
			t.Errorf("nobody says %q\n%s", f.words, s.states)
		}
		live, _ := s.states.after(later(noticed.At, healed), func(state string) bool { return state == "live" })
		again := live.At.Sub(healed)
		if f.heal == nil {
			first, _ := s.states.after(noticed.At, func(state string) bool { return state == "live" })
			again = first.At.Sub(noticed.At)
		}
		row += fmt.Sprintf("noticed after %v, live again after %v, ", noticed.At.Sub(began).Round(100*time.Microsecond), again.Round(100*time.Microsecond))
	} else {
		row += "not noticed, "
	}
	open := w == byChannel || f.open == w
	if gaps := result.Gaps; (gaps > 0) != (was && open) {
		t.Errorf("%d gaps shown; noticed: %v, want some: %v\n%s", gaps, was, open, gapReasons(s.Viewer))
	}
	t.Log("FAULT ", row, result)
}

func gapReasons(v *redistest.Viewer) string {
	var b strings.Builder
	for _, g := range v.Gaps() {
		b.WriteString(g.Reason + "\n")
	}
	return b.String()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
