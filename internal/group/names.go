package group

import (
	"strings"
)

// nouns are words after which a name is likely.
var nouns = wordMap("user username login account owner author member customer tenant host hostname node server worker machine instance pod container namespace image volume device interface port driver disk project" +
	" repository repo event sensor template locale branch session cluster region zone store team channel cache registry table column database schema relation index key field property parameter argument variable option" +
	" setting queue topic stream bucket collection shard consumer group broker service unit job task process thread daemon module plugin package component class method function handler command file directory folder path" +
	" url endpoint route domain named element attribute tag label resource policy role permission scope feature flag environment stage pipeline workflow step trigger rule alarm monitor dashboard metric" +
	" benutzer nutzer konto kunde mandant rechner knoten dienst datei tabelle spalte warteschlange auftrag projekt gerät" +
	" utilisateur compte client hôte nœud serveur fichier table colonne file tâche projet" +
	" пользователь пользователя узел сервер очередь файл таблица проект задача сервис")

// connectors are words that may follow a name: prepositions and auxiliaries.
var connectors = wordMap("in of on at by to from for with and or is are was were has have had does did do can could may might must will would should not never no as into onto over under after before during within without via than that which who" +
	" für von zu mit auf aus bei nach ist sind war hat wird kann nicht de du des à pour par est a не в на для из от с")

// isNoun reports whether a word is one of nouns, in singular or plural.
func isNoun(w string) bool {
	return has(nouns, w) || len(w) > 4 && w[len(w)-1] == 's' && has(nouns, w[:len(w)-1])
}

// shape returns the shape of the masked message for the merger.
func (m *masker) shape(seed uint64, base, sum uint64) shape {
	s := shape{sum: sum, base: base, group: sum, n: uint8(min(len(m.masked), maxTokens))}
	for i := range int(s.n) {
		s.hash[i] = uint32(m.hashOf(seed, i))
		switch m.masked[i].kind() {
		case value:
			s.values |= 1 << i
		case word:
			if s.words++; s.words == 1 {
				s.first = 1 << i
			}
			isName, isWeak := m.isNameAt(i)
			switch {
			case isName && isWeak:
				s.weak |= 1 << i
			case isName:
				s.strong |= 1 << i
			}
			if isName || !m.isLabel(i) && !isMeaningful(m.text(m.masked[i])) {
				s.free |= 1 << i
			}
		}
	}
	return s
}

// firstWord returns the index of the first word.
func (m *masker) firstWord() int {
	for i, t := range m.masked {
		if t.kind() == word {
			return i
		}
	}
	return -1
}

// separatorAt returns the text of the separator at i, "" if there is none.
func (m *masker) separatorAt(i int) string {
	if i < 0 || i >= len(m.masked) || m.masked[i].kind() != separator {
		return ""
	}
	return m.text(m.masked[i])
}

// isLabel reports whether the word at i is a label, that is, directly before "=", ":" or a value.
func (m *masker) isLabel(i int) bool {
	if i+1 >= len(m.masked) {
		return false
	}
	next := m.separatorAt(i + 1)
	return m.masked[i+1].kind() == value || next == "=" || next == ":" && i+2 < len(m.masked)
}

// isNameAt reports whether the word at i may be a name because of its position, and whether that is weak since it may be prose.
func (m *masker) isNameAt(i int) (isName, isWeak bool) {
	text := m.text(m.masked[i])
	if isMeaningful(text) || m.isLabel(i) && m.separatorAt(i-1) != "=" {
		return false, false
	}
	before, after := m.separatorAt(i-1), m.separatorAt(i+1)
	isProse := !strings.ContainsAny(text, "-_./$") && strings.ToLower(text[1:]) == text[1:]
	switch {
	case before == "=" && i > 1 && m.masked[i-2].kind() == word:
		return !has(meaningKeys, m.text(m.masked[i-2])), false
	case before == ":" && m.isJSONKey(i-2):
		return !has(meaningKeys, m.text(m.masked[i-2])), false
	case before == "[" && after == "]":
		return true, false
	case before == "(" && after == ")":
		return true, isProse
	case m.isNextToUnspaced(i):
		return true, false
	}
	noun := i - 1
	if before == ":" {
		noun--
	}
	if noun < 0 || m.masked[noun].kind() != word || !isNoun(m.text(m.masked[noun])) || isNoun(text) {
		return false, false
	}
	ends := i+1 >= len(m.masked) || m.masked[i+1].kind() != word || has(connectors, m.text(m.masked[i+1]))
	return true, isProse && (noun == m.firstWord() || !ends)
}

// isJSONKey reports whether the token at i is a key of JSON.
func (m *masker) isJSONKey(i int) bool {
	return i >= 0 && m.masked[i].kind() == word && m.masked[i].end() < len(m.s) && m.s[m.masked[i].end()] == '"'
}

// isNextToUnspaced reports whether the word at i is next to one of a script without spaces, and itself of another script.
func (m *masker) isNextToUnspaced(i int) bool {
	if classOf[m.s[m.masked[i].start()]] == nonASCII {
		if _, what := scriptAt(m.s, m.masked[i].start()); what == unspaced {
			return false
		}
	}
	for _, j := range [2]int{i - 1, i + 1} {
		if j < 0 || j >= len(m.masked) || m.masked[j].kind() != word || classOf[m.s[m.masked[j].start()]] != nonASCII {
			continue
		}
		if _, what := scriptAt(m.s, m.masked[j].start()); what == unspaced {
			return true
		}
	}
	return false
}
