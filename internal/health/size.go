package health

import "math"

const (
	// sizeMinutes is the time that a service must have had fewer workers for that to be normal, in minutes: longer than a
	// deployment that stops a worker before it starts its successor.
	sizeMinutes = 10
	// minScaled is the number of ends by scaling from which on a service counts as one that scales.
	minScaled = 2
)

// size is how many workers a service has, and how few it normally has.
type size struct {
	most   [2]int // in the current ten minutes and in those before
	fewest [2]int // the lowest value of most today and on the day before, 0 if unknown
	day    int64
	scaled int // workers that ended by scaling, halved each day

	// The size after a worker has replaced one that had stopped long before, and when; 0 if that was dealt with. If it
	// lasts, the service had scaled down and up.
	regrown   int
	regrownAt float64
}

// count notes the current number of workers, including quiet ones.
func (z *size) count(n int) { z.most[0] = max(z.most[0], n) }

// noteRegrown notes that a worker has replaced one that had stopped long before, so that so many are active.
func (z *size) noteRegrown(now float64, active int) {
	if z.regrown == 0 {
		z.regrown, z.regrownAt = active, now
	}
}

// learn ends the current ten minutes; complete is whether they were observed from their beginning, active is how many
// workers are active now.
func (z *size) learn(now float64, active int, complete bool) {
	if z.regrown > 0 && now-z.regrownAt > 2*60*sizeMinutes { // it was not just a deployment
		if active >= z.regrown {
			z.scaled++
		}
		z.regrown = 0
	}
	if n := z.most[0]; complete && n > 0 {
		if day := dayOf(now); day != z.day {
			z.fewest[1], z.fewest[0], z.day = z.fewest[0], n, day
			z.scaled /= 2
		}
		z.fewest[0] = min(z.fewest[0], n)
	}
	z.most[1], z.most[0] = z.most[0], 0
}

// scaledDown reports whether a service has probably stopped a worker to scale down to so many active ones: they are enough,
// or it has done so before and more than half of the workers are left.
func (z *size) scaledDown(active int) bool {
	if active >= z.normal() {
		z.scaled++
		return true
	}
	return z.scaled >= minScaled && 2*active > max(z.most[0], z.most[1])
}

// normal returns how many workers the service normally has at least. Before that is known, no number is enough.
func (z *size) normal() int {
	switch {
	case z.fewest[0] == 0:
		return math.MaxInt
	case z.fewest[1] == 0:
		return z.fewest[0]
	}
	return min(z.fewest[0], z.fewest[1])
}
