package elva

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/outbox"
	"github.com/SupermanScott/Elva/internal/redisutil"
)

const (
	// Waits between attempts while Redis fails.
	writerWaitMin, writerWaitMax = 100 * time.Millisecond, 5 * time.Second
	// writerGrace is how long records for a channel wait after an outage of Redis. A subscriber
	// reconnects about once a second, and does not receive what is published before that.
	writerGrace = 1500 * time.Millisecond
	// writerFlush is how long Close and Sync wait: longer than writerGrace, and shorter than what supervisors
	// allow a program to end.
	writerFlush = 3 * time.Second
	// writerEntries is how many entries a stream keeps by default: 40 MB of Redis's memory at
	// 350 bytes a record, and at ten records a second three hours.
	writerEntries = 100_000
)

// Writer sends each Write as one record to Redis, for loggers that write to an io.Writer:
//
//	out := elva.NewWriter(rdb, "my:channel")
//	slog:    slog.New(slog.NewJSONHandler(out, nil))
//	zap:     zap.New(zapcore.NewCore(encoder, out, zap.InfoLevel))
//	zerolog: zerolog.New(out)
//	logrus:  logger.SetFormatter(&logrus.JSONFormatter{}); logger.SetOutput(out)
//
// It never makes the program wait: Write copies the record and returns; one goroutine publishes, many
// records in a pipeline. While Redis is down or frozen, up to 4 MiB or 20,000 records wait, whichever
// comes first; records beyond that are dropped and counted, and the count is published as a record when
// Redis is back. On a channel they wait 1.5 s more after an outage, until subscribers are back too. A
// record whose connection breaks while it is published may arrive twice.
//
// Defer Close in main. Whatever ends the program without it (os.Exit, a panic in another goroutine) loses
// the last records unless Sync is called first. zap does so itself when it logs at a fatal or panic level.
// The programs in example/hosts/loggers show how the last record arrives with each of these loggers.
//
// A buffering logger may hand over several records in one Write. When the first line begins with a time, a
// level or a JSON object, each further line that begins the same way starts a record, and all other lines
// belong to the record before them, as those of a traceback do. Any other Write is one record. When a
// Write ends within a JSON object, or without a newline after several such lines, the incomplete record
// waits for the next Write: until Sync, Close or three seconds later, and up to 256 KiB.
//
// A Writer is safe for concurrent use.
type Writer struct {
	sender *outbox.Sender // of the goroutine alone
	grace  time.Duration
	box    outbox.Box

	mu      sync.Mutex
	failure error // of the last attempt, nil if it went well

	wake    chan struct{} // there is something to publish; one slot
	hurry   chan struct{} // a Sync has begun; one slot
	syncing atomic.Int32  // how many are waiting
	closing chan struct{}
	ended   chan struct{}
	cancel  context.CancelFunc
}

// NewWriter returns a Writer that publishes on channel. It does no I/O itself. The client stays the
// caller's and must be open until the Writer is closed. It panics if client is nil or channel empty.
func NewWriter(client redis.UniversalClient, channel string) *Writer {
	return newChannelWriter("NewWriter", client, channel, outbox.ToChannel)
}

// NewShardedWriter returns a Writer that publishes on a sharded channel (SPUBLISH, Redis 7), for handlers with
// [Config.Sharded]. Nothing else is different from NewWriter.
func NewShardedWriter(client redis.UniversalClient, channel string) *Writer {
	return newChannelWriter("NewShardedWriter", client, channel, outbox.ToShardedChannel)
}

func newChannelWriter(name string, client redis.UniversalClient, channel string, to func(context.Context, redis.UniversalClient, string) *outbox.Sender) *Writer {
	if isNil(client) {
		panic("elva: " + name + " with a nil Redis client")
	}
	if channel == "" {
		panic("elva: " + name + " without a channel")
	}
	ctx, cancel := context.WithCancel(context.Background())
	return startWriter(ctx, cancel, to(ctx, client, channel), writerGrace)
}

