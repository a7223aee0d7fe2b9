package health

// event is what a message says of its process.
type event uint8

const (
	noEvent event = iota
	finish        // of a job: a farewell if it has not lived for long
	startup
	farewell
)

// scanned bounds how much of a message is read for events, in bytes: they are at its begin.
const scanned = 80

// eventWords are the words of events, by their first letter; they are read only. One counts where a word begins.
var eventWords = [...][]eventWord{
	'b' - 'a': {{"bootstrap", startup}, {"booting", startup}, {"booted", startup}, {"bye", farewell}},
	'c' - 'a': {{"completed", finish}},
	'd' - 'a': {{"done", finish}},
	'e' - 'a': {{"exiting", farewell}, {"exited", farewell}},
	'f' - 'a': {{"finished", finish}},
	'g' - 'a': {{"goodbye", farewell}, {"graceful", farewell}},
	'i' - 'a': {{"initializing", startup}, {"initialising", startup}},
	'l' - 'a': {{"listening on", startup}, {"launching", startup}},
	's' - 'a': {
		{"starting", startup}, {"started", startup}, {"startup", startup}, {"start up", startup},
		{"sigterm", farewell}, {"sigint", farewell}, {"shutting down", farewell}, {"shutdown", farewell}, {"shut down", farewell},
		{"stopping", farewell}, {"stopped", farewell},
	},
	't' - 'a': {{"terminating", farewell}, {"terminated", farewell}},
	'z' - 'a': nil,
}

type eventWord struct {
	text string
	event
}

// eventOf returns what a message says of its process: a farewell rather than a start ("shutting down what was started").
func eventOf(message string) (e event) {
	message = message[:min(len(message), scanned)]
	inWord := false
	for i := range len(message) {
		c := message[i] | 0x20
		isLetter := c >= 'a' && c <= 'z'
		if isLetter && !inWord {
			for _, w := range eventWords[c-'a'] {
				if w.event > e && hasPrefix(message[i:], w.text) {
					e = w.event
				}
			}
		}
		inWord = isLetter
	}
	return e
}

// hasPrefix reports whether text begins with a prefix in lower case, whatever its own case is.
func hasPrefix(text, prefix string) bool {
	if len(text) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if text[i]|0x20 != prefix[i] && text[i] != prefix[i] {
			return false
		}
	}
	return true
}
