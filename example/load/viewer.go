//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// viewers are open streams of one server.
type viewers struct {
	list  []*viewer
	moved chan struct{} // one of them has read something
	wg    sync.WaitGroup
}

// viewer reads a stream over raw TCP: no HTTP client, and the records are not parsed but for their marks.
type viewer struct {
	all     *viewers
	conn    net.Conn
	ready   atomic.Bool
	last    atomic.Uint64 // the last record's number
	seen    atomic.Uint64 // records
	bytes   atomic.Uint64
	missing atomic.Uint64
	doubled atomic.Uint64
	stride  uint64 // how far the next number is
	times   *histogram
	stopped chan struct{} // closed to make it stop reading; nil when it never does
	chunked bool
	left    int    // of the chunk
	header  []byte // of the response, and then of a chunk, as far as it was read
	inBody  bool
	carry   []byte // a mark of which the end is missing
	broken  error
}

// audience says which streams are to be opened.
type audience struct {
	viewers int
	buffer  int                // each viewer's, in bytes
	request func(i int) string // the i-th one's request target
	stride  uint64             // how far apart the numbers are that it gets; 0 means 1
	latency bool               // note how old each record is
	stops   int                // how many stop reading when stop is closed
	stop    chan struct{}
}

// open opens the streams.
func open(ctx context.Context, addr string, a audience) (*viewers, error) {
	v := &viewers{moved: make(chan struct{}, 1)}
	for i := range a.viewers {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			v.close()
			return nil, fmt.Errorf("open viewer %d: %w", i, err)
		}
		// Closing must leave no port in TIME_WAIT: the next round needs it.
		_ = conn.(*net.TCPConn).SetLinger(0)
		w := &viewer{all: v, conn: conn, stride: max(a.stride, 1)}
		if a.latency {
			w.times = &histogram{}
		}
		if i < a.stops {
			w.stopped = a.stop
		}
		v.list = append(v.list, w)
		if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n\r\n", a.request(i), addr); err != nil {
			v.close()
			return nil, fmt.Errorf("open viewer %d: %w", i, err)
		}
		if ctx.Err() != nil {
			v.close()
			return nil, ctx.Err()
		}
	}
	for _, w := range v.list {
		v.wg.Go(func() { w.read(make([]byte, a.buffer)) })
	}
	return v, nil
}

// times merges the viewers' latencies. The viewers must be closed.
func (v *viewers) times() *histogram {
	all := &histogram{}
	for _, w := range v.list {
		if w.times != nil {
			all.merge(w.times)
		}
	}
	return all
}

// slowest returns the number that all viewers have reached.
func (v *viewers) slowest() uint64 {
	least := v.list[0].last.Load()
	for _, w := range v.list[1:] {
		least = min(least, w.last.Load())
	}
	return least
}

// total adds up what the viewers have counted.
func (v *viewers) total(of func(*viewer) *atomic.Uint64) (sum uint64) {
	for _, w := range v.list {
		sum += of(w).Load()
	}
	return sum
}

func records(v *viewer) *atomic.Uint64 { return &v.seen }
func wire(v *viewer) *atomic.Uint64    { return &v.bytes }
func missing(v *viewer) *atomic.Uint64 { return &v.missing }
func doubled(v *viewer) *atomic.Uint64 { return &v.doubled }

// waitReady probes until every viewer has been served.
func (v *viewers) waitReady(ctx context.Context, p *publisher, each bool) error {
	deadline := time.Now().Add(2 * time.Minute)
	for {
		waiting := 0
		for _, w := range v.list {
			if !w.ready.Load() {
				waiting++
			}
		}
		if waiting == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d viewers are not served", waiting, len(v.list))
		}
		if err := p.probe(each); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(150 * time.Millisecond):
		}
	}
}

// waitOpen waits until every viewer has read something.
func (v *viewers) waitOpen(ctx context.Context) error {
	deadline := time.Now().Add(2 * time.Minute)
	for _, w := range v.list {
		for w.bytes.Load() == 0 {
			if ctx.Err() != nil || time.Now().After(deadline) {
				return fmt.Errorf("a viewer has no answer (%w)", ctx.Err())
			}
			time.Sleep(time.Millisecond)
		}
	}
	return nil
}

