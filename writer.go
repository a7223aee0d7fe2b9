package elva

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/link"
	"github.com/SupermanScott/Elva/internal/outbox"
)

const (
	// writerBatch is how many records go in one pipeline: the cost of a round trip is gone at a
	// hundred, and a batch that fails is not large.
	writerBatch = 500
	// Waits between attempts while Redis fails.
	writerWaitMin, writerWaitMax = 100 * time.Millisecond, 5 * time.Second
	// writerGrace is how long records wait on after Redis came back from an outage. A subscriber tries
	// once a second to come back too, and what is published before that nobody hears.
	writerGrace = 1500 * time.Millisecond
	// writerFlush is how long Close tries to publish what waits.
	writerFlush = 3 * time.Second
)

// errUnanswered marks a command that go-redis has no answer to. It leaves commands as they were when
// Redis refuses the connection itself.
var errUnanswered = errors.New("no answer")

// Writer publishes each Write as one record on a Redis channel, for loggers that write to an io.Writer:
//
//	log := slog.New(slog.NewJSONHandler(elva.NewWriter(rdb, "app"), nil))
//
// It never makes the program wait: Write copies the record and returns; one goroutine publishes, many
// records in a pipeline. While Redis is down or frozen, up to 4 MiB or 20,000 records wait, whichever
// comes first; what comes then is dropped and counted, and the count is published as a record when
// Redis is back. After an outage they wait 1.5 s more, so that Elva hears them. A record whose
// connection breaks while it is published may arrive twice.
//
// Defer Close in main: what waits is lost when the program exits without it. Nothing but Close reports
// that Redis refuses the records, since a logger's writer has nobody to tell.
//
// A Writer is safe for concurrent use.
type Writer struct {
	client  redis.UniversalClient
	channel string
	box     outbox.Box

	mu      sync.Mutex
	failure error // of the last attempt, nil if it went well

	wake    chan struct{} // there is something to publish; one slot
	closing chan struct{}
	ended   chan struct{}
	cancel  context.CancelFunc

	// Of the goroutine alone, and used again for every pipeline.
	payloads []payload
	commands []*redis.IntCmd
}

// payload is an argument of PUBLISH that can be exchanged without making a new command.
type payload struct{ text []byte }

func (p *payload) MarshalBinary() ([]byte, error) { return p.text, nil }

// NewWriter returns a Writer that publishes on channel. It does no I/O itself. The client stays the
// caller's and must be open until the Writer is closed. It panics if client is nil or channel empty.
func NewWriter(client redis.UniversalClient, channel string) *Writer {
	if isNil(client) {
		panic("elva: NewWriter with a nil Redis client")
	}
	if channel == "" {
		panic("elva: NewWriter without a channel")
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &Writer{
		client: client, channel: channel, cancel: cancel,
		wake: make(chan struct{}, 1), closing: make(chan struct{}), ended: make(chan struct{}),
		payloads: make([]payload, writerBatch),
	}
	for i := range w.payloads {
		w.commands = append(w.commands, redis.NewIntCmd(ctx, "publish", channel, &w.payloads[i]))
	}
	go w.run(ctx)
	return w
}

// Write takes p, less one newline at its end, as one record. It never blocks on Redis and always
// reports success, except after Close, when the error is os.ErrClosed. It does not keep p.
func (w *Writer) Write(p []byte) (int, error) {
	text := p
	if n := len(text); n > 0 && text[n-1] == '\n' {
		text = text[:n-1]
	}
	if !w.box.Add(text) {
		return 0, fmt.Errorf("elva: write log record: %w", os.ErrClosed)
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return len(p), nil
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
	records, dropped := w.box.Left()
	if records == 0 && dropped == 0 {
		return nil
	}
	w.mu.Lock()
	cause := w.failure
	w.mu.Unlock()
	if cause == nil {
		cause = errors.New("redis does not answer")
	}
	text := plural(uint64(records)) + " not published"
	if dropped > 0 {
		text += fmt.Sprintf(", %d dropped", dropped)
	}
	return fmt.Errorf("elva: close log writer: %s: %w", text, cause)
}

// run publishes until Close, and then what is left.
func (w *Writer) run(ctx context.Context) {
	defer close(w.ended)
	for last := false; !last; {
		select {
		case <-w.wake:
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
			w.box.GiveBack(taken)
		}
	}
}

// publish publishes a batch, and the count of what was dropped before, and tries again while Redis
// fails. It reports false when there is no more trying.
func (w *Writer) publish(ctx context.Context, b *outbox.Batch, dropped uint64) bool {
	closing, wait, away := w.closing, writerWaitMin, false
	// pause reports false when Close has given up. When it begins, no pause is long any more.
	pause := func(d time.Duration) bool {
		if closing == nil {
			d = min(d, writerWaitMin)
		}
		select {
		case <-ctx.Done():
			return false
		case <-closing:
			closing = nil
		case <-time.After(d):
		}
		return true
	}
	for next := 0; ; {
		n, err := 0, error(nil)
		switch {
		case away:
			err = safely(func() error { return w.client.Ping(ctx).Err() })
			if err == nil || link.Refusal(err) {
				away, err = false, nil
				if !pause(writerGrace) {
					return false
				}
			}
		case next < b.Len():
			n, err = w.send(ctx, b, next)
			next += n
		default:
			if err = w.tell(ctx, dropped); err == nil {
				w.note(nil)
				return true
			}
		}
		if err == nil {
			wait = writerWaitMin
			continue
		}
		w.note(err)
		if errors.Is(err, redis.ErrClosed) || !pause(wait) {
			return false
		}
		wait = min(2*wait, writerWaitMax)
		away = !link.Refusal(err)
	}
}

// note keeps how the last attempt went, for Close.
func (w *Writer) note(failure error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failure = failure
}

// send publishes records of b from next on, at most writerBatch, and returns how many Redis has taken.
func (w *Writer) send(ctx context.Context, b *outbox.Batch, next int) (int, error) {
	n := min(writerBatch, b.Len()-next)
	pipe := w.client.Pipeline()
	for i := range n {
		w.payloads[i].text = b.Record(next + i)
		w.commands[i].SetErr(errUnanswered)
		_ = pipe.Process(ctx, w.commands[i]) // queued; the error comes from Exec
	}
	err := safely(func() error { _, err := pipe.Exec(ctx); return err })
	sent, bytes := 0, 0
	for sent < n && (err == nil || w.commands[sent].Err() == nil) {
		bytes += len(w.payloads[sent].text)
		sent++
	}
	clear(w.payloads[:n]) // or they would hold on to a large batch
	w.box.Published(sent, bytes)
	return sent, err
}

// tell publishes how many records were dropped, if any were.
func (w *Writer) tell(ctx context.Context, dropped uint64) error {
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
	if err := safely(func() error { return w.client.Publish(ctx, w.channel, text).Err() }); err != nil {
		return err
	}
	w.box.Told(dropped)
	return nil
}

// safely calls go-redis, which panics on some malformed replies, and would end the program with it.
func safely(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("malformed reply: %v", p)
		}
	}()
	return call()
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
