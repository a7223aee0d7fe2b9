package group

import "strings"

// masker splits a message into words, values and separators. Values are its variable parts.
type masker struct {
	scanner
	masked    []token
	maskedBuf [64]token
}

// mask splits a message and joins the parts of each value. The result is in m.masked.
func (m *masker) mask(message string) {
	m.scan(relevantPart(message))
	m.masked = m.maskedBuf[:0]
	for i := 0; i < len(m.tokens); {
		if t := m.tokens[i]; t.kind() == word {
			m.masked = append(m.masked, t)
			i++
		} else {
			i = m.addToken(i)
		}
	}
}

// addToken adds the value or separator at i with everything that belongs to it, and returns the index of the next token.
func (m *masker) addToken(i int) int {
	t := m.tokens[i]
	switch t.kind() {
	case value:
		m.addValue(t)
		return m.extendValue(i + 1)
	case separator:
		switch m.s[t.start()] {
		case '(', '[':
			if end := m.closingBracket(i); end > 0 {
				return m.addBracketed(i, end)
			}
		case ':':
			if m.isList(i+1, len(m.tokens)) {
				m.masked = append(m.masked, t)
				m.masked = append(m.masked, newToken(value, false, m.tokens[i+1].start(), m.tokens[len(m.tokens)-1].end()))
				return len(m.tokens)
			}
		}
	}
	m.masked = append(m.masked, t)
	return i + 1
}

// addValue adds a value. It removes signs and words before it that belong to it, and joins it to a value before it.
func (m *masker) addValue(t token) {
	for n := len(m.masked); n > 0; n = len(m.masked) {
		last := m.masked[n-1]
		c := m.s[last.start()]
		switch {
		case last.kind() == separator && (c == '<' || c == '>'), last.kind() == word && isAdjacent(m.text(last)):
			t = newToken(t.kind(), last.glued(), last.start(), t.end())
		case last.kind() == separator && n > 1 && m.masked[n-2].kind() == value && (c == ',' || c == ';' || c == '|'):
		default:
			if last.kind() == value {
				m.masked[n-1] = last.upTo(t.end())
				return
			}
			m.masked = append(m.masked, t)
			return
		}
		m.masked = m.masked[:n-1]
	}
	m.masked = append(m.masked, t)
}

// extendValue adds the tokens from i on that belong to the last value, such as a unit, a month or "=", and returns the index of the next.
func (m *masker) extendValue(i int) int {
	for i < len(m.tokens) {
		t := m.tokens[i]
		if !(t.kind() == word && isUnit(m.text(t)) || t.kind() == separator && m.s[t.start()] == '=') {
			break
		}
		m.masked[len(m.masked)-1] = m.masked[len(m.masked)-1].upTo(t.end())
		i++
	}
	return i
}

// closingBracket returns the index of the bracket that closes the one at i if the text in between is a value, else 0.
func (m *masker) closingBracket(i int) int {
	closing := byte(')')
	if m.s[m.tokens[i].start()] == '[' {
		closing = ']'
	}
	values := 0
	onlyValues := true
	for j := i + 1; j < len(m.tokens); j++ {
		switch t := m.tokens[j]; t.kind() {
		case value:
			values++
		case word:
			onlyValues = onlyValues && values > 0 && isUnit(m.text(t))
		case separator:
			switch m.s[t.start()] {
			case closing:
				if j == i+1 || onlyValues && values > 0 || m.isList(i+1, j) {
					return j
				}
				return 0
			case '(', '[':
				return 0
			case ',', ';', '|', '<', '>', '=':
			default:
				onlyValues = false
			}
		}
	}
	return 0
}

// addBracketed adds the brackets at i and end with a value in between. It omits them after a value, or directly after a word.
func (m *masker) addBracketed(i, end int) int {
	t := m.tokens[i]
	n := len(m.masked)
	if n > 0 && (m.masked[n-1].kind() == value || t.glued() && m.masked[n-1].kind() == word) {
		if m.masked[n-1].kind() == value {
			return m.extendValue(end + 1)
		}
		return end + 1
	}
	m.masked = append(m.masked, t, newToken(value, true, t.end(), m.tokens[end].start()), m.tokens[end])
	return end + 1
}

// isList reports whether the tokens from i to end are words separated by commas, none of which is meaningful.
func (m *masker) isList(i, end int) bool {
	if (end-i)%2 == 0 || end-i < 3 {
		return false
	}
	for n := i + 1; n < end; n += 2 {
		if m.s[m.tokens[n].start()] != ',' {
			return false
		}
	}
	for n := i; n < end; n += 2 {
		if t := m.tokens[n]; t.kind() == separator || t.kind() == word && isMeaningful(m.text(t)) {
			return false
		}
	}
	return true
}

const (
	// valueHash is the hash of every value.
	valueHash = 0x9E3779B97F4A7C15
	// pluralMark distinguishes the stem of a plural from a word with the same letters.
	pluralMark = 0xD1B54A32D192ED03
)

// mix scrambles a hash, so that sums of hashes rarely collide.
func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	h ^= h >> 32
	return h
}

// sum returns the hash of the masked message.
func (m *masker) sum(seed uint64) uint64 {
	total, tail := uint64(0), uint64(0)
	for i := range m.masked {
		h := m.hashOf(seed, i)
		if i < maxTokens {
			total += mix(h ^ uint64(i)*0x2545F4914F6CDD1D)
		} else {
			tail = mix(tail ^ h)
		}
	}
	return mix(total + tail)
}

// hashOf returns the hash of the token at i. After a value, singular and plural have the same hash: "1 error", "2 errors".
func (m *masker) hashOf(seed uint64, i int) uint64 {
	t := m.masked[i]
	switch t.kind() {
	case value:
		return valueHash
	case separator:
		return mix(uint64(m.s[t.start()])<<8 ^ uint64(t.end()-t.start()) ^ uint64(m.s[t.end()-1])<<16)
	}
	text := m.text(t)
	if i > 0 && m.masked[i-1].kind() == value && len(text) > 3 {
		switch {
		case strings.HasSuffix(text, "ies"):
			return hashText(seed, text[:len(text)-3]) ^ pluralMark
		case text[len(text)-1] == 'y':
			return hashText(seed, text[:len(text)-1]) ^ pluralMark
		case text[len(text)-1] == 's':
			return hashText(seed, text[:len(text)-1])
		}
	}
	return hashText(seed, text)
}

// title returns the message with # for its values.
func (m *masker) title() string {
	var b strings.Builder
	for i, t := range m.masked {
		if i > 0 && !t.glued() {
			b.WriteByte(' ')
		}
		if t.kind() == value {
			b.WriteByte('#')
		} else {
			b.WriteString(m.text(t))
		}
		if b.Len() > maxTitle {
			break
		}
	}
	return truncate(b.String(), maxTitle)
}
