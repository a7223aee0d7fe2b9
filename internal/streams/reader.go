// Package streams follows Redis Streams with XREAD. It delivers each entry once and in order across interruptions: entries
// that were added meanwhile are still in Redis, and entries that were trimmed before they were read are counted.
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
	// maxCount is how many entries of a stream one XREAD may return. With that many the round trip costs little.
	maxCount = 500
	// readBytes is about how large the reply to an XREAD should be at most. Entries can be large, and go-redis holds the
	// whole reply in memory.
	readBytes = 2 << 20
	// rest is how long the reader waits after a reply with few entries. Without it, a thousand records a second take a
	// thousand round trips. The first record after a pause doesn't wait.
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
	single  bool // it reads one stream of several, the others have readers of their own
	newest  int  // how many entries of a stream that was created again are read
	bytes   int  // about how large these may be together
	count   int  // how many entries the next XREAD asks for
	backoff redisutil.Backoff

	past      ingest.Past // nil if only the newest entries are delivered
	backlogs  []*backlog  // what precedes the entries that were delivered
	pastEnded bool        // whether EndOlder was called

	connections atomic.Int64 // how many were made: each may lead to another server
	verified    int64        // the value of connections when the streams were last compared
}

// Tracker receives what is needed to resume viewers of other instances. Streams are counted from 1. One goroutine of each
// Reader calls its methods.
type Tracker interface {
	// Begin is called once for each stream, before its first entry. last is the entry before that.
	Begin(stream int, last entry.Entry)
	// Newest is called with the newest ID that a stream ever had when Redis was asked at the time at.
	Newest(stream int, id entry.ID, at time.Time)
}

// Options are the parameters of [Readers].
type Options struct {
	Timing  redisutil.Timing
	Link    *status.Board
	Sink    ingest.Sink
	Tracker Tracker
	Past    ingest.Past // nil to read only the newest of the existing entries
	// Newest is how many existing entries of a stream that was created again are read, and Bytes about how large these may be together.
	Newest, Bytes int
}

