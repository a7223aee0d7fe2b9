package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/resume"
)

// ServeRecords writes the records that s selects as NDJSON (github.com/ndjson/ndjson-spec), oldest first.
// Gaps are not records: they are left out unless the request has gaps. With download, browsers store the answer as a file. With
// download=text, the file has the text of [Printer].
//
// If records are missing that were in the history at the start, the last line is {"incomplete":{…}}, see [incomplete]. An answer
// to a request with limit, before, after or newest is a page, and ends with a line {"page":{…}}, see [page].
func ServeRecords(out *Response, r *http.Request, h *history.History, s *Search, request *Request, ids *resume.IDFormat) {
	paged := slices.ContainsFunc([]string{"limit", "before", "after", "newest"}, request.Query.Has)
	list := recordList{out: out, search: s, newest: h.Stats().Last, gaps: request.Query.Has("gaps")} // records that arrive later are left out
	err := admit(h)
	if err == nil && paged {
		err = list.setPage(h, request, ids)
	}
	if err != nil {
		out.Refuse(err)
		return
	}
	header := out.Header()
	mime, extension := "application/x-ndjson", "ndjson"
	if list.text = request.Query.Get("download") == "text"; list.text {
		mime, extension = "text/plain; charset=utf-8", "log"
	}
	header.Set("Content-Type", mime)
	if request.Query.Has("download") {
		header.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="elva-%s.%s"`, time.Now().UTC().Format("20060102-150405"), extension))
	}
	out.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	// The header goes out first, so that its delay does not reveal whether anything is found.
	if canFlush(out.w) && out.Flush() != nil {
		return
	}
	defer out.Finish()
	if paged {
		if list.search == nil {
			list.search = &Search{gone: r.Context().Done()}
		}
		list.writePage(h, request, ids)
		return
	}
	if err = list.write(h.Since(0)); err == nil || errors.Is(err, ErrSearchTime) { // otherwise the client is gone
		list.end(err)
	}
}

// recordList writes the records that a cursor reads.
type recordList struct {
	out      *Response
	search   *Search
	after    uint64 // the number before the first record to write
	newest   uint64 // the number of the last record to write
	limit    int    // how many records to write at most; 0 for all
	written  int
	text     bool
	gaps     bool   // writes gaps, too, as {"gap":{…}}
	lines    []byte // the selected records of a run
	searched uint64 // the number of the last record that was matched
	evicted  uint64 // how many records were dropped from memory before they were read
}

// incomplete is the last line of a list in which records are missing.
type incomplete struct {
	Reason string `json:"reason"`
	// SearchedTo is the number of the last record that was matched. Newest is the number of the newest record at the start.
	SearchedTo uint64 `json:"searchedTo"`
	Newest     uint64 `json:"newest"`
	// Evicted is how many records were dropped from memory while the client read earlier ones.
	Evicted uint64 `json:"evicted,omitempty"`
}

// write writes the selected records that the cursor reads, up to newest and up to the limit.
func (l *recordList) write(cursor *history.Cursor) error {
	for cursor.Pos() < l.newest && !l.full() {
		run := l.search.read(cursor)
		switch {
		case run.Lost > 0:
			l.evicted += run.Lost
			continue
		case run.Gap || run.Skipped:
			l.searched = min(cursor.Pos(), l.newest)
			if err := l.writeGap(&run); err != nil {
				return err
			}
			if err := l.search.Err(); err != nil {
				return err
			}
			continue
		case run.Len() == 0:
			return nil
		}
		stopped := l.match(&run)
		if _, err := l.out.Write(l.lines); err != nil {
			return err
		}
		if stopped != nil {
			return stopped
		}
	}
	return nil
}

// match puts the selected records of a run into lines. It returns an error if the search ends before the run does.
func (l *recordList) match(run *history.Run) error {
	l.lines = l.lines[:0]
	for i := range run.Len() {
		if err := l.search.Err(); err != nil {
			return err
		}
		item := run.Item(i)
		if item.Seq > l.newest || l.full() {
			return nil
		}
		if l.search.Match(&item) {
			l.add(&item)
		}
		l.searched = item.Seq
	}
	return nil
}

// full reports whether the limit is reached.
func (l *recordList) full() bool { return l.limit > 0 && l.written >= l.limit }

// writeGap writes a run that is a gap, if the request asks for gaps.
func (l *recordList) writeGap(run *history.Run) error {
	if !run.Gap || !l.gaps || run.Item(0).Seq > l.newest || !l.search.ShowsGap(run.Item(0).JSON) {
		return nil
	}
	item := run.Item(0)
	l.lines = l.lines[:0]
	l.add(&item)
	_, err := l.out.Write(l.lines)
	return err
}

// add adds a record or a gap to the lines. A gap does not count towards the limit.
func (l *recordList) add(item *history.Item) {
	if item.Gap {
		if !l.text {
			l.lines = append(append(append(l.lines, `{"gap":`...), item.JSON...), "}\n"...)
		}
		return
	}
	if l.text {
		l.lines = Printer{}.Record(l.lines, item.JSON)
	} else {
		l.lines = append(append(l.lines, item.JSON...), '\n')
	}
	l.written++
}

// end writes the line [incomplete] if records are missing. stopped is the reason why the search ended early, or nil.
func (l *recordList) end(stopped error) {
	note := incomplete{SearchedTo: l.searched, Newest: l.newest, Evicted: l.evicted}
	switch {
	case stopped != nil:
		note.Reason = stopped.Error()
	case l.evicted > 0:
		note.Reason = "records were dropped from memory before they were read"
	default:
		return
	}
	line, err := json.Marshal(map[string]incomplete{"incomplete": note})
	if err != nil { // strings and numbers: there is no such error
		panic(err)
	}
	_, _ = l.out.Write(append(line, '\n')) // an error means that the client is gone
}

// NewestRecords returns the encodings of the newest records, oldest first. There are at most n records with at most most bytes together,
// but at least one record.
func NewestRecords(h *history.History, n, most int) [][]byte {
	var list [][]byte
	for cursor := h.Tail(n); ; {
		run := cursor.Read()
		switch {
		case run.Lost > 0 || run.Gap:
		case run.Len() == 0:
			first := len(list)
			for first > 0 && (first == len(list) || most >= len(list[first-1])) {
				first--
				most -= len(list[first])
			}
			return list[first:]
		default:
			for i := range run.Len() {
				list = append(list, bytes.Clone(run.Item(i).JSON))
			}
		}
	}
}

// TailCursor returns a cursor that begins with the newest n records among those that s selects.
func TailCursor(h *history.History, n int, s *Search) *history.Cursor {
	if s == nil || n == 0 {
		return h.Tail(n)
	}
	b := h.Backward(s.filter, 0, math.MaxUint64)
	err := s.back(b, false, nil, func(*history.Item) bool { n--; return n > 0 }, func() error { return nil })
	if err == nil && n > 0 {
		return h.Since(0) // including the gaps before the first record
	}
	return h.Since(b.Pos() - 1)
}

// ServePayload writes one record's payload as it was published, as text/plain whatever its bytes are. It answers 404 if the record is
// not in the history.
func ServePayload(out *Response, h *history.History, seq uint64) {
	payload, ok := h.Payload(seq)
	if !ok {
		out.Refuse(&Refusal{http.StatusNotFound, "this record is not in the history"})
		return
	}
	header := out.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	// A browser that opens the payload as a document must not run anything in it.
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if _, err := out.Write(payload); err == nil {
		out.Finish()
	}
}
