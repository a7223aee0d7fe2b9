package record

// foldedName is a folded name, without its text: the length, and the first and the last eight bytes. They are kept apart from the
// text because they are found faster in registers than in what was just written.
type foldedName struct {
	n           int
	first, last uint64
}

// hash spreads the names over the buckets.
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
		// Up to 16 bytes the first and the last eight are all of a name.
		if e := &t.entries[id]; e.folded == f && (f.n <= 16 || e.text == string(name[:f.n])) {
			return id
		}
	}
}

// folding maps a byte of a name to what counts of it: 0 for nothing, and 1 for a slash, which starts the name anew.
var folding = func() (f [256]byte) {
	for i := range f {
		f[i] = byte(i)
	}
	for c := 'A'; c <= 'Z'; c++ {
		f[c] = byte(c) + 'a' - 'A'
	}
	for _, c := range "_-. \x01" { // U+0001 stands in no name, and its place is taken
		f[c] = 0
	}
	f['/'] = 1
	return f
}()

// foldOnto appends the folded key to the text in name, of which f tells what is there, and returns what is there then. A
// length over maxName means that the name is in no list, nor any name joined to it.
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

// fold returns the folded key by itself.
func fold(key string) string {
	var name [maxName]byte
	f := foldOnto(&name, foldedName{}, key)
	if f.n > maxName {
		return ""
	}
	return string(name[:f.n])
}
