package acceptance_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// wire is a connection to a Redis that always has data, to measure the work for a record without system calls, whose number depends on the rate.
// The underlying connection is real, since deadlines take time, too.
type wire struct {
	net.Conn
	after   []byte // the last data from the real server
	records []byte // the data after it, which is repeated
	said    int
	left    int           // remaining repetitions
	end     chan struct{} // closed after the last time
}

func (w *wire) Read(p []byte) (int, error) {
	if w.after != nil {
		n, err := w.Conn.Read(p)
		if bytes.HasSuffix(p[:n], w.after) {
			w.after = nil
		}
		return n, err
	}
	if w.left == 0 {
		close(w.end)
		return w.Conn.Read(p) // until the client closes it
	}
	n := copy(p, w.records[w.said:])
	if w.said += n; w.said == len(w.records) {
		w.said = 0
		w.left--
	}
	return n, nil
}

// ingested are records as python-redis-log publishes them, of several loggers and hosts.
func ingested(channel string, n int) []byte {
	var b bytes.Buffer
	for i := range n {
		payload := fmt.Sprintf(`{"name": "shop.checkout.lane%02d", "level": "%s", "filename": "/srv/app/shop/checkout/payment.py", "line_no": %d, `+
			`"msg": "payment of order %%s by %%s took %%d ms", "args": ["order-%d", "alice@example.org", %d], "time": "2026-11-22T17:04:28.802554", `+
			`"username": "deploy", "funcname": "charge", "hostname": "web-%d.eu.example", "traceback": null}`,
			i%100, strings.Fields("debug debug info info info info info warning")[i%8], 100+i%50, i, 3+i*7%400, i%7)
		b.WriteString(redistest.Push(2, "message", channel, payload))
	}
	return b.Bytes()
}

// tracebacks are records of exceptions, each of about so many bytes.
func tracebacks(channel string, n, size int) []byte {
	functions := strings.Fields("charge refund settle authorize capture reserve ship invoice notify retry dispatch deliver")
	var b bytes.Buffer
	for i := range n {
		var trace strings.Builder
		for frame := 0; trace.Len() < size; frame++ {
			name := functions[(i+3*frame)%len(functions)]
			fmt.Fprintf(&trace, `  File \"/srv/app/shop/%s.py\", line %d, in %s\n    return self.%s(order, amount=amount, tries=%d)\n`, name, 10+(7*i+13*frame)%900, name, name, frame)
		}
		payload := fmt.Sprintf(`{"name": "shop.checkout.lane%02d", "level": "error", "filename": "/srv/app/shop/checkout/payment.py", "line_no": %d, `+
			`"msg": "payment of order %%s failed after %%d ms", "args": ["order-%d", %d], "time": "2026-11-22T17:04:28.802554", "username": "deploy", `+
			`"funcname": "charge", "hostname": "web-%d.eu.example", "traceback": "Traceback (most recent call last):\n%sTimeoutError: no answer in %d ms"}`,
			i%100, 100+i%50, i, 3+i*7%400, i%7, trace.String(), 1000+i)
		b.WriteString(redistest.Push(2, "message", channel, payload))
	}
	return b.Bytes()
}

// BenchmarkIngest measures the time for a record from the bytes of the connection on, in a bare Receive loop and in Elva.
func BenchmarkIngest(b *testing.B) {
	const channel, records = "app", 1000
	for name, payloads := range map[string][]byte{
		"0.4kB": ingested(channel, records), "5kB": tracebacks(channel, records, 5000), "30kB": tracebacks(channel, records, 30_000),
	} {
		b.Run(name, func(b *testing.B) { benchmarkIngest(b, channel, payloads, records) })
	}
}

func benchmarkIngest(b *testing.B, channel string, payloads []byte, records int) {
	confirmation := []byte(redistest.Push(2, "subscribe", channel, 1))
	client := func(b *testing.B) (*redis.Client, chan struct{}) {
		fake := redistest.NewFake(b, func(c *redistest.FakeConn, _ int) {
			if _, ok := c.ConfirmSubscription(2); ok {
				c.Command() // until the client goes
			}
		})
		end := make(chan struct{})
		client := redis.NewClient(&redis.Options{Addr: fake.Addr, Protocol: 2, DisableIdentity: true, MaxRetries: -1,
			Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				return &wire{Conn: conn, records: payloads, after: confirmation, end: end, left: b.N}, err
			}})
		b.Cleanup(func() { client.Close() })
		return client, end
	}
	each := func(b *testing.B) {
		b.StopTimer()
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*records), "ns/record")
	}
	b.Run("loop", func(b *testing.B) {
		c, _ := client(b)
		subscription := c.Subscribe(b.Context(), channel)
		defer subscription.Close()
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N*records + 1 {
			if _, err := subscription.Receive(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		each(b)
	})
	b.Run("elva", func(b *testing.B) {
		c, end := client(b)
		b.ReportAllocs()
		h := elva.Config{Logger: slog.New(slog.DiscardHandler)}.New(c, channel)
		defer h.Close()
		select {
		case <-end:
		case <-time.After(time.Minute):
			b.Fatal("nothing more is read")
		}
		each(b)
	})
}
