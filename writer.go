package elva

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// writerBytes and writerRecords bound what waits for Redis: some seconds of a flood, minutes of a
	// calm program.
	writerBytes   = 4 << 20
	writerRecords = 20_000
	// writerBatch is how many records go in one pipeline: the cost of a round trip is gone at a
	// hundred, and a batch that fails is not large.
	writerBatch = 500
	// Waits between attempts while Redis fails.
	writerWaitMin, writerWaitMax = 100 * time.Millisecond, 5 * time.Second
	// writerFlush is how long Close tries to publish what waits.
	writerFlush = 3 * time.Second
)

// Writer publishes each Write as one record on a Redis channel, for loggers that write to an io.Writer:
//
//	log := slog.New(slog.NewJSONHandler(elva.NewWriter(rdb, "app"), nil))
//
// It never makes the program wait: Write copies the record and returns; one goroutine publishes, many
// records in a pipeline. While Redis is down or frozen, up to 4 MiB or 20,000 records wait; what comes
// then is dropped and counted, and the count is published as a record when Redis is back. A record
// whose connection breaks while it is published may arrive twice.
//
// A Writer is safe for concurrent use.
type Writer struct {
	client  redis.UniversalClient
	channel string

	mu      sync.Mutex
	waiting batch  // taken by the goroutine
	spare   batch  // empty, for the next exchange
	records int    // not published yet: waiting and in the goroutine's hands
	bytes   int    // of those records
	dropped uint64 // not told yet
	closed  bool
	failure error // of the last attempt, nil if it went well

	wake    chan struct{} // there is something to publish; one slot
	closing chan struct{}
	ended   chan struct{}
	cancel  context.CancelFunc

	// Of the goroutine alone, and used again for every pipeline.
	payloads []payload
	commands []*redis.IntCmd
}

// batch is records end to end in one piece of memory.
type batch struct {
	text []byte
	ends []int
}

func (b *batch) record(i int) []byte {
	if i == 0 {
		return b.text[:b.ends[0]]
	}
	return b.text[b.ends[i-1]:b.ends[i]]
}

// payload is an argument of PUBLISH that can be exchanged without making a new command.
type payload struct{ text []byte }

func (p *payload) MarshalBinary() ([]byte, error) { return p.text, nil }

// NewWriter returns a Writer that publishes on channel. It does no I/O itself. The client stays the
// caller's and must be open until the Writer is closed. It panics if client is nil or channel empty.
func NewWriter(client redis.UniversalClient, channel string) *Writer {
	if client == nil || channel == "" {
		panic("elva: NewWriter without a client or a channel")
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
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return 0, fmt.Errorf("elva: write log record: %w", os.ErrClosed)
	case w.records >= writerRecords || w.bytes+len(text) > writerBytes:
		w.dropped++
		return len(p), nil
	}
	w.records++
	w.bytes += len(text)
	w.waiting.text = append(w.waiting.text, text...)
	w.waiting.ends = append(w.waiting.ends, len(w.waiting.text))
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return len(p), nil
}

// Close publishes what waits, for at most three seconds, and ends the Writer. Its error says how many
// records were left, and why. It may be called more than once; it does not close the client.
func (w *Writer) Close() error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.closing)
	}
	w.mu.Unlock()
	select {
	case <-w.ended:
	case <-time.After(writerFlush): // a frozen Redis holds go-redis until its own timeouts
	}
	w.cancel()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.records == 0 {
		return nil
	}
	cause := w.failure
	if cause == nil {
		cause = errors.New("redis does not answer")
	}
	return fmt.Errorf("elva: close log writer: %d records not published: %w", w.records, cause)
}

// run publishes until Close, and then what is left.
func (w *Writer) run(ctx context.Context) {
	defer close(w.ended)
	for {
		select {
		case <-w.wake:
		case <-w.closing:
		}
		for ctx.Err() == nil {
			taken, dropped := w.take()
			if len(taken.ends) == 0 && dropped == 0 {
				break
			}
			if !w.publish(ctx, &taken, dropped) {
				return
			}
			w.giveBack(taken)
		}
		select {
		case <-w.closing:
			return
		default:
		}
	}
}

// publish publishes a batch, and the count of what was dropped before, and tries again while Redis
// fails. It reports false when there is no more trying.
func (w *Writer) publish(ctx context.Context, b *batch, dropped uint64) bool {
	closing, wait := w.closing, writerWaitMin
	for next := 0; ; {
		n, err := 0, error(nil)
		if next < len(b.ends) {
			n, err = w.send(ctx, b, next)
			next += n
		} else if err = w.tell(ctx, dropped); err == nil {
			return true
		}
		w.mu.Lock()
		w.failure = err
		w.mu.Unlock()
		if err == nil {
			wait = writerWaitMin
			continue
		}
		if errors.Is(err, redis.ErrClosed) {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-closing: // once more at once, then again and again until Close gives up
			closing = nil
		case <-time.After(wait):
			wait = min(2*wait, writerWaitMax)
		}
	}
}

// send publishes records of b from next on, at most writerBatch, and returns how many Redis has taken.
func (w *Writer) send(ctx context.Context, b *batch, next int) (int, error) {
	n := min(writerBatch, len(b.ends)-next)
	pipe := w.client.Pipeline()
	bytes := 0
	for i := range n {
		w.payloads[i].text = b.record(next + i)
		w.commands[i].SetErr(nil)
		_ = pipe.Process(ctx, w.commands[i]) // queued; the error comes from Exec
	}
	_, err := pipe.Exec(ctx)
	sent := 0
	for sent < n && w.commands[sent].Err() == nil {
		bytes += len(w.payloads[sent].text)
		sent++
	}
	w.mu.Lock()
	w.records -= sent
	w.bytes -= bytes
	w.mu.Unlock()
	return sent, err
}

// tell publishes how many records were dropped, if any were.
func (w *Writer) tell(ctx context.Context, dropped uint64) error {
	if dropped == 0 {
		return nil
	}
	text, err := json.Marshal(map[string]any{
		"time": time.Now().UTC(), "level": "WARN", "logger": "elva.writer", "dropped": dropped,
		"msg": fmt.Sprintf("%d records were dropped: Redis did not take them in time", dropped),
	})
	if err != nil {
		return err
	}
	if err := w.client.Publish(ctx, w.channel, text).Err(); err != nil {
		return err
	}
	w.mu.Lock()
	w.dropped -= dropped
	w.mu.Unlock()
	return nil
}

// take exchanges what waits for the spare batch.
func (w *Writer) take() (batch, uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.waiting
	w.waiting, w.spare = w.spare, batch{}
	return taken, w.dropped
}

// giveBack makes a published batch the spare one, unless a flood has made it large.
func (w *Writer) giveBack(b batch) {
	if cap(b.text) > writerBytes/4 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spare = batch{b.text[:0], b.ends[:0]}
}
