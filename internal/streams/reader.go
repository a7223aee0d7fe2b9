// Package streams follows Redis Streams with XREAD, each entry once and in order, over every interruption:
// what was added meanwhile is still there, and what was trimmed before it was read is counted.
package streams

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/ingest"
	"github.com/SupermanScott/Elva/internal/redisutil"
	"github.com/SupermanScott/Elva/internal/status"
)

const (
	// maxCount is how many entries of a stream one XREAD may bring: the round trip is a small part of it.
	maxCount = 500
	// readBytes is what an XREAD should bring at most. Entries can be large, and the reply is in memory as
	// a whole.
	readBytes = 2 << 20
	// rest is how long a read that found some entries waits for more: without it each of a thousand
	// records a second is a round trip. The first record after a pause doesn't wait.
	rest = 4 * time.Millisecond
)

// Reader follows one or more streams over one connection.
type Reader struct {
	host    redis.UniversalClient
	client  redis.UniversalClient // its own, while it follows
	timing  redisutil.Timing
	link    *status.Board
	sink    ingest.Sink
	tracker Tracker
	streams []*stream
	served  bool // Redis has answered a read
	apart   bool // others read the other streams
	newest  int  // how many entries of each stream it begins with
	bytes   int  // how large these may be, about
	count   int  // how many to ask for
	backoff redisutil.Backoff

	connections atomic.Int64 // how many were made: behind each there may be another server
	verified    int64        // how many there were when the streams were last compared
}

// Tracker takes what is known of the streams, which are counted from 1. Its methods are called by one goroutine for each
// Reader.
type Tracker interface {
	// Begin is called once for each stream, before its first entry. last is the entry before that.
	Begin(stream int, last entry.Entry)
	// Newest is called with the newest ID that a stream ever had when Redis was asked at the time at.
	Newest(stream int, id entry.ID, at time.Time)
}

// Options are what Readers needs.
type Options struct {
	Timing redisutil.Timing
	Link   *status.Board
	Sink   ingest.Sink
	// Tracker takes what viewers from other instances need to know.
	Tracker Tracker
	// Newest is how many entries of each stream are read that were there before, Bytes how large these may be.
	Newest, Bytes int
}

// Readers returns what follows the streams with those keys: one reader, or one for each stream of a cluster,
// where they are on different nodes. host is the host's client, whose closing ends them.
func Readers(host redis.UniversalClient, keys []string, o Options) []*Reader {
	var readers []*Reader
	apart := redisutil.Many(host)
	for n, key := range keys {
		if n == 0 || apart {
			readers = append(readers, &Reader{host: host, timing: o.Timing, link: o.Link, sink: o.Sink, tracker: o.Tracker,
				newest: o.Newest, bytes: o.Bytes, count: firstPage})
		}
		last := readers[len(readers)-1]
		last.apart = apart && len(keys) > 1
		last.streams = append(last.streams, &stream{key: key, number: n, sink: o.Sink})
	}
	return readers
}

// Run reads until ctx ends or the host closes its client.
func (r *Reader) Run(ctx context.Context) {
	r.backoff.Timing = r.timing
	for {
		r.backoff.Begin(time.Now())
		err := r.follow(ctx)
		switch {
		case ctx.Err() != nil:
			r.set(status.Closed, "the handler is closed", time.Time{})
			return
		case errors.Is(err, redis.ErrClosed):
			r.set(status.Closed, redisutil.Describe(err), time.Time{})
			return
		}
		state, denied := status.Down, redisutil.Denied(err)
		if denied {
			state = status.Denied
		}
		now := time.Now()
		next := r.backoff.Next(now, denied)
		r.backoff.Failed(now)
		for _, s := range r.streams {
			_ = r.link.Unreadable(s.number, err)
		}
		text := redisutil.Describe(err) + redisutil.Hint(r.host, err, r.served)
		if r.apart {
			text += fmt.Sprintf(" (the stream %q)", r.streams[0].key)
		}
		r.set(state, text, next)
		select {
		case <-ctx.Done():
		case <-time.After(next.Sub(now)):
		}
	}
}

func (r *Reader) set(state, text string, nextTry time.Time) {
	for _, s := range r.streams {
		r.link.SetStream(s.number, state, text, nextTry)
	}
}

// follow reads until something fails.
func (r *Reader) follow(ctx context.Context) (err error) {
	if r.closed() {
		return redis.ErrClosed
	}
	var hangUp func()
	r.client, hangUp, err = redisutil.Dedicated(ctx, r.host, r.streams[0].key, r.timing, func() { r.connections.Add(1) })
	if err != nil {
		return err
	}
	defer hangUp()
	defer context.AfterFunc(ctx, hangUp)() // nothing else ends a command that blocks
	var looked time.Time                   // when Redis was last asked how the streams are
	for live := false; ; live = true {
		now := time.Now()
		r.allowRetries(now)
		look := now.Sub(looked) >= r.timing.FlowPing
		if look {
			looked = now
			if r.closed() {
				return redis.ErrClosed
			}
		}
		block := r.timing.IdlePing
		if !live { // to know at once whether it is permitted
			block = -1
		}
		read, err := r.read(ctx, look, block)
		if err != nil {
			return err
		}
		r.backoff.Live(now)
		if read == 0 || read >= r.count {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rest):
		}
	}
}

