package stack

import "strings"

// atWords are translations of "at" in .NET.
var atWords = strings.Fields("at bei à en in em в 在 w v ved vid på kohteessa konum: 場所 위치:")

// cutAtWord removes "at " or its translation from the start of a line. A translation counts only in an indented line before a call.
func cutAtWord(s string, indented bool) (call string, ok bool) {
	if rest, ok := strings.CutPrefix(s, "at "); ok {
		return strings.TrimLeft(rest, " "), true
	}
	if !indented {
		return "", false
	}
	for _, word := range atWords[1:] {
		if rest, ok := strings.CutPrefix(s, word); ok && len(rest) > 1 && rest[0] == ' ' {
			call := rest[1:]
			open := strings.IndexByte(call, '(')
			return call, open > 0 && strings.IndexByte(call[:open], '.') > 0 && strings.IndexByte(call[:open], ' ') < 0 &&
				strings.IndexByte(call[open:], ')') > 0 && isName(call[open-1]) && (strings.HasSuffix(call, ")") || hasDotNetLine(call))
		}
	}
	return "", false
}

// atFrame reads what follows "at": Java and .NET (a.b.C.m(C.java:10), Shop.Cart.Add(Item i) in /src/Cart.cs:line 42), and JavaScript
// (f (/srv/x.js:1:2), /srv/x.js:1:2, async f (…), new F (…)).
func atFrame(s string, indented, english bool) (f frame, ok bool) {
	s = strings.TrimSuffix(strings.TrimSuffix(s, " {"), ",") // util.inspect writes members of an error, or the next error, below
	if s == "" {
		return f, false
	}
	if hasDotNetLine(s) || !english {
		return dotNetFrame(s), true
	}
	function, place := splitCall(s)
	if head, ok := CutLine(place); ok {
		bracketed := strings.HasSuffix(s, ")") || function != ""
		if bracketed && function != "" && function[len(function)-1] != ' ' { // no space before the bracket
			return frame{language: jvm, function: function, file: head}, indented || hasSourceType(head)
		}
		f = frame{language: javascript, function: functionName(strings.TrimSpace(function)), file: head}
		if file, ok := CutLine(head); ok { // :line:column
			f.file = file
			return f, strings.ContainsFunc(file, func(c rune) bool { return c > '9' || c == '/' || c == '<' }) // no clock
		}
		return f, bracketed && indented || hasSourceType(head)
	}
	if place == "<anonymous>" || place == "native" || strings.HasPrefix(place, "index ") || s == "<anonymous>" && indented {
		return frame{language: javascript, function: functionName(strings.TrimSpace(function)), file: place}, true
	}
	// A call is a dotted name directly before parentheses, with only notes after them.
	i := strings.IndexByte(s, '(')
	if !indented || i <= 0 || s[i-1] == ' ' || strings.IndexByte(s[:i], '.') <= 0 || strings.IndexByte(s[:i], ' ') >= 0 || strings.IndexByte(s[i:], ')') <= 0 {
		return f, false
	}
	return dotNetFrame(s), true
}

// splitCall splits "f (place)" and "m(place) ~[lib.jar:?]". A line without parentheses is all place.
func splitCall(s string) (function, place string) {
	end := strings.LastIndexByte(s, ')')
	if s[len(s)-1] == ']' { // logback's and log4j2's packaging data
		if i := strings.Index(s, ") ~["); i > 0 {
			end = i
		} else if i := strings.Index(s, ") ["); i > 0 {
			end = i
		}
	}
	if end < 0 {
		place := strings.TrimPrefix(s, "async ")
		return "", place
	}
	open := strings.LastIndexByte(s[:end], '(')
	if inner := strings.Index(s, " (eval at "); inner > 0 && inner < open { // f (eval at g (x.js:1:2), <anonymous>:1:1)
		return s[:inner+1], s[inner+2 : end]
	}
	if open < 0 {
		return "", s
	}
	return s[:open], s[open+1 : end]
}

// functionName removes the words that V8 writes around a function's name.
func functionName(s string) string {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "async "), "new ")
	if i := strings.Index(s, " [as "); i > 0 {
		s = s[:i]
	}
	return strings.TrimPrefix(s, "Object.")
}

// hasDotNetLine reports whether a call ends with a line number of .NET: ":line 42", ":Zeile 42.", ":行号 42".
func hasDotNetLine(s string) bool {
	s = strings.TrimSuffix(s, ".")
	i := len(s)
	for i > 0 && isDigit(s[i-1]) {
		i--
	}
	if i == len(s) || i < 2 || s[i-1] != ' ' {
		return false
	}
	colon := strings.LastIndexByte(s[:i-1], ':')
	return colon > 0 && colon+1 < i-1 && i-1-colon <= 24 && !strings.ContainsAny(s[colon+1:i-1], ` /\()`) && strings.IndexByte(s[:colon], ')') > 0
}

// dotNetFrame reads "Shop.Cart.Add(Item i) in /src/Cart.cs:line 42", in any language, and Java's "a.B.c(Native Method)".
func dotNetFrame(s string) frame {
	f := frame{language: jvm, function: cutAt(s, '(')}
	end := strings.LastIndex(s, ") ")
	colon := strings.LastIndexByte(s, ':')
	if end > 0 && colon > end {
		_, f.file, _ = strings.Cut(s[end+2:colon], " ") // after "in", "dans", "位置"
	}
	return f
}
