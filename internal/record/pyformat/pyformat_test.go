package pyformat_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
	"github.com/SupermanScott/Elva/internal/record/pyformat"
)

// The table was written by CPython: testdata/generate.py.
func TestAppend_LikeCPython(t *testing.T) {
	f, err := os.Open("testdata/table.jsonl")
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
		_, kind := jsonscan.ValueEnd(c.Args, 0)
		got, ok := pyformat.Append([]byte("before "), c.Format, jsonscan.Value{Raw: c.Args, Kind: kind})
		switch {
		case c.Args == "[]" || c.Want == nil:
			if ok || string(got) != "before " {
				t.Errorf("%q %% %s: got %q, %v; Python formats nothing", c.Format, c.Args, got, ok)
			}
		case !ok || string(got) != "before "+*c.Want:
			t.Errorf("%q %% %s: got %q, %v, want %q", c.Format, c.Args, got, ok, *c.Want)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if count != head.Cases || count < 5000 {
		t.Errorf("%d cases, want %d", count, head.Cases)
	}
}