// closed reports whether the host has closed its client: that is asked before the context is looked at.
func (r *Reader) closed() bool {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	return errors.Is(redisutil.Guard(func() error { return r.host.Do(done, "ping").Err() }), redis.ErrClosed)
}

// answer is what Redis said.
type answer struct {
	asked, at time.Time
	streams   []*stream
	infos     []*redis.Cmd // of XINFO, by stream; empty if that was not asked
	xread     *redis.Cmd
}

// nothing reports whether no entry came.
func (a *answer) nothing() bool { return errors.Is(a.xread.Err(), redis.Nil) }

// read asks once, and returns how many entries came. look asks how the streams are, too.
func (r *Reader) read(ctx context.Context, look bool, block time.Duration) (int, error) {
	streams, err := r.readable(ctx)
	if len(streams) == 0 || err != nil {
		return 0, err
	}
	if len(streams) < len(r.streams) && block > 0 {
		block = min(block, max(time.Until(r.nextRetry()), time.Millisecond))
	}
	a, err := r.ask(ctx, streams, look, block)
	if err != nil {
		return 0, err
	}
	if moved, err := r.verify(ctx, a); moved || err != nil {
		return 0, err // the answer is dropped: reading continues at another place
	}
	if err := a.xread.Err(); err != nil && !a.nothing() {
		if !redisutil.Answered(err) || !redisutil.Denied(err) || redisutil.OfConnection(err) {
			return 0, err
		}
		return 0, r.findDenied(ctx, streams, err)
	}
	r.served = true
	r.link.KeyInput(a.at)
	for _, s := range streams {
		if s.denied == nil {
			s.tries = 0
			r.link.Readable(a.at, s.number)
			r.link.SetStream(s.number, status.Live, "live", time.Time{})
		}
	}
	n := 0
	if !a.nothing() {
		n, err = r.take(a.at, streams, a.xread.Val())
	}
	for _, s := range streams {
		s.asked = a.asked
	}
	return n, err
}

// readable returns the streams that are not denied, each of them begun. When all are denied it waits for the next retry.
func (r *Reader) readable(ctx context.Context) (list []*stream, err error) {
	for _, s := range r.streams {
		if s.denied == nil && !s.begun {
			if err := r.begin(ctx, s); err != nil {
				if err = r.deny(s, err); err != nil {
					return nil, err
				}
			}
		}
		if s.denied == nil {
			list = append(list, s)
		}
	}
	if len(list) > 0 {
		return list, nil
	}
	select {
	case <-ctx.Done():
	case <-time.After(time.Until(r.nextRetry())):
	}
	return nil, ctx.Err()
}

// ask sends XREAD, and before it XINFO if look says so.
func (r *Reader) ask(ctx context.Context, streams []*stream, look bool, block time.Duration) (*answer, error) {
	a := &answer{streams: streams}
	pipe := r.client.Pipeline()
	if look {
		for _, s := range streams {
			a.infos = append(a.infos, do(ctx, pipe, xinfo(ctx, s.key)))
		}
	}
	a.xread = do(ctx, pipe, xread(ctx, streams, r.count, block))
	a.asked = time.Now()
	err := redisutil.Guard(func() error { _, err := pipe.Exec(ctx); return err })
	a.at = time.Now()
	for _, command := range append(slices.Clone(a.infos), a.xread) {
		if command.Err() == nil && command.Val() == nil {
			// So go-redis leaves them when Redis refuses the connection itself.
			return nil, cmp.Or(err, errReply)
		}
	}
	return a, nil
}

// verify looks whether the streams are those that were read, as far as there is a doubt. It reports whether one is to be
// read from another place.
func (r *Reader) verify(ctx context.Context, a *answer) (moved bool, err error) {
	if n := r.connections.Load(); n != r.verified && (a.xread.Err() == nil || a.nothing()) {
		r.verified = n
		if moved, err := r.reconnected(ctx, a.streams); moved || err != nil {
			return moved, err
		}
	}
	for i, in := range a.infos {
		moved, err := r.look(ctx, a, a.streams[i], in)
		if err != nil {
			err = r.deny(a.streams[i], err)
		}
		if moved || err != nil {
			return moved, err
		}
	}
	for _, s := range a.streams {
		if s.gone && a.xread.Err() == nil { // what came may be of another stream
			if moved, err := r.compare(ctx, s); moved || err != nil {
				return moved, err
			}
		}
	}
	return false, nil
}

