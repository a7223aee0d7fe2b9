package filter

import (
	"maps"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// Segment summarizes a segment of records, so that a search can skip it.
type Segment struct {
	Levels Levels
	// Loggers, Channels, Hosts and Workers are the names in the records, with "" for records without one. A list is nil if it is
	// not known.
	Loggers, Channels, Hosts, Workers []string
	// From and To are the earliest and the latest time of a record, or its arrival if it has no time. They are zero if
	// unknown. A record with an invalid time is in no range.
	From, To time.Time
}

// CanMatch reports whether the filter may select a record of a segment. The result false is certain.
func (f *Filter) CanMatch(s *Segment) bool {
	switch {
	case f == nil:
		return true
	case f.selects&s.Levels == 0:
		return false
	case !s.From.IsZero() && !s.To.IsZero() && !f.covers(momentOf(s.From), momentOf(s.To)):
		return false
	}
	for i := range f.selected {
		if n := &f.selected[i]; !s.anyName(n.part, !f.matchCase, n.selects) {
			return false
		}
	}
	for _, c := range f.compiled {
		if !slices.ContainsFunc(c.terms, func(m *matcher) bool { return m.canMatch(s, !f.matchCase) }) {
			return false
		}
	}
	return true
}

// canMatch reports whether the term may match a record of a segment.
func (m *matcher) canMatch(s *Segment, ignoreCase bool) bool {
	switch {
	case m.part == partLevel:
		return m.levels&s.Levels != 0
	case m.part.isName():
		return s.anyName(m.part, ignoreCase, func(name []byte, ok bool) bool { return m.testText(name, ok) != m.negated })
	}
	return true
}

// anyName reports whether selects returns true for one of the names of a part, or the names are not known.
func (s *Segment) anyName(p part, ignoreCase bool, selects func(name []byte, ok bool) bool) bool {
	var names []string
	switch p {
	case partLogger:
		names = s.Loggers
	case partChannel:
		names = s.Channels
	case partHost:
		names = s.Hosts
	case partWorker:
		names = s.Workers
	}
	return names == nil || slices.ContainsFunc(names, func(name string) bool { return selects(folded(name, ignoreCase), name != "") })
}

// Levels returns the levels that the filter can select. exact says that the filter has no other conditions except the time
// range, so that an index by level and time suffices.
func (f *Filter) Levels() (set Levels, exact bool) {
	if f == nil {
		return AllLevels, true
	}
	return f.selects, len(f.compiled) == 0 && len(f.selected) == 0 && len(f.ids) == 0
}

// Range returns the time range that the filter selects, without to itself. A zero time means that there is no bound.
func (f *Filter) Range() (from, to time.Time) {
	if f == nil {
		return from, to
	}
	if f.from.text != "" {
		from = f.from.at.time()
	}
	if f.to.text != "" {
		to = f.to.at.time()
	}
	return from, to
}

// maxIndexed bounds the names of one part in an index. An index with more names would exclude few segments.
const maxIndexed = 64

// indexed are the parts of a record that an [Indexer] reads, in addition to the level.
const indexed partSet = 1<<partLogger | 1<<partChannel | 1<<partHost | 1<<partWorker | 1<<partTime | 1<<partAt

// Indexer builds the [Segment] for some records. The zero Indexer is ready to use. It is not safe for concurrent use.
type Indexer struct {
	reader   reader
	levels   Levels
	names    [len(nameParameters)]map[string]struct{} // a part with too many names has maxIndexed + 1
	from, to moment
	times    int  // the number of records with a time
	unknown  bool // whether a record could not be read
}

// Reset starts a new segment.
func (x *Indexer) Reset() {
	for i := range x.names {
		x.names[i] = make(map[string]struct{})
	}
	x.levels, x.times, x.unknown = noLevels, 0, false
}

// Add adds a record in the encoding of [Filter.Match]. It returns the time that [Filter.Range] applies to: the record's own, or its
// arrival if it has none. ok is false if the time is unknown.
func (x *Indexer) Add(level record.Level, encoded []byte) (at time.Time, ok bool) {
	x.levels |= 1 << level
	r := &x.reader
	r.reset(level)
	if !r.scan(encoded, indexed) {
		x.unknown = true
		return at, false
	}
	for i, p := range nameParameters {
		name := r.exact(r.parts[p])
		if r.parts[p].kind != aText {
			name = nil
		}
		if _, known := x.names[i][string(name)]; !known && len(x.names[i]) <= maxIndexed {
			x.names[i][string(name)] = struct{}{}
		}
	}
	when, ok := r.when()
	if !ok {
		return at, false // no range selects this record
	}
	if x.times == 0 || when.compare(x.from) < 0 {
		x.from = when
	}
	if x.times == 0 || when.compare(x.to) > 0 {
		x.to = when
	}
	x.times++
	return when.time(), true
}

// Segment returns the segment of the records that were added since the last Reset.
func (x *Indexer) Segment() Segment {
	s := Segment{Levels: x.levels}
	if x.unknown {
		return s
	}
	for i, names := range [...]*[]string{&s.Loggers, &s.Channels, &s.Hosts, &s.Workers} {
		if len(x.names[i]) <= maxIndexed {
			*names = slices.AppendSeq(make([]string, 0, len(x.names[i])), maps.Keys(x.names[i]))
		}
	}
	if x.times > 0 {
		s.From, s.To = x.from.time(), x.to.time()
	}
	return s
}

// TimeOf returns the time of a record that [Filter.Range] applies to: its own, or its arrival if it has none.
func (x *Indexer) TimeOf(encoded []byte) (at time.Time, ok bool) {
	r := &x.reader
	r.reset(0)
	r.scan(encoded, 1<<partTime|1<<partAt)
	when, ok := r.when()
	return when.time(), ok
}

func (i moment) time() time.Time { return time.Unix(i.seconds, i.nanos).UTC() }
