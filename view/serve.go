package view

import (
	"bytes"
	"net/http"
	"time"
)

// policy is the page's Content-Security-Policy (W3C CSP 3), for hosts that set none. It allows only files of this origin,
// and no string may become markup or the address of a script (W3C Trusted Types), except the worker's address through the
// script's own policy.
const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types elva"

// ServePage responds with the page. It keeps a Content-Security-Policy that the host has set.
func ServePage(w http.ResponseWriter, r *http.Request, p Page) {
	var body bytes.Buffer // an error must be a 500, not half a page
	if err := Render(p).Render(r.Context(), &body); err != nil {
		http.Error(w, "elva: render page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	if h.Get("Content-Security-Policy") == "" {
		h.Set("Content-Security-Policy", policy)
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Referrer-Policy", "same-origin") // the address can hold a filter, and so a piece of a log
	h.Add("Vary", "Accept")                 // the same address is the stream for who accepts one
	_, _ = w.Write(body.Bytes())
}

// ServeAsset responds with the asset that the request's query names, or with 404. The name contains a hash of the
// content, so that browsers may keep it indefinitely. Shared caches may not, since some leave the query out of their key.
func ServeAsset(w http.ResponseWriter, r *http.Request) {
	f, ok := Asset(r.URL.RawQuery)
	if !ok {
		http.Error(w, "elva: no such asset: the page is of another build, reload it", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Cache-Control", "private, max-age=31536000, immutable") // a year, the longest that RFC 9111 asks for
	h.Set("ETag", f.ETag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.Body))
}
