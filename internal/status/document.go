// Package status has the types of the status document, which ?health and status events contain, and the board that has the
// state of the connections to Redis.
package status

import "time"

// Version is the version of the document. It is incremented when a member is removed or changes its meaning, but not when
// members are added.
const Version = 1

// The states of the link to Redis. Down, which is below, is one, too: there is no connection, and Elva tries again.
const (
	Connecting = "connecting" // not live yet since the start, and nothing has failed
	Live       = "live"       // Redis has confirmed every source
	Denied     = "denied"     // Redis denies a source; Elva tries again
	Closed     = "closed"     // the host closed the client or the handler; Elva doesn't try again
)

// Document is the status document, the content of ?health and of the status events of a stream.
type Document struct {
	V       int       `json:"v"` // [Version]
	At      time.Time `json:"at"`
	Epoch   string    `json:"epoch"` // first part of the event IDs; another one means that Elva was restarted
	Build   string    `json:"build"` // hash of the page's assets
	Title   string    `json:"title"`
	Uptime  float64   `json:"uptime"` // seconds since New
	Redis   Link      `json:"redis"`
	Rates   Levels    `json:"rates"`  // mean number of records a second over the last 10 s
	Counts  Levels    `json:"counts"` // records since New
	Health  Summary   `json:"health"`
	Viewers int       `json:"viewers"` // open streams
	History History   `json:"history"`
	Gaps    uint64    `json:"gaps"` // gaps in what Redis delivered, since New
	// Connections counts the connections to Redis that worked and were lost, since New.
	Connections uint64 `json:"connections"`
	Lost        uint64 `json:"lost"` // records that slow viewers missed, since New
	// Dropped counts the payloads that Config.Redact dropped, since New.
	Dropped uint64 `json:"dropped,omitempty"`
	// Minutes has the counts of the last hour by minute; in a status event only of the last two minutes.
	Minutes Minutes `json:"minutes,omitzero"`
	Errors  Errors  `json:"errors"`
	// Totals has the numbers of workers and error groups.
	Totals Totals `json:"totals"`
	// Workers, quiet ones first, and ErrorGroups, the most recent first, are absent in status events.
	Workers     []Worker     `json:"workers,omitempty"`
	ErrorGroups []ErrorGroup `json:"errorGroups,omitempty"`
	// Changes are the last changes of the state, and GapList the last gaps, oldest first. They are absent in status events,
	// too.
	Changes []Change `json:"changes,omitempty"`
	GapList []Gap    `json:"gapList,omitempty"`
}

// Change is a change of the state.
type Change struct {
	At    time.Time `json:"at"`
	State string    `json:"state"` // the new state
	Text  string    `json:"text"`  // the summary
}

