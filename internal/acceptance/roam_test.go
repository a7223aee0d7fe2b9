//go:build unix

// Guaranteed for a stream that is trimmed, deleted and created again while a viewer changes between instances: each entry is shown once, or a gap
// says that it is missing.
//
// Not guaranteed: the number of missing entries of a stream that was deleted and created again; nor that nothing is shown twice when IDs begin
// again, since an ID doesn't identify the stream.

package acceptance_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// roamer is a viewer that changes between instances, with what it was shown.
type roamer struct {
	id     string
	shown  map[int]int // how often by number
	added  func() int  // how many there are
	vague  int         // entries before this number may be missing according to a gap without a count
	lost   int         // number of missing entries according to gaps
	first  int         // the first entry that was shown
	again  int         // entries that were shown again without a gap "recreated"
	ended  bool
	events []string
}

// TestResume_StreamRecreatedRepeatedly lets a viewer change between instances with short histories that started at different times, with and without
// a channel besides the stream, while the stream is trimmed, deleted and created again with larger IDs.
func TestResume_StreamRecreatedRepeatedly(t *testing.T) {
	t.Parallel()
	redistest.RequireServer(t)
	seeds := 40
	if testing.Short() {
		seeds = 6
	}
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			roam(t, seed)
		})
	}
}

func roam(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 3))
	client := redistest.Start(t).Client(nil)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var channels []string
	if rng.IntN(2) == 0 {
		channels = []string{"c"}
	}
	var urls []string
	host := func() {
		h := hurry(elva.Config{Streams: []string{"s"}, History: 40 + rng.IntN(400)}).New(client, channels...)
		web := httptest.NewServer(h)
		t.Cleanup(func() { h.Close(); web.Close() })
		urls = append(urls, web.URL)
	}
	next := 0
	add := func(n int, recreate bool) {
		pipe := client.TxPipeline()
		if recreate {
			time.Sleep(2 * time.Millisecond) // so that Redis doesn't assign the IDs of this millisecond again
			pipe.Del(ctx, "s")
		}
		for range n {
			args := &redis.XAddArgs{Stream: "s", MaxLen: 300, Values: []any{"record", fmt.Sprintf(`{"level":"INFO","msg":"s#%d"}`, next)}}
			pipe.XAdd(ctx, args)
			next++
		}
		pipe.Publish(ctx, "c", "noise")
		if _, err := pipe.Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
	v := &roamer{shown: make(map[int]int), first: -1, added: func() int { return next }}
	host()
	for range 30 {
		switch rng.IntN(8) {
		case 0:
			add(1+rng.IntN(30), next > 0)
		case 1:
			if len(urls) < 4 {
				host()
			}
		case 2, 3, 4:
			add(1+rng.IntN(40), false)
		default:
			v.visit(t, ctx, urls[rng.IntN(len(urls))], 10+rng.IntN(150))
		}
		if rng.IntN(2) == 0 {
			time.Sleep(time.Duration(rng.IntN(60)) * time.Millisecond) // so that instances are behind by this or that
		}
	}
	add(1, false)
	last := next - 1
	for !v.ended && ctx.Err() == nil {
		v.visit(t, ctx, urls[rng.IntN(len(urls))], 200)
		v.ended = v.shown[last] > 0
	}
	missing := v.missing()
	for checks := 0; missing > v.lost && checks < 5; checks++ { // an instance notices at its next check of the stream
		v.visit(t, ctx, urls[rng.IntN(len(urls))], 700)
		missing = v.missing()
	}
	if v.again > 0 {
		t.Errorf("%d were shown again", v.again)
	}
	if missing > v.lost {
		t.Errorf("%d of %d are missing that were added after the last gap without a number (%d), gaps report %d", missing, next, v.vague, v.lost)
	}
	if !v.ended {
		t.Error("the last record is never shown")
	}
	if t.Failed() {
		t.Logf("channels %v\n%s", channels, strings.Join(v.events, "\n"))
	}
	t.Logf("%d of %d shown, %d reported, all before %d may be missing", len(v.shown), next, v.lost, v.vague)
}

// missing returns how many entries were not shown, of those added after the last gap without a count. A viewer without an ID is shown what the
// history has.
func (v *roamer) missing() (missing int) {
	for n := max(v.first, v.vague); n < v.added(); n++ {
		if v.shown[n] == 0 {
			missing++
		}
	}
	return missing
}

// visit reads a stream for so many milliseconds.
func (v *roamer) visit(t *testing.T, ctx context.Context, url string, ms int) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(ms)*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", url+"/?events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if v.id != "" {
		request.Header.Set("Last-Event-ID", v.id)
	}
	v.events = append(v.events, fmt.Sprintf("%s with %q, %d are there", url, v.id, v.added()))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return // it took longer
	}
	defer response.Body.Close()
	lost, vague, again, recreated := 0, 0, 0, false
	_ = redistest.ReadEvents(bufio.NewReader(response.Body), func(name, id, data string) {
		if id != "" {
			v.id = id
		}
		switch name {
		case "gap":
			var g redistest.Gap
			if err := json.Unmarshal([]byte(data), &g); err != nil {
				t.Fatal(err)
			}
			v.events = append(v.events, fmt.Sprintf("  gap %s lost %d: %s", g.Kind, g.Lost, g.Reason))
			if g.Lost == 0 {
				vague = v.added()
			}
			lost += int(g.Lost)
			recreated = recreated || g.Kind == gap.Recreated
		case "":
			var batch []struct{ Message string }
			if data != "" {
				if err := json.Unmarshal([]byte(data), &batch); err != nil {
					t.Fatal(err, data)
				}
			}
			for _, r := range batch {
				var n int
				if _, err := fmt.Sscanf(r.Message, "s#%d", &n); err == nil {
					if v.shown[n]++; v.shown[n] > 1 {
						again++
					}
					if v.first < 0 {
						v.first = n
					}
				}
			}
			if len(batch) > 0 {
				v.events = append(v.events, fmt.Sprintf("  %s: %s to %s", id, batch[0].Message, batch[len(batch)-1].Message))
			}
		}
	})
	v.lost, v.vague = v.lost+lost, max(v.vague, vague)
	if !recreated { // until an instance has noticed, it can't know to which stream a later entry ID belongs
		v.again += again
	}
}
