package redact

import (
	"slices"
	"strings"
)

// A kind says which values of a name are secrets.
type kind uint8

const (
	none     kind = iota
	password      // any value
	token         // any value, but in a sentence only what looks random
	counted       // as token, but no number: how many there are
	header        // all of it, to the end of the line
	short         // a few digits: a PIN, a code
	session       // only right behind "=", as in a URL
)

// secretNames are the names of secrets, in lower case, without _ - and spaces. A longer name that ends in one is one, too ("db_password"); of
// those of up to four letters only if a part of the name begins there ("db_pass", but not "bypass").
var secretNames = [...]struct {
	kind  kind
	names string
}{
	{password, "password passwd pwd passphrase passcode passwordhash passworddigest passwordconfirmation passwordconfirm passwort motdepasse senha pass passwords"},
	{token, "token secret jwt bearer apikey appkey accesskey secretkey secretaccesskey privatekey signingkey encryptionkey authkey sharedkey accountkey masterkey" +
		" credential credentials secrets amzsignature googsignature clientassertion"},
	{counted, "tokens"},
	{header, "authorization cookie cookies setcookie2"},
	{short, "cvv cvc pin otp totp"},
	{session, "sig jsessionid phpsessid"},
}

// harmless are names that end as those of secrets do.
var harmless = strings.Fields("pagetoken nexttoken continuationtoken cursortoken synctoken resumetoken starttoken stoptoken endtoken oldpwd")

// longestName bounds how much of a name is looked at.
const longestName = 48

type secretName struct {
	kind kind
	text string
}

// byEnding are the names by their last two letters: few other names end as they do, so that most are passed by at once.
var byEnding = func() (names [32 * 32][]secretName) {
	for _, s := range secretNames {
		for _, name := range strings.Fields(s.names) {
			i := ending(name)
			names[i] = append(names[i], secretName{s.kind, name})
		}
	}
	return names
}()

// mayEnd says for which endings there are names, and "value", which may be the value of one.
var mayEnd = func() (may [32 * 32]bool) {
	for i, names := range byEnding {
		may[i] = names != nil
	}
	may[ending("value")] = true
	return may
}()

// mayEndHeader says for which endings there are headers.
var mayEndHeader = func() (may [32 * 32]bool) {
	for i, names := range byEnding {
		may[i] = slices.ContainsFunc(names, func(n secretName) bool { return n.kind == header })
	}
	return may
}()

// ending is the last two letters of a name as an index, in any case.
func ending(name string) int { return int(name[len(name)-2]&31)<<5 | int(name[len(name)-1]&31) }

// kindOf returns the kind of a name.
func kindOf(name string) kind {
	for len(name) > 2 && classOf[name[len(name)-1]] == digit { // password1
		name = name[:len(name)-1]
	}
	if len(name) < 2 || !mayEnd[ending(name)] {
		return none
	}
	var buf [longestName]byte
	folded, starts := fold(name, &buf)
	for _, n := range byEnding[ending(name)] {
		at := len(folded) - len(n.text)
		if at < 0 || string(folded[at:]) != n.text || len(n.text) <= 4 && starts>>at&1 == 0 {
			continue
		}
		if slices.ContainsFunc(harmless, func(h string) bool { return strings.HasSuffix(string(folded), h) }) {
			return none
		}
		return n.kind
	}
	return none
}

// fold returns the end of a name in lower case without what joins its parts, and a bit for each letter there that begins a part.
func fold(name string, buf *[longestName]byte) (folded []byte, starts uint64) {
	name = name[max(len(name)-longestName, 0):]
	n, begins := 0, true
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '_' || c == '-' || c == '.' {
			begins = true
			continue
		}
		if c-'A' < 26 {
			begins = begins || name[i-1]-'a' < 26 // camelCase
			c += 'a' - 'A'
		}
		if begins {
			starts |= 1 << n
		}
		buf[n] = c
		n++
		begins = false
	}
	return buf[:n], starts
}
