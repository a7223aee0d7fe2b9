//go:build linux

package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
)

// limitBlock is how much is framed into one piece of memory.
const limitBlock = 64 << 10

// limitBlocks is how many blocks are kept for viewers that lag. It is no history.
const limitBlocks = 64

// limit is what fan-out can't go below: every record is encoded once, and each viewer's goroutine writes
// the shared bytes from its cursor on by writev to the raw connection.
type limit struct {
	mu     sync.Mutex
	wake   *sync.Cond
	blocks [][]byte // the newest last
	first  int      // the number of blocks[0]
}

func newLimit() *limit {
	l := &limit{blocks: [][]byte{make([]byte, 0, limitBlock)}}
	l.wake = sync.NewCond(&l.mu)
	return l
}

func (l *limit) add(payload string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	block := &l.blocks[len(l.blocks)-1]
	if len(*block)+len(payload)+8 > cap(*block) {
		l.blocks = append(l.blocks, make([]byte, 0, max(limitBlock, len(payload)+8)))
		if len(l.blocks) > limitBlocks {
			l.blocks = l.blocks[1:]
			l.first++
		}
		block = &l.blocks[len(l.blocks)-1]
	}
	*block = append(append(append(*block, "data: "...), payload...), "\n\n"...)
	l.wake.Broadcast()
}

func (l *limit) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go l.write(conn)
	}
}

func (l *limit) write(conn net.Conn) {
	defer conn.Close()
	if _, err := http.ReadRequest(bufio.NewReaderSize(conn, 1024)); err != nil {
		return
	}
	if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"); err != nil {
		return
	}
	l.mu.Lock()
	block, at := l.first+len(l.blocks)-1, len(l.blocks[len(l.blocks)-1])
	l.mu.Unlock()
	var parts net.Buffers
	for {
		l.mu.Lock()
		for block == l.first+len(l.blocks)-1 && at == len(l.blocks[len(l.blocks)-1]) {
			l.wake.Wait()
		}
		if block < l.first {
			block, at = l.first, 0
		}
		parts = parts[:0]
		for _, b := range l.blocks[block-l.first:] {
			parts = append(parts, b[at:])
			at = 0
		}
		block, at = l.first+len(l.blocks)-1, len(l.blocks[len(l.blocks)-1])
		l.mu.Unlock()
		out := parts // WriteTo consumes it
		if _, err := out.WriteTo(conn); err != nil {
			return
		}
	}
}
