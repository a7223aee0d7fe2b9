package wire

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/position"
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
	// smallEvent fits into net/http's buffers (2 and 4 KiB), which make one system call of its pieces.
	smallEvent = 2 << 10
)

var preamble = []byte("retry: 1000\n:" + strings.Repeat(" ", preambleSize) + "\n")

// SSE writes events. Each data line is one line of JSON, so that no text can forge an event.
type SSE struct {
	w     io.Writer
	ids   *IDs
	sent  uint64          // the last id's number
	has   position.Vector // see Had; nil when the history has come so far
	upTo  uint64          // of the streams, see Had
	heard uint64          // of the channels, see Had
	place history.Place   // behind the last run that was written
	head  []byte          // scratch for what goes around records
	batch []byte          // what a filter has selected and not been sent
}

// Had is what a viewer has that comes from elsewhere, though the reader brings it: it is left out. The zero value
// is nothing.
type Had struct {
	Streams   position.Vector // everything up to there, wherever it stands; nil without streams
	Entries   uint64          // and of the streams everything that stands up to this number
	Published uint64          // and of the channels
}

// NewSSE returns a SSE for a viewer that has everything up to the number after, and had.
func NewSSE(w io.Writer, ids *IDs, after uint64, had Had) *SSE {
	return &SSE{w: w, ids: ids, sent: max(after, had.Published), has: had.Streams, upTo: had.Entries, heard: had.Published}
}

// Begin writes the preamble and the first status, an event that Status has made.
func (s *SSE) Begin(status []byte) error {
	if _, err := s.w.Write(preamble); err != nil {
		return err
	}
	_, err := s.w.Write(status)
	return err
}

// Records writes the records of a run that search selects, as default events: arrays with the last one's id. When it returns the
// search's error, it has written those up to where the search ended.
func (s *SSE) Records(run *history.Run, search *Search) error {
	s.overtaken(run)
	if search == nil && s.has == nil {
		s.passed(run)
		return s.run(run)
	}
	n, end := 0, 0
	send := func() error {
		err := s.array(s.batch, run, end)
		n, s.batch = 0, s.batch[:0]
		return err
	}
	for i := range run.Len() {
		item := run.Item(i)
		if s.had(&item) || !search.Match(&item) {
			continue
		}
		if n > 0 && (n == maxRecords || len(s.batch)+len(item.JSON) > maxBytes) {
			if err := send(); err != nil {
				return err
			}
		}
		if n > 0 {
			s.batch = append(s.batch, ',')
		}
		s.batch = append(s.batch, item.JSON...)
		n, end = n+1, i+1
	}
	var err error
	if n > 0 {
		err = send()
	}
	if cap(s.batch) > maxBytes { // one huge record must not pin its size for as long as the viewer stays
		s.batch = nil
	}
	if err == nil {
		err = search.Err()
	}
	if err != nil {
		return err
	}
	s.reached(run)
	s.passed(run)
	return nil
}

// Gap writes a gap event. One of the history moves the viewer's place, one made for this viewer, which has no
// run, does not.
func (s *SSE) Gap(item history.Item, run *history.Run) error {
	text := item.JSON
	if run != nil {
		s.overtaken(run)
		defer s.passed(run)
	}
	switch {
	case item.Stream > 0:
		text = s.stands(&item)
	case run != nil && s.has != nil && item.Seq <= s.heard:
		return nil
	}
	if len(text) == 0 {
		return nil
	}
	s.head = append(append(append(s.head[:0], "event: gap\ndata: "...), text...), '\n')
	if run != nil {
		s.head = s.id(s.head, item.Seq, run.Read(1))
	}
	s.head = append(s.head, '\n')
	_, err := s.w.Write(s.head)
	return err
}

// Heartbeat writes a status event that Status has made, and moves the viewer's place to pos if a filter
// has kept it behind.
func (s *SSE) Heartbeat(status []byte, pos uint64) error {
	if err := s.moveTo(pos); err != nil {
		return err
	}
	_, err := s.w.Write(status)
	return err
}

// Stop moves the viewer's place to pos, where it resumes, and writes a comment that says why the stream ends there.
func (s *SSE) Stop(pos uint64, reason error) error {
	if err := s.moveTo(pos); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.w, ": %v; resume with the last id\n\n", reason)
	return err
}

// moveTo writes an id for pos if the last one is before it.
func (s *SSE) moveTo(pos uint64) error {
	if pos <= s.sent {
		return nil
	}
	var at position.Vector
	if s.ids.Streams > 0 {
		at = s.ids.History.At(pos)
		at.Raise(s.place.Vector()) // what was read since may have left the history
	}
	s.head = append(s.id(s.head[:0], pos, at), '\n')
	_, err := s.w.Write(s.head)
	return err
}

// StatusEvent returns the event of a status, which must be one line. It is the same for all viewers, so it is
// made once.
func StatusEvent(status []byte) []byte {
	return bytes.Join([][]byte{[]byte("event: status\ndata: "), bytes.TrimRight(status, "\n"), []byte("\n\n")}, nil)
}

// run writes all records of a run as one event: a block is at most 64 KiB unless it holds one record
// only, and a run at most 500 records. A large event is put together once for all viewers, since net/http
// turns one large piece into one system call and three into three.
func (s *SSE) run(run *history.Run) error {
	joined := run.Joined()
	if len(joined) <= smallEvent {
		return s.array(joined, run, run.Len())
	}
	event := run.Once(s)
	s.sent = run.Item(run.Len() - 1).Seq
	_, err := s.w.Write(event)
	return err
}

// Make puts the event of a run together, for [history.Run.Once].
func (s *SSE) Make(run *history.Run) []byte {
	return bytes.Join([][]byte{open, run.Joined(), s.close(nil, run, run.Len())}, nil)
}

// array writes joined, encodings with commas between, as one event with the id of the run's place behind
// its first n items. It does not copy them.
func (s *SSE) array(joined []byte, run *history.Run, n int) error {
	if _, err := s.w.Write(open); err != nil {
		return err
	}
	if _, err := s.w.Write(joined); err != nil {
		return err
	}
	s.head = s.close(s.head[:0], run, n)
	_, err := s.w.Write(s.head)
	return err
}

// open goes before the records of an event, what close appends behind them. It is read only, as a constant
// would be.
var open = []byte("data: [")

func (s *SSE) close(dst []byte, run *history.Run, n int) []byte {
	return append(s.id(append(dst, "]\n"...), run.Item(n-1).Seq, run.Read(n)), '\n')
}

func (s *SSE) id(dst []byte, seq uint64, at position.Vector) []byte {
	stands := seq
	seq = max(seq, s.heard)
	s.sent = seq
	switch {
	case s.has == nil:
	case stands < s.upTo: // of a stream made anew since, what stands here may have IDs behind those that the viewer has
		at = s.has
	default:
		at.Raise(s.has)
	}
	return append(s.ids.append(append(dst, "id: "...), seq, at), '\n')
}