// NewStreamWriter returns a Writer that adds to the Redis Stream key, which keeps what nobody reads:
// one entry a record, in a field named "record". Redis trims the stream to maxLen entries and a few
// more (MAXLEN ~), or 100,000 if maxLen is not positive. That bounds its entries and not their size:
// 100,000 records of 350 bytes are 40 MB. Nothing else is different from NewWriter.
func NewStreamWriter(client redis.UniversalClient, key string, maxLen int64) *Writer {
	if isNil(client) {
		panic("elva: NewStreamWriter with a nil Redis client")
	}
	if key == "" {
		panic("elva: NewStreamWriter without a key")
	}
	if maxLen <= 0 {
		maxLen = writerEntries
	}
	ctx, cancel := context.WithCancel(context.Background())
	return startWriter(ctx, cancel, outbox.ToStream(ctx, client, key, maxLen), 0)
}

func startWriter(ctx context.Context, cancel context.CancelFunc, sender *outbox.Sender, grace time.Duration) *Writer {
	w := &Writer{
		sender: sender, grace: grace, cancel: cancel,
		wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1), closing: make(chan struct{}), ended: make(chan struct{}),
	}
	go w.run(ctx)
	return w
}

// Write takes p, less the newline at its end, as one record, or as several where they are a buffer's (see
// Writer). It never blocks on Redis and always reports success, except after Close, when the error is
// os.ErrClosed. It does not keep p.
func (w *Writer) Write(p []byte) (int, error) {
	if !w.box.Write(p) {
		return 0, fmt.Errorf("elva: write log record: %w", os.ErrClosed)
	}
	signal(w.wake)
	return len(p), nil
}

// Sync waits until everything written before the call is published, for at most three seconds. Its error
// says how many of these records are not published, how many were dropped without a report on the channel,
// and why. The Writer keeps trying to publish them. Sync makes a Writer a zapcore.WriteSyncer.
func (w *Writer) Sync() error {
	w.box.FlushIncomplete()
	signal(w.wake)
	w.syncing.Add(1)
	defer w.syncing.Add(-1)
	signal(w.hurry)
	deadline := time.NewTimer(writerFlush)
	defer deadline.Stop()
	written := w.box.Snapshot()
	for ended := false; ; {
		records, dropped, changed := w.box.Pending(written)
		if changed == nil || ended { // nil: everything is published
			return w.incomplete("sync", records, dropped)
		}
		select {
		case <-changed:
		case <-deadline.C:
			ended = true
		case <-w.ended:
			ended = true
		}
	}
}

// Close publishes what waits, for at most three seconds, and ends the Writer. Its error says how many
// records were not published or were dropped without a word on the channel, and why. It may be called
// more than once; it does not close the client. What is stuck in go-redis by then, because its own
// timeouts are longer, ends with them.
func (w *Writer) Close() error {
	if w.box.Close() {
		close(w.closing)
	}
	select {
	case <-w.ended:
	case <-time.After(writerFlush):
	}
	w.cancel()
	records, dropped, _ := w.box.Pending(w.box.Snapshot())
	return w.incomplete("close", records, dropped)
}

// incomplete returns an error unless there are no such records.
func (w *Writer) incomplete(what string, records, dropped uint64) error {
	if records == 0 && dropped == 0 {
		return nil
	}
	w.mu.Lock()
	cause := w.failure
	w.mu.Unlock()
	if cause == nil {
		cause = errors.New("redis does not answer")
	}
	text := plural(records) + " not published"
	if dropped > 0 {
		text += fmt.Sprintf(", %d dropped", dropped)
	}
	return fmt.Errorf("elva: %s log writer: %s: %w", what, text, cause)
}

// WriterStats is the state of a Writer at one moment.
type WriterStats struct {
	Waiting uint64 // records that are not published yet
	Dropped uint64 // records that were dropped and whose count is not published yet
	Err     error  // of the last attempt to publish; nil if it succeeded
}

