package redact

import "strings"

// isScheme reports whether a word is a scheme of the header Authorization.
func isScheme(w string) bool {
	switch strings.ToLower(w) {
	case "bearer", "basic", "digest", "token", "negotiate", "ntlm", "apikey", "hmac", "aws4-hmac-sha256", "dpop", "hawk", "key":
		return true
	}
	return false
}

// looksRandom reports whether a word looks generated: it has at least eight letters, with a digit or an upper-case letter inside.
func looksRandom(w string) bool {
	if len(w) < 8 {
		return false
	}
	for i := 0; i < len(w); i++ {
		if classOf[w[i]] == digit || i > 0 && w[i]-'A' < 26 && w[i-1]-'a' < 26 {
			return true
		}
	}
	return false
}

// isPath reports whether a text consists of letters and dots, as an expression of source code.
func isPath(s string) bool {
	for i := 0; i < len(s); i++ {
		if classOf[s[i]] != letter && s[i] != '.' {
			return false
		}
	}
	return true
}

func isNumber(w string) bool {
	for i := 0; i < len(w); i++ {
		if classOf[w[i]] != digit && w[i] != '.' && (i > 0 || w[i] != '-') {
			return false
		}
	}
	return w != ""
}

// isCode reports whether a word consists of at least three digits.
func isCode(w string) bool {
	return len(w) >= 3 && isNumber(w) && strings.IndexByte(w, '.') < 0 && w[0] != '-'
}

// prose are words after "password:" that are not a password, but belong to a sentence.
var prose = func() map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields("a an the this that these those it its your my our their no not none is are was were be been has have had do does did can cannot could may might must shall should will would" +
		" too at in on of for from to by with without and or if when while since until as please use using" +
		" required invalid incorrect wrong missing empty blank expired weak short long changed reset updated set unset field value string text user username" +
		" mismatch mismatched unknown unsupported failed failure error ok okay valid accepted rejected denied refused unauthorized disabled enabled optional hidden ignored only at-least minimum maximum min max expected got") {
		m[w] = true
	}
	return m
}()

func isProse(w string) bool { return prose[strings.ToLower(strings.TrimRight(w, ".!?:"))] }

// isHidden reports whether a value is empty, already hidden, or a placeholder: ***, [FILTERED], %s, ${PASSWORD}.
func isHidden(v string) bool {
	v = strings.TrimSpace(v)
	switch v {
	case "", "null", "nil", "<nil>", "none", "None", "NULL", "undefined", "true", "false", "True", "False", "0", "1", "-", "REDACTED", "redacted", "FILTERED", "Filtered", "HIDDEN", "hidden":
		return true
	}
	if strings.Trim(v, "*") == "" || strings.Trim(v, "•") == "" || len(v) >= 3 && strings.Trim(v, "xX") == "" || strings.Trim(v, "#.-") == "" {
		return true
	}
	last := v[len(v)-1]
	switch v[0] {
	case '%':
		return len(v) <= 3 || v[1] == '(' && strings.IndexByte(v, ')') >= len(v)-2
	case '$':
		return strings.Trim(v[1:], "{}ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == ""
	case '[':
		return last == ']' && isIdentifier(v[1:len(v)-1])
	case '<':
		return last == '>' && isIdentifier(v[1:len(v)-1])
	case '{':
		return last == '}' && isIdentifier(strings.Trim(v, "{}"))
	}
	return false
}

func isIdentifier(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isWord(s[i]) && s[i] != ' ' && s[i] != '-' && s[i] != '.' {
			return false
		}
	}
	return true
}
