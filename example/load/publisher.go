//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"
)

// publisher publishes numbered records over one raw connection, many in one write, so that it takes
// little of the cores that it shares with what is measured.
type publisher struct {
	conn     net.Conn
	payloads *payloads
	sent     uint64 // the last number; the first is 1
	out      []byte
}

func newPublisher(addr string, p *payloads) (*publisher, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("connect the publisher: %w", err)
	}
	if _, err := io.WriteString(conn, "CLIENT REPLY OFF\r\n"); err != nil {
		return nil, fmt.Errorf("connect the publisher: %w", err)
	}
	return &publisher{conn: conn, payloads: p}, nil
}

// probe publishes a record with the number 0, which counts for nothing, for each logger.
func (p *publisher) probe(each bool) error {
	n := uint64(1)
	if each {
		n = loggers
	}
	p.out = p.out[:0]
	for i := range n {
		from := len(p.out)
		p.out = p.payloads.append(p.out, i, 0)
		place := from + p.payloads.places[i]
		digits(p.out[place+1:place+10], 0)
	}
	_, err := p.conn.Write(p.out)
	return err
}

// publish publishes the next n records.
func (p *publisher) publish(n int) error {
	p.out = p.out[:0]
	now := time.Now().UnixMicro()
	for range n {
		p.sent++
		p.out = p.payloads.append(p.out, p.sent, now)
	}
	if _, err := p.conn.Write(p.out); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// steadily publishes rate records a second, a millisecond's worth at a time, for so long.
func (p *publisher) steadily(ctx context.Context, rate int, length time.Duration) error {
	began, first := time.Now(), p.sent
	for {
		passed := min(time.Since(began), length)
		due := first + uint64(float64(rate)*passed.Seconds())
		if due > p.sent {
			if err := p.publish(int(due - p.sent)); err != nil {
				return err
			}
		}
		if passed == length || ctx.Err() != nil {
			return ctx.Err()
		}
		// The next record, or the next millisecond.
		time.Sleep(max(time.Millisecond, time.Until(began.Add(time.Duration(float64(p.sent-first+1)/float64(rate)*1e9)))))
	}
}

// batch is how many records flat out puts in one write: a few packets' worth.
const batch = 32

// flatOut publishes as fast as the window allows, for so long: never more than window records ahead of
// the slowest viewer. One that loses records would block it indefinitely, so it waits for a viewer for 100
// ms at most.
func (p *publisher) flatOut(ctx context.Context, v *viewers, window int, length time.Duration) error {
	base := uint64(0) // what is not waited for any more
	for end := time.Now().Add(length); time.Now().Before(end) && ctx.Err() == nil; {
		if p.sent+batch <= max(v.slowest(), base)+uint64(window) {
			if err := p.publish(batch); err != nil {
				return err
			}
			continue
		}
		select {
		case <-v.moved:
		case <-time.After(100 * time.Millisecond):
			base = p.sent
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}
