package link

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// Own returns a client of Elva's own to what client reaches, with as many connections, and what closes it.
// A command that blocks would take a connection out of the host's pool for good; and closing is the only
// way to end one.
//
// It never tries again by itself: what is to be done after an error depends on how long ago that was. A
// client of a kind that is not known here is used as it is, and close does nothing. connected is told of each
// new connection, which may lead to another server than the last one.
func Own(client redis.UniversalClient, connections int, t Timing, connected func()) (own redis.UniversalClient, close func()) {
	after := func(before func(context.Context, *redis.Conn) error) func(context.Context, *redis.Conn) error {
		return func(ctx context.Context, c *redis.Conn) error {
			connected()
			if before == nil {
				return nil
			}
			return before(ctx, c)
		}
	}
	switch client := client.(type) {
	case *redis.Client:
		o := *client.Options()
		o.PoolSize, o.MaxActiveConns, o.MinIdleConns, o.MaxIdleConns = connections, 0, 0, 0
		o.PipelinePoolSize, o.PipelineReadBufferSize, o.PipelineWriteBufferSize = 0, 0, 0
		o.MaxRetries, o.DialerRetries, o.ReadTimeout = -1, 1, t.Dead
		o.ClientSideCache, o.ClientSideCacheConfig, o.ContextTimeoutEnabled = nil, nil, true
		o.OnConnect = after(o.OnConnect)
		own := redis.NewClient(&o)
		return own, func() { _ = own.Close() }
	case *redis.ClusterClient:
		o := *client.Options()
		o.PoolSize, o.MaxActiveConns, o.MinIdleConns, o.MaxIdleConns = connections, 0, 0, 0
		o.MaxRedirects, o.DialerRetries, o.ReadTimeout = 1, 1, t.Dead // a redirect leads to the node that has the key
		o.ContextTimeoutEnabled = true
		o.OnConnect = after(o.OnConnect)
		own := redis.NewClusterClient(&o)
		return own, func() { _ = own.Close() }
	}
	return client, func() {}
}
