package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// gateway is the card gateway that the payment worker calls.
const gateway = "api.cardgate.example"

// A site is the place in a Python program that logs.
type site struct {
	logger, file string
	line         int
	function     string
}

// pythonRecord is what python-redis-log publishes: msg and args apart, the time in UTC without a zone.
type pythonRecord struct {
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

func python(at time.Time, host, user, level string, where site, traceback, msg string, args []any) string {
	record := pythonRecord{
		Name: where.logger, Level: level, Filename: where.file, LineNo: where.line, Msg: msg, Args: args,
		Time: at.UTC().Format("2006-01-02T15:04:05.000000"), Username: user, Funcname: where.function, Hostname: host,
	}
	if traceback != "" {
		record.Traceback = &traceback
	}
	payload, err := json.Marshal(record)
	if err != nil {
		panic(err) // args are strings and numbers
	}
	return string(payload)
}

func web(at time.Time, host, level string, where site, traceback, msg string, args ...any) entry {
	return entry{webChannel, python(at, host, "www-data", level, where, traceback, msg, args)}
}

func payment(at time.Time, level string, where site, traceback, msg string, args ...any) entry {
	return entry{paymentChannel, python(at, "pay-1", "payments", level, where, traceback, msg, args)}
}

// mail is a line of plain text in the format of the Python tutorial.
func mail(at time.Time, level, logger, text string) entry {
	return entry{mailChannel, fmt.Sprintf("%s - %s - %s - %s", at.UTC().Format("2006-01-02 15:04:05,000"), logger, level, text)}
}

// mailJob is a line of JSON, as structlog writes it.
func mailJob(at time.Time, event string) entry {
	return entry{mailChannel, fmt.Sprintf(`{"timestamp":%q,"level":"info","logger":"mailer.queue","event":%q}`, at.UTC().Format(time.RFC3339Nano), event)}
}

// with returns the entry, which is JSON, with one more member.
func (e entry) with(name, value string) entry {
	e.payload = fmt.Sprintf("%s,%q:%q}", strings.TrimSuffix(strings.TrimSuffix(e.payload, "\n"), "}"), name, value)
	return e
}

// stock is what log/slog's JSONHandler makes of the record.
func stock(at time.Time, level slog.Level, logger string, where slog.Source, msg string, attrs ...slog.Attr) entry {
	var payload bytes.Buffer
	record := slog.NewRecord(at, level, msg, 0)
	record.AddAttrs(slog.String("logger", logger), slog.String("hostname", "stock-1"), slog.Int("pid", 1), slog.Any(slog.SourceKey, &where))
	record.AddAttrs(attrs...)
	handler := slog.NewJSONHandler(&payload, &slog.HandlerOptions{Level: slog.LevelDebug})
	if err := handler.Handle(context.Background(), record); err != nil {
		panic(err) // a buffer takes everything
	}
	return entry{stockChannel, payload.String()}
}

// The traces are what the interpreters print, from files that this shop would have.
const (
	gatewayTimeout = `Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/urllib3/connectionpool.py", line 466, in _make_request
    six.raise_from(e, None)
  File "<string>", line 3, in raise_from
  File "/usr/lib/python3.11/ssl.py", line 1166, in read
    return self._sslobj.read(len, buffer)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
TimeoutError: The read operation timed out

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/payments/charge.py", line 81, in charge
    answer = self.gateway.post("/v2/charges", json=body, timeout=5)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/srv/payments/gateway.py", line 138, in post
    return self.session.post(self.base + path, **options)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3/dist-packages/requests/adapters.py", line 578, in send
    raise ReadTimeout(e, request=request)
requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='api.cardgate.example', port=443): Read timed out. (read timeout=5)`

	missingPrice = `Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/django/core/handlers/exception.py", line 56, in inner
    response = get_response(request)
               ^^^^^^^^^^^^^^^^^^^^^
  File "/srv/shop/web/products.py", line 64, in show
    price = self.prices[product.sku][request.currency]
            ~~~~~~~~~~~~~~~~~~~~~~~~^^^^^^^^^^^^^^^^^^
KeyError: 'SEK'`

	newInRelease = `Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/django/core/handlers/exception.py", line 56, in inner
    response = get_response(request)
               ^^^^^^^^^^^^^^^^^^^^^
  File "/srv/shop/web/cart.py", line 48, in show
    return self.render(request, cart.total)
                                ^^^^^^^^^^
%s`

	relayRefused = `Traceback (most recent call last):
  File "/srv/mailer/smtp.py", line 72, in deliver
    server.sendmail(sender, [to], text)
  File "/usr/lib/python3.11/smtplib.py", line 887, in sendmail
    raise SMTPRecipientsRefused(senderrs)
smtplib.SMTPRecipientsRefused: {'postmaster@example.net': (550, b'5.7.1 relaying denied')}`

	stockPanic = `panic: runtime error: index out of range [5] with length 3

goroutine 41 [running]:
main.(*store).shelf(...)
	/srv/stock/shelf.go:29
main.(*store).reserve(0xc000126000, {0xc00019c0f0, 0x7}, 0x5)
	/srv/stock/reserve.go:61 +0x2a5
main.(*server).handle(0xc00011e0c0, {0x7f2d18, 0xc0001d60e0}, 0xc0001f2000)
	/srv/stock/http.go:48 +0x1d3`
)
