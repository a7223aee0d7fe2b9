package group

import (
	"strings"
	"unsafe"
)

// wordSet is a set of short words in lower case. It is used for nearly every word of a message, so it compares two integers instead of
// strings.
type wordSet struct {
	lengths [256]uint32 // the lengths of the words that begin with a byte, as a bit mask; it excludes most other words
	slots   [512][2]uint64
}

// maxWord is the length of the longest word that a wordSet can have.
const maxWord = 16

// wordsOf returns the set of the words in a text. It panics if there are too many words or one is too long.
func wordsOf(spaced string) *wordSet {
	set := new(wordSet)
	words := strings.Fields(spaced)
	if len(words) > len(set.slots)/2 {
		panic("group: too many words for a set")
	}
	for _, w := range words {
		key, ok := keyOf(w)
		if !ok {
			panic("group: word too long for a set: " + w)
		}
		i := slotOf(key)
		for set.slots[i] != [2]uint64{} && set.slots[i] != key {
			i = (i + 1) % len(set.slots)
		}
		set.slots[i] = key
		set.lengths[key[0]&0xFF] |= 1 << len(w)
		if classOf[w[0]] == letter {
			set.lengths[key[0]&0xDF] |= 1 << len(w)
		}
	}
	return set
}

// has reports whether the set contains a word, ignoring the case of ASCII letters.
func (set *wordSet) has(w string) bool {
	if w == "" || set.lengths[w[0]]>>len(w)&1 == 0 {
		return false
	}
	key, _ := keyOf(w)
	for i := slotOf(key); set.slots[i] != [2]uint64{}; i = (i + 1) % len(set.slots) {
		if set.slots[i] == key {
			return true
		}
	}
	return false
}

// keyOf packs a word into two integers.
func keyOf(w string) (key [2]uint64, ok bool) {
	if len(w) > maxWord {
		return key, false
	}
	p := unsafe.Slice(unsafe.StringData(w), len(w))
	if len(p) > 8 {
		return [2]uint64{lowerCase(lowBytes(p[:8])), lowerCase(lowBytes(p[8:]))}, true
	}
	return [2]uint64{lowerCase(lowBytes(p))}, true
}

// lowerCase converts the ASCII letters among eight bytes to lower case.
func lowerCase(v uint64) uint64 {
	const each = 0x0101010101010101
	low := v &^ (0x80 * each)
	isUpper := (low + (0x80-'A')*each) &^ (low + (0x80-'Z'-1)*each) &^ v & (0x80 * each)
	return v | isUpper>>2
}

// slotOf returns the slot at which the search for a key begins.
func slotOf(key [2]uint64) int {
	return int(((key[0] ^ key[1]*0xC2B2AE3D27D4EB4F) * 0x9E3779B97F4A7C15) >> 55)
}
