package filter_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/record"
)

// filterCase is one line of testdata: a query or parameters, and the selected records, the canonical form or the error.
type filterCase struct {
	ID      string            `json:"id"`
	Note    string            `json:"note"`
	Query   *string           `json:"query,omitempty"`
	Params  *string           `json:"params,omitempty"`
	Case    bool              `json:"case,omitempty"`
	Now     time.Time         `json:"now,omitzero"`
	Records []json.RawMessage `json:"records,omitempty"`
	Match   *[]int            `json:"match,omitempty"`
	Print   *string           `json:"print,omitempty"`
	Error   *struct {
		Contains string `json:"contains"`
		At       *int   `json:"at,omitempty"`
	} `json:"error,omitempty"`
}

// parse parses the query or the parameters of the case.
func (c *filterCase) parse() (*filter.Filter, error) {
	if c.Query != nil {
		return filter.ParseQuery(*c.Query, c.Case)
	}
	return filter.Parse(*c.Params, c.Now)
}

// print prints a filter in the form in which the case was given.
func (c *filterCase) print(f *filter.Filter) string {
	if c.Query != nil {
		return f.Query()
	}
	return f.String()
}

// matches returns the indexes of the records that a filter selects.
func matches(t testing.TB, f *filter.Filter, records []json.RawMessage) []int {
	list := []int{}
	for i, encoded := range records {
		var level struct{ Level string }
		if err := json.Unmarshal(encoded, &level); err != nil {
			t.Fatal(err)
		}
		if f.Match(record.LevelOfWord(level.Level), encoded) {
			list = append(list, i)
		}
	}
	return list
}

// readCases reads the tables of testdata.
func readCases(t testing.TB) (list []filterCase) {
	for _, name := range []string{"testdata/cases.jsonl", "testdata/siblings.jsonl"} {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var c filterCase
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatalf("%s: %v: %.100s", name, err, lines.Text())
			}
			list = append(list, c)
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

func TestFilter_Cases(t *testing.T) {
	for _, c := range readCases(t) {
		t.Run(c.ID, func(t *testing.T) {
			begin := time.Now()
			c.check(t)
			if took := time.Since(begin); took > time.Second {
				t.Errorf("took %v", took)
			}
			if t.Failed() {
				t.Log(c.Note)
			}
		})
	}
}

func (c *filterCase) check(t *testing.T) {
	f, err := c.parse()
	if c.Error != nil {
		if err == nil {
			t.Fatalf("no error, but %s", c.print(f))
		}
		if e := err.(*filter.Error); !strings.Contains(e.Message, c.Error.Contains) || c.Error.At != nil && *c.Error.At != e.At {
			t.Errorf("error %v at %d, want %+v", e, e.At, c.Error)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	printed := c.print(f)
	if c.Print != nil && printed != *c.Print {
		t.Errorf("printed %q, want %q", printed, *c.Print)
	}
	got := matches(t, f, c.Records)
	if c.Match != nil && !slices.Equal(got, *c.Match) {
		t.Errorf("matches %v, want %v", got, *c.Match)
	}
	again := filterCase{Query: c.Query, Params: c.Params, Case: c.Case, Now: c.Now}
	if again.Query != nil {
		again.Query = &printed
	} else {
		again.Params = &printed
	}
	g, err := again.parse()
	if err != nil {
		t.Fatalf("%q, as printed: %v", printed, err)
	}
	if g.Key() != f.Key() || again.print(g) != printed {
		t.Errorf("%q is read as %q", printed, again.print(g))
	}
	if got := matches(t, g, c.Records); c.Match != nil && !slices.Equal(got, *c.Match) {
		t.Errorf("%q, as printed, matches %v, want %v", printed, got, *c.Match)
	}
}
