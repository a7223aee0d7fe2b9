//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// trial is one measurement of one server: the process, its viewers and what publishes.
type trial struct {
	child   *child
	viewers *viewers
	publish *publisher
	profile bool
}

// path returns the request target of a server's stream.
func path(server string) func(int) string {
	return func(int) string {
		if server == "elva" {
			return "/?events"
		}
		return "/"
	}
}

// begin starts a server, opens its streams and waits until all are served.
func (p *plan) begin(ctx context.Context, s setup, a audience) (t *trial, err error) {
	s.Redis = p.redis.addr
	t = &trial{}
	defer func() {
		if err != nil {
			_ = t.end() // it is the first error that tells
		}
	}()
	if t.child, err = startChild(s); err != nil {
		return nil, err
	}
	if t.publish, err = newPublisher(p.redis.addr, newPayloads()); err != nil {
		return nil, err
	}
	if a.request == nil {
		a.request = path(s.Server)
	}
	if a.buffer == 0 {
		a.buffer = 64 << 10
	}
	if a.stride == 0 {
		a.stride = 1
	}
	if t.viewers, err = open(ctx, t.child.addr, a); err != nil {
		return nil, err
	}
	if err := t.viewers.waitReady(ctx, t.publish, a.stride > 1); err != nil {
		return nil, err
	}
	if a.viewers == 0 {
		if err := t.waitReceived(ctx, 1); err != nil {
			return nil, err
		}
	}
	if p.profile != "" && s.Server == "elva" {
		t.profile = true
		p.trials++
		folder, err := filepath.Abs(filepath.Join(p.profile, strconv.Itoa(p.trials)))
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
		if _, err := t.child.ask("profile " + folder); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// waitReceived probes until the server has taken n records from Redis.
func (t *trial) waitReceived(ctx context.Context, n uint64) error {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		u, err := t.child.usage()
		if err != nil || u.Received >= n {
			return err
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return fmt.Errorf("the server has taken %d records of %d (%w)", u.Received, n, ctx.Err())
		}
		if n == 1 {
			if err := t.publish.probe(false); err != nil {
				return err
			}
		}
	}
}

// during returns what the server has used while do ran and the viewers took what was published.
func (t *trial) during(ctx context.Context, do func() error) (usage, error) {
	before, err := t.child.usage()
	if err != nil {
		return before, err
	}
	if err := do(); err != nil {
		return before, err
	}
	if len(t.viewers.list) > 0 {
		slack := t.viewers.list[0].stride - 1 // a viewer's filter may not take the last ones
		if err := t.viewers.settle(ctx, t.publish.sent-min(slack, t.publish.sent)); err != nil {
			return before, err
		}
	}
	after, err := t.child.usage()
	return after.since(before), err
}

// end ends the trial.
func (t *trial) end() (err error) {
	if t.child == nil {
		return nil
	}
	if t.profile {
		_, err = t.child.ask("profiled")
	}
	if t.viewers != nil {
		err = errors.Join(err, t.viewers.close())
	}
	if t.publish != nil {
		err = errors.Join(err, t.publish.conn.Close())
	}
	return errors.Join(err, t.child.stop())
}
