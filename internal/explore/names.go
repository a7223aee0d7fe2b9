package explore

import (
	"cmp"
	"slices"
)

const (
	// maxNames bounds the distinct names in one answer. Installations with a thousand hosts are rare.
	maxNames = 10_000
	// maxTallied bounds the pairs of a subject and a name that are counted, of all subjects together, to about 8 MiB.
	maxTallied = 200_000
	// maxListed bounds the names that are listed with a pattern or an operation. The number of names is exact up to maxNames and maxTallied.
	maxListed = 5
)

// names assigns numbers to names, so that a set of names takes little memory.
type names struct {
	ids     map[string]uint16
	list    []string
	tallied int // the pairs in all tallies
}

// id returns the number of a name. ok is false if there are too many names.
func (n *names) id(name []byte) (id uint16, ok bool) {
	if id, ok = n.ids[string(name)]; ok || len(n.list) >= maxNames {
		return id, ok
	}
	if n.ids == nil {
		n.ids = make(map[string]uint16)
	}
	id = uint16(len(n.list))
	text := string(name)
	n.ids[text] = id
	n.list = append(n.list, text)
	return id, true
}

// tally counts the records of each name.
type tally map[uint16]int

// count counts a record of a name in one of the tallies, unless there are too many pairs.
func (n *names) count(t tally, id uint16) {
	if _, known := t[id]; !known {
		if n.tallied >= maxTallied {
			return
		}
		n.tallied++
	}
	t[id]++
}

// top returns the most frequent names, at most so many.
func (n *names) top(t tally, most int) []string {
	ids := make([]uint16, 0, len(t))
	for id := range t {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b uint16) int { return cmp.Or(cmp.Compare(t[b], t[a]), cmp.Compare(n.list[a], n.list[b])) })
	list := make([]string, 0, min(len(ids), most))
	for _, id := range ids[:min(len(ids), most)] {
		list = append(list, n.list[id])
	}
	return list
}
