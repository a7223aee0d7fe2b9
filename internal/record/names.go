package record

import (
	"math/bits"
	"slices"
	"strings"
)

// The lists of names, in order of precedence: the first name with a suitable value counts. The table has them in folded form.
const (
	levelNames = "level levelname loglevel severity severitytext lvl @level @l level.levelstr record.level.name fields.level" +
		" @fields.level context.loglevel severitylevel"
	levelNumbers = "levelno levelnumber levelvalue severitynumber severitylevel record.level.no"
	// Weak levels count if there is no other: PRIORITY of journald and syslog-ng, the letter of MongoDB, and a status, or Heroku's at, that is a level.
	levelWeak = "priority s status at"
	timeNames = "time timestamp @timestamp ts @t t datetime date asctime eventtime timeunixnano instant timemillis starttime" +
		" created record.time.timestamp observedtimeunixnano observedtimestamp realtimetimestamp sourcerealtimetimestamp"
	messageNames = "msg message @message @m renderedmessage shortmessage event body fields.message record.message" +
		" jsonpayload.message textpayload @mt messagetemplate"
	messageFallbacks = "text data log error.message err.message exception.message error err"
	errorNames       = "error err error.message err.message exception.message exception" // error texts besides the message
	messageRepeats   = "log.original state.message"                                      // dropped if they equal the message
	loggerNames      = "logger loggername log.logger @module sourcecontext properties.sourcecontext categoryname" +
		" syslogidentifier scope.name record.name"
	loggerWeak  = "name channel category target facility program"
	hostNames   = "hostname host.hostname machinename resource.host.name resource.attributes.host.name"
	hostWeak    = "host"
	pidNames    = "pid process.pid processid record.process.id process"
	sourceTexts = "caller @caller source src file location"

	// A source may have several parts, all without a group or all in one of the groups. ECS has the line in file.line.
	sourceGroups  = "source src caller location sourcelocation log.origin record code attributes.code"
	fileNames     = "file filename pathname filepath"
	lineNames     = "line lineno linenumber file.line"
	functionNames = "func function funcname method methodname"
	classNames    = "class classname"

	traceNames = "traceback excinfo exctext stacktrace stack backtrace stackinfo @x"
	traceWeak  = "exception error err errorverbose fullmessage text trace thrown" // only if they have several lines

	// An error object has a stack inside.
	errorGroups = "err error exception exc excinfo thrown context.exception attributes.exception"
	errorStacks = traceNames + " extendedstacktrace frames trace"
	errorTypes  = "type exctype class classname name"
	errorTexts  = "message msg excvalue value"
	errorCauses = "cause previous"
	errorLeaves = "aggregateerrors errors innerexceptions exceptions" // arrays: the errors of a group

	// containers are objects or arrays for the application's data.
	containers     = "fields @fields context extra state contextmap span spans properties attributes record args"
	evidence       = "shortmessage @version sourcetype" // names that occur only in formats with such a container
	pythonEvidence = "levelname levelno funcname"
	singleNames    = "args @t @l @r c ctx"                                                                  // names that are used individually
	envelopes      = "log message msg body record data payload line logprocessed jsonpayload event content" // may contain a record
)

// list is the range of slots of one list of names, one slot for each name.
type list struct{ from, to uint16 }

// of returns the slot of a name in the list that was added as spaced. It panics if the list doesn't contain the name.
func (l list) of(spaced, name string) slot {
	i := slices.Index(strings.Fields(spaced), name)
	if i < 0 {
		panic("record: no such name in its list: " + name)
	}
	return l.from + slot(i)
}

// slot identifies a name in a list. 0 means none.
type slot = uint16

const (
	// maxSlots is a multiple of 64 that is large enough for the table; otherwise building the table panics.
	maxSlots = 576
	// maxName is at least the length of the longest joined name in the table.
	maxName = 48
	// nameBuckets is a power of two, about five times the number of names, so that most look-ups need one step.
	nameBuckets = 2048
)

// slotSet is a set of slots.
type slotSet [maxSlots / 64]uint64

func (s *slotSet) has(i slot) bool { return s[i>>6]>>(i&63)&1 != 0 }
func (s *slotSet) add(i slot)      { s[i>>6] |= 1 << (i & 63) }

// next returns the first slot from i on that is in the set and before end, or 0.
func (s *slotSet) next(i, end slot) slot {
	for i < end {
		if w := s[i>>6] >> (i & 63); w != 0 {
			i += slot(bits.TrailingZeros64(w))
			if i < end {
				return i
			}
			return 0
		}
		i = i&^63 + 64
	}
	return 0
}

// entry is one folded name and the slots it has.
type entry struct {
	text      string
	folded    foldedName
	slots     [6]slot
	n         uint8
	dropEmpty bool // whether null, "", [] and {} under it are dropped
}

// sourceGroup is the names of the parts of a source.
type sourceGroup struct{ file, line, function, class list }

// errorGroup is the names of the parts of an error object.
type errorGroup struct{ base, stack, kind, text, cause, leaves list }

// nameTable has all lists, with folded names for look-ups. It is read-only.
type nameTable struct {
	entries []entry
	buckets [nameBuckets]uint16 // entry numbers, open addressing
	used    slot

	levelNames, levelNumbers, levelWeak, envelope, errorText, time, message, messageFallback, messageRepeat list
	logger, loggerWeak, host, hostWeak, pid, sourceText, trace, traceWeak                                   list
	container, evidence, pythonic                                                                           list
	callerFunction                                                                                          list // names below caller
	bare                                                                                                    sourceGroup
	sources                                                                                                 []sourceGroup
	errors                                                                                                  []errorGroup
	anySource, anyError                                                                                     list // ranges of sources and of errors
	// single slots
	msg, plainMessage, template, messageTemplate, fullMessage, weakText slot
	name, args, clefTime, clefLevel, renderings, properties             slot
	levelNo, levelNumber, loguruNo, severityNumber, shortMessage        slot
	priority, mongoLevel, mongoComponent, mongoContext, status, at      slot
	azureLevel                                                          slot
}

