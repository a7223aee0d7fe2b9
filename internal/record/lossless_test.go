package record

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestDecode_Lossless decodes records with the names of the table, flat, dotted and nested, in any order and repeated. Each text is different and
// must be in the normal form.
func TestDecode_Lossless(t *testing.T) {
	var words []string
	for _, list := range []string{
		levelNames, levelNumbers, timeNames, messageNames, messageFallbacks, messageRepeats, loggerNames, loggerWeak, hostNames, hostWeak, pidNames,
		sourceTexts, fileNames, lineNames, functionNames, classNames, traceNames, traceWeak, errorGroups, containers, evidence, pythonEvidence, "own data of.mine",
	} {
		for _, word := range strings.Fields(list) {
			if word != "args" { // a mapping's keys that no conversion names go with it, by the rule
				words = append(words, word)
			}
		}
	}
	inside := strings.Fields(errorTypes + " " + errorTexts + " " + errorCauses + " " + errorStacks + " " + fileNames + " " + lineNames + " " +
		functionNames + " level message name id hostname")
	random := rand.New(rand.NewPCG(1, 2))
	for range 30_000 {
		var tokens []string
		var b strings.Builder
		var object func(names []string, members, depth int)
		value := func(depth int) {
			switch random.IntN(12) {
			case 0:
				b.WriteString([]string{"30", "null", `""`, "true", "1795367474.5", `"2026-11-22T17:00:00Z"`, `"error"`, "[]", "{}"}[random.IntN(9)])
			case 1, 2, 3:
				if depth < 4 {
					object(inside, 1+random.IntN(4), depth+1)
					return
				}
				fallthrough
			default:
				token := fmt.Sprintf("<%d>", len(tokens))
				tokens = append(tokens, token)
				b.WriteString([]string{`"` + token + `"`, `"a\n` + token + `"`, `"` + token + `\n  at f (a.js:1:2)"`, `"x/` + token + `.go:12"`, `["` + token + `"]`}[random.IntN(5)])
			}
		}
		object = func(names []string, members, depth int) {
			b.WriteByte('{')
			for i := range members {
				if i > 0 {
					b.WriteByte(',')
				}
				fmt.Fprintf(&b, "%q:", names[random.IntN(len(names))])
				value(depth)
			}
			b.WriteByte('}')
		}
		object(words, 1+random.IntN(8), 1)
		payload := b.String()
		r := Decode(payload)
		members := string(r.AppendMembers(nil))
		for _, token := range tokens {
			if !strings.Contains(members, token) {
				t.Fatalf("%s is lost\n of %s\n  in %s", token, payload, members)
			}
		}
	}
}
