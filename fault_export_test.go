package elva

import "time"

// Hurry returns c with a subscription that waits a tenth as long as it does by default, where waiting
// is what would make a test slow. What depends on the real constants does not use it.
func Hurry(c Config) Config {
	t := defaultTiming()
	for _, d := range []*time.Duration{&t.idlePing, &t.flowPing, &t.dead, &t.stuck, &t.refusedWait, &t.refusedWaitMax} {
		*d /= 10
	}
	c.timing = t
	return c
}
