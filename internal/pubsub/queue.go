package pubsub

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// reply is the result of one receive.
type reply struct {
	at      time.Time
	message any
	err     error
	last    bool // this is the last receive on the connection
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

	mu     sync.Mutex
	chunks [][]reply    // of maxAhead replies each, except for the last one; none is empty
	spare  []reply      // an empty chunk, or nil
	full   bool         // whether a pusher is waiting
	bytes  atomic.Int64 // the size of all replies, and of those that were taken but not handled; only changed with the lock held
}

func newQueue(most int) *queue { return &queue{most: int64(most), room: make(chan struct{}, 1)} }

// behind reports whether more than a quarter of the queue is used.
func (q *queue) behind() bool { return q.bytes.Load() > q.most/4 }

// push adds a reply and reports whether it is the only one. While the queue is full, it waits. If ctx ends first, it returns false.
func (q *queue) push(ctx context.Context, r reply) (first bool) {
	for {
		first, ok := q.add(&r)
		if ok {
			return first
		}
		select {
		case <-q.room:
		case <-ctx.Done():
			return false
		}
	}
}

// add adds a reply and reports whether it is the only one. ok is false if the queue is full.
func (q *queue) add(r *reply) (first, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	size, bytes := int64(r.size()), q.bytes.Load()
	if q.full = bytes > 0 && bytes+size > q.most; q.full {
		return false, false
	}
	n := len(q.chunks)
	if n == 0 || len(q.chunks[n-1]) == maxAhead {
		if q.spare == nil {
			q.spare = make([]reply, 0, maxAhead)
		}
		q.chunks, q.spare = append(q.chunks, q.spare), nil
		n++
	}
	q.chunks[n-1] = append(q.chunks[n-1], *r)
	q.bytes.Store(bytes + size)
	return n == 1 && len(q.chunks[0]) == 1, true
}

// take removes and returns the oldest replies, at most maxAhead. It returns nil if there are none.
func (q *queue) take() []reply {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.chunks) == 0 {
		return nil
	}
	list := q.chunks[0]
	q.chunks = slices.Delete(q.chunks, 0, 1)
	return list
}

// reuse keeps the memory of replies that were taken and handled.
func (q *queue) reuse(list []reply) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.spare = list[:0]
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
	return len(q.chunks) == 0
}
