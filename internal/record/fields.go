package record

import "strconv"

// fields returns what no part took, as the text of a JSON object, or nil.
func (d *decoder) fields() []byte {
	dst := d.appendRest(append(d.rest[:0], '{'), 0, int32(len(d.nodes)))
	if cap(dst) <= maxKept {
		d.rest = dst
	}
	if len(dst) == 1 {
		return nil
	}
	fields := make([]byte, len(dst)+1)
	copy(fields, dst)
	fields[len(dst)] = '}'
	return fields
}

// appendRest appends the members from one node to another that are not taken, with commas between them.
func (d *decoder) appendRest(dst []byte, from, end int32) []byte {
	start := len(dst)
	for c := from; c < end; c = d.nodes[c].next {
		n := &d.nodes[c]
		if n.flags&taken != 0 {
			continue
		}
		before := len(dst)
		if before > start {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		if n.flags&keyUnclean != 0 {
			dst = appendString(dst[:len(dst)-1], d.key(n))
		} else {
			dst = append(append(dst, d.s[n.keyStart:n.keyEnd]...), '"')
		}
		dst = append(dst, ':')
		switch {
		case n.kind == object && n.next > c+1:
			members := len(dst) + 1
			dst = d.appendRest(append(dst, '{'), c+1, n.next)
			if len(dst) == members && n.flags&touched != 0 {
				dst = dst[:before] // an object that loses its last member goes away
				continue
			}
			dst = append(dst, '}')
		case n.flags&deep != 0:
			dst = appendString(dst, d.raw(n))
		case n.flags&unclean != 0:
			dst = appendClean(dst, d.raw(n))
		default:
			dst = append(dst, d.raw(n)...)
		}
	}
	return dst
}

// appendClean appends a JSON value without blanks between its tokens, NaN and the infinities as strings, and U+FFFD for lone
// surrogates. The value has been scanned.
func appendClean(dst []byte, raw string) []byte {
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"':
			end, f := scanString(raw, i+1)
			if end < 0 {
				return dst
			}
			if f&unclean != 0 {
				dst = appendString(dst, unescape(raw[i+1:end]))
			} else {
				dst = append(dst, raw[i:end+1]...)
			}
			i = end + 1
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
			i++
		case c == 'N' || c == 'I' || c == '-' && i+1 < len(raw) && raw[i+1] == 'I':
			n := len("NaN")
			switch c {
			case 'I':
				n = len("Infinity")
			case '-':
				n = len("-Infinity")
			}
			dst = append(append(append(dst, '"'), raw[i:i+n]...), '"')
			i += n
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}

// appendNote appends the member with which Elva says something about the payload: how many bytes it had.
func appendNote(fields []byte, name string, size int) []byte {
	if fields == nil {
		fields = append(fields, '{')
	} else {
		fields = append(fields[:len(fields)-1], ',')
	}
	fields = append(append(append(fields, '"'), name...), `":{"bytes":`...)
	return append(strconv.AppendInt(fields, int64(size), 10), "}}"...)
}
