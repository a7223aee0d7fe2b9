package status

import (
	"time"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

// What is read beside the subscription has keys, numbered from 0: the streams, and behind them the list.

// SetStream is Set for a stream.
func (b *Board) SetStream(i int, state, text string, nextTry time.Time) {
	b.set(len(b.subscriptions)+i, part{state, text, nextTry})
}

// KeyInput notes a sign of life of what keys are read from. It says nothing of the subscription, whose
// connection is another one.
func (b *Board) KeyInput(now time.Time) { b.keyInput.Store(now.UnixNano()) }

// Readable notes that Redis lets a key be read.
func (b *Board) Readable(now time.Time, i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i += b.channels
	if since := b.doc.Sources[i].Confirmed; !since.IsZero() {
		now = since
	}
	b.denied[i] = time.Time{}
	b.answered(i, now.UTC(), "")
}

// Unreadable notes that a key can't be read now, and returns the error in words: with the key's name if
// Redis denies it.
func (b *Board) Unreadable(i int, err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	i += b.channels
	if !redisutil.Denied(err) || redisutil.OfConnection(err) {
		b.answered(i, time.Time{}, "")
		return err
	}
	b.deny(i, err)
	return &redisutil.DeniedError{What: b.what(i), Err: err}
}

// Entry notes a record that a key brought.
func (b *Board) Entry(now time.Time, i int) {
	b.keyInput.Store(now.UnixNano())
	b.keyRecord.Store(now.UnixNano())
	b.mu.Lock()
	defer b.mu.Unlock()
	src := &b.doc.Sources[b.channels+i]
	src.Records++
	src.LastRecord = now.UTC()
}
