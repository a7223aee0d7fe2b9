package health

import "math"

const (
	// bucketsPerOctave is the resolution: a quarter of an octave is 19 %, less than the uncertainty of a tail.
	bucketsPerOctave = 4
	// buckets is the number of buckets, for values from 1 to 2^18. In seconds that is three days.
	buckets = 18 * bucketsPerOctave
	// halfLife is the time after which a value has half its weight, in seconds. A pause that occurs each night stays in
	// the distribution, one of last month does not.
	halfLife = 3 * 24 * 3600.0
	// tailValues is how many of the largest values the tail is fitted to, but at most a third of all.
	tailValues = 30
	// twiceWeight is the minimum weight of a value that was seen twice within some days.
	twiceWeight = 1.5
	// fewValues is the number of values under which the largest of them is not reliable.
	fewValues = 96
	// maxTailRatio bounds the extrapolation, relative to the largest value that was seen twice.
	maxTailRatio = 30
	// heavyShape is the shape over which the variance of a tail is too uncertain for an estimate from moments. Hill's
	// estimator is used instead.
	heavyShape = 0.35
)

// spread is the distribution of a figure such as the gaps between a worker's records: the weight of its values by size.
// Newer values have larger weights. The weights of older values need not shrink, so adding is cheap (forward decay).
type spread [buckets]float32

// decay is the weight of a value that is added now.
type decay struct {
	landmark float64 // the time at which the weight is 1
	weight   float32
}

// advance sets the weight for a time. It reports whether weights have become so large that all must be rescaled.
func (d *decay) advance(now float64) (rescale bool) {
	exponent := (now - d.landmark) / halfLife
	d.weight = float32(math.Exp2(min(exponent, 100)))
	return exponent > 64
}

// bucketOf returns the bucket of a value. Values under 1 count as 1.
func bucketOf(value float64) int {
	if value < 1 {
		return 0
	}
	bits := math.Float64bits(value)
	octave := int(bits>>52) - 1023
	return min(octave*bucketsPerOctave+int(bits>>50&(bucketsPerOctave-1)), buckets-1)
}

// bucketStart returns the smallest value of a bucket. The bucket may have a fraction, for a value inside it.
func bucketStart(bucket float64) float64 {
	octave := math.Floor(bucket / bucketsPerOctave)
	return math.Exp2(octave) * (1 + (bucket-octave*bucketsPerOctave)/bucketsPerOctave)
}

func (s *spread) add(value float64, weight float32) { s[bucketOf(value)] += weight }

// tail describes the distribution of the largest values.
type tail struct {
	limit float64
	least float64 // the smallest possible limit
	shape float64 // of the generalized Pareto distribution: 0 is exponential, more is heavier
}

// limit returns the value that is exceeded rarity times less often than once in all remembered values. weight is that of
// a value added now. It fits a generalized Pareto distribution to the values over a high threshold (peaks over threshold).
// The limit is between margin and maxTailRatio times the largest value that was seen twice, and 0 if there are no values.
func (s *spread) limit(rarity, margin float64, weight float32) tail {
	p := s.peaks(float64(weight))
	if p.n == 0 {
		return tail{}
	}
	if p.n < fewValues {
		margin = 2
	}
	least := margin * p.largest
	t := tail{limit: least, least: least}
	t.shape = p.shape()
	switch ratio := max(p.count*rarity, 1); {
	case t.shape > heavyShape:
		t.shape = p.log
		t.limit = p.threshold * math.Pow(ratio, t.shape)
	case t.shape < 1e-3:
		t.limit = p.threshold + p.mean*math.Log(ratio)
	default:
		scale := p.mean * (1 - t.shape)
		t.limit = p.threshold + scale/t.shape*(math.Pow(ratio, t.shape)-1)
	}
	t.limit = min(max(t.limit, least), maxTailRatio*p.largest)
	return t
}

// peaks describes the values over a threshold.
type peaks struct {
	n            float64 // number of all values
	count        float64 // number of values over the threshold
	threshold    float64
	mean, square float64 // means of the excess and of its square
	log          float64 // mean logarithm of the ratio to the threshold
	largest      float64 // largest value that was seen twice
}

// peaks returns the largest values. weight is that of a value added now.
func (s *spread) peaks(weight float64) (p peaks) {
	top := -1
	for i, w := range s {
		if w > 0 {
			p.n += float64(w) / weight
			top = i
		}
	}
	if p.n < 0.1 { // all values have decayed
		return peaks{}
	}
	p.largest = s.seenTwice(weight, top)
	p.count = max(min(tailValues, p.n/3), 1)
	left := p.count
	low := top
	for ; low > 0 && left > float64(s[low])/weight; low-- {
		left -= float64(s[low]) / weight
	}
	share := 0.0 // share of the lowest bucket that is under the threshold
	if w := float64(s[low]) / weight; w > 0 {
		share = max(1-left/w, 0)
	}
	p.threshold = bucketStart(float64(low) + share)
	var sum float64
	for i := low; i <= top; i++ {
		w := float64(s[i]) / weight
		middle := bucketStart(float64(i) + 0.5)
		if i == low {
			w, middle = min(left, w), bucketStart(float64(i)+(1+share)/2)
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

// seenTwice returns the largest value that was seen twice, or the only one.
func (s *spread) seenTwice(weight float64, top int) float64 {
	sum := 0.0
	for i := top; i >= 0; i-- {
		if sum += float64(s[i]) / weight; sum >= twiceWeight {
			return bucketStart(float64(i + 1))
		}
	}
	return bucketStart(float64(top + 1))
}

// shape estimates the shape from the mean and variance of the excess. A shape under 0, that of a tail with an end, becomes
// 0, since thirty values can't prove an end.
func (p *peaks) shape() float64 {
	variance := p.square - p.mean*p.mean
	if variance <= 0 {
		return 0
	}
	return max((1-p.mean*p.mean/variance)/2, 0)
}
