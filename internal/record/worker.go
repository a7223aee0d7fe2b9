package record

import (
	"bytes"
	"strings"
	"unsafe"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// MaxName is how many bytes of a host's or service's name are part of a worker's name. Normal names are shorter.
const MaxName = 200

// Service returns the name of the service that logged a record: the field service or service.name, else the first segment of the logger, else
// "". A logger that is named by a Java class tells no service. isField is whether it comes from a field. The name shares the record's memory.
func (r *Record) Service() (name string, isField bool) {
	if name := serviceField(r.Fields); name != "" {
		return name, true
	}
	i := strings.IndexAny(r.Logger, ".:/")
	if i <= 0 {
		return r.Logger, false
	}
	if strings.Count(r.Logger[i:], ".") > 1 && isDomain(r.Logger[:i]) {
		return "", false
	}
	return r.Logger[:i], false
}

// isDomain reports whether a word begins the packages of Java, of which many programs have the same one: com.acme.shop.Cart, or c.a.s.Cart as
// logging libraries abbreviate it.
func isDomain(word string) bool {
	switch word {
	case "com", "org", "net", "io", "de", "dev", "edu", "gov", "java", "javax", "jakarta":
		return true
	}
	return len(word) == 1
}

// serviceField returns the value of the first member service or service.name, "" if it has escapes. It is called for every record, so it
// searches the text without decoding it. Quotes inside another text have a backslash before them, so they don't match.
func serviceField(object []byte) string {
	const name = `"service`
	object = object[:min(len(object), 4<<10)]
	for {
		i := bytes.Index(object, []byte(name))
		if i < 0 {
			return ""
		}
		object = object[i+len(name):]
		value, ok := bytes.CutPrefix(object, []byte(`":"`))
		if !ok {
			if value, ok = bytes.CutPrefix(object, []byte(`.name":"`)); !ok {
				continue
			}
		}
		end := bytes.IndexByte(value[:min(len(value), MaxName)], '"')
		if end <= 0 || bytes.IndexByte(value[:end], '\\') >= 0 {
			return ""
		}
		return unsafe.String(&value[0], end)
	}
}

// WorkerName returns the name of a worker: "host/service", or only one of them if the other is "".
func WorkerName(host, service string) string {
	if host != "" && service != "" {
		return ClipName(host) + "/" + ClipName(service)
	}
	return ClipName(host + service)
}

// ClipName returns the first [MaxName] bytes of a name, without splitting a character.
func ClipName(name string) string {
	if len(name) > MaxName {
		name = strings.ToValidUTF8(name[:MaxName], "")
	}
	return name
}

// AppendWorker appends the [WorkerName] of the record's worker as a JSON string, or nothing if it has neither host nor service. It doesn't
// allocate.
func (r *Record) AppendWorker(dst []byte) []byte {
	service, _ := r.Service()
	if r.Host == "" && service == "" {
		return dst
	}
	dst = append(dst, '"')
	if r.Host != "" {
		dst = appendContents(dst, ClipName(r.Host))
		if service != "" {
			dst = append(dst, '/')
		}
	}
	return append(appendContents(dst, ClipName(service)), '"')
}

// appendContents appends a text as a JSON string without the quotes.
func appendContents(dst []byte, text string) []byte {
	start := len(dst)
	dst = jsonscan.AppendString(dst, text)
	copy(dst[start:], dst[start+1:len(dst)-1])
	return dst[:len(dst)-2]
}
