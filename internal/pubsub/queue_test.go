package pubsub

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

func message(n int) *reply { return &reply{message: &redis.Message{Payload: strings.Repeat("x", n)}} }

func TestQueue_IsBoundedInBytes(t *testing.T) {
	q := newQueue(10_000)
	if first, ok := q.add(message(50_000)); !ok || !first {
		t.Error("one reply is not taken though the queue is empty")
	}
	if _, ok := q.add(message(1)); ok {
		t.Error("a full queue takes a reply")
	}
	list := q.take()
	if _, ok := q.add(message(1)); ok || len(list) != 1 {
		t.Error("what was taken and is not handled does not count")
	}
	q.handled(&list[0])
	for n := range 2 {
		if first, ok := q.add(message(1)); !ok || first != (n == 0) {
			t.Error("there is no room though everything was handled")
		}
	}
}

// TestQueue_ReusesMemory holds more replies than one chunk has. They must come in order, and a queue of constant length must need no new
// memory.
func TestQueue_ReusesMemory(t *testing.T) {
	q := newQueue(1 << 20)
	r := message(1)
	for n := range 3 * maxAhead {
		q.add(&reply{last: n%7 == 0, message: r.message})
	}
	n := 0
	round := func() {
		list := q.take()
		for i := range list {
			if list[i].last != (n%7 == 0) {
				t.Fatalf("reply %d is not in its place", n)
			}
			q.handled(&list[i])
			n++
		}
		q.reuse(list)
		for i := range list {
			q.add(&reply{last: (n+2*maxAhead+i)%7 == 0, message: r.message})
		}
	}
	if allocs := testing.AllocsPerRun(100, round); allocs > 0 {
		t.Errorf("%v allocations for %d replies", allocs, maxAhead)
	}
}
