package redact

import "strings"

// What the minimum length of tokenForms says of a word that is no secret, but announces one.
const (
	scheme   = -1 - iota // it follows a scheme of the header Authorization
	network              // it is before the network in an address of MySQL
	sentence             // it follows "password is"
	setting              // it is the next word
	telegram             // it follows the number of one of Telegram's bots
)

// tokenForms are prefixes of tokens, with the minimum length of the rest, and words that announce a secret.
var tokenForms = [...]struct {
	prefix    string
	minLength int
}{
	{"Bearer ", scheme}, {"bearer ", scheme}, {"BEARER ", scheme}, {"Basic ", scheme}, {"basic ", scheme}, {"Token ", scheme},
	{"tcp(", network}, {"unix(", network}, {"is ", sentence}, {"requirepass ", setting}, {"masterauth ", setting}, {"AA", telegram},
	{"eyJ", 24},                                                                                                             // a JWT: {"
	{"ghp_", 20}, {"gho_", 20}, {"ghu_", 20}, {"ghs_", 20}, {"ghr_", 20}, {"github_pat_", 20}, {"glpat-", 16}, {"npm_", 24}, // of forges
	{"xoxb-", 10}, {"xoxp-", 10}, {"xoxa-", 10}, {"xoxr-", 10}, {"xoxs-", 10}, {"xapp-", 10}, // Slack
	{"sk_live_", 10}, {"sk_test_", 10}, {"rk_live_", 10}, {"rk_test_", 10}, {"whsec_", 16}, {"shpat_", 16}, {"shpss_", 16}, {"sq0atp-", 20}, {"sq0csp-", 20}, // payments, shops
	{"sk-", 20}, {"hvs.", 20}, {"SG.", 20}, {"ya29.", 16}, {"AIza", 30}, {"AKIA", 16}, {"ASIA", 16}, {"dop_v1_", 32}, {"pypi-", 24}, {"glsa_", 20}, {"AGE-SECRET-KEY-", 20}, {"GOCSPX-", 20},
	{"dckr_pat_", 20}, {"hf_", 30}, {"xkeysib-", 20}, {"ATATT3", 20}, {"sntrys_", 20}, {"lin_api_", 20}, {"ntn_", 20}, {"pscale_", 24}, {"dapi", 32},
	{"hooks.slack.com/services/", 16}, {"discord.com/api/webhooks/", 16}, // who knows the URL may post
}

// formsByFirst has the indexes of tokenForms by their first letter.
var formsByFirst = func() (byFirst [256][]int) {
	for i, f := range tokenForms {
		byFirst[f.prefix[0]] = append(byFirst[f.prefix[0]], i)
	}
	return byFirst
}()

// secondLetters has, by first letter, a bit for each second letter of tokenForms. Few other words begin with the same two.
var secondLetters = func() (bits [256]uint32) {
	for _, f := range tokenForms {
		bits[f.prefix[0]] |= 1 << (f.prefix[1] & 31)
	}
	return bits
}()

// scanWord skips a word, and hides it if it has the form of a token.
func (r *redactor) scanWord(i int) int {
	s := r.s
	end := i + 1
	for end < len(s) && isWord(s[end]) {
		end++
	}
	for _, f := range formsByFirst[s[i]] {
		prefix := tokenForms[f].prefix
		if !strings.HasPrefix(s[i:], prefix) {
			continue
		}
		switch tokenForms[f].minLength {
		case scheme:
			return r.hideAfterScheme(end)
		case network:
			return r.hideDSNPassword(i, end)
		case sentence:
			return r.hideInSentence(i, end)
		case setting:
			return r.hideSetting(end)
		case telegram:
			return r.hideTelegramToken(i, end)
		}
		if to := tokenEnd(s, i+len(prefix)); to-i-len(prefix) >= tokenForms[f].minLength && hasDigit(s[i+len(prefix):to]) {
			return r.replace(i, to, Replacement)
		}
	}
	return end
}

// hideAfterScheme hides the word after "Bearer" or "Basic" if it looks random.
func (r *redactor) hideAfterScheme(end int) int {
	s := r.s
	from := end + 1
	to := tokenEnd(s, from)
	if v := s[from:to]; looksRandom(v) || len(v) >= 8 && v[len(v)-1] == '=' {
		return r.hide(from, to)
	}
	return end
}

