package group

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unsafe"

	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

// Patterns computes the pattern of a record: a hash of its template, or else of its masked message, which is the same in every process. It
// has no state between records, but reuses memory, so it is not safe for concurrent use.
//
// The message of a record with a trace may be redundant: empty, equal to the exception, or general, such as "Unhandled exception". The
// pattern is then that of the exception, by its type and function.
type Patterns struct{ masker masker }

// stable is the seed of hashes that are the same in every process. Collisions of these can be forged, which would gain nothing.
const stable = 0

// hashText returns the hash of a text for a seed, similar to wyhash.
func hashText(seed uint64, s string) uint64 {
	const a, b = 0xA0761D6478BD642F, 0xE7037ED1A0B428DB
	h := uint64(len(s)) ^ a ^ seed
	p := unsafe.Slice(unsafe.StringData(s), len(s))
	for ; len(p) > 8; p = p[8:] {
		h = fold(h^binary.LittleEndian.Uint64(p), b^seed)
	}
	return fold(h^lowBytes(p), a)
}

// lowBytes returns at most eight bytes as an integer, the first one lowest.
func lowBytes(p []byte) uint64 {
	switch n := len(p); {
	case n >= 8:
		return binary.LittleEndian.Uint64(p)
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(p)) | uint64(binary.LittleEndian.Uint32(p[n-4:]))<<(8*uint(n-4))
	case n > 0:
		return uint64(p[0]) | uint64(p[n/2])<<(8*uint(n/2)) | uint64(p[n-1])<<(8*uint(n-1))
	}
	return 0
}

// fold returns both halves of the product of x and y, combined.
func fold(x, y uint64) uint64 {
	high, low := bits.Mul64(x, y)
	return high ^ low
}

// Hash returns the pattern of a record. It doesn't allocate.
func (p *Patterns) Hash(r *record.Record) uint32 {
	switch {
	case r.Trace != "" && p.isRedundant(r):
		if t := traceOf(r); t.Type != "" {
			return uint32(p.exceptionHash(t))
		}
	case r.Template != "" && hasWords(r.Template):
		return uint32(hashText(stable, r.Template))
	}
	p.masker.mask(r.Message)
	return uint32(p.masker.sum(stable))
}

// AppendPattern appends a pattern as 8 hexadecimal digits.
func AppendPattern(dst []byte, pattern uint32) []byte {
	const digits = "0123456789abcdef"
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, digits[pattern>>uint(shift)&15])
	}
	return dst
}

// Piece is a part of a pattern: text that all its records contain, or a variable part.
type Piece struct {
	Text   string
	Varies bool
}

// Pieces returns the pattern of a record in readable form.
func (p *Patterns) Pieces(r *record.Record) []Piece {
	if r.Trace != "" && p.isRedundant(r) {
		if t := traceOf(r); t.Type != "" {
			return []Piece{{Text: exceptionName(t)}}
		}
	}
	if r.Template != "" && hasWords(r.Template) {
		return templatePieces(r.Template)
	}
	return p.messagePieces(r.Message)
}

// maxRedundant is the maximum length of a message that consists of emptyWords.
const maxRedundant = 64

// emptyWords are the words of messages that say nothing more than that there was an exception.
var emptyWords = wordsOf("a an the in on of at to for with while and was has exception error errors unhandled uncaught unexpected internal server occurred happened application asgi wsgi" +
	" request response traceback fatal caught processing handling executing thread main callback failed failure task future never retrieved stack trace raised thrown crash crashed panic something went wrong exiting")

// isRedundant reports whether the message of a record adds nothing to its trace.
func (p *Patterns) isRedundant(r *record.Record) bool {
	message := r.Message
	if message == "" {
		return true
	}
	if t := traceOf(r); t.Type != "" {
		after, hasType := strings.CutPrefix(message, t.Type)
		if hasType && (after == "" || after[0] == ':') || t.Text != "" && message == t.Text {
			return true
		}
	}
	if len(message) > maxRedundant {
		return false
	}
	for message != "" {
		i := strings.IndexAny(message, " :.!,\n")
		word := message
		if i >= 0 {
			word, message = message[:i], message[i+1:]
		} else {
			message = ""
		}
		if word != "" && !emptyWords.has(word) {
			return false
		}
	}
	return true
}

// exceptionHash returns the hash of an exception: of its type and the function of the application that threw it.
func (p *Patterns) exceptionHash(t *stack.Trace) uint64 {
	exceptionType := t.Type
	if t.Cause != "" {
		exceptionType = t.Cause
	}
	id := mix(hashText(stable, exceptionType))
	if t.Own {
		return mix(id ^ hashText(stable, stack.StableName(t.Function)) ^ hashText(stable, t.File)<<1)
	}
	text := t.RootText
	if text == "" {
		text = t.Text
	}
	p.masker.mask(text)
	return mix(id ^ p.masker.sum(stable))
}

