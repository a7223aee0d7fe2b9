//go:build unix

package acceptance_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
	"github.com/SupermanScott/Elva/internal/redisutil"
)

// TestSubscribe_RedisDownAtStart starts the handler before Redis. Records from before the connection lie in a gap from the handler's start.
func TestSubscribe_RedisDownAtStart(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	type scene struct {
		server *redistest.Server // not started yet
		proxy  *redistest.Proxy  // before it
	}
	for _, c := range []struct {
		name         string
		options      func(*redis.Options)
		begin        func(*testing.T, *scene) (end func())
		state, words string
	}{
		{
			name:  "nobody listens",
			begin: func(t *testing.T, s *scene) func() { return s.server.Restart },
			state: "down", words: "No connection to Redis",
		}, {
			name: "somebody listens and is silent",
			begin: func(t *testing.T, s *scene) func() {
				s.server.Restart()
				s.proxy.Stall()
				return s.proxy.Resume
			},
			options: func(o *redis.Options) { o.ReadTimeout = time.Second },
			state:   "down", words: "Redis does not answer",
		}, {
			name: "somebody listens and is silent, and the host waits for ever",
			begin: func(t *testing.T, s *scene) func() {
				s.server.Restart()
				s.proxy.Stall()
				return s.proxy.Resume
			},
			options: func(o *redis.Options) { o.ReadTimeout = -1 },
			state:   "down", words: "no answer while connecting",
		}, {
			name: "an HTTP server",
			begin: func(t *testing.T, s *scene) func() {
				listener, err := net.Listen("tcp", s.server.Addr)
				if err != nil {
					t.Fatal(err)
				}
				web := httptest.NewUnstartedServer(http.NotFoundHandler())
				web.Listener.Close()
				web.Listener = listener
				web.Start()
				return func() { web.Close(); s.server.Restart() }
			},
			state: "down", words: "No connection to Redis",
		}, {
			name: "a Redis that loads its data",
			begin: func(t *testing.T, s *scene) func() {
				load(t, s.server)
				return func() {}
			},
			state: "live", words: "live",
		}, {
			name: "a Redis that wants a password (NOAUTH)",
			begin: func(t *testing.T, s *scene) func() {
				s.server.Restart()
				admin := s.server.Client(func(o *redis.Options) { o.PoolSize = 1 })
				if err := admin.ConfigSet(t.Context(), "requirepass", "x").Err(); err != nil {
					t.Fatal(err)
				}
				return func() {
					if err := admin.ConfigSet(context.Background(), "requirepass", "").Err(); err != nil {
						t.Error(err)
					}
				}
			},
			state: "denied", words: "NOAUTH",
		}, {
			name: "a Redis with another password (WRONGPASS)", options: asViewer,
			begin: func(t *testing.T, s *scene) func() {
				s.server.Restart()
				return func() { makeViewer(&stage{Server: s.server}) }
			},
			state: "denied", words: "Redis denies the connection: failed to authenticate: WRONGPASS",
		}, {
			name: "a Redis that does not permit the channel (NOPERM)", options: asViewer,
			begin: func(t *testing.T, s *scene) func() {
				s.server.Restart()
				makeViewer(&stage{Server: s.server})
				s.server.Do("ACL", "SETUSER", "viewer", "resetchannels")
				return func() { s.server.Do("ACL", "SETUSER", "viewer", "&app") }
			},
			state: "denied", words: `Redis denies the channel "app": NOPERM`,
		},
	} {
		for _, protocol := range []int{2, 3} {
			t.Run(fmt.Sprintf("%s/RESP%d", c.name, protocol), func(t *testing.T) {
				t.Parallel()
				s := &scene{server: redistest.New(t)}
				s.proxy = redistest.NewProxy(t, s.server.Addr)
				end := c.begin(t, s)
				options := &redis.Options{Addr: s.proxy.Addr, Protocol: protocol}
				if c.options != nil {
					c.options(options)
				}
				client := redis.NewClient(options)
				t.Cleanup(func() { client.Close() })
				speed := time.Duration(10)
				if c.state == "live" {
					speed = 2 // a Redis that loads answers late on a busy machine
				}
				began := time.Now()
				tr := newTrial(t, hurryBy(speed, elva.Config{}), client, "app")
				if took := time.Since(began); took > time.Second {
					t.Errorf("New took %v", took)
				}
				tr.awaitState(c.state)
				noticed := time.Since(began)
				d := status(t, tr.Handler)
				if !strings.Contains(d.Redis.Text, c.words) {
					t.Errorf("text %q, want %q", d.Redis.Text, c.words)
				}
				if calm := d.Health.State != "down"; calm != (c.state == "live") {
					t.Errorf("health %q in state %q", d.Health.State, d.Redis.State)
				}
				healed := time.Now()
				end()
				tr.publish(publishers(s.server), "app")
				tr.awaitState("live")
				again := time.Since(healed)
				tr.awaitFlow(20)
				result := tr.judge()
				want := 1
				if c.state == "live" {
					want = 0
				}
				gaps := slices.DeleteFunc(tr.Viewer.Gaps(), func(g redistest.Gap) bool { return g.Connections > 0 }) // lost later, on a busy machine
				if len(gaps) != want {
					t.Errorf("gaps %+v, want %d", gaps, want)
				} else if want == 1 && gaps[0].From.Sub(began).Abs() > time.Second {
					t.Errorf("the gap begins at %v, the handler at %v", gaps[0].From, began)
				}
				t.Logf("FAULT  at the start %s RESP%d: noticed after %v, live again after %v, %v", c.name, protocol,
					noticed.Round(100*time.Microsecond), again.Round(100*time.Microsecond), result)
			})
		}
	}
}

