package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// setTrace sets the trace: from a text or frames under a name for traces, from an error object with a stack, or from a text of several lines
// under a weak name; otherwise from the lines below the message.
func (d *decoder) setTrace(r *Record) {
	for s := d.next(names.trace.from, names.trace); s != 0; s = d.next(s+1, names.trace) {
		n := d.at(s)
		if n == nil {
			continue
		}
		if trace, _ := stackOf(d.raw(n), n.kind); trace != "" && (r.Trace == "" || r.Trace == trace) {
			r.Trace = trace
			d.useSlot(s)
		}
	}
	if d.next(names.anyError.from, names.anyError) != 0 {
		for i := range names.errors {
			d.setErrorTrace(r, &names.errors[i])
		}
	}
	l := names.traceWeak
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		n := d.at(s)
		if n == nil || n.kind != jsonscan.String {
			continue
		}
		trace := tidyTrace(d.text(n))
		first, below, several := strings.Cut(trace, "\n")
		if !several {
			continue
		}
		// The first line of Loguru's text contains the other parts and ends with the message.
		if (s == names.fullMessage || s == names.weakText) && r.Message != "" && strings.HasSuffix(tidy(first), r.Message) {
			trace = tidyTrace(below)
		}
		if r.Trace == "" || r.Trace == trace {
			r.Trace = trace
			d.useSlot(s)
		}
	}
	if r.Trace == "" {
		r.setTrace(r.Message)
	}
}
