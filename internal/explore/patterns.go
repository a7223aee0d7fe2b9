package explore

import (
	"cmp"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// maxPatterns bounds the patterns that are counted one by one. Each takes half a kilobyte, two at most. A web shop has hundreds.
	maxPatterns = 10_000
	// maxBeyond bounds the further patterns of which only the number is counted.
	maxBeyond = 100_000
	// trendBuckets is the number of counts in a trend: as many bars as a small chart shows.
	trendBuckets = 30
)

// Patterns counts records by the pattern of their messages.
type Patterns struct {
	from, to time.Time
	reader   *filter.Reader
	looks    group.Patterns
	workers  names
	known    map[uint32]*pattern
	beyond   map[uint32]struct{}
	records  int
	others   int // records of patterns that are not in known
}

type pattern struct {
	id          uint32
	look        look
	count       int
	levels      Levels
	workers     tally
	first, last time.Time
	trend       [trendBuckets]int
}

// NewPatterns returns the patterns of the records that f selects, with trends over the range from from to to.
func NewPatterns(f *filter.Filter, from, to time.Time) *Patterns {
	return &Patterns{from: from, to: to, reader: filter.NewReader(f, filter.Worker), known: make(map[uint32]*pattern), beyond: make(map[uint32]struct{})}
}

// Add counts a selected record. It does not retain encoded.
func (p *Patterns) Add(level record.Level, encoded []byte) {
	id, ok := PatternOf(encoded)
	if !ok {
		return
	}
	p.records++
	x := p.known[id]
	if x == nil {
		if len(p.known) >= maxPatterns {
			p.others++
			if len(p.beyond) < maxBeyond {
				p.beyond[id] = struct{}{}
			}
			return
		}
		x = &pattern{id: id, look: lookOf(&p.looks, encoded), workers: make(tally, 1)}
		p.known[id] = x
	}
	x.count++
	x.levels[level]++
	p.reader.ReadHead(encoded)
	if id, ok := p.workers.id(p.reader.Text(filter.Worker)); ok {
		p.workers.count(x.workers, id)
	}
	at, ok := p.reader.Time()
	if !ok { // the filter has no range, since no range selects such a record
		at = p.to
	}
	if x.count == 1 || at.Before(x.first) {
		x.first = at
	}
	if x.count == 1 || at.After(x.last) {
		x.last = at
	}
	x.trend[bucket(at, p.from, p.to, trendBuckets)]++
}

// PatternList is the answer to ?patterns.
type PatternList struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Records int       `json:"records"`
	Cut
	Patterns []PatternCount `json:"patterns"`
	Others   OtherPatterns  `json:"others"`
}

// PatternCount is one pattern. Parts are its constant parts, with null where messages vary.
type PatternCount struct {
	Pattern     string            `json:"pattern"`
	Text        string            `json:"text"`
	Parts       []*string         `json:"parts"`
	Example     string            `json:"example"`
	Count       int               `json:"count"`
	Levels      map[string]int    `json:"levels"`
	Worst       string            `json:"worst"`
	Workers     []string          `json:"workers"`
	WorkerCount int               `json:"workerCount"`
	First       time.Time         `json:"first"`
	Last        time.Time         `json:"last"`
	Trend       [trendBuckets]int `json:"trend"`
}

// OtherPatterns are the numbers of patterns that are not listed and of their records.
type OtherPatterns struct {
	Patterns int `json:"patterns"`
	Records  int `json:"records"`
}

// List returns the most frequent patterns, limit at most.
func (p *Patterns) List(limit int) *PatternList {
	all := make([]*pattern, 0, len(p.known))
	for _, x := range p.known {
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b *pattern) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.id, b.id)) })
	list := &PatternList{From: p.from, To: p.to, Records: p.records, Cut: Cut{Complete: true}, Patterns: []PatternCount{}}
	list.Others = OtherPatterns{Patterns: len(p.beyond) + max(len(all)-limit, 0), Records: p.others}
	for i, x := range all {
		if i >= limit {
			list.Others.Records += x.count
			continue
		}
		list.Patterns = append(list.Patterns, PatternCount{
			Pattern: patternText(x.id), Text: x.look.text, Parts: x.look.parts, Example: x.look.example, Count: x.count, Levels: x.levels.counts(),
			Worst: LevelName(x.levels.worst()), Workers: p.workers.top(x.workers, maxListed), WorkerCount: len(x.workers),
			First: x.first.UTC(), Last: x.last.UTC(), Trend: x.trend,
		})
	}
	return list
}
