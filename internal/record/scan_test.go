package record

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// FuzzScan compares the scanner with encoding/json. Both must accept the same texts (except for NaN and the infinities) and find the same members.
func FuzzScan(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":1}`, ` {"a" : [ 1 , {"b":null} ] , "c":"\u00e9\ud83d\ude00\ud800"} `, `{"a":-0.5e+10,"b":[],"c":{}}`, `{"a":01}`, `{"a":1,}`,
		`{"a":"\x"}`, `{"a":tru}`, `{"a":NaN,"b":[Infinity,-Infinity]}`, `{"a":[1 2]}`, `{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":1}}}}}}}}}`, `{"a":1}x`,
		`{"a":"` + "\x01" + `"}`, `{"a":[[[[[[]]]]]],"b":"c"}`, `{"a":1e}`, `{"a":-}`, `{"a":1.}`, `{"":""}`, `{"a":1,"a":2}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.Trim(s, " \t\r\n")
		if s == "" || s[0] != '{' {
			return
		}
		d := newDecoder()
		defer d.release()
		ok := d.scan(s)
		valid := json.Valid([]byte(s))
		if valid && !ok {
			t.Fatalf("encoding/json accepts it, the scanner does not: %q", s)
		}
		if !ok {
			return
		}
		clean := jsonscan.AppendClean(nil, s)
		if !json.Valid(clean) {
			t.Fatalf("%q is no JSON when clean: %q", s, clean)
		}
		finite := true
		for i := range d.nodes {
			finite = finite && d.nodes[i].kind != jsonscan.NotFinite && (d.nodes[i].kind != jsonscan.Array || d.nodes[i].flags&jsonscan.Unclean == 0)
		}
		if !valid && finite && len(d.nodes) < maxNodes && !strings.Contains(s, "NaN") && !strings.Contains(s, "Infinity") {
			t.Fatalf("the scanner accepts it, encoding/json does not: %q", s)
		}
		compareMembers(t, d, string(clean))
		// With no member used, the fields have the same members.
		for i := range d.nodes {
			d.nodes[i].state &^= used | partlyUsed
		}
		written := d.fields()
		if len(d.nodes) == 0 {
			if written != nil {
				t.Fatalf("fields %q of %q", written, s)
			}
			return
		}
		var want, got map[string]any
		if err := decodeJSON(string(clean), &want); err != nil {
			t.Fatal(err)
		}
		if err := decodeJSON(string(written), &got); err != nil {
			t.Fatalf("%v: %q", err, written)
		}
		if !strings.Contains(s, strings.Repeat("[", jsonscan.MaxDepth/2)) && !reflect.DeepEqual(got, want) && depthOf(s) <= jsonscan.MaxDepth {
			t.Fatalf("%q was written as %q", clean, written)
		}
	})
}

// compareMembers compares the record's members with those of encoding/json, in order.
func compareMembers(t *testing.T, d *decoder, clean string) {
	t.Helper()
	j := json.NewDecoder(strings.NewReader(clean))
	if _, err := j.Token(); err != nil {
		t.Fatal(err)
	}
	for c := int32(0); c < int32(len(d.nodes)); c = d.nodes[c].next {
		n := &d.nodes[c]
		key, err := j.Token()
		if err != nil {
			t.Fatal(err)
		}
		if got := validUTF8(d.key(n)); got != validUTF8(key.(string)) && !strings.ContainsRune(key.(string), '\uFFFD') {
			t.Fatalf("key %q, want %q", got, key)
		}
		var v json.RawMessage
		if err := j.Decode(&v); err != nil {
			t.Fatal(err)
		}
		var want any
		if err := decodeJSON(string(v), &want); err != nil {
			t.Fatal(err)
		}
		if words, ok := want.(string); ok && n.kind == jsonscan.String && d.text(n) != words && !strings.ContainsRune(words, '\uFFFD') {
			t.Fatalf("text %q, want %q", d.text(n), words)
		}
	}
	if j.More() {
		t.Fatalf("encoding/json has more members: %q", clean)
	}
}

// depthOf returns an upper bound of the depth: the maximum number of open brackets, including those in strings.
func depthOf(s string) int {
	open, most := 0, 0
	for _, c := range s {
		switch c {
		case '{', '[':
			open++
			most = max(most, open)
		case '}', ']':
			open--
		}
	}
	return most
}

// decodeJSON is like json.Unmarshal, but keeps numbers as text, since encoding/json rejects 1e700, which is valid JSON.
func decodeJSON(s string, v any) error {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	return d.Decode(v)
}
