package elva

import (
	"time"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

// Hurry returns c with a subscription that waits a tenth as long as it does by default, where waiting
// is what would make a test slow. What depends on the real constants does not use it.
func Hurry(c Config) Config { return HurryBy(10, c) }

// HurryBy divides them by n.
func HurryBy(n time.Duration, c Config) Config {
	t := redisutil.DefaultTiming()
	for _, d := range []*time.Duration{&t.IdlePing, &t.FlowPing, &t.Dead, &t.Stuck, &t.RefusedWait, &t.RefusedWaitMax} {
		*d /= n
	}
	c.timing = t
	return c
}
