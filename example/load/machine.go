//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit in which the kernel counts CPU time for programs: USER_HZ, 100 a second on all of Linux's common
// architectures.
const tick = 10 * time.Millisecond

// shares divides the machine's CPU time among its users and idle time.
type shares struct {
	idle, server, redis, this, whole time.Duration
}

// shares returns the CPU time used so far. whole is all there was, and what is in none of the parts had other processes
// or the machine's host.
func (p *plan) shares(u usage) (s shares, err error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return s, err
	}
	line, _, _ := strings.Cut(string(stat), "\n")
	for i, field := range strings.Fields(line)[1:9] { // user nice system idle iowait irq softirq steal
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return s, fmt.Errorf("read /proc/stat: %w", err)
		}
		s.whole += time.Duration(n) * tick
		if i == 3 || i == 4 {
			s.idle += time.Duration(n) * tick
		}
	}
	if s.redis, err = processTime(p.redis.command.Process.Pid); err != nil {
		return s, err
	}
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		return s, err
	}
	s.this, s.server = time.Duration(own.Utime.Nano()+own.Stime.Nano()), u.CPU
	return s, nil
}

// since returns each part in percent of all cores.
func (s shares) since(o shares) sample {
	percent := func(now, then time.Duration) float64 {
		return 100 * float64(now-then) / float64(max(s.whole-o.whole, tick))
	}
	idle, server, redis, this := percent(s.idle, o.idle), percent(s.server, o.server), percent(s.redis, o.redis), percent(s.this, o.this)
	return sample{"idle": idle, "of server": server, "of redis": redis, "of load": this, "of others": max(100-idle-server-redis-this, 0)}
}

// processTime returns the CPU time of a process.
func processTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // behind the name, which may have spaces
	user, err1 := strconv.ParseInt(string(fields[11]), 10, 64)
	system, err2 := strconv.ParseInt(string(fields[12]), 10, 64)
	if err1 != nil || err2 != nil {
		return 0, fmt.Errorf("read the CPU time of process %d: %q", pid, stat)
	}
	return time.Duration(user+system) * tick, nil
}
