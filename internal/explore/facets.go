package explore

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// maxFacets bounds the fields that are looked at: no screen shows more.
	maxFacets = 200
	// maxDistinct bounds the values of a field that are counted one by one: where there are more, none of them is frequent.
	maxDistinct = 2000
	// maxNamedDistinct is the same of a field that was asked for.
	maxNamedDistinct = 20_000
	// maxValues and maxValueBytes bound the values of all fields and their text, by some 16 MiB.
	maxValues     = 100_000
	maxValueBytes = 8 << 20
	// maxValue is how long a value is that is listed: longer ones are texts.
	maxValue = 256
	// maxNumbers bounds the numbers of a field that are kept. Of more, every second, fourth … counts: the median of so many is within a
	// hundredth of the rank.
	maxNumbers = 16_384
)

// Facets counts the values that fields and parts have.
type Facets struct {
	reader  *filter.Reader
	exact   *filter.Reader // for the names of fields as they were logged
	named   bool
	leveled bool // the levels are listed
	parts   [len(facetParts)]*facet
	facets  map[string]*facet // fields by their paths, folded
	records int
	levels  Levels
	values  int
	bytes   int
	skipped int // values of fields beyond maxFacets
}

// facetParts are the parts that are counted beside the fields, in the order in which they are listed.
var facetParts = [...]facetPart{{"logger", filter.Logger}, {"host", filter.Host}, {"channel", filter.Channel}, {"worker", filter.Worker}}

type facetPart struct {
	name string
	part filter.Part
}

type facet struct {
	name    string
	part    filter.Part
	most    int // distinct values
	present int
	last    int // the record that was counted last
	values  map[string]*facetValue
	others  int // values that are not among them
	numbers numbers
}

type facetValue struct {
	text  string // as it was logged
	count int
	last  int
}

// NewFacets returns a count of the records that f selects: of the fields and parts with the names, or of all that there are.
func NewFacets(f *filter.Filter, fields []string) *Facets {
	x := &Facets{named: len(fields) > 0, facets: make(map[string]*facet)}
	x.leveled = !x.named || slices.Contains(fields, "level")
	parts := []filter.Part{filter.Fields}
	for i, p := range facetParts {
		parts = append(parts, p.part)
		if !x.named || slices.Contains(fields, p.name) {
			x.parts[i] = newFacet(p.name, p.part, maxNamedDistinct)
		}
	}
	for _, name := range fields {
		isPart := name == "level" || slices.ContainsFunc(facetParts[:], func(p facetPart) bool { return p.name == name })
		if key := string(filter.FoldPath(f, strings.TrimPrefix(name, "fields."))); !isPart && len(x.facets) < maxFacets {
			x.facets[key] = newFacet(strings.TrimPrefix(name, "fields."), filter.Fields, maxNamedDistinct)
		}
	}
	x.reader, x.exact = filter.NewReader(f, parts...), filter.NewExactReader(filter.Fields)
	return x
}

func newFacet(name string, part filter.Part, most int) *facet {
	return &facet{name: name, part: part, most: most, values: make(map[string]*facetValue)}
}

// Add counts a record that was selected. It keeps nothing of its memory.
func (x *Facets) Add(level record.Level, encoded []byte) {
	x.records++
	x.levels[level]++
	x.reader.Read(encoded)
	for i, p := range facetParts {
		if f := x.parts[i]; f != nil {
			if text := x.reader.Text(p.part); text != nil {
				x.count(f, x.reader.Folded(p.part), text)
			}
		}
	}
	leaf := 0
	for x.reader.Walk(filter.Fields); x.reader.Next(); leaf++ {
		f := x.facets[string(x.reader.Path())]
		if f == nil {
			if f = x.found(encoded, leaf); f == nil {
				continue
			}
		}
		key := x.reader.Key()
		if n, ok := x.reader.Number(); ok {
			f.numbers.add(n)
		}
		x.count(f, key, nil)
	}
}

// found returns the facet of a field that was not seen before, nil if it is not wanted.
func (x *Facets) found(encoded []byte, leaf int) *facet {
	if x.named {
		return nil
	}
	if len(x.facets) >= maxFacets || len(x.reader.Path()) > maxValue {
		x.skipped++
		return nil
	}
	x.exact.Read(encoded)
	x.exact.Walk(filter.Fields)
	for range leaf + 1 {
		x.exact.Next()
	}
	f := newFacet(string(x.exact.Path()), filter.Fields, maxDistinct)
	x.facets[string(x.reader.Path())] = f
	return f
}

