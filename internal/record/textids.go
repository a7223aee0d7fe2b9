package record

import (
	"bytes"
	"strings"
)

const (
	// maxTextIDs is how much of a message is searched for ids: they are in its beginning, or in a long one by chance.
	maxTextIDs = 1024
	// maxIDFields is how long the fields are that were read from a text and have ids.
	maxIDFields = 4 << 10
)

// textIDs notes the ids of a record that was not an object: among the fields that were read from a line, and those that its message names.
func (r *Record) textIDs(isObject bool) {
	if !isObject && r.Fields != nil && len(r.Fields) <= maxIDFields {
		r.sleuthIDs()
		r.threadIDs()
		if hasIDName(r.Fields) {
			d := newDecoder()
			if d.scan(string(r.Fields)) {
				d.ids(r)
			}
			d.release()
		}
	}
	if r.IDs == nil {
		r.messageIDs()
	}
}

// hasIDName reports whether an object may have a member with the name of an id.
func hasIDName(object []byte) bool {
	for {
		i := bytes.Index(object, []byte(`":`))
		if i < 0 {
			return false
		}
		if name := object[bytes.LastIndexByte(object[:i], '"')+1 : i]; mayBeID(string(name)) {
			return true
		}
		object = object[i+2:]
	}
}

// threadIDs notes the request of "[req-7d2e91aa]", which a layout takes for a thread's name.
func (r *Record) threadIDs() {
	_, rest, _ := bytes.Cut(r.Fields, []byte(`"thread":"req-`))
	if value, _, ok := bytes.Cut(rest, []byte{'"'}); ok && isMixed(string(value), 8) {
		r.addID(rankOf("request"), "thread", "req-"+string(value))
	}
}

// sleuthIDs notes the ids of Spring's "[application,trace,span]", which a layout takes for the application's name.
func (r *Record) sleuthIDs() {
	_, rest, ok := bytes.Cut(r.Fields, []byte(`"application":"`))
	if !ok {
		return
	}
	value, _, _ := bytes.Cut(rest, []byte{'"'})
	if bytes.Count(value, []byte{','}) != 2 {
		return
	}
	if parts := strings.Split(string(value), ","); hasIDForm(parts[1]) && hasIDForm(parts[2]) {
		r.addID(0, "application", parts[1])
		r.addID(rankOf("span"), "application", parts[2])
	}
}

// messageIDs notes what a message calls an id: Celery's "Task name[UUID]", and key=value with a key that is the name of one.
func (r *Record) messageIDs() {
	message := r.Message[:min(len(r.Message), maxTextIDs)]
	if rest, ok := strings.CutPrefix(message, "Task "); ok {
		name, rest, _ := strings.Cut(rest, "[")
		if uuid, _, ok := strings.Cut(rest, "]"); ok && isUUID(uuid) && strings.IndexByte(name, ' ') < 0 {
			r.addID(rankOf("job"), "task_id", uuid)
		}
		return
	}
	if _, rest, ok := strings.Cut(message[:min(len(message), 64)], " RequestId: "); ok && len(rest) >= 36 && isUUID(rest[:36]) { // AWS Lambda
		r.addID(rankOf("request"), "RequestId", rest[:36])
		return
	}
	for range maxIDs {
		i := strings.IndexByte(message, '=')
		if i < 0 {
			return
		}
		name := message[strings.LastIndexAny(message[:i], " \t,;([{")+1 : i]
		value := message[i+1:]
		if end := strings.IndexAny(value, " \t,;)]}\n"); end >= 0 {
			value = value[:end]
		}
		message = message[i+1:]
		if kind, ok := idNames[fold(name)]; ok && mayBeID(name) {
			if value = strings.Trim(value, `"'`); value != "" && len(value) <= maxID && strings.Trim(value, "0-") != "" && (fold(name) != "trace" || len(value) >= 16) {
				r.addID(kind, name, value)
			}
		}
	}
}
