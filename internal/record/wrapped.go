package record

import "strings"

// mayBeWrapped reports whether there may be values as OpenTelemetry wraps them. It is cheap, since it is asked of every record.
func mayBeWrapped(payload string) bool {
	return strings.Contains(payload, `Value"`)
}

// unwrap opens the wrapped values of OpenTelemetry in a JSON object: {"stringValue":x} and its like, {"Type":…,"Value":x}, and
// arrays of key and such a value, which become objects. A payload that is no JSON comes back as it is.
func unwrap(payload string) string {
	d := newDecoder()
	defer d.release()
	if !d.scan(payload) {
		return payload
	}
	out := d.appendOpened(make([]byte, 0, len(payload)), payload, object, 0)
	return string(out)
}

// appendOpened appends a value, opened if it is wrapped, its members and elements opened too.
func (d *decoder) appendOpened(dst []byte, raw string, k kind, depth int) []byte {
	if k != object && k != array || depth > maxDepth {
		return append(dst, raw...)
	}
	if k == array {
		if pairs, ok := d.appendPairs(dst, raw, depth); ok {
			return pairs
		}
		dst = append(dst, '[')
		first := true
		d.elements(raw, func(value string, k kind, _ flags) bool {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = d.appendOpened(dst, value, k, depth+1)
			return true
		})
		return append(dst, ']')
	}
	if value, k, ok := d.wrapped(raw); ok {
		return d.appendOpened(dst, value, k, depth+1)
	}
	dst = append(dst, '{')
	first := true
	d.members(raw, func(key, value string, k kind) bool {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(append(dst, key...), ':')
		dst = d.appendOpened(dst, value, k, depth+1)
		return true
	})
	return append(dst, '}')
}

// wrapped returns what a wrapped value holds.
func (d *decoder) wrapped(raw string) (value string, k kind, ok bool) {
	count := 0
	kindName, typed := "", false
	d.members(raw, func(key, v string, vk kind) bool {
		count++
		switch key {
		case `"stringValue"`, `"intValue"`, `"doubleValue"`, `"boolValue"`:
			value, k, ok = v, vk, count == 1
		case `"arrayValue"`, `"kvlistValue"`:
			value, k, ok = v, vk, count == 1
			if vk == object {
				inner := 0
				d.members(v, func(key, list string, lk kind) bool {
					inner++
					if key == `"values"` {
						value, k = list, lk
					}
					return inner < 2
				})
				if inner == 0 { // no values: protobuf leaves empty lists out
					value, k = "[]", array
					if key == `"kvlistValue"` {
						value, k = "{}", object
					}
				}
			}
		case `"Type"`:
			if vk == text {
				kindName, typed = contents(v), true
			}
		case `"Value"`:
			value, k = v, vk
		default:
			count = 3
		}
		return count < 3
	})
	switch {
	case count == 1 && ok:
		return value, k, true
	case count == 2 && typed && value != "" && isTelemetryType(kindName):
		return value, k, true
	}
	return "", 0, false
}

// isTelemetryType reports whether a {"Type":…,"Value":…} is OpenTelemetry's and not somebody's own (attribute.Type and
// log.Kind of OpenTelemetry's Go libraries).
func isTelemetryType(s string) bool {
	switch strings.ToUpper(s) {
	case "STRING", "BOOL", "INT64", "FLOAT64", "INVALID", "EMPTY", "BYTES", "SLICE", "MAP",
		"BOOLSLICE", "INT64SLICE", "FLOAT64SLICE", "STRINGSLICE", "BYTESLICE":
		return true
	}
	return false
}

// appendPairs appends an array of key and wrapped value as an object, and reports whether raw is one.
func (d *decoder) appendPairs(dst []byte, raw string, depth int) ([]byte, bool) {
	start := len(dst)
	dst = append(dst, '{')
	ok := true
	d.elements(raw, func(pair string, k kind, _ flags) bool {
		ok = false
		if k != object {
			return false
		}
		name, value, valueKind := "", "", null
		count := 0
		d.members(pair, func(key, v string, vk kind) bool {
			count++
			switch {
			case (key == `"key"` || key == `"Key"`) && vk == text:
				name = v
			case (key == `"value"` || key == `"Value"`) && vk == object:
				value, valueKind, ok = d.wrapped(v)
			}
			return count < 3
		})
		if ok = ok && count == 2 && name != ""; !ok {
			return false
		}
		if len(dst) > start+1 {
			dst = append(dst, ',')
		}
		dst = append(append(dst, name...), ':')
		dst = d.appendOpened(dst, value, valueKind, depth+2)
		return true
	})
	if !ok || len(dst) == start+1 {
		return dst[:start], false
	}
	return append(dst, '}'), true
}

// members calls yield with each member of the object that raw holds, the key as written with its quotes, until it returns false.
func (d *decoder) members(raw string, yield func(key, value string, k kind) bool) {
	i := skipBlanks(raw, 1)
	if raw[i] == '}' {
		return
	}
	outer := d.s
	defer func() { d.s = outer }()
	for {
		end, _ := scanString(raw, i+1)
		key := raw[i : end+1]
		i = skipBlanks(raw, skipBlanks(raw, end+1)+1)
		d.s = raw
		end, k, _ := d.skipValue(i, 0)
		if end < 0 || !yield(key, raw[i:end], k) {
			return
		}
		i = skipBlanks(raw, end)
		if raw[i] != ',' {
			return
		}
		i = skipBlanks(raw, i+1)
	}
}
