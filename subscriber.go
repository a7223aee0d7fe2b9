package elva

import (
	"context"
	"github.com/SupermanScott/Elva/internal/status"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/backfill"
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
	link         *link.Link
	subscription *subscription.Subscription // nil without channels
	gate         *backfill.Gate
	readers      []*xread.Reader
	viewed       func() bool // whether somebody looks
}

func newFeed(client redis.UniversalClient, channels []string, c *Config, in *intake.Intake, log *slog.Logger) *feed {
	t := c.timing
	if t == (link.Timing{}) {
		t = link.DefaultTiming()
	}
	sources := source.ParseAll(channels)
	f := &feed{client: client, timing: t, keys: in.Streams}
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
		f.link.Set(status.Refused, "Elva does not support redis.Ring: give it the client of the shard that the records are published to", time.Time{})
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

// generated returns the newest ID that a stream ever gave. ok is false when Redis does not tell.
func (f *feed) generated(ctx context.Context, key string) (id position.Entry, ok bool) {
	return xread.Generated(ctx, f.client, key, f.timing)
}
