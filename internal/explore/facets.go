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
	// maxFacets bounds the fields that are counted: no screen shows more.
	maxFacets = 200
	// maxDistinct bounds the distinct values of a field: a field with more of them has no frequent ones.
	maxDistinct = 2000
	// maxNamedDistinct is the bound for a field that the request names.
	maxNamedDistinct = 20_000
	// maxValues and maxValueBytes bound the values of all fields together to about 16 MiB.
	maxValues     = 100_000
	maxValueBytes = 8 << 20
	// maxValue is the greatest length of a listed value, in bytes: a longer one is prose.
	maxValue = 256
	// maxValuesListed bounds the values in an answer, of all fields together: that many of 256 control characters make an answer of 15 MB.
	maxValuesListed = 5000
	// maxNumbers bounds the numbers of a field that are kept. If there are more, only every second, fourth … is kept. With that many, the
	// rank of the median is off by a hundredth at most.
	maxNumbers = 16_384
)

// Facets counts the values that fields and parts have.
type Facets struct {
	reader  *filter.Reader
	exact   *filter.Reader // for the names of fields as logged
	named   bool           // the request names the fields
	leveled bool           // the levels are listed
	parts   [len(facetParts)]*facet
	facets  map[string]*facet // fields by folded path
	records int
	levels  Levels
	values  int
	bytes   int
	skipped int // values of fields beyond maxFacets
}

// facetParts are the parts that are counted in addition to the fields, in the order of the list.
var facetParts = [...]facetPart{{"logger", filter.Logger}, {"host", filter.Host}, {"channel", filter.Channel}, {"worker", filter.Worker}}

type facetPart struct {
	name string
	part filter.Part
}

type facet struct {
	name    string
	part    filter.Part
	most    int // the most distinct values
	present int // the records that have the field
	last    int // the number of the last record that has the field
	values  map[string]*facetValue
	others  int // occurrences of values that are not in values
	numbers numbers
}

type facetValue struct {
	text  string // as logged
	count int
	last  int // the number of the last record that has the value
}

// NewFacets returns the facets of the records that f selects: the named fields and parts, or all of them if fields is empty.
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

// Add counts a selected record. It does not retain encoded.
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

// found adds a facet for the field of a record's leaf, which was not seen before. It returns nil if the field is not counted.
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

// count counts a value once per record. text is the value as shown, or nil to show the current leaf.
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

// numbers summarizes the numbers of a field.
type numbers struct {
	n        int
	min, max float64
	kept     []float64
	every    int // one of every so many numbers is kept
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

// NumberRange describes the distribution of a field's numbers.
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

// quantile returns the element of a sorted list that is nearest to the q-quantile, the upper one of two equally near. q is between 0 and 1,
// and the list is not empty.
func quantile[T any](sorted []T, q float64) T { return sorted[int(q*float64(len(sorted)-1)+0.5)] }

// FacetList is the answer to ?facets.
type FacetList struct {
	Records int `json:"records"`
	Cut
	Facets []Facet `json:"facets"`
	// Skipped is the number of values of fields beyond the bound, which are not counted.
	Skipped int `json:"skipped,omitempty"`
}

// Facet is a field or a part with its most frequent values.
type Facet struct {
	Field    string `json:"field"`
	Present  int    `json:"present"`
	Distinct int    `json:"distinct"`
	// More says that there are more distinct values, which were not counted one by one.
	More   bool         `json:"more,omitempty"`
	Values []FacetValue `json:"values"`
	// Others is the number of occurrences of values that are not listed.
	Others int          `json:"others"`
	Number *NumberRange `json:"number,omitempty"`
}

// FacetValue is a value. Filter is the query term that selects its records.
type FacetValue struct {
	Value  string `json:"value"`
	Count  int    `json:"count"`
	Filter string `json:"filter"`
}

// List returns the levels, the parts and the fields, each with at most limit values, and with fewer once maxValuesListed are listed. The
// fields that most records have come first.
func (x *Facets) List(limit int) *FacetList {
	list := &FacetList{Records: x.records, Cut: Cut{Complete: true}, Facets: []Facet{}, Skipped: x.skipped}
	if x.leveled {
		list.Facets = append(list.Facets, x.levelFacet())
	}
	all := slices.Collect(maps.Values(x.facets))
	slices.SortFunc(all, func(a, b *facet) int { return cmp.Or(cmp.Compare(b.present, a.present), cmp.Compare(a.name, b.name)) })
	left := maxValuesListed
	for _, f := range append(x.parts[:], all...) {
		if f != nil && (f.present > 0 || x.named) {
			facet := f.list(min(limit, left))
			left -= len(facet.Values)
			list.Facets = append(list.Facets, facet)
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
