package group

// What no mask can tell is whether a word is a name: "Invalid user oracle", "Invalid user admin". That is learned: messages that differ in
// one word only, at a place where names stand, are one group once enough of them were seen. Only messages that were never seen before
// are looked at, so that this costs the others nothing.

const (
	// maxShapes bounds how many different messages are remembered. An error list has hundreds.
	maxShapes = 1536
	// maxPatterns bounds how many merges are remembered.
	maxPatterns = 256
	// strongValues is how many values a place must have taken that names stand in: two are a coincidence.
	strongValues = 3
	// weakValues is the same where what stands there looks like prose: compounds rarely have so many.
	weakValues = 5
	// anyValues is the same for any other word, all else equal: a page of an error list.
	anyValues = 16
	// maxNames bounds how many words are known to be names.
	maxNames = 4096
	// maxSiblings bounds how many messages are compared that differ in names only.
	maxSiblings = 64
	// counters is how many places are counted, for anyValues. Two places that share a counter only cost a comparison.
	counters = 1 << 14
)

// shape is a message that was seen: what of it counts, and which of its words may be names.
type shape struct {
	sum    uint64 // of the message as it was seen
	base   uint64 // of what is not the message: the logger, the error's text
	names  uint64 // sum with all names masked: messages of one pattern have the same
	group  uint64
	hash   [maxTokens]uint32
	n      uint8
	words  uint8
	strong uint64 // places, as bits, that names stand in
	weak   uint64 // places that look so, and may be prose
	free   uint64 // places of words that may vary: no words that mean something, no labels
	values uint64 // places of values
	first  uint64 // the place of the first word
}

// pattern is what shapes have become that were merged.
type pattern struct {
	shape
	vary uint64 // the places that count no more
}

// covers reports whether a shape is one of the pattern's.
func (p *pattern) covers(s *shape) bool {
	return p.vary&^(s.free|s.values) == 0 && sameBut(&p.shape, s, p.vary)
}

// sameBut reports whether two shapes are equal but for some places.
func sameBut(a, b *shape, but uint64) bool {
	if a.n != b.n || a.base != b.base {
		return false
	}
	for i := range a.hash[:a.n] {
		if a.hash[i] != b.hash[i] && but>>i&1 == 0 {
			return false
		}
	}
	return true
}

// merger learns which messages are one.
type merger struct {
	shapes   []shape
	byNames  map[uint64][]uint16 // shapes by their sum with names masked
	patterns []pattern
	counts   []uint8
	seen     map[uint32]bool // words that were seen to vary where names stand: they are names elsewhere, too
}

// Merge says that a group has become part of another one.
type Merge struct{ From, Into uint64 }

// add looks at a message that was never seen. It returns the group that it is of, and the groups that have become one through it.
func (m *merger) add(s shape) (group uint64, merges []Merge) {
	for i := range m.patterns {
		if p := &m.patterns[i]; p.covers(&s) {
			return p.group, nil
		}
	}
	if len(m.shapes) >= maxShapes {
		return s.group, nil
	}
	if m.byNames == nil {
		m.byNames, m.counts, m.seen = make(map[uint64][]uint16), make([]uint8, counters), make(map[uint32]bool)
	}
	m.shapes = append(m.shapes, s)
	added := len(m.shapes) - 1
	m.file(added)
	n, vary := added, m.varying(added)
	if vary == 0 {
		vary = m.counted(added)
	}
	for vary != 0 {
		more, grown := m.merge(n, vary)
		merges = append(merges, more...)
		if vary = 0; grown {
			n, vary = m.review()
		}
	}
	return m.shapes[added].group, merges
}

// keep forgets the messages that are not kept. What was merged stays so.
func (m *merger) keep(kept func(sum uint64) bool) {
	n := 0
	for i := range m.shapes {
		if kept(m.shapes[i].sum) {
			m.shapes[n] = m.shapes[i]
			n++
		}
	}
	m.shapes = m.shapes[:n]
	clear(m.byNames)
	clear(m.counts)
	for i := range m.shapes {
		m.file(i)
	}
}

// file files a shape under its names.
func (m *merger) file(n int) {
	s := &m.shapes[n]
	for i, h := range s.hash[:s.n] {
		if s.free>>i&1 != 0 && m.seen[h] {
			s.strong |= 1 << i
		}
	}
	names := s.strong | s.weak
	if int(s.words)-popcount(names) < 2 { // too little stays to be the same
		s.strong, s.weak = 0, 0
		names = 0
	}
	total := s.base
	for i, h := range s.hash[:s.n] {
		if (names|s.values)>>i&1 != 0 {
			h = 0
		}
		total += mix(uint64(h) ^ uint64(i)*0x2545F4914F6CDD1D)
	}
	s.names = mix(total)
	if siblings := m.byNames[s.names]; len(siblings) < maxSiblings {
		m.byNames[s.names] = append(siblings, uint16(n))
	}
}

