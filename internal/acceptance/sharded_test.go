//go:build unix

package acceptance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// newSharded starts a trial with one sharded channel on each node of a cluster, each with its own publisher.
func newSharded(t *testing.T) (tr *trial, nodes []*redistest.Server, channels []string) {
	t.Helper()
	redistest.RequireServer(t)
	if testing.Short() {
		t.Skip("a cluster takes seconds to come up")
	}
	nodes = redistest.StartCluster(t)
	channels = make([]string, len(nodes)) // by node
	for n := 0; slices.Contains(channels, ""); n++ {
		name := fmt.Sprint("app", n)
		if node := slotOf(nodes, name) * 3 / 16384; channels[node] == "" {
			channels[node] = name
		}
	}
	options := &redis.ClusterOptions{}
	for _, node := range nodes {
		options.Addrs = append(options.Addrs, node.Addr)
	}
	client := redis.NewClusterClient(options)
	t.Cleanup(func() { client.Close() })
	tr = newTrial(t, hurry(elva.Config{Sharded: true}), client, channels...)
	tr.awaitState("live")
	for i, channel := range channels {
		p := tr.publisher(client, channel, fmt.Sprintf("p%d", i))
		p.Sharded = true
		p.Start(every)
	}
	return tr, nodes, channels
}

// slotOf returns the slot of a channel.
func slotOf(nodes []*redistest.Server, name string) int64 {
	return nodes[0].Do("CLUSTER", "KEYSLOT", name).(int64)
}

// TestSharded_NodeKilled kills a node. The channels of the other nodes continue, and that of the dead node has a gap.
func TestSharded_NodeKilled(t *testing.T) {
	t.Parallel()
	tr, nodes, channels := newSharded(t)
	tr.awaitFlow(50)
	nodes[1].Kill()
	tr.await("the death to be noticed", func() bool { return tr.state() == "down" })
	tr.Publishers[1].Stop() // each of its tries would wait for the dead node
	tr.awaitFlow(50)
	d := status(t, tr.Handler).Redis
	if d.Sources[0].Confirmed.IsZero() || !d.Sources[1].Confirmed.IsZero() || d.Sources[2].Confirmed.IsZero() || !strings.Contains(d.Text, channels[1]) {
		t.Errorf("the state is %q, sources %+v", d.Text, d.Sources)
	}
	nodes[1].Restart()
	tr.awaitState("live")
	if result := tr.judge(); result.Gaps == 0 {
		t.Errorf("no gap: %v", result)
	} else {
		t.Logf("FAULT  Sharded, a node is killed: %v", result)
	}
}

// TestSharded_SlotMoves moves the slot of a channel to another node, like resharding. Redis ends the subscription, and Elva must follow.
func TestSharded_SlotMoves(t *testing.T) {
	t.Parallel()
	tr, nodes, channels := newSharded(t)
	tr.awaitFlow(50)
	slot := slotOf(nodes, channels[0])
	from, to := nodes[0].Do("CLUSTER", "MYID"), nodes[2].Do("CLUSTER", "MYID")
	nodes[2].Do("CLUSTER", "SETSLOT", slot, "IMPORTING", from)
	nodes[0].Do("CLUSTER", "SETSLOT", slot, "MIGRATING", to)
	tr.awaitFlow(50)
	moved := time.Now()
	for _, node := range []*redistest.Server{nodes[2], nodes[0], nodes[1]} {
		node.Do("CLUSTER", "SETSLOT", slot, "NODE", to)
	}
	tr.await("the move to be noticed", func() bool {
		_, ok := tr.states.after(moved, func(state string) bool { return state == "down" })
		return ok
	})
	tr.awaitState("live")
	live := time.Now()
	before := status(t, tr.Handler).Redis.Sources[0].Records
	tr.await("records from the other node", func() bool { return status(t, tr.Handler).Redis.Sources[0].Records > before+20 })
	if subscribers(t, nodes[2]) != 2 {
		t.Errorf("%d subscribers on the node that has the slot by now, want 2", subscribers(t, nodes[2]))
	}
	if result := tr.judge(); result.Gaps == 0 {
		t.Errorf("no gap: %v", result)
	} else {
		t.Logf("FAULT  Sharded, the slot moves to another node: live after %v, %v", live.Sub(moved).Round(time.Millisecond), result)
	}
}

// TestSharded_OneServer uses a single server with all slots. PUBLISH publishes on a different channel than SPUBLISH.
func TestSharded_OneServer(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(nil)
	h := elva.Config{Sharded: true, HistoryList: "app:list", Logger: quiet.Logger}.New(client, `odd\*name`)
	defer h.Close()
	waitFor(t, "the link to be live", func() bool { return status(t, h).Redis.State == "live" })
	server.Do("PUBLISH", "odd*name", "by publish")
	w := elva.NewShardedWriter(client, "odd*name")
	defer w.Close()
	fmt.Fprintln(w, "by the writer")
	if err := w.Sync(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the record", func() bool { return strings.Contains(records(t, h), "by the writer") })
	if got := records(t, h); strings.Contains(got, "by publish") {
		t.Errorf("records %s", got)
	}
}

// TestSharded_Denied has a user without access to one of the channels. That must be reported, and the others must be read.
func TestSharded_Denied(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	server.Do("ACL", "SETUSER", "viewer", "on", ">secret", "resetchannels", "&a", "+ssubscribe", "+ping", "+hello", "+client")
	h := hurry(elva.Config{Sharded: true, Logger: quiet.Logger}).New(server.Client(asViewer), "a", "b")
	defer h.Close()
	waitFor(t, "the denial", func() bool { return status(t, h).Redis.State == "denied" })
	server.Do("SPUBLISH", "a", "permitted")
	waitFor(t, "the record", func() bool { return strings.Contains(records(t, h), "permitted") })
	waitFor(t, "the denial of b alone", func() bool { // while the subscription is retried, b is not denied
		d := status(t, h).Redis
		return strings.Contains(d.Text, `the channel "b"`) && d.Sources[0].Denied == "" && d.Sources[1].Denied != ""
	})
	server.Do("ACL", "SETUSER", "viewer", "&b")
	waitFor(t, "the right to be noticed", func() bool { return status(t, h).Redis.State == "live" })
}
