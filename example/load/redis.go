//go:build linux

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"
)

// redisServer is a redis-server process without persistence.
type redisServer struct {
	addr    string
	version string
	command *exec.Cmd
	dir     string
}

// startRedis starts a server on a free port of the loopback and waits until it answers. limit is how much may wait for
// a subscriber before the server cuts it off, as client-output-buffer-limit takes it.
func startRedis(ctx context.Context, limit string) (*redisServer, error) {
	version, err := exec.CommandContext(ctx, "redis-server", "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("run redis-server: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("find a port: %w", err)
	}
	addr := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, fmt.Errorf("find a port: %w", err)
	}
	dir, err := os.MkdirTemp("", "elva-load")
	if err != nil {
		return nil, fmt.Errorf("make redis-server's folder: %w", err)
	}
	_, port, _ := strings.Cut(addr, ":")
	s := &redisServer{addr: addr, version: strings.TrimSpace(string(version)), dir: dir}
	s.command = exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no",
		"--client-output-buffer-limit", "pubsub "+limit, "--logfile", dir+"/log")
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("start redis-server: %w", err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			return s, conn.Close()
		}
		if time.Now().After(deadline) {
			_ = s.stop()
			return nil, fmt.Errorf("redis-server does not answer: %w", err)
		}
	}
}

func (s *redisServer) stop() error {
	_ = s.command.Process.Kill() // it keeps nothing
	_ = s.command.Wait()         // "signal: killed"
	return os.RemoveAll(s.dir)
}
