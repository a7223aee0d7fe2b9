package record

// foldedName is the length and the first and last eight bytes of a folded name. Comparing them is faster than comparing texts.
type foldedName struct {
	n           int
	first, last uint64
}

// hash returns the hash of a name.
func (f foldedName) hash() uint32 {
	return uint32((f.first*0x9E3779B97F4A7C15 ^ f.last*0xC2B2AE3D27D4EB4F + uint64(f.n)) >> 40)
}

// find returns the number of the entry of a folded name, whose text is in name, or 0.
func (t *nameTable) find(name *[maxName]byte, f foldedName) uint16 {
	if f.n > maxName || f.n == 0 {
		return 0
	}
	for i := f.hash() % nameBuckets; ; i = (i + 1) % nameBuckets {
		id := t.buckets[i]
		if id == 0 {
			return 0
		}
		// A name of up to 16 bytes consists of its first and last eight.
		if e := &t.entries[id]; e.folded == f && (f.n <= 16 || e.text == string(name[:f.n])) {
			return id
		}
	}
}

// folding maps a byte of a name to its folded form: 0 if it doesn't count, and 1 for a slash, before which nothing counts.
var folding = func() (f [256]byte) {
	for i := range f {
		f[i] = byte(i)
	}
	for c := 'A'; c <= 'Z'; c++ {
		f[c] = byte(c) + 'a' - 'A'
	}
	for _, c := range "_-. \x01" { // 1 has another meaning, and doesn't occur in names
		f[c] = 0
	}
	f['/'] = 1
	return f
}()

// foldOnto appends the folded key to the name f, whose text is in name, and returns the joined name. If that is longer than maxName, it is not
// in any list.
func foldOnto(name *[maxName]byte, f foldedName, key string) foldedName {
	start := f
	for i := 0; i < len(key); i++ {
		c := folding[key[i]]
		if c <= 1 {
			if c == 1 {
				f = start
			}
			continue
		}
		if f.n < maxName {
			name[f.n] = c
		}
		if f.n < 8 {
			f.first |= uint64(c) << (8 * uint(f.n))
		}
		f.last = f.last>>8 | uint64(c)<<56
		f.n++
	}
	return f
}

// fold returns the folded key.
func fold(key string) string {
	var name [maxName]byte
	f := foldOnto(&name, foldedName{}, key)
	if f.n > maxName {
		return ""
	}
	return string(name[:f.n])
}
