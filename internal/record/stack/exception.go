package stack

import "strings"

// panicType is the type of a Go or Rust error without a type.
const panicType = "panic"

// introductions are texts of runtimes before the type of an exception. errorLine skips translations of them, which end with ": ".
var introductions = []string{"Unhandled exception. ", "Unhandled exception: ", "Uncaught (in promise) ", "Uncaught ", "Unhandled exception at ", "Caused by: ", "Wrapped by: ",
	"[cause]: ", "---> ", "exception: "}

// errorLine parses the first line of an exception: its type and the first line of its text. sure is whether the line is certainly that of an
// exception; otherwise kind is just a word, alone or before a colon.
func errorLine(line string) (kind, text string, sure bool) {
	line = strings.TrimSpace(line)
	for range 4 { // skips an introduction in another language, and a level before it
		line = cutIntroduction(line)
		if kind, text, ok := specialError(line); ok {
			return kind, cut(text), true
		}
		word, said, ok := cutType(line)
		if ok && isTypeName(word) {
			return word, cut(said), true
		}
		if kind == "" {
			kind, text = word, cut(said)
		}
		var found bool
		if _, line, found = strings.Cut(line, ": "); !found {
			break
		}
		line = strings.TrimLeft(line, " ")
	}
	return kind, text, false
}

func cutIntroduction(line string) string {
	if rest, ok := strings.CutPrefix(line, `Exception in thread "`); ok {
		if _, after, ok := strings.Cut(rest, `" `); ok {
			return after
		}
	}
	for again := true; again; {
		again = false
		for _, introduction := range introductions {
			if rest, ok := strings.CutPrefix(line, introduction); ok {
				line, again = rest, true
			}
		}
	}
	return line
}

// specialError parses first lines in special formats.
func specialError(line string) (kind, text string, ok bool) {
	switch {
	case line == "":
		return "", "", false
	case strings.HasPrefix(line, "panic: "):
		text, _, _ = strings.Cut(line[len("panic: "):], " [recovered")
		return panicType, text, true
	case strings.HasPrefix(line, "Fatal error: exception "): // OCaml: Failure("no cart")
		kind, text, _ = strings.Cut(line[len("Fatal error: exception "):], "(")
		return kind, strings.Trim(text, `")`), isWordy(kind)
	case strings.HasPrefix(line, "fatal error: "), strings.HasPrefix(line, "Fatal Python error: "):
		kind, text, _ = strings.Cut(line, ": ")
		return kind, text, true
	case strings.Contains(line, "http: panic serving "): // behind the time of package log
		_, text, _ = strings.Cut(line, "http: panic serving ")
		_, text, _ = strings.Cut(text, ": ")
		return panicType, text, true
	case strings.HasPrefix(line, "[object] ("): // Monolog: (RuntimeException(code: 0): no cart at /srv/app/Cart.php:41)
		kind, text, ok = strings.Cut(line[len("[object] ("):], "(code: ")
		_, text, _ = strings.Cut(text, "): ")
		if i := strings.LastIndex(text, " at "); i >= 0 {
			text = text[:i]
		}
		return kind, text, ok
	case line[0] == '[': // [Error: no cart], as util.inspect writes errors without a stack
		kind, text, ok = strings.Cut(line[1:], ": ")
		return kind, strings.TrimSuffix(strings.TrimSuffix(text, " {"), "]"), ok && isTypeName(kind)
	case strings.HasPrefix(line, "thread '"):
		_, place, ok := strings.Cut(line, " panicked at ")
		if quoted, ok := strings.CutPrefix(place, "'"); ok { // before Rust 1.73
			if i := strings.LastIndex(quoted, "', "); i >= 0 {
				quoted = quoted[:i]
			}
			return panicType, quoted, true
		}
		return panicType, "", ok
	case strings.HasPrefix(line, "** ("):
		kind, text, ok = strings.Cut(line[len("** ("):], ")")
		return kind, text, ok && isWordy(kind)
	case strings.HasPrefix(line, "=="), strings.HasPrefix(line, "WARNING: ThreadSanitizer"): // ==4242==ERROR: AddressSanitizer: heap-use-after-free on address …
		_, rest, _ := strings.Cut(line, "Sanitizer: ")
		before := strings.TrimSuffix(line, " "+rest)
		if i := strings.LastIndexByte(before, ' '); i >= 0 && rest != "" {
			return strings.TrimSuffix(before[i+1:], ":"), rest, true
		}
	}
	return "", "", false
}

