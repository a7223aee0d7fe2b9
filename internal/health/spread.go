package health

import "math"

const (
	// bucketsPerOctave and buckets make a spread go from 1 to 2^18: as seconds, three days. A quarter of an octave
	// is 19 %, finer than a tail is known.
	bucketsPerOctave = 4
	buckets          = 18 * bucketsPerOctave
	// halfLife is after how many seconds a value counts half: a pause each night stays known, one of last month
	// does not.
	halfLife = 3 * 24 * 3600.0
	// tailValues is how many of the largest values the tail is fitted to, a third of them if there are few: enough
	// for two moments, few enough to be the tail.
	tailValues = 30
	// twice is the weight of a value that was seen twice within some days.
	twice = 1.5
	// fewValues is under how many values the largest one says little.
	fewValues = 96
	// mostTimes the largest value that was seen twice is as far as a tail is continued.
	mostTimes = 30
	// heavyShape is the shape over which a tail's variance is too uncertain for the two moments: Hill's estimate is
	// taken instead.
	heavyShape = 0.35
)

// spread is the distribution of the values of one figure, such as the gaps between a worker's records: their weights by
// size. A weight grows with the time at which a value is added instead of shrinking afterwards, so that adding is cheap
// (forward decay).
type spread [buckets]float32

// decay gives the weight that a value has which is added now.
type decay struct {
	landmark float64 // when a value weighs 1
	weight   float32
}

// at makes d the decay at a time. It reports whether weights have become so large that all of them must be rescaled.
func (d *decay) at(now float64) (rescale bool) {
	exponent := (now - d.landmark) / halfLife
	d.weight = float32(math.Exp2(min(exponent, 100)))
	return exponent > 64
}

// bucketOf returns the bucket of a value. What is under 1 counts as 1.
func bucketOf(value float64) int {
	if value < 1 {
		return 0
	}
	bits := math.Float64bits(value)
	octave := int(bits>>52) - 1023
	return min(octave*bucketsPerOctave+int(bits>>50&(bucketsPerOctave-1)), buckets-1)
}

// lower returns the smallest value of a bucket, whole or in part.
func lower(bucket float64) float64 {
	octave := math.Floor(bucket / bucketsPerOctave)
	return math.Exp2(octave) * (1 + (bucket-octave*bucketsPerOctave)/bucketsPerOctave)
}

func (s *spread) add(value float64, weight float32) { s[bucketOf(value)] += weight }

// tail is how the largest values are spread.
type tail struct {
	limit float64
	shape float64 // of the generalized Pareto distribution: 0 is exponential, more is heavier
}

// limit returns the value that is exceeded times rarer than once in all that is remembered; weight is what a value added
// now weighs. It fits a generalized Pareto distribution to what exceeds a high threshold (peaks over threshold), and is
// bounded by margin times and mostTimes times the largest value that was seen twice. It is 0 while there are no values.
func (s *spread) limit(times, margin float64, weight float32) tail {
	p := s.peaks(float64(weight))
	if p.n == 0 {
		return tail{}
	}
	if p.n < fewValues {
		margin = 2
	}
	least := margin * p.largest
	t := tail{limit: least}
	t.shape = p.shape()
	switch ratio := max(p.count*times, 1); {
	case t.shape > heavyShape:
		t.shape = p.log
		t.limit = p.threshold * math.Pow(ratio, t.shape)
	case t.shape < 1e-3:
		t.limit = p.threshold + p.mean*math.Log(ratio)
	default:
		scale := p.mean * (1 - t.shape)
		t.limit = p.threshold + scale/t.shape*(math.Pow(ratio, t.shape)-1)
	}
	t.limit = min(max(t.limit, least), mostTimes*p.largest)
	return t
}

// peaks is what exceeds a threshold.
type peaks struct {
	n                 float64 // of all values
	count             float64 // of those over the threshold
	threshold         float64
	mean, square, log float64 // of the excess; log is of the ratio to the threshold
	largest           float64 // seen twice
}

func (s *spread) peaks(weight float64) (p peaks) {
	top := -1
	for i, w := range s {
		if w > 0 {
			p.n += float64(w) / weight
			top = i
		}
	}
	if p.n < 0.1 { // what is remembered is all but forgotten
		return peaks{}
	}
	p.largest, top = s.seenTwice(weight, top)
	p.count = max(min(tailValues, p.n/3), 1)
	left := p.count
	low := top
	for ; low > 0 && left > float64(s[low])/weight; low-- {
		left -= float64(s[low]) / weight
	}
	share := 0.0 // of the lowest bucket that is under the threshold
	if w := float64(s[low]) / weight; w > 0 {
		share = max(1-left/w, 0)
	}
	p.threshold = lower(float64(low) + share)
	var sum float64
	for i := low; i <= top; i++ {
		w := float64(s[i]) / weight
		middle := lower(float64(i) + 0.5)
		if i == low {
			w, middle = min(left, w), lower(float64(i)+(1+share)/2)
		}
		excess := middle - p.threshold
		sum += w
		p.mean += w * excess
		p.square += w * excess * excess
		p.log += w * math.Log(middle/p.threshold)
	}
	if sum > 0 {
		p.mean, p.square, p.log = p.mean/sum, p.square/sum, p.log/sum
	}
	return p
}

// seenTwice returns the largest value that was seen twice, and the highest bucket that counts: a single value that is
// four times larger is left out.
func (s *spread) seenTwice(weight float64, top int) (largest float64, highest int) {
	sum := 0.0
	for i := top; i >= 0; i-- {
		if sum += float64(s[i]) / weight; sum >= twice {
			largest = lower(float64(i + 1))
			break
		}
	}
	if largest == 0 { // one value in all
		return lower(float64(top + 1)), top
	}
	for highest = top; highest > 0 && lower(float64(highest)) > 4*largest; {
		highest--
	}
	return largest, highest
}

// shape estimates the shape from the two moments of the excess. A tail that seems to end is taken for an exponential
// one: thirty values can't prove that it does.
func (p *peaks) shape() float64 {
	variance := p.square - p.mean*p.mean
	if variance <= 0 {
		return 0
	}
	return max((1-p.mean*p.mean/variance)/2, 0)
}
