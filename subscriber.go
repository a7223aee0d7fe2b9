package elva

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/source"
)

const (
	// pingEvery is how long Redis may be silent before it is asked for a sign of life, and deadAfter
	// how long before the connection counts as dead: a frozen server or a half-open connection shows
	// no error for minutes, while a pong can lie behind seconds of queued records.
	pingEvery = 5 * time.Second
	deadAfter = 15 * time.Second
	// silentAfter is when the page says that Redis does not answer: one ping unanswered for 2 s.
	silentAfter = 7 * time.Second

	// Waits between tries. A network error is tried again soon, since every second without a
	// subscription is lost for good; a refusal needs somebody to change something first.
	downWaitMin, downWaitMax       = 100 * time.Millisecond, time.Second
	refusedWaitMin, refusedWaitMax = time.Second, 30 * time.Second
)

// subscriber keeps one subscription to Redis and hands on what it brings: every message as a record,
// every hole as a gap. It waits for nobody but Redis.
//
// Redis errors on a subscribed connection don't end it but leave it deaf, so the link counts as live
// only when every name is confirmed, and any error before that ends the attempt.
type subscriber struct {
	client  redis.UniversalClient
	sources []source.Source
	places  map[source.Source]int // where each is in sources
	deliver func(at time.Time, channel, payload string)
	gap     func(at time.Time, g history.Gap)
	log     *slog.Logger

	background sync.WaitGroup // closings and pingers that may outlast their session
	pings      atomic.Int32   // pings without an answer yet
	lastInput  atomic.Int64   // Unix nanoseconds
	lastRecord atomic.Int64
	started    time.Time

	// Of the run goroutine alone.
	overlap source.Overlap
	tries   int       // attempts since the link was last live
	lostAt  time.Time // since when records may be missing; zero while none can be
	reason  string    // why contact was lost

	mu   sync.Mutex
	link health.Link
}

func newSubscriber(client redis.UniversalClient, sources []source.Source, log *slog.Logger) *subscriber {
	s := &subscriber{client: client, sources: sources, places: make(map[source.Source]int), log: log, started: time.Now()}
	s.link = health.Link{State: health.Connecting, Since: s.started.UTC(), Text: "connecting to Redis"}
	for i, src := range sources {
		s.places[src] = i
		kind := "channel"
		if src.Pattern {
			kind = "pattern"
		}
		s.link.Sources = append(s.link.Sources, health.Source{Name: strings.ToValidUTF8(src.Name, "\uFFFD"), Kind: kind})
	}
	return s
}

