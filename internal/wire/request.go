package wire

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/SupermanScott/Elva/internal/filter"
)

// Kind is what a request asks for.
type Kind int

// The kinds. A request for none of the others asks for the page.
const (
	Page Kind = iota
	Asset
	Health
	Payload
	Records
	Tail
	Events
)

// tailLines is how many lines a tail begins with if the query does not say, as tail(1) does.
const tailLines = 10

// endpoint is a kind that a query asks for by name.
type endpoint struct {
	kind       Kind
	name       string
	alias      bool     // a path with that last element asks for it, too
	filtered   bool     // takes the parameters of a filter
	parameters []string // and these
}

// endpoints are in the order of their precedence. The table is read only, as a constant would be.
var endpoints = [...]endpoint{
	{Health, "health", true, false, nil},
	{Payload, "raw", false, false, nil},
	{Records, "records", true, true, []string{"download"}},
	{Tail, "tail", true, true, []string{"color"}},
	{Events, "events", true, true, []string{"after"}},
}

// Request is a request that was accepted.
type Request struct {
	Kind  Kind
	Query url.Values
	Lines int // how many a tail begins with
}

// Refusal is the answer to a request that was not accepted.
type Refusal struct {
	Status int
	Reason string
}

// Error returns the reason.
func (e *Refusal) Error() string { return e.Reason }

// Accept returns what r asks for, or a [*Refusal]. It stands before everything that holds log data, before a filter is parsed and
// before any I/O. It refuses
//
//   - a method other than GET and HEAD,
//   - what a page of another site causes (W3C Fetch Metadata): the time that an answer takes tells it what the logs hold. It may only
//     send a person here, who then sees the answer in a tab. Another origin of the same site counts as another site,
//   - a query that can't be read, and a parameter that the endpoint does not have: a filter that is ignored shows what was not asked
//     for. The page alone takes any query, for hosts add parameters of their own to it.
func Accept(r *http.Request) (Request, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return Request{}, &Refusal{http.StatusMethodNotAllowed, "method not allowed"}
	}
	if strings.HasPrefix(r.URL.RawQuery, "elva-") {
		return Request{Kind: Asset}, nil // holds no log data
	}
	if otherSite(r.Header) {
		return Request{}, &Refusal{http.StatusForbidden, "another site may not read logs: open this address in a tab"}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	request := Request{Kind: kind(r), Query: query}
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

// otherSite reports whether a page of another site makes the request, unless it sends a person here. Browsers that send no Fetch
// Metadata, and what is no browser, pass.
func otherSite(h http.Header) bool {
	switch h.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	opensTab := h.Get("Sec-Fetch-Mode") == "navigate" && h.Get("Sec-Fetch-Dest") == "document"
	return !opensTab || h.Get("Sec-Purpose") != "" // a prefetch or prerender shows nobody anything yet
}

// kind returns what r asks for: by its query, else by its path, else by what it accepts.
func kind(r *http.Request) Kind {
	// Also of a query that can't be read: its error must not become a page.
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

// check returns a refusal if the query has what the endpoint does not take.
func (r *Request) check() error {
	i := slices.IndexFunc(endpoints[:], func(e endpoint) bool { return e.kind == r.Kind })
	known := append([]string{endpoints[i].name}, endpoints[i].parameters...)
	if endpoints[i].filtered {
		known = append(known, filter.Parameters()...)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Query)) {
		if !slices.Contains(known, name) {
			return refuse("there is no parameter %.42q; known are %s", name, strings.Join(known, ", "))
		}
	}
	switch format := r.Query.Get("health"); format {
	case "", "document", "prometheus":
	default:
		return refuse("health=%.42q is neither document nor prometheus", format)
	}
	r.Lines = tailLines
	if text := r.Query.Get("tail"); text != "" {
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			return refuse("tail=%.42q is not a number of lines", text)
		}
		r.Lines = int(n)
	}
	return nil
}

// refuse returns a refusal of a query that can't be answered.
func refuse(format string, args ...any) *Refusal {
	return &Refusal{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}
