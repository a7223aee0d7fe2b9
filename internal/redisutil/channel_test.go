package redisutil_test

import (
	"reflect"
	"testing"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

func TestParseChannel(t *testing.T) {
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
		want := redisutil.Channel{Name: c.want, Pattern: c.pattern}
		if got := redisutil.ParseChannel(c.name); got != want {
			t.Errorf("Parse(%q) = %+v, want %+v", c.name, got, want)
		}
	}
}

func TestParseChannels_MergesEqualNames(t *testing.T) {
	got := redisutil.ParseChannels([]string{"a", `\a`, "a*", "a", `a\*`, "a*"})
	want := []redisutil.Channel{{Name: "a"}, {Name: "a*", Pattern: true}, {Name: "a*"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func FuzzEscapeChannel(f *testing.F) {
	for _, s := range []string{"", "a", `\`, `*?[]\`, `a\*`, "\x00\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		want := redisutil.Channel{Name: name}
		if got := redisutil.ParseChannel(redisutil.EscapeChannel(name)); got != want {
			t.Errorf("Parse(Escape(%q)) = %+v", name, got)
		}
	})
}
