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

// TestMain fails if a goroutine of Elva, go-redis or net/http remains.
func TestMain(m *testing.M) {
	// Parallel tests mostly wait for faults and not for a processor.
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	deadline := time.Now().Add(10 * time.Second) // a dial of go-redis may take 5 s
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
