package outbox

import (
	"fmt"
	"strings"
	"testing"
)

// drain takes and returns all records, as if they were published.
func drain(b *Box) (records []string) {
	batch, _ := b.Take()
	bytes := 0
	for i := range batch.Len() {
		records = append(records, string(batch.Record(i)))
		bytes += len(batch.Record(i))
	}
	b.Published(batch.Len(), bytes)
	b.Recycle(batch)
	return records
}

func TestBox_Order(t *testing.T) {
	var b Box
	for range 3 { // the memory is reused
		want := []string{"a", "", "bcd", ""}
		for _, r := range want {
			if !b.Write([]byte(r)) {
				t.Fatal("closed")
			}
		}
		if got := drain(&b); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := drain(&b); len(got) > 0 {
		t.Errorf("an empty box has %q", got)
	}
}

func TestBox_CountsDropped(t *testing.T) {
	for name, c := range map[string]struct {
		size, add, kept int
	}{
		"records": {1, maxRecords + 7, maxRecords},
		"bytes":   {maxBytes / 4, 6, 4},
		"one":     {maxBytes + 1, 1, 0},
	} {
		var b Box
		record := []byte(strings.Repeat("x", c.size))
		for range c.add {
			b.Write(record)
		}
		if left, dropped, _ := b.Pending(b.Snapshot()); left != uint64(c.kept) || int(dropped) != c.add-c.kept {
			t.Errorf("%s: %d kept and %d dropped of %d, want %d kept", name, left, dropped, c.add, c.kept)
		}
		taken, dropped := b.Take() // unpublished records still count
		b.Write(record)
		if _, now, _ := b.Pending(b.Snapshot()); now != dropped+1 {
			t.Errorf("%s: Take made room: %d dropped, want %d", name, now, dropped+1)
		}
		b.Reported(dropped)
		b.Published(taken.Len(), taken.Len()*c.size)
		if left, dropped, _ := b.Pending(b.Snapshot()); left != 0 || dropped != 1 {
			t.Errorf("%s: at the end %d left, %d dropped", name, left, dropped)
		}
	}
}

func TestBox_Closed(t *testing.T) {
	var b Box
	b.Write([]byte("before"))
	if !b.Close() || b.Close() {
		t.Error("only the first Close must return true")
	}
	if b.Write([]byte("after")) {
		t.Error("a closed box accepted a record")
	}
	if got := drain(&b); len(got) != 1 || got[0] != "before" {
		t.Errorf("%q", got)
	}
}

func TestBox_ReleasesMemory(t *testing.T) {
	var b Box
	for range 2 { // for both batches
		for range 1000 {
			b.Write(make([]byte, 1000))
		}
		drain(&b)
	}
	held := func() int { return cap(b.waiting.text) + cap(b.spare.text) }
	for range 50 {
		b.Write([]byte("x"))
		drain(&b)
	}
	if held() < 1_000_000 {
		t.Error("the memory was released too soon")
	}
	for range 2 * smallBatches {
		b.Write([]byte("x"))
		drain(&b)
	}
	if n := held(); n > 2*largeBytes {
		t.Errorf("%d bytes are kept after the flood", n)
	}
}