// Gap is a stretch of time in which records are missing, or may be.
type Gap struct {
	Kind string    `json:"kind"` // as in the stream
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// Minutes has the numbers of records by level and minute.
type Minutes struct {
	From   time.Time           `json:"from"` // start of the first minute; the last minute is the current one
	Levels map[string][]uint32 `json:"levels"`
}

// Errors has the numbers of records with the level error or higher.
type Errors struct {
	LastMinute float64 `json:"lastMinute"`
	// Baseline is the normal number a minute, absent until a full minute was observed.
	Baseline *float64 `json:"baseline,omitempty"`
	// Elevated reports whether there are more errors than expected.
	Elevated bool `json:"elevated,omitempty"`
}

// Totals has the numbers of workers and error groups.
type Totals struct {
	Workers int `json:"workers"` // active and quiet ones
	Quiet   int `json:"quiet"`
	// OtherRecords is the number of records from workers that are no longer in the registry.
	OtherRecords   uint64 `json:"otherRecords,omitempty"`
	ErrorGroups    int    `json:"errorGroups"`
	NewErrorGroups int    `json:"newErrorGroups"`
	// OtherErrors is the number of errors in groups that are no longer in the registry.
	OtherErrors uint64 `json:"otherErrors,omitempty"`
}

// The states of a worker.
const (
	Active   = "active"
	Quiet    = "quiet"    // has logged nothing for too long, without an explanation
	Replaced = "replaced" // another worker of its service has taken over
	Ended    = "ended"    // logged a farewell, or its service has such workers
	Learning = "learning" // active, with too few records to know when it is quiet
)

// Worker is a host that runs a service and logs on a channel.
type Worker struct {
	Name    string `json:"name"` // the displayed name
	Host    string `json:"host,omitempty"`
	Service string `json:"service,omitempty"`
	Channel string `json:"channel"`
	State   string `json:"state"` // [Active], [Quiet], [Replaced], [Ended] or [Learning]
	// Failing reports whether it has more errors than expected.
	Failing   bool      `json:"failing,omitempty"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
	// ExpectedInterval is the normal time between two records, where those within a second count as one, and Threshold is
	// how long the worker may be quiet, both in seconds. They are absent while unknown.
	ExpectedInterval float64 `json:"expectedInterval,omitempty"`
	Threshold        float64 `json:"threshold,omitempty"`
	Records          uint64  `json:"records"`
	Rate             float64 `json:"rate"` // records a second over the last minute
	// Last1, Last5 and Last60 count the records of the last 1, 5 and 60 minutes, and up to 15 s more.
	Last1  Tally `json:"last1"`
	Last5  Tally `json:"last5"`
	Last60 Tally `json:"last60"`
	// Skew is how many seconds the worker's clock is ahead of Elva's. A delay of records looks like a clock that is behind.
	Skew float64 `json:"skew"`
}

// Tally counts records.
type Tally struct {
	Records  uint32 `json:"records"`
	Warnings uint32 `json:"warnings"`
	Errors   uint32 `json:"errors"` // records with the level error or higher
}

// ErrorGroup is the errors that have the same fingerprint.
type ErrorGroup struct {
	Title     string    `json:"title"`
	Logger    string    `json:"logger,omitempty"` // the first error's
	Level     string    `json:"level"`            // the highest
	Count     uint64    `json:"count"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
	LastSeq   uint64    `json:"lastSeq"` // the newest record's number
	New       bool      `json:"new,omitempty"`
	// Workers is the number of active workers with such errors.
	Workers int `json:"workers"`
	// Minutes has the counts of the last hour by minute. The last one is the current minute.
	Minutes []uint32 `json:"minutes,omitempty"`
}

// Levels has a number for each level; "none" is for records without a level.
type Levels map[string]float64

// Link is the state of the link to Redis.
type Link struct {
	State string    `json:"state"`
	Since time.Time `json:"since"`
	// Text describes the state, with the error of Redis or the network.
	Text string `json:"text"`
	// LastInput is when Redis last sent anything, LastRecord when it last sent a record.
	LastInput  time.Time `json:"lastInput,omitzero"`
	LastRecord time.Time `json:"lastRecord,omitzero"`
	NextTry    time.Time `json:"nextTry,omitzero"`
	Sources    []Source  `json:"sources"`
	// MoreSources is the number of sources that a status event lacks. ?health has all of them.
	MoreSources int `json:"moreSources,omitempty"`
}

// The kinds of sources.
const (
	Channel = "channel"
	Pattern = "pattern"
	Stream  = "stream"
	List    = "list" // has the payloads that were published on the channels
)

// Source is a channel, pattern, stream or list that Elva reads.
type Source struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // [Channel], [Pattern], [Stream] or [List]
	// Confirmed is when Redis confirmed the subscription, or first let the key be read. It is absent if Redis doesn't.
	Confirmed time.Time `json:"confirmed,omitzero"`
	// Denied is the error with which Redis denies the source, DeniedSince is when it first did, and NextTry is when Elva
	// tries again.
	Denied      string    `json:"denied,omitempty"`
	DeniedSince time.Time `json:"deniedSince,omitzero"`
	NextTry     time.Time `json:"nextTry,omitzero"`
	Records     uint64    `json:"records"`
	LastRecord  time.Time `json:"lastRecord,omitzero"`
}

