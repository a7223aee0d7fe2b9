// Package pubsub reads Redis Pub/Sub: the receive loop, its watchdog, denied names and gaps.
package pubsub

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/ingest"
	"github.com/SupermanScott/Elva/internal/redisutil"
	"github.com/SupermanScott/Elva/internal/status"
)

const (
	// busLag is the time that a record may take from one node of a cluster to another. The reply of a node
	// proves nothing about records that are on their way to it. Normally they take milliseconds. A bus with
	// a longer lag than this is as good as interrupted.
	busLag = time.Second
	// failoverLag is the time for which a planned failover of Sentinel can leave a subscriber on the old master.
	// The old master still replies to pings while publishers have moved to the new one. Sentinel checks it every 10 s,
	// finds that it still acts as a master, and makes it a replica, which disconnects its clients.
	failoverLag = 15 * time.Second
	// maxAbandoned bounds the connections that may hang in go-redis at the same time. Each has a goroutine.
	maxAbandoned = 3
)

// Options configure a Subscription.
type Options struct {
	Client  redis.UniversalClient
	Sources []redisutil.Channel
	Timing  redisutil.Timing
	Link    *status.Subscription
	// ReadAhead bounds the bytes of messages that have been received but not yet delivered, which matters when Redis sends
	// them faster than they can be delivered. A single message may be larger.
	ReadAhead int
	Sink      ingest.Sink
	// Decode decodes messages ahead of time while they arrive faster than they are handled. The result is the Decoded of
	// the record for Sink. Decode is called concurrently. It may be nil.
	Decode  func(payload string, into *ingest.Decoded)
	Settled func(at time.Time) // called when all names are subscribed, after the gaps; may be nil
}

// Subscription maintains one subscription to Redis. It passes each message to the Sink as a record, and each
// interruption as a gap. It waits for nothing but Redis.
//
// Each attempt is a session, and there is one session at a time. Its fields may only be used by the goroutine that holds the
// session's turn.
type Subscription struct {
	client  redis.UniversalClient
	sources []redisutil.Channel
	timing  redisutil.Timing
	link    *status.Subscription

	readAhead int
	sink      ingest.Sink
	decode    func(payload string, into *ingest.Decoded)
	settled   func(at time.Time)

	background sync.WaitGroup // goroutines that may outlast their session, since a dial of go-redis can't be interrupted
	abandoned  atomic.Int32   // the number of sessions that hang in go-redis

	current atomic.Pointer[queue] // the queue of the session; nil without one

	overlap Overlap
	moved   moved
	apart   bool // subscribe to each name with a command of its own
	backoff redisutil.Backoff
}

// New returns a subscription. Run starts it.
func New(o Options) *Subscription {
	s := &Subscription{client: o.Client, sources: o.Sources, timing: o.Timing, link: o.Link, readAhead: o.ReadAhead, sink: o.Sink, decode: o.Decode, settled: o.Settled,
		backoff: redisutil.Backoff{Timing: o.Timing}}
	if _, ok := o.Client.(*redis.ClusterClient); ok {
		s.moved = newMoved(busLag)
	}
	return s
}

// Lag returns how long a message may take to reach the server that the client subscribes to: some seconds in a cluster or with Sentinel, else
// none. A gap begins that much earlier, since a reply from that server says nothing about more recent messages.
func Lag(client redis.UniversalClient) time.Duration {
	switch client := client.(type) {
	case *redis.ClusterClient:
		return busLag
	case *redis.Client:
		if client.Options().Addr == "FailoverClient" { // go-redis gives this address to clients that ask Sentinel
			return failoverLag
		}
	}
	return 0
}

// Run subscribes and reconnects until ctx ends or the host closes the client.
func (s *Subscription) Run(ctx context.Context) {
	for {
		err := s.session(ctx)
		if ctx.Err() != nil {
			s.link.Set(status.Closed, "the handler is closed", time.Time{})
			return
		}
		if errors.Is(err, errTogether) {
			s.apart = true
			continue
		}
		text := s.describe(err)
		s.link.Lost(text)
		if errors.Is(err, redis.ErrClosed) {
			s.link.Set(status.Closed, text, time.Time{})
			return
		}
		state, denied := status.Down, redisutil.Denied(err)
		if denied {
			state = status.Denied
		}
		now := time.Now()
		next := s.backoff.Next(now, denied)
		s.backoff.Failed(now)
		s.link.Set(state, text, next)
		select {
		case <-ctx.Done():
		case <-time.After(next.Sub(now)):
		}
	}
}

// Waiting returns the bytes of the messages that wait to be handled, and whether they arrive faster than they are handled. If this
// continues, some will be lost.
func (s *Subscription) Waiting() (bytes int, behind bool) {
	q := s.current.Load()
	if q == nil {
		return 0, false
	}
	return int(q.bytes.Load()), q.behind()
}

// sharded reports whether the sources are sharded channels.
func (s *Subscription) sharded() bool { return s.sources[0].Shard }

// describe returns a text that says why there is no connection. Each sharded channel has its own, so the text names the channel.
func (s *Subscription) describe(err error) string {
	text := redisutil.Describe(err) + redisutil.Hint(s.client, err, !s.link.LastInput().IsZero())
	if s.sharded() && !errors.As(err, new(*redisutil.DeniedError)) {
		text += fmt.Sprintf(" (the channel %q)", redisutil.ShowName(s.sources[0].Name))
	}
	return text
}

// Wait waits for the goroutines that outlast Run because go-redis could not be interrupted.
func (s *Subscription) Wait() { s.background.Wait() }
