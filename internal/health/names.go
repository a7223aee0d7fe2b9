package health

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record"
)

// clip shortens a name as the record package does for the same worker. It returns a copy, so that the payload can be freed.
func clip(name string) string { return strings.Clone(record.ClipName(name)) }

// clipTo returns a copy of the first n bytes of a text, so that the payload can be freed.
func clipTo(text string, n int) string {
	if len(text) > n {
		text = strings.ToValidUTF8(text[:n], "")
	}
	return strings.Clone(text)
}

// maskService removes variable suffixes from a service's name: numbers, and the random parts that Kubernetes and others
// append.
func maskService(name string) string {
	masked := name
	for {
		cut := strings.LastIndexFunc(masked, isSeparator)
		if cut < 0 || !isGeneratedPart(masked[cut+1:]) && strings.Trim(masked[cut+1:], "0123456789") != "" {
			break
		}
		masked = masked[:cut]
	}
	masked = strings.TrimRightFunc(strings.TrimRight(masked, "0123456789"), isSeparator)
	if len(masked) < 3 || isGeneratedPart(masked) { // in s3 and ec2 the number belongs to the name
		return name
	}
	return masked
}

// looksGenerated reports whether a name looks generated for a single process, like that of a pod.
func looksGenerated(name string) bool {
	for part := range strings.FieldsFuncSeq(name, isSeparator) {
		if isGeneratedPart(part) {
			return true
		}
	}
	return false
}

// isGeneratedPart reports whether a part of a name has a letter after a digit, eight digits, or five letters without a
// vowel, which names chosen by people hardly have.
func isGeneratedPart(part string) bool {
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
