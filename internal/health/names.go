package health

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record"
)

// clip bounds a name and takes it out of the payload, which it would otherwise keep alive.
func clip(name string) string {
	return strings.Clone(record.ClipName(name)) // a record's worker has the same name
}

// clipTo returns the start of a text, at most n bytes, in memory of its own: a payload must not stay because of it.
func clipTo(text string, n int) string {
	if len(text) > n {
		text = strings.ToValidUTF8(text[:n], "")
	}
	return strings.Clone(text)
}

// maskService takes what varies out of the end of a service's name: numbers, and what Kubernetes and others append to
// tell processes apart.
func maskService(name string) string {
	masked := name
	for {
		cut := strings.LastIndexFunc(masked, isSeparator)
		if cut < 0 || !generatedPart(masked[cut+1:]) && strings.Trim(masked[cut+1:], "0123456789") != "" {
			break
		}
		masked = masked[:cut]
	}
	masked = strings.TrimRightFunc(strings.TrimRight(masked, "0123456789"), isSeparator)
	if len(masked) < 3 || generatedPart(masked) { // s3, ec2: the number is the name
		return name
	}
	return masked
}

// generated reports whether a host's name looks like one that is made for each process, such as a pod's.
func generated(name string) bool {
	for part := range strings.FieldsFuncSeq(name, isSeparator) {
		if generatedPart(part) {
			return true
		}
	}
	return false
}

// generatedPart reports whether a part of a name has a letter behind a digit, eight digits, or five letters and no
// vowel, as people's names for things have not.
func generatedPart(part string) bool {
	digits, vowels, letters, mixed := 0, 0, 0, false
	for _, c := range []byte(part) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case strings.IndexByte("aeiouyAEIOUY", c) >= 0:
			vowels++
			fallthrough
		default:
			letters++
			mixed = mixed || digits > 0
		}
	}
	return mixed && len(part) >= 4 || digits >= 8 || letters >= 5 && vowels == 0 && part != "https"
}

func isSeparator(c rune) bool { return strings.ContainsRune("-_./: []$@", c) }
