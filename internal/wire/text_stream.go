package wire

import (
	"io"

	"github.com/SupermanScott/Elva/internal/filter"
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

// Records writes the records of a run that f selects.
func (t *Text) Records(run *history.Run, f *filter.Filter) error {
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
func (t *Text) Gap(gap history.Item, _ *history.Run) error {
	if len(gap.JSON) == 0 {
		return nil
	}
	_, err := t.w.Write(t.printer.Gap(nil, gap.JSON))
	return err
}

// Heartbeat writes nothing: a terminal has no place for it.
func (t *Text) Heartbeat([]byte, uint64) error { return nil }
