package record_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/record"
)

// TestPercentIsWhatCPythonGives compares with a table that CPython wrote: testdata/percent/generate.py.
func TestPercentIsWhatCPythonGives(t *testing.T) {
	f, err := os.Open("testdata/percent/table.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	lines.Scan()
	var head struct{ Cases int }
	if err := json.Unmarshal(lines.Bytes(), &head); err != nil {
		t.Fatal(err)
	}
	count := 0
	for lines.Scan() {
		count++
		var c struct {
			Format, Args string
			Want         *string
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		format, _ := json.Marshal("«" + c.Format + "»") // so that nothing is trimmed
		r := record.Decode(`{"msg":` + string(format) + `,"args":` + c.Args + `}`)
		got := strings.TrimSuffix(strings.TrimPrefix(r.Message, "«"), "»")
		switch {
		case c.Args == "[]":
			if got != c.Format || r.Template != "" {
				t.Errorf("%q without args: got %q, template %q", c.Format, got, r.Template)
			}
		case c.Want == nil:
			if got != c.Format || !strings.Contains(string(r.Fields), `"args":`) || r.Template != "" {
				t.Errorf("%q %% %s: got %q, fields %s; Python raises", c.Format, c.Args, got, r.Fields)
			}
		case got != *c.Want || r.Fields != nil:
			t.Errorf("%q %% %s: got %q, want %q, fields %s", c.Format, c.Args, got, *c.Want, r.Fields)
		case got == c.Format && r.Template == "":
		case r.Template != "«"+c.Format+"»":
			t.Errorf("%q %% %s: template %q", c.Format, c.Args, r.Template)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if count != head.Cases || count < 5000 {
		t.Errorf("%d cases, want %d", count, head.Cases)
	}
}
