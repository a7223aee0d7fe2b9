// Command shell prints the page for the browser checks, which have no Elva server: one JSON object on standard input
// says what it shows, one on standard output has the HTML and the assets' names by file.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log"
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
	var html bytes.Buffer
	if err := view.Render(p).Render(context.Background(), &html); err != nil {
		log.Fatalf("shell: %v", err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"html": html.String(), "build": view.Build()}); err != nil {
		log.Fatalf("shell: %v", err)
	}
}
