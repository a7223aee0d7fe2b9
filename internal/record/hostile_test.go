package record_test

import (
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// hostile returns hostile payloads.
func hostile() map[string]string {
	return map[string]string{
		"empty":                     "",
		"blank":                     " \t\r\n\x00 ",
		"a BOM":                     "\uFEFF",
		"an empty object":           "{}",
		"an object of empty parts":  `{"msg":"","level":null,"args":[]}`,
		"an escape only":            "\x1b[31m",
		"an empty string":           `""`,
		"null":                      "null",
		"invalid UTF-8":             "\xff\xfe{\"msg\":\"a\xc3\x28b\"}\x80",
		"invalid UTF-8 in JSON":     "{\"msg\":\"a\xc3\x28\xe2\x82b\",\"k\xff\":\"\xf0\x9f\x98\"}",
		"lone surrogates":           `{"msg":"\ud800 \udc00 \ud83d\ude00 \ud83d","k\ud800":"\udfff","n":["\ud800"]}`,
		"NUL":                       "a\x00b\x00",
		"NUL in JSON":               `{"msg":"a\u0000b"}`,
		"bidi overrides":            "{\"msg\":\"user \u202e\u2066admin\u2069 in\"}",
		"bidi and C1 in fields":     "{\"msg\":\"x\",\"user\u202e\":{\"\u0085\":[\"\u061c\x7f\"]}}",
		"NaN":                       `{"msg":"x","a":NaN,"b":[Infinity,-Infinity,{"c":NaN}],"level":NaN,"time":Infinity}`,
		"duplicate keys":            `{"a":1,"a":2,"level":"info","level":"error","msg":"x","msg":"y"}`,
		"an unended OSC":            "a\x1b]8;;http://x" + strings.Repeat("\x1b]", 3000),
		"broken JSON":               `{"msg":"x"`,
		"JSON and more":             `{"msg":"x"} {"msg":"y"}`,
		"deep arrays":               `{"msg":"x","level":"error","a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`,
		"deep objects":              `{"msg":"x","level":"error","a":` + strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000) + `}`,
		"deep from the start":       strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		"deep and open":             strings.Repeat(`{"a":[`, 100_000),
		"deep args":                 `{"msg":"%r","args":[` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `]}`,
		"deep causes":               `{"msg":"x","err":` + strings.Repeat(`{"stack":"s","cause":`, 20_000) + "1" + strings.Repeat("}", 20_000) + `}`,
		"deep arrays of causes":     `{"msg":"x","err":[` + strings.Repeat(`{"stack":"s","cause":[`, 50_000) + strings.Repeat("]}", 50_000) + `]}`,
		"deep causes of text":       `{"msg":"x","err":` + strings.Repeat(`{"stack":"`+strings.Repeat("s", 1000)+`","cause":`, 2_000) + "1" + strings.Repeat("}", 2_000) + `}`,
		"deep wrapped values":       `{"body":` + strings.Repeat(`{"arrayValue":{"values":[`, 20_000) + "1" + strings.Repeat("]}}", 20_000) + `}`,
		"a million keys":            `{"msg":"x","level":"error"` + strings.Repeat(`,"k":1`, 1_000_000) + `}`,
		"a million levels":          `{"msg":"x"` + strings.Repeat(`,"level":"info"`, 1_000_000) + `}`,
		"a million args":            `{"msg":"` + strings.Repeat("%s", 1_000_000) + `","args":[1` + strings.Repeat(`,1`, 999_999) + `]}`,
		"a long number":             `{"msg":"x","level":` + strings.Repeat("1", 64<<20) + `}`,
		"long numbers":              `{"msg":"%d %x %f","pid":` + strings.Repeat("1", 1<<20) + `,"time":` + strings.Repeat("1", 1<<20) + `,"args":[` + strings.Repeat("7", 1<<20) + `,1,1]}`,
		"a long message":            `{"msg":"` + strings.Repeat("é\\u0001", 1<<20) + `"}`,
		"a long name":               `{"` + strings.Repeat("level", 1<<20) + `":1,"msg":"x"}`,
		"a long trace":              "boom\nTraceback (most recent call last):\n" + strings.Repeat("  File \"x.py\", line 1, in f\n", 1<<18) + "ValueError: the end",
		"control characters":        strings.Repeat("\x01", 1<<20),
		"a value asked for often":   `{"msg":"` + strings.Repeat("%(a)s", 50_000) + `","args":[{"a":"` + strings.Repeat("x", 100_000) + `"}]}`,
		"a value cut often":         `{"msg":"` + strings.Repeat("%(a).1r", 50_000) + `","args":[{"a":["` + strings.Repeat("x", 100_000) + `"]}]}`,
		"a wide field":              `{"msg":"%2000000000d%-2000000000s%.2000000000f","args":[1,2,3]}`,
		"a template asked often":    `{"@mt":"` + strings.Repeat("{a}", 50_000) + `","a":"` + strings.Repeat("x", 100_000) + `"}`,
		"a million holes":           `{"@mt":"` + strings.Repeat("{", 1_000_000) + `"}`,
		"brackets":                  strings.Repeat("[", 1<<20),
		"logfmt without end":        "level=info " + strings.Repeat("a=b ", 1<<18),
		"logfmt quotes":             "level=info msg=" + strings.Repeat(`"\`, 1<<18),
		"structured data":           "<13>1 - - - - - " + strings.Repeat(`[a b="c"]`, 1<<17),
		"a million lines":           strings.Repeat("at\n", 1_000_000),
		"a million almost frames":   strings.Repeat("x\n  File \"\n#1 \n\tat (\n", 250_000),
		"a million short escapes":   strings.Repeat("\x1b[", 1_000_000),
		"a million csi parameters":  "\x1b[" + strings.Repeat("1;", 1_000_000),
		"a stack of a million":      `{"msg":"x","stack":[` + strings.Repeat(`{"line":1,"file":"a"},`, 200_000) + `1]}`,
		"a long level":              `{"level":"` + strings.Repeat("[", 1<<20) + `","msg":"x"}`,
		"a long time":               `{"time":"` + strings.Repeat("1", 1<<20) + `","msg":"x"}`,
		"a long source":             `{"caller":"` + strings.Repeat(":1", 1<<20) + `","msg":"x"}`,
		"a long logger":             `{"logger":"` + strings.Repeat("a.", 1<<20) + `","msg":"x"}`,
		"a huge field of its own":   `{"msg":"x","blob":"` + strings.Repeat("A", 1<<20) + `","after":1}`,
		"many huge fields":          `{"msg":"` + strings.Repeat("m", 1<<18) + `","trace":"a\n` + strings.Repeat("t", 1<<18) + `","a":"` + strings.Repeat("A", 1<<18) + `","b":[` + strings.Repeat("1,", 1<<18) + `1]}`,
		"a reader's own cut member": `{"msg":"` + strings.Repeat("m", 1<<19) + `","elva.cut":{"bytes":1}}`,
	}
}

func TestDecode_HostilePayloads(t *testing.T) {
	for name, payload := range hostile() {
		t.Run(name, func(t *testing.T) {
			// The limit is far above linear time, but with quadratic time these payloads take hours.
			done := make(chan struct{})
			go func() {
				defer close(done)
				record.Decode(payload)
			}()
			select {
			case <-done:
			case <-time.After(time.Minute):
				t.Fatal("still decoding after a minute")
			}
			check(t, payload)
		})
	}
}
