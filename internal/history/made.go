package history

import (
	"sync"
	"unsafe"
)

// madeKept is how many runs are remembered: those of the last wake-up, of the one before for who is late,
// and of a view or two.
const madeKept = 4

// made remembers what was made of the last runs, since the readers of a history read the same ones. It
// holds half a megabyte, more only while single records are larger than a block.
type made struct {
	mu   sync.Mutex
	kept [madeKept]struct{ text, made []byte }
	next int
}

// Maker makes something of a run.
type Maker interface{ Make(r *Run) []byte }

// Once returns what maker makes of the run, and asks only the first of the readers that have read the same
// one. All of them must make the same, and nobody may change it.
func (r *Run) Once(maker Maker) []byte {
	m := r.made
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.kept {
		// It holds on to the text, so that no other memory can have its address.
		if len(k.text) == len(r.text) && unsafe.SliceData(k.text) == unsafe.SliceData(r.text) {
			return k.made
		}
	}
	b := maker.Make(r)
	m.kept[m.next].text, m.kept[m.next].made = r.text, b
	m.next = (m.next + 1) % madeKept
	return b
}
