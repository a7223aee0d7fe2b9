package hosts

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience bounds every wait for something that happens within a second on an idle machine.
const patience = 20 * time.Second

// browser is the context of the Chromium that all tests share; each opens a tab in a profile of its
// own. It is nil where there is none.
var browser context.Context

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run runs the tests, and fails them when goroutines of Elva's are left.
func run(m *testing.M) (code int) {
	if path := findChromium(); path != "" {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WindowSize(1400, 900),
			chromedp.Flag("ignore-certificate-errors", true)) // the test's own certificate
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		defer stop()
		var cancel context.CancelFunc
		browser, cancel = chromedp.NewContext(allocator)
		defer cancel()
		if err := chromedp.Do(browser); err != nil {
			fmt.Fprintf(os.Stderr, "start %s: %v\n", path, err)
			return 1
		}
	}
	code = m.Run()
	for deadline := time.Now().Add(10 * time.Second); code == 0; time.Sleep(10 * time.Millisecond) {
		left := leaked()
		if left == "" {
			break
		}
		if time.Now().After(deadline) {
			fmt.Fprintf(os.Stderr, "goroutines are left:\n\n%s\n", left)
			code = 1
		}
	}
	return code
}

// leaked returns the stacks of goroutines that have Elva's code in them.
func leaked() string {
	stacks := make([]byte, 16<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var left []string
	for g := range bytes.SplitSeq(stacks, []byte("\n\n")) {
		if s := string(g); strings.Contains(s, "SupermanScott/Elva") && !strings.Contains(s, "hosts.run(") {
			left = append(left, s)
		}
	}
	return strings.Join(left, "\n\n")
}

// findChromium returns the path of a Chromium or Chrome, or "".
func findChromium() string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// need returns the path of a program, or skips the test.
func need(t *testing.T, program string) string {
	t.Helper()
	for _, name := range []string{program, "/usr/sbin/" + program} { // Debian's servers are not on everybody's PATH
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	skip(t, "no "+program+" on PATH")
	return ""
}

// skip skips the test, or fails it where nothing may be skipped.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" || os.Getenv("ELVA_NO_SKIP") != "" {
		t.Fatalf("%s, and nothing may be skipped here", why)
	}
	t.Skip(why)
}

// eventually polls until done returns "", or fails with the last thing that it returned.
func eventually(t *testing.T, done func() (missing string)) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		missing := done()
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, strings.TrimSpace(missing))
		}
	}
}