// The states of the systems that log.
const (
	OK       = "ok"       // there is no cause for another state
	Degraded = "degraded" // there are causes, none of which means down
	Down     = "down"     // Redis is down, a service or half of it is quiet, or there is an error storm
	Unknown  = "unknown"  // not connected yet, still learning what is normal, or no worker is active
)

// Summary is the state of the systems that log, with its causes.
type Summary struct {
	State string    `json:"state"` // [OK], [Degraded], [Down] or [Unknown]
	Text  string    `json:"text"`  // a few sentences
	Since time.Time `json:"since"` // when the state began
	// Causes are the reasons for the state, the worst first. Text has the first two.
	Causes []Cause `json:"causes"`
}

// The kinds of causes.
const (
	CauseRedis      = "redis"      // Redis is unreachable or denies access
	CauseAll        = "all"        // no worker logs
	CauseService    = "service"    // no worker of the service logs; value: seconds of quiet, baseline: seconds between records
	CauseStorm      = "storm"      // value, baseline: errors a minute
	CauseHalf       = "half"       // value, baseline: workers that are quiet, and all of them
	CauseWorker     = "worker"     // a quiet worker; values as for CauseService. Over three of a service are one cause without a worker; values as for CauseHalf
	CauseRestarts   = "restarts"   // value: starts, baseline: starts in ten minutes
	CauseCritical   = "critical"   // value: records
	CauseHang       = "hang"       // a logger of the worker has stopped; value, baseline: records a minute
	CauseSlow       = "slow"       // too few records; values as for CauseHang
	CauseErrors     = "errors"     // value, baseline: errors a minute
	CauseNew        = "new"        // a new error group; value: how many errors
	CauseFlood      = "flood"      // too many records; values as for CauseHang
	CauseWarnings   = "warnings"   // value, baseline: warnings a minute
	CauseDuplicates = "duplicates" // value, baseline: the share of records that equal another one
	CauseClock      = "clock"      // value: seconds that the worker's clock is ahead
	CauseSource     = "source"     // a source without any record
)

// Cause is one reason for a state. Members that don't apply to its kind are absent.
type Cause struct {
	Kind    string    `json:"kind"`
	State   string    `json:"state"` // [Degraded] or [Down]
	Text    string    `json:"text"`  // one sentence, with times in the time zone of Elva's host
	Service string    `json:"service,omitempty"`
	Worker  string    `json:"worker,omitempty"`
	Group   string    `json:"group,omitempty"` // title of the error group
	Since   time.Time `json:"since"`
	// Value and Baseline are the actual and the normal amount. Their meaning depends on the kind.
	Value    float64 `json:"value"`
	Baseline float64 `json:"baseline"`
	// Filter is the URL query that selects the records, such as "level=error&q=x"; absent if there is none.
	Filter string `json:"filter,omitempty"`
}

// History describes the records in memory.
type History struct {
	Records  int       `json:"records"`
	Bytes    int       `json:"bytes"`
	FirstSeq uint64    `json:"firstSeq"`
	LastSeq  uint64    `json:"lastSeq"`
	Oldest   time.Time `json:"oldest,omitzero"`
	// Loading says that older records are still being read from Redis.
	Loading bool `json:"loading,omitempty"`
	// Complete says that nothing older was dropped, and nothing older is in the streams and the list that are read.
	Complete bool `json:"complete,omitempty"`
}

// ChannelRecords counts the records of a channel since New.
type ChannelRecords struct {
	Channel string
	Levels  []LevelRecords // levels with records, the highest last
}

// LevelRecords counts the records of a level; "none" is for records without one.
type LevelRecords struct {
	Level   string
	Records uint64
}
