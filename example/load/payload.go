//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

const (
	channel = "load:log"
	// mark begins the number in a record: no text that a server adds has this character.
	mark = '~'
	// markLen is the length of a mark: ~, nine digits of the number, a point, sixteen of the time in
	// Unix microseconds.
	markLen = 1 + 9 + 1 + 16
	// loggers is among how many loggers the records are spread, evenly: a filter for one takes 1 %.
	loggers = 100
	// tracebackEvery is how many records have one traceback among them.
	tracebackEvery = 32
)

// payloads makes PUBLISH commands (RESP) of records as python-redis-log publishes them. The number and
// the time of publishing are an argument of the message, so that they are there once, however a server
// writes the record.
type payloads struct {
	commands [][]byte
	places   []int // where the mark is in each
}

func newPayloads() *payloads {
	p := &payloads{}
	levels := []string{"debug", "debug", "info", "info", "info", "info", "info", "warning"}
	for i := range loggers * tracebackEvery {
		r := newRecord(i)
		r.Level = levels[i%len(levels)]
		if i/loggers == i%tracebackEvery {
			r.Level, r.Traceback = "error", &traceback
		}
		p.add(r)
	}
	return p
}

// record is what python-redis-log publishes.
type record struct {
	Name      string  `json:"name"`
	Level     string  `json:"level"`
	Filename  string  `json:"filename"`
	LineNo    int     `json:"line_no"`
	Msg       string  `json:"msg"`
	Args      []any   `json:"args"`
	Time      string  `json:"time"`
	Username  string  `json:"username"`
	Funcname  string  `json:"funcname"`
	Hostname  string  `json:"hostname"`
	Traceback *string `json:"traceback"`
}

func newRecord(i int) record {
	hole := string(rune(mark)) + strings.Repeat("0", 9) + "." + strings.Repeat("0", 16)
	return record{
		Name: logger(i), Filename: "/srv/app/shop/checkout/payment.py", LineNo: 100 + i%50,
		Msg: "payment of order %s by %s took %d ms", Args: []any{hole, "alice@example.org", 3 + i*7%400}, Time: "2026-11-22T17:04:28.802554",
		Username: "deploy", Funcname: "charge", Hostname: fmt.Sprintf("web-%d.eu.example", i%7),
	}
}

// add adds the command that publishes a record.
func (p *payloads) add(r record) {
	payload, err := json.Marshal(r)
	if err != nil { // strings and numbers
		panic(err)
	}
	command := fmt.Appendf(nil, "*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n", len(channel), channel, len(payload), payload)
	p.commands = append(p.commands, command)
	p.places = append(p.places, bytes.IndexByte(command, mark))
}

// logger returns the i-th record's logger.
func logger(i int) string { return fmt.Sprintf("shop.checkout.lane%02d", i%loggers) }

// append appends the command for the record with that number, published at that time.
func (p *payloads) append(dst []byte, number uint64, micros int64) []byte {
	i := int(number % uint64(len(p.commands)))
	at := len(dst) + p.places[i]
	dst = append(dst, p.commands[i]...)
	digits(dst[at+1:at+10], number)
	digits(dst[at+11:at+markLen], uint64(micros))
	return dst
}

func digits(dst []byte, n uint64) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
}

// readMark reads what append wrote. ok is false when it is something else.
func readMark(text []byte) (number uint64, micros int64, ok bool) {
	if text[10] != '.' {
		return 0, 0, false
	}
	number, ok1 := number9(text[1:10])
	at, ok2 := number9(text[11:markLen])
	return number, int64(at), ok1 && ok2
}

func number9(text []byte) (n uint64, ok bool) {
	for _, c := range text {
		if c-'0' > 9 {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

var traceback = `Traceback (most recent call last):
  File "/srv/app/shop/checkout.py", line 134, in charge
    gateway.charge(order, amount=amount)
  File "/usr/lib/python3/dist-packages/requests/api.py", line 115, in post
    return request("post", url, data=data, json=json, **kwargs)
TimeoutError: The read operation timed out`
