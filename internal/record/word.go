package record

// LevelOfWord returns the level for a word, ignoring case, or Unknown. It knows all words that count as the value of a member, including
// single letters.
func LevelOfWord(word string) Level { return levelOfWord(word) }
