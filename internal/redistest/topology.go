//go:build unix

package redistest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// MasterName is how the sentinels of [StartSentinel] call the master.
const MasterName = "mymaster"

// Sentinel is a master with a replica and three sentinels that watch them.
type Sentinel struct {
	Master, Replica *Server // as they were at the start
	Sentinels       []*Server
}

// StartSentinel starts a master, its replica and three sentinels that take a master for dead after a
// second, and waits until they know each other.
func StartSentinel(t testing.TB) *Sentinel {
	t.Helper()
	s := &Sentinel{Master: Start(t)}
	s.Replica = Start(t, "--replicaof", "127.0.0.1", strconv.Itoa(s.Master.Port))
	for range 3 {
		sentinel := New(t)
		config := filepath.Join(sentinel.Dir, "sentinel.conf")
		text := strings.NewReplacer("PORT", strconv.Itoa(sentinel.Port), "DIR", sentinel.Dir, "NAME", MasterName, "MASTER", strconv.Itoa(s.Master.Port)).Replace(
			"port PORT\nbind 127.0.0.1\ndir DIR\nlogfile DIR/log\nsentinel monitor NAME 127.0.0.1 MASTER 2\n" +
				"sentinel down-after-milliseconds NAME 1000\nsentinel failover-timeout NAME 5000\n")
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		sentinel.args = []string{config, "--sentinel"}
		sentinel.Restart()
		s.Sentinels = append(s.Sentinels, sentinel)
	}
	s.await(t, "the sentinels to know each other and the replica", func() bool {
		for _, sentinel := range s.Sentinels {
			master := fields(sentinel.Do("SENTINEL", "MASTER", MasterName))
			if master["num-other-sentinels"] != "2" || master["num-slaves"] != "1" || master["flags"] != "master" {
				return false
			}
		}
		info, _ := s.Replica.Do("INFO", "replication").(string)
		return strings.Contains(info, "master_link_status:up")
	})
	return s
}

// Options are those of a client that asks the sentinels for the master.
func (s *Sentinel) Options() *redis.FailoverOptions {
	options := &redis.FailoverOptions{MasterName: MasterName}
	for _, sentinel := range s.Sentinels {
		options.SentinelAddrs = append(options.SentinelAddrs, sentinel.Addr)
	}
	return options
}

func (s *Sentinel) await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// fields reads a reply of names and values, in RESP2 or RESP3.
func fields(reply any) map[string]string {
	m := make(map[string]string)
	switch reply := reply.(type) {
	case map[any]any:
		for name, value := range reply {
			m[fmt.Sprint(name)] = fmt.Sprint(value)
		}
	case []any:
		for i := 0; i+1 < len(reply); i += 2 {
			m[fmt.Sprint(reply[i])] = fmt.Sprint(reply[i+1])
		}
	}
	return m
}

// StartCluster starts a cluster of three masters without replicas, which goes on when one dies, and
// waits until it serves. The first holds the lowest third of the 16384 slots, and so on.
func StartCluster(t testing.TB) []*Server {
	t.Helper()
	var nodes []*Server
	for i := range 3 {
		node := Start(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no", "--cluster-config-file", "nodes.conf")
		node.Do("CLUSTER", "ADDSLOTSRANGE", i*16384/3, (i+1)*16384/3-1)
		nodes = append(nodes, node)
	}
	for i, node := range nodes {
		node.Do("CLUSTER", "SET-CONFIG-EPOCH", i+1)
	}
	for _, node := range nodes[1:] {
		node.Do("CLUSTER", "MEET", "127.0.0.1", nodes[0].Port)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		ready := 0
		for _, node := range nodes {
			info, _ := node.Do("CLUSTER", "INFO").(string)
			if strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3") && strings.Contains(info, "cluster_slots_ok:16384") {
				ready++
			}
		}
		if ready == 3 {
			return nodes
		}
		if time.Now().After(deadline) {
			t.Fatal("the cluster does not come up")
		}
	}
}