// run subscribes, again and again, until ctx ends or the host closes the client.
func (s *subscriber) run(ctx context.Context) {
	if _, ok := s.client.(*redis.Ring); ok {
		// Ring panics, and confirms names that other shards would have to deliver.
		s.state(health.Refused, "Elva does not support redis.Ring: give it the client of the shard that the records are published to", time.Time{})
		return
	}
	for {
		err := s.session(ctx)
		switch {
		case ctx.Err() != nil:
			s.state(health.Closed, "the handler is closed", time.Time{})
			return
		case errors.Is(err, redis.ErrClosed):
			s.lost(err)
			s.state(health.Closed, "the host has closed the Redis client", time.Time{})
			return
		}
		s.lost(err)
		s.tries++
		state, low, high := health.Down, downWaitMin, downWaitMax
		if refusal(err) {
			state, low, high = health.Refused, refusedWaitMin, refusedWaitMax
		}
		wait := min(low<<min(s.tries-1, 10), high)
		wait = wait*3/4 + rand.N(wait/4+1) // many Elvas must not come back in step
		s.state(state, describe(err), time.Now().Add(wait))
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// session is one PubSub's life. It returns why it ended, never nil. go-redis panics on some malformed
// replies; they end the session as an error does.
func (s *subscriber) session(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("malformed reply: %v", p)
		}
	}()
	ps := s.client.Subscribe(ctx) // without names it does not dial
	// Close can wait for a dial that is under way, for ever if the host set no ReadTimeout.
	closeInBackground := sync.OnceFunc(func() { s.background.Go(func() { _ = ps.Close() }) })
	defer closeInBackground()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// A blocked receive hears only the closing, not the context.
	defer context.AfterFunc(ctx, closeInBackground)()

	s.background.Go(func() { s.ping(ctx, ps) })
	s.unconfirmed()
	if err := s.subscribe(ctx, ps); err != nil {
		return err
	}
	failed := false
	for {
		message, err := ps.ReceiveTimeout(ctx, deadAfter)
		now := time.Now()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			failed = false
		case redisError(err) && s.live() && s.pings.Load() > 0:
			// The answer to a ping, though not a pong: LOADING, or NOPERM for PING.
			s.pings.Store(0)
			s.lastInput.Store(now.UnixNano())
			continue
		case redisError(err) || timeout(err) || errors.Is(err, redis.ErrClosed) || failed:
			// After a timeout the reader may stand in the middle of a frame.
			return err
		default:
			// go-redis has dialled again and subscribed before it returned the error.
			failed = true
			s.lost(err)
			s.state(health.Down, describe(err), time.Time{})
			s.unconfirmed()
			continue
		}
		s.lastInput.Store(now.UnixNano())
		switch m := message.(type) {
		case *redis.Message:
			s.message(now, m)
		case *redis.Pong:
			s.pings.Store(0) // an answer to one is an answer to those before it
		case *redis.Subscription:
			if err := s.confirm(now, m); err != nil {
				return err
			}
		}
	}
}

// subscribe sends the names. The answers come to the receive loop.
func (s *subscriber) subscribe(ctx context.Context, ps *redis.PubSub) error {
	var exact, patterns []string
	for _, src := range s.sources {
		if src.Pattern {
			patterns = append(patterns, src.Name)
		} else {
			exact = append(exact, src.Name)
		}
	}
	if len(exact) > 0 {
		if err := ps.Subscribe(ctx, exact...); err != nil {
			return err
		}
	}
	if len(patterns) > 0 {
		return ps.PSubscribe(ctx, patterns...)
	}
	return nil
}

// ping asks for a sign of life while nothing comes in.
func (s *subscriber) ping(ctx context.Context, ps *redis.PubSub) {
	// A ping may dial, and so read a malformed reply. The receive loop meets the same.
	defer func() { _ = recover() }()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pingEvery):
		}
		if time.Since(time.Unix(0, s.lastInput.Load())) < pingEvery/2 {
			continue
		}
		s.pings.Add(1)
		_ = ps.Ping(ctx) // an error shows in the receive loop too
	}
}

// message hands a message on, unless it is a copy by an overlapping subscription.
func (s *subscriber) message(now time.Time, m *redis.Message) {
	by := source.Source{Name: m.Channel}
	if m.Pattern != "" {
		by = source.Source{Name: m.Pattern, Pattern: true}
	}
	if len(s.sources) > 1 && s.overlap.Copy(m.Channel, m.Payload, by) {
		return
	}
	s.lastRecord.Store(now.UnixNano())
	s.mu.Lock()
	if i, ok := s.places[by]; ok {
		s.link.Sources[i].Records++
		s.link.Sources[i].LastRecord = now.UTC()
	}
	s.mu.Unlock()
	s.deliver(now, m.Channel, m.Payload)
}

