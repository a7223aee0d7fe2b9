package group

import "strings"

// wordSet is a set of short words in lower case. It is used for nearly every word of a message, so it compares two integers instead of
// strings.
type wordSet struct{ slots [512][2]uint64 }

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
	}
	return set
}

// has reports whether the set contains a word, ignoring the case of ASCII letters.
func (set *wordSet) has(w string) bool {
	key, ok := keyOf(w)
	if !ok {
		return false
	}
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
	for i := 0; i < len(w); i++ {
		c := w[i]
		if c-'A' < 26 {
			c += 'a' - 'A'
		}
		key[i>>3] |= uint64(c) << (8 * uint(i&7))
	}
	return key, true
}

// slotOf returns the slot at which the search for a key begins.
func slotOf(key [2]uint64) int {
	return int(((key[0] ^ key[1]*0xC2B2AE3D27D4EB4F) * 0x9E3779B97F4A7C15) >> 55)
}
