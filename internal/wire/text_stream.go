package wire

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
)

// Text writes a history as lines, as [Printer] prints them.
type Text struct {
	w       io.Writer
	printer Printer
	text    []byte
	gap     uint64 // the number of the last gap
	grown   []byte // the last gap, if it has grown since its line was written
}

// NewText returns a Text.
func NewText(w io.Writer, printer Printer) *Text { return &Text{w: w, printer: printer} }

// Begin writes nothing: the status is for programs.
func (t *Text) Begin([]byte) error { return nil }

// Records writes the records of a run that s selects. If the search ends, Records returns its error after the records that were found
// before.
func (t *Text) Records(run *history.Run, s *Search) error {
	t.text = t.appendGrown(t.text[:0])
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

// Gap writes the line of the gap of a run, unless search hides it. A line can't be replaced. If a gap grows, its first line is written
// at once, and its final line before whatever follows.
func (t *Text) Gap(run *history.Run, search *Search) error {
	encoded := run.Item(0).JSON
	if !search.ShowsGap(encoded) {
		return nil
	}
	var g gap.Gap
	if err := json.Unmarshal(encoded, &g); err != nil {
		return fmt.Errorf("read a gap: %w", err)
	}
	grown := g.Replaces > 0 && g.Replaces == t.gap
	t.gap = g.Seq
	if grown {
		t.grown = append(t.grown[:0], encoded...)
		return nil
	}
	_, err := t.w.Write(t.printer.Gap(t.appendGrown(nil), encoded))
	return err
}

// Report writes the line of a gap that concerns this viewer only.
func (t *Text) Report(g gap.Gap) error {
	_, err := t.w.Write(t.printer.Gap(t.appendGrown(nil), g.JSON()))
	return err
}

// appendGrown appends the line of a gap that has grown since its line was written.
func (t *Text) appendGrown(dst []byte) []byte {
	if len(t.grown) > 0 {
		dst = t.printer.Gap(dst, t.grown)
		t.grown = t.grown[:0]
	}
	return dst
}

// CaughtUp returns true, since a terminal does not resume.
func (t *Text) CaughtUp() bool { return true }

// Heartbeat writes nothing: a terminal has no place to show the status.
func (t *Text) Heartbeat(_ []byte, c *history.Cursor) (*history.Cursor, error) { return c, nil }

// Stop writes a line with the reason why the stream ends after the record with the number before.
func (t *Text) Stop(before uint64, _ []entry.Entry, reason error) error {
	_, err := fmt.Fprintf(t.w, "--- stopped at record %d: %v\n", before, reason)
	return err
}
