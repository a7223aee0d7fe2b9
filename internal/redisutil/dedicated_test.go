package redisutil

import (
	"context"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// TestDedicated_SharesNoOptions creates clients while the host's client connects, which then writes to its options. The race
// detector finds shared options.
func TestDedicated_SharesNoOptions(t *testing.T) {
	server := miniredis.RunT(t)
	for range 20 {
		host := redis.NewClient(&redis.Options{Addr: server.Addr(), Protocol: 3})
		var both sync.WaitGroup
		both.Go(func() { _ = host.Ping(context.Background()).Err() })
		for range 20 {
			own, hangUp, err := Dedicated(context.Background(), host, "key", Timing{}, func() {})
			if err != nil {
				t.Fatal(err)
			}
			if own.(*redis.Client).Options().PushNotificationProcessor == host.Options().PushNotificationProcessor {
				t.Fatal("the handlers of push notifications are shared")
			}
			hangUp()
		}
		both.Wait()
		_ = host.Close()
	}
}
