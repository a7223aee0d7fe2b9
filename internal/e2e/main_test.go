package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience bounds every wait for something that happens within a second on an idle machine.
const patience = 20 * time.Second

var (
	// binary is the example program, built once.
	binary string

	// browser is the context of the Chromium that all tests share; each opens a tab in a profile of its own.
	// It is nil where there is none.
	browser context.Context
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	os.Unsetenv("REDIS_URL") // a developer's own; without it the example runs its demo
	dir, err := os.MkdirTemp("", "elva-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "example.exe")
	build := exec.Command("go", "build", "-o", binary, "./example")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the example: %v\n%s", err, out)
		return 1
	}

	before := runtime.NumGoroutine()
	if path := findChromium(); path != "" {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WindowSize(1400, 900))
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		var cancel context.CancelFunc
		browser, cancel = chromedp.NewContext(allocator)
		if err := chromedp.Do(browser); err != nil {
			fmt.Fprintf(os.Stderr, "start %s: %v\n", path, err)
			return 1
		}
		defer func() {
			cancel() // waits until Chromium has ended
			stop()
			if code == 0 && leaked(before) {
				code = 1
			}
		}()
	}
	return m.Run()
}

// leaked reports, with their stacks, goroutines that outlive the tests.
func leaked(before int) bool {
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			fmt.Fprintf(os.Stderr, "%d goroutines before the tests, %d after:\n%s\n", before, runtime.NumGoroutine(), stacks)
			return true
		}
	}
	return false
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
