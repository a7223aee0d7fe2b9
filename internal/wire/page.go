package wire

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/resume"
)

// page is the last line of a page of records.
type page struct {
	// More says that there may be more records in the direction of the page: newer ones with after, else older ones.
	More bool `json:"more"`
	// First and Last are the ends of what was searched: before=First asks for the next older page, and after=Last for the next newer one.
	First string `json:"first"`
	Last  string `json:"last"`
	// Oldest and Newest are the ends of the history.
	Oldest string `json:"oldest"`
	Newest string `json:"newest"`
	// Reason says why the search ended early. It is absent if the search did not.
	Reason string `json:"reason,omitempty"`
}

// eventID matches the IDs of all instances.
var eventID = regexp.MustCompile(`^[^-]+-\d{1,20}(@|$)`)

// setPage sets the range of numbers that a page may have.
func (l *recordList) setPage(h *history.History, request *Request, ids *resume.IDFormat) error {
	l.limit = request.Limit
	for _, name := range []string{"before", "after"} {
		id := request.Query.Get(name)
		if id == "" {
			continue
		}
		seq, own, _ := ids.Parse(id)
		switch {
		case !own && !eventID.MatchString(id):
			return refuse("%s=%.42q is not an event ID", name, id)
		case !own:
			return &Refusal{http.StatusGone, name + ": this ID is of another Elva, or of this one before it was restarted"}
		case name == "before":
			l.newest = min(l.newest, max(seq, 1)-1)
		default:
			l.after = min(seq, l.newest)
		}
	}
	return nil
}

// writePage writes a page and its last line.
func (l *recordList) writePage(h *history.History, request *Request, ids *resume.IDFormat) {
	var err error
	first, last := l.after+1, l.newest
	backwards := request.Query.Has("newest") || l.limit > 0 && request.Query.Get("after") == ""
	if backwards {
		h.WaitForOlder(func() bool { return l.newest >= h.Stats().First }, l.search.gone)
	}
	switch {
	case request.Query.Has("newest"):
		first, err = l.back(h, func(item *history.Item) { l.add(item) }, l.writeLines)
	case backwards:
		var numbers []uint64
		first, err = l.back(h, func(item *history.Item) {
			numbers = append(numbers, item.Seq)
			if !item.Gap {
				l.written++
			}
		}, func() error { return nil })
		slices.Reverse(numbers)
		if writeErr := l.writeNumbers(h, numbers); writeErr != nil {
			err = writeErr
		}
	default:
		err = l.write(h.Since(l.after))
		if last = l.newest; l.full() || err != nil {
			last = max(l.searched, l.after)
		}
	}
	if err != nil && !errors.Is(err, ErrSearchTime) {
		return // the client is gone
	}
	l.endPage(h, first, last, backwards && l.after == 0 && h.Older() != nil, err, ids)
}

// endPage writes the last line of a page. older says that older records will be added.
func (l *recordList) endPage(h *history.History, first, last uint64, older bool, err error, ids *resume.IDFormat) {
	held := h.Stats()
	id := func(seq uint64) string { return ids.Epoch + "-" + strconv.FormatUint(seq, 10) }
	p := page{First: id(first), Last: id(last), Oldest: id(held.First), Newest: id(held.Last)}
	p.More = older || first > max(held.First, l.after+1) || last < l.newest
	if err != nil {
		p.Reason = err.Error()
	}
	line, err := json.Marshal(map[string]page{"page": p})
	if err != nil { // strings: there is no such error
		panic(err)
	}
	_, _ = l.out.Write(append(line, '\n')) // an error means that the client is gone
}

// back searches backwards from the newest record until the limit is reached. It returns the lowest number that it searched.
func (l *recordList) back(h *history.History, found func(*history.Item), pause func() error) (first uint64, err error) {
	b := h.Backward(l.search.filter, l.after, l.newest+1)
	if l.gaps {
		b.WithGaps()
	}
	err = l.search.back(b, l.gaps, nil, func(item *history.Item) bool {
		found(item)
		return !l.full()
	}, pause)
	return b.Pos(), err
}

// writeLines writes the lines and flushes them.
func (l *recordList) writeLines() error {
	if len(l.lines) == 0 {
		return nil
	}
	_, err := l.out.Write(l.lines)
	if l.lines = l.lines[:0]; err == nil && canFlush(l.out.w) {
		err = l.out.Flush()
	}
	return err
}

// writeNumbers writes the records with those numbers that are still in the history.
func (l *recordList) writeNumbers(h *history.History, numbers []uint64) error {
	for len(numbers) > 0 {
		run := h.Since(numbers[0] - 1).Read()
		next := numbers[0] + 1
		for i := range run.Len() {
			item := run.Item(i)
			if _, found := slices.BinarySearch(numbers, item.Seq); found {
				l.add(&item)
			}
			next = max(next, item.Seq+1)
		}
		done, _ := slices.BinarySearch(numbers, next)
		numbers = numbers[done:]
		_, err := l.out.Write(l.lines)
		if l.lines = l.lines[:0]; err != nil {
			return err
		}
	}
	return nil
}
