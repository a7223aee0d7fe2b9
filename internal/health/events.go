package health

// event is what a message says about its process.
type event uint8

const (
	noEvent event = iota
	finish        // the work is done: a farewell if the worker is a job
	startup
	farewell
)

// scannedBytes is how many bytes of a message are searched for events, which are near its beginning.
const scannedBytes = 80

// eventWords are the texts that indicate an event, by their first letter. They count only at the start of a word.
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

// eventOf returns the event that a message indicates. A farewell takes precedence over a startup, as in "stopped the server
// that was started".
func eventOf(message string) (e event) {
	message = message[:min(len(message), scannedBytes)]
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

// hasPrefix reports whether text begins with a prefix, which is in lower case, ignoring the case of text.
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
