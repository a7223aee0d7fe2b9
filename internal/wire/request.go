package wire

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
)

// Kind is what a request asks for.
type Kind int

// The kinds of requests. Page is the default.
const (
	Page Kind = iota
	Asset
	Health
	Payload
	Records
	Histogram
	Patterns
	Facets
	Operations
	Changes
	Tail
	Events
)

// tailLines is the default number of lines that a tail begins with, as in tail(1).
const tailLines = 10

// endpoint is a kind that a query asks for by name.
type endpoint struct {
	kind       Kind
	name       string
	alias      bool     // a path that ends in the name asks for it too
	filtered   bool     // it takes the parameters of a filter
	parameters []string // its other parameters
}

// endpoints is in order of precedence. It is never changed.
var endpoints = [...]endpoint{
	{Health, "health", true, false, nil},
	{Payload, "raw", false, false, nil},
	{Records, "records", true, true, []string{"download", "limit", "before", "after", "newest", "gaps"}},
	{Histogram, "histogram", false, true, []string{"buckets", "step"}},
	{Patterns, "patterns", false, true, []string{"limit"}},
	{Facets, "facets", false, true, []string{"field", "limit"}},
	{Operations, "operations", false, true, nil},
	{Changes, "changes", false, true, []string{"base-from", "base-to"}},
	{Tail, "tail", true, true, []string{"color"}},
	{Events, "events", true, true, []string{"after", "last"}},
}

// Request is a request that was accepted.
type Request struct {
	Kind  Kind
	Query url.Values
	Own   []string // the names in Query that are not a filter's
	Lines int      // how many a tail begins with
	Limit int      // how many records, patterns or values a list has at most; 0 for the default
	Last  int      // with how many records a stream begins at most; 0 for all
	// Buckets is how many buckets a histogram should have, and Step how long they are, in seconds; 0 if it is not given.
	Buckets int
	Step    int64
	// Compared are the ranges of changes, and Filter is the filter without them; see ParseFilter.
	Compared Compared
	Filter   *filter.Filter
}

// Refusal is why a request was not accepted.
type Refusal struct {
	Status int
	Reason string
}

// Error returns the reason.
func (e *Refusal) Error() string { return e.Reason }

// Accept returns what r asks for, or a [*Refusal]. Every answer with log data comes after it, and so do the parsing of a filter and
// any I/O. It refuses:
//
//   - Methods other than GET and HEAD.
//   - Requests that a page of another site makes (W3C Fetch Metadata), since the time that an answer takes would tell it what the logs
//     contain. The other site may only open a tab, where a person sees the answer. Another origin of the same site is another site.
//   - Queries that can't be read and parameters that the endpoint does not have: if a filter were ignored, the answer would have records
//     that were not asked for. The page takes any query, since hosts add parameters of their own.
func Accept(r *http.Request) (Request, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return Request{}, &Refusal{http.StatusMethodNotAllowed, "method not allowed"}
	}
	if strings.HasPrefix(r.URL.RawQuery, "elva-") {
		return Request{Kind: Asset}, nil // no log data
	}
	if otherSite(r.Header) {
		return Request{}, &Refusal{http.StatusForbidden, "a page of another site may not read logs: open this address in a tab"}
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	request := Request{Kind: kind(r), Query: values}
	switch {
	case request.Kind == Page:
		return request, nil
	case err != nil:
		return Request{}, refuse("the query can't be read: %v", err)
	}
	if err := request.check(); err != nil {
		return Request{}, err
	}
	return request, nil
}

// otherSite reports whether a page of another site makes the request for anything but a tab. Without Fetch Metadata, as from curl and
// from old browsers, it reports false.
func otherSite(h http.Header) bool {
	switch h.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	opensTab := h.Get("Sec-Fetch-Mode") == "navigate" && h.Get("Sec-Fetch-Dest") == "document"
	return !opensTab || h.Get("Sec-Purpose") != "" // a prefetch or a prerender shows nobody anything
}

// kind returns what r asks for: by its query, else by its path, else by what it accepts. It also splits a query that can't be read, so
// that the answer is an error and not the page.
func kind(r *http.Request) Kind {
	names := strings.FieldsFunc(r.URL.RawQuery, func(c rune) bool { return c == '&' || c == ';' })
	for i, name := range names {
		name, _, _ = strings.Cut(name, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		names[i] = name
	}
	for _, e := range endpoints {
		if slices.Contains(names, e.name) {
			return e.kind
		}
	}
	for _, e := range endpoints {
		if e.alias && strings.HasSuffix(r.URL.Path, "/"+e.name) {
			return e.kind
		}
	}
	if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		return Events
	}
	return Page
}

// check returns a refusal if the query has parameters or values that the endpoint does not take, and sets the numbers.
func (r *Request) check() error {
	i := slices.IndexFunc(endpoints[:], func(e endpoint) bool { return e.kind == r.Kind })
	r.Own = append([]string{endpoints[i].name}, endpoints[i].parameters...)
	known := slices.Clone(r.Own)
	if endpoints[i].filtered {
		known = append(known, filter.Parameters()...)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Query)) {
		if !slices.Contains(known, name) {
			return refuse("there is no parameter %.42q; known are %s", name, strings.Join(known, ", "))
		}
		if len(r.Query[name]) > 1 && slices.Contains(r.Own, name) && name != "field" { // all but one would be ignored
			return refuse("%s is given twice", name)
		}
	}
	switch format := r.Query.Get("health"); format {
	case "", "document", "status", "prometheus":
	default:
		return refuse("health=%.42q is not document, status or prometheus", format)
	}
	return r.numbers()
}

const (
	// maxLimit bounds a page of records: their numbers are in memory before the first is written.
	maxLimit = 10_000
	// maxCounted bounds a list of patterns, or of the values of a field.
	maxCounted = 1000
	// maxBuckets bounds a histogram: no screen shows more.
	maxBuckets     = 1000
	defaultBuckets = 60
)

// numbers reads the parameters that are numbers.
func (r *Request) numbers() (err error) {
	number := func(name string, least, most, fallback int) int {
		text := r.Query.Get(name)
		if text == "" {
			return fallback
		}
		n, bad := strconv.ParseUint(text, 10, 31)
		if bad != nil || int(n) < least || int(n) > most {
			err = refuse("%s=%.42q is not a number from %d to %d", name, text, least, most)
		}
		return int(n)
	}
	r.Lines = number("tail", 0, math.MaxInt32, tailLines)
	most := maxLimit
	if r.Kind == Patterns || r.Kind == Facets {
		most = maxCounted
	}
	r.Limit = number("limit", 1, most, 0)
	r.Last = number("last", 1, math.MaxInt32, 0)
	r.Buckets = number("buckets", 1, maxBuckets, defaultBuckets)
	if err != nil {
		return err
	}
	text := r.Query.Get("step")
	if text == "" {
		return nil
	}
	step, ok := filter.ParseDuration(text)
	if !ok || step <= 0 || r.Query.Has("buckets") {
		return refuse("step=%.42q is not a duration such as 10s or 1h, or there are buckets beside it", text)
	}
	r.Step = int64((step + history.SlotSeconds*time.Second - 1) / (history.SlotSeconds * time.Second) * history.SlotSeconds)
	return nil
}

// refuse returns the refusal of a bad query.
func refuse(format string, args ...any) *Refusal {
	return &Refusal{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}
