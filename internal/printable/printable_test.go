package printable_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/SupermanScott/Elva/internal/printable"
)

// obeyed reports whether a terminal or a page interprets r instead of showing it.
func obeyed(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

func TestText_EveryCharacterOfUnicode(t *testing.T) {
	for r := rune(0); r <= 0x1FFFF; r++ { // all replaced characters are far below
		if r >= 0xD800 && r < 0xE000 {
			continue // surrogates
		}
		for _, s := range []string{string(r), "abcdefgh" + string(r) + "x"} {
			got := printable.Text(s)
			if shown := !obeyed(r) || r == '\t' || r == '\n'; shown != (got == s) {
				t.Errorf("Text(%+q) = %+q", s, got)
			}
			if strings.ContainsFunc(got, func(r rune) bool { return obeyed(r) && r != '\t' && r != '\n' }) {
				t.Errorf("Text(%+q) = %+q", s, got)
			}
		}
	}
}

func TestText(t *testing.T) {
	for s, want := range map[string]string{
		"":                                       "",
		"plain\ttext\n":                          "plain\ttext\n",
		"a\r\nb\rc":                              "a\nbc",
		"\x1b[2J\x00\x7f":                        "␛[2J␀␡",
		"a\u202eb\u0085c":                        "a\uFFFDb\uFFFDc",
		"broken \xe2\x80":                        "broken \uFFFD\uFFFD",
		"broken \xc2a":                           "broken \uFFFDa",
		"Z" + strings.Repeat("\u0301", 6):        "Z" + strings.Repeat("\u0301", 6),
		"Z" + strings.Repeat("\u0301", 99) + "a": "Z" + strings.Repeat("\u0301", 6) + "\uFFFDa",
		"日本語 \u200e 🙂\u2066":                     "日本語 \uFFFD 🙂\uFFFD",
	} {
		if got := printable.Text(s); got != want {
			t.Errorf("Text(%+q) = %+q, want %+q", s, got, want)
		}
	}
}

func TestJSON_EveryCharacterOfUnicode(t *testing.T) {
	for r := rune(0x20); r <= 0x1FFFF; r++ { // all escaped characters are far below
		if r >= 0xD800 && r < 0xE000 || r == '"' || r == '\\' {
			continue
		}
		for _, s := range []string{string(r), "abcdefgh" + string(r) + "x"} {
			text := []byte(`{"` + s + `":["` + s + `"]}`)
			got := printable.JSON(text)
			if strings.ContainsFunc(string(got), obeyed) {
				t.Errorf("JSON(%+q) = %+q", text, got)
			}
			var back map[string][]string
			if err := json.Unmarshal(got, &back); err != nil || len(back[s]) != 1 || back[s][0] != s {
				t.Errorf("JSON(%+q) = %+q, which is %v (%v)", text, got, back, err)
			}
			if got := len(s) + printable.Grown(s); got != len(printable.JSON([]byte(s))) {
				t.Errorf("%+q takes %d bytes, Grown says %d", s, len(printable.JSON([]byte(s))), got)
			}
			growth := 0
			for i := range s {
				growth += printable.Growth(s, i)
			}
			if len(got)-len(text) != 2*growth {
				t.Errorf("%+q grows by %d bytes, Growth says %d", s, (len(got)-len(text))/2, growth)
			}
		}
	}
}

func TestJSON_NothingToEscape(t *testing.T) {
	text := []byte("{\n  \"a\": \"日本語 with a long tail of ASCII\"\n}")
	if got := printable.JSON(text); &got[0] != &text[0] || len(got) != len(text) {
		t.Errorf("got a copy: %q", got)
	}
}

func BenchmarkJSON(b *testing.B) {
	text := []byte(`{"seq":1,"at":"2026-11-22T17:00:00.000000Z","channel":"app:log","message":"` + strings.Repeat("plain text ", 30) + `"}`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		printable.JSON(text)
	}
}
