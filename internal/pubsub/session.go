package pubsub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/ingest"
	"github.com/SupermanScott/Elva/internal/redisutil"
	"github.com/SupermanScott/Elva/internal/status"
)

const (
	// A storm is stormBytes within stormWithin: 6 MB/s, which is about 7,000 small records a second, or 200 of 30 KB. From then
	// on, for stormLasts, one goroutine receives and another handles. Doing so all the time would take a third more CPU at
	// 1,000 records/s (measured), since each record that is passed on wakes a thread.
	stormBytes  = 64 << 10
	stormWithin = 10 * time.Millisecond
	stormLasts  = 100 * time.Millisecond
)

var (
	// errTogether means that Redis denied a command for several names, without naming the denied one.
	errTogether = errors.New("redis denies one of the names")
	errStuck    = errors.New("no answer while connecting")
)

// session is one attempt to subscribe and receive, with one PubSub.
//
// An error reply from Redis does not name its command and does not end the connection, which may then lack
// subscriptions. So the link counts as live only once every name is confirmed, and the session keeps the pending
// requests in order. If Redis denies a command for several names, the next session subscribes to each name with a
// command of its own. Then the permitted ones are subscribed, and the denied one is retried later.
//
// A session has two goroutines. receive calls go-redis, which can hang in a dial for longer than a session may wait, and
// handles the replies. In a storm the session's own goroutine handles them while receive only receives, since Redis closes
// the connection of a subscriber that reads too slowly.
type session struct {
	*Subscription
	ctx     context.Context
	end     context.CancelCauseFunc
	conn    *Conn
	replies *queue
	waiting chan struct{} // signals the session's goroutine to handle the replies; has one slot

	turn  sync.Mutex // held while replies are handled
	ahead *ahead     // nil until the queue is behind; guarded by turn

	progress atomic.Int64 // when go-redis last returned, in Unix nanoseconds
	retries  atomic.Int32
	retryAt  atomic.Int64 // when denied names are retried, in Unix nanoseconds; 0 for never
}

// session runs one session and returns the reason why it ended, which is never nil. It returns at once when ctx ends. It also
// returns when go-redis hangs, and abandons the hanging call.
func (s *Subscription) session(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	c := &session{Subscription: s, ctx: ctx, end: end, replies: newQueue(s.readAhead), waiting: make(chan struct{}, 1)}
	now := time.Now()
	c.progress.Store(now.UnixNano())
	s.current.Store(c.replies)
	defer s.current.Store(nil)
	c.conn = NewConn(ctx, s.client, s.sources, &s.background)
	defer c.conn.Close()
	defer context.AfterFunc(ctx, c.conn.Close)() // closing the connection ends a blocked receive, but ending its context does not
	s.overlap.Reset()
	s.moved.begin(now)
	s.link.Reconnect()
	s.backoff.Begin(now)
	received := make(chan struct{})
	s.background.Go(func() {
		defer close(received)
		c.receive()
	})
	watch := time.NewTicker(min(time.Second, s.timing.Stuck/4))
	defer watch.Stop()
	for {
		select {
		case <-ctx.Done():
			c.leave(received)
			return context.Cause(ctx)
		case <-c.waiting:
			c.handle()
		case now := <-watch.C:
			c.watch(now)
		}
	}
}

// leave waits until no reply of the session is being handled. It abandons receive if that hangs in go-redis.
func (c *session) leave(received <-chan struct{}) {
	c.turn.Lock() // after this, handle sees that the context has ended
	defer c.turn.Unlock()
	select {
	case <-received:
	default:
		c.abandoned.Add(1)
		c.background.Go(func() { <-received; c.abandoned.Add(-1) })
	}
}

// watch ends the session if go-redis hangs, unless too many calls already hang.
func (c *session) watch(now time.Time) {
	quiet := now.Sub(time.Unix(0, c.progress.Load()))
	if quiet < c.timing.Stuck {
		return
	}
	if c.abandoned.Load() < maxAbandoned {
		c.end(errStuck)
		return
	}
	text := fmt.Sprintf("Redis does not answer: %v for %d s", errStuck, int(quiet.Seconds()))
	c.link.Lost(text)
	c.link.Set(status.Down, text, time.Time{})
}

