package health

import (
	"encoding/json"
	"net/http"
	"time"
)

// Version is the document's version. It rises when a member changes its meaning or goes away; new
// members don't count.
const Version = 1

// The states of the link to Redis.
const (
	Connecting = "connecting" // not live yet since the start, and nothing has failed so far
	Live       = "live"       // every source is confirmed
	Down       = "down"       // no connection; Elva tries again
	Refused    = "refused"    // Redis answers, but not with the subscription; Elva tries again
	Closed     = "closed"     // the host closed the client or the handler: nothing is tried any more
)

// Document is what `?health` answers and what every `status` event of the stream carries.
type Document struct {
	V       int       `json:"v"` // [Version]
	At      time.Time `json:"at"`
	Epoch   string    `json:"epoch"` // the first part of the stream's ids: another one means a restart
	Build   string    `json:"build"` // hash of the page's assets
	Title   string    `json:"title"`
	Uptime  float64   `json:"uptime"` // seconds since New
	Redis   Link      `json:"redis"`
	Rates   Levels    `json:"rates"`  // records a second, mean of the last 10 s
	Counts  Levels    `json:"counts"` // records since New
	Health  Verdict   `json:"health"`
	Viewers int       `json:"viewers"` // open streams
	History History   `json:"history"`
	Gaps    uint64    `json:"gaps"` // holes in what Redis delivered, since New
	Lost    uint64    `json:"lost"` // records that slow viewers were told they missed, since New
}

// Levels has a number for each level that has one; "none" is for records without a level.
type Levels map[string]float64

// Link is the state of the link to Redis.
type Link struct {
	State string    `json:"state"`
	Since time.Time `json:"since"`
	// Text says it in words, with what Redis or the network said.
	Text string `json:"text"`
	// LastInput is when Redis last sent anything, LastRecord when it last sent a record.
	LastInput  time.Time `json:"lastInput,omitzero"`
	LastRecord time.Time `json:"lastRecord,omitzero"`
	NextTry    time.Time `json:"nextTry,omitzero"`
	Sources    []Source  `json:"sources"`
}

// Source is one channel or pattern that was asked for.
type Source struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // channel or pattern
	// Confirmed is since when Redis confirms the subscription, absent while it doesn't.
	Confirmed  time.Time `json:"confirmed,omitzero"`
	Records    uint64    `json:"records"`
	LastRecord time.Time `json:"lastRecord,omitzero"`
}

// Verdict is the state of what is logged, in one word and one sentence.
type Verdict struct {
	State   string `json:"state"` // ok, attention, trouble or unknown
	Verdict string `json:"verdict"`
}

// History is what the history holds.
type History struct {
	Records  int       `json:"records"`
	Bytes    int       `json:"bytes"`
	FirstSeq uint64    `json:"firstSeq"`
	LastSeq  uint64    `json:"lastSeq"`
	Oldest   time.Time `json:"oldest,omitzero"`
}

// Serve answers with the document: 503 in [Trouble], so that any uptime check can use it, else 200.
func Serve(w http.ResponseWriter, d Document) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	if d.Health.State == Trouble {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ") // people read it too
	_ = encoder.Encode(d)       // an error means that the client is gone
}
