// Package sse writes a history as Server-Sent Events (WHATWG HTML, section 9.2).
//
// # Why nothing is compressed
//
// A compressor for each viewer takes 1.2 MB (compress/flate at its fastest), fifty times what a viewer
// takes otherwise, and 0.7 µs for each record and viewer, where sending it costs 0.1 µs (BenchmarkCompressed,
// BenchmarkCompressorMemory). Compressing once for all viewers would be cheap, but its gain is the
// wire's alone: 10 to 50 bytes a record instead of 420, of which 1,000 records/s make 3.4 Mbit/s, and logs
// hold secrets beside text that others may choose, which is what compression leaks (as BREACH does). A
// host that serves viewers over a thin line can put its own compressing middleware around the handler:
// the preamble is long enough for it to stream.
package sse

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
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

// Writer writes events. Each data line is one line of JSON, so that no text can forge an event.
type Writer struct {
	w     io.Writer
	epoch string
	sent  uint64 // the last id's number
	head  []byte // scratch for what goes around records
	batch []byte // what a filter has selected and not been sent
}

// NewWriter returns a Writer whose ids begin with epoch. after is the number that the viewer has
// already.
func NewWriter(w io.Writer, epoch string, after uint64) *Writer {
	return &Writer{w: w, epoch: epoch, sent: after}
}

// Begin writes the preamble and the first status, an event that Status has made.
func (s *Writer) Begin(status []byte) error {
	if _, err := s.w.Write(preamble); err != nil {
		return err
	}
	_, err := s.w.Write(status)
	return err
}

// Records writes the records of a run that f selects, as default events: arrays with the last one's id.
func (s *Writer) Records(run *history.Run, f *filter.Filter) error {
	if f == nil {
		return s.run(run)
	}
	n, last := 0, uint64(0)
	for i := range run.Len() {
		item := run.Item(i)
		if !f.Match(item.Level, item.JSON) {
			continue
		}
		if n > 0 && (n == maxRecords || len(s.batch)+len(item.JSON) > maxBytes) {
			if err := s.array(s.batch, last); err != nil {
				return err
			}
			n, s.batch = 0, s.batch[:0]
		}
		if n > 0 {
			s.batch = append(s.batch, ',')
		}
		s.batch = append(s.batch, item.JSON...)
		n, last = n+1, item.Seq
	}
	if n == 0 {
		return nil
	}
	err := s.array(s.batch, last)
	s.batch = s.batch[:0]
	if cap(s.batch) > maxBytes { // one huge record must not pin its size for as long as the viewer stays
		s.batch = nil
	}
	return err
}

// Gap writes a gap event. One that has a number moves the viewer's place, one made for this viewer
// (seq 0) does not.
func (s *Writer) Gap(gap []byte, seq uint64) error {
	s.head = append(append(append(s.head[:0], "event: gap\ndata: "...), gap...), '\n')
	if seq > 0 {
		s.head = s.id(s.head, seq)
	}
	s.head = append(s.head, '\n')
	_, err := s.w.Write(s.head)
	return err
}

// Heartbeat writes a status event that Status has made, and moves the viewer's place to pos if a filter
// has kept it behind.
func (s *Writer) Heartbeat(status []byte, pos uint64) error {
	if pos > s.sent {
		s.head = append(s.id(s.head[:0], pos), '\n')
		if _, err := s.w.Write(s.head); err != nil {
			return err
		}
	}
	_, err := s.w.Write(status)
	return err
}

// Status returns the event of a status, which must be one line. It is the same for all viewers, so it is
// made once.
func Status(status []byte) []byte {
	return bytes.Join([][]byte{[]byte("event: status\ndata: "), bytes.TrimRight(status, "\n"), []byte("\n\n")}, nil)
}

// run writes all records of a run as one event: a block is at most 64 KiB unless it holds one record
// only, and a run at most 500 records. A large event is put together once for all viewers, since net/http
// turns one large piece into one system call and three into three.
func (s *Writer) run(run *history.Run) error {
	joined, last := run.Joined(), run.Item(run.Len()-1).Seq
	if len(joined) <= smallEvent {
		return s.array(joined, last)
	}
	event := run.Once(s)
	s.sent = last
	_, err := s.w.Write(event)
	return err
}

// Make puts the event of a run together, for [history.Run.Once].
func (s *Writer) Make(run *history.Run) []byte {
	return bytes.Join([][]byte{open, run.Joined(), s.close(nil, run.Item(run.Len()-1).Seq)}, nil)
}

// array writes joined, encodings with commas between, as one event with the id of last. It does not
// copy them.
func (s *Writer) array(joined []byte, last uint64) error {
	if _, err := s.w.Write(open); err != nil {
		return err
	}
	if _, err := s.w.Write(joined); err != nil {
		return err
	}
	s.head = s.close(s.head[:0], last)
	_, err := s.w.Write(s.head)
	return err
}

// open goes before the records of an event, what close appends behind them. It is read only, as a constant
// would be.
var open = []byte("data: [")

func (s *Writer) close(dst []byte, last uint64) []byte {
	return append(s.id(append(dst, "]\n"...), last), '\n')
}

func (s *Writer) id(dst []byte, seq uint64) []byte {
	s.sent = seq
	dst = append(append(append(dst, "id: "...), s.epoch...), '-')
	return append(strconv.AppendUint(dst, seq, 10), '\n')
}
