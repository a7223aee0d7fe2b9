package backfill

import "slices"

// comparison says which payloads of a list were never received.
type comparison struct {
	missing []int // positions in the list
	// at has for each record that was received after the gap its position in the list, -1 if that is uncertain.
	at      []int
	reaches bool // the list goes back to before the gap, so that nothing of it was trimmed
	sure    bool // no payload had to be distinguished from an equal one
}

// proof is how many of the last records before a gap must be in the list: one alone may be another one with the
// same text, or have overtaken what was trimmed.
const proof = 8

// compare compares a list with what was received, all as sums of the payloads, oldest first: before is what was received
// before the gap, as far as it is remembered, after what was received after it.
//
// A payload that is in the list once and was received at most once has no equal, so whether it was received is
// certain. One that repeats is distinguished from its equals by its position among the certain ones: it is missing if it
// is behind all that was received before the gap and, if there is one gap only, ahead of all that was received after it;
// but no more of them are missing than were not received after the gap.
//
// full says that before is not all that was ever received. What the list has from before that is skipped, with a
// margin, for lists and channels may differ in the order of what was written at the same time.
func compare(list, before, after []uint64, full, oneGap bool) (c comparison) {
	m := &match{list: list, before: before, after: after, inList: count(list), received: count(before), inAfter: count(after)}
	for sum, n := range m.inAfter {
		m.received[sum] += n
	}
	margin := 0
	if full {
		margin = len(before) / 16
	}
	c.at = m.locate(count(before[margin:]), oneGap)
	c.reaches, c.sure = m.start >= 0, true
	for _, sum := range before[max(0, len(before)-proof):] {
		c.reaches = c.reaches && m.inList[sum] > 0
	}
	if full && m.oldest < 0 {
		c.reaches = false
		return c // what of the list is older than what is remembered is unknown
	}
	var distinct bool
	c.missing, distinct = m.missing()
	c.sure = distinct && m.distinctBefore()
	return c
}

// match is a comparison under way.
type match struct {
	list, before, after       []uint64
	inList, received, inAfter map[uint64]int // how often each sum is in the list, was received, was received after the gap

	// Positions in the list, of payloads that are certain: the oldest that is remembered, the last that was received
	// before the gap (both -1 if there is none), and the first that was received after it (the list's end if there is none).
	oldest, start, end int
}

// certain reports whether a payload is in the list once and was received once.
func (m *match) certain(sum uint64) bool { return m.inList[sum] == 1 && m.received[sum] == 1 }

// locate finds oldest, start and end, and returns for each record received after the gap its position in the list, -1 if
// that is uncertain. Those in young are remembered for certain.
func (m *match) locate(young map[uint64]int, oneGap bool) (at []int) {
	m.oldest, m.start, m.end = -1, -1, len(m.list)
	position := make(map[uint64]int)
	for i, sum := range m.list {
		switch {
		case !m.certain(sum):
		case m.inAfter[sum] > 0:
			position[sum] = i
			if oneGap {
				m.end = min(m.end, i)
			}
		default:
			m.start = i
			if m.oldest < 0 && young[sum] > 0 {
				m.oldest = i
			}
		}
	}
	for _, sum := range m.after {
		if i, ok := position[sum]; ok {
			at = append(at, i)
		} else {
			at = append(at, -1)
		}
	}
	return at
}

// distinctBefore reports whether what repeats before the gap was all received there. One that was delayed over the
// beginning of the gap is ahead of it in the list, which then has more of its equals there than were received.
func (m *match) distinctBefore() bool {
	if m.oldest < 0 || m.start < m.oldest {
		return true
	}
	there := count(m.before[slices.Index(m.before, m.list[m.oldest]):])
	for sum, n := range count(m.list[m.oldest:m.start]) {
		if m.received[sum] > 0 && n > there[sum]+m.inAfter[sum] {
			return false
		}
	}
	return true
}

// missing returns the positions of the payloads that were never received, and whether none of them had to be distinguished
// from an equal one.
func (m *match) missing() (missing []int, distinct bool) {
	inGap, behind := make(map[uint64]int), count(m.list[m.end:]) // of those that repeat, how many may be missing
	for i, sum := range m.list {
		if m.start < i && i < m.end {
			inGap[sum]++
		}
	}
	for sum, n := range m.inAfter {
		inGap[sum] -= max(n-behind[sum], 0)
	}
	last := 0 // what was received behind the last certain one is behind it in the list too, ahead of what is missing
	if m.start >= 0 {
		last = slices.Index(m.before, m.list[m.start]) + 1
	}
	delivered := count(m.before[last:])
	for sum, n := range delivered {
		inGap[sum] -= n
	}
	distinct = true
	for i, sum := range m.list {
		switch {
		case i < m.oldest || m.certain(sum):
		case m.received[sum] == 0:
			missing = append(missing, i)
		case m.start < i && i < m.end:
			distinct = false
			if delivered[sum]--; delivered[sum] >= 0 {
				continue
			}
			if inGap[sum]--; inGap[sum] >= 0 {
				missing = append(missing, i)
			}
		}
	}
	return missing, distinct
}

// align returns the positions in a list and in what was received of the oldest payload that is in both once; -1 if there is none.
func align(list, received []uint64) (inList, inReceived int) {
	ofList, ofReceived := count(list), count(received)
	for i, sum := range list {
		if ofList[sum] == 1 && ofReceived[sum] == 1 {
			return i, slices.Index(received, sum)
		}
	}
	return -1, -1
}

func count(sums []uint64) map[uint64]int {
	n := make(map[uint64]int, len(sums))
	for _, sum := range sums {
		n[sum]++
	}
	return n
}
