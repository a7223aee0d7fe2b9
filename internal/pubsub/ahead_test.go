package pubsub

import (
	"reflect"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/ingest"
)

// TestAhead_AwaitDecodesLaterReplies awaits a reply that another goroutine is decoding. That takes until all later replies are decoded, which
// nobody but the waiting goroutine can do.
func TestAhead_AwaitDecodesLaterReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var later, running sync.WaitGroup
		list := make([]reply, 5)
		for i := range list {
			list[i].message = &redis.Message{Payload: string(rune('0' + i))}
		}
		later.Add(len(list) - 1)
		var in ingest.Ingest
		a := newAhead(func(payload string, into *ingest.Decoded) {
			in.Decode(payload, into)
			if payload == "0" {
				later.Wait()
			} else {
				later.Done()
			}
		})
		a.list = list
		running.Go(func() { a.decodeNext() })
		synctest.Wait() // now that goroutine is decoding the first reply
		for i := range list {
			if reflect.ValueOf(a.await(i)).Elem().IsZero() {
				t.Errorf("reply %d is not decoded", i)
			}
		}
		running.Wait()
	})
}
