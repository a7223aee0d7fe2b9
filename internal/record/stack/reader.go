package stack

import "strings"

// block is one exception and its frames.
type block struct {
	kind, text string
	leaf       bool  // whether it is a leaf of an exception group
	aside      bool  // whether it is suppressed or of another goroutine, and thus not in the chain
	wrapsLast  bool  // whether it wraps the one before it, as in Python's order, instead of being its cause
	group      bool  // whether it is an exception group
	newestLast bool  // whether the newest frame is the last
	depth      int   // Python: the column of the margin
	frames     int   // number of frames
	top        frame // the frame that threw it
	topOwn     bool  // whether top is a frame of the application
	own        frame // the newest frame of the application
	ownAt      int   // its number; -1 if there is none
	oldestOwn  bool  // Python: whether the application caught it
	shared     int   // number of last frames that are shared with the exception that it caused (Java's "... 5 more")
	awaitsText bool  // whether its text is on the next line
	finished   bool  // Python: whether another one followed that it caused or during whose handling it was thrown
}

// reader parses a trace line by line.
type reader struct {
	letters []byte
	below   string // the text after the current line
	blocks  []block
	few     [3]block // initial memory of blocks
	last    int      // the block to which frames belong; -1 if there is none yet
	outer   []int    // the blocks that .NET continues after inner exceptions
	indent  int      // indentation of the last frame; lines with a larger one belong to it
	inFrame bool
	skip    int  // number of lines that were already read, such as the second line of a frame
	causes  bool // whether a bare "Caused by:" precedes
	leaves  bool // whether the line is inside Node's "[errors]: ["
	python  pythonState
}

// line parses one line.
func (r *reader) line(line string) {
	letter := byte(LineText)
	switch {
	case r.skip > 0:
		r.skip--
		letter = LineMore
	default:
		var done bool
		if letter, done = r.pythonLine(line); !done {
			letter = r.plainLine(line)
		}
	}
	if len(r.letters) < maxLines {
		r.letters = append(r.letters, letter)
	}
	r.inFrame = letter == LineOwn || letter == LineLibrary || letter == LineMore
}

// plainLine parses a line of a trace that begins with its exception.
func (r *reader) plainLine(line string) byte {
	text := strings.TrimSpace(line)
	if text == "" {
		return LineText
	}
	if strings.HasPrefix(text, "at ") { // the most frequent case
		if f, ok := parseFrame(line); ok {
			r.indent = indentOf(line)
			return r.addFrame(f)
		}
	}
	if letter, ok := r.chain(line, text); ok {
		return letter
	}
	if letter, ok := r.head(line, text); ok {
		return letter
	}
	if f, lines, ok := r.frame(line); ok {
		r.skip = lines - 1
		r.indent = indentOf(line)
		return r.addFrame(f)
	}
	if r.inFrame && indentOf(line) > r.indent {
		return LineMore
	}
	if b := r.block(); b != nil && b.awaitsText {
		b.text, b.awaitsText = cut(text), false
	}
	return LineText
}

// frame parses a frame that begins at the line, and returns how many lines it has.
func (r *reader) frame(line string) (f frame, lines int, ok bool) {
	if file, ok := isGoPlace(cutAt(r.below, '\n')); ok && !strings.HasPrefix(line, "\t") {
		return goCall(line, file), 2, true
	}
	if f, ok := rustCall(line); ok {
		if place, ok := strings.CutPrefix(strings.TrimSpace(cutAt(r.below, '\n')), "at "); ok {
			f.file, _ = cutPlace(place)
			return f, 2, true
		}
		if strings.Contains(f.function, "::") {
			return f, 1, true
		}
	}
	if f, ok := parseFrame(line); ok {
		return f, 1, true
	}
	f, ok = elvaFrame(line)
	return f, 1, ok && len(r.blocks)+len(r.letters) > 0
}

