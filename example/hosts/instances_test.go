package hosts

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/SupermanScott/Elva/internal/redistest"
)

// enough is how many times a viewer has to come to the other instance.
const enough = 10

// TestInstances_BehindOneAddress runs instances/run.sh. Its viewers come to this instance and that, while one is ended and started
// again and Redis closes connections: each record is shown once, or lies in a gap that was shown.
func TestInstances_BehindOneAddress(t *testing.T) {
	_, binary := build(t, "instances", nil)
	for _, proxy := range []string{"nginx", "haproxy"} {
		t.Run(proxy, func(t *testing.T) {
			t.Parallel()
			need(t, proxy)
			server := startRedis(t)
			host := startInstances(t, server, proxy, binary)
			toStream := redistest.NewPublisher(server.client, "my:stream", "stream")
			toStream.Stream = 100_000
			toChannel := redistest.NewPublisher(server.client, channel, "channel")
			publishers := []*redistest.Publisher{toStream, toChannel}

			viewers := startViewers(t, host.page)
			tab := newTab(t) // an instance that ends under it is an error in its console
			tab.open(t, host.page)
			tab.awaitLive(t)
			for _, p := range publishers {
				p.Start(5 * time.Millisecond)
				defer p.Stop()
			}
			awaitMoves(t, viewers)
			host.replace(t, 1)
			server.Do("CLIENT", "KILL", "TYPE", "pubsub")
			host.replace(t, 2)
			awaitPublished(t, toChannel, 200) // after all of that

			var last []redistest.Published
			for _, p := range publishers {
				p.Stop() // which may leave its last record behind
				record, err := p.Publish()
				if err != nil {
					t.Fatal(err)
				}
				last = append(last, record)
			}
			checkViewersSawOnce(t, viewers, publishers, last)
			for _, record := range last {
				tab.awaitMessage(t, fmt.Sprintf("%s#%d", record.Publisher, record.N))
			}
			checkPageShowsOnce(t, tab, publishers)
		})
	}
}

// startViewers starts one viewer that stays and four that hang up and come back at random times.
func startViewers(t *testing.T, page string) (viewers []*redistest.Viewer) {
	t.Helper()
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 0))
		v := &redistest.Viewer{URL: page + "?events", Lifetime: func() time.Duration { return time.Duration(50+rng.IntN(250)) * time.Millisecond }}
		if seed == 0 {
			v.Lifetime = nil
		}
		v.Start()
		t.Cleanup(v.Stop)
		viewers = append(viewers, v)
	}
	return viewers
}

// awaitMoves waits until each viewer but the first has come to the other instance often enough.
func awaitMoves(t *testing.T, viewers []*redistest.Viewer) {
	t.Helper()
	eventually(t, func() string {
		for i, v := range viewers[1:] {
			if v.Restarts() < enough {
				return fmt.Sprintf("viewer %d was moved %d times in %d streams", i+1, v.Restarts(), v.Streams())
			}
		}
		return ""
	})
}

// checkViewersSawOnce waits until each viewer has the last records and checks what it was shown.
func checkViewersSawOnce(t *testing.T, viewers []*redistest.Viewer, publishers []*redistest.Publisher, last []redistest.Published) {
	t.Helper()
	for i, v := range viewers {
		eventually(t, func() string {
			for _, record := range last {
				if !v.Has(record) {
					return fmt.Sprintf("viewer %d does not have the last record of %s", i, record.Publisher)
				}
			}
			return ""
		})
		v.Stop()
		result := redistest.Check(publishers, v)
		t.Logf("viewer %d, %d streams, %d times to the other instance: %v", i, v.Streams(), v.Restarts(), result)
		if result.Bad() {
			t.Errorf("viewer %d: %s", i, strings.Join(result.Problems, "\n"))
		}
	}
}

// awaitPublished waits until p has published n more records.
func awaitPublished(t *testing.T, p *redistest.Publisher, n int) {
	t.Helper()
	n += len(p.Records())
	eventually(t, func() string {
		if len(p.Records()) < n {
			return "the publisher is slow"
		}
		return ""
	})
}

// instances is run.sh, running.
type instances struct {
	page  string
	ports []int // of the proxy, and of the instances
}