// Readers returns the readers of the streams with those keys: one for all of them, but in a cluster, where streams are on
// different nodes, one for each. The readers end when the host closes its client, host.
func Readers(host redis.UniversalClient, keys []string, o Options) []*Reader {
	var readers []*Reader
	separate := redisutil.IsCluster(host)
	for n, key := range keys {
		if n == 0 || separate {
			readers = append(readers, &Reader{host: host, timing: o.Timing, link: o.Link, sink: o.Sink, tracker: o.Tracker, past: o.Past,
				newest: o.Newest, bytes: o.Bytes, count: firstPage})
		}
		last := readers[len(readers)-1]
		last.single = separate && len(keys) > 1
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
			_ = r.link.KeyUnreadable(s.number, err)
		}
		text := redisutil.Describe(err) + redisutil.Hint(r.host, err, r.served)
		if r.single {
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
	var inspected time.Time                // when XINFO was last asked
	for live := false; ; live = true {
		now := time.Now()
		r.allowRetries(now)
		inspect := now.Sub(inspected) >= r.timing.FlowPing
		if inspect {
			inspected = now
			if r.closed() {
				return redis.ErrClosed
			}
		}
		block := r.timing.IdlePing
		if !live || len(r.backlogs) > 0 { // to find out at once whether reading is permitted
			block = -1
		}
		read, err := r.read(ctx, inspect, block)
		if err != nil {
			return err
		}
		r.backoff.Serving(now)
		if len(r.backlogs) > 0 && read < r.count {
			if err := r.readOlder(ctx); err != nil {
				return err
			}
			continue
		}
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

// closed reports whether the host has closed its client. go-redis checks that before it checks the context, so that
// nothing is sent.
func (r *Reader) closed() bool {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	return errors.Is(redisutil.Guard(func() error { return r.host.Do(done, "ping").Err() }), redis.ErrClosed)
}

// answer is Redis's reply to one request of the reader.
type answer struct {
	asked, at time.Time
	streams   []*stream
	infos     []*redis.Cmd // of XINFO, by stream; empty if it was not asked for
	xread     *redis.Cmd
}

// empty reports whether the reply has no entry.
func (a *answer) empty() bool { return errors.Is(a.xread.Err(), redis.Nil) }

// read sends one request and returns how many entries came. With inspect it asks for XINFO of the streams, too.
func (r *Reader) read(ctx context.Context, inspect bool, block time.Duration) (int, error) {
	streams, err := r.readable(ctx)
	if len(streams) == 0 || err != nil {
		return 0, err
	}
	if len(streams) < len(r.streams) && block > 0 {
		block = min(block, max(time.Until(r.nextRetry()), time.Millisecond))
	}
	a, err := r.ask(ctx, streams, inspect, block)
	if err != nil {
		return 0, err
	}
	if moved, err := r.verify(ctx, a); moved || err != nil {
		return 0, err // the entries are dropped, since reading continues behind another entry
	}
	if err := a.xread.Err(); err != nil && !a.empty() {
		if !redisutil.Answered(err) || !redisutil.Denied(err) || redisutil.ConcernsConnection(err) {
			return 0, err
		}
		return 0, r.findDenied(ctx, streams, err)
	}
	r.served = true
	r.link.KeyInput(a.at)
	for _, s := range streams {
		if s.denied == nil {
			s.tries = 0
			r.link.KeyReadable(a.at, s.number)
			r.link.SetStream(s.number, status.Live, "live", time.Time{})
		}
	}
	n := 0
	if !a.empty() {
		n, err = r.deliver(a.at, streams, a.xread.Val())
	}
	for _, s := range streams {
		s.asked = a.asked
	}
	return n, err
}

// readable returns the streams that are not denied, after it has begun each of them. When all are denied, it waits for
// the next retry.
func (r *Reader) readable(ctx context.Context) (list []*stream, err error) {
	var b backlog
	for _, s := range r.streams {
		if s.denied != nil || s.begun {
			continue
		}
		p, err := r.newPast(ctx, s)
		if err == nil {
			b = append(b, p)
		} else if err = r.deny(s, err); err != nil {
			return nil, err
		}
	}
	if len(b) > 0 {
		if err := r.begin(ctx, b); err != nil {
			return nil, err
		}
	}
	for _, s := range r.streams {
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

// ask sends XREAD, with inspect XINFO before it, and returns the reply.
func (r *Reader) ask(ctx context.Context, streams []*stream, inspect bool, block time.Duration) (*answer, error) {
	a := &answer{streams: streams}
	pipe := r.client.Pipeline()
	if inspect {
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
			// go-redis leaves commands like this when Redis denies the connection itself.
			return nil, cmp.Or(err, errReply)
		}
	}
	return a, nil
}

// verify checks that the streams are those that were read before, where a reply leaves that open. It reports whether one
// has moved.
func (r *Reader) verify(ctx context.Context, a *answer) (moved bool, err error) {
	if n := r.connections.Load(); n != r.verified && (a.xread.Err() == nil || a.empty()) {
		r.verified = n
		if moved, err := r.reconnected(ctx, a.streams); moved || err != nil {
			return moved, err
		}
	}
	for i, in := range a.infos {
		moved, err := r.checkInfo(ctx, a, a.streams[i], in)
		if err != nil {
			err = r.deny(a.streams[i], err)
		}
		if moved || err != nil {
			return moved, err
		}
	}
	for _, s := range a.streams {
		if s.gone && a.xread.Err() == nil { // these entries may be of another stream
			if moved, err := r.compare(ctx, s); moved || err != nil {
				return moved, err
			}
		}
	}
	return false, nil
}

// xread returns an XREAD command. With block <= 0 Redis answers at once.
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

// command returns a command whose argument number key is the key. In a cluster it goes to that key's node: go-redis takes
// the first argument for the key by default.
func command(ctx context.Context, key int, args ...any) *redis.Cmd {
	c := redis.NewCmd(ctx, args...)
	c.SetFirstKeyPos(int8(key))
	return c
}

// do sends a command to a client or adds it to a pipeline.
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

// deliver passes the entries of an XREAD reply to the sink, ordered by ID, and returns how many there were. A stream whose
// part of the reply is full may have more entries: those of other streams that are newer than its last one wait for the
// next reply.
func (r *Reader) deliver(now time.Time, streams []*stream, reply any) (int, error) {
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
			continue // checkInfo has moved ahead
		}
		at := now
		if e.id.Compare(s.existing) <= 0 {
			at = added(e.id, now)
		}
		again := e.id.Compare(s.until) <= 0 && s.wasRead(&e.record)
		s.advance(now, e.id)
		if again {
			continue
		}
		s.remember(&e.record)
		r.link.KeyRecord(now, s.number)
		r.sink.Record(ingest.Record{At: at, Channel: s.key, Payload: e.payload, Stream: s.number + 1, Entry: s.upTo()})
	}
	r.count = nextCount(r.count, len(list), bytes, maxCount)
	if end != nil {
		return r.count, nil // there is more
	}
	return min(len(list), r.count-1), nil
}

// added returns when an entry was added, if its ID was made from Redis's clock, else now.
func added(id entry.ID, now time.Time) time.Time {
	at := time.UnixMilli(int64(min(id.MS, 1<<62)))
	if at.Year() < 2010 || at.After(now) { // the producer chose the ID, since Redis had no streams then; or the clocks differ
		return now
	}
	return at
}

// checkInfo compares a stream with its XINFO and reports whether it has moved.
func (r *Reader) checkInfo(ctx context.Context, a *answer, s *stream, reply *redis.Cmd) (moved bool, err error) {
	in, err := parseInfo(reply)
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

// parseInfo reads the reply to XINFO STREAM, which is an error if the key does not exist.
func parseInfo(command *redis.Cmd) (info, error) {
	reply, err := command.Result()
	if err != nil {
		if redisutil.Answered(err) && strings.Contains(err.Error(), "no such key") {
			return info{}, nil
		}
		return info{}, err
	}
	return readInfo(reply)
}
