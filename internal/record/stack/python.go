package stack

import "strings"

// pythonState is the state of reading Python's tracebacks, which have the newest frame and the exception last.
type pythonState struct {
	seen   bool // whether there was a heading
	open   bool // whether the line of the exception must still follow
	noLine bool // whether it doesn't follow, since the stack is that of a log call or a thread
	leaf   bool // whether the next line may be a leaf without a traceback
	depth  int  // the column of the margin
}

// isPythonHeading reports whether a line, without its margin, is the heading of a traceback.
func isPythonHeading(s string) bool {
	return strings.HasPrefix(s, "Traceback (most recent call last)") || strings.HasPrefix(s, "Exception Group Traceback (most recent call last)")
}

// isPythonStack reports whether a line is the heading of a stack without an exception.
func isPythonStack(s string) bool {
	return strings.HasPrefix(s, "Stack (most recent call last)") || strings.HasSuffix(s, "(most recent call first):")
}

// cutMargin removes the margin that an exception group has before each line: "  | ", "  + ". depth is its column, 0 if there is none.
func cutMargin(line string) (content string, margin byte, depth int) {
	s := strings.TrimLeft(line, " ")
	if s == "" || s[0] != '|' && s[0] != '+' {
		return line, 0, 0
	}
	return strings.TrimPrefix(s[1:], " "), s[0], len(line) - len(s) + 1
}

// pythonLine parses a line of a Python traceback, and reports whether it is one.
func (r *reader) pythonLine(line string) (letter byte, done bool) {
	p := &r.python
	if !p.seen && !strings.Contains(line, "(most recent call") {
		return 0, false
	}
	content, margin, depth := cutMargin(line)
	switch {
	case isPythonHeading(trimIndent(content)):
		r.begin(block{newestLast: true, leaf: margin == '|', depth: depth, group: strings.HasPrefix(trimIndent(content), "Exception Group")})
		*p = pythonState{seen: true, open: true, depth: depth}
		return LineText, true
	case isPythonStack(content):
		r.begin(block{newestLast: strings.HasPrefix(content, "Stack"), aside: len(r.blocks) > 0})
		*p = pythonState{seen: true, open: true, noLine: true, depth: depth}
		return LineText, true
	case !p.seen:
		return 0, false
	case margin == '+': // between the leaves of a group
		p.open, p.leaf = false, true
		return LineText, true
	case p.open:
		return r.pythonFrameLine(content), true
	}
	return r.afterPythonException(content, depth), true
}

// pythonFrameLine parses a line below a heading: a frame, or the line of the exception after the frames.
func (r *reader) pythonFrameLine(content string) byte {
	if content == "" {
		return LineText
	}
	if content[0] == ' ' || content[0] == '\t' {
		if text := trimIndent(content); strings.HasPrefix(text, `File "`) {
			if f, ok := pythonFrame(text, true); ok {
				return r.addFrame(f)
			}
		} else if strings.Contains(text, ": from ") { // Ruby before 3.0 has the newest frame last, too
			if f, ok := rubyFrame(text); ok {
				return r.addFrame(f)
			}
		}
		if r.inFrame {
			return LineMore
		}
		return LineText
	}
	r.python.open = false
	if r.python.noLine {
		return LineText
	}
	b := r.block()
	if f, kind, text, ok := rubyError(content); ok {
		b.kind, b.text = kind, text
		r.addFrame(f)
		return LineException
	}
	b.kind, b.text = pythonError(content)
	return LineException
}

// afterPythonException parses a line that follows the line of an exception: "During handling of …" before the next exception, an
// exception inside a group, or more of the text.
func (r *reader) afterPythonException(content string, depth int) byte {
	p := &r.python
	if strings.HasPrefix(content, "During handling of the above exception") || strings.HasPrefix(content, "The above exception was the direct cause") {
		for i := len(r.blocks) - 1; i >= 0; i-- {
			if b := &r.blocks[i]; b.depth == depth && !b.finished {
				b.finished = true
				break
			}
		}
		return LineCause
	}
	if p.leaf && content != "" && content[0] != ' ' {
		p.leaf = false
		kind, text := pythonError(content)
		r.begin(block{kind: kind, text: text, newestLast: true, leaf: true, depth: depth})
		return LineException
	}
	if f, ok := parseFrame(content); ok && content[0] == ' ' { // of another language, as in Py4J's texts
		if f.isLibrary() {
			return LineLibrary
		}
		return LineOwn
	}
	if r.inFrame && strings.HasPrefix(content, "    ") {
		return LineMore
	}
	return LineText
}

// pythonError splits the line of an exception. The text before the first colon is the type.
func pythonError(line string) (kind, text string) {
	kind, text, _ = strings.Cut(line, ":")
	if kind = strings.TrimSpace(kind); kind == "" || strings.ContainsAny(kind, " \t\"'(){}\x00\r") {
		return "", cut(line)
	}
	return cut(kind), cut(text)
}