// load starts a server that needs seconds to load its data.
func load(t *testing.T, s *redistest.Server) {
	t.Helper()
	s.Restart()
	s.Do("DEBUG", "POPULATE", "1500")
	s.Do("SAVE")
	s.Kill()
	s.Configure("--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024", "--dbfilename", "dump.rdb")
	s.RestartLoading()
}

// TestSubscribe_RedisReturnsLoading kills Redis and restarts it with data to load. While it loads, SUBSCRIBE and messages work, but PING returns
// an error.
func TestSubscribe_RedisReturnsLoading(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", protocol), func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			server.Do("DEBUG", "POPULATE", "3000")
			server.Do("SAVE")
			client := server.Client(func(o *redis.Options) { o.Protocol = protocol })
			tr := newTrial(t, hurry(elva.Config{}), client, "app")
			tr.awaitState("live")
			tr.publish(publishers(server), "app")
			tr.awaitFlow(20)
			began := time.Now()
			server.Kill()
			server.Configure("--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024", "--dbfilename", "dump.rdb")
			server.RestartLoading()
			tr.await("the restart to be noticed", func() bool {
				_, ok := tr.states.after(began, func(state string) bool { return state != "live" })
				return ok
			})
			tr.awaitState("live")
			for _, p := range tr.Publishers {
				p.Stop() // PINGs alone keep the link alive now
			}
			live := time.Now()
			tr.await("the end of loading", func() bool { return client.Ping(context.Background()).Err() == nil })
			t.Logf("loading went on for %v after the link was live", time.Since(live))
			// A busy machine may let a PING time out, which is no answer.
			if c, fell := tr.states.after(live, func(state string) bool { return state != "live" }); fell && strings.Contains(c.Text, "LOADING") {
				t.Errorf("while loading the link became %q: %s", c.State, c.Text)
			}
			noticed, _ := tr.states.after(began, func(state string) bool { return state != "live" })
			t.Logf("FAULT  LOADING RESP%d: noticed after %v, %v", protocol, noticed.At.Sub(began), tr.judge())
		})
	}
}

