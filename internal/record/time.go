package record

import (
	"strconv"
	"time"

	"github.com/SupermanScott/Elva/internal/record/instant"
	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// sameTime is the maximum difference between two times of a record that count as equal, since one may have milliseconds only.
const sameTime = time.Millisecond

// setTime sets the time.
func (d *decoder) setTime(r *Record) {
	for s := d.next(names.time.from, names.time); s != 0; s = d.next(s+1, names.time) {
		n := d.at(s)
		if n == nil {
			continue
		}
		at, ok := d.timeAt(d.first[s])
		if !ok || !r.Time.IsZero() && r.Time.Sub(at).Abs() > sameTime {
			continue
		}
		if r.Time.IsZero() {
			r.Time = at
		}
		d.useTime(d.first[s])
	}
}

// useTime marks a time as used. In an object it marks only the members that form the time.
func (d *decoder) useTime(at int32) {
	if d.nodes[at].kind != jsonscan.Object {
		d.markUsed(at)
		return
	}
	for c := at + 1; c < d.nodes[at].next; c = d.nodes[c].next {
		if isTimePart(fold(d.key(&d.nodes[c]))) {
			d.markUsed(c)
		}
	}
}

// isTimePart reports whether timeOfParts uses a folded name.
func isTimePart(name string) bool {
	switch name {
	case "seconds", "epochsecond", "nanos", "nanoofsecond", "$date", "$numberlong":
		return true
	}
	return false
}

// timeAt returns the time of a node.
func (d *decoder) timeAt(at int32) (time.Time, bool) {
	n := &d.nodes[at]
	switch n.kind {
	case jsonscan.String:
		return instant.Parse(d.text(n))
	case jsonscan.Number:
		return instant.Number(d.raw(n))
	case jsonscan.Object:
		return d.timeOfParts(at)
	case jsonscan.Array:
		return timeOfArray(d.raw(n))
	}
	return time.Time{}, false
}

// timeOfParts returns the time of an object with seconds and nanoseconds (Timestamp of protobuf, instant of Log4j), or {"$date":…} of MongoDB.
func (d *decoder) timeOfParts(at int32) (time.Time, bool) {
	var seconds, nanos int64
	ok, whole := false, true
	for c := at + 1; c < d.nodes[at].next; c = d.nodes[c].next {
		n := &d.nodes[c]
		switch fold(d.key(n)) {
		case "seconds", "epochsecond":
			seconds, ok = d.integer(n)
		case "nanos", "nanoofsecond":
			nanos, whole = d.integer(n)
		case "$date", "$numberlong":
			return d.timeAt(c)
		}
	}
	if !ok || !whole || seconds < 1e8 {
		return time.Time{}, false
	}
	return instant.Of(seconds, nanos)
}

// timeOfArray returns the time of an array: [2026,11,29,10,0,0,123000000] of Jackson, where seconds and nanoseconds may be missing, or
// [seconds,nanoseconds] of OpenTelemetry.
func timeOfArray(raw string) (time.Time, bool) {
	var parts [7]int64
	n := 0
	for it := (jsonscan.Iterator{JSON: raw}); it.Next(); n++ {
		v, err := strconv.ParseInt(it.Value.Raw, 10, 32)
		if err != nil && n > 0 || n == len(parts) {
			return time.Time{}, false
		}
		if err != nil { // the seconds of OpenTelemetry, after 2038
			if v, err = strconv.ParseInt(it.Value.Raw, 10, 64); err != nil {
				return time.Time{}, false
			}
		}
		parts[n] = v
	}
	if n == 2 && parts[0] >= 1e8 {
		return instant.Of(parts[0], parts[1])
	}
	if n < 5 || parts[0] > 9999 {
		return time.Time{}, false
	}
	if parts[6] < 1000 { // Jackson has an option to write milliseconds
		parts[6] *= 1e6
	}
	return instant.OfDate(int(parts[0]), int(parts[1]), int(parts[2]), int(parts[3]), int(parts[4]), int(parts[5]), int(parts[6]))
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isWord(c byte) bool { return isLetter(c) || c-'0' <= 9 || c == '_' }
