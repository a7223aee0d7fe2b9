//go:build unix

package acceptance_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

func TestStreamWriter_MaxLen(t *testing.T) {
	t.Parallel()
	client := redistest.Start(t).Client(nil)
	w := elva.NewStreamWriter(client, "app", 1000)
	const n = 15_000 // fewer than may wait
	for i := range n {
		fmt.Fprintf(w, "m%d", i)
	}
	waitFor(t, "all records", func() bool { return w.Stats().Waiting == 0 })
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := entries(t, client, "app")
	// Redis removes nodes of up to 100 entries as a whole.
	if len(got) < 1000 || len(got) > 1100 {
		t.Fatalf("%d entries", len(got))
	}
	for i, p := range got {
		if want := fmt.Sprint("m", n-len(got)+i); p != want {
			t.Fatalf("entry %d is %q, want %q", i, p, want)
		}
	}
}

// TestStreamWriter_Denied has errors that last until somebody changes something.
func TestStreamWriter_Denied(t *testing.T) {
	for name, c := range map[string]struct{ deny, lift []any }{
		"NOPERM":    {[]any{"ACL", "SETUSER", "app", "resetkeys", "~other"}, []any{"ACL", "SETUSER", "app", "~app"}},
		"WRONGTYPE": {[]any{"SET", "app", "a string"}, []any{"DEL", "app"}},
		"OOM":       {[]any{"CONFIG", "SET", "maxmemory", "1"}, []any{"CONFIG", "SET", "maxmemory", "0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			server.Do("ACL", "SETUSER", "app", "on", ">secret", "+@all", "~*")
			client := server.Client(func(o *redis.Options) { o.Username, o.Password = "app", "secret" })
			server.Do(c.deny...)
			w := elva.NewStreamWriter(client, "app", 0)
			fmt.Fprint(w, "denied")
			if err := w.Close(); err == nil || !strings.Contains(err.Error(), "1 record not published: "+name) {
				t.Errorf("Close: %v", err)
			}
			w = elva.NewStreamWriter(client, "app", 0)
			defer w.Close()
			for i := range 1000 {
				fmt.Fprintf(w, "m%d", i)
			}
			waitFor(t, "the writer to notice", func() bool { return w.Stats().Err != nil })
			server.Do(c.lift...)
			waitFor(t, "the records", func() bool { return w.Stats().Waiting == 0 })
			got := entries(t, client, "app")
			if err := inOrder(got, "m", 1000); err != nil || len(got) != 1000 {
				t.Errorf("%d entries: %v", len(got), err)
			}
		})
	}
}

// TestStreamWriter_RedisDies repeatedly kills a server that persists every write, while records are written.
func TestStreamWriter_RedisDies(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	client := server.Client(nil)
	w := elva.NewStreamWriter(client, "app", 0)
	defer w.Close()
	n := 0
	write := func(records int) {
		for range records {
			fmt.Fprintf(w, "m%d", n)
			n++
		}
	}
	for range 3 {
		write(3000)
		waitFor(t, "some of them", func() bool { return w.Stats().Waiting < 3000 })
		server.Kill()
		write(1000)
		waitFor(t, "the writer to notice", func() bool { return w.Stats().Err != nil })
		server.Restart()
		waitFor(t, "the others", func() bool { return w.Stats().Waiting == 0 })
	}
	got := entries(t, client, "app")
	t.Logf("%d records, %d entries", n, len(got))
	if err := inOrder(got, "m", n); err != nil {
		t.Error(err)
	}
	if len(got) > n+3*500 {
		t.Errorf("%d entries for %d records", len(got), n)
	}
}

// TestStreamWriter_FrozenServer freezes a server. When it continues, it executes everything that was sent meanwhile.
func TestStreamWriter_FrozenServer(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(func(o *redis.Options) { o.ReadTimeout = 300 * time.Millisecond })
	w := elva.NewStreamWriter(client, "app", 0)
	defer w.Close()
	fmt.Fprint(w, "m0")
	waitFor(t, "the first record", func() bool { return w.Stats().Waiting == 0 })
	server.Freeze()
	for i := range 2000 {
		fmt.Fprintf(w, "m%d", i+1)
	}
	waitFor(t, "the writer to notice", func() bool { return w.Stats().Err != nil })
	time.Sleep(2 * time.Second) // for more attempts
	server.Unfreeze()
	waitFor(t, "all records", func() bool { return w.Stats().Waiting == 0 })
	fmt.Fprint(w, "m2001")
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	got := entries(t, client, "app")
	t.Logf("2002 records, %d entries", len(got))
	if err := inOrder(got, "m", 2002); err != nil {
		t.Error(err)
	}
	if len(got) > 2002+500 {
		t.Errorf("%d entries for 2002 records", len(got))
	}
}

// TestStreamWriter_ClusterKeyMoves moves the key's slot to another node.
func TestStreamWriter_ClusterKeyMoves(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	if testing.Short() {
		t.Skip("a cluster takes seconds to come up")
	}
	nodes := redistest.StartCluster(t)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Addr}})
	defer client.Close()
	w := elva.NewStreamWriter(client, "moved", 0)
	defer w.Close()
	fmt.Fprint(w, "m0")
	waitFor(t, "the first record", func() bool { return w.Stats().Waiting == 0 })

	slot := nodes[0].Do("CLUSTER", "KEYSLOT", "moved").(int64)
	from := nodes[slot*3/16384]
	to := nodes[(slot*3/16384+1)%3]
	fromID, toID := from.Do("CLUSTER", "MYID"), to.Do("CLUSTER", "MYID")
	to.Do("CLUSTER", "SETSLOT", slot, "IMPORTING", fromID)
	from.Do("CLUSTER", "SETSLOT", slot, "MIGRATING", toID)
	from.Do("MIGRATE", "127.0.0.1", to.Port, "moved", 0, 5000)
	for i := range 1000 { // answered with ASK
		fmt.Fprintf(w, "m%d", i+1)
	}
	waitFor(t, "what was asked for elsewhere", func() bool { return w.Stats().Waiting == 0 })
	for _, node := range []*redistest.Server{to, from} {
		node.Do("CLUSTER", "SETSLOT", slot, "NODE", toID)
	}
	for i := range 1000 { // answered with MOVED
		fmt.Fprintf(w, "m%d", i+1001)
	}
	waitFor(t, "what was moved", func() bool { return w.Stats().Waiting == 0 })
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	got := entries(t, to.Client(nil), "moved")
	if err := inOrder(got, "m", 2001); err != nil || len(got) != 2001 {
		t.Errorf("%d entries: %v", len(got), err)
	}
	if n, err := client.XLen(context.Background(), "moved").Result(); err != nil || n != 2001 {
		t.Errorf("%d entries, %v", n, err)
	}
}
