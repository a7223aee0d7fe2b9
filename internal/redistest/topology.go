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

// MasterName is the name of the master of [StartSentinel].
const MasterName = "mymaster"

// Sentinel is a master with a replica and three sentinels that watch them.
type Sentinel struct {
	Master, Replica *Server // their roles at the start
	Sentinels       []*Server
}

// StartSentinel starts a master, its replica and three sentinels that consider a master dead after a second, and waits until
// they know each other.
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
			master := parseFields(sentinel.Do("SENTINEL", "MASTER", MasterName))
			if master["num-other-sentinels"] != "2" || master["num-slaves"] != "1" || master["flags"] != "master" {
				return false
			}
		}
		info, _ := s.Replica.Do("INFO", "replication").(string)
		return strings.Contains(info, "master_link_status:up")
	})
	return s
}

// Options returns the options of a client that uses the sentinels.
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
			t.Fatalf("timeout while waiting for %s", what)
		}
	}
}

// parseFields parses a reply with names and values, in RESP2 or RESP3.
func parseFields(reply any) map[string]string {
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

// StartCluster starts a cluster of three masters without replicas and waits until it works. The first master has the lowest
// third of the 16384 slots, and so on. The cluster continues to work when one of them ends.
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
			t.Fatal("the cluster does not work")
		}
	}
}