// TestSubscribe_OneNameDenied has an ACL that denies one of the names. It must be reported, and the others must work.
func TestSubscribe_OneNameDenied(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", protocol), func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			s := &stage{Server: server}
			makeViewer(s)
			server.Do("ACL", "SETUSER", "viewer", "&jobs:*")
			client := server.Client(func(o *redis.Options) { o.Protocol = protocol; asViewer(o) })
			// By 2: a dial can take seconds on a busy machine, and a connection that is given up for that is a gap of all names.
			tr := newTrial(t, hurryBy(2, elva.Config{}), client, "secret", "app", "jobs:*", "other:*")
			direct := publishers(server)
			tr.awaitState("denied")
			d := status(t, tr.Handler)
			for _, want := range []string{"Redis denies 2 of 4 subscriptions", `the channel "secret": NOPERM`, `the pattern "other:*": NOPERM`} {
				if !strings.Contains(d.Redis.Text, want) {
					t.Errorf("text %q, want %q", d.Redis.Text, want)
				}
			}
			if d.Health.State != "down" || !strings.Contains(d.Health.Text, `"secret"`) {
				t.Errorf("health %+v, want down and the name", d.Health)
			}
			for _, source := range d.Redis.Sources {
				if confirmed, want := !source.Confirmed.IsZero(), source.Name == "app" || source.Name == "jobs:*"; confirmed != want {
					t.Errorf("%s: confirmed %v, want %v", source.Name, confirmed, want)
				}
				if denied := source.Denied != ""; denied == source.DeniedSince.IsZero() || denied == source.NextTry.IsZero() {
					t.Errorf("%s: denied %q since %v, next try %v", source.Name, source.Denied, source.DeniedSince, source.NextTry)
				}
			}
			tr.publish(direct, "app")
			tr.publish(direct, "jobs:7")
			tr.awaitFlow(20)
			tr.publish(direct, "secret")
			tr.publish(direct, "other:1")
			tr.awaitFlow(20)
			if gaps := tr.Viewer.Gaps(); len(gaps) != 0 {
				t.Errorf("the permitted names have gaps: %+v", gaps)
			}

			// A new connection subscribes to the permitted names again.
			killSubscribers(s)
			tr.await("a gap of the permitted names", func() bool { return len(tr.Viewer.Gaps()) == 1 })
			tr.awaitFlow(20)

			// A name that becomes permitted is subscribed without a new connection, and its gap ends.
			server.Do("ACL", "SETUSER", "viewer", "&secret")
			tr.await("the name to be subscribed", func() bool {
				text := status(t, tr.Handler).Redis.Text
				return strings.Contains(text, "denies 1 of 4") && strings.Contains(text, "other:*")
			})
			server.Do("ACL", "SETUSER", "viewer", "&other:*")
			tr.awaitState("live")
			tr.awaitFlow(20)
			tr.judge()
			gaps := tr.Viewer.Gaps()
			if len(gaps) != 3 || !strings.Contains(gaps[1].Reason, `"secret"`) || !strings.Contains(gaps[2].Reason, `"other:*"`) {
				t.Errorf("gaps %+v, want one of the permitted names and one of each denied name", gaps)
			}

			// With all names permitted, the next connection subscribes to all of them at once.
			killSubscribers(s)
			tr.await("another gap", func() bool { return len(tr.Viewer.Gaps()) == 4 })
			tr.awaitState("live")
		})
	}
}

