package redistest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Publisher publishes numbered records and notes the times.
type Publisher struct {
	Name    string
	Channel string
	// Pad is the size of the padding in each record, in bytes.
	Pad int
	// Stream, if not 0, makes Channel the key of a stream that is trimmed to that many entries (XADD).
	Stream int64
	// Sharded makes it publish with SPUBLISH.
	Sharded bool
	// List is the key of a list to which the records are pushed, too; "" for none.
	List string

	client redis.UniversalClient
	cancel context.CancelFunc
	done   chan struct{}

	next atomic.Int64
	mu   sync.Mutex
	list []Published
}

// Published is a record that was published.
type Published struct {
	Publisher string
	N         int // its number, counted from 0
	// Before and After are the times before and after the command.
	Before, After time.Time
	// Confirmed is whether Redis replied. Otherwise the record may have been published or not.
	Confirmed bool
}

// NewPublisher returns a publisher that uses client. The client should not retry (MaxRetries -1), since a retry can publish
// a record twice.
func NewPublisher(client redis.UniversalClient, channel, name string) *Publisher {
	return &Publisher{Name: name, Channel: channel, client: client}
}

// Start publishes a record every interval until Stop.
func (p *Publisher) Start(every time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel, p.done = cancel, make(chan struct{})
	go func() {
		defer close(p.done)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			p.publish(ctx)
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	}()
}

// Stop ends the publishing that Start began, after the current record.
func (p *Publisher) Stop() {
	if p.cancel != nil {
		p.cancel()
		<-p.done
		p.cancel = nil
	}
}

// Publish publishes one record and returns it. It may not be called between Start and Stop.
func (p *Publisher) Publish() (Published, error) {
	return p.publish(context.Background())
}

// Burst publishes n records in one pipeline.
func (p *Publisher) Burst(n int) error {
	pipe := p.client.Pipeline()
	records := make([]Published, n)
	for i := range records {
		records[i] = Published{Publisher: p.Name, N: int(p.next.Add(1)) - 1, Before: time.Now()}
		p.send(context.Background(), pipe, records[i].N)
	}
	_, err := pipe.Exec(context.Background())
	for i := range records {
		records[i].After, records[i].Confirmed = time.Now(), err == nil
	}
	p.mu.Lock()
	p.list = append(p.list, records...)
	p.mu.Unlock()
	return err
}

// Records returns the records that were published so far.
func (p *Publisher) Records() []Published {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Published{}, p.list...)
}

func (p *Publisher) publish(ctx context.Context) (Published, error) {
	r := Published{Publisher: p.Name, N: int(p.next.Add(1)) - 1, Before: time.Now()}
	pipe := p.client.Pipeline()
	p.send(ctx, pipe, r.N)
	_, err := pipe.Exec(ctx)
	r.After, r.Confirmed = time.Now(), err == nil
	p.mu.Lock()
	p.list = append(p.list, r)
	p.mu.Unlock()
	return r, err
}

// listLength is the length to which a list is trimmed.
const listLength = 10_000

// send adds the commands that publish record n to a pipeline.
func (p *Publisher) send(ctx context.Context, pipe redis.Pipeliner, n int) {
	payload := p.payload(n)
	if p.Stream > 0 {
		pipe.XAdd(ctx, &redis.XAddArgs{Stream: p.Channel, MaxLen: p.Stream, Approx: true, Values: []any{"record", payload}})
		return
	}
	if p.List != "" {
		pipe.RPush(ctx, p.List, payload)
		pipe.LTrim(ctx, p.List, -listLength, -1)
	}
	if p.Sharded {
		pipe.SPublish(ctx, p.Channel, payload)
		return
	}
	pipe.Publish(ctx, p.Channel, payload)
}

// payload returns record n in the format of log/slog's JSON handler.
func (p *Publisher) payload(n int) string {
	pad := ""
	if p.Pad > 0 {
		pad = fmt.Sprintf(`,"pad":"%s"`, strings.Repeat("x", p.Pad))
	}
	return fmt.Sprintf(`{"level":"INFO","msg":"%s#%d"%s}`, p.Name, n, pad)
}
