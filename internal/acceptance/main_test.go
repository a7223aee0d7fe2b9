package acceptance_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain fails the run when a goroutine is left that has Elva, go-redis or net/http in its stack.
func TestMain(m *testing.M) {
	// The parallel ones wait for a fault to last, most of the time, and not for a processor.
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	deadline := time.Now().Add(10 * time.Second) // go-redis may still be in a dial of 5 s
	for code == 0 {
		left := leaked()
		if left == "" {
			break
		}
		if time.Now().After(deadline) {
			fmt.Fprintf(os.Stderr, "goroutines are left:\n\n%s\n", left)
			code = 1
		}
		time.Sleep(10 * time.Millisecond)
	}
	os.Exit(code)
}

func leaked() string {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var left []string
	for _, g := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(g, "TestMain") {
			continue
		}
		for _, owner := range []string{"SupermanScott/Elva", "redis/go-redis", "net/http", "miniredis"} {
			if strings.Contains(g, owner) {
				left = append(left, g)
				break
			}
		}
	}
	return strings.Join(left, "\n\n")
}
