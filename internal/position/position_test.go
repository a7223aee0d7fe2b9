package position_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/position"
)

func at(ms, seq, index uint64) position.Position {
	return position.Position{Entry: position.Entry{MS: ms, Seq: seq}, Index: index}
}

func TestWhatIsAppendedIsParsed(t *testing.T) {
	for text, v := range map[string]position.Vector{
		"f":                                      {},
		"f~0-0.0":                                {at(0, 0, 0)},
		"f~1700000000000-7.12~5-0.0":             {at(1_700_000_000_000, 7, 12), at(5, 0, 0)},
		"f~18446744073709551615-1.2~0-1.1":       {at(math.MaxUint64, 1, 2), at(0, 1, 1)},
		"f~1-18446744073709551615.0~2-2.9~1-1.1": {at(1, math.MaxUint64, 0), at(2, 2, 9), at(1, 1, 1)},
	} {
		if got := string(v.Append(nil, "f")); got != text {
			t.Errorf("appended %q, want %q", got, text)
		}
		if got, ok := position.Parse(text, "f", len(v)); !ok || !reflect.DeepEqual(got, v) {
			t.Errorf("%q is parsed as %v, %v", text, got, ok)
		}
	}
}

func TestWhatIsNotOfTheseStreamsIsNotParsed(t *testing.T) {
	for _, text := range []string{
		"", "f", "g~1-1.1~1-1.1", "f~1-1.1", "f~1-1.1~1-1.1~1-1.1", "f~1-1~1-1.1", "f~1.1~1-1.1", "f~-1-1.1~1-1.1", "f~1-1.~1-1.1",
		"f~1-+1.1~1-1.1", "f~1-1.1~1-18446744073709551616.1", "f~1-1.1~1-1.1 ", "f~~", "f~1-1.1~1-1.1.1", "~1-1.1~1-1.1",
	} {
		if v, ok := position.Parse(text, "f", 2); ok {
			t.Errorf("%q is parsed as %v", text, v)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("f~1-2.3~4-5.6")
	f.Add("f~0-0.0~18446744073709551615-18446744073709551615.18446744073709551615")
	f.Fuzz(func(t *testing.T, text string) {
		v, ok := position.Parse(text, "f", 2)
		if !ok {
			return
		}
		again, ok := position.Parse(string(v.Append(nil, "f")), "f", 2)
		if !ok || !reflect.DeepEqual(v, again) {
			t.Errorf("%q: %v, then %v", text, v, again)
		}
	})
}

func TestFingerprintsTellListsOfKeysApart(t *testing.T) {
	seen := make(map[string][]string)
	for _, keys := range [][]string{nil, {""}, {"a"}, {"a", "b"}, {"b", "a"}, {"ab"}, {"a", "", "b"}, {"a1:b"}, {"a", "a"}} {
		f := position.Fingerprint(keys)
		if other, ok := seen[f]; ok {
			t.Errorf("%q and %q have one fingerprint", keys, other)
		}
		seen[f] = keys
	}
}

func TestReachesAndRaise(t *testing.T) {
	for _, c := range []struct {
		v, w, raised position.Vector
		reaches      bool
	}{
		{nil, nil, nil, true},
		{position.Vector{at(5, 1, 1)}, position.Vector{at(5, 1, 9)}, position.Vector{at(5, 1, 1)}, true}, // the same entry
		{position.Vector{at(5, 1, 1)}, position.Vector{at(5, 2, 2)}, position.Vector{at(5, 2, 2)}, false},
		{position.Vector{at(5, 2, 2)}, position.Vector{at(5, 1, 1)}, position.Vector{at(5, 2, 2)}, true},
		{position.Vector{at(5, 1, 1), at(9, 0, 3)}, position.Vector{at(4, 9, 1), at(10, 0, 4)}, position.Vector{at(5, 1, 1), at(10, 0, 4)}, false},
	} {
		if got := c.v.Reaches(c.w); got != c.reaches {
			t.Errorf("%v reaches %v: %v", c.v, c.w, got)
		}
		if c.v.Raise(c.w); !reflect.DeepEqual(c.v, c.raised) {
			t.Errorf("raised to %v, want %v", c.v, c.raised)
		}
	}
}

func TestTheTimeOfAnEntry(t *testing.T) {
	now := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		ms   uint64
		want time.Time
	}{
		{uint64(now.UnixMilli()) - 1500, now.Add(-1500 * time.Millisecond)},
		{uint64(now.UnixMilli()) + 1, now}, {0, now}, {7, now}, {math.MaxUint64, now}, {1 << 62, now},
	} {
		if got := (position.Entry{MS: c.ms}).Time(now); !got.Equal(c.want) {
			t.Errorf("%d is at %v, want %v", c.ms, got, c.want)
		}
	}
}
