//go:build linux

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if serveChild() {
		return
	}
	os.Exit(m.Run())
}

// TestRun_EveryModeLosesNothing keeps the command from rotting. It judges no time.
func TestRun_EveryModeLosesNothing(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") == "true" || os.Getenv("ELVA_NO_SKIP") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var out bytes.Buffer
	failed, err := run(ctx, &plan{quick: true}, "", &out)
	if err != nil || failed > 0 {
		t.Fatalf("%d targets missed, error %v\n%s", failed, err, &out)
	}
	for _, server := range []string{"count", "limit", "naive", "go-sse", "elva"} {
		if !strings.Contains(out.String(), "\n| "+server+" ") {
			t.Errorf("no row for %s", server)
		}
	}
	t.Log(out.String())
}

func TestViewer_StreamCutAnywhere(t *testing.T) {
	p := newPayloads()
	var stream []byte
	for n := uint64(1); n <= 200; n++ {
		stream = p.append(append(stream, "data: "...), n, int64(n))
	}
	chunked := func(size int) (out []byte) {
		for rest := stream; len(rest) > 0; {
			part := rest[:min(size, len(rest))]
			rest = rest[len(part):]
			out = append(append(append(out, []byte(strings.ToUpper(hex(len(part)))+"\r\n")...), part...), "\r\n"...)
		}
		return out
	}
	for _, c := range []struct {
		name, header string
		body         []byte
	}{
		{"as it is", "", stream},
		{"in chunks of 7", "Transfer-Encoding: chunked\r\n", chunked(7)},
		{"in chunks of 4096", "Transfer-Encoding: chunked\r\n", chunked(4096)},
	} {
		for _, size := range []int{1, 13, 4096, 1 << 20} {
			v := &viewer{stride: 1}
			response := append([]byte("HTTP/1.1 200 OK\r\n"+c.header+"\r\n"), c.body...)
			for len(response) > 0 {
				part := response[:min(size, len(response))]
				response = response[len(part):]
				if err := v.take(part, 0); err != nil {
					t.Fatal(err)
				}
			}
			if v.seen.Load() != 200 || v.missing.Load() != 0 || v.doubled.Load() != 0 {
				t.Errorf("%s, read by %d: %d seen, %d missing, %d doubled", c.name, size, v.seen.Load(), v.missing.Load(), v.doubled.Load())
			}
		}
	}
}

func TestViewer_CountsMissingAndDoubled(t *testing.T) {
	p := newPayloads()
	v := &viewer{stride: 1}
	for _, n := range []uint64{2, 3, 3, 7} {
		v.body(p.append(nil, n, 0), 0)
	}
	if v.seen.Load() != 3 || v.missing.Load() != 4 || v.doubled.Load() != 1 {
		t.Errorf("%d seen, %d missing, %d doubled; want 3, 4, 1", v.seen.Load(), v.missing.Load(), v.doubled.Load())
	}
}

func TestQuantiles(t *testing.T) {
	var h histogram
	for i := range 1000 {
		h.add(int64(i) * 1000)
	}
	for q, want := range map[float64]float64{0.5: 499.05, 0.99: 989.05, 1: 999} {
		if got := h.quantile(q); got != want {
			t.Errorf("quantile %v = %v ms, want %v", q, got, want)
		}
	}
}

func hex(n int) string {
	const digits = "0123456789abcdef"
	if n < 16 {
		return digits[n : n+1]
	}
	return hex(n/16) + digits[n%16:n%16+1]
}