// elvaFrame parses a frame that was published as an object and converted to "file:line function".
func elvaFrame(line string) (f frame, ok bool) {
	place, function, _ := strings.Cut(strings.TrimSpace(line), " ")
	file, ok := cutPlace(place)
	if !ok || !hasSourceType(file) || strings.IndexByte(function, ' ') >= 0 || strings.HasSuffix(function, ":") {
		return f, false
	}
	f = frame{function: function, file: file}
	if strings.HasSuffix(file, ".java") || strings.HasSuffix(file, ".kt") || strings.HasSuffix(file, ".cs") || strings.HasSuffix(file, ".scala") {
		f.language = jvm
	}
	return f, true
}

// addFrame adds a frame to its exception.
func (r *reader) addFrame(f frame) byte {
	if r.last < 0 {
		r.begin(block{})
	}
	b := &r.blocks[r.last]
	own := !f.isLibrary()
	if f.language == golang && isGoPanic(f.function) { // the frames above belong to deferred functions
		b.frames, b.ownAt, b.topOwn = 0, -1, false
		return LineLibrary
	}
	if b.frames == 0 || b.newestLast {
		b.top, b.topOwn = f, own
	}
	if b.frames == 0 && b.newestLast {
		b.oldestOwn = own
	}
	if own && (b.ownAt < 0 || b.newestLast) {
		b.own, b.ownAt = f, b.frames
	}
	b.frames++
	if own {
		return LineOwn
	}
	return LineLibrary
}

func isGoPanic(function string) bool {
	switch function {
	case "panic", "runtime.gopanic", "runtime.goPanicIndex", "runtime.panicmem", "runtime.sigpanic", "runtime.throw", "runtime.fatal", "runtime.panicIndex":
		return true
	}
	return false
}

// begin begins an exception, whose frames follow.
func (r *reader) begin(b block) {
	if len(r.blocks) >= maxBlocks {
		return
	}
	b.ownAt = -1
	r.blocks = append(r.blocks, b)
	r.last = len(r.blocks) - 1
}

// block returns the current exception, or nil.
func (r *reader) block() *block {
	if r.last < 0 {
		return nil
	}
	return &r.blocks[r.last]
}

// head parses the first line of an exception that isn't introduced as a cause: the first line of the trace, or a line after frames.
func (r *reader) head(line, text string) (byte, bool) {
	if f, kind, said, ok := rubyError(text); ok {
		r.begin(block{kind: kind, text: said})
		r.indent = indentOf(line)
		if r.addFrame(f); len(r.blocks) > 1 {
			return LineCause, true
		}
		return LineException, true
	}
	if strings.HasPrefix(text, "goroutine ") && strings.HasSuffix(text, "]:") {
		if b := r.block(); b != nil && b.frames > 0 {
			r.begin(block{aside: true})
		}
		return LineText, true
	}
	if _, ok := isGoPlace(cutAt(r.below, '\n')); ok && !strings.HasPrefix(line, "\t") { // Go's function of a frame looks like a qualified type
		return 0, false
	}
	if strings.HasPrefix(text, "** (") && indentOf(line) > 0 { // Elixir writes the reason of an exit below the exception
		return 0, false
	}
	first := len(r.blocks) == 0
	if !first && !r.leaves && !(r.blocks[r.last].frames > 0 && r.isFrameBelow()) {
		return 0, false
	}
	kind, said, sure := errorLine(text)
	if kind == "" || !sure && !first || first && !sure && !r.isFrameBelow() {
		return 0, false
	}
	if _, _, ok := r.frame(line); ok && !sure {
		return 0, false
	}
	if !first && !r.leaves && (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")) {
		return 0, false
	}
	r.begin(block{kind: kind, text: said, leaf: r.leaves, awaitsText: kind == panicType && said == ""})
	return LineException, true
}

// isFrameBelow reports whether the line below is a frame.
func (r *reader) isFrameBelow() bool {
	line, rest, _ := strings.Cut(r.below, "\n")
	if _, ok := parseFrame(line); ok {
		return true
	}
	if _, ok := isGoPlace(cutAt(rest, '\n')); ok {
		return true
	}
	_, ok := elvaFrame(line)
	return ok
}

// indentOf returns the number of blanks at the start of a line.
func indentOf(line string) int { return len(line) - len(trimIndent(line)) }

// cut returns the first line of a text, at most maxText bytes.
func cut(s string) string {
	s = strings.TrimSpace(cutAt(s, '\n'))
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
