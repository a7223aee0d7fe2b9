package history

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// TestRead_DamagedSegmentsAreLost changes bytes of packed segments. Segments that can't be unpacked are reported as lost, and nothing else
// is lost or wrong.
func TestRead_DamagedSegmentsAreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(100_000, 512<<10, time.Millisecond)
		defer h.Close()
		fill := func() {
			for range 20_000 {
				h.Append(time.Now(), Source{Channel: "app"}, "payload", &record.Record{Level: record.Level(rand.IntN(7)), Message: fmt.Sprint("message ", h.seq+1)})
			}
			synctest.Wait()
		}
		fill()
		damaged := 0
		for _, q := range []*queue{&h.log, &h.retained} {
			for i, s := range q.segments {
				if s.packed != nil && i%2 == 0 {
					section := [][]byte{s.packed.text, s.packed.items}[i/2%2]
					section[len(section)/2] ^= 0x55
					damaged += s.count
				}
			}
		}
		if damaged == 0 {
			t.Fatal("no segment is packed")
		}
		read, lost := 0, 0
		for c := h.Since(0); ; {
			run := c.Read()
			if run.Lost == 0 && run.Len() == 0 {
				break
			}
			lost += int(run.Lost)
			read += run.Len()
			for i := range run.Len() {
				item := run.Item(i)
				if !strings.Contains(string(item.JSON), fmt.Sprintf(`"message":"message %d",`, item.Seq)) {
					t.Fatalf("number %d is %s", item.Seq, item.JSON)
				}
			}
		}
		if held := h.Stats().Records; lost != damaged || read+lost != held {
			t.Errorf("read %d and lost %d of %d, want %d lost", read, lost, held, damaged)
		}
		found := 0
		for b := h.Backward(nil, 0, h.seq+1); b.Next(nil, func(run *Run) int { found += run.Len(); return run.Len() }); {
		}
		if found != read {
			t.Errorf("a search finds %d, a viewer %d", found, read)
		}
		for seq := h.Stats().First; seq <= h.seq; seq += 7 {
			h.Payload(seq)
		}
		fill() // drops the damaged segments
		fill()
	})
}
