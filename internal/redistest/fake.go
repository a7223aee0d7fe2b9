package redistest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Fake is a server whose replies a test defines. It speaks RESP (redis.io, "Redis serialization protocol specification").
type Fake struct {
	Addr string

	listener net.Listener
	running  sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

// FakeConn is a client's connection to a [Fake].
type FakeConn struct {
	conn net.Conn
	in   *bufio.Reader
}

// NewFake starts a server that calls serve for each connection, and closes the connection when serve returns. n is the
// connection's number, from 0. The server ends with the test.
func NewFake(t testing.TB, serve func(c *FakeConn, n int)) *Fake {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &Fake{Addr: listener.Addr().String(), listener: listener, conns: make(map[net.Conn]bool)}
	f.running.Go(func() { f.accept(serve) })
	t.Cleanup(f.Close)
	return f
}

// Close ends the server and its connections. It may be called more than once.
func (f *Fake) Close() {
	f.mu.Lock()
	f.closed = true
	for conn := range f.conns {
		conn.Close()
	}
	f.mu.Unlock()
	f.listener.Close()
	f.running.Wait()
}

func (f *Fake) accept(serve func(c *FakeConn, n int)) {
	for n := 0; ; n++ {
		conn, err := f.listener.Accept()
		if err != nil {
			return // closed
		}
		f.mu.Lock()
		if f.closed {
			conn.Close()
		}
		f.conns[conn] = true
		f.mu.Unlock()
		f.running.Go(func() {
			serve(&FakeConn{conn: conn, in: bufio.NewReader(conn)}, n)
			conn.Close()
			f.mu.Lock()
			delete(f.conns, conn)
			f.mu.Unlock()
		})
	}
}

// Send writes raw bytes. It reports whether that succeeded.
func (c *FakeConn) Send(raw string) bool {
	_, err := io.WriteString(c.conn, raw)
	return err == nil
}

// Command reads the next command. ok is false if the client has closed the connection.
func (c *FakeConn) Command() (args []string, ok bool) {
	count, ok := c.number('*')
	if !ok {
		return nil, false
	}
	for range count {
		size, ok := c.number('$')
		if !ok {
			return nil, false
		}
		text := make([]byte, size+2)
		if _, err := io.ReadFull(c.in, text); err != nil {
			return nil, false
		}
		args = append(args, string(text[:size]))
	}
	return args, true
}

// number reads a line with a number after the given type byte.
func (c *FakeConn) number(kind byte) (int, bool) {
	line, err := c.in.ReadString('\n')
	if err != nil || line[0] != kind {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(line[1:]))
	return n, err == nil
}

// Greet answers the first commands of a client (HELLO, CLIENT) like a Redis with protocol 2 or 3. It returns the first other
// command.
func (c *FakeConn) Greet(protocol int) (args []string, ok bool) {
	for {
		args, ok := c.Command()
		if !ok {
			return nil, false
		}
		switch strings.ToLower(args[0]) {
		case "hello":
			if protocol == 3 {
				c.Send("%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:3\r\n")
			} else {
				c.Send("-ERR unknown command 'HELLO'\r\n")
			}
		case "client":
			c.Send("-ERR unknown command 'CLIENT'\r\n")
		default:
			return args, true
		}
	}
}

// ConfirmSubscription calls Greet, confirms the subscription that follows, and returns its names.
func (c *FakeConn) ConfirmSubscription(protocol int) (names []string, ok bool) {
	args, ok := c.Greet(protocol)
	if !ok {
		return nil, false
	}
	for i, name := range args[1:] {
		c.Send(Push(protocol, strings.ToLower(args[0]), name, i+1))
	}
	return args[1:], true
}

// Push encodes a message to a subscriber. Its parts are strings and ints.
func Push(protocol int, parts ...any) string {
	var b strings.Builder
	kind := '*'
	if protocol == 3 {
		kind = '>'
	}
	fmt.Fprintf(&b, "%c%d\r\n", kind, len(parts))
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(part), part)
		case int:
			fmt.Fprintf(&b, ":%d\r\n", part)
		}
	}
	return b.String()
}
