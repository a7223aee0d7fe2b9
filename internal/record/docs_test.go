package record

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/record/instant"
)

var update = flag.Bool("update", false, "write docs/records.md")

// reference is the documentation of the supported formats.
const reference = "../../docs/records.md"

// TestReference_UpToDate checks that the documentation equals the tables of this package. To regenerate it:
//
//	go test ./internal/record -run TestReference -update
func TestReference_UpToDate(t *testing.T) {
	want := referenceText()
	if *update {
		if err := os.WriteFile(reference, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the tables say; run go test ./internal/record -run TestReference -update", reference)
	}
}

// referenceText returns the documentation.
func referenceText() string {
	var b strings.Builder
	b.WriteString(`# What Elva reads

<!-- Made by go test ./internal/record -run TestReference -update. Do not edit. -->

A payload is one JSON object, one logfmt line, one line of syslog, klog or a layout below, or any other text. Nothing has to be configured.
What fills no column stays in the fields, under its own name; ` + "`?raw`" + ` has every payload as it was published.

A **worker** is a host and a service: the host column, and the field ` + "`service`" + ` or else the first segment of the logger, unless that is the name of a class or of a module (` + "`com.acme.shop.Cart`, `Acme.Shop.Cart`, `App\\Jobs\\Pay`, `github.com/acme/shop`" + `) or of a library. Records without a host or a service are named by their channel. Records without a host are of one worker for each service.

## Columns

Names are compared without case, ` + "`_`, `-`, `.`" + ` and spaces, and nesting joins them: ` + "`log.level`, `logLevel` and `{\"log\":{\"level\":…}}`" + ` are one name. The first
name of a list whose value can be read counts.

| column | members |
|---|---|
`)
	for _, c := range []struct{ column, members string }{
		{"time", timeNames}, {"level", levelNames + " " + levelNumbers}, {"logger", loggerNames}, {"message", messageNames + " " + messageFallbacks}, {"host", hostNames}, {"pid", pidNames},
		{"source", sourceTexts + " " + fileNames + " " + lineNames + " " + functionNames + " " + classNames}, {"trace", traceNames + " " + traceWeak},
	} {
		fmt.Fprintf(&b, "| %s | %s |\n", c.column, code(c.members))
	}
	fmt.Fprintf(&b, `
%s count as logger, and %s as host, where the record keeps its own data apart: it has an object under one of %s, or is of GELF, Logstash or journald.
A level is also read from %s: journald's in capitals, MongoDB's letter, and a status, or Heroku's at, that is a level's word. Where a record has no level, its message is read as
text.

`, code(loggerWeak), code(hostWeak), code(containers), code(levelWeak))
	fmt.Fprintf(&b, "Loggers of libraries, and names that do not say which program it is, make no worker: %s.\n\n", code(libraryNames))
	writeLevels(&b)
	writeLayouts(&b)
	writeEnvelopes(&b)
	writeIDs(&b)
	return b.String()
}

// filledBy returns the columns and the fields that a layout sets.
func filledBy(text string) string {
	columns := map[string]string{"LEVEL": "level", "mysql": "level", "sign": "level", "spot": "source", "namespace": "logger, level", "clock": "time", "day": "", "postgres": "level", "letter": "level", "npm": "level", "dotnet": "level", "ANY": "level", "path": "logger", "channel": "logger, level", "place": "logger, source",
		"process": "logger, pid, host", "brackets": "service, thread, traceId, spanId", "threadid": "thread", "uuid": "request_id", "function": "", "number": "", "initial": "", "message": ""}
	var names []string
	for _, t := range compile(text) {
		name, known := columns[t.field]
		if !known {
			name = t.field
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// code returns names as code, with spaces between them.
func code(spaced string) string {
	words := strings.Fields(spaced)
	for i, w := range words {
		words[i] = "`" + w + "`"
	}
	return strings.Join(words, " ")
}

func writeLevels(b *strings.Builder) {
	b.WriteString("## Levels\n\n| level | words | numbers |\n|---|---|---|\n")
	for level := Trace; level <= Critical; level++ {
		var words, numbers []string
		for word, of := range levelWords {
			if of == level {
				words = append(words, word)
			}
		}
		slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
		for n := range 50001 {
			if levelOfNumber(n) == level {
				numbers = append(numbers, fmt.Sprint(n))
			}
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", level, code(strings.Join(words, " ")), strings.Join(numbers, " "))
	}
	b.WriteString("\nIn text a level's word counts in capitals, in brackets, or before a colon, near the start; in a sentence it is none (`0 ERROR`, `no ERROR was found`).\n\n")
}

func writeLayouts(b *strings.Builder) {
	b.WriteString("## Layouts of text\n\nThe message is what is left of the line. What is no column (a thread, a task's id, a module) is a field of that name.\n\nBehind a time and a level, a logger with a dot in its name, a place and a thread are read in any order, brackets and separators: `2026-11-29 10:00:00 WARN cart.py:41 [shop.cart] - cart 7 is old`.\n\n| layout | fills | example |\n|---|---|---|\n")
	escape := strings.NewReplacer("|", `\|`, "\n", "⏎", "\t", "⇥")
	for _, l := range layoutTable {
		fmt.Fprintf(b, "| %s | %s | `%s` |\n", l.name, filledBy(l.pattern), escape.Replace(l.example))
	}
	b.WriteString("\n## Times\n\nISO 8601 with `-` or `/`, RFC 1123, RFC 850, ctime, Apache's, PHP's, `29.11.2026 10:00:00`, `Nov 29, 2026 1:00:00 PM`, and numbers since 1970 in seconds, milliseconds, microseconds and\n" +
		"nanoseconds. No zone is UTC. Zones by name: ")
	var zones []string
	for zone := range instant.Zones {
		zones = append(zones, zone)
	}
	slices.SortFunc(zones, func(a, b string) int {
		return cmp.Or(cmp.Compare(instant.Zones[a], instant.Zones[b]), cmp.Compare(a, b))
	})
	fmt.Fprintf(b, "%s.\nOthers mean several zones, or none that is known: then the time is unknown, and its arrival counts. So is `04/05/2026`, and what is before 1970 or from 2200 on.\n\n", code(strings.Join(zones, " ")))
}

func writeEnvelopes(b *strings.Builder) {
	fmt.Fprintf(b, `## Records inside records

A member that is wholly one JSON object is opened, at most %d deep: under %s, or the only such text of a stream's entry with several fields. So is what is behind the
prefix of CRI, docker, kubectl, stern, PM2, Cloud Foundry, Heroku, syslog or `+"`@cee:`"+`. What the record inside says goes first; what is around it stays in the fields.

A payload of a channel that is several JSON objects, each on lines of its own or right behind the other, is as many records, up to %d; so is an export of OpenTelemetry (`+"`{\"resourceLogs\":…}`"+`). The entry of a stream is one record.

`, maxEnvelopes, code(envelopes), maxRecords)
}

func writeIDs(b *strings.Builder) {
	b.WriteString("## IDs\n\n`ids` of a record's document has what joins it to others, the first kind first: `[{\"kind\":\"request\",\"name\":\"req.id\",\"value\":\"7\"}]`.\n\n| kind | names |\n|---|---|\n")
	for _, k := range idKinds {
		names := code(k.names)
		if names == "" {
			names = "any name that ends in `id`, but for those of lasting things (" + code(lasting) + "), with a UUID, a ULID, hex of 16 digits or more, or `chk_9fQ2mZ7LkQ` as value"
		}
		fmt.Fprintf(b, "| %s | %s |\n", k.kind, names)
	}
	b.WriteString(`
A line of text has the ids of the fields that are read from it, and those that its message names: ` + "`request_id=7d2e`, `Task name[UUID]`, `[req-7d2e91aa]`" + `.
Any name counts that ends in ` + code(strings.Join(idEndings, " ")) + `: ` + "`heroku_request_id`" + `.

## Traces

` + "`exception`" + ` of a record's document is what its trace says: ` + "`type` and `text`" + ` (its first line) of the exception that came out at the top, ` + "`cause`" + `, the type of the
one that one's own code threw, if that is another, ` + "`place`" + `, where it did, and ` + "`leaves`" + `, the types in an exception group.

` + "`traceLines`" + ` has a letter for each of the first 2,000 lines of the trace:

| letter | line |
|---|---|
| ` + "`e`" + ` | an exception: its type and text |
| ` + "`c`" + ` | a chained exception, or what announces one |
| ` + "`o`" + ` | a frame of one's own code |
| ` + "`l`" + ` | a frame of a library or a runtime |
| ` + "`-`" + ` | more of the frame above |
| ` + "`.`" + ` | other text |
`)
}

// TestLayouts_Examples checks that each layout matches its example, and that no earlier layout does.
func TestLayouts_Examples(t *testing.T) {
	for _, want := range layoutTable {
		var at lineTime
		var c columns
		got := ""
		start := startOf(want.example, &at)
		for _, l := range layoutTable {
			p := compile(l.pattern)
			c.reset()
			if p.start() == start && p.match(want.example, &at, &c) && (l.finish == nil || l.finish(&c, want.example)) {
				got = l.name
				break
			}
		}
		if got != want.name {
			t.Errorf("%s: the example is read as %q", want.name, got)
			continue
		}
		if !strings.HasPrefix(strings.TrimPrefix(c.message, "mail: "), "cart 7 is ") && !strings.HasSuffix(c.message, "order=7") && !strings.HasPrefix(c.message, `"GET `) {
			t.Errorf("%s: the message is %q", want.name, c.message)
		}
		if strings.Contains(want.example, "WARN") && c.level != Warning {
			t.Errorf("%s: the level is %q", want.name, c.level)
		}
	}
}
