package group

import (
	"hash/maphash"
	"strings"
)

// nouns are words for things that have names: behind one of them stands a name.
var nouns = set("user username login account owner author member customer tenant host hostname node server worker machine instance pod container namespace image volume device interface port driver disk project" +
	" repository repo event sensor template locale branch session cluster region zone store team channel cache registry table column database schema relation index key field property parameter argument variable option" +
	" setting queue topic stream bucket collection shard consumer group broker service unit job task process thread daemon module plugin package component class method function handler command file directory folder path" +
	" url endpoint route domain named element attribute tag label resource policy role permission scope feature flag environment stage pipeline workflow step trigger rule alarm monitor dashboard metric" +
	" benutzer nutzer konto kunde mandant rechner knoten dienst datei tabelle spalte warteschlange auftrag projekt gerät" +
	" utilisateur compte client hôte nœud serveur fichier table colonne file tâche projet" +
	" пользователь пользователя узел сервер очередь файл таблица проект задача сервис")

// connectors are words that may stand behind a name: prepositions and auxiliaries.
var connectors = set("in of on at by to from for with and or is are was were has have had does did do can could may might must will would should not never no as into onto over under after before during within without via than that which who" +
	" für von zu mit auf aus bei nach ist sind war hat wird kann nicht de du des à pour par est a не в на для из от с")

// isNoun reports whether a word is one for things with names, in either number.
func isNoun(w string) bool {
	return has(nouns, w) || len(w) > 4 && w[len(w)-1] == 's' && has(nouns, w[:len(w)-1])
}

// shape describes a message for merging.
func (m *reduced) shape(seed maphash.Seed, base, sum uint64) shape {
	s := shape{sum: sum, base: base, group: sum, n: uint8(min(len(m.out), maxTokens))}
	for i := range int(s.n) {
		s.hash[i] = uint32(m.hashOf(seed, i))
		switch m.out[i].kind {
		case value:
			s.values |= 1 << i
		case word:
			if s.words++; s.words == 1 {
				s.first = 1 << i
			}
			isName, isWeak := m.nameAt(i)
			switch {
			case isName && isWeak:
				s.weak |= 1 << i
			case isName:
				s.strong |= 1 << i
			}
			if isName || !m.isLabel(i) && !isMeaning(m.text(m.out[i])) {
				s.free |= 1 << i
			}
		}
	}
	return s
}

func popcount(bits uint64) int {
	n := 0
	for ; bits != 0; bits &= bits - 1 {
		n++
	}
	return n
}

// firstWord returns the index of the first word.
func (m *reduced) firstWord() int {
	for i, t := range m.out {
		if t.kind == word {
			return i
		}
	}
	return -1
}

// at returns the text of a separator at i, "" for anything else.
func (m *reduced) at(i int) string {
	if i < 0 || i >= len(m.out) || m.out[i].kind != separator {
		return ""
	}
	return m.text(m.out[i])
}

// isLabel reports whether the word at i says what the next thing is: directly before "=", ":" or a value.
func (m *reduced) isLabel(i int) bool {
	if i+1 >= len(m.out) {
		return false
	}
	next := m.at(i + 1)
	return m.out[i+1].kind == value || next == "=" || next == ":" && i+2 < len(m.out)
}

// nameAt reports whether the word at i may be a name by where it stands, and whether it may be prose all the same.
func (m *reduced) nameAt(i int) (isName, isWeak bool) {
	text := m.text(m.out[i])
	if isMeaning(text) || m.isLabel(i) && m.at(i-1) != "=" {
		return false, false
	}
	before, after := m.at(i-1), m.at(i+1)
	isProse := !strings.ContainsAny(text, "-_./$") && strings.ToLower(text[1:]) == text[1:]
	switch {
	case before == "=" && i > 1 && m.out[i-2].kind == word:
		return !has(meaningKeys, m.text(m.out[i-2])), false
	case before == ":" && m.isJSONKey(i-2):
		return !has(meaningKeys, m.text(m.out[i-2])), false
	case before == "[" && after == "]":
		return true, false
	case before == "(" && after == ")":
		return true, isProse
	case m.isAmongHan(i):
		return true, false
	}
	noun := i - 1
	if before == ":" {
		noun--
	}
	if noun < 0 || m.out[noun].kind != word || !isNoun(m.text(m.out[noun])) || isNoun(text) {
		return false, false
	}
	ends := i+1 >= len(m.out) || m.out[i+1].kind != word || has(connectors, m.text(m.out[i+1]))
	return true, isProse && (noun == m.firstWord() || !ends)
}

// isJSONKey reports whether the token at i is a key of JSON.
func (m *reduced) isJSONKey(i int) bool {
	return i >= 0 && m.out[i].kind == word && int(m.out[i].end) < len(m.s) && m.s[m.out[i].end] == '"'
}

// isAmongHan reports whether a Latin word is glued to one of a script without spaces, or stands beside it.
func (m *reduced) isAmongHan(i int) bool {
	if classOf[m.s[m.out[i].start]] == wide {
		if _, what := wideAt(m.s, int(m.out[i].start)); what == han {
			return false
		}
	}
	for _, j := range [2]int{i - 1, i + 1} {
		if j < 0 || j >= len(m.out) || m.out[j].kind != word || classOf[m.s[m.out[j].start]] != wide {
			continue
		}
		if _, what := wideAt(m.s, int(m.out[j].start)); what == han {
			return true
		}
	}
	return false
}
