package wire_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/wire"
)

// The page copies records in the same text format, and its test reads the same cases.
func TestPrinter_Cases(t *testing.T) {
	data, err := os.ReadFile("testdata/text.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Record, Gap json.RawMessage
		Text        string
	}
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) < 5 {
		t.Fatalf("%d cases, error %v", len(cases), err)
	}
	for _, c := range cases {
		got := string(wire.Printer{}.Gap(nil, c.Gap))
		if c.Gap == nil {
			got = string(wire.Printer{}.Record(nil, c.Record))
		}
		if got != c.Text {
			t.Errorf("got\n%swant\n%s", got, c.Text)
		}
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
