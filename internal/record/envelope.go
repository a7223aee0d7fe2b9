package record

import (
	"strings"
	"unicode/utf8"

	"github.com/SupermanScott/Elva/internal/record/instant"
	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// maxEnvelopes is how deep records inside records are decoded.
const maxEnvelopes = 4

// decodeInner decodes a JSON object inside an envelope, whose parts are in r. It reports whether it is a JSON object. The inner record's parts
// take precedence, and the fields of both are kept.
func decodeInner(r *Record, object string, depth int) bool {
	if depth >= maxEnvelopes {
		return false
	}
	var inner Record
	if ok, _ := decodeObject(&inner, object, depth+1); !ok {
		return false
	}
	inner.inheritFrom(r)
	*r = inner
	return true
}

// inheritFrom sets the parts that r lacks to those of the envelope around it.
func (r *Record) inheritFrom(outer *Record) {
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

// mergeFields merges two objects. Members of the second whose names also occur in the first go into a member "envelope".
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

// openEnvelope decodes the record inside the object into r, if the object is an envelope, and marks its member as used.
func (d *decoder) openEnvelope(r *Record, depth int) {
	at := d.findEnvelope()
	if at < 0 || depth >= maxEnvelopes {
		return
	}
	n := &d.nodes[at]
	text := d.raw(n)
	if n.kind == jsonscan.String {
		text = strings.TrimSpace(d.text(n))
		for range maxEnvelopes { // a JSON string in a JSON string
			inner, ok := unquoteString(text)
			if !ok {
				break
			}
			text = strings.TrimSpace(inner)
		}
	}
	if ok, _ := decodeObject(r, text, depth+1); ok {
		d.markUsed(at)
		d.isEnvelope = true
	}
}

// findEnvelope returns the node of the record inside the object, or -1. That is the message, if it is a JSON object. Without a message it is an
// object with a message, or a text with a JSON object, under one of the names for it, or the only such text in a stream's entry.
func (d *decoder) findEnvelope() int32 {
	for s := d.next(names.message.from, names.message); s != 0; s = d.next(s+1, names.message) {
		n := d.at(s)
		if n == nil {
			continue
		}
		if !hasWords(n) {
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

// isRecord reports whether a node is a text that begins and ends like a JSON object.
func (d *decoder) isRecord(n *node) bool {
	if n.kind != jsonscan.String {
		return false
	}
	raw := d.s[n.start+1 : n.end-1]
	if raw != "" && raw[0] > ' ' && raw[0] < utf8.RuneSelf && raw[0] != '{' && raw[0] != '\\' { // as nearly always
		return false
	}
	raw = strings.TrimSpace(raw)
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

// onlyRecord returns the only member that is a JSON object in a text, if all members are texts, as in a stream's entry; else -1.
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

// decodePrefix decodes a line with a prefix of a log collector: CRI, docker, kubectl, stern, PM2, Cloud Foundry, syslog files and @cee. It reports whether there
// is such a prefix.
func decodePrefix(r *Record, s string, depth int) bool {
	if depth >= maxEnvelopes {
		return false
	}
	rest, ok := cutPrefix(r, s)
	if ok {
		decodeContent(r, rest, depth+1)
	}
	return ok
}

// cutPrefix removes the prefix of a collector and sets the parts that it contains.
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
		if rest, ok = cutCompose(r, s); ok { // PM2
			return rest, true
		}
		return cutSyslogFile(r, s)
	case isLetter(c):
		if rest, ok = cutCompose(r, s); ok {
			return rest, true
		}
		if rest, ok = cutStern(r, s); ok {
			return rest, true
		}
		if rest, ok = cutTag(r, s); ok {
			return rest, true
		}
		return cutSyslogFile(r, s)
	}
	return s, false
}

// decodeContent decodes the text inside an envelope, whose parts are in r.
func decodeContent(r *Record, s string, depth int) {
	if object := trimBlanks(trimTail(s)); object != "" && object[0] == '{' && decodeInner(r, object, depth-1) {
		return
	}
	var inner Record
	if decodeLogfmt(&inner, s) || decodeKlog(&inner, s) {
		inner.inheritFrom(r)
		*r = inner
		return
	}
	if decodePrefix(r, s, depth) {
		return
	}
	decodeText(r, s, depth)
}

// cutCEE removes the cookie that marks JSON in syslog.
func cutCEE(s string) (string, bool) {
	rest, ok := strings.CutPrefix(s, "@cee:")
	return trimBlanks(rest), ok
}

// cutCRI removes the prefix in log files of containers: "2026-11-29T10:00:00.123456789Z stderr F text".
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

// cutTime removes the time that docker and kubectl write before a line with --timestamps: in nanoseconds, or before a JSON object. Cloud Foundry
// writes a process and a stream, too: "2026-11-29T10:00:00.12+0100 [APP/PROC/WEB/0] ERR text".
func cutTime(r *Record, s string) (string, bool) {
	foundry := strings.Index(s[:min(len(s), 120)], "] ")
	isFoundry := foundry > 0 && (strings.HasPrefix(s[foundry:], "] OUT ") || strings.HasPrefix(s[foundry:], "] ERR "))
	isNano := len(s) > 31 && s[10] == 'T' && s[19] == '.' && s[29] == 'Z' && s[30] == ' '
	if !isFoundry && !isNano && s[len(s)-1] != '}' {
		return s, false
	}
	t, rest, ok := instant.Cut(s)
	if !ok {
		return s, false
	}
	rest = trimBlanks(rest)
	if isFoundry && rest != "" && rest[0] == '[' {
		stream := s[foundry+2:]
		r.Time = t
		r.Fields = mergeFields(append(jsonscan.AppendString([]byte(`{"process":`), s[len(s)-len(rest)+1:foundry]), `,"stream":"`+strings.ToLower(stream[:3])+`"}`...), r.Fields)
		return stream[len("OUT "):], true
	}
	if rest == "" || rest[0] != '{' && (!isNano || hasLayout(s)) {
		return s, false
	}
	r.Time = t
	return rest, true
}

// hasLayout reports whether a line has a layout.
func hasLayout(s string) bool {
	c := columnsPool.Get().(*columns)
	defer columnsPool.Put(c)
	return readLayout(s, c)
}

// cutStern removes the prefix of stern from each line: "shop-7d9f8b6c5-x2x7k app text", perhaps after a namespace.
func cutStern(r *Record, s string) (string, bool) {
	start := 0
	pod, after, ok := strings.Cut(s[:min(len(s), 2*maxLabel)], " ")
	if ok && !isPod(pod) {
		start = len(pod) + 1
		pod, after, ok = strings.Cut(after, " ")
	}
	container, _, ok2 := strings.Cut(after, " ")
	if !ok || !ok2 || !isPod(pod) || !isLoggerName(container) {
		return s, false
	}
	r.Host = pod
	r.Fields = mergeFields(append(jsonscan.AppendString([]byte(`{"container":`), container), '}'), r.Fields)
	prefix := s[:start+len(pod)+len(container)+2]
	return strings.ReplaceAll(s[len(prefix):], "\n"+prefix, "\n"), true
}

// isPod reports whether a word is the name of a pod of a Deployment or a CronJob: it ends in a hash, or the minute of the run, and five characters.
// Kubernetes writes both without vowels.
func isPod(word string) bool {
	const safe = "bcdfghjklmnpqrstvwxz2456789"
	rest, suffix, ok := cutLast(word, '-')
	name, hash, ok2 := cutLast(rest, '-')
	return ok && ok2 && len(suffix) == 5 && strings.Trim(suffix, safe) == "" && len(hash) >= 8 && len(hash) <= 10 &&
		(strings.Trim(hash, safe) == "" || isDigits(hash)) && isLoggerName(name)
}

// cutTag removes the tag of a program before a JSON object: "shop[7]: {…}".
func cutTag(r *Record, s string) (string, bool) {
	var next Record
	if s[len(s)-1] != '}' {
		return s, false
	}
	rest, ok := syslogTag(&next, s)
	if !ok || !next.HasPID || !isLoggerName(next.Logger) || rest == "" || rest[0] != '{' {
		return s, false
	}
	next.inheritFrom(r)
	*r = next
	return rest, true
}

// cutCompose removes the prefix of docker compose from each line, "shop-web-1  | text", or that of PM2, "0|shop  | text". The name must be padded
// or end with a number, since it may be a word of a sentence.
func cutCompose(r *Record, s string) (string, bool) {
	start := jsonscan.SkipDigits(s, 0)
	if start > 0 && (start == len(s) || s[start] != '|') {
		return s, false
	}
	isPM2 := start > 0
	if isPM2 {
		start++
	}
	end := start
	for end < len(s) && (isWord(s[end]) || s[end] == '-' || s[end] == '.') {
		end++
	}
	bar := end
	for bar < len(s) && s[bar] == ' ' {
		bar++
	}
	if end < start+2 || bar == end || bar+1 >= len(s) || s[bar] != '|' || s[bar+1] != ' ' || !isLetter(s[start]) {
		return s, false
	}
	name := s[start:end]
	// "cat x | grep y" has no such prefix, unless a JSON object follows.
	numbered := isPM2 || s[end-1]-'0' <= 9 && strings.LastIndexAny(name, "-_") > 0
	if !numbered && bar-end < 2 && s[len(s)-1] != '}' {
		return s, false
	}
	r.Fields = mergeFields(append(jsonscan.AppendString([]byte(`{"service":`), name), '}'), r.Fields)
	prefix := s[:bar+2]
	return strings.ReplaceAll(s[bar+2:], "\n"+prefix, "\n"), true
}

// cutKubectl removes the prefix of kubectl logs: "[pod/shop-7d9f8b6c5-abcde/app] text". The name of a pod is that of its host.
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

// cutSyslogFile removes the prefix in a syslog file or of journalctl: "Nov 29 10:00:00 web-1 shop[7]: text", or with an ISO 8601 time.
func cutSyslogFile(r *Record, s string) (string, bool) {
	var next Record
	if isSyslogDate(s) {
		rest := syslog3164(&next, s)
		if next.Logger == "" {
			return s, false
		}
		next.inheritFrom(r)
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
		next.inheritFrom(r)
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
	next.inheritFrom(r)
	*r = next
	return message, true
}

// isDigits reports whether s consists of digits.
func isDigits(s string) bool { return s != "" && jsonscan.SkipDigits(s, 0) == len(s) }
