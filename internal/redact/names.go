package redact

import (
	"slices"
	"strings"
)

// kind is the kind of a name, which says which of its values are secrets.
type kind uint8

const (
	none      kind = iota
	password       // any value
	token          // any value, but in a sentence only if it looks random
	countable      // like token, but not a number, which is probably a count
	header         // the rest of the line
	shortCode      // a few digits, such as a PIN
	session        // only directly after "=", as in a URL; "code" only in its query, if it looks random
)

// secretNames are the names of secrets, in lower case, without _, - and spaces. A longer name counts if it ends with one of them
// ("db_password"). Names of up to four letters must then be a part of their own ("db_pass", but not "bypass").
var secretNames = [...]struct {
	kind  kind
	names string
}{
	{password, "password passwd pwd passphrase passcode passwordhash passworddigest passwordconfirmation passwordconfirm passwort motdepasse senha pass passwords"},
	{token, "token secret jwt bearer apikey appkey accesskey secretkey secretaccesskey privatekey secretkeybase signingkey encryptionkey authkey sharedkey accountkey masterkey" +
		" credential credentials secrets licensekey amzsignature googsignature clientassertion"},
	{countable, "tokens"},
	{header, "authorization cookie cookies setcookie2"},
	{shortCode, "cvv cvc pin otp totp"},
	{session, "sig jsessionid phpsessid code"},
}

// harmlessNames are exceptions, which end like the names of secrets.
var harmlessNames = strings.Fields("pagetoken nexttoken continuationtoken cursortoken synctoken resumetoken starttoken stoptoken endtoken oldpwd")

// maxName is how many bytes at the end of a name count.
const maxName = 48

type secretName struct {
	kind kind
	text string
}

// namesByEnding has the names by their last two letters. Few other names have these, so most names are rejected immediately.
var namesByEnding = func() (names [32 * 32][]secretName) {
	for _, s := range secretNames {
		for _, name := range strings.Fields(s.names) {
			i := endingIndex(name)
			names[i] = append(names[i], secretName{s.kind, name})
		}
	}
	return names
}()

// endsName has the endings of all names, and of "value", which may belong to a name before it.
var endsName = func() (may [32 * 32]bool) {
	for i, names := range namesByEnding {
		may[i] = names != nil
	}
	may[endingIndex("value")] = true
	return may
}()

// endsHeader has the endings of all names of headers.
var endsHeader = func() (may [32 * 32]bool) {
	for i, names := range namesByEnding {
		may[i] = slices.ContainsFunc(names, func(n secretName) bool { return n.kind == header })
	}
	return may
}()

// endingIndex returns the last two letters of a name as an index, ignoring case.
func endingIndex(name string) int { return int(name[len(name)-2]&31)<<5 | int(name[len(name)-1]&31) }

// kindOf returns the kind of a name.
func kindOf(name string) kind {
	for len(name) > 2 && classOf[name[len(name)-1]] == digit { // password1
		name = name[:len(name)-1]
	}
	if len(name) < 2 || !endsName[endingIndex(name)] {
		return none
	}
	var buf [maxName]byte
	folded, starts := foldName(name, &buf)
	for _, n := range namesByEnding[endingIndex(name)] {
		at := len(folded) - len(n.text)
		if at < 0 || string(folded[at:]) != n.text || len(n.text) <= 4 && starts>>at&1 == 0 {
			continue
		}
		if slices.ContainsFunc(harmlessNames, func(h string) bool { return strings.HasSuffix(string(folded), h) }) {
			return none
		}
		return n.kind
	}
	return none
}

// foldName returns the end of a name in lower case and without separators, and a bit for each letter that begins a part of the name.
func foldName(name string, buf *[maxName]byte) (folded []byte, starts uint64) {
	name = name[max(len(name)-maxName, 0):]
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
