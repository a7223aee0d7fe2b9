package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/instant"
	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// maxEnvelopes is how deep records inside records are opened.
const maxEnvelopes = 4

// openText reads a JSON object that an envelope holds as a record, and reports whether it is one. What it says goes before what r
// has of the envelope; the envelope's fields stay beside its own.
func openText(r *Record, object string, depth int) bool {
	if depth >= maxEnvelopes {
		return false
	}
	var inner Record
	if ok, _ := decodeObject(&inner, object, depth+1); !ok {
		return false
	}
	inner.wrap(r)
	*r = inner
	return true
}

// wrap takes from the record of an envelope what the record inside lacks.
func (r *Record) wrap(outer *Record) {
	if r.Time.IsZero() {
		r.Time = outer.Time
	}
	if r.Level == Unknown && r.Trace == "" {
		r.Level = outer.Level
	}
	if r.Logger == "" {
		r.Logger = outer.Logger
	}
	if r.Host == "" {
		r.Host = outer.Host
	}
	if r.Source == "" {
		r.Source = outer.Source
	}
	if !r.HasPID {
		r.PID, r.HasPID = outer.PID, outer.HasPID
	}
	r.Fields = mergeFields(r.Fields, outer.Fields)
	r.IDs = append(r.IDs, outer.IDs...)
}

// mergeFields joins two objects. Members of the second whose names the first has too go under "envelope", so that nothing is lost.
func mergeFields(first, second []byte) []byte {
	if len(first) == 0 {
		return second
	}
	if len(second) == 0 {
		return first
	}
	known := make(map[string]bool)
	eachMember(string(first), func(key, _ string) { known[key] = true })
	merged := append(make([]byte, 0, len(first)+len(second)+16), first[:len(first)-1]...)
	var hidden []byte
	eachMember(string(second), func(key, value string) {
		if known[key] {
			hidden = append(append(append(append(hidden, `,"`...), key...), `":`...), value...)
			return
		}
		merged = append(append(append(append(merged, `,"`...), key...), `":`...), value...)
	})
	if len(hidden) > 0 {
		merged = append(append(append(merged, `,"envelope":{`...), hidden[1:]...), '}')
	}
	return append(merged, '}')
}

// eachMember calls yield with the members of a JSON object, as written.
func eachMember(object string, yield func(key, value string)) {
	d := newDecoder()
	defer d.release()
	if !d.scan(object) {
		return
	}
	for c := int32(0); c < int32(len(d.nodes)); c = d.nodes[c].next {
		n := &d.nodes[c]
		yield(d.s[n.keyStart:n.keyEnd], d.raw(n))
	}
}

// open reads the record that the object holds, if it is an envelope, into r, and marks its member as taken.
func (d *decoder) open(r *Record, depth int) {
	at := d.enveloped()
	if at < 0 || depth >= maxEnvelopes {
		return
	}
	n := &d.nodes[at]
	text := d.raw(n)
	if n.kind == jsonscan.String {
		text = strings.TrimSpace(d.text(n))
		for range maxEnvelopes { // a JSON string in a JSON string
			inner, ok := wholeString(text)
			if !ok {
				break
			}
			text = strings.TrimSpace(inner)
		}
	}
	if ok, _ := decodeObject(r, text, depth+1); ok {
		d.take(at)
		d.opened = true
	}
}

// enveloped returns the node of the record that the object holds, or -1: the message, if it is wholly one JSON object; where there is no
// message, the object or the text that has one under one of the names; or the only text of a stream's entry that is an object.
func (d *decoder) enveloped() int32 {
	for s := d.next(names.message.from, names.message); s != 0; s = d.next(s+1, names.message) {
		n := d.at(s)
		if n == nil {
			continue
		}
		if _, ok := d.words(n); !ok {
			if _, ok := d.scalar(n); !ok {
				continue
			}
		}
		if d.isRecord(n) && n.parent < 0 {
			return d.first[s]
		}
		return -1
	}
	l := names.envelope
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		n := &d.nodes[d.first[s]]
		if n.parent < 0 && (d.isRecord(n) || n.kind == jsonscan.Object && d.hasMessage(d.first[s])) {
			return d.first[s]
		}
	}
	return d.onlyRecord()
}

