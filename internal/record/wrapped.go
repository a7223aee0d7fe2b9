package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// mayBeWrapped reports whether there may be values that OpenTelemetry wraps. It is called for every record, so it must be fast.
func mayBeWrapped(payload string) bool {
	return strings.Contains(payload, `Value"`)
}

// unwrap replaces values that OpenTelemetry wraps: {"stringValue":x} and similar ones, {"Type":…,"Value":x}, and arrays of keys with such
// values, which become objects. It returns other payloads unchanged.
func unwrap(payload string) string {
	d := newDecoder()
	ok := d.scan(payload)
	d.release()
	if !ok {
		return payload
	}
	o := unwrapper{s: payload, out: make([]byte, 0, len(payload))}
	o.value(0, 0)
	if o.out[0] != '{' { // the payload itself looks wrapped, so that is its own data
		return payload
	}
	return string(o.out)
}

// maxUnwrapDepth is how deep values are unwrapped. Each is moved once for every wrapper around it.
const maxUnwrapDepth = 64

// unwrapper copies scanned JSON without blanks and with unwrapped values. It writes a value first and then moves it to the position of its
// wrapper, so that it reads each value only once.
type unwrapper struct {
	s   string
	out []byte
}

// span is a part of the output.
type span struct{ from, to int }

// unwrapped describes a value that was written.
type unwrapped struct {
	end     int  // the index after it in the input
	wrapped bool // whether it was wrapped
	pair    bool // whether it is an object with only a key and a wrapped value
	key     span // the key of a pair
	value   span // the value of a pair, or the only member of {"values":…}
	values  bool // whether it is an object with the only member "values"
}

// value writes the value at i.
func (o *unwrapper) value(i, depth int) unwrapped {
	c := o.s[i]
	if c != '{' && c != '[' || depth > maxUnwrapDepth {
		end, _ := jsonscan.ValueEnd(o.s, i)
		o.out = append(o.out, o.s[i:end]...)
		return unwrapped{end: end}
	}
	if c == '[' {
		return o.array(i, depth)
	}
	return o.object(i, depth)
}

func (o *unwrapper) array(i, depth int) unwrapped {
	var pairs []unwrapped
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
		return unwrapped{end: i + 1}
	}
	// The object is never longer than the array, so it can overwrite it.
	to := o.out[:start]
	for n, p := range pairs {
		to = append(to, "{,"[min(n, 1)])
		to = append(to, o.out[p.key.from:p.key.to]...)
		to = append(to, ':')
		to = append(to, o.out[p.value.from:p.value.to]...)
	}
	o.out = append(to, '}')
	return unwrapped{end: i + 1}
}

func (o *unwrapper) object(i, depth int) unwrapped {
	var keys [2]string // of the first two members, as written
	var values [2]span
	var inner [2]unwrapped
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
	done := unwrapped{end: i + 1}
	switch {
	case count == 1:
		switch keys[0] {
		case `"stringValue"`, `"intValue"`, `"doubleValue"`, `"boolValue"`:
			return o.replaceWrapper(start, values[0], done)
		case `"arrayValue"`, `"kvlistValue"`:
			return o.replaceList(start, keys[0], values[0], inner[0], done)
		case `"values"`:
			done.values, done.value = true, values[0]
		}
	case count == 2 && keys[0] == `"Value"` && keys[1] == `"Type"` && o.isType(values[1]):
		return o.replaceWrapper(start, values[0], done)
	case count == 2 && keys[0] == `"Type"` && keys[1] == `"Value"` && o.isType(values[0]):
		return o.replaceWrapper(start, values[1], done)
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

// replaceWrapper moves a value to the position of its wrapper, which starts at start.
func (o *unwrapper) replaceWrapper(start int, v span, done unwrapped) unwrapped {
	o.out = append(o.out[:start], o.out[v.from:v.to]...)
	return unwrapped{end: done.end, wrapped: true}
}

// replaceList replaces {"arrayValue":{"values":[…]}} and {"kvlistValue":…} by the list. Protobuf omits an empty list.
func (o *unwrapper) replaceList(start int, key string, v span, inner unwrapped, done unwrapped) unwrapped {
	list := ""
	switch {
	case inner.values && o.out[inner.value.from] == '{', inner.values && inner.value.to > inner.value.from+2:
		return o.replaceWrapper(start, inner.value, done)
	case inner.values, v.to == v.from+2: // [] or {}
		list = "[]"
		if key == `"kvlistValue"` {
			list = "{}"
		}
	default:
		return o.replaceWrapper(start, v, done)
	}
	o.out = append(o.out[:start], list...)
	return unwrapped{end: done.end, wrapped: true}
}

// isType reports whether the type in {"Type":…,"Value":…} is one of OpenTelemetry's Go libraries (attribute.Type, log.Kind).
func (o *unwrapper) isType(v span) bool {
	switch strings.ToUpper(string(o.out[v.from:v.to])) {
	case `"STRING"`, `"BOOL"`, `"INT64"`, `"FLOAT64"`, `"INVALID"`, `"EMPTY"`, `"BYTES"`, `"SLICE"`, `"MAP"`,
		`"BOOLSLICE"`, `"INT64SLICE"`, `"FLOAT64SLICE"`, `"STRINGSLICE"`, `"BYTESLICE"`:
		return true
	}
	return false
}
