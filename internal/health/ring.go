package health

const (
	// slotSeconds is the length of a slot: short enough that the last minute covers 60 to 75 s, long enough that an hour
	// fits in 1 kB.
	slotSeconds = 15
	// ringSlots is the number of slots in an hour, the longest window of a rate.
	ringSlots = 3600 / slotSeconds
	// minuteSlots is the number of slots in the last minute: the current one, which is incomplete, and the four before.
	minuteSlots = 60/slotSeconds + 1
)

// ring counts events of the last hour by slot. Slots are numbered from 1970.
type ring struct {
	slots  [ringSlots]uint32
	newest int64
	hour   uint32 // the sum of all slots
}

// slotOf returns the slot of a time in Unix seconds.
func slotOf(now float64) int64 { return int64(now) / slotSeconds }

// index returns slot modulo size, which is never negative, even for a record that is dated before 1970.
func index(slot, size int64) int64 { return (slot%size + size) % size }

// advance makes slot the newest one, unless there is a newer one.
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

// add counts one event in a slot, unless it is older than an hour.
func (r *ring) add(slot int64) {
	r.advance(slot)
	if r.newest-slot < ringSlots {
		r.slots[index(slot, ringSlots)]++
		r.hour++
	}
}

// sum returns the count of the n slots that end with slot.
func (r *ring) sum(slot, n int64) (total uint32) {
	for s := min(slot, r.newest); s > slot-n && s > r.newest-ringSlots; s-- {
		total += r.slots[index(s, ringSlots)]
	}
	return total
}

// tally is a ring that is allocated at the first event.
type tally struct{ *ring }

func (t *tally) add(slot int64) {
	if t.ring == nil {
		t.ring = new(ring)
	}
	t.ring.add(slot)
}

// sum returns the count of the n slots that end with slot.
func (t tally) sum(slot, n int64) uint32 {
	if t.ring == nil {
		return 0
	}
	return t.ring.sum(slot, n)
}
