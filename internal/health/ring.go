package health

const (
	// slotSeconds is the grain of a ring: fine enough for "the last minute" to be one (it is 60 to 75 s), coarse
	// enough for an hour to fit in 1 kB.
	slotSeconds = 15
	// ringSlots is an hour, the longest time that a rate is judged over.
	ringSlots = 3600 / slotSeconds
	// minuteSlots is how many slots the last minute has: the one that is not over, and four before it.
	minuteSlots = 60/slotSeconds + 1
)

// ring counts what happened in the last hour, by slots of 15 s. Slots are counted from 1970.
type ring struct {
	slots  [ringSlots]uint32
	newest int64
	hour   uint32 // the sum of all slots
}

// slotOf returns the slot of a time in Unix seconds.
func slotOf(now float64) int64 { return int64(now) / slotSeconds }

// index returns the place of a slot. A recovered record may be dated before 1970: the remainder of its slot is
// negative.
func index(slot, size int64) int64 { return (slot%size + size) % size }

// advance makes slot the newest one, unless an even newer one is.
func (r *ring) advance(slot int64) {
	if slot-r.newest >= ringSlots || slot-r.newest < 0 && r.hour == 0 {
		*r = ring{newest: slot}
		return
	}
	for r.newest < slot {
		r.newest++
		i := index(r.newest, ringSlots)
		r.hour -= r.slots[i]
		r.slots[i] = 0
	}
}

// add counts once in a slot. What is older than an hour is not counted.
func (r *ring) add(slot int64) {
	r.advance(slot)
	if r.newest-slot < ringSlots {
		r.slots[index(slot, ringSlots)]++
		r.hour++
	}
}

// sum counts the last n slots up to slot.
func (r *ring) sum(slot, n int64) (total uint32) {
	for s := min(slot, r.newest); s > slot-n && s > r.newest-ringSlots; s-- {
		total += r.slots[index(s, ringSlots)]
	}
	return total
}

// tally is a ring that takes memory only once it counts something.
type tally struct{ *ring }

func (t *tally) add(slot int64) {
	if t.ring == nil {
		t.ring = new(ring)
	}
	t.ring.add(slot)
}

// sum counts the last n slots up to slot.
func (t tally) sum(slot, n int64) uint32 {
	if t.ring == nil {
		return 0
	}
	return t.ring.sum(slot, n)
}
