package wire

import (
	"fmt"
	"io"

	"github.com/SupermanScott/Elva/internal/history"
)

// Text writes a history as lines, as [Printer] prints them.
type Text struct {
	w       io.Writer
	printer Printer
	text    []byte
}

// NewText returns a Text.
func NewText(w io.Writer, printer Printer) *Text { return &Text{w: w, printer: printer} }

// Begin writes nothing: the status is for programs.
func (t *Text) Begin([]byte) error { return nil }

// Records writes the records of a run that s selects. It returns the search's error if that ends before the run does; the records
// before that are written.
func (t *Text) Records(run *history.Run, s *Search) error {
	t.text = t.text[:0]
	for i := range run.Len() {
		if item := run.Item(i); s.Match(&item) {
			t.text = t.printer.Record(t.text, item.JSON)
		}
	}
	if _, err := t.w.Write(t.text); err != nil {
		return err
	}
	return s.Err()
}

// Gap writes a gap's line, if there is anything to show.
func (t *Text) Gap(gap history.Item, _ *history.Run) error {
	if len(gap.JSON) == 0 {
		return nil
	}
	_, err := t.w.Write(t.printer.Gap(nil, gap.JSON))
	return err
}

// Heartbeat writes nothing: a terminal has no place for it.
func (t *Text) Heartbeat([]byte, uint64) error { return nil }

// Stop writes a line with the reason why the stream ends at pos.
func (t *Text) Stop(pos uint64, reason error) error {
	_, err := fmt.Fprintf(t.w, "--- stopped at record %d: %v\n", pos, reason)
	return err
}