// xread returns the command. Without a time to block it answers at once.
func xread(ctx context.Context, streams []*stream, count int, block time.Duration) *redis.Cmd {
	args := []any{"xread", "count", count}
	if block > 0 {
		args = append(args, "block", max(block.Milliseconds(), 1))
	}
	args = append(args, "streams")
	key := len(args)
	for _, s := range streams {
		args = append(args, s.key)
	}
	for _, s := range streams {
		args = append(args, s.at.String())
	}
	return command(ctx, key, args...)
}

func xinfo(ctx context.Context, key string) *redis.Cmd {
	return command(ctx, 2, "xinfo", "stream", key)
}

// command returns a command whose argument with that number is a key. In a cluster it goes to the key's node;
// go-redis would take the first argument for one.
func command(ctx context.Context, key int, args ...any) *redis.Cmd {
	c := redis.NewCmd(ctx, args...)
	c.SetFirstKeyPos(int8(key))
	return c
}

// do sends a command to a client, or puts it into a pipeline.
func do(ctx context.Context, to interface {
	Process(context.Context, redis.Cmder) error
}, c *redis.Cmd) *redis.Cmd {
	if err := redisutil.Guard(func() error { return to.Process(ctx, c) }); err != nil && c.Err() == nil {
		c.SetErr(err)
	}
	return c
}

// arrived is an entry of one of several streams.
type arrived struct {
	record
	from *stream
}

// take hands on what XREAD has brought, in the order of the IDs. What is behind the end of a full answer
// waits for the next one: entries of that stream may come before it.
func (r *Reader) take(now time.Time, streams []*stream, reply any) (int, error) {
	var list []arrived
	var end *entry.ID
	bytes := 0
	err := readStreams(reply, func(key string, entries []any) error {
		i := slices.IndexFunc(streams, func(s *stream) bool { return s.key == key })
		if i < 0 {
			return fmt.Errorf("%w: the key %q", errReply, key)
		}
		for _, e := range entries {
			read, err := readEntry(e)
			if err != nil {
				return err
			}
			bytes += len(read.payload)
			list = append(list, arrived{read, streams[i]})
		}
		if len(entries) == 0 {
			return nil
		}
		if last := list[len(list)-1].id; len(entries) >= r.count && (end == nil || last.Compare(*end) < 0) {
			end = &last
		}
		return nil
	})
	if err != nil || len(list) == 0 {
		return 0, err
	}
	if len(streams) > 1 {
		slices.SortStableFunc(list, func(a, b arrived) int { return a.id.Compare(b.id) })
	}
	for i := range list {
		e := &list[i]
		if end != nil && e.id.Compare(*end) > 0 {
			break
		}
		s := e.from
		if e.id.Compare(s.at.ID) <= 0 {
			continue // look has gone ahead
		}
		at := now
		if e.id.Compare(s.backlog) <= 0 {
			at = added(e.id, now)
		}
		known := e.id.Compare(s.until) <= 0 && s.knows(&e.record)
		s.take(now, e.id)
		if known {
			continue
		}
		s.remember(&e.record)
		r.link.Entry(now, s.number)
		r.sink.Record(ingest.Record{At: at, Channel: s.key, Payload: e.payload, Stream: s.number + 1, Entry: s.upTo()})
	}
	r.count = next(r.count, len(list), bytes, maxCount)
	if end != nil {
		return r.count, nil // there is more
	}
	return min(len(list), r.count-1), nil
}

// added returns when an entry was added, by the clock of Redis, if its ID was made by that; now if not.
func added(id entry.ID, now time.Time) time.Time {
	at := time.UnixMilli(int64(min(id.MS, 1<<62)))
	if at.Year() < 2010 || at.After(now) { // an ID of the producer's own, before Redis knew streams; or another clock
		return now
	}
	return at
}

// look takes what Redis said of a stream, and reports whether that is to be read from another place.
func (r *Reader) look(ctx context.Context, a *answer, s *stream, said *redis.Cmd) (moved bool, err error) {
	in, err := parseInfo(said)
	if err != nil {
		return false, err
	}
	if !s.check(a.at, in) {
		return r.compare(ctx, s)
	}
	if in.counted {
		r.tracker.Newest(s.number+1, in.generated, a.asked)
	}
	return false, nil
}

// parseInfo reads the answer to XINFO STREAM, to which a key that does not exist is an error.
func parseInfo(answer *redis.Cmd) (info, error) {
	reply, err := answer.Result()
	if err != nil {
		if redisutil.Answered(err) && strings.Contains(err.Error(), "no such key") {
			return info{}, nil
		}
		return info{}, err
	}
	return readInfo(reply)
}
