package redisutil

import "strings"

// Channel is one subscription.
type Channel struct {
	Name    string // the argument of SUBSCRIBE, PSUBSCRIBE or SSUBSCRIBE
	Pattern bool   // uses PSUBSCRIBE
	Shard   bool   // uses SSUBSCRIBE, on the server that has the channel's slot
}

// specialChars are the characters with a special meaning in a Redis pattern (redis.io, PSUBSCRIBE). A closing bracket alone
// has none.
const specialChars = `*?[\`

// ParseChannel parses a name from the configuration. A name with an unescaped *, ? or [ is a pattern and remains as it is. Any
// other is the name of a channel, in which a backslash escapes the next character.
//
// Without this distinction, a pattern that is subscribed as a channel would never receive anything, and that without an
// error.
func ParseChannel(name string) Channel {
	var exact strings.Builder
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '\\' && i+1 < len(name):
			i++
			exact.WriteByte(name[i])
		case strings.IndexByte("*?[", c) >= 0:
			return Channel{Name: name, Pattern: true}
		default:
			exact.WriteByte(c)
		}
	}
	return Channel{Name: exact.String()}
}

// ParseChannels parses names and removes duplicates.
func ParseChannels(names []string) []Channel {
	var list []Channel
	seen := make(map[Channel]bool)
	for _, name := range names {
		if channel := ParseChannel(name); !seen[channel] {
			seen[channel] = true
			list = append(list, channel)
		}
	}
	return list
}

// EscapeChannel escapes a channel's name for ParseChannel.
func EscapeChannel(name string) string {
	var b strings.Builder
	for i := range len(name) {
		if strings.IndexByte(specialChars, name[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(name[i])
	}
	return b.String()
}
