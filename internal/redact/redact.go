// Package redact finds secrets in published payloads and replaces them.
//
// It recognizes a secret by the name before it (password=…, "token": …, Cookie: …) or by its form: a bearer token, a JWT, keys of well-known
// services, a private key, the password in a URL, the number of a payment card. It doesn't parse payloads. It scans the text once and finds
// only the ends of quoted values, which may be escaped any number of times. It therefore works for JSON inside a JSON string, for tracebacks
// and for truncated records.
//
// In doubt it replaces a text. It can't recognize a secret without a name or a form, such as a password in a sentence.
package redact

// Replacement replaces a secret. It needs no escaping in JSON, logfmt or a URL.
const Replacement = "[redacted]"

// Secrets returns a payload with its secrets replaced. JSON remains valid. A payload without secrets is returned unchanged.
func Secrets(payload string) string {
	r := redactor{s: payload, isJSON: isJSON(payload)}
	for i := 0; i < len(payload); {
		switch classOf[payload[i]] {
		case letter:
			if i+1 < len(payload) && secondLetters[payload[i]]>>(payload[i+1]&31)&1 != 0 {
				i = r.scanWord(i)
				continue
			}
			for i++; i < len(payload) && isWordByte[payload[i]]; i++ {
			}
		case digit:
			i = r.scanNumber(i)
		case valueSign:
			i = r.scanAssigned(i)
		case dash:
			i = r.scanDashes(i)
		case escape: // the n of \n is not a part of the next word
			i += 2
		default:
			i++
		}
	}
	if r.out != nil {
		payload = string(append(r.out, payload[r.copied:]...))
	}
	if r.arguments != nil {
		payload = hideArguments(payload, r.arguments)
	}
	return payload
}

// redactor is the state of one scan.
type redactor struct {
	s         string
	isJSON    bool   // whether the payload looks like JSON
	out       []byte // the result so far; nil until something is replaced
	copied    int    // how much of s is in out
	arguments []int  // indexes of the secrets among the arguments of a Python record
}

// replace replaces s[from:to] and returns to.
func (r *redactor) replace(from, to int, with string) int {
	if r.out == nil {
		r.out = make([]byte, 0, len(r.s)+len(Replacement))
	}
	r.out = append(append(r.out, r.s[r.copied:from]...), with...)
	r.copied = to
	return to
}

// hide replaces s[from:to] unless it is not a secret, and returns to.
func (r *redactor) hide(from, to int) int {
	if from >= to || isHidden(r.s[from:to]) {
		return to
	}
	return r.replace(from, to, Replacement)
}

// class classifies bytes for the scan.
type class uint8

const (
	other class = iota
	letter
	digit
	valueSign // may be between a name and its value: = : > , and '
	dash
	escape
)

// classOf is the class of each byte.
var classOf = func() (c [256]class) {
	for i := range 26 {
		c['a'+i], c['A'+i] = letter, letter
	}
	for i := range 10 {
		c['0'+i] = digit
	}
	c['_'], c['-'], c['\\'] = letter, dash, escape
	for _, a := range "=:>,'" {
		c[a] = valueSign
	}
	return c
}()

// isWordByte has the bytes of words.
var isWordByte = func() (is [256]bool) {
	for c, class := range classOf {
		is[c] = class == letter || class == digit
	}
	return is
}()

func isWord(c byte) bool { return isWordByte[c] }

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func skipBlanks(s string, i int) int {
	for i < len(s) && isBlank(s[i]) {
		i++
	}
	return i
}

// isJSON reports whether a payload begins like a JSON object, array or string.
func isJSON(s string) bool {
	i := skipBlanks(s, 0)
	if i == len(s) {
		return false
	}
	if s[i] == '[' {
		i = skipBlanks(s, i+1)
		return i < len(s) && (s[i] == '{' || s[i] == '"')
	}
	return s[i] == '{' || s[i] == '"'
}
