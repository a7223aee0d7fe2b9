package wire

import (
	"io"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/gap"
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

// Gap writes the line of the gap of a run.
func (t *Text) Gap(run *history.Run) error { return t.gap(run.Item(0).JSON) }

// Report writes the line of a gap that concerns this viewer only.
func (t *Text) Report(g gap.Gap) error { return t.gap(g.JSON()) }

func (t *Text) gap(encoded []byte) error {
	_, err := t.w.Write(t.printer.Gap(nil, encoded))
	return err
}

// CaughtUp reports that everything that comes is new to the viewer.
func (t *Text) CaughtUp() bool { return true }

// Heartbeat writes nothing: a terminal has no place for it.
func (t *Text) Heartbeat(_ []byte, c *history.Cursor) (*history.Cursor, error) { return c, nil }
