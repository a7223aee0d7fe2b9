package backfill

import "slices"

// comparison says which payloads of a list were never received.
type comparison struct {
	missing []int // their positions in the list
	at      []int // positions in the list of the records received after the gap, -1 if uncertain
	reaches bool  // whether the list goes back to before the gap, so that none of the gap's payloads were trimmed
	sure    bool  // whether no payload had to be distinguished from an equal one
}

// overlap is how many of the last records before a gap must be in the list for it to go back to before the gap. A single
// record may be another one with the same payload, or be in the list in a different order.
const overlap = 8

// compare compares a list with the payloads that were received before and after a gap, all as sums and oldest first. before
// has only the last ones if full is set.
//
// A payload that is in the list once and was received at most once is certain: it was received or not. Equal payloads are
// distinguished by their position among the certain ones. Such a payload is missing if it comes after everything that was
// received before the gap and, if there is only one gap, before everything that was received after it. But at most as many
// are missing as were not received after the gap.
//
// If full is set, payloads of the list that are older than before are skipped, with a margin, since list and channel may
// differ in the order of payloads that were written at the same time.
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
	c.reaches, c.sure = m.lastBefore >= 0, true
	for _, sum := range before[max(0, len(before)-overlap):] {
		c.reaches = c.reaches && m.inList[sum] > 0
	}
	if full && m.oldest < 0 {
		c.reaches = false
		return c // the list's payloads may all be older than before
	}
	var distinct bool
	c.missing, distinct = m.missing()
	c.sure = distinct && m.distinctBefore()
	return c
}

// match is the state of a comparison.
type match struct {
	list, before, after       []uint64
	inList, received, inAfter map[uint64]int // how often each sum is in the list, was received, was received after the gap

	// Positions of certain payloads in the list.
	oldest     int // the oldest one in before, -1 if there is none
	lastBefore int // the last one received before the gap, -1 if there is none
	firstAfter int // the first one received after the gap, the list's end if there is none
}

// certain reports whether a payload is in the list once and was received once.
func (m *match) certain(sum uint64) bool { return m.inList[sum] == 1 && m.received[sum] == 1 }

// locate sets oldest, lastBefore and firstAfter. It returns the positions in the list of the records received after the gap,
// -1 if uncertain. remembered has the sums that may count as oldest.
func (m *match) locate(remembered map[uint64]int, oneGap bool) (at []int) {
	m.oldest, m.lastBefore, m.firstAfter = -1, -1, len(m.list)
	position := make(map[uint64]int)
	for i, sum := range m.list {
		switch {
		case !m.certain(sum):
		case m.inAfter[sum] > 0:
			position[sum] = i
			if oneGap {
				m.firstAfter = min(m.firstAfter, i)
			}
		default:
			m.lastBefore = i
			if m.oldest < 0 && remembered[sum] > 0 {
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

// distinctBefore reports whether all repeated payloads before the gap were received. If the publishing of one was delayed
// into the gap, the list has more of them before the gap than were received.
func (m *match) distinctBefore() bool {
	if m.oldest < 0 || m.lastBefore < m.oldest {
		return true
	}
	received := count(m.before[slices.Index(m.before, m.list[m.oldest]):])
	for sum, n := range count(m.list[m.oldest:m.lastBefore]) {
		if m.received[sum] > 0 && n > received[sum]+m.inAfter[sum] {
			return false
		}
	}
	return true
}

// missing returns the positions of the payloads that were never received, and whether none of them had to be distinguished
// from an equal one.
func (m *match) missing() (missing []int, distinct bool) {
	inGap, inRest := make(map[uint64]int), count(m.list[m.firstAfter:]) // inGap is how many of each sum may be missing
	for i, sum := range m.list {
		if m.lastBefore < i && i < m.firstAfter {
			inGap[sum]++
		}
	}
	for sum, n := range m.inAfter {
		inGap[sum] -= max(n-inRest[sum], 0)
	}
	deliveredFrom := 0 // payloads received after lastBefore are after it in the list, too, but before the missing ones
	if m.lastBefore >= 0 {
		deliveredFrom = slices.Index(m.before, m.list[m.lastBefore]) + 1
	}
	delivered := count(m.before[deliveredFrom:])
	for sum, n := range delivered {
		inGap[sum] -= n
	}
	distinct = true
	for i, sum := range m.list {
		switch {
		case i < m.oldest || m.certain(sum):
		case m.received[sum] == 0:
			missing = append(missing, i)
		case m.lastBefore < i && i < m.firstAfter:
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

// count returns how often each sum occurs.
func count(sums []uint64) map[uint64]int {
	n := make(map[uint64]int, len(sums))
	for _, sum := range sums {
		n[sum]++
	}
	return n
}
