package streams

import (
	"testing"
	"time"
)

func TestReadInfo(t *testing.T) {
	for name, c := range map[string]struct {
		reply any
		want  info
		bad   bool
	}{
		"RESP2": {reply: []any{"length", int64(2), "last-generated-id", "9-1", "entries-added", int64(7), "first-entry", []any{"8-0", []any{"f", "v"}}, "new-in-redis-9", nil},
			want: info{exists: true, length: 2, counted: true, generated: ms9(9, 1), added: 7, first: ms9(8, 0)}},
		"RESP3": {reply: map[any]any{"length": int64(1), "last-generated-id": "9-1", "first-entry": []any{"8-0", map[any]any{}}},
			want: info{exists: true, length: 1, counted: true, generated: ms9(9, 1), first: ms9(8, 0)}},
		"an empty one":   {reply: []any{"length", int64(0), "last-generated-id", "0-0", "entries-added", int64(0), "first-entry", nil}, want: info{exists: true, counted: true}},
		"a small server": {reply: []any{"length", int64(3)}, want: info{exists: true, length: 3}},
		"no number":      {reply: []any{"length", "many"}, bad: true},
		"negative":       {reply: []any{"entries-added", int64(-1)}, bad: true},
		"no ID":          {reply: []any{"last-generated-id", "x"}, bad: true},
		"a string":       {reply: "OK", bad: true},
		"nothing":        {bad: true},
	} {
		got, err := readInfo(c.reply)
		if (err != nil) != c.bad || err == nil && got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

func ms9(n, seq uint64) (e struct{ MS, Seq uint64 }) { e.MS, e.Seq = n, seq; return e }

func TestPayload(t *testing.T) {
	for want, fields := range map[string][]any{
		"v":                         {"any", "v"},
		"":                          {"any", ""},
		`{"b":"1","a":"2"}`:         {"b", "1", "a", "2"},
		`{"a\"":"\n","b":"\ufffd"}`: {`a"`, "\n", "b", "\xff"},
		`{}`:                        nil,
		`{"a":"1"}`:                 {"a", "1", "half"},
	} {
		if got := payload(fields); got != want {
			t.Errorf("%q gives %s, want %s", fields, got, want)
		}
	}
}

// reply makes a reply of any shape that go-redis can return.
func reply(shape []byte, depth int) (any, []byte) {
	if len(shape) == 0 {
		return nil, nil
	}
	kind := shape[0]
	shape = shape[1:]
	words := []string{"a", "b", "length", "last-generated-id", "first-entry", "entries-added", "1-1", "5-0", "x", "18446744073709551615-18446744073709551615", ""}
	switch n := int(kind >> 4); kind % 8 {
	case 0, 1:
		return words[n%len(words)], shape
	case 2:
		return int64(n) - 3, shape
	case 3:
		return nil, shape
	case 4:
		return float64(n), shape
	case 5:
		if depth > 5 {
			return true, shape
		}
		m := make(map[any]any)
		for range n {
			var name, value any
			name, shape = reply(shape, depth+5) // a key is no map and no list
			value, shape = reply(shape, depth+1)
			m[name] = value
		}
		return m, shape
	default:
		if depth > 5 {
			return true, shape
		}
		var list []any
		for range n {
			var item any
			item, shape = reply(shape, depth+1)
			list = append(list, item)
		}
		return list, shape
	}
}

// FuzzReplies gives the reader replies of any shape: it must neither panic nor go back.
func FuzzReplies(f *testing.F) {
	f.Add([]byte{0x16, 0x26, 0x00, 0x26, 0x26, 0x60, 0x26, 0x00, 0x80})
	f.Add([]byte{0x15, 0x00, 0x16, 0x26, 0x70, 0x06})
	f.Add([]byte{0x16, 0x26, 0x00, 0x06})
	f.Fuzz(func(t *testing.T, shape []byte) {
		v, _ := reply(shape, 0)
		_, _ = readInfo(v)
		_, _ = readEntry(v)
		r, _ := reader(2, "a", "b")
		before := r.streams[0].at
		_, _ = r.deliver(time.Now(), r.streams, v)
		if r.streams[0].at.Compare(before.ID) < 0 || r.count < 1 {
			t.Errorf("at %v, count %d", r.streams[0].at, r.count)
		}
	})
}
