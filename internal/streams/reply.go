package streams

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/SupermanScott/Elva/internal/entry"
)

// Replies are parsed here and not by go-redis, which makes maps of the fields and so loses their order, and which fails
// on members of XINFO that a newer Redis has added.

var errReply = errors.New("malformed reply")

// record is one entry of a stream.
type record struct {
	id      entry.ID
	payload string
}

// info is the reply to XINFO STREAM.
type info struct {
	exists    bool
	length    uint64
	counted   bool     // whether the following are known; small servers for tests report only the length
	generated entry.ID // the newest ID that the stream ever had
	added     uint64   // entries ever added; 0 before Redis 7
	first     entry.ID // the oldest entry's; zero when there is none
}

// empty reports whether the stream exists and never had an entry.
func (in *info) empty() bool { return in.counted && in.generated == entry.ID{} }

// readInfo parses the reply to XINFO STREAM: alternating names and values (RESP2), or a map (RESP3).
func readInfo(reply any) (in info, err error) {
	in.exists = true
	err = pairs(reply, func(name string, value any) error {
		ok := true
		switch name {
		case "length":
			in.length, ok = number(value)
		case "entries-added":
			in.added, ok = number(value)
		case "last-generated-id":
			in.generated, in.counted = id(value)
			ok = in.counted
		case "first-entry":
			if list, full := value.([]any); full && len(list) > 0 {
				in.first, ok = id(list[0])
			}
		}
		if !ok {
			return fmt.Errorf("%w: %s in XINFO", errReply, name)
		}
		return nil
	})
	return in, err
}

// readStreams parses the reply to XREAD and calls each with every key that has entries.
func readStreams(reply any, each func(key string, entries []any) error) error {
	if list, ok := reply.([]any); ok && len(list) > 0 {
		if _, nested := list[0].([]any); nested { // RESP2: a pair for each key
			for _, item := range list {
				if err := pairs(item, func(key string, value any) error { return eachStream(key, value, each) }); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return pairs(reply, func(key string, value any) error { return eachStream(key, value, each) })
}

func eachStream(key string, value any, each func(string, []any) error) error {
	list, ok := value.([]any)
	if !ok {
		return fmt.Errorf("%w: the entries of %q", errReply, key)
	}
	return each(key, list)
}

// readEntry parses an entry: its ID and its fields. A deleted entry has no fields.
func readEntry(reply any) (e record, err error) {
	list, ok := reply.([]any)
	if !ok || len(list) != 2 {
		return e, fmt.Errorf("%w: no entry", errReply)
	}
	if e.id, ok = id(list[0]); !ok {
		return e, fmt.Errorf("%w: the ID of an entry", errReply)
	}
	fields, _ := list[1].([]any)
	e.payload = payload(fields)
	return e, nil
}

// payload returns the record in an entry's fields: the value of a single field, whatever its name, or several fields as a
// JSON object in their order.
func payload(fields []any) string {
	if len(fields) == 2 {
		value, _ := fields[1].(string)
		return value
	}
	object := []byte{'{'}
	for i := 0; i+1 < len(fields); i += 2 {
		if i > 0 {
			object = append(object, ',')
		}
		object = append(append(append(object, quoted(fields[i])...), ':'), quoted(fields[i+1])...)
	}
	return string(append(object, '}'))
}

func quoted(value any) []byte {
	text, err := json.Marshal(fmt.Sprint(value))
	if err != nil { // a string has no such error
		panic(err)
	}
	return text
}

// pairs calls each with the names and values of a map, or of a list in which they alternate.
func pairs(reply any, each func(name string, value any) error) error {
	switch reply := reply.(type) {
	case map[any]any:
		for name, value := range reply {
			if err := each(fmt.Sprint(name), value); err != nil {
				return err
			}
		}
		return nil
	case []any:
		for i := 0; i+1 < len(reply); i += 2 {
			if err := each(fmt.Sprint(reply[i]), reply[i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%w: %T", errReply, reply)
}

func id(value any) (entry.ID, bool) {
	text, ok := value.(string)
	if !ok {
		return entry.ID{}, false
	}
	return entry.Parse(text)
}

func number(value any) (uint64, bool) {
	n, ok := value.(int64)
	return uint64(n), ok && n >= 0
}
