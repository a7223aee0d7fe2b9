package wire

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/resume"
)

const (
	// preambleSize is the size of the comment in the preamble. Compressing middlewares buffer some data before they decide
	// to stream, and 2 KiB is more than any known one waits for (the largest threshold is 1,400 bytes).
	preambleSize = 2 << 10
	// maxRecords and maxBytes bound one event: the page parses an array of that size without dropping a
	// frame, and a larger one gains nothing.
	maxRecords = 500
	maxBytes   = 128 << 10
)

// preamble starts a stream. It belongs to the block of the first event: on its own it would be an event without data,
// which some clients pass on. Clients reconnect after a second: soon enough for a reader, and not too often for a host that restarts.
var preamble = []byte("retry: 1000\n:" + strings.Repeat(" ", preambleSize) + "\n")

// Encoders is the state that the SSE encoders of a handler share.
type Encoders struct {
	IDs     *resume.IDFormat
	History *history.History
}

// SSE writes Server-Sent Events. Each data line is one line of JSON, so that no text can forge an event. It is not safe
// for concurrent use.
type SSE struct {
	*Encoders
	w        io.Writer
	sent     uint64           // the number in the last ID
	progress *resume.Progress // nil once the viewer has caught up
	head     []byte           // a buffer for the line with an ID
}

// NewSSE returns an encoder for a viewer that begins at start. It writes nothing yet.
func (e *Encoders) NewSSE(w io.Writer, start resume.Start) *SSE {
	return &SSE{Encoders: e, w: w, sent: start.Cursor.Pos(), progress: start.Progress}
}

// Begin writes the preamble and the first status, which is an event from StatusEvent.
func (s *SSE) Begin(status []byte) error {
	if _, err := s.w.Write(preamble); err != nil {
		return err
	}
	_, err := s.w.Write(status)
	return err
}

// CaughtUp reports whether the viewer has seen nothing of what follows. If so, the caller may skip records that the filter does not
// select.
func (s *SSE) CaughtUp() bool { return s.progress == nil }

// Records writes the records of a run that search selects as unnamed events. Each event is an array with the ID of its last
// record. If the search ends, Records returns its error after the records that were found before.
func (s *SSE) Records(run *history.Run, search *Search) error {
	if err := s.beginRun(run); err != nil {
		return err
	}
	event := array{SSE: s, run: run}
	if search == nil && s.progress == nil {
		event.add(run.Joined(), run.Len())
		return event.send()
	}
	searched := 0
	for i := range run.Len() {
		item := run.Item(i)
		if !event.fits(item.JSON) {
			if err := event.send(); err != nil {
				return err
			}
		}
		if (s.progress == nil || s.progress.Advance(run, &item)) && search.Match(&item) {
			event.add(item.JSON, i+1)
		}
		if searched = i + 1; search.Err() != nil {
			break
		}
	}
	if err := event.send(); err != nil {
		return err
	}
	if err := search.Err(); err != nil {
		return cmp.Or(s.moveTo(run, searched), err)
	}
	s.endRun(run)
	return nil
}

// Gap writes the gap of a run as an event with its ID, unless search hides it.
func (s *SSE) Gap(run *history.Run, search *Search) error {
	if err := s.beginRun(run); err != nil {
		return err
	}
	item := run.Item(0)
	if s.progress != nil && !s.progress.Advance(run, &item) || !search.ShowsGap(item.JSON) {
		s.endRun(run)
		return nil
	}
	s.head = s.id(s.head[:0], item.Seq, s.seen(run.Last(1)))
	s.endRun(run)
	return s.gap(item.JSON, s.head)
}

// Report writes a gap that concerns this viewer only.
func (s *SSE) Report(g gap.Gap) error {
	if s.progress != nil && (g.Kind == gap.Slow || g.Kind == gap.Evicted) {
		s.progress.Reported = true
	}
	return s.gap(g.JSON(), nil)
}

func (s *SSE) gap(text, id []byte) error {
	_, err := s.w.Write(bytes.Join([][]byte{[]byte("event: gap\ndata: "), text, []byte("\n"), id, []byte("\n")}, nil))
	return err
}

