package elva

import (
	"time"

	"github.com/SupermanScott/Elva/internal/link"
)

// Hurry returns c with a subscription that waits a tenth as long as it does by default, where waiting
// is what would make a test slow. What depends on the real constants does not use it.
func Hurry(c Config) Config {
	t := link.DefaultTiming()
	for _, d := range []*time.Duration{&t.IdlePing, &t.FlowPing, &t.Dead, &t.Stuck, &t.RefusedWait, &t.RefusedWaitMax} {
		*d /= 10
	}
	c.timing = t
	return c
}
