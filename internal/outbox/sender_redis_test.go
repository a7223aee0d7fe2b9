//go:build unix

package outbox_test

import (
	"testing"

	"github.com/SupermanScott/Elva/internal/outbox"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// TestSend_Allocations needs Redis in a separate process, since its allocations must not count.
func TestSend_Allocations(t *testing.T) {
	client := redistest.Start(t).Client(nil)
	b := batch(500, 350)
	for name, sender := range map[string]*outbox.Sender{
		"channel": outbox.ToChannel(t.Context(), client, "app"),
		"stream":  outbox.ToStream(t.Context(), client, "stream", 1000),
	} {
		count := testing.AllocsPerRun(50, func() {
			if sent, _, err := sender.Send(t.Context(), &b, 0); sent != 500 || err != nil {
				t.Errorf("%s: %d sent, %v", name, sent, err)
			}
		})
		t.Logf("%s: %.0f allocations for 500 records", name, count)
		if count > 100 {
			t.Errorf("%s: %.0f allocations for 500 records", name, count)
		}
	}
}
