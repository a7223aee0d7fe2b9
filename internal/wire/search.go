package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
)

// searchTime bounds the time that one request spends matching. The last record may take up to 3.5 s more (256 KiB, regular expressions
// of the maximum size), so no request takes more than 10 s of CPU time.
const searchTime = 5 * time.Second

// searchTurn is how long a search runs before others get their turn. It may overrun by the time for one record.
const searchTurn = 10 * time.Millisecond

// ErrSearchTime means that a search has used all of its time.
var ErrSearchTime = fmt.Errorf("the search was ended after %v", searchTime)

// Search matches records with the filter of one request. It ends when the client is gone or when it has spent searchTime. A nil Search
// selects every record. It is not safe for concurrent use.
type Search struct {
	history *history.History
	filter  *filter.Filter
	gone    <-chan struct{}
	spent   time.Duration
	err     error
}

// NewSearch returns a search of h with f, or nil if f is nil. It ends when gone is closed.
func NewSearch(h *history.History, f *filter.Filter, gone <-chan struct{}) *Search {
	if f == nil {
		return nil
	}
	return &Search{history: h, filter: f, gone: gone}
}

// Filter returns the filter, or nil if there is none.
func (s *Search) Filter() *filter.Filter {
	if s == nil {
		return nil
	}
	return s.filter
}

// Match reports whether the filter selects item. Once the search has ended, it reports false; see Err.
func (s *Search) Match(item *history.Item) bool {
	if s == nil {
		return true
	}
	if s.Err() != nil {
		return false
	}
	if s.filter == nil {
		return true
	}
	began := time.Now() // the wait for a turn counts, as in back
	s.history.BeginTurn()
	defer s.history.EndTurn()
	selected := s.filter.Match(item.Level, item.JSON)
	s.spent += time.Since(began)
	return selected
}

// back searches backwards. It calls found for each record that b reads and s selects, the newest first, until found returns false. With
// gaps, it calls found for the gaps that the filter shows, too. It calls pause between two turns, when writing is allowed. count is passed
// to [history.Backward.Next]. If the search ends early, back returns its error.
func (s *Search) back(b *history.Backward, gaps bool, count func(*history.Index) bool, found func(*history.Item) bool, pause func() error) error {
	for wanted, more := true, true; wanted && more; {
		if err := s.Err(); err != nil {
			return err
		}
		var item history.Item // outside the loop over records: found causes it to be allocated on the heap
		began := time.Now()   // the wait for a turn counts, so that even a thousand searches end in time
		more = b.Next(count, func(run *history.Run) (n int) {
			for turn := time.Now(); n < run.Len() && wanted; {
				n++
				item = run.Item(run.Len() - n)
				if item.Gap && gaps && s.ShowsGap(item.JSON) || !item.Gap && s.filter.Match(item.Level, item.JSON) {
					wanted = found(&item)
				}
				if time.Since(turn) > searchTurn {
					break
				}
			}
			return n
		})
		s.spent += time.Since(began)
		if err := pause(); err != nil {
			return err
		}
	}
	return nil
}

// read returns the next run of the cursor. It skips segments in which s selects nothing.
func (s *Search) read(c *history.Cursor) history.Run {
	if s == nil {
		return c.Read()
	}
	began := time.Now()
	run := c.SkipUnselected(s.filter).Read()
	s.spent += time.Since(began)
	return run
}

// ShowsGap reports whether an encoded gap is in the time range of the search. Nothing else hides a gap.
func (s *Search) ShowsGap(encoded []byte) bool {
	if s == nil {
		return true
	}
	var g gap.Gap
	if json.Unmarshal(encoded, &g) != nil { // the encoding is Elva's own
		return true
	}
	return s.filter.GapInRange(g.From, g.To)
}

// Err returns the reason why the search has ended, or nil if it has not.
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

var errTooManySearches = &Refusal{http.StatusServiceUnavailable, fmt.Sprintf("more than %d searches are waiting: try again later", history.MaxWaiting)}

// admit returns a refusal when too many searches wait for their turn.
func admit(h *history.History) error {
	if h.Busy() {
		return errTooManySearches
	}
	return nil
}
