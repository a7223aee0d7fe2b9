package pubsub

import (
	"testing"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

func TestOverlap_KeepsOneCopy(t *testing.T) {
	exact, p1, p2 := redisutil.Channel{Name: "a"}, redisutil.Channel{Name: "a*", Pattern: true}, redisutil.Channel{Name: "*", Pattern: true}
	type message struct {
		payload string
		by      redisutil.Channel
		copy    bool
	}
	for name, messages := range map[string][]message{
		"one publish, three subscriptions":   {{"x", exact, false}, {"x", p1, true}, {"x", p2, true}},
		"the same text published twice":      {{"x", exact, false}, {"x", p1, true}, {"x", exact, false}, {"x", p1, true}},
		"patterns in another order":          {{"x", p2, false}, {"x", p1, true}, {"x", p2, false}, {"x", p1, true}},
		"one subscription, the same text":    {{"x", exact, false}, {"x", exact, false}},
		"another text in between":            {{"x", exact, false}, {"y", p1, false}, {"x", p1, false}},
		"the empty payload is one as others": {{"", exact, false}, {"", p1, true}},
	} {
		t.Run(name, func(t *testing.T) {
			var o Overlap
			for i, m := range messages {
				if got := o.IsCopy("a", m.payload, m.by); got != m.copy {
					t.Errorf("message %d: copy = %v, want %v", i, got, m.copy)
				}
			}
		})
	}
	t.Run("another connection", func(t *testing.T) {
		var o Overlap
		o.IsCopy("a", "x", exact)
		o.Reset()
		if o.IsCopy("a", "x", p1) {
			t.Error("a message of a new connection is taken for a copy")
		}
	})
}
