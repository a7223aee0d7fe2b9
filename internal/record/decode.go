package record

import (
	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// decode fills the parts of r from the object that was scanned. What no part takes becomes the fields.
func (d *decoder) decode(r *Record) {
	d.level(r)
	d.time(r)
	d.message(r)
	d.pid(r)
	apart := d.keepsDataApart()
	d.hostName(r, apart)
	d.logger(r, apart)
	d.source(r)
	d.trace(r)
	r.Fields = mergeFields(r.Fields, d.fields())
}

// keepsDataApart reports whether the record keeps its own data apart, so that a weak name is the logger's word.
func (d *decoder) keepsDataApart() bool {
	for s := d.next(names.container.from, names.container); s != 0; s = d.next(s+1, names.container) {
		if k := d.nodes[d.first[s]].kind; k == jsonscan.Object || k == jsonscan.Array {
			return true
		}
	}
	return d.next(names.evidence.from, names.evidence) != 0 || d.have.has(names.priority) && d.key(&d.nodes[d.first[names.priority]]) == "PRIORITY"
}

func (d *decoder) pid(r *Record) {
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
		d.takeSlot(s)
	}
}

func (d *decoder) hostName(r *Record, apart bool) {
	d.takeWords(&r.Host, names.host)
	if apart || r.HasPID || d.opened { // around a record is a collector's own data
		d.takeWords(&r.Host, names.hostWeak)
	}
	if apart {
		d.dropEmpty(names.hostWeak)
	}
}

func (d *decoder) logger(r *Record, apart bool) {
	d.takeWords(&r.Logger, names.logger)
	switch {
	case apart:
		d.takeWords(&r.Logger, names.loggerWeak)
		d.dropEmpty(names.loggerWeak)
	case d.have.has(names.name) && (r.HasPID && r.Host != "" || d.next(names.pythonic.from, names.pythonic) != 0):
		d.takeWords(&r.Logger, list{names.name, names.name + 1})
	}
}

// takeWords sets part to the first string under l, unless it is set, and takes the ones that say the same.
func (d *decoder) takeWords(part *string, l list) {
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
		d.takeSlot(s)
	}
}

// dropEmpty drops what is empty under weak names, once it is known that they count.
func (d *decoder) dropEmpty(l list) {
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		if n := d.at(s); n != nil && d.empty(n) {
			d.takeSlot(s)
		}
	}
}
