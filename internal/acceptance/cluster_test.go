//go:build unix

package acceptance_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// TestCluster_NodeDies publishes on every node of a cluster and kills the one to which Elva is connected. Elva must connect to another, even if
// the dead node had the slot of the only channel, since every node delivers all channels.
func TestCluster_NodeDies(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	if testing.Short() {
		t.Skip("a cluster takes seconds to come up")
	}
	for _, c := range []struct {
		name     string
		channels []string
		protocol int
	}{
		{"one channel", []string{"app"}, 3},
		{"several channels", []string{"app", "b", "c", "d"}, 2},
		{"a pattern", []string{"a?p"}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			nodes := redistest.StartCluster(t)
			options := &redis.ClusterOptions{Protocol: c.protocol}
			for _, node := range nodes {
				options.Addrs = append(options.Addrs, node.Addr)
			}
			client := redis.NewClusterClient(options)
			t.Cleanup(func() { client.Close() })
			tr := newTrial(t, hurry(elva.Config{}), client, c.channels...)
			tr.awaitState("live")

			var on *redistest.Server // the node to which Elva is connected
			for _, node := range nodes {
				if subscribers(t, node) == 1 {
					on = node
				}
			}
			if on == nil {
				t.Fatal("no node has a subscriber")
			}
			for _, node := range nodes {
				if node != on {
					tr.publish(publishers(node), "app")
				}
			}
			doomed := redistest.NewPublisher(publishers(on), "app", "doomed")
			doomed.Start(every)
			tr.awaitFlow(50)
			began := time.Now()
			on.Kill()
			doomed.Stop()
			other := func(state string) bool { return state != "live" }
			tr.await("the death to be noticed", func() bool { _, ok := tr.states.after(began, other); return ok })
			noticed, _ := tr.states.after(began, other)
			tr.awaitState("live")
			live := time.Now()
			tr.awaitFlow(50)
			for _, p := range tr.Publishers {
				p.Stop()
			}
			// The dead node delivers nothing more.
			tr.Publishers = append(tr.Publishers, doomed)
			for _, p := range tr.Publishers[:2] {
				last, err := p.Publish()
				if err != nil {
					t.Fatal(err)
				}
				tr.await("the last record", func() bool { return tr.Viewer.Has(last) })
			}
			result := redistest.Check(tr.Publishers, tr.Viewer)
			if result.Bad() || result.Gaps == 0 {
				t.Errorf("%v\n%v\n%s", result, result.Problems, tr.states)
			}
			t.Logf("FAULT  Cluster, its node is killed, %s RESP%d: noticed after %v, live on another after %v, %v", c.name, c.protocol,
				noticed.At.Sub(began).Round(time.Millisecond), live.Sub(began).Round(time.Millisecond), result)
		})
	}
}

// TestCluster_SlotOwnerDownAtStart starts Elva when the node with the slot of its only channel is already dead.
func TestCluster_SlotOwnerDownAtStart(t *testing.T) {
	redistest.RequireServer(t)
	if testing.Short() {
		t.Skip("a cluster takes seconds to come up")
	}
	t.Parallel()
	nodes := redistest.StartCluster(t)
	slot := nodes[0].Do("CLUSTER", "KEYSLOT", "app").(int64)
	owner := nodes[slot*3/16384]
	owner.Kill()
	options := &redis.ClusterOptions{}
	var alive *redistest.Server
	for _, node := range nodes {
		options.Addrs = append(options.Addrs, node.Addr)
		if node != owner {
			alive = node
		}
	}
	client := redis.NewClusterClient(options)
	t.Cleanup(func() { client.Close() })
	began := time.Now()
	tr := newTrial(t, hurry(elva.Config{}), client, "app")
	tr.awaitState("live")
	t.Logf("live after %v", time.Since(began).Round(time.Millisecond))
	tr.publish(publishers(alive), "app")
	tr.awaitFlow(20)
	tr.judge()
}

// subscribers returns how many clients of a node are subscribed.
func subscribers(t *testing.T, node *redistest.Server) int {
	t.Helper()
	list, err := node.Client(nil).Do(context.Background(), "CLIENT", "LIST", "TYPE", "pubsub").Text()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, c := range list {
		if c == '\n' {
			count++
		}
	}
	return count
}

// TestCluster_StreamsWhenNodeDies has a stream on each node.
func TestCluster_StreamsWhenNodeDies(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	if testing.Short() {
		t.Skip("a cluster takes seconds to come up")
	}
	nodes := redistest.StartCluster(t)
	keys := make([]string, len(nodes)) // by node
	for n := 0; slices.Contains(keys, ""); n++ {
		key := fmt.Sprint("stream", n)
		if slot := nodes[0].Do("CLUSTER", "KEYSLOT", key).(int64); keys[slot*3/16384] == "" {
			keys[slot*3/16384] = key
		}
	}
	options := &redis.ClusterOptions{}
	for _, node := range nodes {
		options.Addrs = append(options.Addrs, node.Addr)
	}
	client := redis.NewClusterClient(options)
	t.Cleanup(func() { client.Close() })
	h := hurry(elva.Config{Streams: keys}).New(client)
	web := httptest.NewServer(h)
	t.Cleanup(func() { h.Close(); web.Close() })
	v := follow(t, web.URL)
	waitFor(t, "the link", func() bool { return status(t, h).Redis.State == "live" })
	next := 0
	addTo := func(n ...int) { // waits for each record, since streams have no common order
		for _, n := range n {
			add(t, nodes[n].Client(nil), keys[n], next, 1, 1000)
			next++
			shownOnce(t, v, 0, next)
		}
	}
	addTo(0, 1, 2, 0, 1, 2)
	nodes[1].Kill()
	waitFor(t, "the death to be noticed", func() bool { return status(t, h).Redis.State == "down" })
	addTo(0, 2, 0, 2)
	d := status(t, h).Redis
	if !d.Sources[1].Confirmed.IsZero() || d.Sources[0].Confirmed.IsZero() || d.Sources[2].Confirmed.IsZero() || !strings.Contains(d.Text, keys[1]) {
		t.Errorf("the state is %s: %q, sources %+v", d.State, d.Text, d.Sources)
	}
	nodes[1].Restart() // without its data, so the stream is a new one
	waitFor(t, "the link", func() bool { return status(t, h).Redis.State == "live" })
	addTo(1, 0, 2, 1)
	for _, g := range v.Gaps() {
		if g.Kind != gap.Recreated || !strings.Contains(g.Reason, keys[1]) {
			t.Errorf("gap %+v", g)
		}
	}
	if len(v.Gaps()) == 0 {
		t.Error("that the stream was created again is not reported")
	}
}
