package stack

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// result returns the parsed trace.
func (r *reader) result(message string) (t Trace) {
	t.Lines = string(r.letters)
	chain := r.chained()
	if len(chain) == 0 {
		t.Type, t.Text = errorOfMessage(message)
		return t
	}
	head := &r.blocks[chain[0]]
	t.Type, t.Text = head.kind, head.text
	if t.Type == "" {
		if kind, text := errorOfMessage(message); kind != "" || t.Text == "" {
			t.Type, t.Text = kind, text
		}
	}
	group := &r.blocks[r.thrown(chain)]
	if group != head {
		t.Cause = group.kind
	}
	if root := &r.blocks[chain[len(chain)-1]]; root != head {
		t.Root, t.RootText = root.kind, root.text
	}
	leaf := r.addLeaves(&t)
	if group.ownAt < 0 && leaf != nil {
		group = leaf
	}
	switch {
	case group.ownAt >= 0:
		t.Function, t.File, t.Own = group.own.function, baseOf(group.own.file), true
	case group.top.language == php && phpPlace(cutAt(message, '\n')) != "":
		place := frame{language: php, file: phpPlace(cutAt(message, '\n'))}
		t.File, t.Own = baseOf(place.file), !place.isLibrary()
	case group.frames > 0:
		t.Function, t.File = group.top.function, baseOf(group.top.file)
	}
	return t
}

// chained returns the exceptions of the chain, the outermost first, without suppressed ones and leaves.
func (r *reader) chained() []int {
	var chain []int
	reversed := false
	for i := range r.blocks {
		b := &r.blocks[i]
		if b.leaf || b.aside {
			continue
		}
		chain = append(chain, i)
		reversed = reversed || b.newestLast && i > 0 || b.wrapsLast
	}
	if reversed {
		for i, j := 0, len(chain)-1; i < j; i, j = i+1, j-1 {
			chain[i], chain[j] = chain[j], chain[i]
		}
	}
	return chain
}

// thrown returns the exception that counts for grouping. It is the outermost one that the application threw. If libraries threw all of them, it
// is the innermost one that a library caught and that has a frame of the application that it doesn't share with the exception that it caused.
// If there is none, it is the outermost one.
func (r *reader) thrown(chain []int) int {
	for _, i := range chain {
		if b := &r.blocks[i]; b.frames > 0 && b.topOwn {
			return i
		}
	}
	for n := len(chain) - 1; n >= 0; n-- {
		b := &r.blocks[chain[n]]
		if b.ownAt >= 0 && b.ownAt < b.frames-b.shared && (n == 0 || !b.oldestOwn) {
			return chain[n]
		}
	}
	return chain[0]
}

// addLeaves sets the leaves of an exception group, and returns the first of them with a frame of the application.
func (r *reader) addLeaves(t *Trace) *block {
	var own *block
	for i := range r.blocks {
		b := &r.blocks[i]
		if !b.leaf || b.group || b.finished || b.kind == "" {
			continue
		}
		if own == nil && b.ownAt >= 0 {
			own = b
		}
		known := false
		for _, kind := range t.Leaves {
			known = known || kind == b.kind
		}
		if !known && len(t.Leaves) < maxLeaves {
			t.Leaves = append(t.Leaves, b.kind)
		}
	}
	return own
}

// errorOfMessage returns the exception in the first or second line of a message, whose trace has only frames.
func errorOfMessage(message string) (kind, text string) {
	first, rest, more := strings.Cut(message, "\n")
	if f, kind, text, ok := rubyError(first); ok && f.file != "" {
		return kind, text
	}
	if text, ok := luaError(first); ok {
		return "", text
	}
	kind, text, sure := errorLine(first)
	if sure && kind == panicType && text == "" && more { // Rust has the text on the next line
		return kind, cut(rest)
	}
	if sure && hasErrorForm(kind) {
		return kind, text
	}
	if more {
		if kind, text, sure := errorLine(cutAt(rest, '\n')); sure {
			return kind, text
		}
	}
	return "", ""
}

// hasErrorForm reports whether a type in a message has the name of an error type, unlike the name of a logger.
func hasErrorForm(kind string) bool {
	if kind == panicType || strings.HasSuffix(kind, " error") {
		return true
	}
	for _, ending := range typeEndings {
		if strings.HasSuffix(cutAt(kind, '`'), ending) {
			return true
		}
	}
	return strings.ContainsAny(kind, `\`) || strings.Contains(kind, "::") || strings.HasPrefix(kind, "*")
}

// StableName removes the numbers of closures from a function's name, since they change when code is added.
func StableName(s string) string {
	if strings.IndexByte(s, '$') < 0 && !strings.Contains(s, "func") && !strings.Contains(s, "__") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if isDigit(s[i]) && (strings.HasSuffix(s[:i], "$") || strings.HasSuffix(s[:i], ".func") || strings.HasSuffix(s[:i], "__")) {
			if i = jsonscan.SkipDigits(s, i); i == len(s) {
				break
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