// receive subscribes and receives until the session ends.
func (c *session) receive() {
	if err := c.subscribe(); err != nil {
		c.end(err)
		return
	}
	c.background.Go(c.ask)
	var flow flow
	failed := false // whether the last receive failed and go-redis has dialed again
	for c.ctx.Err() == nil {
		message, err := c.conn.Receive(c.ctx, c.timing.Dead)
		r := reply{at: time.Now(), message: message, err: err}
		c.progress.Store(r.at.UnixNano())
		if err != nil && !redisutil.Answered(err) {
			r.last = failed || !redialed(err)
			failed = true
		} else {
			failed = false
		}
		storm := flow.storm(r.at, r.size())
		switch first := c.replies.push(c.ctx, r); {
		case first && !storm:
			c.handle()
		case first:
			select {
			case c.waiting <- struct{}{}:
			default:
			}
		}
		if r.last {
			return
		}
	}
}

// flow measures the rate of incoming data.
type flow struct {
	since time.Time // the start of the current interval of stormWithin
	bytes int       // received in the interval
	until time.Time // the end of the storm
}

// storm adds bytes that arrived now and reports whether there is a storm.
func (f *flow) storm(now time.Time, bytes int) bool {
	if now.Sub(f.since) > stormWithin {
		f.since, f.bytes = now, 0
	}
	if f.bytes += bytes; f.bytes > stormBytes {
		f.until = now.Add(stormLasts)
	}
	return now.Before(f.until)
}

// redialed reports whether go-redis dialed again and subscribed to all names before it returned err. It does not after a
// timeout, when the reader may be in the middle of a frame, nor after a reply that it can't parse.
func redialed(err error) bool {
	return !redisutil.Timeout(err) && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, new(*net.OpError)))
}

// subscribe subscribes to every name. receive gets the replies.
func (c *session) subscribe() error {
	defer func() { c.progress.Store(time.Now().UnixNano()) }()
	if c.sharded() {
		redisutil.Reload(c.ctx, c.client) // the slot may have moved to another server
	} else if _, ok := c.client.(*redis.ClusterClient); ok {
		// go-redis dials the node with the first channel's slot, although every node delivers every channel. With a ping
		// first, it dials any node, so that a dead node can't prevent Elva from subscribing.
		if err := c.conn.Ping(c.ctx); err != nil {
			return err
		}
	}
	return c.conn.Subscribe(c.ctx, c.apart)
}

// handle handles all replies, unless the other goroutine is doing so.
func (c *session) handle() {
	for !c.replies.empty() && c.turn.TryLock() {
		list := c.replies.take()
		c.handleSome(list)
		c.replies.reuse(list)
		c.turn.Unlock()
	}
}

// handleSome handles replies in order. If the queue is behind, messages are decoded on all processors.
func (c *session) handleSome(list []reply) {
	behind := c.decode != nil && c.replies.behind()
	if behind {
		var running sync.WaitGroup
		defer running.Wait()
		if c.ahead == nil {
			c.ahead = newAhead(c.decode)
		}
		c.ahead.begin(list, &running)
	}
	for i := range list {
		var decoded *ingest.Decoded
		if behind {
			decoded = c.ahead.await(i)
		}
		if c.ctx.Err() == nil {
			if err := c.reply(&list[i], decoded); err != nil {
				c.end(err)
			}
		}
		if behind {
			decoded.Reset()
		}
		c.replies.handled(&list[i])
	}
}

// reply handles a reply. decoded is its payload, or nil if that was not decoded ahead. It returns an error if the reply ends the session.
func (c *session) reply(r *reply, decoded *ingest.Decoded) error {
	switch {
	case r.err == nil:
		return c.received(r, decoded)
	case redisutil.Answered(r.err):
		c.link.Input(r.at)
		return c.errorReply(r.at, r.err)
	case r.last || c.apart || c.backoff.Next(r.at, false).After(r.at):
		return r.err
	}
	c.backoff.Failed(r.at)
	c.backoff.Begin(r.at)
	c.reconnected(c.describe(r.err))
	return nil
}

// reconnected notes that go-redis has dialed again by itself.
func (c *session) reconnected(reason string) {
	c.link.Lost(reason)
	c.link.Set(status.Down, reason, time.Time{})
	c.link.Reconnect()
	c.overlap.Reset()
	c.moved.begin(time.Now())
	c.conn.Redialed()
}

// errorReply handles an error reply from Redis. It returns an error if the reply ends the session.
func (c *session) errorReply(now time.Time, err error) error {
	sources, at, ok := c.conn.Asked.Denied()
	switch {
	case !ok && !redisutil.Denied(err):
		// This is the reply to a ping that was sent after go-redis had dialed again, but before the session noticed it. Redis
		// replies with an error while it is loading. The names are confirmed, so the connection is subscribed.
		return nil
	case !ok:
		return err // no reply is pending, so the state of the connection is unknown
	case len(sources) == 0:
		c.link.NoteDelivered(at) // an error is also a reply to a ping: LOADING, or NOPERM for PING
		return nil
	case !redisutil.Denied(err) || redisutil.ConcernsConnection(err):
		return err
	case len(sources) > 1:
		return errTogether
	}
	c.link.Deny(sources[0], err)
	return c.settle(now, at)
}

