package record

import (
	"strings"
	"unicode/utf8"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

const (
	// MaxBytes is how long the members of one record may be as JSON (256 KiB): longer ones are cut, so that no payload
	// breaks the history's bound. With the cut's own note, what the trace says, the ids and the names of the members, AppendMembers never
	// appends more than 16 KiB over it.
	MaxBytes = 256 << 10

	// maxLabel is how much of a logger, source, host or template a cut record keeps: they are one line, where more is not read.
	maxLabel = 512

	// safeBytes is a length under which nothing needs to be measured: a byte takes at most six in JSON (\u0000).
	safeBytes = MaxBytes / 6

	ellipsis = "…"
)

// cut bounds a record: it keeps the head of the message, the tail of the trace and the members of the fields that fit, and
// says in the fields how many bytes the payload had. lost tells that members are missing already.
func cut(r *Record, size int, lost bool) {
	total := len(r.Logger) + len(r.Message) + len(r.Source) + len(r.Trace) + len(r.Host) + len(r.Template)
	if total <= safeBytes && total*6+len(r.Fields) <= MaxBytes && !lost {
		return
	}
	labels := jsonscan.EscapedLen(r.Logger) + jsonscan.EscapedLen(r.Source) + jsonscan.EscapedLen(r.Host) + jsonscan.EscapedLen(r.Template)
	message, trace, fields := jsonscan.EscapedLen(r.Message), jsonscan.EscapedLen(r.Trace), len(r.Fields)
	if labels+message+trace+fields <= MaxBytes {
		if lost {
			r.Fields = appendNote(r.Fields, "elva.cut", size)
		}
		return
	}
	left := MaxBytes
	for _, label := range []*string{&r.Logger, &r.Source, &r.Host, &r.Template} {
		*label = strings.Clone(headOf(*label, maxLabel))
		left -= jsonscan.EscapedLen(*label)
	}
	allowed := share(left, message, trace, fields)
	r.Message = strings.Clone(headOf(r.Message, allowed[0])) // a copy, so that the payload can go
	r.Trace = strings.Clone(tailOf(r.Trace, allowed[1]))
	r.Fields = appendNote(cutFields(r.Fields, allowed[2]), "elva.cut", size)
}

// share divides left among what three parts want: who wants less than a fair share gets it all.
func share(left int, wants ...int) []int {
	allowed := make([]int, len(wants))
	settled := make([]bool, len(wants))
	for open := len(wants); open > 0; {
		fair := left / open
		again := false
		for i, want := range wants {
			if !settled[i] && want <= fair {
				allowed[i], settled[i] = want, true
				left -= want
				open--
				again = true
			}
		}
		if again {
			continue
		}
		for i := range wants {
			if !settled[i] {
				allowed[i] = fair
			}
		}
		break
	}
	return allowed
}

// headOf cuts s at its end to a length in JSON, and marks the cut.
func headOf(s string, limit int) string {
	if len(s) <= limit && jsonscan.EscapedLen(s) <= limit {
		return s
	}
	return cutHead(s, limit-len(ellipsis)) + ellipsis
}

// tailOf cuts s at its start to a length in JSON, at a line if there is one near, and marks the cut.
func tailOf(s string, limit int) string {
	if len(s) <= limit && jsonscan.EscapedLen(s) <= limit {
		return s
	}
	tail := cutTail(s, limit-len(ellipsis)-2)
	if i := strings.IndexByte(tail, '\n'); i >= 0 && i < 1024 && i+1 < len(tail) {
		tail = tail[i+1:]
	}
	return ellipsis + "\n" + tail
}

// cutFields returns the fields within a length: members in order, the values that are too long cut. nil for none.
func cutFields(fields []byte, limit int) []byte {
	if len(fields) <= limit {
		return append([]byte(nil), fields...)
	}
	d := newDecoder()
	defer d.release()
	if !d.scan(string(fields)) {
		return nil
	}
	count := 0
	for c := int32(0); c < int32(len(d.nodes)); c = d.nodes[c].next {
		count++
	}
	// Each member may have its share of what is left; short ones leave more for those after them.
	dst := append(make([]byte, 0, limit), '{')
	left := limit - 2
	for c := int32(0); c < int32(len(d.nodes)); c = d.nodes[c].next {
		n := &d.nodes[c]
		key := d.s[n.keyStart:n.keyEnd]
		need := len(key) + int(n.end-n.start) + 4
		fair := max(left/count, 256) // less than a line says nothing
		count--
		if need > left || need > fair && left-need < count*64 {
			room := min(fair, left) - len(key) - 4
			if room < 32 {
				continue
			}
			value := d.raw(n)
			if n.kind == jsonscan.String {
				value = cutHeadRaw(value, room)
			}
			before := len(dst)
			dst = appendKey(dst, key)
			dst = jsonscan.AppendString(dst, headOf(value, room-2))
			left -= len(dst) - before
			continue
		}
		dst = append(appendKey(dst, key), d.raw(n)...)
		left -= need
	}
	if len(dst) == 1 {
		return nil
	}
	return append(dst, '}')
}

func appendKey(dst []byte, key string) []byte {
	if len(dst) > 1 {
		dst = append(dst, ',')
	}
	return append(append(append(dst, '"'), key...), '"', ':')
}

// cutHeadRaw returns the start of what a string holds: enough for limit bytes of it, without reading all of a long one.
func cutHeadRaw(raw string, limit int) string {
	raw = raw[1 : len(raw)-1]
	if len(raw) > 12*limit { // an escaped character is at most twelve bytes long (a surrogate pair)
		end := 12 * limit
		raw = raw[:end]
		if i := strings.LastIndexByte(raw[end-12:], '\\'); i >= 0 { // an escape may be cut in two
			raw = raw[:end-12+i]
		}
		raw = strings.TrimRight(validUTF8(raw), "\uFFFD\\")
	}
	return jsonscan.Unescape(raw)
}

// cutHead returns the longest start of s, in whole characters, whose escaped length is not over limit.
func cutHead(s string, limit int) string {
	for i := 0; i < len(s); i++ {
		if limit -= 1 + jsonscan.EscapeCost(s, i); limit < 0 {
			for i > 0 && !utf8.RuneStart(s[i]) {
				i--
			}
			return s[:i]
		}
	}
	return s
}

// cutTail returns the longest end of s, in whole characters, whose escaped length is not over limit.
func cutTail(s string, limit int) string {
	for i := len(s) - 1; i >= 0; i-- {
		if limit -= 1 + jsonscan.EscapeCost(s, i); limit < 0 {
			for i++; i < len(s) && !utf8.RuneStart(s[i]); i++ {
			}
			return s[i:]
		}
	}
	return s
}
