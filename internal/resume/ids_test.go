package resume_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/resume"
)

func at(ms, seq, index uint64) entry.Entry {
	return entry.Entry{ID: entry.ID{MS: ms, Seq: seq}, Index: index}
}

func TestIDs_AppendThenParse(t *testing.T) {
	for _, c := range []struct {
		keys []string
		last []entry.Entry
		want string // behind the fingerprint of the keys
	}{
		{keys: nil, want: "E-7"},
		{[]string{"a"}, []entry.Entry{at(1_700_000_000_000, 7, 12)}, "~1700000000000-7.12"},
		{[]string{"a", "b"}, []entry.Entry{at(math.MaxUint64, 1, 2), at(1, math.MaxUint64, 0)}, "~18446744073709551615-1.2~1-18446744073709551615.0"},
		{[]string{"a", "b"}, []entry.Entry{at(3, 0, 1)}, "~3-0.1~0-0.0"},
		{[]string{"a"}, nil, "~0-0.0"},
	} {
		ids := resume.NewIDFormat("E", c.keys)
		id := string(ids.Append(nil, 7, c.last))
		if !strings.HasPrefix(id, "E-7") || !strings.HasSuffix(id, c.want) {
			t.Errorf("%v: %q, want %q at the end", c.last, id, c.want)
		}
		want := append(slices.Clone(c.last), make([]entry.Entry, len(c.keys)-len(c.last))...)
		if seq, own, last := ids.Parse(id); seq != 7 || !own || !slices.Equal(last, want) {
			t.Errorf("%q is parsed as %d, %v, %v", id, seq, own, last)
		}
		if _, own, last := resume.NewIDFormat("other", c.keys).Parse(id); own || !slices.Equal(last, want) {
			t.Errorf("elsewhere, %q is parsed as own %v, %v", id, own, last)
		}
	}
}

func TestIDs_EntriesOfOtherStreamsOrMalformed(t *testing.T) {
	ids := resume.NewIDFormat("E", []string{"a", "b"})
	good := string(ids.Append(nil, 7, []entry.Entry{at(1, 1, 1), at(2, 2, 2)}))
	streams, _, _ := strings.Cut(good, "~")
	for _, id := range []string{
		"", "E-7", "E-", "E-x", "E-+7", streams, streams + "~1-1.1", streams + "~1-1.1~2-2.2~3-3.3", streams + "~1-1~2-2.2", streams + "~1.1~2-2.2",
		streams + "~-1-1.1~2-2.2", streams + "~1-1.~2-2.2", streams + "~1-+1.1~2-2.2", streams + "~1-1.1~2-18446744073709551616.2", streams + "~1-1.1~2-2.2 ",
		strings.Replace(good, "@", "@x", 1), string(resume.NewIDFormat("E", []string{"b", "a"}).Append(nil, 7, nil)),
	} {
		if _, _, last := ids.Parse(id); last != nil {
			t.Errorf("%q has the entries %v", id, last)
		}
	}
}

func TestNewIDs_OtherKeysHaveOtherIDs(t *testing.T) {
	seen := make(map[string][]string)
	for _, keys := range [][]string{{""}, {"a"}, {"a", "b"}, {"b", "a"}, {"ab"}, {"a", "", "b"}, {"a1:b"}, {"a", "a"}} {
		id, _, _ := strings.Cut(string(resume.NewIDFormat("E", keys).Append(nil, 1, nil)), "~")
		if other, ok := seen[id]; ok {
			t.Errorf("%q and %q have the same IDs", keys, other)
		}
		seen[id] = keys
	}
}

func FuzzIDs_Parse(f *testing.F) {
	ids := resume.NewIDFormat("E", []string{"a", "b"})
	f.Add(string(ids.Append(nil, 7, []entry.Entry{at(1, 2, 3), at(4, 5, 6)})))
	f.Add(string(ids.Append(nil, math.MaxUint64, []entry.Entry{at(math.MaxUint64, math.MaxUint64, math.MaxUint64)})))
	f.Fuzz(func(t *testing.T, id string) {
		seq, own, last := ids.Parse(id)
		if !own || last == nil {
			return
		}
		seq2, own2, last2 := ids.Parse(string(ids.Append(nil, seq, last)))
		if seq != seq2 || !own2 || !slices.Equal(last, last2) {
			t.Errorf("%q: %d %v, then %d %v", id, seq, last, seq2, last2)
		}
	})
}