// TestSubscribe_MalformedReplies sends replies that go-redis misinterprets or that make it panic. The next connection works.
func TestSubscribe_MalformedReplies(t *testing.T) {
	t.Parallel()
	for _, protocol := range []int{2, 3} {
		for name, odd := range map[string]string{
			"an empty array":                     "*0\r\n",
			"an array of a number":               "*1\r\n:5\r\n",
			"a nil":                              "$-1\r\n",
			"a number":                           ":5\r\n",
			"a pong without text":                "*2\r\n$4\r\npong\r\n$-1\r\n",
			"a confirmation whose count is text": "*3\r\n$9\r\nsubscribe\r\n$3\r\napp\r\n$1\r\nx\r\n",
			"a message without payload":          "*2\r\n$7\r\nmessage\r\n$3\r\napp\r\n",
			"a message whose payload is nil":     "*3\r\n$7\r\nmessage\r\n$3\r\napp\r\n$-1\r\n",
			"a pattern message of numbers":       "*4\r\n$8\r\npmessage\r\n:1\r\n:2\r\n:3\r\n",
			"an unknown kind":                    "*3\r\n$4\r\nwhat\r\n$3\r\napp\r\n$1\r\nx\r\n",
			"no RESP at all":                     "HTTP/1.1 400 Bad Request\r\n\r\n",
			"an error nobody asked for":          "-ERR what\r\n",
			"a length that is no number":         "$x\r\n",
			"the end of the subscription":        "*3\r\n$11\r\nunsubscribe\r\n$3\r\napp\r\n:0\r\n",
			"more arrays than memory":            "*9223372036854775807\r\n",
			"a hundred thousand nested arrays":   strings.Repeat("*1\r\n", 100_000),
			"zero bytes":                         strings.Repeat("\x00", 1000),
			"a map":                              "%1\r\n+a\r\n+b\r\n",
			"a message whose channel is nil":     "*3\r\n$7\r\nmessage\r\n$-1\r\n$1\r\nx\r\n",
			"a message whose payload is nested":  "*3\r\n$7\r\nmessage\r\n$3\r\napp\r\n*1\r\n*1\r\n$1\r\na\r\n",
			"an alert of TLS":                    "\x15\x03\x01\x00\x02\x02\x46",
			"half a message, then the end":       "*3\r\n$7\r\nmessage\r\n$3\r\napp\r\n$9\r\nhal",
		} {
			t.Run(fmt.Sprintf("%s/RESP%d", name, protocol), func(t *testing.T) {
				t.Parallel()
				fake := redistest.NewFake(t, func(c *redistest.FakeConn, n int) {
					if _, ok := c.ConfirmSubscription(protocol); !ok {
						return
					}
					if n == 0 {
						c.Send(redistest.Push(protocol, "message", "app", "before"))
						c.Send(odd)
						if strings.Contains(name, "then the end") {
							return
						}
					} else {
						c.Send(redistest.Push(protocol, "message", "app", "after"))
					}
					for { // until the client closes the connection
						args, ok := c.Command()
						if !ok {
							return
						}
						if args[0] == "ping" {
							c.Send(redistest.Push(protocol, "pong", args[1]))
						}
					}
				})
				client := redis.NewClient(&redis.Options{Addr: fake.Addr, Protocol: protocol})
				t.Cleanup(func() { client.Close() })
				timing := redisutil.DefaultTiming()
				timing.Dead, timing.DeniedWait = time.Second, 100*time.Millisecond
				timing.FlowPing, timing.IdlePing = time.Minute, time.Minute // the odd reply must not be taken for that to a ping
				config := elva.Config{}
				setUnexported(&config, "timing", timing)
				tr := newTrial(t, config, client, "app")
				tr.await("the message of the next connection", func() bool {
					seen := tr.Viewer.Seen()
					return len(seen) > 0 && seen[len(seen)-1].Message == "after"
				})
				seen, gaps := tr.Viewer.Seen(), tr.Viewer.Gaps()
				if seen[0].Message != "before" || len(gaps) == 0 {
					t.Errorf("seen %v with the gaps %v", seen, gaps)
				}
			})
		}
	}
}

// TestSubscribe_UnexpectedErrorReply sends a reply without a command. That happens if a ping was sent on a connection that go-redis has just
// replaced.
func TestSubscribe_UnexpectedErrorReply(t *testing.T) {
	t.Parallel()
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", protocol), func(t *testing.T) {
			t.Parallel()
			fake := redistest.NewFake(t, func(c *redistest.FakeConn, n int) {
				if _, ok := c.ConfirmSubscription(protocol); !ok {
					return
				}
				c.Send(redistest.Push(protocol, "message", "app", "before"))
				c.Send("-LOADING Redis is loading the dataset in memory\r\n")
				c.Send(redistest.Push(protocol, "message", "app", fmt.Sprint("after, on connection ", n)))
				for { // until the client closes the connection
					args, ok := c.Command()
					if !ok {
						return
					}
					if args[0] == "ping" {
						c.Send(redistest.Push(protocol, "pong", args[1]))
					}
				}
			})
			client := redis.NewClient(&redis.Options{Addr: fake.Addr, Protocol: protocol})
			t.Cleanup(func() { client.Close() })
			tr := newTrial(t, elva.Config{}, client, "app")
			tr.await("both messages", func() bool { return len(tr.Viewer.Seen()) >= 2 })
			if seen, gaps := tr.Viewer.Seen(), tr.Viewer.Gaps(); seen[1].Message != "after, on connection 0" || len(gaps) != 0 {
				t.Errorf("seen %v with the gaps %v", seen, gaps)
			}
		})
	}
}

