package record_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

type corpusCase struct {
	Payload string         `json:"payload"`
	Want    map[string]any `json:"want"`
	Note    string         `json:"note"`
}

// corpus calls yield with each case of every file in testdata/corpus.
func corpus(t testing.TB, yield func(name string, c corpusCase)) {
	t.Helper()
	files, err := filepath.Glob("testdata/corpus/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var c corpusCase
			d := json.NewDecoder(strings.NewReader(lines.Text()))
			d.UseNumber()
			if err := d.Decode(&c); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			yield(strings.TrimSuffix(filepath.Base(file), ".jsonl")+"/"+c.Note, c)
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
}

// normal returns a payload's normal form, decoded from its JSON, with the digits of numbers.
func normal(t testing.TB, payload string) map[string]any {
	t.Helper()
	r := record.Decode(payload)
	js := append(r.AppendMembers([]byte(`{"v":1`)), '}')
	if !json.Valid(js) {
		t.Fatalf("not JSON: %s", js)
	}
	d := json.NewDecoder(strings.NewReader(string(js)))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		t.Fatalf("%v: %s", err, js)
	}
	delete(m, "v")
	return m
}

// sameInstant reports whether two RFC 3339 times are the same to the microsecond.
func sameInstant(a, b any) bool {
	x, ok1 := a.(string)
	y, ok2 := b.(string)
	s, err1 := time.Parse(time.RFC3339Nano, x)
	t, err2 := time.Parse(time.RFC3339Nano, y)
	return ok1 && ok2 && err1 == nil && err2 == nil && s.Truncate(time.Microsecond).Equal(t.Truncate(time.Microsecond))
}

func compare(t *testing.T, payload string, want map[string]any) {
	t.Helper()
	got := normal(t, payload)
	for _, part := range [...]string{"template", "traceLines", "exception", "ids"} { // not in the corpus's normal form: the siblings have them
		delete(got, part)
	}
	if want["time"] != nil && sameInstant(got["time"], want["time"]) {
		got["time"] = want["time"]
	}
	if !reflect.DeepEqual(got, want) {
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		t.Errorf("%s\n got %s\nwant %s", payload, g, w)
	}
}

func TestDecode_Corpus(t *testing.T) {
	count := 0
	corpus(t, func(name string, c corpusCase) {
		count++
		t.Run(name, func(t *testing.T) { compare(t, c.Payload, c.Want) })
	})
	if count < 153 {
		t.Errorf("%d cases, want the corpus's 153 at least", count)
	}
}
