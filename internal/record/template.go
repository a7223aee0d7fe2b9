package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

const (
	// maxFilled bounds a formatted message, since a short template can contain a long value many times. Longer ones are truncated anyway.
	maxFilled = MaxBytes + 1024
	// maxRenderings bounds the renderings that are used. A message with more is truncated anyway.
	maxRenderings = MaxBytes / 4
)

// fillTemplate formats a message template (messagetemplates.org) with the members of the record or of its Properties: {Name}, {@Name}, {$Name},
// {Name:format}, {Name,width}. It reports whether there was a placeholder or an escape.
func (d *decoder) fillTemplate(template string) (string, bool) {
	if !strings.ContainsAny(template, "{}") {
		return "", false
	}
	var b strings.Builder
	rest := template
	renderings := d.renderings()
	filled := false
	for b.Len() <= maxFilled {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			break
		}
		b.WriteString(rest[:i])
		if i+1 < len(rest) && rest[i+1] == rest[i] { // {{ and }}
			b.WriteByte(rest[i])
			rest = rest[i+2:]
			filled = true
			continue
		}
		end := -1
		if rest[i] == '{' {
			end = strings.IndexAny(rest[i+1:], "{}")
		}
		if end < 0 || rest[i+1+end] != '}' {
			b.WriteByte(rest[i])
			rest = rest[i+1:]
			continue
		}
		hole := rest[i+1 : i+1+end]
		rest = rest[i+end+2:]
		name, format, formatted := strings.Cut(hole, ":")
		if formatted && format != "" && len(renderings) > 0 {
			b.WriteString(renderings[0])
			renderings = renderings[1:]
			filled = true
			continue
		}
		name, width, _ := strings.Cut(name, ",")
		name = strings.TrimLeft(name, "@$")
		value, ok := d.property(name)
		if !ok {
			b.WriteByte('{')
			b.WriteString(hole)
			b.WriteByte('}')
			continue
		}
		filled = true
		writePadded(&b, value, width)
	}
	b.WriteString(rest)
	return b.String(), filled
}

// writePadded writes a value padded to a width, which is negative for left alignment.
func writePadded(b *strings.Builder, value, width string) {
	w, _ := smallInt(width)
	pad := max(w, -w) - len(value)
	if pad <= 0 || pad > maxLabel {
		b.WriteString(value)
		return
	}
	if w > 0 {
		b.WriteString(strings.Repeat(" ", pad))
	}
	b.WriteString(value)
	if w < 0 {
		b.WriteString(strings.Repeat(" ", pad))
	}
}

// renderings returns the texts under @r, which replace the placeholders with a format, in order.
func (d *decoder) renderings() []string {
	n := d.at(names.renderings)
	if n == nil || n.kind != jsonscan.Array {
		return nil
	}
	var texts []string
	for it := (jsonscan.Iterator{JSON: d.raw(n)}); it.Next(); {
		rendering := it.Value.Raw
		if it.Value.Kind == jsonscan.String {
			rendering = jsonscan.Contents(rendering)
		}
		if texts = append(texts, rendering); len(texts) == maxRenderings {
			break
		}
	}
	return texts
}

// property returns the value of a member of the record or of its Properties, as a template prints it.
func (d *decoder) property(name string) (string, bool) {
	if d.index == nil {
		d.index = make(map[string]int32)
		add := func(from, end int32) {
			for c := from; c < end; c = d.nodes[c].next {
				key := d.key(&d.nodes[c])
				if _, ok := d.index[key]; !ok {
					d.index[key] = c
				}
			}
		}
		add(0, int32(len(d.nodes)))
		if d.have.has(names.properties) {
			at := d.first[names.properties]
			add(at+1, d.nodes[at].next)
		}
	}
	c, ok := d.index[name]
	if !ok {
		return "", false
	}
	n := &d.nodes[c]
	if n.kind == jsonscan.String {
		return d.text(n), true
	}
	return string(jsonscan.AppendClean(nil, d.raw(n))), true
}