// TestSubscribe_ConnectionReplacedSilently confirms a subscription twice. That happens if go-redis replaces the connection without an error, for
// example when a managed Redis requests that.
func TestSubscribe_ConnectionReplacedSilently(t *testing.T) {
	t.Parallel()
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", protocol), func(t *testing.T) {
			t.Parallel()
			fake := redistest.NewFake(t, func(c *redistest.FakeConn, n int) {
				if _, ok := c.ConfirmSubscription(protocol); !ok {
					return
				}
				c.Send(redistest.Push(protocol, "message", "app", "before"))
				c.Send(redistest.Push(protocol, "subscribe", "app", 1))
				c.Send(redistest.Push(protocol, "message", "app", "after"))
				_, _ = c.Command()
				_, _ = c.Command()
			})
			client := redis.NewClient(&redis.Options{Addr: fake.Addr, Protocol: protocol})
			t.Cleanup(func() { client.Close() })
			tr := newTrial(t, elva.Config{}, client, "app")
			tr.await("both messages", func() bool { return len(tr.Viewer.Seen()) == 2 })
			tr.await("the gap", func() bool { return len(tr.Viewer.Gaps()) == 1 })
			if g := tr.Viewer.Gaps()[0]; g.Reason != "the connection was replaced" || g.From.After(tr.Viewer.Seen()[0].At) {
				t.Errorf("gap %+v", g)
			}
		})
	}
}

// TestSubscribe_RepeatedConfirmations confirms a subscription fifty times. Each may follow a connection that go-redis has replaced, so that records
// may be missing, but they are one gap.
func TestSubscribe_RepeatedConfirmations(t *testing.T) {
	t.Parallel()
	const n = 50
	fake := redistest.NewFake(t, func(c *redistest.FakeConn, _ int) {
		if _, ok := c.ConfirmSubscription(3); !ok {
			return
		}
		for range n {
			c.Send(redistest.Push(3, "subscribe", "app", 1))
		}
		c.Send(redistest.Push(3, "message", "app", "after"))
		_, _ = c.Command()
		_, _ = c.Command()
	})
	client := redis.NewClient(&redis.Options{Addr: fake.Addr, Protocol: 3})
	t.Cleanup(func() { client.Close() })
	tr := newTrial(t, elva.Config{}, client, "app")
	tr.await("the message", func() bool { return len(tr.Viewer.Seen()) == 1 })
	gaps := tr.Viewer.Gaps()
	if len(gaps) != 1 || gaps[0].Connections != n || gaps[0].Reason != "50 connections lost, the last: the connection was replaced" {
		t.Errorf("gaps %+v", gaps)
	}
}

