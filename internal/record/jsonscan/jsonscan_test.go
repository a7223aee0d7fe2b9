package jsonscan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// FuzzChecker compares the checker with encoding/json. Both must accept the same texts, except for NaN and the infinities. The result of AppendClean
// must be JSON on one line, and an iterator must find the same number of elements.
func FuzzChecker(f *testing.F) {
	for _, s := range []string{
		`null`, `true`, `false`, `-0.5e+10`, `01`, `1.`, `-`, `1e`, `"a"`, `"\ud83d\ude00\ud800"`, `"\x"`, "\"\n\"", `[]`, `{}`, `[1 , {"b":null} ]`, `[1 2]`, `[1,]`,
		`{"a":1,}`, `{"a" : [ {"b":[[]]} ] , "c":"d"}`, `{"a":1,"a":2}`, `NaN`, `[Infinity,-Infinity]`, `{"a":[}`, "[\n1,\t2]", `[`, `{"`, `{"a"`, `{"a":`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.Trim(s, " \t\r\n")
		if s == "" {
			return
		}
		var c jsonscan.Checker
		end, kind, _ := c.ValueEnd(s, 0, 0)
		ok, valid := end == len(s), json.Valid([]byte(s))
		if valid && !ok || ok && !valid && !strings.Contains(s, "NaN") && !strings.Contains(s, "Infinity") {
			t.Fatalf("%q: accepted %v, by encoding/json %v", s, ok, valid)
		}
		if !ok {
			return
		}
		if e, k := jsonscan.ValueEnd(s, 0); e != end || k != kind {
			t.Fatalf("%q ends at %d as a %v, and at %d as a %v when it is known to be JSON", s, end, kind, e, k)
		}
		clean := jsonscan.AppendClean(nil, s)
		if !json.Valid(clean) || strings.ContainsAny(string(clean), "\r\n") {
			t.Fatalf("%q is clean as %q", s, clean)
		}
		if kind != jsonscan.Array {
			return
		}
		var want []json.RawMessage
		if err := json.Unmarshal(clean, &want); err != nil {
			return // nested deeper than encoding/json reads
		}
		n := 0
		for it := (jsonscan.Iterator{JSON: s}); it.Next(); n++ {
		}
		if n != len(want) {
			t.Fatalf("%q has %d elements, want %d", s, n, len(want))
		}
	})
}
