package redisutil

import "strings"

// Channel is one subscription.
type Channel struct {
	Name    string // what SUBSCRIBE or PSUBSCRIBE is given
	Pattern bool
	Shard   bool // by SSUBSCRIBE, of the server that holds the channel's slot
}

// special are the characters that mean something in a Redis pattern (redis.io, PSUBSCRIBE). A
// closing bracket alone does not.
const special = `*?[\`

// ParseChannel reads a name. One with an unescaped *, ? or [ is a pattern and stays as it is. Any other is
// an exact channel, in which a backslash stands for the character after it.
//
// The mistake that this prevents is silent: a pattern that is subscribed literally never receives
// anything, while the messages of a channel that is literally called log:* also match the pattern log:*.
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

// ParseChannels reads names and merges those that mean the same subscription.
func ParseChannels(names []string) []Channel {
	var list []Channel
	seen := make(map[Channel]bool)
	for _, name := range names {
		if s := ParseChannel(name); !seen[s] {
			seen[s] = true
			list = append(list, s)
		}
	}
	return list
}

// EscapeChannel returns the name that ParseChannel reads as the exact channel name.
func EscapeChannel(name string) string {
	var b strings.Builder
	for i := range len(name) {
		if strings.IndexByte(special, name[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(name[i])
	}
	return b.String()
}
