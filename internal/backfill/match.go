package backfill

// missing compares a list with what came, all as sums of the payloads, oldest first: before is what came before
// the gap, as far as it is remembered, after what came behind it. It returns the places in the list of what
// never came.
//
// A payload that stands once in the list and came at most once has no other like it, so whether it came is
// certain. One that repeats is told from its like by its place among the certain ones; sure is false when
// that was needed. reaches says that the list goes back to before the gap, so that nothing of it was trimmed.
//
// full says that before is not all that ever came. What the list has from before that is passed over, with a
// margin, for lists and channels may differ in the order of what was written at the same time.
func missing(list, before, after []uint64, full bool) (places []int, reaches, sure bool) {
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
	for i, sum := range list {
		switch {
		case !certain(sum):
		case inAfter[sum] > 0:
			end = min(end, i)
		default:
			start = i
			if oldest < 0 && young[sum] > 0 {
				oldest = i
			}
		}
	}
	reaches = start >= 0
	if full && reaches && oldest < 0 {
		return nil, false, true
	}
	sure = true
	for i, sum := range list {
		switch {
		case i < oldest || certain(sum):
		case came[sum] == 0:
			places = append(places, i)
		case start < i && i < end:
			places = append(places, i)
			sure = false
		}
	}
	return places, reaches, sure
}

func count(sums []uint64) map[uint64]int {
	n := make(map[uint64]int, len(sums))
	for _, sum := range sums {
		n[sum]++
	}
	return n
}
