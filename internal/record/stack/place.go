package stack

import "strings"

// sourceTypes are the extensions of source files, which distinguish "cart.py:42" from "db.internal:5432".
var sourceTypes = func() map[string]bool {
	m := make(map[string]bool)
	for _, ext := range strings.Fields("go py pyx pyw js mjs cjs jsx ts mts cts tsx vue svelte java kt kts scala sc groovy clj cljs cljc" +
		" rb erb rake php phtml cs fs fsx vb razor cshtml rs c cc cpp cxx c++ h hh hpp hxx m mm swift zig nim d dart ex exs eex heex" +
		" erl hrl hs lhs ml mli lua pl pm t sh bash zsh ps1 r jl f f90 pas ada adb cr v sv s asm sql coffee elm gleam templ hx tcl vala") {
		m[ext] = true
	}
	return m
}()

// IsPlace reports whether s ends with the name of a source file and a line: "main.go:42", "x.js:1:2", "a.py:f:20".
func IsPlace(s string) bool {
	if strings.Contains(s, "://") {
		return false
	}
	head, ok := CutLine(s)
	if !ok {
		return false
	}
	if hasSourceType(head) {
		return true
	}
	if before, ok := CutLine(head); ok && hasSourceType(before) {
		return true
	}
	i := strings.LastIndexByte(head, ':')
	return i > 0 && i+1 < len(head) && !strings.ContainsAny(head[i+1:], " /\\") && hasSourceType(head[:i])
}

// CutLine removes a line number such as ":42" from the end.
func CutLine(s string) (string, bool) {
	i := len(s)
	for i > 0 && isDigit(s[i-1]) {
		i--
	}
	if i == len(s) || i < 2 || s[i-1] != ':' {
		return s, false
	}
	return s[:i-1], true
}

// cutPlace removes a position such as ":42" or ":42:7" from the end.
func cutPlace(s string) (string, bool) {
	head, ok := CutLine(s)
	if before, both := CutLine(head); both {
		return before, true
	}
	return head, ok
}

// hasSourceType reports whether s ends in the name of a source file.
func hasSourceType(s string) bool {
	i := strings.LastIndexByte(s, '.')
	return i > 0 && len(s)-i <= 8 && isFileByte(s[i-1]) && sourceTypes[strings.ToLower(s[i+1:])]
}

func isFileByte(c byte) bool { return c != '/' && c != '\\' && c > ' ' && c != ':' }

func isDigit(c byte) bool { return c-'0' <= 9 }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// isName reports whether c can be part of an identifier, which may have letters beyond ASCII.
func isName(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '$' || c >= 0x80 }

// baseOf returns the last segment of a path or URL.
func baseOf(path string) string {
	if i := strings.IndexByte(path, '?'); i > 0 {
		path = path[:i]
	}
	return path[strings.LastIndexAny(path, `/\`)+1:]
}

// trimIndent trims blanks and tabs from the start, faster than strings.TrimLeft.
func trimIndent(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	return s
}
