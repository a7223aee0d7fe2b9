package status

import (
	"time"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

// The methods in this file are about keys that are read beside the subscriptions. Keys are numbered from 0: the streams,
// then the list.

// SetStream sets the state of a stream. nextTry may be zero.
func (b *Board) SetStream(i int, state, text string, nextTry time.Time) {
	b.set(len(b.subscriptions)+i, part{state, text, nextTry})
}

// KeyInput notes that Redis answered about a key. The subscriptions have other connections.
func (b *Board) KeyInput(now time.Time) { b.keyInput.Store(now.UnixNano()) }

// KeyReadable notes that a key can be read.
func (b *Board) KeyReadable(now time.Time, i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i += b.channels
	if since := b.doc.Sources[i].Confirmed; !since.IsZero() {
		now = since
	}
	b.deniedSince[i] = time.Time{}
	b.setReply(i, now.UTC(), "")
}

// KeyUnreadable notes that a key can't be read. If Redis denies the key, the returned error names it.
func (b *Board) KeyUnreadable(i int, err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	i += b.channels
	if !redisutil.Denied(err) || redisutil.ConcernsConnection(err) {
		b.setReply(i, time.Time{}, "")
		return err
	}
	b.setDenied(i, err)
	return &redisutil.DeniedError{What: b.describe(i), Err: err}
}

// KeyRecord notes a record from a key.
func (b *Board) KeyRecord(now time.Time, i int) {
	b.keyInput.Store(now.UnixNano())
	b.keyRecord.Store(now.UnixNano())
	b.mu.Lock()
	defer b.mu.Unlock()
	src := &b.doc.Sources[b.channels+i]
	src.Records++
	src.LastRecord = now.UTC()
}
