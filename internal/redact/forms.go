package redact

import "strings"

// forms are the beginnings by which tokens are known, with the least length of what follows; 0 for schemes of the header
// Authorization, behind which one stands.
var forms = [...]struct {
	prefix string
	least  int
}{
	{"Bearer ", 0}, {"bearer ", 0}, {"BEARER ", 0}, {"Basic ", 0}, {"basic ", 0}, // a scheme, and not hidden itself
	{"eyJ", 24},                                                                                                             // a JWT: {"
	{"ghp_", 20}, {"gho_", 20}, {"ghu_", 20}, {"ghs_", 20}, {"ghr_", 20}, {"github_pat_", 20}, {"glpat-", 16}, {"npm_", 24}, // of forges
	{"xoxb-", 10}, {"xoxp-", 10}, {"xoxa-", 10}, {"xoxr-", 10}, {"xoxs-", 10}, {"xapp-", 10}, // Slack
	{"sk_live_", 10}, {"sk_test_", 10}, {"rk_live_", 10}, {"rk_test_", 10}, {"whsec_", 16}, {"shpat_", 16}, {"shpss_", 16}, // payments, shops
	{"sk-", 20}, {"hvs.", 20}, {"SG.", 20}, {"ya29.", 16}, {"AIza", 30}, {"AKIA", 16}, {"ASIA", 16}, {"dop_v1_", 32}, {"pypi-", 24}, {"glsa_", 20}, {"AGE-SECRET-KEY-", 20},
}

// formsOf are the forms by their first letter.
var formsOf = func() (of [256][]int) {
	for i, f := range forms {
		of[f.prefix[0]] = append(of[f.prefix[0]], i)
	}
	return of
}()

// seconds has by a first letter a bit for each second one that forms have: few other words begin so.
var seconds = func() (bits [256]uint32) {
	for _, f := range forms {
		bits[f.prefix[0]] |= 1 << (f.prefix[1] & 31)
	}
	return bits
}()

// word passes a word, and hides it if it has the form of a token.
func (r *redactor) word(i int) int {
	s := r.s
	end := i + 1
	for end < len(s) && isWord(s[end]) {
		end++
	}
	for _, f := range formsOf[s[i]] {
		prefix := forms[f].prefix
		if !strings.HasPrefix(s[i:], prefix) {
			continue
		}
		if forms[f].least == 0 {
			return r.scheme(end)
		}
		if to := tokenEnd(s, i+len(prefix)); to-i-len(prefix) >= forms[f].least && hasDigit(s[i+len(prefix):to]) {
			return r.replace(i, to, Replacement)
		}
	}
	return end
}

// scheme hides what is behind "Bearer" and "Basic", if it looks random.
func (r *redactor) scheme(end int) int {
	s := r.s
	from := end + 1
	to := tokenEnd(s, from)
	if v := s[from:to]; looksRandom(v) || len(v) >= 8 && v[len(v)-1] == '=' {
		return r.hide(from, to)
	}
	return end
}

// tokenEnd returns where a token ends: base64, hex, and what joins their parts.
func tokenEnd(s string, i int) int {
	for i < len(s) && (isWord(s[i]) || strings.IndexByte("-.~+/=", s[i]) >= 0) {
		i++
	}
	for i > 0 && s[i-1] == '.' { // of a sentence
		i--
	}
	return i
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// dashes hides a private key, and what is behind --password.
func (r *redactor) dashes(i int) int {
	s := r.s
	end := i + 1
	for end < len(s) && s[end] == '-' {
		end++
	}
	switch end - i {
	case 2:
		return r.option(end)
	case 5:
		return r.privateKey(end)
	}
	return end
}

// option hides the value of an option of a command: --password x.
func (r *redactor) option(i int) int {
	s := r.s
	end := i
	for end < len(s) && (isWord(s[end]) || s[end] == '-') {
		end++
	}
	k := kindOf(s[i:end])
	if k != password && k != token || end+1 >= len(s) || s[end] != ' ' || s[end+1] == '-' {
		return i
	}
	from := end + 1
	if q, inside := openQuote(s, from); q.char != 0 {
		return r.quoted(inside, q, k)
	}
	to := plainEnd(s, from)
	if v := s[from:to]; isProse(v) || v == strings.ToUpper(v) && !hasDigit(v) { // --password FILE
		return i
	}
	return r.hide(from, to)
}

// privateKey hides what is between the lines around a private key, or all behind the first if there is no other.
func (r *redactor) privateKey(i int) int {
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
	if r.json { // up to the end of its string
		rest, _, _ = strings.Cut(rest, `"`)
		rest = strings.TrimRight(rest, `\`)
	}
	key, _, _ := strings.Cut(rest, "-----END ")
	return r.hide(from, from+len(key))
}

// url hides the password in a URL whose "://" is at i.
func (r *redactor) url(i int) int {
	s := r.s
	from := i + len("://")
	colon, at := -1, -1
	if from < len(s) && s[from] == '[' { // an address of IPv6
		return from
	}
	end := from
	for ; end < len(s) && strings.IndexByte(" \t\r\n\"'<>\\`|,;", s[end]) < 0; end++ {
		switch c := s[end]; {
		case c == '@':
			at = end
		case c == ':' && colon < 0:
			colon = end
		case (c == '/' || c == '?' || c == '#') && (colon < 0 || at >= 0 || isNumber(s[colon+1:end])): // the host ends; not in a password
			return r.userinfo(from, colon, at)
		}
	}
	return r.userinfo(from, colon, at)
}

// userinfo hides the password before the @ of a URL, or a token alone there. The names in its query are read by themselves.
func (r *redactor) userinfo(from, colon, at int) int {
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
