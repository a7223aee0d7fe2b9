package pubsub

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/ingest"
)

// maxAhead is the number of replies that are decoded ahead of their turn. It is enough for all processors, and decoded replies
// take little memory compared with the queue.
const maxAhead = 64

// ahead decodes replies in several goroutines, before the goroutine that handles them in order needs them.
type ahead struct {
	decode func(payload string) *ingest.Decoded
	list   []reply
	once   []sync.Once // by reply
	next   atomic.Int32
}

func newAhead(list []reply, decode func(payload string) *ingest.Decoded) *ahead {
	return &ahead{decode: decode, list: list, once: make([]sync.Once, len(list))}
}

// begin starts to decode on all processors except the caller's.
func (a *ahead) begin(running *sync.WaitGroup) {
	for range min(runtime.GOMAXPROCS(0), len(a.list)) - 1 {
		running.Go(func() {
			for i := int(a.next.Add(1)); i < len(a.list); i = int(a.next.Add(1)) {
				a.await(i)
			}
		})
	}
}

// await returns once the i-th reply is decoded. It decodes the reply itself if no other goroutine has begun to.
func (a *ahead) await(i int) {
	a.once[i].Do(func() {
		if m, ok := a.list[i].message.(*redis.Message); ok {
			a.list[i].decoded = a.decode(m.Payload)
		}
	})
}
