package record

// LevelOfWord returns the level that a word names, in any case; Unknown if it names none. Words are those that a level's
// member may have, single letters and what .NET prints among them.
func LevelOfWord(word string) Level { return levelOfWord(word) }
