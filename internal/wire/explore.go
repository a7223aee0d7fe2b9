package wire

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/SupermanScott/Elva/internal/explore"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/printable"
	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// OperationsFrom is the default range of operations: what is older is no work that somebody waits for.
	OperationsFrom = "15m"
	// defaultPatterns and defaultValues are how many patterns, and values of a field, are listed unless a limit is given.
	defaultPatterns = 100
	defaultValues   = 10
)

// explorer counts records that a search has selected.
type explorer interface {
	Add(level record.Level, encoded []byte)
}

// ServeExplored answers ?patterns, ?facets and ?operations with one JSON document about the records that s selects.
func ServeExplored(out *Response, r *http.Request, h *history.History, s *Search, request *Request) {
	if s == nil {
		s = &Search{gone: r.Context().Done()}
	}
	if err := admit(h); err != nil {
		out.Refuse(err)
		return
	}
	out.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodHead {
		out.WriteHeader(http.StatusOK)
		return
	}
	var answer any
	switch request.Kind {
	case Facets:
		x := explore.NewFacets(s.filter, request.Query["field"])
		err := s.explore(h, x)
		list := x.List(limitOr(request.Limit, defaultValues))
		list.Complete, list.Reason = err == nil, reasonOf(err)
		answer = list
	case Operations:
		x := explore.NewOperations(s.filter, time.Now())
		err := s.explore(h, x)
		list := x.List()
		if err != nil {
			list.Complete, list.Reason = false, reasonOf(err)
		}
		answer = list
	default:
		from, to := s.rangeOf(h, time.Now())
		x := explore.NewPatterns(s.filter, from, to)
		err := s.explore(h, x)
		list := x.List(limitOr(request.Limit, defaultPatterns))
		list.Complete, list.Reason = err == nil, reasonOf(err)
		answer = list
	}
	if s.Err() == errGone {
		return
	}
	defer out.Finish()
	text, err := json.Marshal(answer)
	if err != nil { // strings, numbers and times between the years 0 and 9999: there is no such error
		panic(err)
	}
	out.WriteHeader(http.StatusOK)
	_, _ = out.Write(append(printable.JSON(text), '\n')) // an error means that the client is gone
}

// explore feeds x with what s selects, the newest first. It returns the search's error if that ends before.
func (s *Search) explore(h *history.History, x explorer) error {
	return s.back(h.Backward(s.filter, 0, h.Stats().Last+1), nil, func(item *history.Item) bool {
		x.Add(item.Level, item.JSON)
		return true
	}, func() error { return nil })
}

// rangeOf returns the range of the filter: without a beginning from the oldest arrival, without an end until now.
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

// clampTime returns the nearest time that JSON has a text for.
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

func reasonOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
