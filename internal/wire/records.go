package wire

import (
	"fmt"
	"net/http"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
)

// ServeRecords writes the records that f selects as NDJSON (github.com/ndjson/ndjson-spec), oldest first.
// Gaps are not records and are left out. With download, browsers store it as a file.
func ServeRecords(w http.ResponseWriter, r *http.Request, h *history.History, f *filter.Filter, download bool) {
	header := w.Header()
	header.Set("Content-Type", "application/x-ndjson")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	if download {
		header.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="elva-%s.ndjson"`, time.Now().UTC().Format("20060102-150405")))
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	var write = w.Write
	if out, err := NewResponse(w); err == nil { // a deadline of its own: the host's is for small answers
		write = out.Write
		defer func() { _ = out.Flush() }() // the viewer is gone, or it will see the end
	}
	end := h.Stats().Last // what arrives meanwhile is not waited for
	var lines []byte
	for cursor := h.Cursor(0); cursor.Pos() < end; {
		run := cursor.Read()
		if run.Lost > 0 || run.Gap {
			continue
		}
		if run.Len() == 0 {
			return
		}
		lines = lines[:0]
		for i := range run.Len() {
			if item := run.Item(i); f.Match(item.Level, item.JSON) {
				lines = append(append(lines, item.JSON...), '\n')
			}
		}
		if _, err := write(lines); err != nil {
			return
		}
	}
}

// NewestRecords returns the encodings of the newest records, at most n, oldest first. They must not be changed.
func NewestRecords(h *history.History, n int) [][]byte {
	var list [][]byte
	for cursor := h.Tail(n); ; {
		run := cursor.Read()
		switch {
		case run.Lost > 0 || run.Gap:
		case run.Len() == 0:
			return list
		default:
			for i := range run.Len() {
				list = append(list, run.Item(i).JSON)
			}
		}
	}
}

// ServePayload writes one record's payload as it was published (RFC 2046 text, whatever its bytes are), or
// 404 when the history does not hold it.
func ServePayload(w http.ResponseWriter, h *history.History, seq uint64) {
	payload, ok := h.Payload(seq)
	if !ok {
		http.Error(w, "elva: this record is not in the history", http.StatusNotFound)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	// A browser that opens it as a document of its own must not run anything in it.
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = w.Write(payload)
}
