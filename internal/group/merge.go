package group

import "math/bits"

// The masker can't recognize whether a word is a name, as in "Invalid user oracle" and "Invalid user admin". The merger learns it: messages
// that differ only in one word, in a position where names are common, become one group once enough of them were seen. It processes only
// messages that are new, so it costs nothing for the others.

const (
	// maxShapes bounds the remembered messages. A list of errors has hundreds.
	maxShapes = 1536
	// maxPatterns bounds the remembered merges.
	maxPatterns = 256
	// strongValues is how many different words must have been seen in a position for names. Two may be a coincidence.
	strongValues = 3
	// weakValues is the same for a position whose word may be prose. Compounds rarely have so many variants.
	weakValues = 5
	// anyValues is the same for any other position, with all else equal.
	anyValues = 16
	// maxNames bounds the words that are known to be names.
	maxNames = 4096
	// maxSiblings bounds the messages to compare that differ only in names.
	maxSiblings = 64
	// maxCounts is the number of counters for anyValues. Positions that share a counter only cost a comparison.
	maxCounts = 1 << 14
)

// shape is a message without its text: the hashes of its tokens, and which of them may be names. Its sets of token positions are bit masks.
type shape struct {
	sum       uint64 // hash of the masked message
	base      uint64 // hash of the logger and the error text
	maskedSum uint64 // sum with names masked, which is equal for the messages of one pattern
	group     uint64
	hash      [maxTokens]uint32
	n         uint8
	words     uint8
	strong    uint64 // positions for names
	weak      uint64 // positions for names whose word may be prose
	free      uint64 // positions of words that may vary: not meaningful words or labels
	values    uint64 // positions of values
	first     uint64 // position of the first word
}

// pattern is the common shape of merged messages.
type pattern struct {
	shape
	varying uint64 // positions that may differ
}

// covers reports whether a shape matches the pattern.
func (p *pattern) covers(s *shape) bool {
	return p.varying&^(s.free|s.values) == 0 && equalExcept(&p.shape, s, p.varying)
}

// equalExcept reports whether two shapes are equal except in some positions.
func equalExcept(a, b *shape, except uint64) bool {
	if a.n != b.n || a.base != b.base {
		return false
	}
	for i := range a.hash[:a.n] {
		if a.hash[i] != b.hash[i] && except>>i&1 == 0 {
			return false
		}
	}
	return true
}

// merger learns which messages belong together.
type merger struct {
	shapes     []shape
	byNames    map[uint64][]uint16 // indexes of shapes by their maskedSum
	patterns   []pattern
	counts     []uint8         // how often each hash of a shape without one position was seen
	knownNames map[uint32]bool // hashes of words that varied in a position for names, which are then names in other positions, too
}

// Merge says that the group From was merged into the group Into.
type Merge struct{ From, Into uint64 }

// add adds a new message. It returns its group and the groups that were merged because of it.
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
		m.byNames, m.counts, m.knownNames = make(map[uint64][]uint16), make([]uint8, maxCounts), make(map[uint32]bool)
	}
	m.shapes = append(m.shapes, s)
	added := len(m.shapes) - 1
	m.index(added)
	n, varying := added, m.varyingPositions(added)
	if varying == 0 {
		varying = m.frequentPosition(added)
	}
	for varying != 0 {
		newMerges, grown := m.merge(n, varying)
		merges = append(merges, newMerges...)
		if varying = 0; grown {
			n, varying = m.reindex()
		}
	}
	return m.shapes[added].group, merges
}

// retain drops the messages for which keep returns false. Their merges remain.
func (m *merger) retain(keep func(sum uint64) bool) {
	n := 0
	for i := range m.shapes {
		if keep(m.shapes[i].sum) {
			m.shapes[n] = m.shapes[i]
			n++
		}
	}
	m.shapes = m.shapes[:n]
	clear(m.byNames)
	clear(m.counts)
	for i := range m.shapes {
		m.index(i)
	}
}

// index computes the maskedSum of a shape, with the currently known names, and adds the shape to byNames.
func (m *merger) index(n int) {
	s := &m.shapes[n]
	for i, h := range s.hash[:s.n] {
		if s.free>>i&1 != 0 && m.knownNames[h] {
			s.strong |= 1 << i
		}
	}
	maskedPositions := s.strong | s.weak
	if int(s.words)-bits.OnesCount64(maskedPositions) < 2 { // too few words remain for a comparison
		s.strong, s.weak = 0, 0
		maskedPositions = 0
	}
	total := s.base
	for i, h := range s.hash[:s.n] {
		if (maskedPositions|s.values)>>i&1 != 0 {
			h = 0
		}
		total += mix(uint64(h) ^ uint64(i)*0x2545F4914F6CDD1D)
	}
	s.maskedSum = mix(total)
	if siblings := m.byNames[s.maskedSum]; len(siblings) < maxSiblings {
		m.byNames[s.maskedSum] = append(siblings, uint16(n))
	}
}

