// Package status has the types of the status document, which `?health` answers and every status event of a stream
// carries, and the board of the connection to Redis that fills a part of it.
package status

import "time"

// Version is the document's version. It rises when a member changes its meaning or goes away; new
// members don't count.
const Version = 1

// The states of the link to Redis.
const (
	Connecting = "connecting" // not live yet since the start, and nothing has failed so far
	Live       = "live"       // every source is confirmed
	// Down, which is a state of what is logged, too: no connection; Elva tries again
	Denied = "denied" // Redis answers, but not with the subscription; Elva tries again
	Closed = "closed" // the host closed the client or the handler: nothing is tried any more
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
	Health  Summary   `json:"health"`
	Viewers int       `json:"viewers"` // open streams
	History History   `json:"history"`
	Gaps    uint64    `json:"gaps"` // holes in what Redis delivered, since New
	// Connections counts the connections to Redis that served and were lost, since New.
	Connections uint64 `json:"connections"`
	Lost        uint64 `json:"lost"` // records that slow viewers missed, since New
	// Dropped counts the payloads that Config.Redact dropped, since New.
	Dropped uint64 `json:"dropped,omitempty"`
	// Minutes is the last hour by minutes; in a status event only the newest two.
	Minutes Minutes `json:"minutes,omitzero"`
	Errors  Errors  `json:"errors"`
	// Totals counts what Workers and ErrorGroups list.
	Totals Totals `json:"totals"`
	// Workers, the quiet ones first, and ErrorGroups, the one seen last first, are left out of status events.
	Workers     []Worker     `json:"workers,omitempty"`
	ErrorGroups []ErrorGroup `json:"errorGroups,omitempty"`
	// Changes are the newest changes of the state, and GapList the newest gaps, both the oldest first; they are left out, too.
	Changes []Change `json:"changes,omitempty"`
	GapList []Gap    `json:"gapList,omitempty"`
}

// Change is a change of the state of what is logged.
type Change struct {
	At    time.Time `json:"at"`
	State string    `json:"state"` // as of then
	Text  string    `json:"text"`  // the summary
}

// Gap is a stretch of time in which records are missing, or may be.
type Gap struct {
	Kind string    `json:"kind"` // as in the stream
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// Minutes has the number of records by level, minute by minute.
type Minutes struct {
	From   time.Time           `json:"from"` // when the first minute begins; the last one is not over
	Levels map[string][]uint32 `json:"levels"`
}

// Errors is how many errors and worse there are.
type Errors struct {
	LastMinute float64 `json:"lastMinute"`
	// Baseline is how many a minute are normal, absent until a minute was observed in full.
	Baseline *float64 `json:"baseline,omitempty"`
	// Elevated reports whether there are more errors than expected.
	Elevated bool `json:"elevated,omitempty"`
}

// Totals says how many workers and error groups there are.
type Totals struct {
	Workers int `json:"workers"` // active and quiet ones
	Quiet   int `json:"quiet"`
	// OtherRecords is how many records came from workers that are no longer in the registry.
	OtherRecords   uint64 `json:"otherRecords,omitempty"`
	ErrorGroups    int    `json:"errorGroups"`
	NewErrorGroups int    `json:"newErrorGroups"`
	// OtherErrors is how many errors were of groups that are no longer in the registry.
	OtherErrors uint64 `json:"otherErrors,omitempty"`
}

// The states of a worker.
const (
	Active   = "active"
	Quiet    = "quiet"    // for longer than it should, and nothing explains it
	Replaced = "replaced" // another worker of its service has taken over
	Ended    = "ended"    // it said so, or its like end so
	Learning = "learning" // active, but too little is known to judge its quiet
)

// Worker is what logs with one host, one service and one channel.
type Worker struct {
	Name    string `json:"name"` // for people
	Host    string `json:"host,omitempty"`
	Service string `json:"service,omitempty"`
	Channel string `json:"channel"`
	State   string `json:"state"` // [Active], [Quiet], [Replaced], [Ended] or [Learning]
	// Failing reports whether it has more errors than expected.
	Failing   bool      `json:"failing,omitempty"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
	// ExpectedInterval is the normal time between two records, of which those in one second count as one, and Threshold how
	// long the worker may be quiet, in seconds; absent while unknown.
	ExpectedInterval float64 `json:"expectedInterval,omitempty"`
	Threshold        float64 `json:"threshold,omitempty"`
	Records          uint64  `json:"records"`
	Rate             float64 `json:"rate"` // records a second over the last minute
	// Last1, Last5 and Last60 count the records of so many minutes, up to 15 s more.
	Last1  Tally `json:"last1"`
	Last5  Tally `json:"last5"`
	Last60 Tally `json:"last60"`
	// Skew is how many seconds the worker's clock is ahead of Elva's; the time that a record takes counts as behind.
	Skew float64 `json:"skew"`
}

// Tally counts records.
type Tally struct {
	Records  uint32 `json:"records"`
	Warnings uint32 `json:"warnings"`
	Errors   uint32 `json:"errors"` // and worse
}

// ErrorGroup is a kind of failure: the errors that have the same fingerprint.
type ErrorGroup struct {
	Title     string    `json:"title"`
	Logger    string    `json:"logger,omitempty"` // of the first one
	Level     string    `json:"level"`            // the worst
	Count     uint64    `json:"count"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
	LastSeq   uint64    `json:"lastSeq"` // the newest record's number
	New       bool      `json:"new,omitempty"`
	// Workers is how many of the workers have had it.
	Workers int `json:"workers"`
	// Minutes counts the last hour, the last member is the minute that is not over.
	Minutes []uint32 `json:"minutes,omitempty"`
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
	// MoreSources is how many sources a status event leaves out. ?health has all of them.
	MoreSources int `json:"moreSources,omitempty"`
}

// The kinds of a source.
const (
	Channel = "channel"
	Pattern = "pattern"
	Stream  = "stream"
	List    = "list" // of what was published on the channels
)

// Source is one channel, pattern, stream or list that was asked for.
type Source struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // [Channel], [Pattern], [Stream] or [List]
	// Confirmed is since when Redis confirms the subscription, or lets the key be read; absent while it
	// doesn't.
	Confirmed time.Time `json:"confirmed,omitzero"`
	// Denied is what Redis says when it denies that, DeniedSince when it first did, and NextTry when it is
	// asked again.
	Denied      string    `json:"denied,omitempty"`
	DeniedSince time.Time `json:"deniedSince,omitzero"`
	NextTry     time.Time `json:"nextTry,omitzero"`
	Records     uint64    `json:"records"`
	LastRecord  time.Time `json:"lastRecord,omitzero"`
}

