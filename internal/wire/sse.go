package wire

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/resume"
)

const (
	// preamble goes first, as the head of the first event's block: a block of its own would be an event
	// without data, which some clients hand on.
	// A second is a pause that nobody minds and a restarting host survives. The
	// comment of 2 KiB is more than what the buffering compression middlewares wait for before they
	// decide to stream (the largest threshold met is 1,400 bytes).
	preambleSize = 2 << 10
	// maxRecords and maxBytes bound one event: the page parses an array of so many without dropping a
	// frame, and larger ones gain nothing.
	maxRecords = 500
	maxBytes   = 128 << 10
	// maxBuffers is how many events are put together in memory at once. More are under way only when viewers read too
	// slowly, and these must not take memory for it.
	maxBuffers = 32
)

var preamble = []byte("retry: 1000\n:" + strings.Repeat(" ", preambleSize) + "\n")

// Encoders is what the SSE encoders of a handler share.
type Encoders struct {
	IDs     *resume.IDFormat
	History *history.History

	buffers sync.Pool // of *[]byte
	used    atomic.Int32
}

// SSE writes Server-Sent Events. Each data line is one line of JSON, so that no text can forge an event. It is not safe
// for concurrent use.
type SSE struct {
	*Encoders
	w        io.Writer
	sent     uint64           // the number in the last ID
	progress *resume.Progress // nil when everything that comes is new to the viewer
	head     []byte           // scratch for an ID and what goes around it
}

// NewSSE returns an encoder for a viewer who begins at start. It writes nothing yet.
func (e *Encoders) NewSSE(w io.Writer, start resume.Start) *SSE {
	return &SSE{Encoders: e, w: w, sent: start.Cursor.Pos(), progress: start.Progress}
}

// Begin writes the preamble and the first status, an event that StatusEvent has made.
func (s *SSE) Begin(status []byte) error {
	if _, err := s.w.Write(preamble); err != nil {
		return err
	}
	_, err := s.w.Write(status)
	return err
}

// CaughtUp reports whether everything that comes is new to the viewer, so that others may filter it.
func (s *SSE) CaughtUp() bool { return s.progress == nil }

// Records writes the records of a run that search selects, as default events: arrays with the last one's ID. When it
// returns the search's error, it has written those up to where the search ended.
func (s *SSE) Records(run *history.Run, search *Search) error {
	if err := s.beginRun(run); err != nil {
		return err
	}
	event := array{SSE: s, run: run}
	event.begin()
	defer event.release()
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

// Gap writes the gap of a run, as an event with its ID, unless search hides it.
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
		s.progress.GapReported()
	}
	return s.gap(g.JSON(), nil)
}

func (s *SSE) gap(text, id []byte) error {
	_, err := s.w.Write(bytes.Join([][]byte{[]byte("event: gap\ndata: "), text, []byte("\n"), id, []byte("\n")}, nil))
	return err
}

// Heartbeat writes a status event that StatusEvent has made, and the ID of the viewer's cursor if a filter has kept the
// last one behind. It returns the cursor from which the viewer reads on, which may be another one.
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

// moveTo writes the ID of the run's item before n, unless a later one was written: a viewer whose search has ended
// resumes behind what was searched.
func (s *SSE) moveTo(run *history.Run, n int) error {
	if n == 0 || run.Item(n-1).Seq <= s.sent {
		return nil
	}
	s.head = append(s.id(s.head[:0], run.Item(n-1).Seq, s.seen(run.Last(n))), '\n')
	_, err := s.w.Write(s.head)
	return err
}

// Stop writes the ID of the item before a run, where the viewer resumes, unless a later one was written, and a comment
// that says why the stream ends there.
func (s *SSE) Stop(before uint64, run *history.Run, reason error) error {
	s.head = s.head[:0]
	if before > s.sent {
		s.head = append(s.id(s.head, before, s.seen(run.Last(0))), '\n')
	}
	_, err := fmt.Fprintf(s.w, "%s: %v; resume with the last id\n\n", s.head, reason)
	return err
}

// StatusEvent returns the event of a status, which must be one line. It is the same for all viewers, so it is
// made once.
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
		return s.progress.Last()
	}
	return last
}

// id appends the line with the ID of the item with the number seq.
func (s *SSE) id(dst []byte, seq uint64, last []entry.Entry) []byte {
	s.sent = seq
	return append(s.IDs.Append(append(dst, "id: "...), seq, last), '\n')
}

// array is an event with records of a run. It is put together in one buffer: net/http makes one system call of one
// large piece, and of three pieces three, which took half as much CPU again with 1,000 viewers at 1,000 records/s.
type array struct {
	*SSE
	run     *history.Run
	buffer  *[]byte // nil when too many are in use: then each part is written by itself
	err     error
	records int
	bytes   int
	end     int // behind the last record, in the run
}

func (a *array) begin() {
	if a.used.Add(1) <= maxBuffers {
		if a.buffer, _ = a.buffers.Get().(*[]byte); a.buffer == nil {
			a.buffer = new([]byte)
		}
	}
}

// release gives the buffer back, unless one huge record has made it larger than others need.
func (a *array) release() {
	a.used.Add(-1)
	if a.buffer != nil && cap(*a.buffer) <= 2*maxBytes {
		a.buffers.Put(a.buffer)
	}
}

func (a *array) put(part []byte) {
	a.bytes += len(part)
	if a.buffer != nil {
		*a.buffer = append(*a.buffer, part...)
	} else if a.err == nil {
		_, a.err = a.w.Write(part)
	}
}

// fits reports whether one more record may be added.
func (a *array) fits(text []byte) bool {
	return a.records < maxRecords && (a.records == 0 || a.bytes+len(text) <= maxBytes)
}

// add adds records with commas between them. end is behind the last one in the run.
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
	if a.buffer != nil {
		_, a.err = a.w.Write(*a.buffer)
		*a.buffer = (*a.buffer)[:0]
	}
	a.records, a.bytes = 0, 0
	return a.err
}
