//go:build unix

// Guaranteed for streams that are only appended to and trimmed: across restarts and any number of instances, each entry is shown once and in order,
// or a gap says that it is missing.
//
// Not guaranteed: with an event ID of another instance, a gap may not say how many entries are missing. For a stream that was deleted and created
// again there is one gap "recreated", and then the entire new stream.

package acceptance_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// add adds records to a stream, numbered from first on.
func add(t *testing.T, client redis.UniversalClient, key string, first, n int, maxLen int64) {
	t.Helper()
	pipe := client.Pipeline()
	for i := range n {
		pipe.XAdd(context.Background(), &redis.XAddArgs{Stream: key, MaxLen: maxLen, Values: []any{"record", fmt.Sprintf(`{"level":"INFO","msg":"r#%d"}`, first+i)}})
	}
	if _, err := pipe.Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// follower is a viewer of one or more handlers, with what it was shown.
func follow(t *testing.T, url string) *redistest.Viewer {
	v := &redistest.Viewer{URL: url + "/?events"}
	v.Start()
	t.Cleanup(v.Stop)
	return v
}

// shownOnce fails unless the viewer was shown the messages r#from to r#to, each once and in order.
func shownOnce(t *testing.T, v *redistest.Viewer, from, to int) {
	t.Helper()
	waitFor(t, fmt.Sprintf("%d records", to-from), func() bool { return len(v.Seen()) >= to-from })
	for i, s := range v.Seen() {
		if want := fmt.Sprintf("r#%d", from+i); s.Message != want {
			t.Fatalf("record %d is %q, want %q", i, s.Message, want)
		}
	}
}

func TestStream_NewestRecords(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	for _, protocol := range []int{2, 3} {
		key := fmt.Sprint("jobs", protocol)
		client := server.Client(func(o *redis.Options) { o.Protocol = protocol })
		add(t, client, key, 0, 700, 600)
		h := elva.Config{Streams: []string{key}, History: 1000}.New(client)
		web := httptest.NewServer(h)
		t.Cleanup(func() { h.Close(); web.Close() })
		v := follow(t, web.URL)
		waitFor(t, "the history", func() bool { return status(t, h).History.Records >= 600 })
		add(t, client, key, 700, 50, 10_000)
		shownOnce(t, v, 100, 750)
		if s := v.Seen()[0]; s.Channel != key || time.Since(s.At) > time.Minute {
			t.Errorf("record %+v", s)
		}
		d := status(t, h)
		if s := d.Redis.Sources; d.Redis.State != "live" || len(s) != 1 || s[0].Kind != "stream" || s[0].Records != 650 {
			t.Errorf("state %q, sources %+v", d.Redis.State, s)
		}
	}
}

// TestStream_PackedAtStart begins with 8,000 entries that fit in the history only after compression.
func TestStream_PackedAtStart(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(nil)
	const entries = 8000
	pipe := client.Pipeline()
	for i := range entries {
		pipe.XAdd(context.Background(), &redis.XAddArgs{Stream: "jobs", Values: []any{"record", fmt.Sprintf(`{"level":"INFO","msg":"r#%d %s"}`, i, strings.Repeat("padding ", 40))}})
	}
	if _, err := pipe.Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
	h := elva.Config{Streams: []string{"jobs"}, HistoryBytes: 1 << 20}.New(client)
	defer h.Close()
	waitFor(t, "all entries", func() bool { return status(t, h).History.Records == entries })
}

// TestResume_ChangingInstances serves each stream of a viewer by another instance, like a load balancer, while records are added. The viewer must be
// shown each once, without a gap.
func TestResume_ChangingInstances(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(nil)
	add(t, client, "a", 0, 300, 1_000_000)
	var hosts []string
	for range 3 {
		h := elva.Config{Streams: []string{"a"}}.New(client)
		web := httptest.NewServer(h)
		t.Cleanup(func() { h.Close(); web.Close() })
		hosts = append(hosts, web.URL)
	}
	id := ""
	var seen []string
	next := 300
	for turn := range 20 {
		add(t, client, "a", next, 37, 1_000_000)
		next += 37
		messages, gaps, last := read(t, hosts[turn%3], id, 1+turn%(next-len(seen))) // some are left for the next one, or not
		if len(gaps) > 0 {
			t.Fatalf("turn %d after %q: gaps %v", turn, id, gaps)
		}
		seen = append(seen, messages...)
		id = last
	}
	if len(seen) != next {
		t.Errorf("%d messages, want %d", len(seen), next)
	}
	for i, m := range seen {
		if want := fmt.Sprintf("r#%d", i); m != want {
			t.Fatalf("record %d is %q, want %q", i, m, want)
		}
	}
	if !strings.Contains(id, "@") {
		t.Errorf("the id %q has no place in a stream", id)
	}
}

// TestStream_TrimmedBeforeRead disconnects Elva while more entries are added than the stream keeps.
func TestStream_TrimmedBeforeRead(t *testing.T) {
	t.Parallel()
	for _, protocol := range []int{2, 3} {
		server := redistest.Start(t)
		proxy := redistest.NewProxy(t, server.Addr)
		client := redis.NewClient(&redis.Options{Addr: proxy.Addr, Protocol: protocol})
		t.Cleanup(func() { client.Close() })
		direct := server.Client(nil)
		add(t, direct, "a", 0, 100, 1000)
		h := hurry(elva.Config{Streams: []string{"a"}}).New(client)
		web := httptest.NewServer(h)
		t.Cleanup(func() { h.Close(); web.Close() })
		v := follow(t, web.URL)
		shownOnce(t, v, 0, 100)
		proxy.Stall()
		for i := range 5 {
			add(t, direct, "a", 100+1000*i, 1000, 1000)
		}
		waitFor(t, "the link to be down", func() bool { return status(t, h).Redis.State == "down" })
		proxy.Resume()
		waitFor(t, "the newest record", func() bool { return len(v.Seen()) > 0 && v.Seen()[len(v.Seen())-1].Message == "r#5099" })
		gaps := v.Gaps()
		if len(gaps) != 1 || gaps[0].Kind != gap.Trimmed || gaps[0].Lost != 4000 || len(v.Seen()) != 1100 {
			t.Errorf("RESP%d: gaps %+v, seen %d; want one of 4000, 1100", protocol, gaps, len(v.Seen()))
		}
		// Counting continues from there.
		add(t, direct, "a", 5100, 10, 1000)
		waitFor(t, "ten more", func() bool { return len(v.Seen()) == 1110 })
		if n := len(v.Gaps()); n != 1 {
			t.Errorf("%d gaps", n)
		}
	}
}

// TestResume_ShorterHistory resumes on an instance whose history begins later, because it started later or has evicted records. It must report the
// missing entries once and then show what it has.
func TestResume_ShorterHistory(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(nil)
	add(t, client, "a", 0, 100, 100_000)
	host := func(c elva.Config) (*elva.Handler, string) {
		c.Streams = []string{"a"}
		h := c.New(client)
		web := httptest.NewServer(h)
		t.Cleanup(func() { h.Close(); web.Close() })
		return h, web.URL
	}
	reads := func(h *elva.Handler, n int) {
		waitFor(t, "the stream", func() bool { return status(t, h).Redis.Sources[0].Records >= n })
	}
	first, small := host(elva.Config{History: 50})
	reads(first, 50)
	_, large := host(elva.Config{})
	messages, _, id := read(t, large, "", 100)
	if len(messages) != 100 {
		t.Fatalf("%d messages", len(messages))
	}
	add(t, client, "a", 100, 200, 100_000)
	reads(first, 250)
	second, late := host(elva.Config{History: 120})
	reads(second, 120)
	for name, c := range map[string]struct {
		url  string
		h    *elva.Handler
		most int
	}{"dropped": {small, first, 50}, "begun later": {late, second, 120}} {
		held := 0
		waitFor(t, "what is kept free for what comes", func() bool { // a 32nd of the bound
			held = status(t, c.h).History.Records
			return held <= c.most-c.most/32
		})
		if held < c.most*9/10 {
			t.Errorf("%s: %d are held, at most %d may be", name, held, c.most)
		}
		messages, gaps, _ := readTo(t, c.url, id, func(messages []string) bool { return len(messages) > 0 && messages[len(messages)-1] == "r#299" })
		if len(gaps) != 1 || gaps[0].Kind != gap.Evicted {
			t.Errorf("%s: gaps %+v, want one", name, gaps)
		}
		after := status(t, c.h).History.Records // it may have dropped more meanwhile
		if n := len(messages); n < after || n > held || messages[0] != fmt.Sprintf("r#%d", 300-n) {
			t.Errorf("%s: %d messages, want the newest %d to %d", name, n, after, held)
		}
	}
}

// TestResume_TrimmedStreamAfterRestart restarts the host while entries are added and trimmed. Only a viewer whose next entry was trimmed is shown a
// gap.
func TestResume_TrimmedStreamAfterRestart(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(nil)
	add(t, client, "a", 0, 100, 60)
	visit := func(id string, want int) (messages []string, gaps []redistest.Gap, last string) {
		h := elva.Config{Streams: []string{"a"}}.New(client)
		web := httptest.NewServer(h)
		defer web.Close()
		defer h.Close()
		waitFor(t, "the stream", func() bool { return status(t, h).History.Records == 60 })
		return read(t, web.URL, id, want)
	}
	messages, gaps, id := visit("", 60)
	if len(messages) != 60 || len(gaps) != 0 {
		t.Errorf("without an ID %d messages, gaps %+v; want 60 and none", len(messages), gaps)
	}
	add(t, client, "a", 100, 30, 60)
	messages, gaps, _ = visit(id, 30)
	if len(messages) != 30 || messages[0] != "r#100" || len(gaps) != 0 {
		t.Errorf("behind an entry that is there %d messages, gaps %+v; want 30 and none", len(messages), gaps)
	}
	add(t, client, "a", 130, 31, 60)
	messages, gaps, _ = visit(id, 60)
	if len(messages) != 60 || messages[0] != "r#101" || len(gaps) != 1 || gaps[0].Kind != gap.Evicted {
		t.Errorf("behind an entry of which the next is gone %d messages, gaps %+v; want 60 and one", len(messages), gaps)
	}
}

// TestStream_Recreated creates a stream again with IDs that are smaller than the old ones, or larger as usual.
func TestStream_Recreated(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(nil)
	for _, ids := range []string{"small", "of the clock"} {
		key := "a " + ids
		h := hurry(elva.Config{Streams: []string{key}}).New(client)
		web := httptest.NewServer(h)
		t.Cleanup(func() { h.Close(); web.Close() })
		v := follow(t, web.URL)
		add(t, client, key, 0, 20, 1000)
		shownOnce(t, v, 0, 20)
		_, _, old := read(t, web.URL, "", 20)
		pipe := client.TxPipeline()
		pipe.Del(context.Background(), key)
		for i := range 5 {
			id := ""
			if ids == "small" {
				id = fmt.Sprintf("0-%d", i+1)
			}
			pipe.XAdd(context.Background(), &redis.XAddArgs{Stream: key, ID: id, Values: []any{"record", fmt.Sprintf("r#%d", 20+i)}})
		}
		if _, err := pipe.Exec(context.Background()); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the new stream", func() bool { return len(v.Gaps()) > 0 && len(v.Seen()) >= 25 })
		shownOnce(t, v, 0, 25)
		if g := v.Gaps(); len(g) != 1 || g[0].Kind != gap.Recreated {
			t.Errorf("%s: gaps %+v", ids, g)
		}
		// Elsewhere, the id of the old one is known to be of another stream.
		other := elva.Config{Streams: []string{key}}.New(client)
		elsewhere := httptest.NewServer(other)
		t.Cleanup(func() { other.Close(); elsewhere.Close() })
		waitFor(t, "the other instance", func() bool { return status(t, other).History.Records > 0 })
		messages, gaps, _ := read(t, elsewhere.URL, old, 5)
		if len(messages) != 5 || len(gaps) != 1 || gaps[0].Kind != gap.Recreated {
			t.Errorf("%s: elsewhere %d messages, gaps %+v", ids, len(messages), gaps)
		}
	}
}

func TestStream_Denied(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	server.Do("ACL", "SETUSER", "viewer", "on", ">secret", "~ok", "~wrong", "+xread", "+xrevrange", "+xinfo", "+hello", "+client", "+ping")
	direct := server.Client(nil)
	direct.Set(context.Background(), "wrong", "a string", 0)
	h := hurry(elva.Config{Streams: []string{"ok", "wrong", "secret"}}).New(server.Client(asViewer))
	web := httptest.NewServer(h)
	t.Cleanup(func() { h.Close(); web.Close() })
	v := follow(t, web.URL)
	add(t, direct, "ok", 0, 10, 1000)
	shownOnce(t, v, 0, 10)
	var d document
	waitFor(t, "both denials", func() bool {
		d = status(t, h)
		return d.Redis.State == "denied" && d.Redis.Sources[1].Denied != "" && d.Redis.Sources[2].Denied != ""
	})
	for i, want := range map[int]string{1: "WRONGTYPE", 2: "NOPERM"} {
		if got := d.Redis.Sources[i].Denied; !strings.Contains(got, want) {
			t.Errorf("source %d denied with %q, want %s", i, got, want)
		}
	}
	if d.Redis.Sources[0].Confirmed.IsZero() || d.Redis.NextTry.IsZero() || !strings.Contains(d.Redis.Text, `the stream "`) || d.Health.State != "down" {
		t.Errorf("sources %+v, next try %v, text %q, health %q", d.Redis.Sources, d.Redis.NextTry, d.Redis.Text, d.Health.State)
	}
	direct.Del(context.Background(), "wrong")
	server.Do("ACL", "SETUSER", "viewer", "~secret")
	waitFor(t, "all to be read", func() bool { return status(t, h).Redis.State == "live" })
	add(t, direct, "secret", 10, 1, 1000)
	shownOnce(t, v, 0, 11) // entries of the same millisecond have no order
	add(t, direct, "wrong", 11, 1, 1000)
	shownOnce(t, v, 0, 12)
}

func TestStream_SeveralInOrder(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(nil)
	for i := range 1500 { // "b" has few entries over the time in which "a" has many
		key := "a"
		if i%50 == 7 {
			key = "b"
		}
		if err := client.XAdd(context.Background(), &redis.XAddArgs{Stream: key, ID: fmt.Sprintf("1700000000000-%d", i+1), Values: []any{"m", fmt.Sprintf("r#%d", i)}}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	h := elva.Config{Streams: []string{"a", "b"}}.New(client)
	web := httptest.NewServer(h)
	t.Cleanup(func() { h.Close(); web.Close() })
	waitFor(t, "the older entries", func() bool { return status(t, h).History.Records == 1500 })
	shownOnce(t, follow(t, web.URL), 0, 1500)
}

// TestResume_StreamAndChannel resumes on another instance. Records of the channel are shown again after a gap "restart", those of the stream are not.
func TestResume_StreamAndChannel(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(nil)
	var urls []string
	for range 2 {
		h := elva.Config{Streams: []string{"s"}}.New(client, "c")
		web := httptest.NewServer(h)
		t.Cleanup(func() { h.Close(); web.Close() })
		waitFor(t, "the link", func() bool { return status(t, h).Redis.State == "live" })
		urls = append(urls, web.URL)
	}
	both := func(n int) {
		add(t, client, "s", n, 1, 1000)
		if err := client.Publish(context.Background(), "c", fmt.Sprintf("c#%d", n)).Err(); err != nil {
			t.Fatal(err)
		}
	}
	both(0)
	both(1)
	messages, _, id := read(t, urls[0], "", 4)
	if len(messages) != 4 {
		t.Fatalf("messages %v", messages)
	}
	both(2)
	messages, gaps, _ := read(t, urls[1], id, 4)
	got := strings.Join(messages, " ")
	for want, n := range map[string]int{"r#0": 0, "r#1": 0, "r#2": 1, "c#0": 1, "c#1": 1, "c#2": 1} {
		if strings.Count(got, want) != n {
			t.Errorf("%s is shown %d times, want %d: %s", want, strings.Count(got, want), n, got)
		}
	}
	if len(gaps) != 1 || gaps[0].Kind != gap.Restart {
		t.Errorf("gaps %+v", gaps)
	}
}

// TestStream_QuietStreamAndChannel checks that both connections are checked separately, since replies on one say nothing about the other.
func TestStream_QuietStreamAndChannel(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := redistest.NewProxy(t, server.Addr)
	client := redis.NewClient(&redis.Options{Addr: proxy.Addr})
	t.Cleanup(func() { client.Close() })
	tr := newTrial(t, hurry(elva.Config{Streams: []string{"s"}}), client, "c")
	tr.way = byStream
	tr.awaitState("live")
	tr.publish(publishers(server), "s")
	tr.awaitFlow(20)
	tr.Publishers[0].Stop()
	before := calls(t, server, "ping")
	waitFor(t, "pings of the channel's connection", func() bool { return calls(t, server, "ping") >= before+3 })
	tr.judge()
	if gaps := tr.Viewer.Gaps(); len(gaps) > 0 {
		t.Errorf("gaps %+v", gaps)
	}
}

// TestStream_HostConnectionPool gives the host a pool of one connection.
func TestStream_HostConnectionPool(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(func(o *redis.Options) { o.PoolSize, o.PoolTimeout = 1, 50*time.Millisecond })
	h := elva.Config{Streams: []string{"a", "b"}, HistoryList: "l"}.New(client, "c")
	defer h.Close()
	waitFor(t, "the link", func() bool { return status(t, h).Redis.State == "live" })
	for end := time.Now().Add(1500 * time.Millisecond); time.Now().Before(end); {
		if err := client.Set(context.Background(), "host", "works", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStream_EntryOfSeveralFields(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(nil)
	for _, fields := range [][]any{
		{"record", `{"msg":"one field"}`},
		{"level", "error", "logger", "shop.cart", "msg", "it \"broke\"", "order", "7"},
		{"plain", "only text"},
		{"any", ""},
	} {
		if err := client.XAdd(context.Background(), &redis.XAddArgs{Stream: "a", Values: fields}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	h := elva.Config{Streams: []string{"a"}}.New(client)
	defer h.Close()
	waitFor(t, "the records", func() bool { return strings.Count(records(t, h), "\n") == 4 })
	lines := strings.Split(records(t, h), "\n")
	for i, want := range []string{`"message":"one field"`, `"level":"error","logger":"shop.cart","message":"it \"broke\""`, `"message":"only text"`, `"elva.empty"`} {
		if !strings.Contains(lines[i], want) || !strings.Contains(lines[i], `"channel":"a"`) {
			t.Errorf("record %d is %s, want %s in it", i, lines[i], want)
		}
	}
}

func TestClose_HandlersThatReadKeys(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := redistest.NewProxy(t, server.Addr)
	for name, prepare := range map[string]func(h *elva.Handler, client *redis.Client){
		"live": func(h *elva.Handler, _ *redis.Client) {
			waitFor(t, "the link", func() bool { return status(t, h).Redis.State == "live" })
		},
		"at once": func(*elva.Handler, *redis.Client) {},
		"frozen": func(h *elva.Handler, _ *redis.Client) {
			waitFor(t, "the link", func() bool { return status(t, h).Redis.State == "live" })
			proxy.Stall()
		},
		"frozen at once": func(*elva.Handler, *redis.Client) { proxy.Stall() },
	} {
		client := redis.NewClient(&redis.Options{Addr: proxy.Addr})
		h := elva.Config{Streams: []string{"a"}, HistoryList: "l"}.New(client, "c")
		prepare(h, client)
		began := time.Now()
		h.Close()
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s: Close took %v", name, took)
		}
		if state := status(t, h).Redis.State; state != "closed" && name == "live" {
			t.Errorf("%s: the state is %s", name, state)
		}
		proxy.Resume()
		client.Close()
	}
	client := server.Client(nil)
	h := hurry(elva.Config{Streams: []string{"a"}}).New(client)
	defer h.Close()
	waitFor(t, "the link", func() bool { return status(t, h).Redis.State == "live" })
	client.Close()
	waitFor(t, "the host's closing to be noticed", func() bool { return status(t, h).Redis.State == "closed" })
}

// TestStream_MissingTemporarily removes the key and restores it, like a server that copies all data from a new master.
func TestStream_MissingTemporarily(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(nil)
	h := hurry(elva.Config{Streams: []string{"a"}}).New(client)
	web := httptest.NewServer(h)
	t.Cleanup(func() { h.Close(); web.Close() })
	v := follow(t, web.URL)
	add(t, client, "a", 0, 200, 1000)
	shownOnce(t, v, 0, 200)
	server.Do("RENAME", "a", "b")
	before := calls(t, server, "xinfo|stream")
	waitFor(t, "a look at the key that is gone", func() bool { return calls(t, server, "xinfo|stream") >= before+2 })
	add(t, client, "b", 200, 10, 1000)
	server.Do("RENAME", "b", "a")
	waitFor(t, "the rest", func() bool { return len(v.Seen()) >= 210 })
	add(t, client, "a", 210, 1, 1000)
	shownOnce(t, v, 0, 211)
}

// calls returns how often the server received a command.
func calls(t *testing.T, server *redistest.Server, command string) int64 {
	t.Helper()
	text, _ := server.Do("INFO", "commandstats").(string)
	_, found, _ := strings.Cut(text, "cmdstat_"+command+":calls=")
	found, _, _ = strings.Cut(found, ",")
	n, _ := strconv.ParseInt(found, 10, 64) // none so far
	return n
}
