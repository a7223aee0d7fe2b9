package pubsub

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/ingest"
)

// reply is the result of one receive.
type reply struct {
	at      time.Time
	message any
	err     error
	last    bool // this is the last receive on the connection
	decoded *ingest.Decoded
}

// replyOverhead is about the size of a reply without its text: the reply itself, the message of go-redis, and the headers of its strings.
const replyOverhead = 200

func (r *reply) size() int {
	n := replyOverhead
	if m, ok := r.message.(*redis.Message); ok {
		n += len(m.Channel) + len(m.Pattern) + len(m.Payload)
		for _, s := range m.PayloadSlice {
			n += len(s)
		}
	}
	return n
}

// queue holds replies that have been received but not yet handled. Its methods are safe for concurrent use.
type queue struct {
	most int64         // the most bytes that it may hold; an empty queue accepts any reply
	room chan struct{} // signals room to a waiting pusher; has one slot

	mu    sync.Mutex
	list  []reply
	full  bool         // whether a pusher is waiting
	bytes atomic.Int64 // the size of list and of the replies that were taken but not handled; only changed with the lock held
}

func newQueue(most int) *queue { return &queue{most: int64(most), room: make(chan struct{}, 1)} }

// behind reports whether more than an eighth of the queue is used.
func (q *queue) behind() bool { return q.bytes.Load() > q.most/8 }

// push adds a reply and returns the length of the queue. While the queue is full, it waits. If ctx ends first, it returns 0.
func (q *queue) push(ctx context.Context, r reply) (n int) {
	for {
		if n = q.add(&r); n > 0 {
			return n
		}
		select {
		case <-q.room:
		case <-ctx.Done():
			return 0
		}
	}
}

// add adds a reply and returns the length of the queue, or 0 if the queue is full.
func (q *queue) add(r *reply) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	size, bytes := int64(r.size()), q.bytes.Load()
	if q.full = bytes > 0 && bytes+size > q.most; q.full {
		return 0
	}
	q.list = append(q.list, *r)
	q.bytes.Store(bytes + size)
	return len(q.list)
}

// take removes and returns all replies, or nil if there are none. The queue continues in the memory of spare.
func (q *queue) take(spare []reply) []reply {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) == 0 {
		return nil
	}
	list := q.list
	q.list = spare[:0]
	return list
}

// handled releases the memory of a reply that was taken. A waiting pusher continues once an eighth of the queue is free, since
// waking it for each reply would be expensive.
func (q *queue) handled(r *reply) {
	q.mu.Lock()
	defer q.mu.Unlock()
	bytes := q.bytes.Add(-int64(r.size()))
	*r = reply{}
	if !q.full || bytes > q.most-q.most/8 {
		return
	}
	select {
	case q.room <- struct{}{}:
	default:
	}
}

func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.list) == 0
}
