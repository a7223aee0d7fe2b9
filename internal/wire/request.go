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

// Kind is the kind of answer that a request asks for.
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

// endpoint is a kind with a name, which selects it as a parameter of the query.
type endpoint struct {
	kind       Kind
	name       string
	alias      bool     // a path that ends in the name selects it, too
	filtered   bool     // it accepts the parameters of a filter
	parameters []string // its other parameters
}

// endpoints are in order of precedence. It is read only.
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

// Request is an accepted request.
type Request struct {
	Kind  Kind
	Query url.Values
	Own   []string // the names of the endpoint's parameters, which the filter ignores
	Lines int      // the number of lines that a tail begins with
	Limit int      // the most records, patterns or values in a list; 0 for the default
	Last  int      // the most records that a stream begins with; 0 for all
	// Buckets is the number of buckets that a histogram should have. Step is their length in seconds, or 0 if it is not given.
	Buckets int
	Step    int64
	// Compared holds the two ranges of ?changes. Filter is the filter without them, see [ParseFilter].
	Compared Compared
	Filter   *filter.Filter
}

// Refusal says why a request is not accepted. It is an error.
type Refusal struct {
	Status int
	Reason string
}

// Error returns the reason.
func (e *Refusal) Error() string { return e.Reason }

// Accept checks a request and returns it parsed, or a [*Refusal]. A handler must call it before it parses a filter, does I/O or answers
// with log data. It refuses:
//
//   - Methods other than GET and HEAD.
//   - Requests from a page of another site (W3C Fetch Metadata), since the response time would reveal what the logs contain. The other
//     site may only open a tab, where a person sees the answer. Another origin of the same site counts as another site.
//   - Queries that can't be parsed, and unknown parameters: if a misspelled filter were ignored, the answer would contain records that
//     the client did not ask for. The page accepts any query, since hosts add their own parameters.
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

// otherSite reports whether a page of another site makes the request, unless it opens a tab. It reports false without Fetch Metadata,
// which curl and old browsers do not send.
func otherSite(h http.Header) bool {
	switch h.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	opensTab := h.Get("Sec-Fetch-Mode") == "navigate" && h.Get("Sec-Fetch-Dest") == "document"
	return !opensTab || h.Get("Sec-Purpose") != "" // nobody sees the result of a prefetch or a prerender
}

// kind returns the kind that the query names, else the one that the path names, else the one that the Accept header implies. It also
// finds the name in a malformed query, so that the answer is an error and not the page.
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

// check returns a refusal if the endpoint does not accept a parameter or its value. It sets the numbers of the request.
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
		if len(r.Query[name]) > 1 && r.takesOne(name) { // all but one would be ignored
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

// takesOne reports whether a parameter has one value.
func (r *Request) takesOne(name string) bool {
	switch name {
	case "field":
		return false
	case "case", "from", "to":
		return true
	}
	return slices.Contains(r.Own, name)
}

const (
	// maxLimit bounds a page of records: all their numbers are in memory before the first record is written.
	maxLimit = 10_000
	// maxCounted bounds a list of patterns, or of the values of a field: nobody reads more.
	maxCounted = 1000
	// maxBuckets bounds a histogram: no screen shows more.
	maxBuckets     = 1000
	defaultBuckets = 60
)

// numbers parses the numeric parameters.
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