// startInstances runs run.sh and waits until both instances and the proxy serve.
func startInstances(t *testing.T, server redisServer, proxy, binary string) *instances {
	t.Helper()
	i := &instances{}
	command := exec.Command(need(t, "bash"), filepath.Join("instances", "run.sh"), proxy)
	command.Env = append(command.Environ(), "REDIS="+server.Addr, "INSTANCE="+binary)
	for _, name := range []string{"PORT", "FIRST", "SECOND"} {
		port := redistest.FreePort(t)
		i.ports = append(i.ports, port)
		command.Env = append(command.Env, fmt.Sprintf("%s=%d", name, port))
	}
	i.page = fmt.Sprintf("http://127.0.0.1:%d/debug/logs/", i.ports[0])
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM) // it ends what it has started
		_ = command.Wait()
		if t.Failed() {
			t.Logf("%s wrote:\n%.5000s", command, &output)
		}
	})
	client := newClient(t, nil)
	for _, number := range []int{1, 2, 0} { // nginx leaves out for 10 s what was not there once
		i.await(t, client, number, "")
	}
	return i
}

// await waits until what has that number serves another epoch than before, and returns it.
func (i *instances) await(t *testing.T, client *http.Client, number int, before string) (epoch string) {
	t.Helper()
	eventually(t, func() string {
		response, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/debug/logs/?health=document", i.ports[number]))
		if err != nil {
			return err.Error()
		}
		defer response.Body.Close()
		var document redistest.Status
		if err := json.NewDecoder(response.Body).Decode(&document); err != nil {
			return err.Error()
		}
		if epoch = document.Epoch; document.Redis.State != "live" || epoch == before {
			return "it has not begun to read"
		}
		return ""
	})
	return epoch
}

// replace ends an instance, as a deployment does, and waits until run.sh has started it again and it reads.
func (i *instances) replace(t *testing.T, number int) {
	t.Helper()
	client := newClient(t, nil)
	before := i.await(t, client, number, "")
	pid, err := exec.Command("pgrep", "-f", "--", fmt.Sprintf("-listen 127.0.0.1:%d", i.ports[number])).Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("kill", strings.Fields(string(pid))...).Run(); err != nil {
		t.Fatal(err)
	}
	i.await(t, client, number, before)
}

// checkPageShowsOnce scrolls through the page, which must show each record once and in order, but what is missing at a gap.
func checkPageShowsOnce(t *testing.T, tab *tab, publishers []*redistest.Publisher) {
	t.Helper()
	shown, err := chromedp.Run(tab.ctx, chromedp.Evaluate[[]string](`(async () => {
		const log = document.querySelector("#log");
		const shown = [];
		for (let top = 0; ; top += log.clientHeight / 2) {
			log.dispatchEvent(new Event("wheel")); // the table takes scrolling for the reader's own after that
			log.scrollTop = top;
			await new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done))));
			for (const row of log.querySelectorAll("#rows [aria-rowindex]")) {
				if (row.checkVisibility()) shown[row.ariaRowIndex] = row.matches(".gap") ? "gap" : row.querySelector(".message bdi").textContent.trim();
			}
			if (log.scrollTop + log.clientHeight >= log.scrollHeight - 1) return [...shown].map((text) => text ?? "");
		}
	})()`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range publishers {
		published := make(map[string]bool)
		for _, r := range p.Records() {
			published[fmt.Sprintf("%s#%d", p.Name, r.N)] = r.Confirmed
		}
		next, gap, missing := 0, false, 0
		for _, text := range shown {
			gap = gap || text == "gap"
			var n int
			if _, err := fmt.Sscanf(text, p.Name+"#%d", &n); err != nil {
				continue
			}
			if n < next {
				t.Errorf("the page shows %s behind %s#%d", text, p.Name, next-1)
			}
			for ; next < n; next++ {
				if record := fmt.Sprintf("%s#%d", p.Name, next); published[record] {
					missing++
					if p.Stream > 0 || !gap {
						t.Errorf("the page shows %s, and neither %s nor a gap before it", text, record)
					}
				}
			}
			next, gap = n+1, false
		}
		t.Logf("the page: of %d records of %s, %d are not shown, at gaps", next, p.Name, missing)
	}
}
