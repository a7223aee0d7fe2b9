package group

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"strings"
	"unsafe"

	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

// Patterns gives each record a hash of what its message looks like, the same in every process: of the producer's template where there is
// one, else of the message with what varies masked. It keeps nothing between records. It is not safe for concurrent use.
//
// A message above a trace may say nothing of its own: it is empty, repeats the exception, or is a framework's, such as "Unhandled exception".
// Then the pattern is the exception's, by its type and place, since whoever looks for records like it looks for that error.
type Patterns struct{ mask reduced }

// stable is the seed of hashes that are the same in every process.
var stable maphash.Seed

// hashText returns the hash of a text.
func hashText(seed maphash.Seed, s string) uint64 {
	if seed != stable {
		return maphash.String(seed, s)
	}
	return stableHash(s)
}

// stableHash is a hash without a secret, as wyhash mixes: who chooses what is logged could make two patterns one, and would gain nothing.
func stableHash(s string) uint64 {
	const a, b = 0xA0761D6478BD642F, 0xE7037ED1A0B428DB
	h := uint64(len(s)) ^ a
	p := unsafe.Slice(unsafe.StringData(s), len(s))
	for ; len(p) > 8; p = p[8:] {
		h = fold(h^binary.LittleEndian.Uint64(p), b)
	}
	var last uint64
	for i := len(p) - 1; i >= 0; i-- {
		last = last<<8 | uint64(p[i])
	}
	return fold(h^last, a)
}

func fold(x, y uint64) uint64 {
	high, low := bits.Mul64(x, y)
	return high ^ low
}

// Of returns the pattern of a record. It makes no garbage.
func (p *Patterns) Of(r *record.Record) uint32 {
	switch {
	case r.Trace != "" && p.echoes(r):
		t := traceOf(r)
		if t.Type != "" {
			return uint32(p.thrown(&t))
		}
	case r.Template != "" && hasWords(r.Template):
		return uint32(stableHash(r.Template))
	}
	p.mask.read(r.Message)
	return uint32(p.mask.sum(stable))
}

// AppendPattern appends a pattern as text: 8 hexadecimal digits.
func AppendPattern(dst []byte, pattern uint32) []byte {
	const digits = "0123456789abcdef"
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, digits[pattern>>uint(shift)&15])
	}
	return dst
}

// Piece is a part of a pattern's text: words that all its records have, or something that varies.
type Piece struct {
	Text   string
	Varies bool
}

// Pieces returns what the pattern of a record looks like.
func (p *Patterns) Pieces(r *record.Record) []Piece {
	if r.Trace != "" && p.echoes(r) {
		if t := traceOf(r); t.Type != "" {
			return []Piece{{Text: thrownName(&t)}}
		}
	}
	if r.Template != "" && hasWords(r.Template) {
		return templatePieces(r.Template)
	}
	return p.messagePieces(r.Message)
}

// maxEchoed is how long a message can be that says nothing of its own beside its trace, but for the exception's text.
const maxEchoed = 64

// emptyWords are the words of messages that say only that there was an exception.
var emptyWords = wordsOf("a an the in on of at to for with while and was has exception error errors unhandled uncaught unexpected internal server occurred happened application asgi wsgi" +
	" request response traceback fatal caught processing handling executing thread main callback failed failure task future never retrieved stack trace raised thrown crash crashed panic something went wrong exiting")

// echoes reports whether a record's message says nothing beside its trace.
func (p *Patterns) echoes(r *record.Record) bool {
	m := r.Message
	if m == "" {
		return true
	}
	if t := traceOf(r); t.Type != "" {
		rest, typed := strings.CutPrefix(m, t.Type)
		if typed && (rest == "" || rest[0] == ':') || t.Text != "" && m == t.Text {
			return true
		}
	}
	if len(m) > maxEchoed {
		return false
	}
	for m != "" {
		i := strings.IndexAny(m, " :.!,\n")
		word := m
		if i >= 0 {
			word, m = m[:i], m[i+1:]
		} else {
			m = ""
		}
		if word != "" && !emptyWords.has(word) {
			return false
		}
	}
	return true
}

// thrown returns the hash of an exception: what it is, and where one's own code threw it.
func (p *Patterns) thrown(t *stack.Trace) uint64 {
	kind := t.Type
	if t.Cause != "" {
		kind = t.Cause
	}
	id := mix(stableHash(kind))
	if t.Own {
		return mix(id ^ stableHash(stack.StableName(t.Function)) ^ stableHash(t.File)<<1)
	}
	text := t.RootText
	if text == "" {
		text = t.Text
	}
	p.mask.read(text)
	return mix(id ^ p.mask.sum(stable))
}

func thrownName(t *stack.Trace) string {
	kind := t.Type
	if t.Cause != "" {
		kind = t.Cause
	}
	if place := t.Place(); place != "" {
		return kind + " in " + place
	}
	return kind
}

// messagePieces returns the pieces of a message: between two values what is there, and what does not count is one.
func (p *Patterns) messagePieces(message string) (pieces []Piece) {
	p.mask.read(message)
	end := 0
	for _, t := range p.mask.out {
		between := message[end:t.start]
		switch {
		case t.kind == value:
			pieces = appendPiece(pieces, Piece{Text: between, Varies: !isBetween(between)})
			pieces = appendPiece(pieces, Piece{Varies: true})
		case isBetween(between):
			pieces = appendPiece(pieces, Piece{Text: message[end:t.end]})
		default:
			pieces = appendPiece(pieces, Piece{Varies: true})
			pieces = appendPiece(pieces, Piece{Text: message[t.start:t.end]})
		}
		end = int(t.end)
	}
	rest := message[min(end, len(message)):]
	return appendPiece(pieces, Piece{Text: rest, Varies: !isBetween(rest)})
}

// isBetween reports whether a text between two tokens is none: space, and marks that the scanner leaves out.
func isBetween(s string) bool { return strings.Trim(s, " \t.!?'\"`") == "" }

// appendPiece appends a piece, joined to the last one if both are of one kind.
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

// maxTemplate is how much of a template is cut into pieces; a longer one is shown up to there.
const maxTemplate = 1000

// maxBare is how long a template may be that is all placeholders: those that log another logger's message, as "%s" and "{message}", and lines
// of access logs.
const maxBare = 64

// hasWords reports whether a template says anything beside its placeholders: a word of three letters. "%s %s %d in %d ms" says less than the
// message does.
func hasWords(template string) bool {
	if len(template) > maxBare {
		return true
	}
	letters := 0
	for i := 0; i < len(template); i++ {
		if n := placeholder(template[i:]); n > 0 {
			i += n - 1
			letters = 0
		} else if classOf[template[i]] != letter && classOf[template[i]] != wide {
			letters = 0
		} else if letters++; letters == 3 {
			return true
		}
	}
	return false
}

// templatePieces cuts a template at its placeholders.
func templatePieces(template string) (pieces []Piece) {
	long := len(template) > maxTemplate
	template = cut(template, maxTemplate)
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

// placeholder returns the length of the placeholder that a text begins with, 0 for none: %s and %(name)d of Python, %v of Go, {Name}, {0}
// and {} of message templates.
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
