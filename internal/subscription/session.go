package subscription

import (
	"context"
	"errors"
	"fmt"
	"github.com/SupermanScott/Elva/internal/status"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/link"
	"github.com/SupermanScott/Elva/internal/source"
)

var (
	// errTogether says that Redis refuses a command for several names without saying which.
	errTogether = errors.New("redis refuses one of the names")
	errStuck    = errors.New("no answer while connecting")
)

// session is one PubSub's life.
//
// A Redis error on a subscribed connection doesn't end it but leaves it deaf, and does not say what
// it is about. So the link counts as live only when every name is confirmed, and the session knows
// what was asked in which order. If one of several names is refused, they are asked for one by one,
// so that the permitted ones are heard, and the refused one again and again.
type session struct {
	*Subscription
	ctx  context.Context
	end  context.CancelCauseFunc
	conn *link.Conn

	turn     sync.Mutex   // held but while in go-redis
	progress atomic.Int64 // when go-redis last returned, Unix nanoseconds

	redialled bool // the last receive failed, and go-redis has dialled again
	pace      pace
	retries   atomic.Int32
	retryAt   atomic.Int64 // when refused names are asked for again, Unix nanoseconds; 0 is never
}

// session returns why it ended, never nil. It does so at once when ctx ends, and when go-redis hangs,
// and leaves the hanging call behind.
func (s *Subscription) session(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	c := &session{Subscription: s, ctx: ctx, end: end}
	c.progress.Store(time.Now().UnixNano())
	ended := make(chan error, 1)
	s.background.Go(func() {
		c.turn.Lock()
		defer c.turn.Unlock()
		ended <- c.follow()
	})
	watch := time.NewTicker(min(time.Second, s.timing.Stuck/4))
	defer watch.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
			return c.abandon(ended, context.Cause(ctx))
		case now := <-watch.C:
			quiet := now.Sub(time.Unix(0, max(c.progress.Load(), s.link.LastInput().UnixNano())))
			if quiet < s.timing.Stuck {
				continue
			}
			if s.abandoned.Load() < maxAbandoned {
				return c.abandon(ended, errStuck)
			}
			text := fmt.Sprintf("Redis does not answer: %v for %d s", errStuck, int(quiet.Seconds()))
			s.link.Lost(text)
			s.link.Set(status.Down, text, time.Time{})
		}
	}
}

// abandon takes the turn from a session for good and returns err, or what the session had to say at
// the last moment.
func (c *session) abandon(ended <-chan error, err error) error {
	c.end(err)
	c.turn.Lock() // from here on follow finds the context ended
	defer c.turn.Unlock()
	select {
	case said := <-ended:
		if !errors.Is(said, context.Canceled) {
			return said
		}
	default:
		c.abandoned.Add(1)
		c.background.Go(func() { <-ended; c.abandoned.Add(-1) })
	}
	return err
}

// follow subscribes and receives. go-redis panics on some malformed replies; they end the session as
// an error does.
func (c *session) follow() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("malformed reply: %v", p)
		}
	}()
	if c.ctx.Err() != nil {
		return context.Cause(c.ctx)
	}
	c.conn = link.NewConn(c.ctx, c.client, c.sources, &c.background)
	defer c.conn.Close()
	// A blocked receive hears only the closing, not the context.
	defer context.AfterFunc(c.ctx, c.conn.Close)()

	c.overlap.Reset()
	c.link.Reconnect()
	if err := c.subscribe(); err != nil {
		return err
	}
	c.background.Go(c.ask)
	for {
		c.pace.began = time.Now()
		message, err := c.receive()
		now := time.Now()
		if err != nil {
			err = c.failed(now, err)
		} else {
			err = c.received(now, message)
		}
		if err != nil {
			return err
		}
		c.pace.wait(c.ctx, now, c.viewed())
	}
}

// subscribe asks for every name. The answers come to receive.
func (c *session) subscribe() error {
	apart := c.apart // read in the session's turn
	return c.outside(func() error {
		if _, ok := c.client.(*redis.ClusterClient); ok {
			// go-redis dials the node that holds the first channel's slot, although every node hears
			// every channel. A ping lets it dial any, so that one dead node can't keep Elva deaf.
			if err := c.conn.Ping(c.ctx); err != nil {
				return err
			}
		}
		return c.conn.Subscribe(c.ctx, apart)
	})
}

// receive returns the next thing that Redis sends.
func (c *session) receive() (message any, err error) {
	err = c.outside(func() error {
		message, err = c.conn.Receive(c.ctx, c.timing.Dead)
		return err
	})
	return message, err
}

// outside calls go-redis without holding the turn. When the session was abandoned meanwhile, or has
// ended, it says so.
func (c *session) outside(call func() error) (err error) {
	c.turn.Unlock()
	defer func() {
		c.turn.Lock()
		if c.ctx.Err() != nil {
			err = context.Cause(c.ctx)
		}
	}()
	err = call()
	if err != nil { // what is received counts as input
		c.progress.Store(time.Now().UnixNano())
	}
	return err
}