// hideDSNPassword hides the password before a network in an address of MySQL as Go's driver writes it (al:hunter2@tcp(db:3306)/shop), and
// returns end.
func (r *redactor) hideDSNPassword(i, end int) int {
	s := r.s
	if i <= r.copied || s[i-1] != '@' {
		return end
	}
	start := 1 + strings.LastIndexAny(s[r.copied:i], " \t\n\"'`=") + r.copied
	if user, _, found := strings.Cut(s[start:i-1], ":"); found {
		r.hide(start+len(user)+1, i-1)
	}
	return end
}

// hideInSentence hides the word after "password is" or "code is" if it has a digit, and a number after "verification code is".
func (r *redactor) hideInSentence(i, end int) int {
	s := r.s
	if !endsLikeName(s, i, &endsName) {
		return end
	}
	n := nameBefore(s, i)
	k := kindOf(n.text)
	if n.text == "code" && isCodeKind(nameBefore(s, n.start).text) {
		k = shortCode
	}
	to := plainEnd(s, end+1)
	for to > end && strings.IndexByte(".!?:", s[to-1]) >= 0 { // the end of the sentence
		to--
	}
	v := s[min(end+1, to):to]
	if k == shortCode && isCode(v) || k == password && hasDigit(v) && !isNumber(v) {
		return r.hide(end+1, to)
	}
	return end
}

// isCodeKind reports whether a word before "code" says that the code lets somebody in: verification code, but not exit code.
func isCodeKind(w string) bool {
	switch strings.ToLower(w) {
	case "verification", "confirmation", "security", "access", "login", "auth", "authentication", "one-time", "sms", "2fa", "mfa", "otp", "pin", "reset":
		return true
	}
	return false
}

// hideSetting hides the word after the word that ends at end.
func (r *redactor) hideSetting(end int) int {
	to := plainEnd(r.s, end+1)
	if isProse(r.s[end+1 : to]) {
		return end
	}
	return r.hide(end+1, to)
}

// hideTelegramToken hides the second part of a token of Telegram's bots: 123456789:AAH…
func (r *redactor) hideTelegramToken(i, end int) int {
	const length = 35 // of the second part
	to := i
	for to < len(r.s) && (isWord(r.s[to]) || r.s[to] == '-') {
		to++
	}
	if i < 2 || r.s[i-1] != ':' || classOf[r.s[i-2]] != digit || to-i < length-2 || to-i > length+2 {
		return end
	}
	return r.hide(i, to)
}

