package streams

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/position"
	"github.com/SupermanScott/Elva/internal/redisutil"
)

const (
	// askEvery is how often Redis is asked about one stream at most, however many viewers want to know.
	askEvery = time.Second
	// askFor is how long an answer may take.
	askFor = 2 * time.Second
)

// Lookup finds out what a stream has come to, for all viewers together: each question takes a connection. Its methods
// are safe for concurrent use.
type Lookup struct {
	host   redis.UniversalClient
	timing redisutil.Timing

	mu      sync.Mutex
	ctx     context.Context // of Run, while that runs
	running sync.WaitGroup
	next    map[string]*question // by stream: the one that will be asked
	last    map[string]time.Time // when the last one was
}

// question is asked once, for everybody who came before that.
type question struct {
	answered chan struct{} // closed when id and ok are known
	id       position.Entry
	ok       bool
}

// NewLookup returns a Lookup that asks as host's options say.
func NewLookup(host redis.UniversalClient, t redisutil.Timing) *Lookup {
	return &Lookup{host: host, timing: t, next: make(map[string]*question), last: make(map[string]time.Time)}
}

// Run lets questions be asked until ctx ends, and waits for those under way.
func (l *Lookup) Run(ctx context.Context) {
	l.mu.Lock()
	l.ctx = ctx
	l.mu.Unlock()
	<-ctx.Done()
	l.mu.Lock() // a question that is beginning is waited for
	l.ctx = nil
	l.mu.Unlock()
	l.running.Wait()
}

// Generated returns the newest ID that a stream ever gave, as Redis says it after the call began: what it said before
// may be older than what the caller knows. Calls that come within a second share one question. ok is false when Redis
// does not tell before ctx ends.
func (l *Lookup) Generated(ctx context.Context, key string) (id position.Entry, ok bool) {
	q := l.question(key)
	if q == nil {
		return id, false
	}
	select {
	case <-q.answered:
		return q.id, q.ok
	case <-ctx.Done():
		return id, false
	}
}

// question returns the question that will be asked next about a stream, nil if none can be.
func (l *Lookup) question(key string) *question {
	l.mu.Lock()
	defer l.mu.Unlock()
	if q := l.next[key]; q != nil {
		return q
	}
	if l.ctx == nil {
		return nil
	}
	q := &question{answered: make(chan struct{})}
	l.next[key] = q
	wait := time.Until(l.last[key].Add(askEvery))
	running := l.ctx
	l.running.Go(func() { l.ask(running, key, q, wait) })
	return q
}

// ask asks a question after the wait.
func (l *Lookup) ask(ctx context.Context, key string, q *question, wait time.Duration) {
	defer close(q.answered)
	select {
	case <-time.After(wait):
	case <-ctx.Done():
	}
	l.mu.Lock()
	delete(l.next, key) // who comes from here on may know more than the answer
	l.last[key] = time.Now()
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	client, hangUp, err := redisutil.Dedicated(ctx, l.host, key, l.timing, func() {})
	if err != nil {
		return
	}
	defer hangUp()
	in, err := parseInfo(do(ctx, client, xinfo(ctx, key)))
	q.id, q.ok = in.generated, err == nil && (in.counted || !in.exists)
}