// reindex indexes all shapes again, after more names became known. It returns a shape that can now be merged, with its varying positions.
func (m *merger) reindex() (n int, varying uint64) {
	clear(m.byNames)
	for n := range m.shapes {
		m.index(n)
	}
	for n := range m.shapes {
		if m.isMerged(n) {
			continue
		}
		if varying := m.varyingPositions(n); varying != 0 {
			return n, varying
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

// varyingPositions returns the positions for names in which enough different words were seen among the siblings of a shape. Only siblings
// that are equal in all other positions count.
func (m *merger) varyingPositions(n int) uint64 {
	s := &m.shapes[n]
	siblings := m.byNames[s.maskedSum]
	varying := s.strong | s.weak
	for varying != 0 {
		next := uint64(0)
		for i := range int(s.n) {
			if varying>>i&1 == 0 {
				continue
			}
			n, sawValue := m.countDistinct(s, siblings, varying, i)
			switch {
			case sawValue && s.strong>>i&1 != 0:
				next |= 1 << i
			case s.strong>>i&1 != 0 && n >= strongValues, n >= weakValues:
				next |= 1 << i
			}
		}
		if next == varying {
			return varying
		}
		varying = next
	}
	return 0
}

// countDistinct counts the different tokens in a position among the siblings that differ only in varying positions, and reports whether one
// of the tokens is a value.
func (m *merger) countDistinct(s *shape, siblings []uint16, varying uint64, position int) (n int, sawValue bool) {
	var seen [weakValues]uint32
next:
	for _, j := range siblings {
		other := &m.shapes[j]
		if !equalExcept(s, other, varying) {
			continue
		}
		for _, h := range seen[:n] {
			if h == other.hash[position] {
				continue next
			}
		}
		sawValue = sawValue || other.values>>position&1 != 0
		if n < len(seen) {
			seen[n] = other.hash[position]
			n++
		}
	}
	return n, sawValue
}

// frequentPosition returns the position of any word for which anyValues different words were seen with all else equal, 0 if there is none.
func (m *merger) frequentPosition(n int) uint64 {
	s := &m.shapes[n]
	for i := range int(s.n) {
		if (s.free&^s.first)>>i&1 == 0 {
			continue
		}
		count := &m.counts[s.without(i)%maxCounts]
		if *count < 255 {
			*count++
		}
		if *count < anyValues {
			continue
		}
		n := 0
		for j := range m.shapes {
			if equalExcept(s, &m.shapes[j], 1<<i) && m.shapes[j].free>>i&1 != 0 {
				n++
			}
		}
		if n >= anyValues {
			return 1 << i
		}
	}
	return 0
}

// without returns a hash of the shape without one position.
func (s *shape) without(position int) uint64 {
	total := s.base
	for i, h := range s.hash[:s.n] {
		if i != position {
			total += mix(uint64(h) ^ uint64(i)*0x2545F4914F6CDD1D)
		}
	}
	return mix(total ^ uint64(position))
}

// merge makes a pattern of a shape and merges the groups of all shapes that it covers into the oldest of them. grown is whether more names
// became known.
func (m *merger) merge(n int, varying uint64) (merges []Merge, grown bool) {
	seed := &m.shapes[n]
	if len(m.patterns) >= maxPatterns {
		return nil, false
	}
	p := pattern{*seed, varying}
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
			m.moveGroup(other.group, p.group)
		}
		grown = m.learnNames(other, varying&seed.strong) || grown
	}
	m.patterns = append(m.patterns, p)
	return merges, grown
}

// learnNames notes the words in some positions of a shape as names. It reports whether one of them is new.
func (m *merger) learnNames(s *shape, positions uint64) (grown bool) {
	for i, h := range s.hash[:s.n] {
		if (positions&s.free)>>i&1 != 0 && !m.knownNames[h] && len(m.knownNames) < maxNames {
			m.knownNames[h], grown = true, true
		}
	}
	return grown
}

// moveGroup replaces a group by another one in all shapes and patterns.
func (m *merger) moveGroup(from, to uint64) {
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
