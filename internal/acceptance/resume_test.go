//go:build unix

// Guaranteed for a stream that was deleted and created again: a viewer is shown one gap "recreated" and then the entire new stream, on every
// instance.
//
// Not guaranteed: the number of missing entries of the old stream.

package acceptance_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// recreate deletes a stream and creates it again, with small IDs.
func recreate(t *testing.T, client *redis.Client, key string, first, n int) {
	t.Helper()
	pipe := client.TxPipeline()
	pipe.Del(context.Background(), key)
	for i := range n {
		pipe.XAdd(context.Background(), &redis.XAddArgs{Stream: key, ID: fmt.Sprintf("0-%d", i+1), Values: []any{"record", fmt.Sprintf("r#%d", first+i)}})
	}
	if _, err := pipe.Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestResume_RedisDown resumes with an ID of a stream that is created again later, with smaller IDs, on an instance that hasn't noticed that yet.
func TestResume_RedisDown(t *testing.T) {
	t.Parallel()
	for _, channels := range [][]string{nil, {"c"}} {
		t.Run(fmt.Sprint(channels), func(t *testing.T) {
			t.Parallel()
			comeTooEarly(t, channels)
		})
	}
}

func comeTooEarly(t *testing.T, channels []string) {
	server := redistest.Start(t)
	proxy := redistest.NewProxy(t, server.Addr)
	direct := server.Client(nil)
	add(t, direct, "a", 0, 20, 1000)
	first := elva.Config{Streams: []string{"a"}}.New(direct, channels...)
	web := httptest.NewServer(first)
	t.Cleanup(func() { first.Close(); web.Close() })
	_, _, id := read(t, web.URL, "", 20)

	proxy.Stall()
	client := redis.NewClient(&redis.Options{Addr: proxy.Addr})
	second := hurry(elva.Config{Streams: []string{"a"}}).New(client, channels...)
	elsewhere := httptest.NewServer(second)
	t.Cleanup(func() { second.Close(); elsewhere.Close(); client.Close() })
	v := &redistest.Viewer{URL: elsewhere.URL + "/?events&after=" + id}
	v.Start()
	t.Cleanup(v.Stop)
	waitFor(t, "the viewer", func() bool { return status(t, second).Viewers == 1 })
	recreate(t, direct, "a", 100, 5)
	proxy.Resume()
	want := []string{"r#100", "r#101", "r#102", "r#103", "r#104"}
	if channels != nil { // it is shown at once, and the rest may not be known to be new yet
		waitFor(t, "the link", func() bool { return status(t, second).Redis.State == "live" })
		if err := direct.Publish(context.Background(), "c", "r#0").Err(); err != nil {
			t.Fatal(err)
		}
		want = append([]string{"r#0"}, want...)
	}
	waitFor(t, "all", func() bool { return len(v.Seen()) >= len(want) })
	var shown []string
	for _, r := range v.Seen() {
		shown = append(shown, r.Message)
	}
	if !slices.Equal(shown, want) {
		t.Errorf("shown %v, want %v", shown, want)
	}
	if !slices.ContainsFunc(v.Gaps(), func(g redistest.Gap) bool { return g.Kind == gap.Recreated }) {
		t.Errorf("gaps %+v", v.Gaps())
	}
}

// TestResume_StreamAndChannelRecreated resumes on an instance that began after the stream was created again with smaller IDs, and on one that has
// noticed that.
func TestResume_StreamAndChannelRecreated(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(nil)
	host := func() (*elva.Handler, string) {
		h := hurry(elva.Config{Streams: []string{"s"}}).New(client, "c")
		web := httptest.NewServer(h)
		t.Cleanup(func() { h.Close(); web.Close() })
		waitFor(t, "the link", func() bool { return status(t, h).Redis.State == "live" })
		return h, web.URL
	}
	_, one := host()
	two, other := host()
	add(t, client, "s", 0, 20, 1000)
	_, _, old := read(t, one, "", 20)
	waitFor(t, "the other instance", func() bool { return status(t, two).History.LastSeq >= 20 })
	recreate(t, client, "s", 20, 5)
	waitFor(t, "the other instance", func() bool { return status(t, two).History.LastSeq >= 26 })
	_, third := host()

	expect := func(name, url, id string, want []string) (last string) {
		t.Helper()
		messages, gaps, last := read(t, url, id, len(want))
		if !slices.Equal(messages, want) {
			t.Errorf("%s shows %v, want %v", name, messages, want)
		}
		recreated := slices.ContainsFunc(gaps, func(g redistest.Gap) bool { return g.Kind == gap.Recreated })
		if recreated != (id == old) {
			t.Errorf("%s: gaps %+v", name, gaps)
		}
		return last
	}
	fresh := []string{"r#20", "r#21", "r#22", "r#23", "r#24"}
	expect("the one that has seen it", other, old, fresh)
	id := expect("the one that has not", third, old, fresh)
	add := func(id, text string) {
		if err := client.XAdd(context.Background(), &redis.XAddArgs{Stream: "s", ID: id, Values: []any{"record", text}}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	add("0-6", "r#25")
	id = expect("the one that has seen it, to who has the new one", other, id, []string{"r#25"})
	add("0-7", "r#26")
	id = expect("the first", one, id, []string{"r#26"})
	add("0-8", "r#27")
	expect("the one that has not, again", third, id, []string{"r#27"})
}
