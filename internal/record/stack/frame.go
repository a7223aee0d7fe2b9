package stack

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// frame is one call of a stack. Its strings alias the trace.
type frame struct {
	language language
	function string // includes the class or package if the language writes it; "" for an anonymous function
	file     string // without line and column
	pkg      string // the Elixir application or Dart package, if it is written separately
}

// parseFrame parses a line as a frame; ok is false if it isn't one. A frame without a source file must be indented and look like a call, unlike
// ordinary text. Frames of two lines (Go, Rust) are parsed by the reader.
func parseFrame(line string) (f frame, ok bool) {
	line = strings.TrimRight(line, " \t\r")
	rest := trimIndent(line)
	if rest == "" {
		return f, false
	}
	indented := len(rest) < len(line)
	switch rest[0] {
	case 'F':
		if strings.HasPrefix(rest, `File "`) {
			return pythonFrame(rest, indented)
		}
	case '#':
		return numberedFrame(rest)
	case '(':
		if f, ok = beamFrame(rest, indented); ok {
			return f, true
		}
	case '[':
		if strings.HasPrefix(rest, "[C]: in ") {
			return frame{function: luaFunction(rest[len("[C]: in "):]), file: "[C]"}, true
		}
	}
	if call, ok := cutAtWord(rest, indented); ok {
		return atFrame(call, indented, strings.HasPrefix(rest, "at "))
	}
	if f, ok = rubyFrame(rest); ok {
		return f, true
	}
	return placedFrame(rest, indented)
}

// placedFrame parses frames with a file and line in the middle or at the end: Elixir without an application, Lua, Perl, Haskell, Firefox,
// OCaml.
func placedFrame(s string, indented bool) (f frame, ok bool) {
	if i := strings.IndexByte(s, '@'); i >= 0 && strings.Contains(s[i:], "://") {
		file, ok := cutPlace(s[i+1:])
		return frame{language: javascript, function: s[:i], file: file}, ok && strings.IndexByte(s, ' ') < 0
	}
	if !indented && !strings.HasPrefix(s, "Raised at ") && !strings.HasPrefix(s, "Called from ") && !strings.HasPrefix(s, "Re-raised at ") {
		return f, false
	}
	if f, ok = beamFrame(s, indented); ok {
		return f, true
	}
	if i := strings.Index(s, ": in "); i > 0 {
		if file, ok := CutLine(s[:i]); ok && strings.IndexByte(file, ' ') < 0 {
			return frame{function: luaFunction(s[i+5:]), file: file}, true
		}
	}
	if i := strings.Index(s, " called at "); i > 0 {
		function := strings.TrimSuffix(s[:i], ",")
		place := s[i+len(" called at "):]
		if function != s[:i] { // Haskell: error, called at src/Cart.hs:41:9 in main:Shop.Cart
			place, pkg, _ := strings.Cut(place, " in ")
			file, ok := cutPlace(place)
			return frame{language: haskell, function: function, file: file, pkg: cutAt(pkg, ':')}, ok
		}
		file, line, ok := strings.Cut(place, " line ") // Perl: Shop::Cart::add("sku", 7) called at main.pl line 9
		return frame{language: perl, function: cutAt(function, '('), file: file}, ok && line != "" && isDigit(line[0])
	}
	if i := strings.Index(s, ` in file "`); i > 0 && strings.Contains(s[i:], `", line `) { // OCaml
		words := strings.Fields(s[:i])
		return frame{language: python, function: words[len(words)-1], file: cutAt(s[i+len(` in file "`):], '"')}, true
	}
	return f, false
}

// pythonFrame reads `File "/srv/x.py", line 3, in f`.
func pythonFrame(s string, indented bool) (f frame, ok bool) {
	file, rest, ok := strings.Cut(s[len(`File "`):], `", line `)
	end := jsonscan.SkipDigits(rest, 0)
	if !ok || !indented || end == 0 {
		return f, false
	}
	_, function, _ := strings.Cut(rest[end:], "in ") // faulthandler has no comma before it
	return frame{language: python, function: function, file: file}, true
}

// numberedFrame parses frames that begin with "#0": those of PHP, Dart, sanitizers and debuggers.
func numberedFrame(s string) (f frame, ok bool) {
	i := jsonscan.SkipDigits(s, 1)
	if i == 1 || i >= len(s) || s[i] != ' ' {
		return f, false
	}
	call := strings.TrimLeft(s[i:], " ")
	switch {
	case call == "{main}":
		return frame{language: php, file: "[internal]"}, true
	case strings.HasPrefix(call, "[internal function]: "):
		return frame{language: php, function: cutAt(call[len("[internal function]: "):], '('), file: "[internal]"}, true
	case strings.HasPrefix(call, "0x"):
		_, call, _ = strings.Cut(call, " ")
		return nativeFrame(strings.TrimPrefix(call, "in "))
	}
	if place, function, ok := strings.Cut(call, ": "); ok && strings.HasSuffix(place, ")") {
		if open := strings.LastIndexByte(place, '('); open > 0 && jsonscan.SkipDigits(place, open+1) == len(place)-1 && open+2 < len(place) {
			return frame{language: php, function: cutAt(function, '('), file: place[:open]}, true
		}
	}
	if open := strings.LastIndex(call, " ("); open > 0 && strings.HasSuffix(call, ")") { // Dart
		if file, ok := cutPlace(call[open+2 : len(call)-1]); ok {
			pkg, _, _ := strings.Cut(strings.TrimPrefix(file, "package:"), "/")
			return frame{language: dart, function: call[:open], file: file, pkg: pkg}, true
		}
	}
	if i := strings.LastIndex(call, " ("); i > 0 && strings.Contains(call[i:], "+0x") { // ThreadSanitizer: f /srv/x.cc:41 (program+0x4a)
		if j := strings.LastIndexByte(call[:i], ' '); j > 0 {
			if _, ok := cutPlace(call[j+1 : i]); ok {
				return nativeFrame(call[:i])
			}
		}
	}
	if i := strings.LastIndex(call, " at "); i > 0 { // gdb: f (x=1) at x.c:12
		if file, ok := cutPlace(call[i+4:]); ok {
			return frame{language: native, function: cutAt(call[:i], ' '), file: file}, true
		}
	}
	return f, false
}

