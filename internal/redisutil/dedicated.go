package redisutil

import (
	"context"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// nodes is a client of several servers that knows which one has a key, as *redis.ClusterClient does. By that name
// it would be part of every host's program: it is larger than all of Elva.
type nodes interface {
	MasterForKey(ctx context.Context, key string) (*redis.Client, error)
	ReloadState(ctx context.Context)
}

// Many reports whether client may have every key on another server.
func Many(client redis.UniversalClient) bool {
	_, many := client.(nodes)
	return many
}

// Reload has the client of a cluster find out again which server has which keys, in the background, for the next try.
func Reload(ctx context.Context, client redis.UniversalClient) {
	if client, ok := client.(nodes); ok {
		client.ReloadState(ctx)
	}
}

// Dedicated returns a client of Elva's own, with one connection, to the server of client's that has a key, and what
// closes it. A command that blocks would take a connection out of the host's pool for good; and closing is the
// only way to end one.
//
// It never tries again by itself: what is to be done after an error depends on how long ago that was. After one
// the key may be on another server, so another client should be asked for. A client of a kind that is not known
// here is used as it is, and close does nothing. connected is called for each new connection, which may lead to
// another server than the last one.
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
	// These two are shared with the host's client, which goes on writing to the one (when a server does not know of
	// maintenance) and has put its handlers into the other.
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	o.PushNotificationProcessor = nil
	before := o.OnConnect
	o.OnConnect = func(ctx context.Context, c *redis.Conn) error {
		connected()
		if before == nil {
			return nil
		}
		return before(ctx, c)
	}
	c := redis.NewClient(&o)
	return c, func() { _ = c.Close() }, nil
}
