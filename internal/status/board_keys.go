package status

import (
	"time"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

// What is read beside the subscription has keys, numbered from 0: the streams, and behind them the list.

// SetStream is Set for a stream.
func (l *Board) SetStream(i int, state, text string, nextTry time.Time) {
	l.set(len(l.subscriptions)+i, part{state, text, nextTry})
}

// KeyInput notes a sign of life of what keys are read from. It says nothing of the subscription, whose
// connection is another one.
func (l *Board) KeyInput(now time.Time) { l.keyInput.Store(now.UnixNano()) }

// Readable notes that Redis lets a key be read.
func (l *Board) Readable(now time.Time, i int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i += l.channels
	if since := l.doc.Sources[i].Confirmed; !since.IsZero() {
		now = since
	}
	l.refused[i] = time.Time{}
	l.answered(i, now.UTC(), "")
}

// Unreadable notes that a key can't be read now, and returns the error in words: with the key's name if
// Redis refuses it.
func (l *Board) Unreadable(i int, err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	i += l.channels
	if !redisutil.Denied(err) || redisutil.OfConnection(err) {
		l.answered(i, time.Time{}, "")
		return err
	}
	l.refuse(i, err)
	return &redisutil.DeniedError{What: l.what(i), Err: err}
}

// Entry notes a record that a key brought.
func (l *Board) Entry(now time.Time, i int) {
	l.keyInput.Store(now.UnixNano())
	l.keyRecord.Store(now.UnixNano())
	l.mu.Lock()
	defer l.mu.Unlock()
	src := &l.doc.Sources[l.channels+i]
	src.Records++
	src.LastRecord = now.UTC()
}
