//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// childEnv tells this program that it is the server of that name.
const childEnv = "ELVA_LOAD_SERVER"

// setup has the settings of a server.
type setup struct {
	Server  string
	Redis   string
	History int // records that Elva keeps; 0 for its default
}

// usage is what a process says of itself.
type usage struct {
	At       time.Duration // since the child's start
	CPU      time.Duration // user and system (getrusage)
	Writes   uint64        // system calls that write (/proc/self/io)
	Resident uint64        // bytes
	Stacks   uint64        // bytes of goroutines' stacks
	Heap     uint64        // bytes of objects, garbage included
	Allocs   uint64        // objects
	Received uint64        // records taken from Redis, if the server counts them
}

func (u usage) since(o usage) usage {
	return usage{At: u.At - o.At, CPU: u.CPU - o.CPU, Writes: u.Writes - o.Writes, Resident: u.Resident, Allocs: u.Allocs - o.Allocs, Received: u.Received - o.Received}
}

// cores returns how many cores were busy.
func (u usage) cores() float64 { return u.CPU.Seconds() / u.At.Seconds() }

// child is a server in a process of its own. It is asked over its standard input and output, and ends
// when that is closed, however this process ends.
type child struct {
	addr    string
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

func startChild(s setup) (*child, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{command: exec.Command(program)}
	c.command.Env = append(os.Environ(), childEnv+"="+string(text))
	c.command.Stderr = os.Stderr
	c.in, err = c.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	if err := c.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Server, err)
	}
	c.addr, err = c.ask("addr")
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Server, err)
	}
	return c, nil
}

func (c *child) ask(question string) (string, error) {
	if _, err := fmt.Fprintln(c.in, question); err != nil {
		return "", err
	}
	answer, err := c.out.ReadString('\n')
	return strings.TrimSpace(answer), err
}

// usage asks the child what it has used.
func (c *child) usage() (u usage, err error) {
	answer, err := c.ask("usage")
	if err != nil {
		return u, fmt.Errorf("ask the server: %w", err)
	}
	if err := json.Unmarshal([]byte(answer), &u); err != nil {
		return u, fmt.Errorf("ask the server: %w", err)
	}
	return u, nil
}

func (c *child) stop() error {
	_ = c.in.Close()
	return c.command.Wait()
}

// serveChild is a child's life. It returns false when this process is none.
func serveChild() bool {
	text := os.Getenv(childEnv)
	if text == "" {
		return false
	}
	var s setup
	err := json.Unmarshal([]byte(text), &s)
	if err == nil {
		err = answer(s)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "load: %s: %v\n", s.Server, err)
		os.Exit(1)
	}
	return true
}

func answer(s setup) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	addr, received, err := serve(ctx, s)
	if err != nil {
		return err
	}
	began := time.Now()
	stopProfile := func() error { return nil }
	questions := bufio.NewScanner(os.Stdin)
	for questions.Scan() {
		var answer any = "ok"
		switch word, argument, _ := strings.Cut(questions.Text(), " "); word {
		case "addr":
			fmt.Println(addr)
			continue
		case "usage":
			answer, err = measure(began, received)
		case "free":
			debug.FreeOSMemory()
		case "profile":
			stopProfile, err = profile(argument)
		case "profiled":
			err = stopProfile()
		}
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
			return err
		}
	}
	return questions.Err()
}

func measure(began time.Time, received func() uint64) (u usage, err error) {
	u.Received = received() // may cost something itself, so it comes first
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return u, err
	}
	u.At, u.CPU = time.Since(began), time.Duration(r.Utime.Nano()+r.Stime.Nano())
	io, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return u, err
	}
	_, rest, _ := strings.Cut(string(io), "syscw: ")
	line, _, _ := strings.Cut(rest, "\n")
	if u.Writes, err = strconv.ParseUint(line, 10, 64); err != nil {
		return u, err
	}
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return u, err
	}
	pages, err := strconv.ParseUint(strings.Fields(string(statm))[1], 10, 64)
	if err != nil {
		return u, err
	}
	u.Resident = pages * uint64(os.Getpagesize())
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}, {Name: "/memory/classes/heap/stacks:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(samples)
	u.Allocs, u.Stacks, u.Heap = samples[0].Value.Uint64(), samples[1].Value.Uint64(), samples[2].Value.Uint64()
	return u, nil
}

// profile begins a CPU profile and the counting of what blocks; the function that it returns writes all
// profiles to the folder.
func profile(folder string) (func() error, error) {
	file, err := os.Create(filepath.Join(folder, "cpu.pprof"))
	if err != nil {
		return nil, err
	}
	runtime.SetMutexProfileFraction(10)
	runtime.SetBlockProfileRate(10_000)
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, err
	}
	return func() error {
		pprof.StopCPUProfile()
		for _, name := range []string{"allocs", "heap", "mutex", "block"} {
			file, err := os.Create(filepath.Join(folder, name+".pprof"))
			if err != nil {
				return err
			}
			if err := pprof.Lookup(name).WriteTo(file, 0); err != nil {
				return err
			}
			if err := file.Close(); err != nil {
				return err
			}
		}
		return file.Close()
	}, nil
}
