package filter

import (
	"encoding/binary"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// caseTable holds simple case folding (the classes C and S of Unicode's CaseFolding.txt).
type caseTable struct {
	pages  [0x1EA00 >> 8]*[256]rune // the foldings by code point; nil where all 256 fold to themselves
	orbits [][]rune                 // sets of code points that are equal if case is ignored
}

// cases returns the table. It is built once, since unicode.SimpleFold does a search for each code point.
var cases = sync.OnceValue(func() *caseTable {
	t := new(caseTable)
	for r := rune(0); int(r>>8) < len(t.pages); r++ {
		orbit := []rune{r}
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			orbit = append(orbit, next)
		}
		if len(orbit) == 1 || slices.Min(orbit) < r { // each orbit is added at its least member
			continue
		}
		t.orbits = append(t.orbits, orbit)
		to := r
		if r <= unicode.MaxASCII { // an ASCII letter, so that \w and \b mean ASCII
			to = unicode.ToLower(r)
		}
		for _, r := range orbit {
			t.page(r)[r&0xFF] = to
		}
	}
	return t
})

// page returns the page of a code point, in which code points that are not in an orbit fold to themselves.
func (t *caseTable) page(r rune) *[256]rune {
	page := t.pages[r>>8]
	if page == nil {
		page = new([256]rune)
		for i := range page {
			page[i] = r&^0xFF + rune(i)
		}
		t.pages[r>>8] = page
	}
	return page
}

// fold returns the code point that represents all those that equal r if case is ignored.
func (t *caseTable) fold(r rune) rune {
	if i := int(r >> 8); i < len(t.pages) && t.pages[i] != nil {
		return t.pages[i][r&0xFF]
	}
	return r
}

// These constants serve to process eight bytes in one step.
const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// upper returns the bit 0x20 for each byte of an ASCII word that is an upper-case letter. Setting it makes the letter lower case.
func upper(w uint64) uint64 {
	return ((w + (0x80-'A')*ones) &^ (w + (0x80-'Z'-1)*ones) & highs) >> 2
}

// asciiEnd returns the index of the first byte that is not ASCII.
func asciiEnd(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if binary.LittleEndian.Uint64(b[i:])&highs != 0 {
			break
		}
	}
	for i < len(b) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// appendFolded appends a text in NFC, and folded if ignoreCase.
func appendFolded(dst, text []byte, ignoreCase bool) []byte {
	start := len(dst)
	if asciiEnd(text) == len(text) {
		if dst = append(dst, text...); ignoreCase {
			lowerASCII(dst[start:])
		}
		return dst
	}
	if !norm.NFC.IsNormal(text) {
		text = norm.NFC.Bytes(text) // not Append, which would compose with the end of dst
	}
	if dst = append(dst, text...); ignoreCase {
		dst = cases().foldEnd(dst, start)
	}
	return dst
}

// foldEnd folds a text in place, from an index on. No code point becomes longer in UTF-8.
func (t *caseTable) foldEnd(text []byte, start int) []byte {
	end := start
	for i := start; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		end += utf8.EncodeRune(text[end:i+size], t.fold(r))
		i += size
	}
	return text[:end]
}

func lowerASCII(b []byte) {
	for len(b) >= 8 {
		w := binary.LittleEndian.Uint64(b)
		binary.LittleEndian.PutUint64(b, w|upper(w))
		b = b[8:]
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
}