// tokenEnd returns the end of a token, which consists of Base64 or hexadecimal parts.
func tokenEnd(s string, i int) int {
	for i < len(s) && (isWord(s[i]) || strings.IndexByte("-.~+/=", s[i]) >= 0) {
		i++
	}
	for i > 0 && s[i-1] == '.' { // the end of a sentence
		i--
	}
	return i
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// scanDashes skips dashes, and hides a private key or the value of an option after them: -u, --password.
func (r *redactor) scanDashes(i int) int {
	s := r.s
	end := i + 1
	for end < len(s) && s[end] == '-' {
		end++
	}
	switch end - i {
	case 1:
		if strings.HasPrefix(s[end:], "u ") {
			return r.hideUserOption(end + 2)
		}
		return r.hideShortOption(end)
	case 2:
		return r.hideOption(end)
	case 5:
		return r.hidePrivateKey(end)
	}
	return end
}

// hideUserOption hides the password in an argument of curl's: -u al:hunter2, but not -u 1000:1000 or -u root:root.
func (r *redactor) hideUserOption(i int) int {
	end := plainEnd(r.s, i)
	user, password, found := strings.Cut(r.s[i:end], ":")
	if !found || isNumber(password) || !hasDigit(password) {
		return i
	}
	return r.hide(i+len(user)+1, end)
}

// shortOptions are programs with an option of one letter whose value is a password, which follows directly or after a space.
var shortOptions = [...]struct {
	program, option string
	spaced          bool
}{{"mysql", "p", false}, {"mariadb", "p", false}, {"sshpass", "p", true}, {"sshpass", "p", false}, {"redis-cli", "a", true}}

// hideShortOption hides the value of such an option of a program named before it in the line.
func (r *redactor) hideShortOption(i int) int {
	s := r.s
	const window = 200 // the bytes before the option in which the program is looked for
	if i+1 >= len(s) || s[i] != 'p' && s[i] != 'a' {
		return i
	}
	line := s[max(i-window, 0):i]
	line = line[strings.LastIndexAny(line, "\n|;")+1:]
	for _, o := range shortOptions {
		from := i + 1
		if o.option[0] != s[i] || o.spaced != (s[from] == ' ') || !strings.Contains(line, o.program) {
			continue
		}
		if o.spaced {
			from++
		}
		q, inside := openQuote(s, from)
		if q.char != 0 {
			return r.hideQuoted(inside, q, password)
		}
		to := plainEnd(s, from)
		if to > from && s[from] != '-' {
			return r.hide(from, to)
		}
	}
	return i
}

// hideOption hides the value of a command-line option: --password x, '--password', 'x'.
func (r *redactor) hideOption(i int) int {
	s := r.s
	end := i
	for end < len(s) && (isWord(s[end]) || s[end] == '-') {
		end++
	}
	k := kindOf(s[i:end])
	if k == none && s[i:end] == "user" && strings.HasPrefix(s[end:], " ") {
		return r.hideUserOption(end + 1)
	}
	if k != password && k != token {
		return i
	}
	if q, after := openQuote(s, end); q.char != 0 { // an element of a list of arguments
		q, inside := openQuote(s, skipBlanks(s, after+1))
		if after == len(s) || s[after] != ',' || q.char == 0 || strings.HasPrefix(s[inside:], "-") {
			return i
		}
		return r.hideQuoted(inside, q, k)
	}
	if end+1 >= len(s) || s[end] != ' ' || s[end+1] == '-' {
		return i
	}
	from := end + 1
	if q, inside := openQuote(s, from); q.char != 0 {
		return r.hideQuoted(inside, q, k)
	}
	to := plainEnd(s, from)
	if v := s[from:to]; isProse(v) || v == strings.ToUpper(v) && !hasDigit(v) { // --password FILE
		return i
	}
	return r.hide(from, to)
}

// hidePrivateKey hides the text between the first and the last line of a private key, or all text after the first if there is no last line.
func (r *redactor) hidePrivateKey(i int) int {
	s := r.s
	if !strings.HasPrefix(s[i:], "BEGIN ") {
		return i
	}
	label := strings.Index(s[i:], "-----")
	if label < 0 || label > 64 || !strings.Contains(s[i:i+label], "PRIVATE KEY") {
		return i
	}
	from := i + label + len("-----")
	rest := s[from:]
	if r.isJSON { // only to the end of the string
		rest, _, _ = strings.Cut(rest, `"`)
		rest = strings.TrimRight(rest, `\`)
	}
	key, _, _ := strings.Cut(rest, "-----END ")
	return r.hide(from, from+len(key))
}

// hideURLPassword hides the password in a URL whose "://" is at i.
func (r *redactor) hideURLPassword(i int) int {
	s := r.s
	from := i + len("://")
	colon, at := -1, -1
	if from < len(s) && s[from] == '[' { // an IPv6 address
		return from
	}
	end := from
	for ; end < len(s) && strings.IndexByte(" \t\r\n\"'<>\\`|,;", s[end]) < 0; end++ {
		switch c := s[end]; {
		case c == '@':
			at = end
		case c == ':' && colon < 0:
			colon = end
		case (c == '/' || c == '?' || c == '#') && (colon < 0 || at >= 0 || isNumber(s[colon+1:end])): // the end of the host, unless it is in a password
			return r.hideUserinfo(from, colon, at)
		}
	}
	return r.hideUserinfo(from, colon, at)
}

// hideUserinfo hides the password or the single token before the @ of a URL. The query of the URL is scanned separately.
func (r *redactor) hideUserinfo(from, colon, at int) int {
	switch {
	case at < 0:
		return from
	case colon >= 0 && colon < at:
		return r.hide(colon+1, at)
	case at-from >= 16 && looksRandom(r.s[from:at]):
		return r.hide(from, at)
	}
	return from
}
