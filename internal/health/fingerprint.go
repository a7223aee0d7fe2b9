package health

import (
	"hash/maphash"
	"strings"

	"github.com/SupermanScott/Elva/internal/record"
)

// maxTitle bounds what a kind of error is called.
const maxTitle = 200

// fingerprint tells kinds of errors apart. Its parts lie in the record until a kind keeps them.
type fingerprint struct {
	exception string // exception type
	file      string // of the last own frame, without its line: the line moves with every deploy
	function  string
	logger    string
	template  string // or the message, of which only the mask counts
	masked    bool   // template is a message
}

// newFingerprint returns the exception's type and the last own frame where the record has a trace,
// else the logger with the template, else with the message, in which what varies does not count.
func newFingerprint(r *record.Record) fingerprint {
	if r.Trace != "" {
		if f := exceptionOf(r.Trace); f.exception != "" {
			return f
		}
	}
	if r.Template != "" {
		return fingerprint{logger: r.Logger, template: r.Template}
	}
	message, _, _ := strings.Cut(r.Message, "\n")
	return fingerprint{logger: r.Logger, template: cut(message, 2*maxTitle), masked: true}
}

// sum hashes a fingerprint.
func (f *fingerprint) sum(seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, part := range [...]string{f.exception, f.file, f.function, f.logger} {
		_, _ = h.WriteString(part)
		_ = h.WriteByte(0)
	}
	if !f.masked {
		_, _ = h.WriteString(f.template)
		return h.Sum64()
	}
	for i := 0; i < len(f.template); {
		n, varies := word(f.template[i:])
		if varies {
			_ = h.WriteByte('#')
		} else {
			_, _ = h.WriteString(f.template[i : i+n])
		}
		i += n
	}
	return h.Sum64()
}

// title is what people are shown.
func (f *fingerprint) title() string {
	switch {
	case f.exception != "":
		text := f.exception
		if f.file+f.function != "" {
			text += " in " + strings.TrimSpace(f.file+" "+f.function)
		}
		return clip(cut(text, maxTitle))
	case !f.masked:
		return clip(cut(f.template, maxTitle))
	}
	var b strings.Builder
	for i := 0; i < len(f.template) && b.Len() < maxTitle; {
		n, varies := word(f.template[i:])
		if varies {
			b.WriteByte('#')
		} else {
			b.WriteString(f.template[i : i+n])
		}
		i += n
	}
	return cut(b.String(), maxTitle)
}

// word returns the length of the word, or of the run of other characters, that text begins with, and
// whether it is one that varies from record to record: a word with a digit in it (a number, an
// identifier, a time).
func word(text string) (n int, varies bool) {
	if !letter(text[0]) {
		for n < len(text) && !letter(text[n]) {
			n++
		}
		return n, false
	}
	for n < len(text) && letter(text[n]) {
		varies = varies || text[n] >= '0' && text[n] <= '9'
		n++
	}
	return n, varies
}

func letter(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// exceptionOf returns the type of the exception that a trace ends with, and its last own frame.
//
// Python writes the newest frame and the exception last, other languages write the exception first and
// the newest frame below it. What counts is the exception that came out at the top: the last one of a
// Python chain, the first of the others.
func exceptionOf(trace string) (f fingerprint) {
	if i := lastIndex(trace, "Traceback (most recent call last)"); i >= 0 {
		return pythonException(trace[i:])
	}
	for line := range strings.Lines(cut(trace, 16<<10)) {
		line = strings.TrimSpace(line)
		if f.exception == "" {
			if f.exception = typeOf(line); f.exception == "" {
				return f // no exception's line: what follows is anything
			}
			continue
		}
		if at, ok := strings.CutPrefix(line, "at "); ok && own(at, otherLibraries) { // Java, JavaScript, C#
			f.function, _, _ = strings.Cut(at, "(")
			f.function = strings.TrimSpace(f.function)
			return f
		}
		if open := strings.LastIndexByte(line, '('); open > 0 && strings.HasSuffix(line, ")") && strings.IndexByte(line, '.') > 0 && own(line, otherLibraries) { // Go
			f.function = line[:open]
			return f
		}
	}
	return f
}

// lastIndex is strings.LastIndex, which reads byte by byte: for a trace of 30 KB that took a third of all that the
// record costs.
func lastIndex(text, substr string) int {
	last := -1
	for i := 0; ; i = last + len(substr) {
		n := strings.Index(text[i:], substr)
		if n < 0 {
			return last
		}
		last = i + n
	}
}

func pythonException(trace string) (f fingerprint) {
	for line := range strings.Lines(trace) {
		if in, ok := strings.CutPrefix(line, `  File "`); ok {
			file, rest, _ := strings.Cut(in, `", line `)
			if own(file, pythonLibraries) || f.file == "" { // the newest own frame, or the oldest if none is
				f.file = file[strings.LastIndexAny(file, `/\`)+1:]
				_, f.function, _ = strings.Cut(strings.TrimSpace(rest), ", in ")
			}
			continue
		}
		if line[0] != ' ' && !strings.HasPrefix(line, "Traceback") {
			if t := typeOf(line); t != "" {
				f.exception = t
			}
		}
	}
	return f
}

// typeOf returns what stands before the first colon of an exception's line, if it looks like a type.
func typeOf(line string) string {
	name, _, _ := strings.Cut(strings.TrimSpace(line), ":")
	name = cut(strings.TrimSpace(name), maxTitle)
	if name == "" || strings.ContainsAny(name, " \t\"'(){}") && name != "panic" {
		return ""
	}
	return name
}

// own reports whether a frame is the program's, not one of the libraries'.
func own(frame string, libraries []string) bool {
	for _, library := range libraries {
		if strings.Contains(frame, library) {
			return false
		}
	}
	return true
}

// What the frames of other people's code contain. They are read only, as constants would be.
var (
	pythonLibraries = []string{"-packages", "/lib/python", "<frozen "}
	otherLibraries  = []string{
		"node_modules", "node:internal", "(internal/", // JavaScript
		"java.", "javax.", "sun.", "jdk.", "org.springframework.", "org.apache.", "System.", "Microsoft.", // Java, C#
		"runtime.", "net/http.", "runtime/debug.", "testing.", "/pkg/mod/", // Go
	}
)

// cut returns at most n bytes of text, whole characters.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n]
}
