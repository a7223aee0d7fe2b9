package redisutil

import (
	"context"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// nodes is the part of *redis.ClusterClient that Elva uses. Naming that type would link it, which is larger than all of
// Elva, into every host's program.
type nodes interface {
	MasterForKey(ctx context.Context, key string) (*redis.Client, error)
	ReloadState(ctx context.Context)
}

// IsCluster reports whether client is a client of a cluster, where each key may be on another server.
func IsCluster(client redis.UniversalClient) bool {
	_, many := client.(nodes)
	return many
}

// Reload makes the client of a cluster reload its state, the assignment of keys to servers, in the background.
func Reload(ctx context.Context, client redis.UniversalClient) {
	if client, ok := client.(nodes); ok {
		client.ReloadState(ctx)
	}
}

// Dedicated returns a client with a single connection of its own to the server that has a key, and a function that closes
// it. A blocking command would occupy a connection of the host's pool, and only closing its connection ends it.
//
// The client never retries. After an error the key may be on another server, so the caller should request another client.
// If the type of client is unknown, Dedicated returns client itself, and close does nothing. connected is called for each
// new connection, which may lead to another server than the last one.
func Dedicated(ctx context.Context, client redis.UniversalClient, key string, t Timing, connected func()) (own redis.UniversalClient, close func(), err error) {
	var server *redis.Client
	switch client := client.(type) {
	case *redis.Client:
		server = client
	case nodes:
		client.ReloadState(ctx) // in the background, for the next try
		err = Guard(func() (err error) {
			server, err = client.MasterForKey(ctx, key)
			return err
		})
		if err != nil {
			return nil, nil, err
		}
	default:
		return client, func() {}, nil
	}
	o := *server.Options()
	o.PoolSize, o.MaxActiveConns, o.MinIdleConns, o.MaxIdleConns = 1, 0, 0, 0
	o.PipelinePoolSize, o.PipelineReadBufferSize, o.PipelineWriteBufferSize = 0, 0, 0
	o.MaxRetries, o.DialerRetries, o.ReadTimeout = -1, 1, t.Dead
	o.ClientSideCache, o.ClientSideCacheConfig, o.ContextTimeoutEnabled = nil, nil, true
	// The host's client shares these two options: it may still write to the first, and has its handlers in the second.
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	o.PushNotificationProcessor = nil
	onConnect := o.OnConnect
	o.OnConnect = func(ctx context.Context, c *redis.Conn) error {
		connected()
		if onConnect == nil {
			return nil
		}
		return onConnect(ctx, c)
	}
	c := redis.NewClient(&o)
	return c, func() { _ = c.Close() }, nil
}
