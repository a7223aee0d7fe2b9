package record

import (
	"cmp"
	"slices"
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// ID is an identifier that records of one piece of work share: a request's, a job's, a trace's. Its strings may alias the payload.
type ID struct {
	Kind  string // "trace", "request", "job", "session", "transaction", "span", or "other": known by its form alone
	Name  string // its path among the fields, with dots
	Value string
}

const (
	// maxIDs bounds how many ids of a record are noted: a record has three or four.
	maxIDs = 8
	// maxID bounds an id's name and value: longer ones are no ids.
	maxID = 128
)

// idKinds are the kinds of ids, the ones that join the most work first, with the folded names that they have. A name counts at any depth,
// by itself or behind the name of the object that it is in: trace.id, req.id.
var idKinds = []struct{ kind, names string }{
	{"trace", "traceid oteltraceid ddtraceid xb3traceid b3traceid xraytraceid amzntraceid xamzntraceid xdatadogtraceid traceparent trace sentrytrace @tr"},
	{"request", "requestid xrequestid reqid httprequestid requestguid awsrequestid correlationid xcorrelationid operationid rayid"},
	{"job", "jobid jobuuid jid taskid celerytaskid providerjobid activejobid workflowid workflowrunid runid activityid messageid executionid invocationid workflowuid fireinstanceid"},
	{"session", "sessionid sessid conversationid"},
	{"transaction", "transactionid txnid"},
	{"span", "spanid otelspanid ddspanid xb3spanid b3spanid parentspanid operationparentid @sp"},
	{"other", ""}, // whose name ends in id but is not that of a lasting thing, and whose value has the form of one
}

// lasting are the things whose ids are in records for weeks, without "id": what they share is no piece of work.
const lasting = "user account customer member tenant org organization organisation company team group role project workspace app application client device machine host node instance cluster region zone " +
	"product item sku image container pod build commit release installation boot thread process channel topic partition shard schema table db database"

var lastingIDs = func() map[string]bool {
	m := make(map[string]bool)
	for _, word := range strings.Fields(lasting) {
		m[word+"id"] = true
	}
	return m
}()

// idNames gives each name its kind.
var idNames = func() map[string]int {
	m := make(map[string]int)
	for kind, k := range idKinds {
		for _, name := range strings.Fields(k.names) {
			m[name] = kind
		}
	}
	return m
}()

// idEndings are names that count with any word before them, too: heroku_request_id, HangfireJobId, uber-trace-id.
var idEndings = []string{"requestid", "traceid", "jobid", "correlationid"}

// ids notes the ids among the record's members, the ones that join the most work first.
func (d *decoder) ids(r *Record) {
	for c := int32(0); c < int32(len(d.nodes)); c++ {
		n := &d.nodes[c]
		if n.kind != jsonscan.String && n.kind != jsonscan.Number || !mayBeID(d.s[n.keyStart:n.keyEnd]) {
			continue
		}
		value := d.idValue(n)
		if kind, ok := d.idKind(n, value); ok {
			r.addID(kind, d.path(n), value)
		}
	}
	if len(r.IDs) > 1 {
		slices.SortStableFunc(r.IDs, func(a, b ID) int { return cmp.Compare(rankOf(a.Kind), rankOf(b.Kind)) })
	}
}

// mayBeID reports whether a name can be one of an id. It is asked of every member.
func mayBeID(name string) bool {
	n := len(name)
	switch {
	case n < 2:
		return false
	case name[n-1]|0x20 == 'd':
		return name[n-2]|0x20 == 'i' && n < maxID
	case name[0] == '@':
		return n == 3
	}
	return (name[n-1] == 'e' || name[n-1] == 't') && n < maxID && (strings.HasSuffix(name, "trace") || name == "traceparent")
}

// idValue returns a member's value as an id's: a word or a whole number; "" for none. Of Google's path, traceparent, sentry-trace and
// uber-trace-id it is the part that is the trace.
func (d *decoder) idValue(n *node) string {
	value := d.raw(n)
	if n.kind == jsonscan.String {
		value = d.text(n)
	}
	if rest, ok := strings.CutPrefix(value, "projects/"); ok {
		value = rest[strings.LastIndexByte(rest, '/')+1:]
	}
	if len(value) == 55 && strings.HasPrefix(value, "00-") && value[35] == '-' {
		value = value[3:35]
	}
	const sentry = 32 + len("-00f067aa0ba902b7")
	switch trace := strings.IndexAny(value, "-:"); {
	case trace == 32 && (len(value) == sentry || len(value) == sentry+len("-1")), trace >= 16 && strings.Count(value, ":") == 3:
		value = value[:trace]
	}
	if value == "" || len(value) > maxID || strings.Trim(value, "0-") == "" || strings.ContainsAny(value, " \t\n") ||
		n.kind == jsonscan.Number && strings.Trim(value, "0123456789") != "" {
		return ""
	}
	return value
}

// idKind returns the kind of an id by its name, or by its form.
func (d *decoder) idKind(n *node, value string) (kind int, ok bool) {
	if value == "" {
		return 0, false
	}
	var text [maxName]byte
	name := foldOnto(&text, foldedName{}, d.key(n))
	if name.n == 2 && n.parent >= 0 { // "id" of what it is in
		name = foldOnto(&text, foldOnto(&text, foldedName{}, d.key(&d.nodes[n.parent])), d.key(n))
	}
	if name.n > maxName {
		return 0, false
	}
	if kind, ok := idNames[string(text[:name.n])]; ok {
		return kind, name.n > len("trace") || len(value) >= 16 || kind > 0 || text[0] == '@' // "trace" alone may be anything
	}
	for _, ending := range idEndings {
		if strings.HasSuffix(string(text[:name.n]), ending) {
			return idNames[ending], true
		}
	}
	return len(idKinds) - 1, text[name.n-1] == 'd' && hasIDForm(value) && !lastingIDs[string(text[:name.n])]
}

// path returns a member's path among the fields.
func (d *decoder) path(n *node) string {
	path := d.key(n)
	for p := n.parent; p >= 0; p = d.nodes[p].parent {
		path = d.key(&d.nodes[p]) + "." + path
	}
	return path
}

// addID notes an id, unless its value is noted already, under whatever name, or there are maxIDs. The caller has bounded the value.
func (r *Record) addID(kind int, name, value string) {
	if len(r.IDs) >= maxIDs || len(name) > maxID {
		return
	}
	for _, id := range r.IDs {
		if id.Value == value {
			return
		}
	}
	if r.IDs == nil {
		r.IDs = make([]ID, 0, 3) // as most that have any
	}
	r.IDs = append(r.IDs, ID{idKinds[kind].kind, name, value})
}

func rankOf(kind string) int {
	for i, k := range idKinds {
		if k.kind == kind {
			return i
		}
	}
	return len(idKinds)
}

// hasIDForm reports whether a value has the form of an id: a UUID, a ULID, hex of 16 or more, or a prefix and letters with digits, as
// chk_9fQ2mZ7LkQ1xY8.
func hasIDForm(v string) bool {
	if isUUID(v) {
		return true
	}
	if prefix, rest, ok := strings.Cut(v, "_"); ok {
		return len(prefix) >= 2 && len(prefix) <= 10 && strings.Trim(prefix, "abcdefghijklmnopqrstuvwxyz") == "" && isMixed(rest, 10)
	}
	if len(v) == 26 && strings.ToUpper(v) == v {
		return isMixed(v, 26) && !strings.ContainsAny(v, "ILOU")
	}
	for i := 0; i < len(v); i++ {
		if jsonscan.HexDigit(v[i]) < 0 {
			return false
		}
	}
	return isMixed(v, 16)
}

// isMixed reports whether v is at least n letters and digits, some of both.
func isMixed(v string, n int) bool {
	digits, letters := false, false
	for i := 0; i < len(v); i++ {
		switch {
		case v[i]-'0' <= 9:
			digits = true
		case isLetter(v[i]):
			letters = true
		default:
			return false
		}
	}
	return digits && letters && len(v) >= n
}
