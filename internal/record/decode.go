package record

import (
	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// decode sets the parts of r from the scanned object. Members that no part uses become the fields.
func (d *decoder) decode(r *Record) {
	d.setLevel(r)
	d.setTime(r)
	d.setMessage(r)
	d.setPID(r)
	apart := d.keepsDataApart()
	d.setHost(r, apart)
	d.setLogger(r, apart)
	d.setSource(r)
	d.setTrace(r)
	r.Fields = mergeFields(r.Fields, d.fields())
}

// keepsDataApart reports whether the record has a separate container for the application's data, so that weak names count.
func (d *decoder) keepsDataApart() bool {
	for s := d.next(names.container.from, names.container); s != 0; s = d.next(s+1, names.container) {
		if k := d.nodes[d.first[s]].kind; k == jsonscan.Object || k == jsonscan.Array {
			return true
		}
	}
	return d.next(names.evidence.from, names.evidence) != 0 || d.have.has(names.priority) && d.key(&d.nodes[d.first[names.priority]]) == "PRIORITY"
}

// setPID sets the process ID.
func (d *decoder) setPID(r *Record) {
	for s := d.next(names.pid.from, names.pid); s != 0; s = d.next(s+1, names.pid) {
		n := d.at(s)
		if n == nil {
			continue
		}
		v, ok := d.integer(n)
		if !ok || r.HasPID && v != r.PID {
			continue
		}
		r.PID, r.HasPID = v, true
		d.useSlot(s)
	}
}

// setHost sets the host. apart is keepsDataApart.
func (d *decoder) setHost(r *Record, apart bool) {
	d.setText(&r.Host, names.host)
	if apart || r.HasPID || d.isEnvelope { // the members of an envelope are a collector's
		d.setText(&r.Host, names.hostWeak)
	}
	if apart {
		d.dropEmpty(names.hostWeak)
	}
}

// setLogger sets the logger. apart is keepsDataApart.
func (d *decoder) setLogger(r *Record, apart bool) {
	d.setText(&r.Logger, names.logger)
	switch {
	case apart:
		d.setText(&r.Logger, names.loggerWeak)
		d.dropEmpty(names.loggerWeak)
	case d.have.has(names.name) && (r.HasPID && r.Host != "" || d.next(names.pythonic.from, names.pythonic) != 0):
		d.setText(&r.Logger, list{names.name, names.name + 1})
	}
}

// setText sets part to the first text under l, unless it is set, and marks all equal ones as used.
func (d *decoder) setText(part *string, l list) {
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		n := d.at(s)
		if n == nil {
			continue
		}
		words, ok := d.words(n)
		if !ok || *part != "" && words != *part {
			continue
		}
		*part = words
		d.useSlot(s)
	}
}

// dropEmpty drops empty values under weak names that count.
func (d *decoder) dropEmpty(l list) {
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		if n := d.at(s); n != nil && d.empty(n) {
			d.useSlot(s)
		}
	}
}
