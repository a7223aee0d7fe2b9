package record

import (
	"strconv"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// fields returns the members that no part uses as a JSON object, or nil.
func (d *decoder) fields() []byte {
	dst := d.appendUnused(append(d.fieldsBuf[:0], '{'), 0, int32(len(d.nodes)))
	if cap(dst) <= maxPooled {
		d.fieldsBuf = dst
	}
	if len(dst) == 1 {
		return nil
	}
	fields := make([]byte, len(dst)+1)
	copy(fields, dst)
	fields[len(dst)] = '}'
	return fields
}

// appendUnused appends the unused members from one node to another, separated by commas.
func (d *decoder) appendUnused(dst []byte, from, end int32) []byte {
	start := len(dst)
	for c := from; c < end; c = d.nodes[c].next {
		n := &d.nodes[c]
		if n.state&used != 0 {
			continue
		}
		before := len(dst)
		if before > start {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		if n.keyFlags&jsonscan.Unclean != 0 {
			dst = jsonscan.AppendString(dst[:len(dst)-1], d.key(n))
		} else {
			dst = append(append(dst, d.s[n.keyStart:n.keyEnd]...), '"')
		}
		dst = append(dst, ':')
		switch {
		case n.kind == jsonscan.Object && n.next > c+1:
			members := len(dst) + 1
			dst = d.appendUnused(append(dst, '{'), c+1, n.next)
			if len(dst) == members && n.state&partlyUsed != 0 {
				dst = dst[:before] // all its members are used
				continue
			}
			dst = append(dst, '}')
		case n.flags&jsonscan.Deep != 0:
			dst = jsonscan.AppendString(dst, d.raw(n))
		case n.flags&jsonscan.Unclean != 0:
			dst = jsonscan.AppendClean(dst, d.raw(n))
		default:
			dst = append(dst, d.raw(n)...)
		}
	}
	return dst
}

// appendNote appends a member with the size of the payload.
func appendNote(fields []byte, name string, size int) []byte {
	if fields == nil {
		fields = append(fields, '{')
	} else {
		fields = append(fields[:len(fields)-1], ',')
	}
	fields = append(append(append(fields, '"'), name...), `":{"bytes":`...)
	return append(strconv.AppendInt(fields, int64(size), 10), "}}"...)
}
