package stack

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// Split splits a text into the message and the stack trace below it. The trace starts at its heading, at the line of the exception, or at the
// line above the first frame, but not at the first line, which is the message. Only a text that begins with a traceback (Python) or with the
// source line of a crash (Node) is a trace as a whole, and its headline is the message. parsed is what Read returns for them if it was needed
// here, else it has no lines.
func Split(s string) (message, trace string, parsed Trace) {
	first, rest, more := strings.Cut(s, "\n")
	if !more {
		return s, "", parsed
	}
	if !hasStart(s) {
		return s, "", parsed
	}
	content, _, _ := cutMargin(first)
	if isPythonHeading(trimIndent(content)) {
		trace = trimTrace(s)
		t := Read("", trace)
		message = strings.TrimLeft(trimEnd(t.Headline()), " \t")
		if t.Type != "" { // otherwise the message matters
			parsed = t
		}
		if message == "" { // the trace is incomplete, so use its last line
			whole := trimEnd(s)
			message = trimIndent(whole[strings.LastIndexByte(whole, '\n')+1:])
		}
		return message, trace, parsed
	}
	if line, ok := nodeCrash(first, rest); ok {
		return strings.TrimSpace(line), trimTrace(s), parsed
	}
	if strings.Trim(first, "=*#-_ \t\r") == "" { // a rule, as sanitizers write
		if message, trace, parsed := Split(rest); trace != "" {
			return message, trace, parsed
		}
	}
	at := startOf(s, first)
	if at < 0 {
		return s, "", parsed
	}
	return trimEnd(s[:at]), trimTrace(s[at:]), parsed
}

// hasStart reports whether there can be a frame or a heading. It is fast, since most texts have none.
func hasStart(s string) bool { return strings.IndexByte(s, '(') >= 0 || strings.IndexByte(s, ':') >= 0 }

// startOf returns the start of the trace below the first line, or -1.
func startOf(s, first string) int {
	_, _, sure := errorLine(first)
	above, found := -1, -1               // start of the line above, if the trace may begin there; start of the line of an exception
	if first == "Unhandled exception:" { // Dart has the error's line below it
		above = -2
	}
	at := len(first) + 1
	for rest, more := s[at:], true; more; {
		var line string
		line, rest, more = strings.Cut(rest, "\n")
		blank := strings.TrimSpace(line) == ""
		switch {
		case blank:
		case isHeading(line):
			if found >= 0 {
				return found
			}
			return at
		case isFrame(line):
			switch {
			case sure:
				return len(first) + 1
			case found >= 0:
				return found
			case above >= 0:
				return above
			}
			return at
		case found < 0 && !sure:
			if kind, _, ok := errorLine(line); ok && kind != "" && above != -2 {
				found = at
			}
		}
		switch {
		case blank || above == -2:
			above = -1
		default:
			above = at
		}
		at += len(line) + 1
	}
	return -1
}

// nodeCrash returns the line of the error in Node's output of a crash: a file and line, the source line, a mark below it, and the error.
func nodeCrash(first, rest string) (line string, ok bool) {
	place, hasLine := CutLine(strings.TrimSpace(first))
	if !hasLine || strings.IndexByte(place, ' ') >= 0 || !IsPlace(strings.TrimPrefix(strings.TrimSpace(first), "file://")) && !strings.HasPrefix(first, "node:") {
		return "", false
	}
	marked := false
	for range 8 { // the source rarely has more than one line
		line, rest, ok = strings.Cut(rest, "\n")
		switch text := strings.TrimSpace(line); {
		case !ok:
			return "", false
		case text != "" && strings.Trim(text, "^~") == "":
			marked = true
		case marked && text != "":
			return line, isFrame(cutAt(rest, '\n')) || strings.Contains(rest, "\nNode.js v")
		}
	}
	return "", false
}

// isHeading reports whether a line is the heading of a stack.
func isHeading(line string) bool {
	line = strings.TrimRight(line, " \t\r")
	text := trimIndent(line)
	if text == "" {
		return false
	}
	switch text[0] {
	case '+', '|', 'T', 'E':
		content, _, _ := cutMargin(text)
		return isPythonHeading(content)
	case 'g':
		rest, ok := strings.CutPrefix(text, "goroutine ")
		i := jsonscan.SkipDigits(rest, 0)
		return ok && i > 0 && strings.HasPrefix(rest[i:], " [")
	case 'n':
		return strings.HasPrefix(text, "note: run with `RUST_BACKTRACE") // in place of the frames
	case 's':
		return text == "stack backtrace:" || text == "stack traceback:" // Rust, Lua
	case 'S':
		return isPythonStack(text) || text == "Stack backtrace:"
	case 'C':
		return text == "Caused by:" || text == "CallStack (from HasCallStack):" || strings.HasPrefix(text, "Current thread ") && isPythonStack(text) ||
			strings.HasPrefix(line, "Caused by: ")
	case '*':
		return strings.HasPrefix(text, "** (") && strings.Contains(text, ") ")
	}
	return false
}

// isFrame reports whether a line is a frame of a stack.
func isFrame(line string) bool {
	if _, ok := isGoPlace(line); ok {
		return true
	}
	_, ok := parseFrame(line)
	return ok
}

// trimEnd trims space, tab, CR, LF and NUL from the end.
func trimEnd(s string) string { return strings.TrimRight(s, " \t\r\n\x00") }

// trimTrace trims blank lines around a trace. The first line keeps its indentation.
func trimTrace(s string) string {
	s = trimEnd(s)
	for {
		line, rest, more := strings.Cut(s, "\n")
		if !more || trimEnd(line) != "" {
			return s
		}
		s = rest
	}
}
