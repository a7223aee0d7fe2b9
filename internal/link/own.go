package link

import (
	"github.com/redis/go-redis/v9"
)

// Own returns a client of Elva's own to what client reaches, with as many connections, and what closes it.
// A command that blocks would take a connection out of the host's pool for good; and closing is the only
// way to end one.
//
// It never tries again by itself: what is to be done after an error depends on how long ago that was. A
// client of a kind that is not known here is used as it is, and close does nothing.
func Own(client redis.UniversalClient, connections int, t Timing) (own redis.UniversalClient, close func()) {
	switch client := client.(type) {
	case *redis.Client:
		o := *client.Options()
		o.PoolSize, o.MaxActiveConns, o.MinIdleConns, o.MaxIdleConns = connections, 0, 0, 0
		o.PipelinePoolSize, o.PipelineReadBufferSize, o.PipelineWriteBufferSize = 0, 0, 0
		o.MaxRetries, o.DialerRetries, o.ReadTimeout = -1, 1, t.Dead
		o.ClientSideCache, o.ClientSideCacheConfig, o.ContextTimeoutEnabled = nil, nil, true
		own := redis.NewClient(&o)
		return own, func() { _ = own.Close() }
	case *redis.ClusterClient:
		o := *client.Options()
		o.PoolSize, o.MaxActiveConns, o.MinIdleConns, o.MaxIdleConns = connections, 0, 0, 0
		o.MaxRedirects, o.DialerRetries, o.ReadTimeout = 1, 1, t.Dead // a redirect leads to the node that has the key
		o.ContextTimeoutEnabled = true
		own := redis.NewClusterClient(&o)
		return own, func() { _ = own.Close() }
	}
	return client, func() {}
}
