package filter

import (
	"slices"
	"time"
)

// Segment is what an index knows of some records without reading them.
type Segment struct {
	Levels Levels
	// Loggers, Channels, Hosts and Workers are the names in it, with "" for records without one. Nil if they are not known.
	Loggers, Channels, Hosts, Workers []string
	// From and To are the earliest and the latest time of a record: its own, or its arrival if it has none. Zero if they are
	// not known.
	From, To time.Time
}

// CanMatch reports whether a segment may hold a record that the filter selects. False is certain.
func (f *Filter) CanMatch(s *Segment) bool {
	switch {
	case f == nil:
		return true
	case f.selects&s.Levels == 0:
		return false
	case !s.From.IsZero() && !s.To.IsZero() && !f.covers(instantOf(s.From), instantOf(s.To)):
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

// canMatch reports whether the term may be true of a record of a segment.
func (m *matcher) canMatch(s *Segment, ignoreCase bool) bool {
	switch {
	case m.part == partLevel:
		return m.levels&s.Levels != 0
	case m.part.isName():
		return s.anyName(m.part, ignoreCase, func(name []byte, ok bool) bool { return m.testText(name, ok) != m.negated })
	}
	return true
}

// anyName reports whether one of the names of a part is as asked for. It may be if they are not known.
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

// Levels returns the levels of the records that the filter can select. exact reports that nothing else counts but the time
// range, so that an index by level and time answers it alone.
func (f *Filter) Levels() (set Levels, exact bool) {
	if f == nil {
		return AllLevels, true
	}
	return f.selects, len(f.compiled) == 0 && len(f.selected) == 0 && len(f.ids) == 0
}

// Range returns the time range that the filter selects, to not included. A zero time is no bound.
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

func (i instant) time() time.Time { return time.Unix(i.seconds, i.nanos).UTC() }
