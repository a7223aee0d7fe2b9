package filter

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// maxNeedle bounds a needle: a longer one is hardly rarer, and takes longer where it nearly matches again and again.
const maxNeedle = 32

// needle is a piece of ASCII that the encoding of every matching record has. Most records are found not to match without
// reading more of them.
type needle struct {
	text       []byte // in lower case if case is ignored
	ignoreCase bool
	rare       int      // the index of the byte that is looked for
	others     []string // what folds or composes to a part of it, though it is not ASCII
}

// newNeedle returns the longest piece of a text that an encoding has unchanged, nil if there is none.
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

// splits reports whether a character may be written otherwise in an encoding, or separates the names of a path.
func splits(r rune) bool {
	return r < ' ' || r >= utf8.RuneSelf || r == '"' || r == '\\' || r == '.' || r == '='
}

// byFrequency has the characters of logs, roughly the most frequent first.
const byFrequency = "eatnoisrldcmpuhgf0:,b1-2v3y5w4_/678k9 "

// frequency is higher for bytes that are met more often.
func frequency(c byte) int {
	if i := strings.IndexByte(byFrequency, c); i >= 0 {
		return len(byFrequency) - i
	}
	return 0
}

// in reports whether encodings may have the needle. It is wrong only in that they may not.
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

// foundBy looks for the needle where its rare byte is written as c.
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

// equalFolded compares bytes with others in lower case.
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

// hidden reports whether encodings have anything that may be the needle though it looks otherwise: an escape that published
// fields may have, or a character that is the same as one of ASCII.
func (n *needle) hidden(encoded []byte) bool {
	for rest := encoded; ; {
		i := bytes.IndexByte(rest, '\\')
		if i < 0 || i+1 == len(rest) {
			break
		}
		rest = rest[i+1:]
		// Elva's own encoder writes \u only for control characters, which no needle has.
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

// required returns the longest text that is in every match of the node, empty if there is none.
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

// sharper returns the best needle of what must be in a record's encoding for the term to match.
func (m *matcher) sharper(ignoreCase bool) *needle {
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
		if m.part != field || m.quantity.kind != aNumber { // a number may have other digits
			better(m.text)
		}
	}
	return best
}