// TestSubscribe_MessageCutAtAnyByte pauses or closes the connection after every byte of a message.
func TestSubscribe_MessageCutAtAnyByte(t *testing.T) {
	t.Parallel()
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", protocol), func(t *testing.T) {
			t.Parallel()
			frames := redistest.Push(protocol, "message", "app", "one") + redistest.Push(protocol, "message", "app", "two")
			fake := redistest.NewFake(t, func(c *redistest.FakeConn, n int) {
				if _, ok := c.ConfirmSubscription(protocol); !ok {
					return
				}
				if cut := n / 2; cut <= len(frames) {
					if !c.Send(frames[:cut]) {
						return
					}
					time.Sleep(2 * time.Millisecond) // the reader must notice the pause
					if n%2 == 0 {
						c.Send(frames[cut:])
					}
					return // and then the end
				}
				c.Send(redistest.Push(protocol, "message", "app", "end"))
				_, _ = c.Command()
				_, _ = c.Command()
			})
			client := redis.NewClient(&redis.Options{Addr: fake.Addr, Protocol: protocol})
			t.Cleanup(func() { client.Close() })
			config, timing := elva.Config{}, redisutil.DefaultTiming()
			timing.DownWait, timing.DownWaitMax = 0, 0 // it makes hundreds of connections that don't last
			setUnexported(&config, "timing", timing)
			tr := newTrial(t, config, client, "app")
			tr.await("the end", func() bool {
				seen := tr.Viewer.Seen()
				return len(seen) > 0 && seen[len(seen)-1].Message == "end"
			})
			counts := map[string]int{}
			for _, s := range tr.Viewer.Seen() {
				counts[s.Message]++
			}
			one := len(redistest.Push(protocol, "message", "app", "one"))
			// Each cut once with the rest following, and once without.
			all := len(frames) + 1
			if want := map[string]int{"one": all + all - one, "two": all + 1, "end": 1}; fmt.Sprint(counts) != fmt.Sprint(want) {
				t.Errorf("read %v, want %v", counts, want)
			}
			lost := 0
			for _, g := range tr.Viewer.Gaps() {
				lost += g.Connections
			}
			if want := 2 * all; lost < want-1 || lost > want {
				t.Errorf("%d connections lost, want %d", lost, want)
			}
		})
	}
}

// TestSubscribe_OverlappingNames subscribes to a channel by its name and by three patterns, and to odd names. Each message must be delivered once.
// It needs a real Redis, since miniredis sends the copies in a different order.
func TestSubscribe_OverlappingNames(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", protocol), func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			client := server.Client(func(o *redis.Options) { o.Protocol = protocol })
			odd := []string{"jobs[1]", "a b", "ü\u2028", "\x00\xff", "log:*", `back\slash`, strings.Repeat("n", 10_000), "{slot}"}
			names := []string{"app", "app*", "a?p", "*", "app"}
			for _, name := range odd {
				names = append(names, elva.Exact(name))
			}
			tr := newTrial(t, hurry(elva.Config{}), client, names...)
			tr.awaitState("live")
			direct := publishers(server)
			for _, channel := range append(odd, "app", "app", "apple", "elsewhere") {
				tr.publish(direct, channel)
			}
			tr.awaitFlow(300)
			killSubscribers(&stage{Server: server})
			tr.awaitFlow(300)
			result := tr.judge()
			for range 6 { // equal payloads are separate records
				direct.Publish(t.Context(), "app", "twin")
			}
			tr.await("the twins", func() bool {
				twins := 0
				for _, s := range tr.Viewer.Seen() {
					if s.Message == "twin" {
						twins++
					}
				}
				if twins > 6 {
					t.Fatalf("%d twins, want 6", twins)
				}
				return twins == 6
			})
			t.Logf("FAULT  overlapping subscriptions, odd names RESP%d: %v", protocol, result)
		})
	}
}