// Stats returns the state of the Writer. It is safe for concurrent use and does no I/O.
func (w *Writer) Stats() WriterStats {
	waiting, dropped, _ := w.box.Pending(w.box.Snapshot())
	w.mu.Lock()
	defer w.mu.Unlock()
	return WriterStats{Waiting: waiting, Dropped: dropped, Err: w.failure}
}

// run publishes until Close, and then what is left.
func (w *Writer) run(ctx context.Context) {
	defer close(w.ended)
	for last := false; !last; {
		var overdue <-chan time.Time // an incomplete record
		if since := w.box.IncompleteSince(); !since.IsZero() {
			overdue = time.After(time.Until(since.Add(outbox.MaxIncompleteAge)))
		}
		select {
		case <-w.wake:
		case <-overdue:
			w.box.FlushIncomplete()
		case <-w.closing: // nothing is added from here on, and what was is taken below
			last = true
		}
		for {
			taken, dropped := w.box.Take()
			if taken.Len() == 0 && dropped == 0 {
				break
			}
			if !w.publish(ctx, &taken, dropped) {
				return
			}
			w.box.Recycle(taken)
		}
	}
}

// publish publishes a batch, and the count of what was dropped before, and tries again while Redis
// fails. It reports false when there is no more trying.
func (w *Writer) publish(ctx context.Context, b *outbox.Batch, dropped uint64) bool {
	closing, wait, away := w.closing, writerWaitMin, false
	// pause reports false when Close has given up. When it begins, no pause is long any more.
	pause := func(d time.Duration, hurry <-chan struct{}) bool {
		if closing == nil {
			d = min(d, writerWaitMin)
		}
		select {
		case <-ctx.Done():
			return false
		case <-closing:
			closing = nil
		case <-hurry:
		case <-time.After(d):
		}
		return true
	}
	for next := 0; ; {
		n, err := 0, error(nil)
		switch {
		case away:
			err = w.sender.Ping(ctx)
			if err == nil || redisutil.Denied(err) {
				away = false
				if w.grace > 0 && !pause(w.grace, nil) {
					return false
				}
				continue
			}
		case next < b.Len():
			n, err = w.send(ctx, b, next)
			next += n
		default:
			if err = w.report(ctx, dropped); err == nil {
				w.note(nil)
				return true
			}
		}
		if err == nil {
			wait = writerWaitMin
			continue
		}
		w.note(err)
		if w.syncing.Load() > 0 {
			wait = writerWaitMin
		}
		if errors.Is(err, redis.ErrClosed) || !pause(wait, w.hurry) {
			return false
		}
		wait = min(2*wait, writerWaitMax)
		away = !redisutil.Denied(err)
	}
}

// note keeps how the last attempt went, for Close.
func (w *Writer) note(failure error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failure = failure
}

// send publishes records of b from next on and returns how many Redis has taken.
func (w *Writer) send(ctx context.Context, b *outbox.Batch, next int) (int, error) {
	sent, bytes, err := w.sender.Send(ctx, b, next)
	w.box.Published(sent, bytes)
	return sent, err
}

// report publishes how many records were dropped, if any were.
func (w *Writer) report(ctx context.Context, dropped uint64) error {
	if dropped == 0 {
		return nil
	}
	text, err := json.Marshal(map[string]any{
		"time": time.Now().UTC(), "level": "WARN", "logger": "elva.writer", "dropped": dropped,
		"msg": plural(dropped) + " dropped: Redis did not take them in time",
	})
	if err != nil {
		return err
	}
	if err := w.sender.SendOne(ctx, text); err != nil {
		return err
	}
	w.box.Reported(dropped)
	return nil
}

// signal puts a signal into a channel of one slot, unless there is one.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func plural(records uint64) string {
	if records == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", records)
}

// isNil reports whether there is no client, also behind an interface that is not nil itself.
func isNil(client redis.UniversalClient) bool {
	v := reflect.ValueOf(client)
	return client == nil || v.Kind() == reflect.Pointer && v.IsNil()
}
