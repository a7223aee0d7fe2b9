package pubsub

import "github.com/SupermanScott/Elva/internal/redisutil"

// Overlap distinguishes copies of one published message from a second message with the same text.
//
// Redis delivers a message once for every subscription that matches it, one copy directly after the
// other. So if a message equals the previous one, and its subscription has not delivered a copy yet, it is
// a copy. Otherwise it starts a new message. This works within one connection, without matching patterns
// and without any memory except for the last message.
type Overlap struct {
	channel, payload string
	sources          []redisutil.Channel
}

// IsCopy reports whether a message is a copy of the previous one.
func (o *Overlap) IsCopy(channel, payload string, by redisutil.Channel) bool {
	if len(o.sources) > 0 && channel == o.channel && payload == o.payload {
		for _, s := range o.sources {
			if s == by {
				o.sources = append(o.sources[:0], by)
				return false
			}
		}
		o.sources = append(o.sources, by)
		return true
	}
	o.channel, o.payload = channel, payload
	o.sources = append(o.sources[:0], by)
	return false
}

// Reset discards the last message. It must be called when the connection changes.
func (o *Overlap) Reset() { *o = Overlap{sources: o.sources[:0]} }
