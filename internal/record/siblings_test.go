package record_test

import (
	"bufio"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

// sibling is a record similar to one that was decoded wrongly, with the expected parts. In Want null means absent, a text that ends with "…" is a
// prefix, "fields.a" is one field, "own" lists the lines of the trace that begin a frame of the application, and "worker" is the worker's name.
type sibling struct {
	Class   string         `json:"class"`
	Note    string         `json:"note"`
	Payload string         `json:"payload"`
	Want    map[string]any `json:"want"`
}

func readSiblings(t *testing.T, path string) []sibling {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []sibling
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var s sibling
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		list = append(list, s)
	}
	return list
}

// partOf returns the named part of a normal form.
func partOf(t *testing.T, m map[string]any, name string) any {
	switch {
	case name == "own":
		lines := []any{}
		letters, _ := m["traceLines"].(string)
		for i, letter := range []byte(letters) {
			if letter == stack.LineOwn {
				lines = append(lines, float64(i))
			}
		}
		return lines
	case name == "ids":
		list := []any{}
		ids, _ := m["ids"].([]any)
		for _, id := range ids {
			object, _ := id.(map[string]any)
			list = append(list, []any{object["kind"], object["name"], object["value"]})
		}
		return list
	case strings.HasPrefix(name, "fields."):
		fields, _ := m["fields"].(map[string]any)
		return fields[strings.TrimPrefix(name, "fields.")]
	}
	return m[name]
}

// matches reports whether a part is as expected. Objects may have other members, except for the fields.
func matches(name string, got, want any) bool {
	if name == "time" && got != nil && want != nil {
		return sameInstant(got, want)
	}
	if beginning, ok := want.(string); ok && strings.HasSuffix(beginning, "…") {
		text, _ := got.(string)
		return strings.HasPrefix(text, strings.TrimSuffix(beginning, "…"))
	}
	if members, ok := want.(map[string]any); ok && name == "exception" {
		object, _ := got.(map[string]any)
		for member, value := range members {
			if !reflect.DeepEqual(object[member], value) {
				return false
			}
		}
		return object != nil || len(members) == 0
	}
	return reflect.DeepEqual(got, want)
}

func TestDecode_Siblings(t *testing.T) {
	passed, total := map[string]int{}, map[string]int{}
	var siblings []sibling
	for _, file := range []string{"records", "faults", "outside", "desk", "yard", "gate"} {
		siblings = append(siblings, readSiblings(t, "testdata/siblings/"+file+".jsonl")...)
	}
	for _, s := range siblings {
		ok := t.Run(s.Class+"/"+s.Note, func(t *testing.T) {
			payload := s.Payload
			if one := record.Split(payload); len(one) == 1 { // an export of OpenTelemetry
				payload = one[0]
			}
			r, m := check(t, payload)
			if s.Want["worker"] != nil {
				m["worker"] = strings.Trim(string(r.AppendWorker(nil)), `"`)
			}
			js, _ := json.Marshal(m)
			_ = json.Unmarshal(js, &m) // numbers as the siblings have them
			for name, want := range s.Want {
				if got := partOf(t, m, name); !matches(name, got, want) {
					g, _ := json.Marshal(got)
					w, _ := json.Marshal(want)
					t.Errorf("%s is %s, want %s\nof %s\nin %s", name, g, w, s.Payload, js)
				}
			}
		})
		total[s.Class]++
		if ok {
			passed[s.Class]++
		}
	}
	for class, n := range total {
		t.Logf("%s: %d of %d", class, passed[class], n)
	}
}
