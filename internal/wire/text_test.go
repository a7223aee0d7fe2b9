package wire_test

import (
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/wire"
)

func TestARecordIsALineAndWhatDoesNotFitIsIndented(t *testing.T) {
	encoded := `{"seq":1,"at":"2026-11-22T17:00:01Z","channel":"c","time":"2026-11-22T17:00:00.1234Z","level":"error","logger":"shop.pay",` +
		`"message":"payment failed\nsecond line","source":"/srv/pay.py:12 charge","trace":"Traceback:\n  File \"x\"\nValueError: bad","host":"web-1",` +
		`"fields":{"order":4711,"card":"VISA","note":"two words","o":{"a": 1}}}`
	want := `2026-11-22 17:00:00.123 ERROR    web-1: shop.pay: payment failed card=VISA note="two words" o={"a":1} order=4711 (/srv/pay.py:12 charge)
    second line
    Traceback:
      File "x"
    ValueError: bad
`
	if got := string(wire.Printer{}.Record(nil, []byte(encoded))); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestWithoutATimeAndALevelTheArrivalCounts(t *testing.T) {
	got := string(wire.Printer{}.Record(nil, []byte(`{"seq":1,"at":"2026-11-22T17:00:01Z","channel":"c","message":"hello"}`)))
	if want := "2026-11-22 17:00:01.000 -        hello\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestColoursAreOnlyElvasOwn(t *testing.T) {
	encoded := `{"seq":1,"at":"2026-11-22T17:00:01Z","channel":"c","level":"error","message":"\u001b[2J\u009b31m\u0000\r\u202e\u2028x\ty"}`
	want := "2026-11-22 17:00:01.000 \x1b[31mERROR   \x1b[0m ␛[2J\uFFFD31m␀\uFFFD\uFFFDx\ty\n"
	if got := string(wire.Printer{Color: true}.Record(nil, []byte(encoded))); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAGapIsALine(t *testing.T) {
	encoded := `{"seq":2,"kind":"redis","lost":3,"from":"2026-11-22T17:00:00Z","to":"2026-11-22T17:00:05Z","lastRecord":"2026-11-22T16:59:59Z","reason":"EOF\u001b"}`
	want := "--- gap (redis) 3 records lost 2026-11-22 17:00:00.000 to 17:00:05.000, last record before it 16:59:59.000: EOF␛\n"
	if got := string(wire.Printer{}.Gap(nil, []byte(encoded))); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzNothingReachesATerminalAsACommand(f *testing.F) {
	f.Add(`{"message":"\u001b[2J"}`)
	f.Add("not json \x1b[2J\n")
	f.Fuzz(func(t *testing.T, encoded string) {
		for _, text := range []string{
			string(wire.Printer{}.Record(nil, []byte(encoded))), string(wire.Printer{}.Gap(nil, []byte(encoded))),
		} {
			if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 }); i >= 0 {
				t.Errorf("control character at %d of %q", i, text)
			}
			if !strings.HasSuffix(text, "\n") {
				t.Errorf("no line: %q", text)
			}
		}
	})
}