// failed takes an error of receive and returns it if it ends the session.
func (c *session) failed(now time.Time, err error) error {
	switch {
	case c.ctx.Err() != nil:
		return err
	case link.Answered(err):
		c.link.Input(now)
		return c.refused(now, err)
	case link.Timeout(err) || errors.Is(err, redis.ErrClosed) || c.redialled || c.apart:
		// After a timeout the reader may stand in the middle of a frame.
		return err
	}
	// go-redis has dialled again and subscribed to all names before it returned the error.
	c.reconnected(link.Describe(err))
	c.redialled = true
	return nil
}

// reconnected begins a connection that go-redis has made by itself.
func (c *session) reconnected(reason string) {
	c.link.Lost(reason)
	c.link.Set(status.Down, reason, time.Time{})
	c.link.Reconnect()
	c.overlap.Reset()
	c.conn.Redialled()
}

// refused takes an error that Redis answered with, and returns it if it ends the session.
func (c *session) refused(now time.Time, err error) error {
	sources, at, ok := c.conn.Asked.Refused()
	switch {
	case !ok && !link.Refusal(err):
		// A ping that was sent between go-redis's dial and the word of it is not known to this connection. A Redis that
		// is loading answers it so, and the names are confirmed: it hears.
		return nil
	case !ok:
		return err // nothing was asked: whatever it means, this connection is not understood
	case len(sources) == 0:
		c.link.Prove(at) // the answer to a ping, though not a pong: LOADING, or NOPERM for PING
		return nil
	case !link.Refusal(err) || link.OfConnection(err):
		return err
	case len(sources) > 1:
		return errTogether
	}
	c.link.Refuse(sources[0], err)
	return c.settle(now, at)
}

// received takes what Redis sent.
func (c *session) received(now time.Time, message any) error {
	c.redialled = false
	c.link.Input(now)
	switch m := message.(type) {
	case *redis.Message:
		c.message(now, m)
	case *redis.Pong:
		if at, ok := c.conn.Asked.Pong(m.Payload); ok {
			c.link.Prove(at)
		}
	case *redis.Subscription:
		return c.confirmed(now, m)
	}
	return nil
}

// message hands a message on, unless it is a copy by an overlapping subscription.
func (c *session) message(now time.Time, m *redis.Message) {
	by := source.Source{Name: m.Channel}
	if m.Pattern != "" {
		by = source.Source{Name: m.Pattern, Pattern: true}
	}
	if len(c.sources) > 1 && c.overlap.Copy(m.Channel, m.Payload, by) {
		return
	}
	c.link.Record(now, by)
	c.deliver(now, m.Channel, m.Payload)
}

// confirmed takes a confirmation.
func (c *session) confirmed(now time.Time, m *redis.Subscription) error {
	if m.Kind != "subscribe" && m.Kind != "psubscribe" {
		return fmt.Errorf("redis ended the subscription of %q", m.Channel)
	}
	i, ok := c.link.Place(source.Source{Name: m.Channel, Pattern: m.Kind == "psubscribe"})
	if !ok {
		return nil
	}
	at, ok := c.conn.Asked.Confirmed(i)
	if !ok {
		// go-redis has dialled again behind the session's back, as it does when a server asks its
		// clients to move.
		c.reconnected("the connection was replaced")
		if at, ok = c.conn.Asked.Confirmed(i); !ok {
			return fmt.Errorf("unexpected confirmation of %q", m.Channel)
		}
	}
	c.link.Confirm(now, i)
	return c.settle(now, at)
}

// settle says how the link is when every name has its answer, and returns an error when none is
// permitted.
func (c *session) settle(now, asked time.Time) error {
	if c.conn.Asked.Open() {
		return nil
	}
	refusal := c.link.Refusal()
	if refusal != nil && len(c.link.Refused()) == len(c.sources) {
		return refusal
	}
	c.settled(now, c.link.Settle(now, asked))
	c.tries = 0
	if refusal == nil {
		c.apart = false // the next connection may ask for all at once again
		c.retryAt.Store(0)
		c.link.Set(status.Live, "live", time.Time{})
		return nil
	}
	next := now.Add(c.timing.AfterRefusal(int(c.retries.Add(1)) - 1))
	c.retryAt.Store(next.UnixNano())
	c.link.Set(status.Refused, refusal.Error(), next)
	return nil
}

// ask asks Redis for signs of life, and for refused names again. An error ends the session: go-redis
// has dialled again then, and nobody has read what became of it.
func (c *session) ask() {
	defer func() {
		if p := recover(); p != nil { // a dial reads the greeting
			c.end(fmt.Errorf("malformed reply: %v", p))
		}
	}()
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
			for _, i := range c.link.Refused() {
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
