package history

// maxDropped is how many forgotten gaps are known by number: a gap needs an interruption of Redis, and of one a second
// so many take an hour. Older ones count as one record each.
const maxDropped = 4096

// dropped is what was told by the gaps that the history has forgotten. Who has not read them is told of it as lost,
// and a gap is an item that may stand for thousands of records, or for none.
type dropped struct {
	list  []forgotten // the newest, in the order of their numbers
	total uint64      // how many there ever were
}

// forgotten is a gap that has left the history.
type forgotten struct {
	seq  uint64
	lost uint64 // how many records it told as lost
	told bool   // it did tell something
}

// forget notes what item i of a block told, if that is a gap and is about to be dropped.
func (h *History) forget(e *entry, b *block, i int) {
	if !e.gap {
		return
	}
	f := forgotten{seq: e.seq}
	if len(b.json(i)) > 0 {
		f.told, f.lost = true, b.lost(i)
	}
	if e.loss && !e.counted {
		h.unknown[e.stream-1] = b.positions[i].Entry
	}
	d := &h.dropped
	if len(d.list) == maxDropped {
		d.list = d.list[:copy(d.list, d.list[maxDropped/2:])]
	}
	d.list = append(d.list, f)
	d.total++
}

// count returns how many records are lost with so many items above the number pos, of which some may be forgotten
// gaps; seen is how many had been forgotten when the reader was told last. uncounted says that one of those since did
// not know a number; then lost is not 0.
func (d *dropped) count(items, pos, seen uint64) (lost uint64, uncounted bool) {
	lost = items
	for n := len(d.list) - 1; n >= 0 && d.total-uint64(len(d.list)-n) >= seen; n-- {
		f := d.list[n]
		if f.seq <= pos {
			break
		}
		lost += f.lost - 1
		uncounted = uncounted || f.told && f.lost == 0
	}
	if uncounted {
		lost = max(lost, 1)
	}
	return lost, uncounted
}
