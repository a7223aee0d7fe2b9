package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/SupermanScott/Elva/internal/history"
)

// ServeRecords writes the records that s selects as NDJSON (github.com/ndjson/ndjson-spec), oldest first.
// Gaps are not records and are left out. With download, browsers store it as a file.
//
// If records are missing that were in the history at the start, the last line says so: {"incomplete":{…}}, see [incomplete].
func ServeRecords(out *Response, r *http.Request, h *history.History, s *Search, download bool) {
	header := out.Header()
	header.Set("Content-Type", "application/x-ndjson")
	if download {
		header.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="elva-%s.ndjson"`, time.Now().UTC().Format("20060102-150405")))
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
	list := recordList{out: out, search: s, newest: h.Stats().Last} // not what arrives later
	err := list.write(h.Since(0))
	if err == nil || errors.Is(err, ErrSearchTime) { // otherwise the client is gone
		list.end(err)
	}
}

// recordList writes the records that a cursor reads.
type recordList struct {
	out      *Response
	search   *Search
	newest   uint64 // the number of the last record to write
	lines    []byte // the selected records of a run
	searched uint64 // the number of the last record that was matched
	evicted  uint64 // how many records left the history before they were read
}

// incomplete is the last line of a list that lacks records.
type incomplete struct {
	Reason string `json:"reason"`
	// SearchedTo is the number of the last record that was matched, Newest that of the newest record when the list began.
	SearchedTo uint64 `json:"searchedTo"`
	Newest     uint64 `json:"newest"`
	// Evicted is how many records left the history before the client had read the ones before them.
	Evicted uint64 `json:"evicted,omitempty"`
}

func (l *recordList) write(cursor *history.Cursor) error {
	for cursor.Pos() < l.newest {
		run := cursor.Read()
		switch {
		case run.Lost > 0:
			l.evicted += run.Lost
			continue
		case run.Gap:
			continue
		case run.Len() == 0:
			return nil
		}
		l.lines = l.lines[:0]
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
		if l.search.Match(&item) {
			l.lines = append(append(l.lines, item.JSON...), '\n')
		}
		l.searched = item.Seq
	}
	return nil
}

// end writes the line that says what is missing, if anything is. stopped is why the search ended early, or nil.
func (l *recordList) end(stopped error) {
	note := incomplete{SearchedTo: l.searched, Newest: l.newest, Evicted: l.evicted}
	switch {
	case stopped != nil:
		note.Reason = stopped.Error()
	case l.evicted > 0:
		note.Reason = "records left the history before they were read"
	default:
		return
	}
	line, err := json.Marshal(map[string]incomplete{"incomplete": note})
	if err != nil { // strings and numbers: there is no such error
		panic(err)
	}
	_, _ = l.out.Write(append(line, '\n')) // an error means that the client is gone
}

// NewestRecords returns the encodings of the newest records, oldest first: at most n, with at most so many bytes together, but at
// least one.
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

// TailCursor returns a cursor that begins n records before the newest, of those that s selects.
func TailCursor(h *history.History, n int, s *Search) *history.Cursor {
	if s == nil || n == 0 {
		return h.Tail(n)
	}
	for back := n; ; back *= 8 { // usually the newest few are enough
		held := h.Stats().Records
		cursor := h.Tail(back)
		if back >= held {
			cursor = h.Since(0) // what is retained, too
		}
		if seq, enough := lastMatches(cursor, n, s); enough || back >= held || s.Err() != nil {
			return h.Since(seq)
		}
	}
}

// lastMatches returns the number before the last n matches that cursor still has to read, or where it began if there are fewer.
func lastMatches(cursor *history.Cursor, n int, s *Search) (seq uint64, enough bool) {
	began := cursor.Pos()
	var matches []uint64
	for {
		run := cursor.Read()
		if run.Lost == 0 && run.Len() == 0 || s.Err() != nil {
			break
		}
		for i := range run.Len() {
			if item := run.Item(i); !run.Gap && s.Match(&item) {
				matches = append(matches, item.Seq)
			}
		}
		matches = matches[max(0, len(matches)-n):]
	}
	if len(matches) < n {
		return began, false
	}
	return matches[0] - 1, true
}

// ServePayload writes one record's payload as it was published (RFC 2046 text, whatever its bytes are), or
// 404 when the history does not hold it.
func ServePayload(out *Response, h *history.History, seq uint64) {
	payload, ok := h.Payload(seq)
	if !ok {
		out.Refuse(&Refusal{http.StatusNotFound, "this record is not in the history"})
		return
	}
	header := out.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	// A browser that opens it as a document of its own must not run anything in it.
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if _, err := out.Write(payload); err == nil {
		out.Finish()
	}
}