// The states of what is logged.
const (
	OK       = "ok"       // nothing is wrong
	Degraded = "degraded" // something is
	Down     = "down"     // Redis, a service or half of it is quiet, or errors storm
	Unknown  = "unknown"  // not connected yet, still learning what is normal, or no worker is active
)

// Summary says how what is logged is, in a word, in a few sentences, and in parts.
type Summary struct {
	State string    `json:"state"` // [OK], [Degraded], [Down] or [Unknown]
	Text  string    `json:"text"`
	Since time.Time `json:"since"` // of the state
	// Causes are all that is wrong, the worst first. Text has the first two.
	Causes []Cause `json:"causes"`
}

// The kinds of a cause.
const (
	CauseRedis      = "redis"      // Redis can't be reached, or denies
	CauseAll        = "all"        // no worker logs
	CauseService    = "service"    // no worker of the service logs; value: seconds of quiet, baseline: seconds between records
	CauseStorm      = "storm"      // value, baseline: errors a minute
	CauseHalf       = "half"       // value, baseline: workers that are quiet, and all of them
	CauseWorker     = "worker"     // a quiet worker; as of CauseService
	CauseRestarts   = "restarts"   // value: starts, baseline: starts in ten minutes
	CauseCritical   = "critical"   // value: records
	CauseHang       = "hang"       // a logger of the worker has stopped; value, baseline: records a minute
	CauseSlow       = "slow"       // too few records; as of CauseHang
	CauseErrors     = "errors"     // value, baseline: errors a minute
	CauseNew        = "new"        // a new error group; value: how many errors
	CauseFlood      = "flood"      // too many records; as of CauseHang
	CauseWarnings   = "warnings"   // value, baseline: warnings a minute
	CauseDuplicates = "duplicates" // value, baseline: the share of records that equal another one
	CauseClock      = "clock"      // value: seconds that the worker's clock is ahead
	CauseSource     = "source"     // a source that never brought a record
)

// Cause is one thing that is wrong. What does not apply to its kind is absent.
type Cause struct {
	Kind    string    `json:"kind"`
	State   string    `json:"state"` // [Degraded] or [Down]
	Text    string    `json:"text"`  // one sentence, with times in the time zone of Elva's host
	Service string    `json:"service,omitempty"`
	Worker  string    `json:"worker,omitempty"`
	Group   string    `json:"group,omitempty"` // title of the error group
	Since   time.Time `json:"since"`
	// Value is how much it is, and Baseline how much is normal; the kind says of what.
	Value    float64 `json:"value"`
	Baseline float64 `json:"baseline"`
	// Filter is the query of an address that shows the records, such as "level=error&q=x"; absent if there is none.
	Filter string `json:"filter,omitempty"`
}

// History is what the history holds.
type History struct {
	Records  int       `json:"records"`
	Bytes    int       `json:"bytes"`
	FirstSeq uint64    `json:"firstSeq"`
	LastSeq  uint64    `json:"lastSeq"`
	Oldest   time.Time `json:"oldest,omitzero"`
}

// ChannelRecords counts the records of a channel since New.
type ChannelRecords struct {
	Channel string
	Levels  []LevelRecords // those that have any, the worst last
}

// LevelRecords counts the records of a level; "none" is for records without one.
type LevelRecords struct {
	Level   string
	Records uint64
}
