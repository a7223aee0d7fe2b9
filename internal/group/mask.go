package group

import (
	"hash/maphash"
	"strings"
)

// reduced is a message with its values told from its words.
type reduced struct {
	scanner
	out []token
	buf [64]token
}

// read cuts a message into words and values, and joins what is one value.
func (m *reduced) read(message string) {
	m.scan(head(message))
	m.out = m.buf[:0]
	for i := 0; i < len(m.tokens); {
		i = m.step(i)
	}
}

// step takes the token at i, and what belongs to it, and returns the index of the next one.
func (m *reduced) step(i int) int {
	t := m.tokens[i]
	switch t.kind {
	case value:
		m.addValue(t)
		return m.takeBehind(i + 1)
	case separator:
		switch m.s[t.start] {
		case '(', '[':
			if end := m.bracketed(i); end > 0 {
				return m.takeBracket(i, end)
			}
		case ':':
			if m.isList(i+1, len(m.tokens)) {
				m.out = append(m.out, t)
				m.out = append(m.out, token{kind: value, start: m.tokens[i+1].start, end: m.tokens[len(m.tokens)-1].end})
				return len(m.tokens)
			}
		}
	}
	m.out = append(m.out, t)
	return i + 1
}

// addValue takes a value. Signs and words before it that belong to it go, and with a value before it, it is one.
func (m *reduced) addValue(t token) {
	for n := len(m.out); n > 0; n = len(m.out) {
		last := m.out[n-1]
		text := m.text(last)
		switch {
		case last.kind == separator && (text == "<" || text == ">"), last.kind == word && isBeside(text):
			t.start, t.glued = last.start, last.glued
		case last.kind == separator && n > 1 && m.out[n-2].kind == value && (text == "," || text == ";" || text == "|"):
		default:
			if last.kind == value {
				m.out[n-1].end = t.end
				return
			}
			m.out = append(m.out, t)
			return
		}
		m.out = m.out[:n-1]
	}
	m.out = append(m.out, t)
}

// takeBehind skips what belongs to the value before i: a unit, a month, "=".
func (m *reduced) takeBehind(i int) int {
	for i < len(m.tokens) {
		t := m.tokens[i]
		text := m.text(t)
		if !(t.kind == word && isUnit(text) || t.kind == separator && text == "=") {
			break
		}
		m.out[len(m.out)-1].end = t.end
		i++
	}
	return i
}

// bracketed returns the index of the bracket that closes the one at i, if all between them is a value; 0 if not.
func (m *reduced) bracketed(i int) int {
	closing := byte(')')
	if m.s[m.tokens[i].start] == '[' {
		closing = ']'
	}
	values := 0
	onlyValues := true
	for j := i + 1; j < len(m.tokens); j++ {
		t := m.tokens[j]
		text := m.text(t)
		switch {
		case t.kind == value:
			values++
		case t.kind == separator && text[0] == closing:
			if j == i+1 || onlyValues && values > 0 || m.isList(i+1, j) {
				return j
			}
			return 0
		case t.kind == separator && strings.Contains("([", text):
			return 0
		case t.kind == separator && strings.Contains(",;|<>=", text), t.kind == word && values > 0 && isUnit(text):
		default:
			onlyValues = false
		}
	}
	return 0
}

// takeBracket takes the brackets from i to end, all of which is a value. They vanish behind a value, and where they are glued to a word.
func (m *reduced) takeBracket(i, end int) int {
	t := m.tokens[i]
	n := len(m.out)
	if n > 0 && (m.out[n-1].kind == value || t.glued && m.out[n-1].kind == word) {
		if m.out[n-1].kind == value {
			return m.takeBehind(end + 1)
		}
		return end + 1
	}
	m.out = append(m.out, t, token{kind: value, glued: true, start: t.end, end: m.tokens[end].start}, m.tokens[end])
	return end + 1
}

// isList reports whether the tokens from i to end are words with commas between them, none of which means something.
func (m *reduced) isList(i, end int) bool {
	if (end-i)%2 == 0 || end-i < 3 || m.text(m.tokens[i+1]) != "," {
		return false
	}
	for n := i; n < end; n++ {
		t := m.tokens[n]
		if (n-i)%2 == 1 {
			if m.text(t) != "," {
				return false
			}
			continue
		}
		if t.kind == separator || t.kind == word && isMeaning(m.text(t)) {
			return false
		}
	}
	return true
}

const (
	// valueHash stands for every value.
	valueHash = 0x9E3779B97F4A7C15
	// pluralMark parts the stem of a plural from a word of the same letters.
	pluralMark = 0xD1B54A32D192ED03
)

// mix spreads a hash, so that sums of several are apart.
func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	h ^= h >> 32
	return h
}

// sum returns the hash of the message's words and their order.
func (m *reduced) sum(seed maphash.Seed) uint64 {
	total, tail := uint64(0), uint64(0)
	for i := range m.out {
		h := m.hashOf(seed, i)
		if i < maxTokens {
			total += mix(h ^ uint64(i)*0x2545F4914F6CDD1D)
		} else {
			tail = mix(tail ^ h)
		}
	}
	return mix(total + tail)
}

// hashOf returns the hash of a token. Behind a value a word has no number: "1 error", "2 errors".
func (m *reduced) hashOf(seed maphash.Seed, i int) uint64 {
	t := m.out[i]
	switch t.kind {
	case value:
		return valueHash
	case separator:
		return mix(uint64(m.s[t.start])<<8 ^ uint64(t.end-t.start) ^ uint64(m.s[t.end-1])<<16)
	}
	text := m.text(t)
	if i > 0 && m.out[i-1].kind == value && len(text) > 3 {
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

// title is the message as people are shown it, with # for its values.
func (m *reduced) title() string {
	var b strings.Builder
	for i, t := range m.out {
		if i > 0 && !t.glued {
			b.WriteByte(' ')
		}
		if t.kind == value {
			b.WriteByte('#')
		} else {
			b.WriteString(m.text(t))
		}
		if b.Len() > maxTitle {
			break
		}
	}
	return cut(b.String(), maxTitle)
}
