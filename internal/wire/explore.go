package wire

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/SupermanScott/Elva/internal/explore"
	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/printable"
	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// operationsFrom is the default range of operations: older work has ended or was abandoned.
	operationsFrom = "15m"
	// defaultPatterns and defaultValues are the default limits for patterns and for the values of a field.
	defaultPatterns = 100
	defaultValues   = 10
)

const (
	// changesFrom is the length of the default range of changes: somebody who opens the page wants to know what happened just now.
	changesFrom = 10 * time.Minute
	// maxBase bounds the default base of changes: rates differ too much between the hours of a day.
	maxBase = time.Hour
)

// Compared are the two ranges of ?changes.
type Compared struct{ From, To, BaseFrom, BaseTo time.Time }

// ParseFilter returns the filter of a request, or nil if the request has none. For ?changes it also sets the two ranges, and
// the filter selects the records of both. oldest is the arrival of the oldest record.
func ParseFilter(rawQuery string, request *Request, now, oldest time.Time) (*filter.Filter, error) {
	switch {
	case request.Kind == Changes:
		return request.parseChanges(rawQuery, now, oldest)
	case request.Kind == Operations && request.Query.Get("from") == "":
		rawQuery += "&from=" + operationsFrom
	case !slices.ContainsFunc(filter.Parameters(), request.Query.Has):
		return nil, nil
	}
	return filter.Parse(rawQuery, now, request.Own...)
}

// parseChanges sets the two ranges. It returns a filter that selects the records from the start of the earlier range to the end of the
// later one.
func (r *Request) parseChanges(rawQuery string, now, oldest time.Time) (*filter.Filter, error) {
	c := &r.Compared
	var err error
	if c.From, c.To, err = rangeOf(r.Query.Get("from"), r.Query.Get("to"), now); err != nil {
		return nil, err
	}
	if c.To.IsZero() || c.To.After(now) {
		c.To = now
	}
	if c.From.IsZero() {
		c.From = c.To.Add(-changesFrom)
		if !oldest.IsZero() && oldest.Before(c.To) { // a third of the history, so that the rest can be the base
			c.From = later(c.From, c.To.Add(-c.To.Sub(oldest)/3))
		}
	}
	if c.BaseFrom, c.BaseTo, err = rangeOf(r.Query.Get("base-from"), r.Query.Get("base-to"), now); err != nil {
		return nil, err
	}
	if c.BaseTo.IsZero() {
		c.BaseTo = c.From
	}
	if c.BaseFrom.IsZero() {
		c.BaseFrom = c.BaseTo.Add(-maxBase)
	}
	if !oldest.IsZero() { // a time before the oldest record must not count as quiet
		c.BaseFrom = later(c.BaseFrom, oldest)
		c.From = later(c.From, oldest)
	}
	c.BaseFrom, c.From = earlier(c.BaseFrom, c.BaseTo), earlier(c.From, c.To)
	own := append(slices.Clone(r.Own), "from", "to")
	both := url.Values{"from": {earlier(c.From, c.BaseFrom).Format(time.RFC3339Nano)}, "to": {later(c.To, c.BaseTo).Format(time.RFC3339Nano)}}
	if r.Filter, err = filter.Parse(rawQuery, now, own...); err != nil {
		return nil, err
	}
	return filter.Parse(strings.Trim(r.Filter.String()+"&"+both.Encode(), "&"), now)
}

