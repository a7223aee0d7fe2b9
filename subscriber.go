package elva

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/backfill"
	"github.com/SupermanScott/Elva/internal/ingest"
	"github.com/SupermanScott/Elva/internal/pubsub"
	"github.com/SupermanScott/Elva/internal/redact"
	"github.com/SupermanScott/Elva/internal/redisutil"
	"github.com/SupermanScott/Elva/internal/status"
	"github.com/SupermanScott/Elva/internal/streams"
)

// feed reads from Redis: channels, streams, and a list that fills the gaps of a subscription. It ends with its context, or
// when the host closes the client.
type feed struct {
	client        redis.UniversalClient
	timing        redisutil.Timing
	keys          []string // of the streams
	link          *status.Board
	subscriptions []*pubsub.Subscription
	filler        *backfill.Filler
	readers       []*streams.Reader
}

func newFeed(client redis.UniversalClient, channels, keys []string, c *Config, in *ingest.Ingest, tracker streams.Tracker, log *slog.Logger) *feed {
	t := c.timing
	if t == (redisutil.Timing{}) {
		t = redisutil.DefaultTiming()
	}
	subscriptions := c.subscriptions(channels)
	f := &feed{client: client, timing: t, keys: keys}
	f.link = status.NewBoard(subscriptions, f.keys, c.HistoryList, log, pubsub.Lag(client))
	if _, ok := client.(*redis.Ring); ok {
		return f
	}
	f.readers = streams.Readers(client, f.keys, streams.Options{
		Timing: t, Link: f.link, Sink: in, Tracker: tracker, Past: in,
		Newest: c.History / max(len(f.keys), 1), Bytes: c.HistoryBytes / max(len(f.keys), 1),
	})
	sources := len(f.readers)
	if c.HistoryList != "" {
		sources++
	}
	if sources > 0 {
		in.ExpectOlder(c.History, sources)
	}
	for n, sources := range subscriptions {
		o := pubsub.Options{Client: client, Sources: sources, Timing: t, Link: f.link.Subscription(n), ReadAhead: c.HistoryBytes / 2 / len(subscriptions), Sink: in, Decode: in.Decode}
		if c.HistoryList != "" { // there is one subscription only
			f.fillFrom(c, in, sources)
			o.Sink, o.Decode, o.Settled = f.filler, nil, f.filler.Settled // the Filler compares payloads before they are decoded
		}
		f.subscriptions = append(f.subscriptions, pubsub.New(o))
	}
	in.History.SetWaiting(f.waiting)
	return f
}

// subscriptions returns the sources of each subscription: of one for all channels, or of one for each sharded channel,
// since its slot may be on any server and move to another.
func (c *Config) subscriptions(channels []string) [][]redisutil.Channel {
	sources := redisutil.ParseChannels(channels)
	if len(sources) == 0 {
		return nil
	}
	if !c.Sharded {
		return [][]redisutil.Channel{sources}
	}
	for i := range sources {
		sources[i].Shard = true
	}
	return slices.Collect(slices.Chunk(sources, 1))
}

// fillFrom puts a Filler between the subscription and the history. It fills gaps from the list.
func (f *feed) fillFrom(c *Config, in *ingest.Ingest, sources []redisutil.Channel) {
	list := len(f.keys) // its number: it follows the streams
	channel := c.HistoryList
	if len(sources) == 1 && !sources[0].Pattern {
		channel = sources[0].Name
	}
	f.filler = backfill.New(in, backfill.Options{
		Key: c.HistoryList, Channel: channel, Records: min(c.History, maxList), Bytes: c.HistoryBytes,
		Past: in,
		Read: func(ctx context.Context, skip, n int) (list []string, err error) {
			own, hangUp, err := redisutil.Dedicated(ctx, f.client, c.HistoryList, f.timing, func() {})
			if err != nil {
				return nil, err
			}
			defer hangUp()
			defer context.AfterFunc(ctx, hangUp)()
			err = redisutil.Guard(func() (err error) {
				list, err = own.LRange(ctx, c.HistoryList, int64(-skip-n), int64(-skip-1)).Result()
				return err
			})
			return list, err
		},
		OnRead: func(err error) {
			if err != nil {
				_ = f.link.KeyUnreadable(list, err)
				return
			}
			f.link.KeyReadable(time.Now(), list)
		},
		OnRecovered: func() { f.link.KeyRecord(time.Now(), list) },
	})
}

// run reads until ctx ends or the host closes the client.
func (f *feed) run(ctx context.Context) {
	if _, ok := f.client.(*redis.Ring); ok {
		// A Ring panics, and it confirms subscriptions to names that other shards deliver.
		f.link.SetAll(status.Denied, "Elva does not support redis.Ring: give it the client of the shard that the records are published to")
		return
	}
	var running sync.WaitGroup
	for _, s := range f.subscriptions {
		running.Go(func() { s.Run(ctx) })
	}
	if f.filler != nil {
		running.Go(func() { f.filler.Run(ctx) })
	}
	for _, r := range f.readers {
		running.Go(func() { r.Run(ctx) })
	}
	running.Wait()
	for _, s := range f.subscriptions {
		s.Wait()
	}
}

// waiting returns the bytes of the messages of channels that wait to be handled, and whether channels bring more than can be handled.
func (f *feed) waiting() (bytes int, behind bool) {
	for _, s := range f.subscriptions {
		n, isBehind := s.Waiting()
		bytes, behind = bytes+n, behind || isBehind
	}
	return bytes, behind
}

