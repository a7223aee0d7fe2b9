// Command screenshot renews the README's picture of the page, from the demo:
//
//	cd internal/e2e && go run ./screenshot
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

func main() {
	log.SetFlags(0)
	output := flag.String("o", filepath.Join("..", "..", "example", "screenshot.png"), "`file` to write")
	width := flag.Int64("width", 1280, "of the page, in `pixels`")
	height := flag.Int64("height", 1160, "of the page, in `pixels`")
	dark := flag.Bool("dark", false, "as a browser that asks for dark pages sees it")
	after := flag.Duration("after", 16500*time.Millisecond, "`time` into the demo's story; its gateway fails from 14 s on")
	open := flag.String("open", "charge for order", "wait for a record whose message starts with this `text`, and open the last one; none if empty")
	flag.Parse()
	picture, err := take(*width, *height, *dark, *after, *open)
	if err != nil {
		log.Fatal("screenshot: ", err)
	}
	if err := os.WriteFile(*output, picture, 0o644); err != nil {
		log.Fatal("screenshot: ", err)
	}
	fmt.Printf("%s: %d KB\n", *output, len(picture)>>10)
}

// take runs the demo and returns a picture of its page as a PNG.
func take(width, height int64, dark bool, after time.Duration, open string) ([]byte, error) {
	url, stop, err := startExample()
	if err != nil {
		return nil, err
	}
	defer stop()

	ctx, cancel := chromedp.NewContext(context.Background())
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, after+time.Minute)
	defer cancel()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
		return nil, err
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height), chromedp.Navigate(url), chromedp.Sleep(after)); err != nil {
		return nil, err
	}
	if open != "" {
		click := fmt.Sprintf(`(() => {
			const message = [...document.querySelectorAll("#log [data-seq] .message")].findLast((message) => message.textContent.trim().startsWith(%q));
			message?.click();
			return message !== undefined;
		})()`, open)
		if _, err := chromedp.Run(ctx, chromedp.Poll[bool](click)); err != nil {
			return nil, fmt.Errorf("wait for %q: %w", open, err)
		}
		if err := chromedp.Do(ctx, chromedp.Sleep(500*time.Millisecond)); err != nil { // the row opens
			return nil, err
		}
	}
	return chromedp.Run(ctx, chromedp.CaptureScreenshot())
}

// startExample builds and starts the example program and returns its address.
func startExample() (url string, stop func(), err error) {
	dir, err := os.MkdirTemp("", "elva-screenshot-")
	if err != nil {
		return "", nil, err
	}
	binary := filepath.Join(dir, "example.exe")
	build := exec.Command("go", "build", "-o", binary, "./example")
	build.Dir = filepath.Join("..", "..")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		os.RemoveAll(dir)
		return "", nil, fmt.Errorf("build the example: %w", err)
	}
	process := exec.Command(binary, "-addr", "localhost:0")
	process.Stderr = os.Stderr
	stdout, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		os.RemoveAll(dir)
		return "", nil, fmt.Errorf("start the example: %w", err)
	}
	stop = func() {
		process.Process.Kill()
		process.Wait()
		os.RemoveAll(dir)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("read the example's address: %w", err)
	}
	_, url, _ = strings.Cut(strings.TrimSpace(line), " at ")
	return url, stop, nil
}
