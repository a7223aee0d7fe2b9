package source_test

import (
	"reflect"
	"testing"

	"github.com/SupermanScott/Elva/internal/source"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, want string
		pattern    bool
	}{
		{"my:channel", "my:channel", false},
		{"log:*", "log:*", true},
		{"log:?", "log:?", true},
		{"log[12]", "log[12]", true},
		{`jobs\[1\]`, "jobs[1]", false},
		{`a\*b`, "a*b", false},
		{`a\*b*`, `a\*b*`, true},
		{`a\\b`, `a\b`, false},
		{`a\\*`, `a\\*`, true},
		{`end\`, `end\`, false},
		{"a]b", "a]b", false},
		{"spaces and ü\x00\xff", "spaces and ü\x00\xff", false},
	} {
		want := source.Source{Name: c.want, Pattern: c.pattern}
		if got := source.Parse(c.name); got != want {
			t.Errorf("Parse(%q) = %+v, want %+v", c.name, got, want)
		}
	}
}

func TestNamesThatMeanTheSameAreMerged(t *testing.T) {
	got := source.ParseAll([]string{"a", `\a`, "a*", "a", `a\*`, "a*"})
	want := []source.Source{{"a", false}, {"a*", true}, {"a*", false}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func FuzzEscapeIsReadAsTheExactName(f *testing.F) {
	for _, s := range []string{"", "a", `\`, `*?[]\`, `a\*`, "\x00\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		want := source.Source{Name: name}
		if got := source.Parse(source.Escape(name)); got != want {
			t.Errorf("Parse(Escape(%q)) = %+v", name, got)
		}
	})
}

func TestOverlapKeepsOneOfTheCopiesOfEachMessage(t *testing.T) {
	exact, p1, p2 := source.Source{Name: "a"}, source.Source{Name: "a*", Pattern: true}, source.Source{Name: "*", Pattern: true}
	type message struct {
		payload string
		by      source.Source
		copy    bool
	}
	for name, messages := range map[string][]message{
		"one publish, three subscriptions":   {{"x", exact, false}, {"x", p1, true}, {"x", p2, true}},
		"the same text published twice":      {{"x", exact, false}, {"x", p1, true}, {"x", exact, false}, {"x", p1, true}},
		"patterns in another order":          {{"x", p2, false}, {"x", p1, true}, {"x", p2, false}, {"x", p1, true}},
		"one subscription, the same text":    {{"x", exact, false}, {"x", exact, false}},
		"another text in between":            {{"x", exact, false}, {"y", p1, false}, {"x", p1, false}},
		"the empty payload is one as others": {{"", exact, false}, {"", p1, true}},
	} {
		t.Run(name, func(t *testing.T) {
			var o source.Overlap
			for i, m := range messages {
				if got := o.Copy("a", m.payload, m.by); got != m.copy {
					t.Errorf("message %d: copy = %v, want %v", i, got, m.copy)
				}
			}
		})
	}
	t.Run("another connection", func(t *testing.T) {
		var o source.Overlap
		o.Copy("a", "x", exact)
		o.Reset()
		if o.Copy("a", "x", p1) {
			t.Error("a message of a new connection is taken for a copy")
		}
	})
}
