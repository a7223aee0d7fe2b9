// Package subscription listens to Redis Pub/Sub: the receive loop, its watchdog, refusals and gaps.
package subscription

import (
	"context"
	"errors"
	"github.com/SupermanScott/Elva/internal/status"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/link"
	"github.com/SupermanScott/Elva/internal/source"
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
	Sources []source.Source
	Timing  link.Timing
	Link    *link.Link
	// Deliver takes a record, Settled that the subscription stands, after those gaps. Neither may take long.
	Deliver func(at time.Time, channel, payload string)
	Settled func(at time.Time, gaps []history.Gap)
	Viewed  func() bool // whether somebody looks
}

// Subscription keeps one subscription to Redis and hands on what it brings: every message as a record,
// every hole as a gap. It waits for nobody but Redis.
//
// Its tries are sessions, one after the other; only the one that holds the turn touches a Subscription.
type Subscription struct {
	client  redis.UniversalClient
	sources []source.Source
	timing  link.Timing
	link    *link.Link
	deliver func(at time.Time, channel, payload string)
	settled func(at time.Time, gaps []history.Gap)
	viewed  func() bool

	background sync.WaitGroup // what may outlast its session: go-redis can't be interrupted in a dial
	abandoned  atomic.Int32   // sessions that hang there

	overlap source.Overlap
	apart   bool // ask for each name by a command of its own
	tries   int  // attempts since anything was last confirmed
}

// New returns a subscription that is not begun.
func New(o Options) *Subscription {
	return &Subscription{client: o.Client, sources: o.Sources, timing: o.Timing, link: o.Link, deliver: o.Deliver, settled: o.Settled, viewed: o.Viewed}
}

// Lag returns how far back an answer of the server that a client subscribes on proves nothing.
func Lag(client redis.UniversalClient) time.Duration {
	switch client := client.(type) {
	case *redis.ClusterClient:
		return busLag
	case *redis.Client:
		if client.Options().Addr == "FailoverClient" { // so go-redis calls what asks Sentinel
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
		text := link.Describe(err)
		s.link.Lost(text)
		if errors.Is(err, redis.ErrClosed) {
			s.link.Set(status.Closed, text, time.Time{})
			return
		}
		state, wait := status.Down, s.timing.AfterDown(s.tries)
		if link.Refusal(err) {
			state, wait = status.Refused, s.timing.AfterRefusal(s.tries)
		}
		s.tries++
		s.link.Set(state, text, time.Now().Add(wait))
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// Wait waits for what outlasts Run, since go-redis could not be interrupted in it.
func (s *Subscription) Wait() { s.background.Wait() }