const (
	// defaultHistory is more than the default bytes hold of any but the smallest records.
	defaultHistory      = 1_000_000
	defaultHistoryBytes = 32 << 20
	// maxStreams bounds the streams: the last entry of each is in every event's ID, and proxies take headers of 8 KB.
	maxStreams = 250
	// maxTitle bounds the Title, which every status has, and the Home.
	maxTitle = 2000
	// maxSharded bounds the sharded channels: each takes a connection and three goroutines.
	maxSharded = 250
	// maxList bounds how many payloads of the HistoryList are read to fill a gap and remembered, since HistoryBytes does not include
	// them. 100,000 payloads of 300 bytes take about as much as the default of HistoryBytes.
	maxList = 100_000
	// maxHistoryBytes keeps sums of sizes within an int, which has 32 bits on some machines.
	maxHistoryBytes = math.MaxInt / 16
	// minRecordBytes is less than any record takes in the history.
	minRecordBytes = 16
)

// mistake returns what is wrong with the configuration, or "".
func (c *Config) mistake(channels []string) string {
	switch {
	case len(channels) == 0 && len(c.Streams) == 0:
		return "New without a channel or a stream"
	case len(channels) == 0 && c.HistoryList != "":
		return "a HistoryList without a channel whose records it holds"
	case slices.Contains(channels, "") || slices.Contains(c.Streams, ""):
		return "New with an empty name"
	case len(c.Title) > maxTitle || len(c.Home) > maxTitle:
		return fmt.Sprintf("a Title or a Home of more than %d bytes: every page has both", maxTitle)
	case len(c.Streams) > maxStreams:
		return fmt.Sprintf("New with %d streams, more than %d: the last entry of each is in every event's ID", len(c.Streams), maxStreams)
	}
	sharded := redisutil.ParseChannels(channels)
	switch pattern := slices.IndexFunc(sharded, func(s redisutil.Channel) bool { return s.Pattern }); {
	case !c.Sharded:
	case pattern >= 0:
		return fmt.Sprintf("Sharded with the pattern %q: Redis has no patterns of sharded channels; Exact takes a name as it is", sharded[pattern].Name)
	case len(sharded) > maxSharded:
		return fmt.Sprintf("New with %d sharded channels, more than %d: each takes a connection", len(sharded), maxSharded)
	case len(sharded) == 0:
		return "Sharded without a channel"
	case len(sharded) > 1 && c.HistoryList != "":
		return "a HistoryList with several sharded channels: it can hold the records of one"
	}
	for i, key := range c.Streams {
		if slices.Contains(c.Streams[:i], key) {
			return fmt.Sprintf("New with the stream %q twice", key)
		}
	}
	return ""
}

// setDefaults sets the fields that the host left out, and bounds the history.
func (c *Config) setDefaults() {
	c.Title = cmp.Or(c.Title, "Elva")
	c.Logger = cmp.Or(c.Logger, slog.Default())
	if c.History <= 0 {
		c.History = defaultHistory
	}
	if c.HistoryBytes <= 0 {
		c.HistoryBytes = defaultHistoryBytes
	}
	c.HistoryBytes = min(c.HistoryBytes, maxHistoryBytes)
	c.History = min(c.History, max(c.HistoryBytes/minRecordBytes, 1))
}

// closeWait bounds Close: a dial to a silent server can hold go-redis for longer.
const closeWait = time.Second

// Exact escapes name so that New takes it for an exact channel, whatever characters it has.
func Exact(name string) string { return redisutil.EscapeChannel(name) }

// RedactSecrets is a function for [Config.Redact]. It replaces by "[redacted]" what is a secret by the name before it
// (password, token, api_key, Authorization, Cookie and the like) or by its form: bearer tokens, JWTs, keys of well-known services,
// private keys, passwords in URLs, numbers of payment cards. JSON stays JSON. It errs on the side of hiding, and can't know a secret
// that has neither a name nor a form. It takes about 1 µs for a record of 350 bytes without secrets.
func RedactSecrets(payload string) string { return redact.Secrets(payload) }

// start starts the goroutines that run until Close: the feed, the heartbeat and the calls of OnChange.
func (h *Handler) start() {
	ctx, cancel := context.WithCancel(context.Background())
	h.running.Go(func() { h.feed.run(ctx) })
	if len(h.feed.readers) > 0 || h.feed.filler != nil {
		h.running.Go(func() { h.ingest.ObserveOlder(ctx) })
	}
	h.running.Go(h.heartbeat)
	h.running.Go(func() { h.alert.Run(ctx) })
	go func() {
		<-h.done
		cancel()
		h.history.Close()
		h.running.Wait()
		h.history.Wait()
		close(h.ended)
	}()
}

// Close ends everything that the handler has started, except a running call of OnChange. It waits at most a second for
// that and for the requests in progress; a request that waits for a silent Redis or for a client that does not read ends
// within 20 s. Close never closes the client. It may be called more than once, and always returns nil.
func (h *Handler) Close() error {
	h.mu.Lock()
	if !h.closed() {
		close(h.done)
	}
	h.mu.Unlock()
	select {
	case <-h.ended:
	case <-time.After(closeWait):
	}
	return nil
}

// begin registers a request, so that Close waits for it. It returns false after Close.
func (h *Handler) begin() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed() {
		return false
	}
	h.running.Add(1)
	return true
}

func (h *Handler) closed() bool {
	select {
	case <-h.done:
		return true
	default:
		return false
	}
}
