package pubsub

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

// Conn is a connection with subscriptions and its pending replies. One goroutine may receive while another
// sends commands.
type Conn struct {
	Asked   Pending
	pubsub  *redis.PubSub
	sources []redisutil.Channel
	close   func()
}

// NewConn returns a connection that has not been dialed. Closing it waits for a dial in progress, which can
// take forever if the host has set no ReadTimeout. Therefore Close works in the background.
func NewConn(ctx context.Context, client redis.UniversalClient, sources []redisutil.Channel, background *sync.WaitGroup) *Conn {
	c := &Conn{pubsub: client.Subscribe(ctx), sources: sources} // without names it does not dial
	c.close = sync.OnceFunc(func() { background.Go(func() { _ = c.pubsub.Close() }) })
	return c
}

// Close closes the connection, in the background. It may be called more than once.
func (c *Conn) Close() { c.close() }

// Subscribe subscribes to all sources: with the two commands that go-redis itself would use, or, if apart is true, with a
// command for each. Receive returns the replies.
func (c *Conn) Subscribe(ctx context.Context, apart bool) error {
	for _, command := range c.together() {
		if !apart {
			if err := c.Ask(ctx, command...); err != nil {
				return err
			}
			continue
		}
		for _, i := range command {
			if err := c.Ask(ctx, i); err != nil {
				return err
			}
		}
	}
	return nil
}

// together returns the indexes of the sources for each command: all channels, then all
// patterns.
func (c *Conn) together() [][]int {
	var exact, patterns []int
	for i, src := range c.sources {
		if src.Pattern {
			patterns = append(patterns, i)
		} else {
			exact = append(exact, i)
		}
	}
	var commands [][]int
	for _, command := range [][]int{exact, patterns} {
		if len(command) > 0 {
			commands = append(commands, command)
		}
	}
	return commands
}

// Ask subscribes to sources with one command. They must be all channels or all patterns.
func (c *Conn) Ask(ctx context.Context, sources ...int) error {
	c.Asked.Subscribe(time.Now(), sources)
	names := make([]string, len(sources))
	for n, i := range sources {
		names[n] = c.sources[i].Name
	}
	subscribe := c.pubsub.Subscribe
	switch src := c.sources[sources[0]]; {
	case src.Pattern:
		subscribe = c.pubsub.PSubscribe
	case src.Shard:
		subscribe = c.pubsub.SSubscribe
	}
	return redisutil.Guard(func() error { return subscribe(ctx, names...) })
}

// Ping sends a PING, unless the reply to an earlier one is pending.
func (c *Conn) Ping(ctx context.Context) error {
	if token, ok := c.Asked.Ping(time.Now()); ok {
		return redisutil.Guard(func() error { return c.pubsub.Ping(ctx, token) })
	}
	return nil
}

// Receive returns the next message or reply from Redis. After a timeout the connection is unusable, since
// the reader may be in the middle of a frame. After any other network error go-redis has
// already dialed again; see Redialed.
func (c *Conn) Receive(ctx context.Context, timeout time.Duration) (message any, err error) {
	err = redisutil.Guard(func() error {
		message, err = c.pubsub.ReceiveTimeout(ctx, timeout)
		return err
	})
	return message, err
}

// Redialed notes that go-redis has dialed again and subscribed to all names.
func (c *Conn) Redialed() {
	c.Asked.Reset()
	for _, command := range c.together() {
		c.Asked.Subscribe(time.Now(), command)
	}
}
