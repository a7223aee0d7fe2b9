package health_test

import (
	"fmt"
	"testing"
	"time"
)

// Elva may start shortly before a deployment, so that the replaced workers are as young as the service. Their successors
// must not take the place of the workers of the next deployment.
func TestHalfQuiet_DeploymentsSoonAfterTheStart(t *testing.T) {
	for seed := range uint64(5) {
		for _, first := range []time.Duration{20 * time.Second, 37 * time.Second, 90 * time.Second, 4 * minutes} {
			t.Run(fmt.Sprint("first after ", first, ", seed ", seed), func(t *testing.T) {
				w := newWorld(30*minutes, seed)
				for i := range 3 {
					from := time.Duration(0)
					for release := 0; from < w.length; release++ {
						to := first + time.Duration(release)*90*time.Second + time.Duration(i)*4*time.Second
						a := w.add(fmt.Sprintf("web-%d-r%d", i, release), "shop", random(1100*time.Millisecond))
						a.from, a.to = from, to
						from = to
					}
				}
				w.play([]detector{newElva()}, func(at time.Duration, _ int, o finding) {
					if o.level > 0 {
						t.Fatalf("after %v: %+v", at, o)
					}
				})
			})
		}
	}
}
