package record_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/record"
)

// Records of common loggers. The first is that of python-redis-log, with 350 bytes.
var benchmarks = []struct{ name, payload string }{
	{"python-redis-log", `{"name": "shop.checkout.payment", "level": "warning", "filename": "/srv/app/shop/payment.py", "line_no": 134, ` +
		`"msg": "payment of %s by %s is at %d%% of it", "args": ["order-10382", "alice@example.org", 93], ` +
		`"time": "2026-11-22T17:04:28.802554", "username": "deploy", "funcname": "charge_the_customer", "hostname": "web-1.eu.example", "traceback": null}`},
	{"python-redis-log-float", `{"name": "shop.checkout.payment", "level": "warning", "filename": "/srv/app/shop/payment.py", "line_no": 134, ` +
		`"msg": "payment of %s by %s took %.2f s", "args": ["order-10382", "alice@example.org", 3.14159], ` +
		`"time": "2026-11-22T17:04:28.802554", "username": "deploy", "funcname": "charge_the_customer", "hostname": "web-1.eu.example", "traceback": null}`},
	{"python-redis-log-no-args", `{"name": "shop.checkout.payment", "level": "warning", "filename": "/srv/app/shop/payment.py", "line_no": 134, ` +
		`"msg": "payment of order-10382 by alice@example.org took 3.14 s, longer than usual", "args": [], ` +
		`"time": "2026-11-22T17:04:28.802554", "username": "deploy", "funcname": "charge_the_customer", "hostname": "web-1.eu.example", "traceback": null}`},
	{"slog", `{"time":"2026-11-22T17:08:44.200370795Z","level":"WARN","msg":"slow query","took":1532000000,"rows":3,"sql":"SELECT 1","ok":true,"ratio":0.5}`},
	{"traceback-10KiB", func() string {
		frame := `  File \"/srv/app/shop/payment.py\", line 134, in charge_the_customer\n    return gateway.charge(order, amount=amount, retry=True)\n`
		trace := `Traceback (most recent call last):\n` + strings.Repeat(frame, 10<<10/len(frame)) + `ValueError: no such order`
		return `{"name": "shop", "level": "error", "filename": "/srv/app/shop/payment.py", "line_no": 134, "msg": "charge failed", "args": [], ` +
			`"time": "2026-11-22T17:04:28.802554", "username": "deploy", "funcname": "charge", "hostname": "web-1", "traceback": "` + trace + `"}`
	}()},
	{"text", `2026-11-22 17:06:01,781 - app.web - INFO - GET /index.html took 12 ms`},
	{"text-spring", `2026-11-29T10:00:00.123Z  WARN 4242 --- [shop] [nio-8080-exec-1] c.acme.shop.Cart                         : cart 7 is old`},
	{"text-prose", `the quick brown fox jumps over the lazy dog, which says nothing of it`},
	{"text-java", "2026-11-29 10:00:00.123 [main] ERROR com.acme.Cart - order 7 failed\njava.lang.IllegalStateException: no cart\n" +
		strings.Repeat("\tat com.acme.shop.Cart.add(Cart.java:41)\n\tat org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:883)\n", 20)},
	{"traced", `{"level":"info","ts":1795968000.123,"logger":"shop","msg":"paid","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}`},
	{"envelope", `{"log":"{\"level\":\"warn\",\"logger\":\"shop.pay\",\"msg\":\"card refused\",\"order\":7}\n","stream":"stderr","time":"2026-11-29T10:00:00.123456789Z"}`},
	{"envelope-text", `{"log":"2026-11-29 10:00:00,123 ERROR [worker-3] shop.Stock - no stock for item 12\n","stream":"stderr","time":"2026-11-29T10:00:00.123456789Z"}`},
}

func BenchmarkDecode(b *testing.B) {
	for _, bench := range benchmarks {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.payload)))
			b.ReportAllocs()
			for b.Loop() {
				record.Decode(bench.payload)
			}
		})
	}
}

// BenchmarkUnmarshal is for comparison with BenchmarkDecode. encoding/json only finds the members.
func BenchmarkUnmarshal(b *testing.B) {
	for _, bench := range benchmarks {
		if bench.payload[0] != '{' {
			continue
		}
		b.Run(bench.name, func(b *testing.B) {
			payload := []byte(bench.payload)
			b.SetBytes(int64(len(payload)))
			b.ReportAllocs()
			for b.Loop() {
				var m map[string]any
				if err := json.Unmarshal(payload, &m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendMembers(b *testing.B) {
	for _, bench := range benchmarks {
		r := record.Decode(bench.payload)
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				dst = r.AppendMembers(dst[:0])
			}
			b.SetBytes(int64(len(dst)))
		})
	}
}
