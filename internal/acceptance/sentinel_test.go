//go:build unix

package acceptance_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

func kill(s *redistest.Sentinel)   { s.Master.Kill() }
func freeze(s *redistest.Sentinel) { s.Master.Freeze() }
func plan(s *redistest.Sentinel) {
	s.Sentinels[0].Do("SENTINEL", "FAILOVER", redistest.MasterName)
}

// TestSentinel_Failover lets Sentinel promote the replica, in all ways in which that can happen.
//
// A planned failover is the most difficult: the old master answers pings for some ten seconds while publishers have moved at different times. No
// reply shows that, so the gap begins that much earlier.
func TestSentinel_Failover(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	if testing.Short() {
		t.Skip("a failover takes seconds")
	}
	for _, c := range []struct {
		name     string
		protocol int
		way      way
		make     func(*redistest.Sentinel)
	}{
		{"the master is killed", 3, byChannel, kill},
		{"the master is frozen", 2, byChannel, freeze},
		{"a planned failover", 3, byChannel, plan},
		{"the master is killed, by stream", 2, byStream, kill},
		{"the master is frozen, by stream", 3, byStream, freeze},
		{"a planned failover, by stream", 2, byStream, plan},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := redistest.StartSentinel(t)
			client := func(change func(*redis.FailoverOptions)) *redis.Client {
				options := s.Options()
				change(options)
				client := redis.NewFailoverClient(options)
				t.Cleanup(func() { client.Close() })
				return client
			}
			config, channels := hurry(elva.Config{}), []string{"app"}
			if c.way == byStream {
				config.Streams, channels = channels, nil
			}
			tr := newTrial(t, config, client(func(o *redis.FailoverOptions) { o.Protocol = c.protocol }), channels...)
			tr.way = c.way
			tr.awaitState("live")
			for range 3 { // they don't move to the new master at the same moment
				tr.publish(client(func(o *redis.FailoverOptions) { o.MaxRetries, o.ReadTimeout = -1, time.Second }), "app")
			}
			tr.awaitFlow(50)
			began := time.Now()
			c.make(s)
			other := func(state string) bool { return state != "live" }
			noticed := change{At: began}
			if c.way == byChannel { // by stream, a read that finds its connection gone takes another one
				tr.await("the failover to be noticed", func() bool { _, ok := tr.states.after(began, other); return ok })
				noticed, _ = tr.states.after(began, other)
			}
			tr.await("the new master", func() bool { // publishers and the subscriber are there
				if c.way == byStream {
					return tr.state() == "live" && len(tr.Viewer.Gaps()) > 0
				}
				return tr.state() == "live" && s.Replica.Do("PUBSUB", "NUMSUB", "app").([]any)[1] == int64(1)
			})
			live := time.Now()
			tr.awaitFlow(50)
			result := tr.judge()
			if result.Gaps == 0 {
				t.Error("no gap was shown")
			}
			t.Logf("FAULT  Sentinel, %s RESP%d: noticed after %v, live on the new master after %v, %v", c.name, c.protocol,
				noticed.At.Sub(began).Round(time.Millisecond), live.Sub(began).Round(time.Millisecond), result)
			for _, g := range tr.Viewer.Gaps() {
				t.Logf("gap of %v, %v after the last record: %s", g.To.Sub(g.From).Round(time.Millisecond), g.To.Sub(g.LastRecord).Round(time.Millisecond), g.Reason)
			}
		})
	}
}