// count counts a value, once for each record. text is how it is shown, nil for the leaf's own.
func (x *Facets) count(f *facet, key, text []byte) {
	if f.last != x.records {
		f.last = x.records
		f.present++
	}
	v := f.values[string(key)]
	if v == nil {
		if len(f.values) >= f.most || x.values >= maxValues || len(key) > maxValue || x.bytes+len(key) > maxValueBytes {
			f.others++
			return
		}
		k := string(key)
		if v = (&facetValue{text: k}); text != nil {
			v.text = string(text)
		} else if leaf := x.reader.Leaf(); len(leaf) <= maxValue && !x.reader.IsNumber() {
			v.text = string(leaf)
		}
		f.values[k] = v
		x.values++
		x.bytes += len(k)
	}
	if v.last != x.records {
		v.last = x.records
		v.count++
	}
}

// numbers are the numbers of a field.
type numbers struct {
	n        int
	min, max float64
	kept     []float64
	every    int // of which one is kept
}

func (x *numbers) add(n float64) {
	if x.n == 0 {
		x.min, x.max, x.every = n, n, 1
	}
	x.min, x.max = min(x.min, n), max(x.max, n)
	if x.n++; (x.n-1)%x.every != 0 {
		return
	}
	if len(x.kept) == maxNumbers {
		for i := range maxNumbers / 2 {
			x.kept[i] = x.kept[2*i]
		}
		x.kept = x.kept[:maxNumbers/2]
		if x.every *= 2; (x.n-1)%x.every != 0 {
			return
		}
	}
	x.kept = append(x.kept, n)
}

// NumberRange is what the numbers of a field are like.
type NumberRange struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	P95    float64 `json:"p95"`
	Max    float64 `json:"max"`
}

func (x *numbers) summary() *NumberRange {
	if x.n == 0 {
		return nil
	}
	slices.Sort(x.kept)
	return &NumberRange{x.min, quantile(x.kept, 0.5), quantile(x.kept, 0.95), x.max}
}

// quantile returns the element of a sorted list that is nearest to the q-quantile, the upper of two. q is between 0 and 1,
// and the list is not empty.
func quantile[T any](sorted []T, q float64) T { return sorted[int(q*float64(len(sorted)-1)+0.5)] }

// FacetList is the answer to ?facets.
type FacetList struct {
	Records int `json:"records"`
	Cut
	Facets []Facet `json:"facets"`
	// Skipped is how many values of other fields there are: more fields than are looked at.
	Skipped int `json:"skipped,omitempty"`
}

// Facet is a field or a part with its most frequent values.
type Facet struct {
	Field    string `json:"field"`
	Present  int    `json:"present"`
	Distinct int    `json:"distinct"`
	// More says that there are more values than Distinct, which were not told apart.
	More   bool         `json:"more,omitempty"`
	Values []FacetValue `json:"values"`
	// Others is how many values are not listed, each counted once for a record.
	Others int          `json:"others"`
	Number *NumberRange `json:"number,omitempty"`
}

// FacetValue is a value. Filter is the term of a query that selects its records.
type FacetValue struct {
	Value  string `json:"value"`
	Count  int    `json:"count"`
	Filter string `json:"filter"`
}

// List returns the levels, the parts, and the fields that most records have, each with at most limit values.
func (x *Facets) List(limit int) *FacetList {
	list := &FacetList{Records: x.records, Cut: Cut{Complete: true}, Facets: []Facet{}, Skipped: x.skipped}
	if x.leveled {
		list.Facets = append(list.Facets, x.levelFacet())
	}
	all := slices.Collect(maps.Values(x.facets))
	slices.SortFunc(all, func(a, b *facet) int { return cmp.Or(cmp.Compare(b.present, a.present), cmp.Compare(a.name, b.name)) })
	for _, f := range append(x.parts[:], all...) {
		if f != nil && (f.present > 0 || x.named) {
			list.Facets = append(list.Facets, f.list(limit))
		}
	}
	return list
}

func (f *facet) list(limit int) Facet {
	values := slices.Collect(maps.Values(f.values))
	slices.SortFunc(values, func(a, b *facetValue) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.text, b.text)) })
	result := Facet{Field: f.name, Present: f.present, Distinct: len(values), More: f.others > 0, Values: []FacetValue{}, Others: f.others, Number: f.numbers.summary()}
	for i, v := range values {
		if i >= limit {
			result.Others += v.count
			continue
		}
		result.Values = append(result.Values, FacetValue{v.text, v.count, filter.Is(f.part, f.name, v.text)})
	}
	return result
}

func (x *Facets) levelFacet() Facet {
	result := Facet{Field: "level", Values: []FacetValue{}}
	for level, n := range x.levels {
		if n == 0 {
			continue
		}
		name := LevelName(record.Level(level))
		result.Distinct++
		result.Present += n
		result.Values = append(result.Values, FacetValue{name, n, "level:" + name})
	}
	slices.SortStableFunc(result.Values, func(a, b FacetValue) int { return cmp.Compare(b.Count, a.Count) })
	return result
}