// isRecord reports whether a node is a text that is wholly one JSON object, as far as its ends tell.
func (d *decoder) isRecord(n *node) bool {
	if n.kind != jsonscan.String {
		return false
	}
	raw := strings.TrimSpace(d.s[n.start+1 : n.end-1])
	raw = strings.TrimSuffix(strings.TrimSuffix(raw, `\n`), `\r`)
	raw = strings.TrimRight(raw, " ")
	return len(raw) > 1 && (raw[0] == '{' && raw[len(raw)-1] == '}' || strings.HasPrefix(raw, `\"`) && strings.HasSuffix(raw, `}\"`))
}

// hasMessage reports whether an object has a message among its own members.
func (d *decoder) hasMessage(at int32) bool {
	for c := at + 1; c < d.nodes[at].next; c = d.nodes[c].next {
		switch fold(d.key(&d.nodes[c])) {
		case "msg", "message", "@message", "@m", "@mt", "event", "shortmessage", "text":
			if _, ok := d.words(&d.nodes[c]); ok {
				return true
			}
		}
	}
	return false
}

// onlyRecord returns the only member that is a JSON object in a text, where all members are texts, as in a stream's entry of several
// fields; -1 for none.
func (d *decoder) onlyRecord() int32 {
	only := int32(-1)
	for c := int32(0); c < int32(len(d.nodes)); c = d.nodes[c].next {
		n := &d.nodes[c]
		if n.kind != jsonscan.String {
			return -1
		}
		if d.isRecord(n) {
			if only >= 0 {
				return -1
			}
			only = c
		}
	}
	return only
}

// decodePrefix reads what log collectors write before each line: CRI, docker compose, kubectl, syslog's files and @cee. It reports
// whether there was such a prefix.
func decodePrefix(r *Record, s string, depth int) bool {
	if depth >= maxEnvelopes {
		return false
	}
	rest, ok := cutPrefix(r, s)
	if ok {
		decodeInside(r, rest, depth+1)
	}
	return ok
}

// cutPrefix cuts the prefix of a collector off, and takes what it says.
func cutPrefix(r *Record, s string) (rest string, ok bool) {
	if s == "" {
		return s, false
	}
	switch c := s[0]; {
	case c == '@':
		return cutCEE(s)
	case c == '[':
		return cutKubectl(r, s)
	case c-'0' <= 9:
		if rest, ok = cutCRI(r, s); ok {
			return rest, true
		}
		if rest, ok = cutTime(r, s); ok {
			return rest, true
		}
		return cutSyslogFile(r, s)
	case isLetter(c):
		if rest, ok = cutCompose(r, s); ok {
			return rest, true
		}
		return cutSyslogFile(r, s)
	}
	return s, false
}

// decodeInside reads the text that an envelope holds. r has what the envelope said.
func decodeInside(r *Record, s string, depth int) {
	if object := trimBlanks(trimTail(s)); object != "" && object[0] == '{' && openText(r, object, depth-1) {
		return
	}
	var inner Record
	if decodeLogfmt(&inner, s) || decodeKlog(&inner, s) {
		inner.wrap(r)
		*r = inner
		return
	}
	if decodePrefix(r, s, depth) {
		return
	}
	decodeText(r, s, depth)
}

// cutCEE cuts the cookie that marks JSON in syslog.
func cutCEE(s string) (string, bool) {
	rest, ok := strings.CutPrefix(s, "@cee:")
	return trimBlanks(rest), ok
}

// cutCRI reads the prefix of containers' log files: "2026-11-29T10:00:00.123456789Z stderr F text".
func cutCRI(r *Record, s string) (string, bool) {
	if len(s) < 24 || s[10] != 'T' || !strings.Contains(s[:min(len(s), 48)], " std") {
		return s, false
	}
	t, rest, ok := instant.Cut(s)
	if !ok {
		return s, false
	}
	for _, stream := range [...]string{"stdout", "stderr"} {
		after, ok := strings.CutPrefix(rest, " "+stream+" ")
		if !ok || len(after) < 2 || after[0] != 'F' && after[0] != 'P' || after[1] != ' ' {
			continue
		}
		r.Time = t
		r.Fields = mergeFields([]byte(`{"stream":"`+stream+`"}`), r.Fields)
		return after[2:], true
	}
	return s, false
}

