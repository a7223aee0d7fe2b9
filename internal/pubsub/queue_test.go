package pubsub

import (
	"context"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

func TestQueue_IsBoundedInBytes(t *testing.T) {
	full, cancel := context.WithCancel(t.Context())
	cancel() // push returns instead of waiting
	message := func(n int) reply { return reply{message: &redis.Message{Payload: strings.Repeat("x", n)}} }
	q := newQueue(10_000)
	if q.push(full, message(50_000)) != 1 {
		t.Error("one reply is not taken though the queue is empty")
	}
	if q.push(full, message(1)) != 0 {
		t.Error("a full queue takes a reply")
	}
	list := q.take(nil)
	if len(list) != 1 || q.push(full, message(1)) != 0 {
		t.Error("what was taken and is not handled does not count")
	}
	q.handled(&list[0])
	if q.push(full, message(1)) != 1 || q.push(full, message(1)) != 2 {
		t.Error("there is no room though everything was handled")
	}
}
