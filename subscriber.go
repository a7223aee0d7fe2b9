package elva

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/backfill"
	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/intake"
	"github.com/SupermanScott/Elva/internal/link"
	"github.com/SupermanScott/Elva/internal/position"
	"github.com/SupermanScott/Elva/internal/source"
	"github.com/SupermanScott/Elva/internal/subscription"
	"github.com/SupermanScott/Elva/internal/xread"
)

// feed is all that Redis brings: a subscription, streams, and a list that fills the subscription's holes. It
// ends with its context, or when the host closes the client.
type feed struct {
	client       redis.UniversalClient
	timing       link.Timing
	keys         []string // of the streams
	history      *history.History
	link         *link.Link
	subscription *subscription.Subscription // nil without channels
	gate         *backfill.Gate
	readers      []*xread.Reader
	viewed       func() bool // whether somebody looks
}

// replacedWait bounds the question whether a stream is still the one that a viewer knows: it is asked while
// the viewer waits.
const replacedWait = 2 * time.Second

func newFeed(client redis.UniversalClient, channels []string, c *Config, in *intake.Intake, log *slog.Logger) *feed {
	t := c.timing
	if t == (link.Timing{}) {
		t = link.DefaultTiming()
	}
	sources := source.ParseAll(channels)
	f := &feed{client: client, timing: t, keys: in.Streams, history: in.History}
	f.link = link.New(sources, f.keys, c.HistoryList, log, subscription.Lag(client))
	if _, ok := client.(*redis.Ring); ok {
		return f
	}
	f.readers = xread.Readers(client, f.keys, xread.Options{
		Timing: t, Link: f.link, Sink: in,
		Newest: c.History / max(len(f.keys), 1), Bytes: c.HistoryBytes / max(len(f.keys), 1),
	})
	if len(sources) == 0 {
		return f
	}
	o := subscription.Options{Client: client, Sources: sources, Timing: t, Link: f.link, Deliver: in.Record, Viewed: func() bool { return f.viewed() }}
	o.Settled = func(now time.Time, gaps []history.Gap) {
		for _, g := range gaps {
			in.Gap(now, g)
		}
	}
	if c.HistoryList != "" {
		f.fillFrom(c, in, sources)
		o.Deliver, o.Settled = f.gate.Record, f.gate.Settled
	}
	f.subscription = subscription.New(o)
	return f
}

// fillFrom puts a gate between the subscription and the history that fills holes from the list.
func (f *feed) fillFrom(c *Config, in *intake.Intake, sources []source.Source) {
	list := len(f.keys) // its number among the keys
	channel := c.HistoryList
	if len(sources) == 1 && !sources[0].Pattern {
		channel = sources[0].Name
	}
	f.gate = backfill.New(in, backfill.Options{
		Key: c.HistoryList, Channel: channel, Records: c.History, Bytes: c.HistoryBytes,
		Read: func(ctx context.Context, n int) ([]string, error) {
			own, hangUp, err := link.Own(ctx, f.client, c.HistoryList, f.timing, func() {})
			if err != nil {
				return nil, err
			}
			defer hangUp()
			defer context.AfterFunc(ctx, hangUp)()
			return own.LRange(ctx, c.HistoryList, int64(-n), -1).Result()
		},
		Changed: func(err error) {
			if err != nil {
				_ = f.link.Unreadable(list, err)
				return
			}
			f.link.Readable(time.Now(), list)
		},
		Recovered: func() { f.link.Entry(time.Now(), list) },
	})
}

// run reads until ctx ends or the host closes the client.
func (f *feed) run(ctx context.Context) {
	if _, ok := f.client.(*redis.Ring); ok {
		// Ring panics, and confirms names that other shards would have to deliver.
		f.link.Set(health.Refused, "Elva does not support redis.Ring: give it the client of the shard that the records are published to", time.Time{})
		return
	}
	var running sync.WaitGroup
	if f.subscription != nil {
		running.Go(func() { f.subscription.Run(ctx) })
	}
	if f.gate != nil {
		running.Go(func() { f.gate.Run(ctx) })
	}
	for _, r := range f.readers {
		running.Go(func() { r.Run(ctx) })
	}
	running.Wait()
	if f.subscription != nil {
		f.subscription.Wait()
	}
}

// hears reports whether there are channels: what is published on them has no place that another instance
// knows.
func (f *feed) hears() bool { return f.subscription != nil }

// renewed returns what to tell a viewer who has come so far in the streams if one of them was made anew behind
// that, with IDs that go on: fewer were ever added to it than the viewer has had.
func (f *feed) renewed(at position.Vector) *history.Gap {
	read := f.history.At(f.history.Stats().Last)
	for i, p := range at {
		if read[i].Compare(p.Entry) > 0 && 0 < read[i].Index && read[i].Index < p.Index {
			return &history.Gap{Kind: "stream", Reason: fmt.Sprintf("the stream %q was made anew, or entries were deleted from it: what stood behind those above may be missing", f.keys[i])}
		}
	}
	return nil
}

// replaced returns what to tell a viewer who has come so far in the streams if one of them is not the one that
// the viewer knows, whose IDs went further than any that this one gave.
func (f *feed) replaced(ctx context.Context, at position.Vector) *history.Gap {
	ctx, cancel := context.WithTimeout(ctx, replacedWait)
	defer cancel()
	read := f.history.At(f.history.Stats().Last)
	for i, p := range at {
		if read[i].Compare(p.Entry) >= 0 {
			continue
		}
		if newest, ok := xread.Generated(ctx, f.client, f.keys[i], f.timing); ok && newest.Compare(p.Entry) < 0 {
			return &history.Gap{Kind: "stream", Reason: fmt.Sprintf("the stream %q was made anew: what follows is all that there is of it", f.keys[i])}
		}
	}
	return nil
}
