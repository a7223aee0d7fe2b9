package history

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/printable"
	"github.com/SupermanScott/Elva/internal/record"
)

// maxChannels bounds the cache of channel names, since a pattern can match any number of names. Without
// the cache, an append takes 16 % more CPU time.
const maxChannels = 1000

// stamp is the layout of an arrival in an encoding.
const stamp = "2006-01-02T15:04:05.000000Z"

// encoder encodes records for viewers: the number, the arrival, the channel, the worker (its host and service, or else the
// channel) and the entry ID, then the members of the record, and last the pattern. Right after the message that it derives from,
// the pattern compresses to almost nothing.
type encoder struct {
	channels map[string][]byte // channel names as JSON strings
	second   int64             // the Unix time whose text is stamp
	stamp    [len(stamp) - len("000000Z")]byte
	patterns group.Patterns
}

func (e *encoder) append(dst []byte, seq uint64, at time.Time, from *Source, r *record.Record) []byte {
	dst = append(dst, `{"seq":`...)
	dst = strconv.AppendUint(dst, seq, 10)
	dst = append(dst, `,"at":"`...)
	dst = e.time(dst, at)
	dst = append(dst, `","channel":`...)
	dst = append(dst, e.channel(from.Channel)...)
	dst = append(dst, `,"worker":`...)
	start := len(dst)
	if dst = r.AppendWorker(dst); len(dst) == start {
		dst = append(dst, e.channel(from.Channel)...)
	}
	if from.Stream > 0 {
		dst = append(from.Entry.ID.Append(append(dst, `,"entry":"`...)), '"')
	}
	dst = r.AppendMembers(dst)
	return append(group.AppendPattern(append(dst, `,"pattern":"`...), e.patterns.Hash(r)), `"}`...)
}

// time appends the arrival of a record, without quotes: 2006-01-02T15:04:05.000000Z. Thousands of records arrive in a second, so the text of the
// second is kept. Without that, an append takes 15 % more CPU time.
func (e *encoder) time(dst []byte, at time.Time) []byte {
	if second := at.Unix(); second != e.second || e.stamp[0] == 0 {
		e.second = second
		at.UTC().AppendFormat(e.stamp[:0], stamp[:len(e.stamp)])
	}
	dst = append(dst, e.stamp[:]...)
	micros := at.Nanosecond() / 1000
	for unit := 100_000; unit > 0; unit /= 10 {
		dst = append(dst, byte('0'+micros/unit%10))
	}
	return append(dst, 'Z')
}

func (e *encoder) channel(name string) []byte {
	if text, ok := e.channels[name]; ok {
		return text
	}
	text, err := json.Marshal(name) // repairs invalid UTF-8
	if err != nil {                 // a string has no such error
		panic(err)
	}
	text = printable.JSON(text)
	if e.channels == nil || len(e.channels) >= maxChannels {
		e.channels = make(map[string][]byte)
	}
	e.channels[name] = text
	return text
}
