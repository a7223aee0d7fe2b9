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
	// busLag is how long a record may take from one node of a cluster to another. What a node answers
	// proves nothing of records that are on their way to it. It takes milliseconds; a bus that takes
	// longer than this is as good as cut.
	busLag = time.Second
	// failoverLag is how long a planned failover of Sentinel can leave a subscriber on the old master,
	// which answers pings while publishers have moved on: Sentinel looks at it every 10 s, finds that it
	// still takes itself for the master, and makes it a replica, which ends its clients.
	failoverLag = 15 * time.Second
	// maxAbandoned bounds how many connections may hang in go-redis at once, each with a goroutine.
	maxAbandoned = 3
)

// Options are what a Subscription needs.
type Options struct {
	Client  redis.UniversalClient
	Sources []redisutil.Channel
	Timing  redisutil.Timing
	Link    *status.Subscription
	// ReadAhead is how many bytes of messages may be received and not delivered yet, when delivering them takes longer
	// than Redis takes to send them. One message may be larger.
	ReadAhead int
	Sink      ingest.Sink
	// Decode, which may be nil, makes the Decoded of the records that Sink gets while messages come faster than they are
	// handled. It is called by several goroutines at once.
	Decode  func(payload string) *ingest.Decoded
	Settled func(at time.Time) // called when all names are subscribed, after the gaps; may be nil
}

// Subscription keeps one subscription to Redis and hands on what it brings: every message as a record,
// every hole as a gap. It waits for nobody but Redis.
//
// Its tries are sessions, one after the other; only the one that holds the turn touches a Subscription.
type Subscription struct {
	client  redis.UniversalClient
	sources []redisutil.Channel
	timing  redisutil.Timing
	link    *status.Subscription

	readAhead int
	sink      ingest.Sink
	decode    func(payload string) *ingest.Decoded
	settled   func(at time.Time)

	background sync.WaitGroup // what may outlast its session: go-redis can't be interrupted in a dial
	abandoned  atomic.Int32   // sessions that hang there

	current atomic.Pointer[queue] // of the session; nil without one

	overlap Overlap
	moved   moved
	apart   bool // ask for each name by a command of its own
	backoff redisutil.Backoff
}

// New returns a subscription that is not begun.
func New(o Options) *Subscription {
	s := &Subscription{client: o.Client, sources: o.Sources, timing: o.Timing, link: o.Link, readAhead: o.ReadAhead, sink: o.Sink, decode: o.Decode, settled: o.Settled,
		backoff: redisutil.Backoff{Timing: o.Timing}}
	if _, ok := o.Client.(*redis.ClusterClient); ok {
		s.moved = newMoved(busLag)
	}
	return s
}

// Lag returns how long a message may take to reach the server that the client subscribes on. A reply from that server says
// nothing about messages that are younger.
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

// Run subscribes, again and again, until ctx ends or the host closes the client.
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

// Behind reports whether messages come faster than they are handled, so that some will be lost if nothing changes.
func (s *Subscription) Behind() bool {
	q := s.current.Load()
	return q != nil && q.behind()
}

// sharded reports whether the sources are sharded channels.
func (s *Subscription) sharded() bool { return s.sources[0].Shard }

// describe says in words why there is no connection. Sharded channels have one each, so it says which.
func (s *Subscription) describe(err error) string {
	text := redisutil.Describe(err) + redisutil.Hint(s.client, err, !s.link.LastInput().IsZero())
	if s.sharded() && !errors.As(err, new(*redisutil.DeniedError)) {
		text += fmt.Sprintf(" (the channel %q)", redisutil.ShowName(s.sources[0].Name))
	}
	return text
}

// Wait waits for what outlasts Run, since go-redis could not be interrupted in it.
func (s *Subscription) Wait() { s.background.Wait() }
