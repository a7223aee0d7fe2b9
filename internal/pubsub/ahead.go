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
	decode  func(payload string, into *ingest.Decoded)
	list    []reply                  // at most maxAhead
	next    atomic.Int32             // the index of the next reply to decode
	ready   [maxAhead]atomic.Bool    // by reply: whether it is decoded
	decoded [maxAhead]ingest.Decoded // by reply: empty, until it is decoded
	wake    chan struct{}            // signals the awaiting goroutine that another reply is ready; has one slot
}

func newAhead(decode func(payload string, into *ingest.Decoded)) *ahead {
	return &ahead{decode: decode, wake: make(chan struct{}, 1)}
}

// begin starts to decode a list on all processors except the caller's. Nothing of the previous list may be running.
func (a *ahead) begin(list []reply, running *sync.WaitGroup) {
	a.list = list
	a.next.Store(0)
	for i := range a.ready {
		a.ready[i].Store(false)
	}
	for range min(runtime.GOMAXPROCS(0), len(a.list)) - 1 {
		running.Go(func() {
			for a.decodeNext() {
			}
		})
	}
}

// decodeNext decodes the next reply. It returns false if none is left.
func (a *ahead) decodeNext() bool {
	i := int(a.next.Add(1)) - 1
	if i >= len(a.list) {
		return false
	}
	if m, ok := a.list[i].message.(*redis.Message); ok {
		a.decode(m.Payload, &a.decoded[i])
	}
	a.ready[i].Store(true)
	select {
	case a.wake <- struct{}{}:
	default:
	}
	return true
}

// await returns the i-th reply's payload, decoded, once that is done. Until then it decodes later replies, since decoding takes longer than handling: with two
// processors, a storm of 1 to 30 KB is handled in 14 to 20 % less time than if it only waited (measured).
func (a *ahead) await(i int) *ingest.Decoded {
	for !a.ready[i].Load() {
		if !a.decodeNext() {
			<-a.wake
		}
	}
	return &a.decoded[i]
}
