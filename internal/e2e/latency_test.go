package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestPage_Latency measures; it judges only that records came.
//
// Each message holds the time of its PUBLISH. A MutationObserver in the page, which runs right after the row was
// put into the document, compares it with the page's clock: on one machine both are the system's.
func TestPage_Latency(t *testing.T) {
	if testing.Short() {
		t.Skip("measures for 12 s")
	}
	const rate, seconds = 100, 10
	redis := startRedis(t)
	url := startExample(t, "-redis", "redis://"+redis.Addr, "app:log")
	p := openTab(t)
	p.open(t, url)
	p.awaitLive(t)
	eval[bool](t, p, `(() => {
		window.__latency = new Map();
		new MutationObserver(() => {
			const now = performance.timeOrigin + performance.now();
			for (const cell of document.querySelectorAll("#log .message")) {
				const sent = /^sent ([0-9.]+)$/.exec(cell.textContent.trim())?.[1];
				if (sent && !window.__latency.has(sent)) window.__latency.set(sent, now - Number(sent));
			}
		}).observe(document.querySelector("#log"), {childList: true, subtree: true, characterData: true});
		return true;
	})()`)

	tick := time.NewTicker(time.Second / rate)
	defer tick.Stop()
	for range rate * (seconds + 2) { // the first two seconds warm up
		<-tick.C
		message := fmt.Sprintf("sent %.3f", float64(time.Now().UnixMicro())/1000)
		if err := redis.client.Publish(t.Context(), "app:log", pythonRecord("info", "app", message, "")).Err(); err != nil {
			t.Fatal(err)
		}
	}
	redis.publish(t, "app:log", "the end")
	p.awaitMessage(t, "the end")

	seen := eval[[]float64](t, p, `[...window.__latency.values()]`)
	if len(seen) < rate*(seconds+2)/2 {
		t.Fatalf("saw %d of %d records", len(seen), rate*(seconds+2))
	}
	seen = seen[min(2*rate, len(seen)/6):]
	slices.Sort(seen)
	at := func(part float64) float64 { return seen[int(part*float64(len(seen)-1))] }
	t.Logf("PUBLISH to row in the document at %d records/s, %d records: median %.1f ms, 99th percentile %.1f ms, worst %.1f ms",
		rate, len(seen), at(0.5), at(0.99), at(1))
}
