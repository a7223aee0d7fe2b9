package filter

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// maxNeedle bounds a needle. A longer one is hardly rarer, and takes longer where many parts of a text nearly match.
const maxNeedle = 32

// needle is a piece of ASCII text that the encoding of every matching record contains. A search for it rejects most records
// before they are parsed.
type needle struct {
	text       []byte // in lower case if case is ignored
	ignoreCase bool
	rare       int      // the index of its rarest byte, which is searched for first
	others     []string // the non-ASCII characters that fold or normalize to a character of text
}

// newNeedle returns a needle with the longest piece of a text that encodings contain unchanged, or nil if there is none.
func newNeedle(text []byte, ignoreCase bool) *needle {
	var best []byte
	for piece := range bytes.FieldsFuncSeq(text, splits) {
		if len(piece) > len(best) {
			best = piece[:min(len(piece), maxNeedle)]
		}
	}
	if best == nil {
		return nil
	}
	n := &needle{text: bytes.Clone(best), ignoreCase: ignoreCase}
	if ignoreCase {
		lowerASCII(n.text)
	}
	for i, c := range n.text {
		if frequency(c) < frequency(n.text[n.rare]) {
			n.rare = i
		}
	}
	for _, o := range [...]struct{ made, of string }{{"s", "\u017f"}, {"k", "\u212a"}, {"K", "\u212a"}, {";", "\u037e"}, {"`", "\u1fef"}} {
		if bytes.Contains(n.text, []byte(o.made)) && (ignoreCase || o.made != "s" && o.made != "k") {
			n.others = append(n.others, o.of)
		}
	}
	return n
}

// splits reports whether a character may be encoded differently, or separates the names of a path.
func splits(r rune) bool {
	return r < ' ' || r >= utf8.RuneSelf || r == '"' || r == '\\' || r == '.' || r == '='
}

// byFrequency lists the characters of logs, roughly in descending order of frequency.
const byFrequency = "eatnoisrldcmpuhgf0:,b1-2v3y5w4_/678k9 "

// frequency returns a rank that is higher for more frequent bytes.
func frequency(c byte) int {
	if i := strings.IndexByte(byFrequency, c); i >= 0 {
		return len(byFrequency) - i
	}
	return 0
}

// in reports whether encodings may contain the needle. The result false is certain.
func (n *needle) in(encoded []byte) bool {
	return n.found(encoded) || n.hidden(encoded)
}

func (n *needle) found(encoded []byte) bool {
	if !n.ignoreCase {
		return bytes.Contains(encoded, n.text)
	}
	rare := n.text[n.rare]
	if n.foundBy(encoded, rare) {
		return true
	}
	return 'a' <= rare && rare <= 'z' && n.foundBy(encoded, rare-'a'+'A')
}

// foundBy searches for the needle with its rarest byte in the form c.
func (n *needle) foundBy(encoded []byte, c byte) bool {
	for i := n.rare; ; i++ {
		skip := bytes.IndexByte(encoded[min(i, len(encoded)):], c)
		if skip < 0 {
			return false
		}
		i += skip
		if start := i - n.rare; start+len(n.text) <= len(encoded) && equalFolded(encoded[start:start+len(n.text)], n.text) {
			return true
		}
	}
}

// equalFolded reports whether a, in lower case, equals lower.
func equalFolded(a, lower []byte) bool {
	for i, c := range a {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// hidden reports whether encodings may contain the needle in another form: with an escape, which published fields may have, or
// with a character that is equivalent to an ASCII one.
func (n *needle) hidden(encoded []byte) bool {
	for rest := encoded; ; {
		i := bytes.IndexByte(rest, '\\')
		if i < 0 || i+1 == len(rest) {
			break
		}
		rest = rest[i+1:]
		// Elva's own encoder writes \u only for control characters, which needles do not contain.
		if rest[0] == '/' || rest[0] == 'u' && !bytes.HasPrefix(rest, []byte("u000")) && !bytes.HasPrefix(rest, []byte("u001")) {
			return true
		}
		rest = rest[1:]
	}
	for _, other := range n.others {
		if bytes.Contains(encoded, []byte(other)) {
			return true
		}
	}
	return false
}

// required returns the longest text that every match of the node contains. It is empty if there is none.
func (n *node) required() []byte {
	var best, run []byte
	end := func() {
		if len(run) > len(best) {
			best = bytes.Clone(run)
		}
		run = run[:0]
	}
	switch n.op {
	case opSequence:
		for _, child := range n.children {
			if r := child.literal(); r >= 0 {
				run = utf8.AppendRune(run, r)
				continue
			}
			end()
			run = append(run, child.required()...)
			end()
		}
		end()
	case opRepeat:
		if n.min > 0 {
			return n.children[0].required()
		}
	case opClass:
		if r := n.literal(); r >= 0 {
			return utf8.AppendRune(nil, r)
		}
	}
	return best
}

// bestNeedle returns the longest needle that a record's encoding must contain for the term to match, or nil.
func (m *matcher) bestNeedle(ignoreCase bool) *needle {
	best := m.needle // of the regular expression
	better := func(text []byte) {
		if n := newNeedle(text, ignoreCase); n != nil && (best == nil || len(n.text) > len(best.text)) {
			best = n
		}
	}
	switch {
	case m.negated:
		return nil
	case m.part == field:
		better(m.path)
	case m.part == partLevel || m.part.isNumber() || m.part.isTime():
		return nil
	}
	if m.op == contains || m.op == equals {
		if m.part != field || m.quantity.kind != aNumber { // an equal number may have other digits
			better(m.text)
		}
	}
	return best
}
