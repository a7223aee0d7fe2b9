// Command shell prints the page for the browser checks, which have no Elva server: one JSON object on standard input
// says what it shows, one on standard output has the HTML, its Content-Security-Policy and the build's hash.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/SupermanScott/Elva/view"
)

func main() {
	log.SetFlags(0)
	var p view.Page
	if err := json.NewDecoder(os.Stdin).Decode(&p); err != nil {
		log.Fatalf("shell: %v", err)
	}
	p.Now = time.Now()
	w := httptest.NewRecorder()
	view.ServePage(w, httptest.NewRequest(http.MethodGet, "/", nil), p)
	out := map[string]string{"html": w.Body.String(), "policy": w.Header().Get("Content-Security-Policy"), "build": view.Build()}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		log.Fatalf("shell: %v", err)
	}
}