// confirm notes a confirmation, and that the link is live when it was the last one.
func (s *subscriber) confirm(now time.Time, m *redis.Subscription) error {
	by := source.Source{Name: m.Channel, Pattern: m.Kind == "psubscribe"}
	if m.Kind != "subscribe" && m.Kind != "psubscribe" {
		return fmt.Errorf("redis ended the subscription of %s", m.Channel)
	}
	i, ok := s.places[by]
	if !ok {
		return nil
	}
	if s.confirmed(i) {
		// A ping that could not be written made go-redis dial again behind the loop's back.
		err := errors.New("the connection was replaced")
		s.lost(err)
		s.state(health.Down, describe(err), time.Time{})
		s.unconfirmed()
	}
	s.mu.Lock()
	s.link.Sources[i].Confirmed = now.UTC()
	open := 0
	for _, src := range s.link.Sources {
		if src.Confirmed.IsZero() {
			open++
		}
	}
	s.mu.Unlock()
	if open > 0 {
		return nil
	}
	s.tries = 0
	if !s.lostAt.IsZero() {
		s.gap(now, history.Gap{Kind: "redis", From: s.lostAt.UTC(), To: now.UTC(), LastRecord: clock(s.lastRecord.Load()), Reason: s.reason})
		s.lostAt = time.Time{}
	}
	s.state(health.Live, "live", time.Time{})
	return nil
}

func (s *subscriber) confirmed(i int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.link.Sources[i].Confirmed.IsZero()
}

// unconfirmed begins a connection: nothing is confirmed, no ping is under way, and no message has a
// copy behind it.
func (s *subscriber) unconfirmed() {
	s.overlap.Reset()
	s.pings.Store(0)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.link.Sources {
		s.link.Sources[i].Confirmed = time.Time{}
	}
}

// lost notes since when records may be missing: the last sign of life, or the start if there was none.
func (s *subscriber) lost(err error) {
	if !s.lostAt.IsZero() {
		return
	}
	s.reason, s.lostAt = describe(err), s.started
	if at := s.lastInput.Load(); at != 0 {
		s.lostAt = time.Unix(0, at)
	}
}

// state sets the link's state and logs it when it is another one than before.
func (s *subscriber) state(state, text string, nextTry time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.link.State
	if before != state {
		s.link.State, s.link.Since = state, time.Now().UTC()
	}
	s.link.Text, s.link.NextTry = text, nextTry.UTC()
	if before == state || s.log == nil {
		return
	}
	level := slog.LevelInfo
	if state == health.Down || state == health.Refused {
		level = slog.LevelWarn
	}
	s.log.Log(context.Background(), level, "elva: link to redis", "state", state, "text", text)
}

// live reports whether every name is confirmed.
func (s *subscriber) live() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link.State == health.Live
}

// snapshot returns the link's state at the time now.
func (s *subscriber) snapshot(now time.Time) health.Link {
	s.mu.Lock()
	defer s.mu.Unlock()
	link := s.link
	link.Sources = append([]health.Source{}, s.link.Sources...)
	link.LastInput, link.LastRecord = clock(s.lastInput.Load()), clock(s.lastRecord.Load())
	if silent := now.Sub(link.LastInput); link.State == health.Live && silent >= silentAfter {
		link.Text = fmt.Sprintf("Redis has not answered for %d s", int(silent.Seconds()))
	}
	return link
}

// clock turns Unix nanoseconds into a time, 0 into the zero time.
func clock(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}

// redisError reports whether Redis itself answered with an error.
func redisError(err error) bool {
	var e redis.Error
	return errors.As(err, &e)
}

// refusal reports whether the error stays until somebody changes a permission or a password. An
// overloaded, loading or failing-over server says no as well, but changes its mind by itself.
func refusal(err error) bool {
	if !redisError(err) {
		return false
	}
	for _, passing := range []string{"LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "ERR max number of clients"} {
		if strings.HasPrefix(err.Error(), passing) {
			return false
		}
	}
	return true
}

func timeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// describe says in words what happened.
func describe(err error) string {
	switch {
	case refusal(err):
		return "Redis refuses the subscription: " + err.Error()
	case timeout(err):
		return "Redis does not answer: " + err.Error()
	case errors.Is(err, redis.ErrClosed):
		return "the host has closed the Redis client"
	}
	return "no connection to Redis: " + err.Error()
}
