package explore

import (
	"cmp"
	"slices"
)

const (
	// maxNames bounds the names that are told apart in one answer: a thousand hosts are rare, and more are not listed.
	maxNames = 10_000
	// maxListed is how many names are listed beside a pattern or an operation; their number is exact up to maxNames.
	maxListed = 5
)

// names numbers names, so that a set of them is small.
type names struct {
	ids  map[string]uint16
	list []string
}

// id returns the number of a name; ok is false when there are too many.
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

// top returns the most frequent names.
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