// review looks at all shapes again, since more words are known to be names, and returns one that can be merged now.
func (m *merger) review() (n int, vary uint64) {
	clear(m.byNames)
	for n := range m.shapes {
		m.file(n)
	}
	for n := range m.shapes {
		if m.isMerged(n) {
			continue
		}
		if vary := m.varying(n); vary != 0 {
			return n, vary
		}
	}
	return 0, 0
}

// isMerged reports whether a pattern covers the shape.
func (m *merger) isMerged(n int) bool {
	for i := range m.patterns {
		if m.patterns[i].covers(&m.shapes[n]) {
			return true
		}
	}
	return false
}

// varying returns the places of names that took enough values among the siblings of a shape. Where other names differ, only the siblings that
// are equal there count.
func (m *merger) varying(n int) uint64 {
	s := &m.shapes[n]
	siblings := m.byNames[s.names]
	vary := s.strong | s.weak
	for vary != 0 {
		next := uint64(0)
		for i := range int(s.n) {
			if vary>>i&1 == 0 {
				continue
			}
			n, sawValue := m.distinct(s, siblings, vary, i)
			switch {
			case sawValue && s.strong>>i&1 != 0:
				next |= 1 << i
			case s.strong>>i&1 != 0 && n >= strongValues, n >= weakValues:
				next |= 1 << i
			}
		}
		if next == vary {
			return vary
		}
		vary = next
	}
	return 0
}

// distinct counts what stands at a place among the siblings that are equal but for what varies, and reports whether one has a value there.
func (m *merger) distinct(s *shape, siblings []uint16, vary uint64, place int) (n int, sawValue bool) {
	var seen [weakValues]uint32
next:
	for _, j := range siblings {
		other := &m.shapes[j]
		if !sameBut(s, other, vary) {
			continue
		}
		for _, h := range seen[:n] {
			if h == other.hash[place] {
				continue next
			}
		}
		sawValue = sawValue || other.values>>place&1 != 0
		if n < len(seen) {
			seen[n] = other.hash[place]
			n++
		}
	}
	return n, sawValue
}

// counted returns the place of a shape, any word's, that took many values with all else equal; 0 for none.
func (m *merger) counted(n int) uint64 {
	s := &m.shapes[n]
	for i := range int(s.n) {
		if (s.free&^s.first)>>i&1 == 0 {
			continue
		}
		c := &m.counts[s.without(i)%counters]
		if *c < 255 {
			*c++
		}
		if *c < anyValues {
			continue
		}
		n := 0
		for j := range m.shapes {
			if sameBut(s, &m.shapes[j], 1<<i) && m.shapes[j].free>>i&1 != 0 {
				n++
			}
		}
		if n >= anyValues {
			return 1 << i
		}
	}
	return 0
}

// without returns a hash of the shape without one place.
func (s *shape) without(place int) uint64 {
	total := s.base
	for i, h := range s.hash[:s.n] {
		if i != place {
			total += mix(uint64(h) ^ uint64(i)*0x2545F4914F6CDD1D)
		}
	}
	return mix(total ^ uint64(place))
}

// merge makes a pattern of a shape and joins all that it covers. The oldest group is the one that stays. grown reports whether more words
// are known to be names now.
func (m *merger) merge(n int, vary uint64) (merges []Merge, grown bool) {
	s := &m.shapes[n]
	if len(m.patterns) >= maxPatterns {
		return nil, false
	}
	p := pattern{*s, vary}
	found := false
	for i := range m.shapes { // the oldest first
		other := &m.shapes[i]
		if !p.covers(other) {
			continue
		}
		if !found {
			p.group, found = other.group, true
		}
		if other.group != p.group {
			merges = append(merges, Merge{other.group, p.group})
			m.rename(other.group, p.group)
		}
		grown = m.learn(other, vary&s.strong) || grown
	}
	m.patterns = append(m.patterns, p)
	return merges, grown
}

// learn notes the words of a shape at some places as names.
func (m *merger) learn(s *shape, places uint64) (grown bool) {
	for i, h := range s.hash[:s.n] {
		if (places&s.free)>>i&1 != 0 && !m.seen[h] && len(m.seen) < maxNames {
			m.seen[h], grown = true, true
		}
	}
	return grown
}

// rename gives all of a group to another one.
func (m *merger) rename(from, to uint64) {
	for i := range m.shapes {
		if m.shapes[i].group == from {
			m.shapes[i].group = to
		}
	}
	for i := range m.patterns {
		if m.patterns[i].group == from {
			m.patterns[i].group = to
		}
	}
}
