package record

import (
	"strings"
	"unicode/utf8"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

const (
	// MaxBytes is the maximum length of the encoded values of a record. Larger records are truncated, since the history has a limit. With
	// the note about that, the stack, the IDs and the names of the members, AppendMembers appends at most 16 KiB more.
	MaxBytes = 256 << 10

	// maxLabel is how many bytes of the logger, source, host or template a truncated record keeps.
	maxLabel = 512

	// safeBytes is a length under which a text never needs to be measured: each byte takes at most six in JSON (\u0000).
	safeBytes = MaxBytes / 6

	ellipsis = "…"
)

// truncate bounds the size of a record. It keeps the start of the message, the end of the trace and the fields that fit, and notes the size of
// the payload in the fields. dropped is whether members were already dropped.
func truncate(r *Record, size int, dropped bool) {
	total := len(r.Logger) + len(r.Message) + len(r.Source) + len(r.Trace) + len(r.Host) + len(r.Template)
	if total <= safeBytes && total*6+len(r.Fields) <= MaxBytes && !dropped {
		return
	}
	labels := jsonscan.EscapedLen(r.Logger) + jsonscan.EscapedLen(r.Source) + jsonscan.EscapedLen(r.Host) + jsonscan.EscapedLen(r.Template)
	message, trace, fields := jsonscan.EscapedLen(r.Message), jsonscan.EscapedLen(r.Trace), len(r.Fields)
	if labels+message+trace+fields <= MaxBytes {
		if dropped {
			r.Fields = appendNote(r.Fields, "elva.cut", size)
		}
		return
	}
	remaining := MaxBytes
	for _, label := range []*string{&r.Logger, &r.Source, &r.Host, &r.Template} {
		*label = strings.Clone(truncateEnd(*label, maxLabel))
		remaining -= jsonscan.EscapedLen(*label)
	}
	allowed := fairShares(remaining, message, trace, fields)
	r.Message = strings.Clone(truncateEnd(r.Message, allowed[0])) // a copy, so that the payload can be freed
	r.Trace = strings.Clone(truncateStart(r.Trace, allowed[1]))
	r.Fields = appendNote(truncateFields(r.Fields, allowed[2]), "elva.cut", size)
}

// fairShares divides a length among several parts. A part that wants less than an equal share gets what it wants.
func fairShares(remaining int, wants ...int) []int {
	allowed := make([]int, len(wants))
	done := make([]bool, len(wants))
	for open := len(wants); open > 0; {
		fair := remaining / open
		changed := false
		for i, want := range wants {
			if !done[i] && want <= fair {
				allowed[i], done[i] = want, true
				remaining -= want
				open--
				changed = true
			}
		}
		if changed {
			continue
		}
		for i := range wants {
			if !done[i] {
				allowed[i] = fair
			}
		}
		break
	}
	return allowed
}

// truncateEnd removes the end of s so that its length in JSON is at most limit, and marks that with an ellipsis.
func truncateEnd(s string, limit int) string {
	if len(s) <= limit && jsonscan.EscapedLen(s) <= limit {
		return s
	}
	return longestPrefix(s, limit-len(ellipsis)) + ellipsis
}

// truncateStart removes the start of s so that its length in JSON is at most limit, preferably whole lines, and marks that with an ellipsis.
func truncateStart(s string, limit int) string {
	if len(s) <= limit && jsonscan.EscapedLen(s) <= limit {
		return s
	}
	tail := longestSuffix(s, limit-len(ellipsis)-2)
	if i := strings.IndexByte(tail, '\n'); i >= 0 && i < 1024 && i+1 < len(tail) {
		tail = tail[i+1:]
	}
	return ellipsis + "\n" + tail
}

// truncateFields returns the fields within a length, or nil. It keeps the order of the members and truncates long values.
func truncateFields(fields []byte, limit int) []byte {
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
	// Each member may take an equal share of the remaining length. Short ones leave more for the others.
	dst := append(make([]byte, 0, limit), '{')
	remaining := limit - 2
	for c := int32(0); c < int32(len(d.nodes)); c = d.nodes[c].next {
		n := &d.nodes[c]
		key := d.s[n.keyStart:n.keyEnd]
		need := len(key) + int(n.end-n.start) + 4
		fair := max(remaining/count, 256) // less than a line is useless
		count--
		if need > remaining || need > fair && remaining-need < count*64 {
			room := min(fair, remaining) - len(key) - 4
			if room < 32 {
				continue
			}
			value := d.raw(n)
			if n.kind == jsonscan.String {
				value = longestRawPrefix(value, room)
			}
			before := len(dst)
			dst = appendKey(dst, key)
			dst = jsonscan.AppendString(dst, truncateEnd(value, room-2))
			remaining -= len(dst) - before
			continue
		}
		dst = append(appendKey(dst, key), d.raw(n)...)
		remaining -= need
	}
	if len(dst) == 1 {
		return nil
	}
	return append(dst, '}')
}

// appendKey appends a comma if needed, the key as written, and a colon.
func appendKey(dst []byte, key string) []byte {
	if len(dst) > 1 {
		dst = append(dst, ',')
	}
	return append(append(append(dst, '"'), key...), '"', ':')
}

// longestRawPrefix returns at least the first limit bytes of the contents of a JSON string, without decoding all of a long one.
func longestRawPrefix(raw string, limit int) string {
	raw = raw[1 : len(raw)-1]
	if len(raw) > 12*limit { // an escaped character is at most twelve bytes long (a surrogate pair)
		end := 12 * limit
		raw = raw[:end]
		if i := strings.LastIndexByte(raw[end-12:], '\\'); i >= 0 { // an escape may be split
			raw = raw[:end-12+i]
		}
		raw = strings.TrimRight(validUTF8(raw), "\uFFFD\\")
	}
	return jsonscan.Unescape(raw)
}

// longestPrefix returns the longest prefix of s whose escaped length is at most limit. It doesn't split characters.
func longestPrefix(s string, limit int) string {
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

// longestSuffix returns the longest suffix of s whose escaped length is at most limit. It doesn't split characters.
func longestSuffix(s string, limit int) string {
	for i := len(s) - 1; i >= 0; i-- {
		if limit -= 1 + jsonscan.EscapeCost(s, i); limit < 0 {
			for i++; i < len(s) && !utf8.RuneStart(s[i]); i++ {
			}
			return s[i:]
		}
	}
	return s
}
