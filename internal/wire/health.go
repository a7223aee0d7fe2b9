package wire

import (
	"encoding/json"
	"net/http"

	"github.com/SupermanScott/Elva/internal/printable"
	"github.com/SupermanScott/Elva/internal/status"
)

// ServeHealth answers with the document without its counts by minute. The status code is 503 if the state is [status.Down], so that
// any uptime check can use it, else 200.
func ServeHealth(w http.ResponseWriter, d *status.Document) {
	code := http.StatusOK
	if d.Health.State == status.Down {
		code = http.StatusServiceUnavailable
	}
	d.Minutes = status.Minutes{}
	for i := range d.ErrorGroups {
		d.ErrorGroups[i].Minutes = nil
	}
	serveDocument(w, d, code)
}

// ServeDocument answers with the whole document. The status code is 200 in every state, since the page requests it every 2 s while its
// drawer is open, and browsers log any other status code to their console as an error.
func ServeDocument(w http.ResponseWriter, d *status.Document) { serveDocument(w, d, http.StatusOK) }

func serveDocument(w http.ResponseWriter, d *status.Document, code int) {
	text, err := json.MarshalIndent(d, "", "  ") // people read it too
	if err != nil {                              // strings, numbers and times between the years 0 and 9999: there is no such error
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(printable.JSON(text), '\n')) // an error means that the client is gone
}
