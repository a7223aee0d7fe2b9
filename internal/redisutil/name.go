package redisutil

import (
	"hash/fnv"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxName is how many bytes of a channel's or key's name are shown at most, since every record contains one. Normal names
// are far shorter.
const MaxName = 200

// ShowName returns the name of a channel or key as it is shown in JSON, metrics and records: valid UTF-8 of at most MaxName
// bytes. Bytes that are not UTF-8 become escapes such as \xff, as in redis-cli, and a name that is too long is cut and ends
// with a hash, so that different long names remain different. Control characters remain as they are, and a backslash is not escaped.
func ShowName(name string) string {
	if len(name) <= MaxName && utf8.ValidString(name) {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name) && b.Len() <= MaxName; {
		r, size := utf8.DecodeRuneInString(name[i:])
		if r == utf8.RuneError && size == 1 {
			const digits = "0123456789abcdef"
			b.WriteString(`\x`)
			b.WriteByte(digits[name[i]>>4])
			b.WriteByte(digits[name[i]&15])
		} else {
			b.WriteString(name[i : i+size])
		}
		i += size
	}
	shown := b.String()
	if len(shown) <= MaxName {
		return shown
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	end := "…" + strconv.FormatUint(h.Sum64(), 36)
	cut := MaxName - len(end)
	for !utf8.RuneStart(shown[cut]) {
		cut--
	}
	return shown[:cut] + end
}