// cutTime reads the time that docker and kubectl write before a line with their option for timestamps, if a JSON object is behind it.
func cutTime(r *Record, s string) (string, bool) {
	if s[len(s)-1] != '}' {
		return s, false
	}
	t, rest, ok := instant.Cut(s)
	if rest = trimBlanks(rest); !ok || rest == "" || rest[0] != '{' {
		return s, false
	}
	r.Time = t
	return rest, true
}

// cutCompose reads the prefix of docker compose on each line: "shop-web-1  | text". A name that is a word of a sentence must be padded
// or end in a number.
func cutCompose(r *Record, s string) (string, bool) {
	end := 0
	for end < len(s) && (isWord(s[end]) || s[end] == '-' || s[end] == '.') {
		end++
	}
	bar := end
	for bar < len(s) && s[bar] == ' ' {
		bar++
	}
	if end < 2 || bar == end || bar+1 >= len(s) || s[bar] != '|' || s[bar+1] != ' ' || !isLetter(s[0]) {
		return s, false
	}
	name := s[:end]
	// "cat x | grep y" has words on both sides; a record behind one bar is none of it.
	numbered := name[end-1]-'0' <= 9 && end > 2 && (strings.LastIndexAny(name, "-_") > 0)
	if !numbered && bar-end < 2 && s[len(s)-1] != '}' {
		return s, false
	}
	r.Fields = mergeFields(append(jsonscan.AppendString([]byte(`{"service":`), name), '}'), r.Fields)
	prefix := s[:bar+2]
	return strings.ReplaceAll(s[bar+2:], "\n"+prefix, "\n"), true
}

// cutKubectl reads the prefix of kubectl logs: "[pod/shop-7d9f8b6c5-abcde/app] text". A pod's name is its host's.
func cutKubectl(r *Record, s string) (string, bool) {
	rest, ok := strings.CutPrefix(s, "[pod/")
	if !ok {
		return s, false
	}
	name, after, ok := strings.Cut(rest, "] ")
	pod, container, ok2 := strings.Cut(name, "/")
	if !ok || !ok2 || !isLoggerName(pod) || !isLoggerName(container) {
		return s, false
	}
	r.Host = pod
	r.Fields = mergeFields(append(jsonscan.AppendString([]byte(`{"container":`), container), '}'), r.Fields)
	return strings.ReplaceAll(after, "\n[pod/"+name+"] ", "\n"), true
}

// cutSyslogFile reads a line of a syslog's file, or of journalctl: "Nov 29 10:00:00 web-1 shop[7]: text", also with a time of ISO 8601.
func cutSyslogFile(r *Record, s string) (string, bool) {
	var next Record
	if isSyslogDate(s) {
		rest := syslog3164(&next, s)
		if next.Logger == "" {
			return s, false
		}
		next.wrap(r)
		*r = next
		return rest, true
	}
	if s[0]-'0' > 9 || !strings.Contains(s[:min(len(s), 160)], "]: ") {
		return s, false
	}
	t, rest, ok := instant.Cut(s)
	if !ok || t.IsZero() || rest == "" || rest[0] != ' ' {
		return s, false
	}
	host, rest, ok := strings.Cut(rest[1:], " ")
	if source, dyno, found := strings.Cut(strings.TrimSuffix(host, "]:"), "["); found && strings.HasSuffix(host, "]:") && isLoggerName(source) && isLoggerName(dyno) { // Heroku
		next.Time, next.Logger, next.Host = t, source, dyno
		next.wrap(r)
		*r = next
		return rest, true
	}
	if !ok || !isLoggerName(host) && !isDigits(strings.ReplaceAll(host, ".", "")) {
		return s, false
	}
	message, ok := syslogTag(&next, rest)
	if !ok || !next.HasPID {
		return s, false
	}
	next.Time, next.Host = t, host
	next.wrap(r)
	*r = next
	return message, true
}

// isDigits reports whether s is a whole number.
func isDigits(s string) bool { return s != "" && jsonscan.SkipDigits(s, 0) == len(s) }
