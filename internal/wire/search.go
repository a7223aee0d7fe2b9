package wire

import (
	"errors"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
)

// searchTime is how long the matching of one request's filter may take. The record that it ends with can take another 4 s (256 KiB,
// the costliest filter, see filter.maxCost), and together no request takes 10 s of CPU.
const searchTime = 6 * time.Second

// ErrSearchTime says that a search has taken all its time.
var ErrSearchTime = errors.New("the search has taken 6 s of CPU")

// Search matches records with one request's filter, until the client is gone or it has taken searchTime. A nil Search selects every
// record. It is not safe for concurrent use.
type Search struct {
	filter *filter.Filter
	gone   <-chan struct{}
	spent  time.Duration
	err    error
}

// NewSearch returns a search with f, nil if f is. It ends when gone is closed.
func NewSearch(f *filter.Filter, gone <-chan struct{}) *Search {
	if f == nil {
		return nil
	}
	return &Search{filter: f, gone: gone}
}

// Filter returns the filter, nil if there is none.
func (s *Search) Filter() *filter.Filter {
	if s == nil {
		return nil
	}
	return s.filter
}

// Match reports whether the filter selects item. Once the search has ended it selects nothing: see Err.
func (s *Search) Match(item *history.Item) bool {
	if s == nil {
		return true
	}
	if s.Err() != nil {
		return false
	}
	began := time.Now()
	selected := s.filter.Match(item.Level, item.JSON)
	s.spent += time.Since(began)
	return selected
}

// Err returns why the search has ended, or nil.
func (s *Search) Err() error {
	if s == nil {
		return nil
	}
	if s.err != nil {
		return s.err
	}
	select {
	case <-s.gone:
		s.err = errGone
	default:
		if s.spent >= searchTime {
			s.err = ErrSearchTime
		}
	}
	return s.err
}
