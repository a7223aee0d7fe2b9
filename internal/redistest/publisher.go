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

// Publisher publishes numbered records and notes when.
type Publisher struct {
	Name    string
	Channel string
	// Pad is how many bytes each record carries besides its number.
	Pad int
	// Stream makes Channel the key of a stream that records are added to, trimmed to that many (XADD).
	Stream int64
	// Sharded publishes with SPUBLISH.
	Sharded bool
	// List is the key of a list that holds the newest 10,000 records, too; empty means none.
	List string

	client redis.UniversalClient
	cancel context.CancelFunc
	done   chan struct{}

	next atomic.Int64
	mu   sync.Mutex
	list []Published
}

// Published is one record that was published.
type Published struct {
	Publisher string
	N         int // from 0, without holes
	// Before and After are the times around PUBLISH: Redis took the record in between.
	Before, After time.Time
	// Sure is whether Redis has answered. If it has not, the record may have been delivered or not.
	Sure bool
}

// NewPublisher returns a publisher over client, which should not retry (MaxRetries -1): a retry can
// publish a second time.
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

// Stop ends what Start began and waits for the record under way.
func (p *Publisher) Stop() {
	if p.cancel != nil {
		p.cancel()
		<-p.done
		p.cancel = nil
	}
}

// Publish publishes one record, which must succeed, and returns it. It may not be called while Start's
// flow runs.
func (p *Publisher) Publish() (Published, error) {
	return p.publish(context.Background())
}

// Burst publishes n records in one pipeline and returns Redis's error if there was one.
func (p *Publisher) Burst(n int) error {
	pipe := p.client.Pipeline()
	records := make([]Published, n)
	for i := range records {
		records[i] = Published{Publisher: p.Name, N: int(p.next.Add(1)) - 1, Before: time.Now()}
		p.send(context.Background(), pipe, records[i].N)
	}
	_, err := pipe.Exec(context.Background())
	for i := range records {
		records[i].After, records[i].Sure = time.Now(), err == nil
	}
	p.mu.Lock()
	p.list = append(p.list, records...)
	p.mu.Unlock()
	return err
}

// Records returns what was published so far.
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
	r.After, r.Sure = time.Now(), err == nil
	p.mu.Lock()
	p.list = append(p.list, r)
	p.mu.Unlock()
	return r, err
}

// listLength is how many records a list holds.
const listLength = 10_000

// send queues what publishes a record.
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

// payload is a record as log/slog's JSON handler writes it.
func (p *Publisher) payload(n int) string {
	pad := ""
	if p.Pad > 0 {
		pad = fmt.Sprintf(`,"pad":"%s"`, strings.Repeat("x", p.Pad))
	}
	return fmt.Sprintf(`{"level":"INFO","msg":"%s#%d"%s}`, p.Name, n, pad)
}