// exceptionName returns "Type in function".
func exceptionName(t *stack.Trace) string {
	exceptionType := t.Type
	if t.Cause != "" {
		exceptionType = t.Cause
	}
	if location := t.Place(); location != "" {
		return exceptionType + " in " + location
	}
	return exceptionType
}

// messagePieces returns the pieces of a message. Text between tokens that the masker ignores counts as variable.
func (p *Patterns) messagePieces(message string) (pieces []Piece) {
	p.masker.mask(message)
	end := 0
	for _, t := range p.masker.masked {
		between := message[end:t.start()]
		switch {
		case t.kind() == value:
			pieces = appendPiece(pieces, Piece{Text: between, Varies: !isIgnorable(between)})
			pieces = appendPiece(pieces, Piece{Varies: true})
		case isIgnorable(between):
			pieces = appendPiece(pieces, Piece{Text: message[end:t.end()]})
		default:
			pieces = appendPiece(pieces, Piece{Varies: true})
			pieces = appendPiece(pieces, Piece{Text: message[t.start():t.end()]})
		}
		end = t.end()
	}
	after := message[min(end, len(message)):]
	return appendPiece(pieces, Piece{Text: after, Varies: !isIgnorable(after)})
}

// isIgnorable reports whether a text between two tokens consists of space and of punctuation that the scanner omits.
func isIgnorable(s string) bool { return strings.Trim(s, " \t.!?'\"`") == "" }

// appendPiece appends a piece, or joins it to the last one if both are text or both variable.
func appendPiece(pieces []Piece, piece Piece) []Piece {
	if piece.Varies {
		piece.Text = ""
	} else if piece.Text == "" {
		return pieces
	}
	if n := len(pieces); n > 0 && pieces[n-1].Varies == piece.Varies {
		pieces[n-1].Text += piece.Text
		return pieces
	}
	return append(pieces, piece)
}

// maxTemplate is how many bytes of a template are split into pieces.
const maxTemplate = 1000

// maxBareTemplate is the maximum length of a template without words, such as "%s", "{message}" or that of an access log.
const maxBareTemplate = 64

// hasWords reports whether a template has a word of at least three letters besides its placeholders. Other templates, such as
// "%s %s %d in %d ms", say less than the message.
func hasWords(template string) bool {
	if len(template) > maxBareTemplate {
		return true
	}
	letters := 0
	for i := 0; i < len(template); i++ {
		if n := placeholder(template[i:]); n > 0 {
			i += n - 1
			letters = 0
		} else if classOf[template[i]] != letter && classOf[template[i]] != nonASCII {
			letters = 0
		} else if letters++; letters == 3 {
			return true
		}
	}
	return false
}

// templatePieces returns the pieces of a template.
func templatePieces(template string) (pieces []Piece) {
	long := len(template) > maxTemplate
	template = truncate(template, maxTemplate)
	start := 0
	for i := 0; i < len(template); i++ {
		switch n := placeholder(template[i:]); {
		case n > 0:
			pieces = appendPiece(appendPiece(pieces, Piece{Text: template[start:i]}), Piece{Varies: true})
			i += n - 1
			start = i + 1
		case strings.HasPrefix(template[i:], "%%"), strings.HasPrefix(template[i:], "{{"), strings.HasPrefix(template[i:], "}}"):
			pieces = appendPiece(pieces, Piece{Text: template[start : i+1]})
			i++
			start = i + 1
		}
	}
	pieces = appendPiece(pieces, Piece{Text: template[start:]})
	if long {
		pieces = appendPiece(pieces, Piece{Varies: true})
	}
	return pieces
}

// placeholder returns the length of the placeholder at the beginning of s, 0 if there is none: %s and %(name)d as in Python, %v as in Go,
// or {Name}, {0} and {} as in message templates.
func placeholder(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[0] {
	case '%':
		i := 1
		if s[1] == '(' {
			end := strings.IndexByte(s, ')')
			if end < 0 {
				return 0
			}
			i = end + 1
		}
		for i < len(s) && strings.IndexByte("#0123456789- +*.", s[i]) >= 0 {
			i++
		}
		if i < len(s) && strings.IndexByte("diouxXeEfFgGcrsavqwTptb", s[i]) >= 0 {
			return i + 1
		}
	case '{':
		end := strings.IndexAny(s[1:], "{}")
		if end >= 0 && s[1+end] == '}' {
			name, _, _ := strings.Cut(s[1:1+end], ":")
			if strings.IndexByte(name, ' ') < 0 {
				return end + 2
			}
		}
	}
	return 0
}
