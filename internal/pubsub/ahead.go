package pubsub

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/ingest"
)

// maxAhead is how many replies are decoded ahead of their turn: enough for all processors, and what they take decoded is
// little beside what waits.
const maxAhead = 64

// ahead decodes replies by several goroutines, so that the one that handles them in turn finds them decoded.
type ahead struct {
	decode func(payload string) *ingest.Decoded
	list   []reply
	once   []sync.Once // for each
	next   atomic.Int32
}

func newAhead(list []reply, decode func(payload string) *ingest.Decoded) *ahead {
	return &ahead{decode: decode, list: list, once: make([]sync.Once, len(list))}
}

// begin begins to decode, on all processors but the caller's.
func (a *ahead) begin(running *sync.WaitGroup) {
	for range min(runtime.GOMAXPROCS(0), len(a.list)) - 1 {
		running.Go(func() {
			for i := int(a.next.Add(1)); i < len(a.list); i = int(a.next.Add(1)) {
				a.await(i)
			}
		})
	}
}

// await returns when the reply is decoded.
func (a *ahead) await(i int) {
	a.once[i].Do(func() {
		if m, ok := a.list[i].message.(*redis.Message); ok {
			a.list[i].decoded = a.decode(m.Payload)
		}
	})
}