// nativeFrame parses the text after an address: "cart_add /srv/src/cart.c:41:7", "f (/usr/lib/libc.so.6+0x29)", "f (x=1) at x.c:12".
func nativeFrame(s string) (frame, bool) {
	f := frame{language: native, function: s}
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		place := strings.Trim(s[i+1:], "()")
		f.function, f.file = s[:i], place
		if file, ok := cutPlace(place); ok {
			f.file = file
		}
	}
	f.function = strings.TrimSuffix(f.function, " at")
	if i := strings.IndexAny(f.function, " ("); i > 0 {
		f.function = f.function[:i]
	}
	return f, true
}

// beamFrame reads Elixir's "(shop 0.3.1) lib/shop/cart.ex:41: Shop.Cart.add/2", also without the application.
func beamFrame(s string, indented bool) (f frame, ok bool) {
	if s[0] == '(' {
		app, rest, ok := strings.Cut(s[1:], ") ")
		if !ok || strings.Count(app, " ") > 1 {
			return f, false
		}
		f.pkg, s = cutAt(app, ' '), rest
	}
	place, function, ok := strings.Cut(s, ": ")
	file, hasLine := CutLine(place)
	if !ok || !hasLine || !indented || strings.IndexByte(file, ' ') >= 0 {
		return f, false
	}
	switch file[strings.LastIndexByte(file, '.')+1:] {
	case "ex", "exs", "eex", "heex", "erl", "leex":
		f.language, f.function, f.file = beam, strings.TrimPrefix(function, ":"), file
		return f, true
	}
	return f, false
}

// rubyFrame reads "/srv/app.rb:12:in 'f'", also after "from", "3: from" and before the text of an error; and Crystal's.
func rubyFrame(s string) (f frame, ok bool) {
	if i := jsonscan.SkipDigits(s, 0); i > 0 && strings.HasPrefix(s[i:], ": ") {
		s = s[i+2:]
	}
	s = strings.TrimPrefix(s, "from ")
	i := strings.Index(s, ":in ")
	if i < 0 {
		i = strings.Index(s, " in ")
	}
	if i < 0 || i+4 >= len(s) || s[i+4] != '\'' && s[i+4] != '`' {
		return f, false
	}
	file, ok := cutPlace(s[:i])
	function := s[i+5:]
	if end := strings.IndexByte(function, '\''); end >= 0 {
		function = function[:end]
	}
	return frame{language: ruby, function: function, file: file}, ok && strings.IndexByte(file, ' ') < 0
}

// luaFunction returns the name in "function 'add'", "function <cart.lua:3>", "main chunk" and "?".
func luaFunction(s string) string {
	s = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(s, "upvalue "), "method "), "function ")
	return strings.Trim(s, "'`")
}

// isGoPlace reports whether a line is the second line of a Go frame: a tab and "/srv/main.go:6 +0xa".
func isGoPlace(line string) (file string, ok bool) {
	if !strings.HasPrefix(line, "\t") {
		return "", false
	}
	place, _, _ := strings.Cut(strings.TrimRight(line[1:], " \t\r"), " +0x")
	file, ok = CutLine(place)
	return file, ok && strings.IndexByte(file, ' ') != 0 && (strings.HasSuffix(file, ".go") || strings.HasSuffix(file, ".s") || strings.HasPrefix(file, "_cgo_"))
}

// goCall reads the first line of a Go frame: "main.f(0x1, ...)", "main.f", "created by main.f in goroutine 1".
func goCall(line, file string) frame {
	call, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "created by ")), " in goroutine ")
	// The arguments are in the last parentheses, as in "pkg.(*T).f(…)", if these end the line.
	if strings.HasSuffix(call, ")") {
		if open := strings.LastIndexByte(call, '('); open > 0 {
			call = call[:open]
		}
	}
	return frame{language: golang, function: call, file: file}
}

// rustCall reads the first line of a Rust frame: "  12: shop::cart::add".
func rustCall(line string) (frame, bool) {
	s := strings.TrimLeft(line, " ")
	i := jsonscan.SkipDigits(s, 0)
	if i == 0 || i > 4 || !strings.HasPrefix(s[i:], ": ") || len(s) == i+2 {
		return frame{}, false
	}
	name := strings.TrimSpace(s[i+2:])
	if strings.HasPrefix(name, "0x") { // with RUST_BACKTRACE=full
		_, name, _ = strings.Cut(name, " - ")
	}
	if i := strings.LastIndex(name, "::h"); i > 0 && len(name)-i == 19 { // the symbol's hash
		name = name[:i]
	}
	return frame{language: rust, function: name}, name != ""
}
