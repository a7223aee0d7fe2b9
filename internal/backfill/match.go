package backfill

import "slices"

// comparison says what of a list never came.
type comparison struct {
	missing []int // places in the list
	// at has for each record that came behind the gap its place in the list, -1 if that isn't certain.
	at      []int
	reaches bool // the list goes back to before the gap, so that nothing of it was trimmed
	sure    bool // no payload had to be told from one that is the same
}

// proof is how many of the last records before a gap must be in the list: one alone may be another one with the
// same text, or have overtaken what was trimmed.
const proof = 8

// compare compares a list with what came, all as sums of the payloads, oldest first: before is what came before
// the gap, as far as it is remembered, after what came behind it.
//
// A payload that stands once in the list and came at most once has no other like it, so whether it came is
// certain. One that repeats is told from its like by its place among the certain ones: it is missing if it
// stands behind all that came before the gap and, if there is one gap only, before all that came behind it; but
// no more of them are missing than did not come behind the gap.
//
// full says that before is not all that ever came. What the list has from before that is passed over, with a
// margin, for lists and channels may differ in the order of what was written at the same time.
func compare(list, before, after []uint64, full, oneGap bool) (c comparison) {
	inList, came, inAfter := count(list), count(before), count(after)
	for sum, n := range inAfter {
		came[sum] += n
	}
	certain := func(sum uint64) bool { return inList[sum] == 1 && came[sum] == 1 }
	margin := 0
	if full {
		margin = len(before) / 16
	}
	young := count(before[margin:])

	oldest, start, end := -1, -1, len(list)
	place := make(map[uint64]int)
	for i, sum := range list {
		switch {
		case !certain(sum):
		case inAfter[sum] > 0:
			place[sum] = i
			if oneGap {
				end = min(end, i)
			}
		default:
			start = i
			if oldest < 0 && young[sum] > 0 {
				oldest = i
			}
		}
	}
	for _, sum := range after {
		if i, ok := place[sum]; ok {
			c.at = append(c.at, i)
		} else {
			c.at = append(c.at, -1)
		}
	}
	c.reaches, c.sure = start >= 0, true
	for _, sum := range before[max(0, len(before)-proof):] {
		c.reaches = c.reaches && inList[sum] > 0
	}
	if full && oldest < 0 {
		c.reaches = false
		return c // what of it is older than what is remembered can't be told
	}
	// One that repeats and was held up over the beginning of the gap stands before it, where more of its like came
	// than are there.
	if oldest >= 0 && start >= oldest {
		there := count(before[slices.Index(before, list[oldest]):])
		for sum, n := range count(list[oldest:start]) {
			c.sure = c.sure && (came[sum] == 0 || n <= there[sum]+inAfter[sum])
		}
	}
	inGap, behind := make(map[uint64]int), count(list[end:]) // of those that repeat, how many may be missing
	for i, sum := range list {
		if start < i && i < end {
			inGap[sum]++
		}
	}
	for sum, n := range inAfter {
		inGap[sum] -= max(n-behind[sum], 0)
	}
	last := 0 // what came behind the last certain one stands behind it in the list too, before what is missing
	if start >= 0 {
		last = slices.Index(before, list[start]) + 1
	}
	stood := count(before[last:])
	for sum, n := range stood {
		inGap[sum] -= n
	}
	for i, sum := range list {
		switch {
		case i < oldest || certain(sum):
		case came[sum] == 0:
			c.missing = append(c.missing, i)
		case start < i && i < end:
			c.sure = false
			if stood[sum]--; stood[sum] >= 0 {
				continue
			}
			if inGap[sum]--; inGap[sum] >= 0 {
				c.missing = append(c.missing, i)
			}
		}
	}
	return c
}

// align returns where in a list and in what came the oldest payload stands that is once in both; -1 if there is none.
func align(list, came []uint64) (inList, inCame int) {
	ofList, ofCame := count(list), count(came)
	for i, sum := range list {
		if ofList[sum] == 1 && ofCame[sum] == 1 {
			return i, slices.Index(came, sum)
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
