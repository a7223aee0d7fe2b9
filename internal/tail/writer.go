package tail

import (
	"io"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/position"
)

// Writer writes a history as lines, as [Printer] prints them.
type Writer struct {
	w       io.Writer
	printer Printer
	text    []byte
}

// NewWriter returns a Writer.
func NewWriter(w io.Writer, printer Printer) *Writer { return &Writer{w: w, printer: printer} }

// Begin writes nothing: the status is for programs.
func (t *Writer) Begin([]byte) error { return nil }

// Records writes the records of a run that f selects.
func (t *Writer) Records(run *history.Run, f *filter.Filter) error {
	t.text = t.text[:0]
	for i := range run.Len() {
		if item := run.Item(i); f.Match(item.Level, item.JSON) {
			t.text = t.printer.Record(t.text, item.JSON)
		}
	}
	_, err := t.w.Write(t.text)
	return err
}

// Gap writes a gap's line, if there is anything to show.
func (t *Writer) Gap(gap history.Item, _ position.Vector) error {
	if len(gap.JSON) == 0 {
		return nil
	}
	_, err := t.w.Write(t.printer.Gap(nil, gap.JSON))
	return err
}

// Heartbeat writes nothing: a terminal has no place for it.
func (t *Writer) Heartbeat([]byte, uint64) error { return nil }