// TestClose_EveryState closes the handler in each state of its link. TestMain checks that no goroutine remains. Only with ReadTimeout -1 and a
// silent server does one remain until the connection ends.
func TestClose_EveryState(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	for name, reach := range map[string]func(*testing.T, *redistest.Server, *redistest.Proxy, *redis.Options) (state string){
		"live": func(*testing.T, *redistest.Server, *redistest.Proxy, *redis.Options) string { return "live" },
		"down": func(_ *testing.T, s *redistest.Server, _ *redistest.Proxy, _ *redis.Options) string {
			s.Kill()
			return "down"
		},
		"denied": func(_ *testing.T, _ *redistest.Server, _ *redistest.Proxy, o *redis.Options) string {
			asViewer(o)
			return "denied"
		},
		"connecting to a silent server": func(_ *testing.T, _ *redistest.Server, p *redistest.Proxy, _ *redis.Options) string {
			p.Stall()
			return "connecting"
		},
		"connecting to a silent server for ever": func(_ *testing.T, _ *redistest.Server, p *redistest.Proxy, o *redis.Options) string {
			p.Stall()
			o.ReadTimeout = -1
			return "connecting"
		},
		"down for ever": func(_ *testing.T, _ *redistest.Server, p *redistest.Proxy, o *redis.Options) string {
			p.Stall()
			o.ReadTimeout = -1
			return "down"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			proxy := redistest.NewProxy(t, server.Addr)
			options := &redis.Options{Addr: proxy.Addr}
			state := reach(t, server, proxy, options)
			client := redis.NewClient(options)
			t.Cleanup(func() { client.Close() })
			h := hurry(elva.Config{}).New(client, "app")
			waitFor(t, "the state "+state, func() bool { return status(t, h).Redis.State == state })
			// The documented bound is a second. A Close that waits for go-redis takes 20 s or never ends, and a busy machine needs some time itself.
			began := time.Now()
			if err := h.Close(); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("Close took %v", took)
			}
			if got := status(t, h).Redis.State; got != "closed" {
				t.Errorf("state %q after Close", got)
			}
			if state == "live" && client.Ping(context.Background()).Err() != nil {
				t.Error("the host's client is closed")
			}
		})
	}
}

// TestClose_DuringRedial closes during a redial to a silent server, while go-redis holds its lock.
func TestClose_DuringRedial(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	server := redistest.Start(t)
	proxy := redistest.NewProxy(t, server.Addr)
	client := redis.NewClient(&redis.Options{Addr: proxy.Addr, ReadTimeout: -1})
	t.Cleanup(func() { client.Close() })
	h := elva.New(client, "app")
	waitFor(t, "the link to be live", func() bool { return status(t, h).Redis.State == "live" })
	before := proxy.Connections()
	proxy.Stall()
	proxy.Cut()
	waitFor(t, "the redial", func() bool { return proxy.Connections() >= before })
	began := time.Now()
	h.Close()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("Close took %v", took)
	}
}

// TestSubscribe_SilentServer has a client without a read timeout. Each try hangs in go-redis and is abandoned, so there must not be many.
func TestSubscribe_SilentServer(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	if testing.Short() {
		t.Skip("it waits for five tries")
	}
	server := redistest.Start(t)
	proxy := redistest.NewProxy(t, server.Addr)
	proxy.Stall()
	client := redis.NewClient(&redis.Options{Addr: proxy.Addr, ReadTimeout: -1})
	t.Cleanup(func() { client.Close() })
	tr := newTrial(t, hurry(elva.Config{}), client, "app")
	for end := time.Now().Add(12 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if n := proxy.Connections(); n > 4 {
			t.Fatalf("%d connections to a silent server, want at most 4", n)
		}
	}
	if d := status(t, tr.Handler); d.Redis.State != "down" || proxy.Connections() != 4 {
		t.Errorf("state %q with %d connections, want down with 4", d.Redis.State, proxy.Connections())
	}
	proxy.Resume()
	tr.awaitState("live")
	waitFor(t, "the connections left behind to be closed", func() bool { return proxy.Connections() == 1 })
}

// TestSubscribe_HostClosesItsClient checks that Elva reports a closed client and stops trying.
func TestSubscribe_HostClosesItsClient(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	for name, kill := range map[string]bool{"live": false, "down": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			client := redis.NewClient(&redis.Options{Addr: server.Addr})
			tr := newTrial(t, hurry(elva.Config{}), client, "app")
			tr.awaitState("live")
			if kill {
				server.Kill()
				tr.awaitState("down")
			}
			client.Close()
			tr.awaitState("closed")
			d := status(t, tr.Handler)
			if d.Redis.Text != "the host has closed the Redis client" || d.Health.State != "down" {
				t.Errorf("text %q, health %q", d.Redis.Text, d.Health.State)
			}
		})
	}
}