var names = newNameTable()

func newNameTable() *nameTable {
	t := &nameTable{entries: make([]entry, 1), used: 1}
	t.levelNames = t.add("", levelNames, true)
	t.levelNumbers = t.add("", levelNumbers, true)
	t.levelWeak = t.add("", levelWeak, false)
	t.envelope = t.add("", envelopes, false)
	t.errorText = t.add("", errorNames, false)
	t.time = t.add("", timeNames, true)
	t.message = t.add("", messageNames, true)
	t.messageFallback = t.add("", messageFallbacks, false)
	t.messageRepeat = t.add("", messageRepeats, false)
	t.logger = t.add("", loggerNames, true)
	t.loggerWeak = t.add("", loggerWeak, false)
	t.host = t.add("", hostNames, true)
	t.hostWeak = t.add("", hostWeak, false)
	t.pid = t.add("", pidNames, true)
	t.sourceText = t.add("", sourceTexts, true)
	t.trace = t.add("", traceNames, true)
	t.traceWeak = t.add("", traceWeak, false)
	t.container = t.add("", containers, true)
	t.evidence = t.add("", evidence, false)
	t.pythonic = t.add("", pythonEvidence, false)
	t.callerFunction = t.add("caller", functionNames, true)
	t.bare = t.addSource("")
	t.anySource.from = t.used
	for _, group := range strings.Fields(sourceGroups) {
		t.sources = append(t.sources, t.addSource(group))
	}
	t.anySource.to = t.used
	t.anyError.from = t.used
	for _, group := range strings.Fields(errorGroups) {
		t.errors = append(t.errors, errorGroup{
			base:   t.add("", group, false),
			stack:  t.add(group, errorStacks, true),
			kind:   t.add(group, errorTypes, false),
			text:   t.add(group, errorTexts, false),
			cause:  t.add(group, errorCauses, false),
			leaves: t.add(group, errorLeaves, false),
		})
	}
	t.anyError.to = t.used
	t.findSingles()
	return t
}

// findSingles sets the slots that are used individually.
func (t *nameTable) findSingles() {
	single := t.add("", singleNames, false)
	t.args = single.of(singleNames, "args")
	t.clefTime = single.of(singleNames, "@t")
	t.clefLevel = single.of(singleNames, "@l")
	t.mongoComponent = single.of(singleNames, "c")
	t.mongoContext = single.of(singleNames, "ctx")
	t.priority = t.levelWeak.of(levelWeak, "priority")
	t.mongoLevel = t.levelWeak.of(levelWeak, "s")
	t.status = t.levelWeak.of(levelWeak, "status")
	t.at = t.levelWeak.of(levelWeak, "at")
	t.azureLevel = t.levelNumbers.of(levelNumbers, "severitylevel")
	t.renderings = single.of(singleNames, "@r")
	t.msg = t.message.of(messageNames, "msg")
	t.plainMessage = t.message.of(messageNames, "message")
	t.template = t.message.of(messageNames, "@mt")
	t.messageTemplate = t.message.of(messageNames, "messagetemplate")
	t.fullMessage = t.traceWeak.of(traceWeak, "fullmessage")
	t.weakText = t.traceWeak.of(traceWeak, "text")
	t.name = t.loggerWeak.of(loggerWeak, "name")
	t.properties = t.container.of(containers, "properties")
	t.levelNo = t.levelNumbers.of(levelNumbers, "levelno")
	t.levelNumber = t.levelNumbers.of(levelNumbers, "levelnumber")
	t.severityNumber = t.levelNumbers.of(levelNumbers, "severitynumber")
	t.loguruNo = t.levelNumbers.of(levelNumbers, "record.level.no")
	t.shortMessage = t.evidence.of(evidence, "shortmessage")
}

func (t *nameTable) addSource(group string) sourceGroup {
	return sourceGroup{
		file:     t.add(group, fileNames, true),
		line:     t.add(group, lineNames, true),
		function: t.add(group, functionNames, true),
		class:    t.add(group, classNames, true),
	}
}

// add adds a list of names, each after prefix.
func (t *nameTable) add(prefix, spaced string, dropEmpty bool) list {
	from := t.used
	for _, name := range strings.Fields(spaced) {
		var text [maxName]byte
		folded := foldOnto(&text, foldedName{}, prefix+name)
		if folded.n > maxName {
			panic("record: name too long for the table: " + name)
		}
		id := t.find(&text, folded)
		if id == 0 {
			id = uint16(len(t.entries))
			t.entries = append(t.entries, entry{text: string(text[:folded.n]), folded: folded})
			i := folded.hash() % nameBuckets
			for t.buckets[i] != 0 {
				i = (i + 1) % nameBuckets
			}
			t.buckets[i] = id
		}
		e := &t.entries[id]
		e.slots[e.n] = t.used
		e.n++
		e.dropEmpty = e.dropEmpty || dropEmpty
		t.used++
	}
	if t.used > maxSlots {
		panic("record: more names than slots")
	}
	return list{from, t.used}
}

// register assigns a node to the slots of its name. It returns the name's entry, or 0 if an earlier node has the same name.
func (d *decoder) register(id uint16, at int32) uint16 {
	e := &names.entries[id]
	if d.have.has(e.slots[0]) {
		return 0
	}
	for _, s := range e.slots[:e.n] {
		d.have.add(s)
		d.first[s] = at
	}
	return id
}