// rangeOf parses the two parameters of a range.
func rangeOf(from, to string, now time.Time) (start, end time.Time, err error) {
	f, err := filter.Parse(url.Values{"from": {from}, "to": {to}}.Encode(), now)
	if err != nil {
		return start, end, err
	}
	start, end = f.Range()
	return clampTime(start), clampTime(end), nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// explorer counts records that a search has selected.
type explorer interface {
	Add(level record.Level, encoded []byte)
}

const (
	// maxCounting bounds the requests that count at the same time, each of which may take 64 MB.
	maxCounting = 4
	// maxExploring bounds all requests: the answers for clients that read slowly are in memory, too.
	maxExploring = history.MaxWaiting
)

// Explorer answers ?patterns, ?facets, ?operations and ?changes. It bounds the memory of all requests together.
type Explorer struct {
	counting chan struct{}
	all      atomic.Int32
	norms    Norms
}

// NewExplorer returns an Explorer.
func NewExplorer() *Explorer { return &Explorer{counting: make(chan struct{}, maxCounting)} }

// Serve answers with one JSON document about the records that s selects.
func (e *Explorer) Serve(out *Response, r *http.Request, h *history.History, s *Search, request *Request) {
	if s == nil {
		s = &Search{gone: r.Context().Done()}
	}
	defer e.all.Add(-1)
	err := admit(h)
	if e.all.Add(1) > maxExploring {
		err = errTooManySearches
	}
	if err != nil {
		out.Refuse(err)
		return
	}
	out.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodHead {
		out.WriteHeader(http.StatusOK)
		return
	}
	text, err := e.count(h, s, request)
	switch {
	case s.Err() == errGone:
		return
	case err != nil:
		out.Refuse(err)
		return
	}
	defer out.Finish()
	out.WriteHeader(http.StatusOK)
	_, _ = out.Write(text) // an error means that the client is gone
}

// count waits until it may count, as long as a search may take, and returns the document that a request asks for.
func (e *Explorer) count(h *history.History, s *Search, request *Request) ([]byte, error) {
	timeout := time.NewTimer(searchTime)
	defer timeout.Stop()
	select {
	case e.counting <- struct{}{}:
		defer func() { <-e.counting }()
	case <-timeout.C:
		return nil, errTooManySearches
	case <-s.gone:
		return nil, errGone
	}
	text, err := json.Marshal(s.answer(h, request, &e.norms))
	if err != nil { // strings, numbers and times between the years 0 and 9999: there is no such error
		panic(err)
	}
	return append(printable.JSON(text), '\n'), nil
}

// answer returns the document that a request asks for.
func (s *Search) answer(h *history.History, request *Request, norms *Norms) any {
	switch request.Kind {
	case Facets:
		x := explore.NewFacets(s.filter, request.Query["field"])
		cut := s.explore(h, s.filter, x)
		list := x.List(limitOr(request.Limit, defaultValues))
		list.Cut = list.Cut.Or(cut)
		return list
	case Operations:
		x := explore.NewOperations(s.filter, time.Now(), norms.latest(h, s.gone))
		cut := s.explore(h, s.filter, x)
		list := x.List()
		list.Cut = list.Cut.Or(cut)
		return list
	case Changes:
		c := &request.Compared
		both := s.filter
		s.filter = request.Filter // without the range of both, since x separates the two ranges itself
		x := explore.NewChanges(s.filter, c.From, c.To, c.BaseFrom, c.BaseTo)
		cut := s.explore(h, both, x)
		list := x.List()
		list.Cut = list.Cut.Or(cut)
		for i := range list.Changes {
			list.Changes[i].Filter = request.pageFilter(list.Changes[i].Term)
		}
		return list
	default:
		from, to := s.rangeOf(h, time.Now())
		x := explore.NewPatterns(s.filter, from, to)
		cut := s.explore(h, s.filter, x)
		list := x.List(limitOr(request.Limit, defaultPatterns))
		list.Cut = list.Cut.Or(cut)
		return list
	}
}

const (
	// What was learned of operations is used normsPatience times as long as it took to learn it: a hundredth of a processor's time, and only
	// while somebody looks at operations. After a start there is little to learn from, so it is learned again soon.
	normsPatience = 100
	// leastNormsAge bounds that from below: a page asks every 3 s.
	leastNormsAge = time.Second
)

// Norms keeps what is normal for operations, learned from all of the history. The zero value has learned nothing.
type Norms struct {
	learned  atomic.Pointer[explore.Norms]
	learning sync.Mutex
	due      time.Time // when to learn again; guarded by learning
}

// latest returns what is normal, or nil if another request is learning it for the first time.
func (n *Norms) latest(h *history.History, gone <-chan struct{}) *explore.Norms {
	if n.learning.TryLock() {
		defer n.learning.Unlock()
		if began := time.Now(); !began.Before(n.due) {
			s := Search{gone: gone}
			x := explore.NewOperations(nil, time.Now(), nil)
			err := s.back(h.Backward(nil, 0, h.Stats().Last+1), false, nil, func(item *history.Item) bool {
				x.Add(item.Level, item.JSON)
				return !x.IsFull()
			}, func() error { return nil })
			if err != errGone { // if its time was up, what it has read is enough
				n.learned.Store(x.Norms())
				n.due = time.Now().Add(max(normsPatience*time.Since(began), leastNormsAge))
			}
		}
	}
	return n.learned.Load()
}

// pageFilter returns the page's URL query for the records that a term selects in the range of ?changes.
func (r *Request) pageFilter(term string) string {
	c := &r.Compared
	both := url.Values{"from": {c.From.UTC().Format(time.RFC3339Nano)}, "to": {c.To.UTC().Format(time.RFC3339Nano)}}
	if term != "" {
		both.Set("q", term)
	}
	f, err := filter.Parse(strings.Trim(r.Filter.String()+"&"+both.Encode(), "&"), c.To)
	if err != nil { // the whole is too long, so the link has the range alone
		both.Del("q")
		return both.Encode()
	}
	return f.String()
}

// explore passes the records that s selects to x, the newest first. It skips segments in which f selects nothing. The result says whether
// it has read everything.
func (s *Search) explore(h *history.History, f *filter.Filter, x explorer) explore.Cut {
	b := h.Backward(f, 0, h.Stats().Last+1)
	err := s.back(b, false, nil, func(item *history.Item) bool {
		x.Add(item.Level, item.JSON)
		return true
	}, func() error { return nil })
	if err == nil {
		return explore.Cut{Complete: true}
	}
	cut := explore.Cut{Reason: err.Error()}
	if latest, ok := b.Latest(); ok {
		cut.Reached = &latest
	}
	return cut
}

// rangeOf returns the range of the filter. Without a start it begins at the oldest arrival, and without an end it ends now.
func (s *Search) rangeOf(h *history.History, now time.Time) (from, to time.Time) {
	if from, to = s.filter.Range(); to.IsZero() {
		to = now
	}
	if from.IsZero() {
		if from = h.Stats().Oldest; from.IsZero() || from.After(to) {
			from = to
		}
	}
	return clampTime(from), clampTime(to)
}

// clampTime returns the nearest time that JSON can represent.
func clampTime(t time.Time) time.Time {
	if seconds := t.Unix(); seconds < minTime || seconds > maxTime {
		return time.Unix(min(max(seconds, minTime), maxTime), 0).UTC()
	}
	return t.UTC()
}

func limitOr(limit, fallback int) int {
	if limit == 0 {
		return fallback
	}
	return limit
}
