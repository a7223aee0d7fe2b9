package stack

import "strings"

// IsFrame reports whether a line is a frame of a stack. Ruby's first line of an error, which begins like a frame, is not.
func IsFrame(line string) bool {
	if _, text, ok := strings.Cut(line, ":in "); ok && strings.Contains(text, "': ") {
		return false
	}
	return isFrame(line)
}

// IsHeading reports whether a line is the heading of a stack trace.
func IsHeading(line string) bool { return isHeading(line) || line == "Stack trace:" }

// IsQualifiedError reports whether a line begins with an exception's type and its package: "java.io.IOException: no".
func IsQualifiedError(line string) bool {
	kind, _, sure := errorLine(line)
	return sure && strings.HasPrefix(line, kind) && strings.Contains(kind, ".")
}
