package stack

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// chain parses lines that connect exceptions: those that introduce a cause, and those that return to the exception that it caused.
func (r *reader) chain(line, text string) (letter byte, ok bool) {
	if r.causes {
		if r.anyhowCause(line, text) {
			return LineCause, true
		}
		r.causes = false
	}
	switch text[0] {
	case '.':
		return r.shared(text)
	case '-':
		return r.dotNet(text)
	case '[':
		return r.inspected(text)
	case ']':
		r.leaves = false
	case 'C':
		if text == "Caused by:" {
			r.causes = true
			return LineCause, true
		}
		if rest, ok := strings.CutPrefix(text, "Caused by: "); ok {
			b := r.block()
			r.beginCause(rest, block{aside: b != nil && b.aside && indentOf(line) > 0})
			return LineCause, true
		}
	case 'N':
		if rest, ok := strings.CutPrefix(text, "Next "); ok && len(r.blocks) > 0 { // PHP
			if kind, _, sure := errorLine(rest); kind != "" && (sure || strings.Contains(rest, ".php:")) {
				r.beginCause(rest, block{wrapsLast: true})
				return LineCause, true
			}
		}
	case 'S':
		if rest, ok := strings.CutPrefix(text, "Suppressed: "); ok {
			r.beginCause(rest, block{aside: true})
			return LineCause, true
		}
	case 'W':
		if rest, ok := strings.CutPrefix(text, "Wrapped by: "); ok { // logback's rootCauseFirst
			r.beginCause(rest, block{wrapsLast: true})
			return LineCause, true
		}
	}
	return 0, false
}

// beginCause begins a chained exception with its first line, which may have no type.
func (r *reader) beginCause(line string, b block) {
	kind, text, _ := errorLine(line)
	if kind == "" {
		text = cut(line)
	}
	b.kind, b.text = kind, text
	if len(r.blocks) == 0 && !b.wrapsLast { // the exception that it caused is in the message
		r.begin(block{})
	}
	r.begin(b)
}

// shared parses "... 5 more" of Java and "... 5 common frames omitted" of logback.
func (r *reader) shared(text string) (byte, bool) {
	rest, ok := strings.CutPrefix(text, "... ")
	end := jsonscan.SkipDigits(rest, 0)
	if !ok || end == 0 || end > 6 || !strings.HasPrefix(rest[end:], " more") && !strings.HasPrefix(rest[end:], " common") {
		return 0, false
	}
	n := 0
	for _, c := range []byte(rest[:end]) {
		n = n*10 + int(c-'0')
	}
	for i := r.last - 1; i >= 0; i-- { // find the exception above, which isn't suppressed
		if !r.blocks[i].aside {
			r.blocks[i].shared = n
			break
		}
	}
	return LineMore, true
}

// dotNet parses lines that connect exceptions of .NET.
func (r *reader) dotNet(text string) (byte, bool) {
	if rest, ok := strings.CutPrefix(text, "---> "); ok {
		if inner, ok := strings.CutPrefix(rest, "(Inner Exception #"); ok {
			_, rest, _ = strings.Cut(inner, ") ")
			r.markLeaves()
			r.beginCause(rest, block{leaf: true})
			return LineCause, true
		}
		outer := max(r.last, 0)
		r.beginCause(rest, block{})
		r.outer = append(r.outer, outer)
		return LineCause, true
	}
	if !strings.HasPrefix(text, "--- ") || !strings.HasSuffix(text, " ---") {
		return 0, false
	}
	for _, word := range [...]string{"inner exception", "intern", "внутренн", "内部", "內部"} {
		if n := len(r.outer); n > 0 && strings.Contains(text, word) {
			r.last, r.outer = r.outer[n-1], r.outer[:n-1]
			break
		}
	}
	return LineText, true
}

// markLeaves makes the current exception a group. The exception that .NET showed as its cause becomes the first leaf.
func (r *reader) markLeaves() {
	for i := range r.blocks {
		b := &r.blocks[i]
		switch {
		case i == 0:
			b.group = true
		case i == 1 && !b.leaf && !b.group:
			b.leaf = true
		}
	}
}

// inspected parses lines in brackets of Node's util.inspect and Monolog.
func (r *reader) inspected(text string) (byte, bool) {
	if rest, ok := strings.CutPrefix(text, "[cause]: "); ok {
		r.beginCause(strings.TrimSuffix(rest, " {"), block{leaf: r.leaves})
		return LineCause, true
	}
	if rest, ok := strings.CutPrefix(text, "[previous exception] "); ok {
		r.beginCause(rest, block{})
		return LineCause, true
	}
	if strings.HasPrefix(text, "[errors]: [") && r.last >= 0 {
		r.blocks[r.last].group, r.leaves = true, true
		return LineText, true
	}
	return 0, false
}

// anyhowCause parses a line below "Caused by:" without a type: "    0: cannot read", or a single text.
func (r *reader) anyhowCause(line, text string) bool {
	if line[0] != ' ' && line[0] != '\t' {
		if kind, said, sure := errorLine(text); sure { // Rails
			r.begin(block{kind: kind, text: said})
			r.causes = false
			return true
		}
		return false
	}
	if i := jsonscan.SkipDigits(text, 0); i > 0 && strings.HasPrefix(text[i:], ": ") {
		text = text[i+2:]
	}
	r.beginCause("", block{})
	r.blocks[r.last].text = cut(text)
	return true
}