// Heartbeat writes a status, which is an event from StatusEvent. Before it, it writes the ID of the viewer's cursor if that is
// ahead of the last ID, as it is when the filter selects nothing. It returns the cursor to continue with, which may be a
// new one.
func (s *SSE) Heartbeat(status []byte, c *history.Cursor) (*history.Cursor, error) {
	if c.Pos() > s.sent {
		s.head = append(s.id(s.head[:0], c.Pos(), s.seen(c.Last())), '\n')
		if _, err := s.w.Write(s.head); err != nil {
			return c, err
		}
	}
	if s.progress != nil {
		if other, gaps := s.progress.FindRecreated(c.Pos()); other != nil {
			c = other
			for _, g := range gaps {
				if err := s.Report(g); err != nil {
					return c, err
				}
			}
		}
	}
	_, err := s.w.Write(status)
	return c, err
}

// moveTo writes the ID of the item before index n, unless a later one was written. A viewer whose search has ended resumes
// after the last item that was searched.
func (s *SSE) moveTo(run *history.Run, n int) error {
	if n == 0 || run.Item(n-1).Seq <= s.sent {
		return nil
	}
	s.head = append(s.id(s.head[:0], run.Item(n-1).Seq, s.seen(run.Last(n))), '\n')
	_, err := s.w.Write(s.head)
	return err
}

// Stop writes a comment with the reason why the stream ends after the item with the number before. Ahead of it, Stop writes the ID of that
// item, unless a later one was written: there the viewer resumes. last has the last entry of each stream up to the item.
func (s *SSE) Stop(before uint64, last []entry.Entry, reason error) error {
	s.head = s.head[:0]
	if before > s.sent {
		s.head = append(s.id(s.head, before, s.seen(last)), '\n')
	}
	_, err := fmt.Fprintf(s.w, "%s: %v; resume with the last id\n\n", s.head, reason)
	return err
}

// StatusEvent returns the event for a status, which must be one line. The event is the same for all viewers, so the caller
// encodes it once.
func StatusEvent(status []byte) []byte {
	return bytes.Join([][]byte{[]byte("event: status\ndata: "), bytes.TrimRight(status, "\n"), []byte("\n\n")}, nil)
}

// beginRun writes the gaps before a run.
func (s *SSE) beginRun(run *history.Run) error {
	if s.progress == nil {
		return nil
	}
	for _, g := range s.progress.GapsBefore(run) {
		if err := s.gap(g.JSON(), nil); err != nil {
			return err
		}
	}
	return nil
}

// endRun drops the progress once the viewer has caught up.
func (s *SSE) endRun(run *history.Run) {
	if s.progress != nil && s.progress.CaughtUp(run) {
		s.progress = nil
	}
}

// seen returns the last entries that the viewer has seen: last, those of the history, once it has caught up.
func (s *SSE) seen(last []entry.Entry) []entry.Entry {
	if s.progress != nil {
		return s.progress.Seen
	}
	return last
}

// id appends the line with the ID of the item with the number seq.
func (s *SSE) id(dst []byte, seq uint64, last []entry.Entry) []byte {
	s.sent = seq
	return append(s.IDs.Append(append(dst, "id: "...), seq, last), '\n')
}

// array is an event with records of a run. It is written part by part: one buffer for all halved the writes, but saved no CPU with 100 to
// 10,000 viewers of one filter, and with a filter each less than the measurements differed.
type array struct {
	*SSE
	run     *history.Run
	err     error
	records int
	bytes   int
	end     int // the index after the last record in the run
}

func (a *array) put(part []byte) {
	a.bytes += len(part)
	if a.err == nil {
		_, a.err = a.w.Write(part)
	}
}

// fits reports whether one more record may be added.
func (a *array) fits(text []byte) bool {
	return a.records < maxRecords && (a.records == 0 || a.bytes+len(text) <= maxBytes)
}

// add adds records, joined by commas. end is the index after the last one in the run.
func (a *array) add(joined []byte, end int) {
	if a.records == 0 {
		a.put([]byte("data: ["))
	} else {
		a.put([]byte(","))
	}
	a.put(joined)
	a.records, a.end = a.records+1, end
}

// send writes the event if it has records, and begins the next one.
func (a *array) send() error {
	if a.records == 0 {
		return nil
	}
	a.head = append(a.id(append(a.head[:0], "]\n"...), a.run.Item(a.end-1).Seq, a.seen(a.run.Last(a.end))), '\n')
	a.put(a.head)
	a.records, a.bytes = 0, 0
	return a.err
}
