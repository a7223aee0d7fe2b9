package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// splitTrace splits a text into its message and the stack below it: of Python, Go, Java, JavaScript, Ruby, PHP or C#. The
// stack starts at its own heading or at the line above the first frame, never at the first line; only a bare
// Python traceback is all trace, its last line the message.
func splitTrace(s string) (message, trace string) {
	first, rest, more := strings.Cut(s, "\n")
	if !more {
		return s, ""
	}
	if isPythonHeading(first) {
		s = trimTail(s)
		return strings.TrimLeft(s[strings.LastIndexByte(s, '\n')+1:], " \t"), tidyTrace(s)
	}
	above := -1 // where the line above starts; -1 if it is the first line, or blank
	for at := len(first) + 1; ; {
		line, below, more := strings.Cut(rest, "\n")
		if isHeading(line) {
			return trimTail(s[:at]), tidyTrace(s[at:])
		}
		if isFrame(line) {
			if above >= 0 {
				at = above
			}
			return trimTail(s[:at]), tidyTrace(s[at:])
		}
		if !more {
			return s, ""
		}
		above = at
		if trimTail(line) == "" {
			above = -1
		}
		at += len(line) + 1
		rest = below
	}
}

// isPythonHeading reports whether a line is the heading of a Python traceback.
func isPythonHeading(line string) bool {
	line = strings.TrimLeft(line, " \t+|")
	return strings.HasPrefix(line, "Traceback (most recent call last)") ||
		strings.HasPrefix(line, "Exception Group Traceback (most recent call last)")
}

// isHeading reports whether a line is the heading of a stack.
func isHeading(line string) bool {
	if isPythonHeading(line) {
		return true
	}
	line = strings.TrimLeft(line, " \t")
	if rest, ok := strings.CutPrefix(line, "goroutine "); ok {
		i := jsonscan.SkipDigits(rest, 0)
		return i > 0 && strings.HasPrefix(rest[i:], " [")
	}
	return strings.HasPrefix(line, "Stack (most recent call last)") || // Python's stack_info
		strings.HasPrefix(line, "stack backtrace:") // Rust
}

// isFrame reports whether a line is a frame of a stack.
func isFrame(line string) bool {
	line = strings.TrimRight(line, " \t\r")
	rest := strings.TrimLeft(line, " \t")
	if rest == "" {
		return false
	}
	indented := len(rest) < len(line)
	switch {
	case strings.HasPrefix(rest, "at "):
		return isAtFrame(strings.TrimLeft(rest[3:], " "), indented)
	case strings.HasPrefix(rest, `File "`): // Python: File "/srv/x.py", line 3, in f
		i := strings.Index(rest, `", line `)
		return indented && i > 0 && i+8 < len(rest) && rest[i+8]-'0' <= 9
	case rest[0] == '#': // PHP: #0 /srv/x.php(12): f(), #1 {main}, #2 [internal function]: g()
		i := jsonscan.SkipDigits(rest, 1)
		if i == 1 || i >= len(rest) || rest[i] != ' ' {
			return false
		}
		call := rest[i+1:]
		return call == "{main}" || strings.HasPrefix(call, "[internal function]") || hasPHPLine(call)
	case indented && strings.HasPrefix(line, "\t") && isGoLine(rest):
		return true
	}
	return isRubyFrame(rest)
}

// isAtFrame reads what follows "at": Java and C# (a.b.C.m(C.java:10), Shop.Cart.Add(Item i) in /src/Cart.cs:line 42), and JavaScript
// (f (/srv/x.js:1:2), /srv/x.js:1:2, async f (…), new F (…)).
func isAtFrame(s string, indented bool) bool {
	s = strings.TrimSuffix(s, " {") // util.inspect writes an error's own members below
	if s == "" {
		return false
	}
	if head, ok := cutLine(strings.TrimSuffix(s, ")")); ok {
		if _, ok := cutLine(head); ok {
			return true // :line:column
		}
		if strings.HasSuffix(s, ")") {
			return indented || hasSourceType(head)
		}
		return hasSourceType(head)
	}
	if i := strings.LastIndex(s, ":line "); i > 0 && jsonscan.SkipDigits(s, i+6) == len(s) && i+6 < len(s) {
		return true
	}
	if strings.HasSuffix(s, "(<anonymous>)") || strings.HasSuffix(s, "(native)") || strings.HasSuffix(s, "<anonymous>") && indented {
		return true
	}
	// A call: a dotted name right before a bracket, and nothing but notes after the closing one.
	i := strings.IndexByte(s, '(')
	return indented && i > 0 && s[i-1] != ' ' && strings.IndexByte(s[:i], '.') > 0 &&
		strings.IndexByte(s[:i], ' ') < 0 && strings.IndexByte(s[i:], ')') > 0
}

// isGoLine reports whether s is the second line of a Go frame: /srv/main.go:6 +0xa.
func isGoLine(s string) bool {
	place, _, _ := strings.Cut(s, " +0x")
	head, ok := cutLine(place)
	return ok && strings.IndexByte(head, ' ') != 0 && (strings.HasSuffix(head, ".go") || strings.HasSuffix(head, ".s"))
}

// hasPHPLine reports whether s has a place as PHP writes it: /srv/x.php(12): .
func hasPHPLine(s string) bool {
	i := strings.Index(s, "): ")
	if i < 0 {
		if i = len(s) - 2; i < 0 || s[i:] != "):" {
			return false
		}
	}
	j := i
	for j > 0 && s[j-1]-'0' <= 9 {
		j--
	}
	return j < i && j > 1 && s[j-1] == '('
}

// isRubyFrame reads Ruby's frames: /srv/app.rb:12:in 'f', also after "from" and a number.
func isRubyFrame(s string) bool {
	if i := jsonscan.SkipDigits(s, 0); i > 0 && strings.HasPrefix(s[i:], ": ") {
		s = s[i+2:]
	}
	s = strings.TrimPrefix(s, "from ")
	i := strings.Index(s, ":in ")
	if i < 0 || i+4 >= len(s) || s[i+4] != '\'' && s[i+4] != '`' {
		return false
	}
	head, ok := cutLine(s[:i])
	return ok && strings.IndexByte(head, ' ') < 0
}
