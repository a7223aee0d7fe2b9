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
// "". A logger that is named by a class, a module's path or a library tells no service. isField is whether it comes from a field. The name shares
// the record's memory.
func (r *Record) Service() (name string, isField bool) {
	if name := serviceField(r.Fields); name != "" {
		return name, true
	}
	i := strings.IndexAny(r.Logger, ".:/")
	if i <= 0 {
		i = len(r.Logger)
	}
	if isNamespace(r.Logger[:i], r.Logger[i:]) {
		return "", false
	}
	return r.Logger[:i], false
}

// isNamespace reports whether the first word of a logger's name, and the rest of it, are a name that many programs use, or of which one program
// uses several: com.acme.shop.Cart, c.a.s.Cart as logging libraries abbreviate it, Microsoft.Hosting.Lifetime, Shop::Cart, App\Jobs\Pay,
// github.com/acme/shop, django.request.
func isNamespace(word, rest string) bool {
	if libraries[word] {
		return true
	}
	if class := strings.IndexByte(word, '\\') + 1; class > 1 && class < len(word) && word[0]-'A' < 26 && word[class]-'A' < 26 { // PHP
		return true
	}
	if rest == "" {
		return false
	}
	if strings.Count(rest, ".") > 1 && (len(word) == 1 || domains[word]) {
		return true
	}
	if rest[0] == '.' && strings.IndexByte(rest, '/') > 0 { // the path of a module begins with a host
		return true
	}
	second := strings.TrimLeft(rest, ".:")
	return second != "" && word[0]-'A' < 26 && second[0]-'A' < 26
}

// libraryNames are the names under which libraries, frameworks and runtimes log, and names that say where a program runs but not which it is.
const libraryNames = "aiohttp aiokafka alembic amqp apscheduler arq asyncio asyncpg billiard boto boto3 botocore celery channels concurrent daphne distributed django dramatiq elasticsearch " +
	"fastapi flask flower gunicorn hpack httpcore httpx huey hypercorn kafka kazoo kombu multiprocessing opentelemetry paramiko parso peewee pika psycopg py pymongo redis requests rq saq " +
	"scrapy sqlalchemy starlette taskiq tenacity tornado twisted urllib3 uvicorn werkzeug websockets " + // Python
	"actix_http actix_server actix_web axum h2 hyper hyper_util lapin mio reqwest rustls sqlx tokio tokio_util tonic tower tower_http tracing want " + // Rust
	"github gitlab golang grpc " + // Go
	"action_cable action_mailer active_job active_record illuminate laravel puma rails resque sidekiq symfony " + // Ruby, PHP
	"Microsoft System " +
	"__main__ main root app default production staging development local console"

const domainNames = "com org net io de dev edu gov java javax jakarta akka kotlin scala reactor"

var libraries, domains = setOf(libraryNames), setOf(domainNames)

func setOf(words string) map[string]bool {
	set := make(map[string]bool)
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}

// serviceField returns the value of the first member service or service.name, nested or not, "" if it has escapes. It is called for every record, so it
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
				if value, ok = bytes.CutPrefix(object, []byte(`":{"name":"`)); !ok {
					continue
				}
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