// received handles a message, a pong or a confirmation.
func (c *session) received(r *reply, decoded *ingest.Decoded) error {
	now := r.at
	c.link.Input(now)
	switch m := r.message.(type) {
	case *redis.Message:
		c.message(now, m, decoded)
	case *redis.Pong:
		if at, ok := c.conn.Asked.Pong(m.Payload); ok {
			c.link.NoteDelivered(at)
		}
	case *redis.Subscription:
		return c.confirmed(now, m)
	}
	return nil
}

// message passes a message to the sink, unless it is a copy from an overlapping subscription or a repetition after a move.
func (c *session) message(now time.Time, m *redis.Message, decoded *ingest.Decoded) {
	by := redisutil.Channel{Name: m.Channel, Shard: c.sharded()}
	if m.Pattern != "" {
		by = redisutil.Channel{Name: m.Pattern, Pattern: true}
	}
	if len(c.sources) > 1 && c.overlap.IsCopy(m.Channel, m.Payload, by) || c.moved.repeated(now, m.Channel, m.Payload) {
		return
	}
	c.link.Record(now, by)
	c.backoff.Received(len(m.Payload))
	c.sink.Record(ingest.Record{At: now, Channel: m.Channel, Payload: m.Payload, Decoded: decoded})
}

// confirmed handles the confirmation of a subscription.
func (c *session) confirmed(now time.Time, m *redis.Subscription) error {
	switch m.Kind {
	case "subscribe", "psubscribe", "ssubscribe":
	default: // Redis unsubscribes clients when a slot moves to another server
		return fmt.Errorf("redis ended the subscription of %q", m.Channel)
	}
	i, ok := c.link.Index(redisutil.Channel{Name: m.Channel, Pattern: m.Kind == "psubscribe", Shard: m.Kind == "ssubscribe"})
	if !ok {
		return nil
	}
	at, ok := c.conn.Asked.Confirmed(i)
	if !ok {
		// go-redis has dialed again without returning an error, as it does when a server asks its
		// clients to move.
		c.reconnected("the connection was replaced")
		if at, ok = c.conn.Asked.Confirmed(i); !ok {
			return fmt.Errorf("unexpected confirmation of %q", m.Channel)
		}
	}
	c.link.Confirm(now, i)
	return c.settle(now, at)
}

// settle sets the state of the link once every name is confirmed or denied. It returns an error if all are
// denied.
func (c *session) settle(now, asked time.Time) error {
	if c.conn.Asked.Open() {
		return nil
	}
	denied := c.link.DeniedError()
	if denied != nil && len(c.link.Denied()) == len(c.sources) {
		return denied
	}
	for _, g := range c.link.EndLosses(now, asked) {
		c.sink.Gap(ingest.Gap{Gap: g, At: now})
	}
	if c.settled != nil {
		c.settled(now)
	}
	c.backoff.Serving(now)
	if denied == nil {
		c.apart = false // the next connection may ask for all at once again
		c.retryAt.Store(0)
		c.link.Set(status.Live, "live", time.Time{})
		return nil
	}
	next := now.Add(c.timing.AfterDenial(int(c.retries.Add(1)) - 1))
	c.retryAt.Store(next.UnixNano())
	c.link.Set(status.Denied, denied.Error(), next)
	return nil
}

// ask sends pings and retries denied names. An error ends the session: go-redis has then dialed again,
// and the result of that is unknown.
func (c *session) ask() {
	ticker := time.NewTicker(c.timing.FlowPing)
	defer ticker.Stop()
	var asked time.Time
	for {
		var now time.Time
		select {
		case <-c.ctx.Done():
			return
		case now = <-ticker.C:
		}
		var err error
		if at := c.retryAt.Load(); at > 0 && now.UnixNano() >= at && c.retryAt.CompareAndSwap(at, 0) {
			for _, i := range c.link.Denied() {
				if err = c.conn.Ask(c.ctx, i); err != nil {
					break
				}
			}
		}
		if err == nil && (c.link.LastRecord().After(asked) || now.Sub(c.link.LastInput()) >= c.timing.IdlePing) {
			asked = now
			err = c.conn.Ping(c.ctx)
		}
		if err != nil {
			c.end(err)
			return
		}
	}
}