// cutType splits "Type: text", "Type [CODE]: text", "Type (text)" and "Type". Any plausible word counts as a type.
func cutType(line string) (kind, text string, ok bool) {
	kind, text, found := strings.Cut(line, ": ")
	if !found {
		kind = strings.TrimSuffix(line, ":")
	}
	if i := strings.Index(kind, " ["); i > 0 && strings.HasSuffix(kind, "]") { // Node's codes
		kind = kind[:i]
	}
	if i := strings.Index(kind, " ("); i > 0 && isTypeName(kind[:i]) { // Rails: Type (text):
		return kind[:i], strings.TrimSuffix(strings.TrimSuffix(line[i+2:], ":"), ")"), true
	}
	if !isWordy(kind) {
		if i := strings.LastIndex(line, " ("); i > 0 && strings.HasSuffix(line, ")") && isTypeName(line[i+2:len(line)-1]) { // text (Type)
			return line[i+2 : len(line)-1], line[:i], true
		}
		return "", "", false
	}
	if i := strings.LastIndex(text, " in "); i > 0 && IsPlace(text[i+4:]) && strings.Contains(text[i:], ".php:") {
		text = text[:i]
	}
	return kind, text, true
}

// isWordy reports whether s is a word that can be the name of a type.
func isWordy(s string) bool {
	if s == "" || len(s) > maxText || !isLetter(s[0]) && s[0] != '_' && s[0] != '*' && s[0] < 0x80 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !isName(s[i]) && strings.IndexByte(".:\\/`+-<>,&*[]~", s[i]) < 0 {
			return false
		}
	}
	return !IsPlace(s) && s[len(s)-1] != '/'
}

// typeEndings are endings of the names of exception types.
var typeEndings = strings.Fields("Error Exception Failure Fault Warning Exit Interrupt Panic Throwable Timeout NotFound DoesNotExist Refused Invalid Missing" +
	" Conflict Denied Aborted Iteration Group Abort Sanitizer")

// isTypeName reports whether s is certainly the name of an error type.
func isTypeName(s string) bool {
	if !isWordy(s) || strings.HasSuffix(s, ".") {
		return false
	}
	generic := strings.TrimLeft(cutAt(cutAt(s, '`'), '<'), "*")
	i := strings.LastIndexAny(generic, `.:\/+$`)
	last := generic[i+1:]
	if last == "" || last[0] < 'A' || last[0] > 'Z' {
		return false
	}
	for _, ending := range typeEndings {
		if strings.HasSuffix(last, ending) {
			return true
		}
	}
	if i <= 0 || last == strings.ToUpper(last) && strings.Count(generic, ".") < 2 {
		return false
	}
	// A qualified name: java.util.Foo, Shop::NoCart, App\NoCart, pkg.Type. A name with a single colon is a label: "user:Alice".
	return generic[i] != ':' && generic[i] != '/' || i > 1 && generic[i-1] == ':'
}

// rubyError reads "/srv/app.rb:3:in 'f': no cart (Shop::CartMissing)".
func rubyError(s string) (f frame, kind, text string, ok bool) {
	if !strings.HasSuffix(s, ")") || !strings.Contains(s, ":in ") {
		return f, "", "", false
	}
	f, ok = rubyFrame(s)
	open := strings.LastIndex(s, " (")
	quote := strings.Index(s, "': ")
	if !ok || quote < 0 || open < quote || !isWordy(s[open+2:len(s)-1]) {
		return f, "", "", false
	}
	return f, s[open+2 : len(s)-1], cut(s[min(quote+3, open):open]), true
}

// luaError reads "lua: cart.lua:41: no cart".
func luaError(s string) (text string, ok bool) {
	if program, rest, found := strings.Cut(s, ": "); found && strings.IndexByte(program, '.') < 0 {
		s = rest
	}
	place, text, found := strings.Cut(s, ": ")
	return cut(text), found && strings.Contains(place, ".lua:") && IsPlace(place)
}

// phpPlace returns the file in "Uncaught Type: text in /srv/a.php:3", "" if there is none.
func phpPlace(line string) string {
	i := strings.LastIndex(line, ".php:")
	start := strings.LastIndex(line[:max(i, 0)], " in ")
	if i < 0 || start < 0 || !IsPlace(line[start+4:]) {
		return ""
	}
	return line[start+4 : i+4]
}
