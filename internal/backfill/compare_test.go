package backfill

import (
	"fmt"
	"strings"
	"testing"
)

// sums returns a sum for each letter.
func sums(letters string) []uint64 {
	list := make([]uint64, 0, len(letters))
	for _, c := range strings.ReplaceAll(letters, " ", "") {
		list = append(list, uint64(c))
	}
	return list
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name                string
		list, before, after string
		full, severalGaps   bool
		missing             string
		reaches, sure       bool
	}{
		{name: "start, empty list", sure: true},
		{name: "start, all missing", list: "abc", missing: "abc", sure: true},
		{name: "start, the newest received meanwhile", list: "abcde", after: "de", missing: "abc", sure: true},
		{name: "start, repeated payloads", list: "aabab", missing: "aabab", sure: true},
		{name: "start, one received twice meanwhile", list: "abcdd", after: "dd", missing: "abc"},
		{name: "a gap without loss", list: "abcd", before: "abc", after: "d", reaches: true, sure: true},
		{name: "a gap with loss", list: "abcdef", before: "ab", after: "f", missing: "cde", reaches: true, sure: true},
		{name: "a gap, nothing received since", list: "abcdef", before: "abc", missing: "def", reaches: true, sure: true},
		{name: "the list begins in the gap", list: "cdef", before: "ab", after: "f", missing: "cde", sure: true},
		{name: "the list begins in the gap, with an old payload", list: "adef", before: "abc", after: "f", missing: "de", sure: true},
		{name: "the list begins shortly before the gap", list: "ghijxyz", before: "abcdefghij", after: "z", missing: "xy", sure: true},
		{name: "the list begins long before the gap", list: "cdefghijxyz", before: "abcdefghij", after: "z", missing: "xy", reaches: true, sure: true},
		{name: "an empty list", before: "ab", after: "f", sure: true},
		{name: "different order in list and channel", list: "abdcef", before: "acb", after: "fe", missing: "d", reaches: true, sure: true},
		{name: "one lost before the gap's last record", list: "abxc", before: "abc", missing: "x", reaches: true, sure: true},
		{name: "a payload from before the gap again in it", list: "abcaz", before: "abc", after: "z", missing: "a", reaches: true},
		{name: "a payload that repeats only before the gap", list: "aabcd", before: "aab", after: "d", missing: "c", reaches: true, sure: true},
		{name: "a payload that repeats only after the gap", list: "abcdee", before: "ab", after: "dee", missing: "c", reaches: true, sure: true},
		{name: "several gaps, each with loss", list: "abcdefgh", before: "ab", after: "dfh", severalGaps: true, missing: "ceg", reaches: true, sure: true},
		{name: "several gaps, a repeated payload received each time", list: "abcxdxe", before: "ab", after: "xxe", severalGaps: true, missing: "cd", reaches: true},
		{name: "several gaps, a repeated payload received once of twice", list: "abcxdxe", before: "ab", after: "xe", severalGaps: true, missing: "cxd", reaches: true},
		{name: "only a repeated payload received since", list: "abcxx", before: "ab", after: "xx", missing: "c", reaches: true},
		{name: "full, all of the list received before", list: "cdefgh", before: "cdef", full: true, missing: "gh", reaches: true, sure: true},
		{name: "full, the list goes further back", list: "abcdefgh", before: "cdef", full: true, missing: "gh", reaches: true, sure: true},
		{name: "full, nothing of the list received", list: "xyz", before: "cdef", full: true, sure: true},
	} {
		got := compare(sums(c.list), sums(c.before), sums(c.after), c.full, !c.severalGaps)
		var missing strings.Builder
		for _, i := range got.missing {
			missing.WriteByte(c.list[i])
		}
		if is, want := fmt.Sprint(missing.String(), " ", got.reaches, got.sure), fmt.Sprint(c.missing, " ", c.reaches, c.sure); is != want {
			t.Errorf("%s: %s, want %s", c.name, is, want)
		}
	}
}
