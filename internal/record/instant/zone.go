package instant

import "strings"

// Zones has the offsets in minutes of unambiguous names of zones. It is read-only.
var Zones = map[string]int{
	"UTC": 0, "GMT": 0, "UT": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180, "SAST": 120,
	"MSK": 180, "HKT": 480, "SGT": 480, "AWST": 480, "JST": 540, "KST": 540, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
	"EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600,
}

// ambiguous has the names of zones with several meanings. It is read-only.
var ambiguous = func() map[string]bool {
	m := make(map[string]bool)
	for _, name := range strings.Fields("CST IST BST AST ADT GST SST ECT AMT BRT ART WAT CAT EAT PKT PHT WIB NST NDT COT PET VET UZT YEKT KRAT IRKT" +
		" YAKT VLAT MAGT OMST SAMT GET AZT TRT IRST IDT WST CLT BOT ICT MMT NPT FET LMT LOCAL") {
		m[name] = true
	}
	return m
}()

// cutZone parses a zone at the start of s and returns the rest: Z, ±hh, ±hhmm, ±hh:mm, GMT+1, or a name, perhaps after a space. Without a zone
// the time is UTC. An ambiguous name or a region makes the time ambiguous.
func (d *dateTime) cutZone(s string) string {
	if s == "" {
		return s
	}
	if s[0] == 'Z' || s[0] == 'z' {
		if len(s) > 1 && isWord(s[1]) {
			d.broken = true
		}
		return s[1:]
	}
	z := strings.TrimPrefix(s, " ")
	if z == "" {
		return s
	}
	if z[0] == '+' || z[0] == '-' {
		return d.cutOffset(s, z)
	}
	if !isLetter(z[0]) {
		return s
	}
	n := 0
	for n < len(z) && (isLetter(z[n]) || z[n] == '/' || z[n] == '_') {
		n++
	}
	name := z[:n]
	if n < len(z) && isWord(z[n]) {
		return d.noZone(s, z)
	}
	if offset, ok := Zones[name]; ok {
		d.offset = offset * 60
		if (name == "GMT" || name == "UTC") && n < len(z) && (z[n] == '+' || z[n] == '-') {
			return d.cutOffset(s, z[n:])
		}
		return z[n:]
	}
	if ambiguous[name] || strings.IndexByte(name, '/') > 0 {
		d.unknown = true
		return z[n:]
	}
	return d.noZone(s, z)
}

// noZone notes that no zone follows. "12:00:00 x" is a time, but "12:00:00-x" and "12:00:00x" are not.
func (d *dateTime) noZone(s, z string) string {
	d.broken = d.broken || len(z) == len(s)
	return s
}

// cutOffset parses the offset z. s is z with the text before it.
func (d *dateTime) cutOffset(s, z string) string {
	n := skipDigits(z[1:]) + 1
	hours, minutes := 0, 0
	switch n {
	case 2, 3:
		hours = number(z[1:n])
		if len(z) > n+2 && z[n] == ':' {
			if m, ok := digits2(z[n+1:]); ok {
				minutes, n = m, n+3
			}
		}
	case 5:
		hours, minutes = number(z[1:3]), number(z[3:5])
	default:
		return d.noZone(s, z)
	}
	if hours > 23 || minutes > 59 || n < len(z) && isWord(z[n]) {
		return d.noZone(s, z)
	}
	if d.offset = hours*3600 + minutes*60; z[0] == '-' {
		d.offset = -d.offset
	}
	return z[n:]
}
