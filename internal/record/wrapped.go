package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// mayBeWrapped reports whether there may be values as OpenTelemetry wraps them. It is cheap, since it is asked of every record.
func mayBeWrapped(payload string) bool {
	return strings.Contains(payload, `Value"`)
}

// unwrap opens the wrapped values of OpenTelemetry in a JSON object: {"stringValue":x} and its like, {"Type":…,"Value":x}, and
// arrays of key and such a value, which become objects. A payload that is no JSON comes back as it is.
func unwrap(payload string) string {
	d := newDecoder()
	ok := d.scan(payload)
	d.release()
	if !ok {
		return payload
	}
	o := opener{s: payload, out: make([]byte, 0, len(payload))}
	o.value(0, 0)
	if o.out[0] != '{' { // the record itself looks wrapped: then it is its own data
		return payload
	}
	return string(o.out)
}

// maxWrapped is how deep wrapped values are opened: each one that is opened is moved once for every wrapper around it. What
// is deeper stays as it was published.
const maxWrapped = 64

// opener copies JSON that has been scanned, without blanks, and opens what is wrapped in it. A value is written first and
// moved to its wrapper's place afterwards, so that each is read once however deep it is.
type opener struct {
	s   string
	out []byte
}

// span is a part of the output.
type span struct{ from, to int }

// opened is what is known of a value once it is written.
type opened struct {
	end     int  // after it, in the input
	wrapped bool // it was, and now is not
	pair    bool // an object with nothing but a key and a wrapped value
	key     span // of a pair
	value   span // of a pair, or of the only member of {"values":…}
	values  bool // an object with no other member than values
}

// value writes the value at i, opened.
func (o *opener) value(i, depth int) opened {
	c := o.s[i]
	if c != '{' && c != '[' || depth > maxWrapped {
		end, _ := jsonscan.ValueEnd(o.s, i)
		o.out = append(o.out, o.s[i:end]...)
		return opened{end: end}
	}
	if c == '[' {
		return o.array(i, depth)
	}
	return o.object(i, depth)
}

func (o *opener) array(i, depth int) opened {
	var pairs []opened
	allPairs := true
	start := len(o.out)
	o.out = append(o.out, '[')
	for i = jsonscan.SkipBlanks(o.s, i+1); o.s[i] != ']'; {
		if o.s[i] == ',' {
			o.out = append(o.out, ',')
			i = jsonscan.SkipBlanks(o.s, i+1)
		}
		v := o.value(i, depth+1)
		if allPairs = allPairs && v.pair; allPairs {
			pairs = append(pairs, v)
		}
		i = jsonscan.SkipBlanks(o.s, v.end)
	}
	if !allPairs || len(pairs) == 0 {
		o.out = append(o.out, ']')
		return opened{end: i + 1}
	}
	// The object is never longer than the array was, so that it is written over it.
	to := o.out[:start]
	for n, p := range pairs {
		to = append(to, "{,"[min(n, 1)])
		to = append(to, o.out[p.key.from:p.key.to]...)
		to = append(to, ':')
		to = append(to, o.out[p.value.from:p.value.to]...)
	}
	o.out = append(to, '}')
	return opened{end: i + 1}
}

func (o *opener) object(i, depth int) opened {
	var keys [2]string // of the first two members, as written
	var values [2]span
	var inner [2]opened
	count := 0
	start := len(o.out)
	o.out = append(o.out, '{')
	for i = jsonscan.SkipBlanks(o.s, i+1); o.s[i] != '}'; count++ {
		if o.s[i] == ',' {
			o.out = append(o.out, ',')
			i = jsonscan.SkipBlanks(o.s, i+1)
		}
		keyEnd, _ := jsonscan.StringEnd(o.s, i+1)
		key := o.s[i : keyEnd+1]
		o.out = append(append(o.out, key...), ':')
		i = jsonscan.SkipBlanks(o.s, jsonscan.SkipBlanks(o.s, keyEnd+1)+1)
		from := len(o.out)
		v := o.value(i, depth+1)
		if count < 2 {
			keys[count], values[count], inner[count] = key, span{from, len(o.out)}, v
		}
		i = jsonscan.SkipBlanks(o.s, v.end)
	}
	o.out = append(o.out, '}')
	done := opened{end: i + 1}
	switch {
	case count == 1:
		switch keys[0] {
		case `"stringValue"`, `"intValue"`, `"doubleValue"`, `"boolValue"`:
			return o.open(start, values[0], done)
		case `"arrayValue"`, `"kvlistValue"`:
			return o.openList(start, keys[0], values[0], inner[0], done)
		case `"values"`:
			done.values, done.value = true, values[0]
		}
	case count == 2 && keys[0] == `"Value"` && keys[1] == `"Type"` && o.isType(values[1]):
		return o.open(start, values[0], done)
	case count == 2 && keys[0] == `"Type"` && keys[1] == `"Value"` && o.isType(values[0]):
		return o.open(start, values[1], done)
	case count == 2:
		k, v := 0, 1
		if strings.EqualFold(keys[0], `"value"`) {
			k, v = 1, 0
		}
		if strings.EqualFold(keys[k], `"key"`) && strings.EqualFold(keys[v], `"value"`) && inner[v].wrapped &&
			o.out[values[k].from] == '"' {
			done.pair, done.key, done.value = true, values[k], values[v]
		}
	}
	return done
}

// open moves a value to the place of its wrapper, which starts at start.
func (o *opener) open(start int, v span, done opened) opened {
	o.out = append(o.out[:start], o.out[v.from:v.to]...)
	return opened{end: done.end, wrapped: true}
}

// openList opens {"arrayValue":{"values":[…]}} and {"kvlistValue":…}. Protobuf leaves an empty list out.
func (o *opener) openList(start int, key string, v span, inner opened, done opened) opened {
	list := ""
	switch {
	case inner.values && o.out[inner.value.from] == '{', inner.values && inner.value.to > inner.value.from+2:
		return o.open(start, inner.value, done)
	case inner.values, v.to == v.from+2: // [] or {}
		list = "[]"
		if key == `"kvlistValue"` {
			list = "{}"
		}
	default:
		return o.open(start, v, done)
	}
	o.out = append(o.out[:start], list...)
	return opened{end: done.end, wrapped: true}
}

// isType reports whether a {"Type":…,"Value":…} is OpenTelemetry's and not somebody's own: by the types that
// OpenTelemetry's Go libraries have (attribute.Type, log.Kind).
func (o *opener) isType(v span) bool {
	switch strings.ToUpper(string(o.out[v.from:v.to])) {
	case `"STRING"`, `"BOOL"`, `"INT64"`, `"FLOAT64"`, `"INVALID"`, `"EMPTY"`, `"BYTES"`, `"SLICE"`, `"MAP"`,
		`"BOOLSLICE"`, `"INT64SLICE"`, `"FLOAT64SLICE"`, `"STRINGSLICE"`, `"BYTESLICE"`:
		return true
	}
	return false
}
