package pubsub

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/ingest"
)

// reply is what one receive returned.
type reply struct {
	at      time.Time
	message any
	err     error
	last    bool // nothing more is received on this connection
	decoded *ingest.Decoded
}

// replyOverhead is about what a reply takes beside its text: itself, go-redis's message, the headers of the strings.
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

// queue holds the replies that were received and not handled yet. Its methods are safe for concurrent use.
type queue struct {
	most int64         // how many bytes it may hold; one reply is taken always
	room chan struct{} // signals a pusher that waits that there is room; one slot

	mu    sync.Mutex
	list  []reply
	full  bool         // a pusher waits
	bytes atomic.Int64 // of list, and of what was taken and is not handled yet; changes with the lock held
}

func newQueue(most int) *queue { return &queue{most: int64(most), room: make(chan struct{}, 1)} }

// behind reports whether the queue is filling up: an eighth is used.
func (q *queue) behind() bool { return q.bytes.Load() > q.most/8 }

// push adds a reply and returns how many there are. It waits while the queue is full, until ctx ends.
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

// add adds a reply and returns how many there are, 0 if the queue is full.
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

// take returns all replies, nil if there are none. The queue goes on in the memory of spare.
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

// handled makes room: a reply that was taken takes no more memory. A pusher that waits goes on when an eighth is free,
// not for each reply.
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
