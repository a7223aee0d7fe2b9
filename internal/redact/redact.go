// Package redact finds secrets in log records, as they were published, and replaces them.
//
// A secret is found by the name before it (password=…, "token": …, Cookie: …), or by its own form: a bearer token, a JWT, the keys of
// well-known services, a private key, the password in a URL, the number of a payment card. Nothing is parsed: it is one pass over the text,
// which knows only where a value in quotes ends, escaped any number of times. So JSON inside a string of JSON, a traceback, and a record that
// is broken off are all the same to it.
//
// It errs on the side of hiding. What it cannot find is a secret without a name and a form, such as a password in a sentence.
package redact

// Replacement stands where a secret was. It needs no escape in JSON, logfmt or a URL.
const Replacement = "[redacted]"

// Secrets returns a payload with its secrets replaced. JSON stays JSON. A payload without secrets is returned as it is.
func Secrets(payload string) string {
	r := redactor{s: payload, json: isJSON(payload)}
	for i := 0; i < len(payload); {
		switch classOf[payload[i]] {
		case letter:
			if i+1 < len(payload) && seconds[payload[i]]>>(payload[i+1]&31)&1 != 0 {
				i = r.word(i)
				continue
			}
			for i++; i < len(payload) && isWordByte[payload[i]]; i++ {
			}
		case digit:
			i = r.number(i)
		case assigns:
			i = r.assigned(i)
		case dash:
			i = r.dashes(i)
		case escape: // \n does not begin the word behind it
			i += 2
		default:
			i++
		}
	}
	if r.out != nil {
		payload = string(append(r.out, payload[r.done:]...))
	}
	if r.arguments != nil {
		payload = hideArguments(payload, r.arguments)
	}
	return payload
}

// redactor is one pass over a payload.
type redactor struct {
	s         string
	json      bool   // the payload begins as JSON does
	out       []byte // what was written so far; nil while nothing was replaced
	done      int    // the index in s up to which out goes
	arguments []int  // the numbers of a Python record's arguments that are secrets
}

// replace replaces s[from:to] and returns to.
func (r *redactor) replace(from, to int, with string) int {
	if r.out == nil {
		r.out = make([]byte, 0, len(r.s)+len(Replacement))
	}
	r.out = append(append(r.out, r.s[r.done:from]...), with...)
	r.done = to
	return to
}

// hide replaces s[from:to], unless there is nothing to hide in it, and returns to.
func (r *redactor) hide(from, to int) int {
	if from >= to || isHidden(r.s[from:to]) {
		return to
	}
	return r.replace(from, to, Replacement)
}

type class uint8

const (
	other class = iota
	letter
	digit
	assigns // what may stand between a name and its value: = : > , and '
	dash
	escape
)

// classOf is what a byte begins.
var classOf = func() (c [256]class) {
	for i := range 26 {
		c['a'+i], c['A'+i] = letter, letter
	}
	for i := range 10 {
		c['0'+i] = digit
	}
	c['_'], c['-'], c['\\'] = letter, dash, escape
	for _, a := range "=:>,'" {
		c[a] = assigns
	}
	return c
}()

// isWordByte says which bytes words are of.
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

// isJSON reports whether a payload begins as an object, an array or a string of JSON does.
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
