package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// publishOrders publishes records of n orders, each over two workers, and returns when the page at url has the last one.
func publishOrders(t *testing.T, redis redisServer, url string, n int) {
	t.Helper()
	for i := range n {
		at := time.Now().Add(time.Duration(i-n) * time.Second).UTC()
		for step, one := range []string{
			`"level":"info","service":"shop","hostname":"web-%[2]d","message":"order %[1]d placed"`,
			`"level":"info","service":"payments","hostname":"pay-1","message":"charged %[1]d.10 EUR","took":%[1]d`,
			`"level":"error","service":"payments","hostname":"pay-1","message":"charge of order %[1]d failed"`,
		} {
			if step == 2 && i%5 != 0 {
				continue // one in five fails
			}
			record := fmt.Sprintf(one, 4000+i, 1+i%3)
			redis.publish(t, "app:log", fmt.Sprintf(`{"time":%q,"request_id":"req-%08x",%s}`, at.Add(time.Duration(step)*50*time.Millisecond).Format(time.RFC3339Nano), i*7919, record))
		}
	}
	eventually(t, func() string {
		if got := countRecords(t, url, fmt.Sprintf("id=req-%08x", (n-1)*7919)); got < 2 {
			return fmt.Sprintf("%d records of the last order", got)
		}
		return ""
	})
}

// countRecords returns how many records ?records has for a filter.
func countRecords(t *testing.T, url, filter string) int {
	t.Helper()
	response, err := http.Get(url + "?records&" + filter)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("?records&%s: %s, %v: %s", filter, response.Status, err, body)
	}
	return strings.Count(string(body), "\n")
}

// number is the number in a text.
func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A counted is what a view counts, and the link to its records. The texts are textContent: a browser may skip the layout of a row
// (content-visibility), whose innerText is empty then.
type counted struct{ Name, Count, Href string }

func TestViews_CountWhatRecordsGives(t *testing.T) {
	redis := startRedis(t)
	url := startExample(t, "-redis", "redis://"+redis.Addr, "app:log")
	publishOrders(t, redis, url, 40)
	p := openTab(t)

	p.open(t, url+"?view=patterns&from=1h")
	p.await(t, `document.querySelectorAll(".patterns > li").length === 3`)
	for _, one := range eval[[]counted](t, p, `[...document.querySelectorAll(".patterns > li")].map((li) => ({Name: li.innerText, Count: li.querySelector(".count").textContent, Href: li.querySelector("a").getAttribute("href")}))`) {
		if got, want := number(t, one.Count), countRecords(t, url, strings.TrimPrefix(one.Href, "?")); got != want || got == 0 {
			t.Errorf("pattern %q: the view counts %d, ?records has %d for %s", one.Name, got, want, one.Href)
		}
	}

	p.open(t, url+"?view=fields&from=1h")
	p.await(t, `document.querySelector('[aria-label="took"]') !== null`)
	for _, one := range eval[[]counted](t, p, `[...document.querySelectorAll('[aria-label="level"] li, [aria-label="worker"] li, [aria-label="host"] li')].map((li) => ({Name: li.closest("section").getAttribute("aria-label"), Count: li.querySelector(".count").textContent, Href: li.querySelector(".value").textContent}))`) {
		filter := "from=1h&" + one.Name + "=" + one.Href
		if one.Name == "level" {
			filter += "," // exactly this one
		}
		if got, want := number(t, one.Count), countRecords(t, url, filter); got != want || got == 0 {
			t.Errorf("%s %q: the view counts %d, ?records has %d", one.Name, one.Href, got, want)
		}
	}
	if got := eval[string](t, p, `document.querySelector('[aria-label="took"] .numbers').innerText.replace(/\s+/g, " ")`); !strings.Contains(got, "min 4,000") || !strings.Contains(got, "max 4,039") {
		t.Errorf("took: %s", got)
	}
}

func TestThread_OfAnOperation(t *testing.T) {
	redis := startRedis(t)
	url := startExample(t, "-redis", "redis://"+redis.Addr, "app:log")
	publishOrders(t, redis, url, 40)
	p := openTab(t)

	p.open(t, url+"?view=operations")
	p.await(t, `document.querySelectorAll('.operations [data-state="failed"]').length === 8`)
	p.click(t, `document.querySelector('.operations [data-state="failed"]')`)
	p.await(t, `document.querySelectorAll(".thread > li").length === 3`)
	value := eval[string](t, p, `new URLSearchParams(location.search).get("id")`)
	if got := countRecords(t, url, "id="+value); got != 3 {
		t.Errorf("?records has %d records of %s", got, value)
	}
	p.await(t, `/normally 50 ms/.test(document.querySelector(".thread-facts").innerText)`)
	facts := eval[string](t, p, `document.querySelector(".thread-facts").innerText.replace(/\s+/g, " ")`)
	if !strings.Contains(facts, "3 records") || !strings.Contains(facts, "worst error") || !strings.Contains(facts, "2 workers") {
		t.Errorf("facts: %s", facts)
	}
	redis.publish(t, "app:log", fmt.Sprintf(`{"request_id":%q,"level":"info","service":"mail","message":"sent an apology"}`, value))
	p.await(t, `/sent an apology/.test(document.querySelector(".thread").innerText)`)
}