// settle waits until every viewer has the record with that number, or none has read anything for a
// second and a half: what is missing then has been lost.
func (v *viewers) settle(ctx context.Context, number uint64) error {
	for quiet := time.Now(); v.slowest() < number; {
		select {
		case <-v.moved:
			quiet = time.Now()
		case <-time.After(100 * time.Millisecond):
			if time.Since(quiet) > 1500*time.Millisecond {
				for _, w := range v.list {
					if last := w.last.Load(); last < number && w.stride == 1 {
						w.missing.Add(number - last)
					}
				}
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// close ends the streams and returns the first error that one has met before.
func (v *viewers) close() error {
	for _, w := range v.list {
		_ = w.conn.Close()
	}
	v.wg.Wait()
	for i, w := range v.list {
		if w.broken != nil {
			return fmt.Errorf("viewer %d: %w", i, w.broken)
		}
	}
	return nil
}

func (v *viewer) read(buffer []byte) {
	for {
		if v.stopped != nil {
			select {
			case <-v.stopped: // and leave the connection open
				return
			default:
			}
		}
		n, err := v.conn.Read(buffer)
		if n > 0 {
			v.bytes.Add(uint64(n))
			if err := v.take(buffer[:n], time.Now().UnixMicro()); err != nil {
				v.broken = err
				return
			}
			select {
			case v.all.moved <- struct{}{}:
			default:
			}
		}
		if err != nil {
			if !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.EOF) {
				v.broken = err
			}
			return
		}
	}
}

// take takes what was read off the wire: the response's header, and the body as it is or in chunks (RFC
// 9112, section 7.1).
func (v *viewer) take(data []byte, now int64) error {
	if !v.inBody {
		v.header = append(v.header, data...)
		end := bytes.Index(v.header, []byte("\r\n\r\n"))
		if end < 0 {
			return nil
		}
		header := v.header[:end]
		if !bytes.HasPrefix(header, []byte("HTTP/1.1 200")) {
			return fmt.Errorf("the answer is %.300q", v.header)
		}
		v.chunked = bytes.Contains(bytes.ToLower(header), []byte("\r\ntransfer-encoding: chunked"))
		v.inBody, data = true, bytes.Clone(v.header[end+4:])
		v.header = v.header[:0]
	}
	if !v.chunked {
		v.body(data, now)
		return nil
	}
	for len(data) > 0 {
		if v.left > 0 {
			part := data[:min(v.left, len(data))]
			v.body(part, now)
			v.left -= len(part)
			data = data[len(part):]
			continue
		}
		// Between two chunks: the end of the last one's line, and the next one's size.
		v.header = append(v.header, data[0])
		data = data[1:]
		if line := bytes.TrimLeft(v.header, "\r\n"); len(line) > 0 && bytes.HasSuffix(line, []byte("\r\n")) {
			size, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 31)
			if err != nil {
				return fmt.Errorf("read a chunk's size: %w", err)
			}
			v.left, v.header = int(size), v.header[:0]
		}
	}
	return nil
}

// body finds the marks. One can lie across two reads, or two chunks.
func (v *viewer) body(data []byte, now int64) {
	if len(v.carry) > 0 {
		n := min(markLen-len(v.carry), len(data))
		v.carry = append(v.carry, data[:n]...)
		if data = data[n:]; len(v.carry) < markLen {
			return
		}
		v.record(v.carry, now)
		v.carry = v.carry[:0]
	}
	for {
		i := bytes.IndexByte(data, mark)
		if i < 0 {
			return
		}
		if data = data[i:]; len(data) < markLen {
			v.carry = append(v.carry[:0], data...)
			return
		}
		v.record(data[:markLen], now)
		data = data[markLen:]
	}
}

func (v *viewer) record(text []byte, now int64) {
	number, at, ok := readMark(text)
	if !ok {
		v.doubled.Add(1) // whatever it is, it should not be here
		return
	}
	if number == 0 {
		v.ready.Store(true)
		return
	}
	last := v.last.Load()
	switch {
	case number <= last:
		v.doubled.Add(1)
		return
	case number > last+v.stride:
		v.missing.Add((number - last - 1) / v.stride)
	}
	v.last.Store(number)
	v.seen.Add(1)
	if v.times != nil {
		v.times.add(now - at)
	}
}
