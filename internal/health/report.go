package health

import (
	"cmp"
	"github.com/SupermanScott/Elva/internal/status"
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// Fill writes what is known at the time now into d: all but the lists of workers and kinds. The verdict
// rests on d.Redis.
func (h *Health) Fill(d *status.Document, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.advance(now.Unix())
	h.fill(d, h.judge(d.Redis, now), now, 2)
}

// FillAll is Fill with the lists and the whole hour.
func (h *Health) FillAll(d *status.Document, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.advance(now.Unix())
	judged := h.judge(d.Redis, now)
	h.fill(d, judged, now, hour)
	for _, w := range judged {
		d.Workers = append(d.Workers, w.document(now))
	}
	for _, k := range h.kinds.byLast() {
		d.Kinds = append(d.Kinds, k.document(now, h.started))
	}
}

func (h *Health) fill(d *status.Document, judged []judgement, now time.Time, minutes int64) {
	d.V, d.At, d.Uptime = status.Version, now.UTC(), now.Sub(h.started).Seconds()
	d.Counts, d.Rates = status.Levels{}, status.Levels{}
	d.Minutes = status.Minutes{From: time.Unix((h.second/60-minutes+1)*60, 0).UTC(), Levels: make(map[string][]uint32)}
	// The current second is not over: the mean is of the ones before it.
	span := max(1, min(rateSeconds, h.second-h.started.Unix()))
	lately := h.last(1, int(span))
	for l := range levels {
		if h.total[l] == 0 {
			continue
		}
		name := levelName(record.Level(l))
		d.Counts[name] = float64(h.total[l])
		d.Rates[name] = float64(lately[l]) / float64(span)
		for m := h.second/60 - minutes + 1; m <= h.second/60; m++ {
			d.Minutes.Levels[name] = append(d.Minutes.Levels[name], h.minutes[ringIndex(m, hour)][l])
		}
	}
	d.Errors.LastMinute = errorsIn(h.last(0, minute-1))
	if h.learnt > 0 {
		usual := round(h.usual)
		d.Errors.Usual = &usual
	}
	d.Summary = status.Summary{OtherRecords: h.roster.others, Kinds: len(h.kinds.kinds), OtherErrors: h.kinds.others}
	for _, w := range judged {
		if w.state != status.Replaced {
			d.Summary.Workers++
		}
		if w.state == status.Silent {
			d.Summary.Silent++
		}
	}
	for _, k := range h.kinds.kinds {
		if k.fresh(now, h.started) {
			d.Summary.NewKinds++
		}
	}
	d.Health = h.verdict(d, judged, now)
}

// judgement is a worker and what is thought of it.
type judgement struct {
	*worker
	state     string
	threshold float64
	silence   float64 // seconds, counted only while Redis is live
}

// judge judges all workers: silent ones first, the longest silent first, then by name.
func (h *Health) judge(link status.Link, now time.Time) []judgement {
	h.roster.forget(now)
	list := make([]judgement, 0, len(h.roster.workers))
	since := seconds(h.since)
	if link.State == status.Live {
		since = max(since, seconds(link.Since))
	}
	for _, w := range h.roster.workers {
		j := judgement{worker: w, state: status.Talking, threshold: w.rhythm.threshold()}
		j.silence = max(0, seconds(now)-max(w.rhythm.last, since))
		switch {
		case j.threshold == 0:
			j.state = status.Young
		case link.State == status.Live && j.silence > j.threshold:
			j.state = status.Silent
		}
		list = append(list, j)
	}
	replace(list)
	slices.SortFunc(list, func(a, b judgement) int {
		if a.state == status.Silent && b.state == status.Silent && a.silence != b.silence {
			return cmp.Compare(b.silence, a.silence)
		}
		return cmp.Or(cmp.Compare(order(a.state), order(b.state)), cmp.Compare(a.name(), b.name()), cmp.Compare(a.key.channel, b.key.channel))
	})
	return list
}

// replace marks silent workers that a newcomer of the same service and channel has replaced, each
// newcomer one.
func replace(list []judgement) {
	type role struct{ service, channel string }
	newcomers := make(map[role][]float64)
	for _, j := range list {
		if j.state != status.Silent {
			r := role{j.key.service, j.key.channel}
			newcomers[r] = append(newcomers[r], j.rhythm.first)
		}
	}
	for i := range list {
		j := &list[i]
		if j.state != status.Silent {
			continue
		}
		r := role{j.key.service, j.key.channel}
		begun := newcomers[r]
		for n, first := range begun {
			if first > j.rhythm.first && first >= j.rhythm.last-replacedWithin.Seconds() {
				j.state = status.Replaced
				newcomers[r] = slices.Delete(begun, n, n+1)
				break
			}
		}
	}
}

func order(state string) int {
	return slices.Index([]string{status.Silent, status.Talking, status.Young, status.Replaced}, state)
}

// name returns what people call the worker.
func (w *worker) name() string {
	switch {
	case w.key.host != "" && w.key.service != "":
		return w.key.host + "/" + w.key.service
	case w.key.host+w.key.service != "":
		return w.key.host + w.key.service
	}
	return w.key.channel
}

func (j *judgement) document(now time.Time) status.Worker {
	j.window.advance(now.Unix())
	last := j.window.sum(1)
	return status.Worker{
		Name: j.name(), Host: j.key.host, Service: j.key.service, Channel: j.key.channel, State: j.state,
		FirstSeen: fromSeconds(j.rhythm.first), LastSeen: fromSeconds(j.rhythm.last),
		Usual: round(j.rhythm.usual), Threshold: round(j.threshold),
		Records: j.records, Rate: round(float64(last.Records) / 60), Last1: last, Last5: j.window.sum(5), Last60: j.window.sum(60),
		Skew: round(j.skew),
	}
}

func (k *kind) document(now, started time.Time) status.Kind {
	k.advance(now)
	d := status.Kind{
		Title: k.title, Logger: k.logger, Level: levelName(k.level), Count: k.count, FirstSeen: k.first.UTC(), LastSeen: k.last.UTC(),
		LastSeq: k.seq, New: k.fresh(now, started), Minutes: make([]uint32, 0, hour),
	}
	for _, set := range k.workers {
		d.Workers += bits.OnesCount64(set)
	}
	for m := k.minute - hour + 1; m <= k.minute; m++ {
		d.Minutes = append(d.Minutes, k.minutes[ringIndex(m, hour)])
	}
	return d
}

// Records returns the counts by channel, ordered by name.
func (h *Health) Records() []status.ChannelRecords {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]status.ChannelRecords, 0, len(h.channels))
	for name, counts := range h.channels {
		c := status.ChannelRecords{Channel: name}
		for l, n := range counts {
			if n > 0 {
				c.Levels = append(c.Levels, status.LevelRecords{Level: levelName(record.Level(l)), Records: n})
			}
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b status.ChannelRecords) int { return cmp.Compare(a.Channel, b.Channel) })
	return list
}

func levelName(l record.Level) string {
	if l == record.Unknown {
		return "none"
	}
	return l.String()
}

// round keeps three places, so that the document is not made of digits.
func round(f float64) float64 { return math.Round(f*1000) / 1000 }
