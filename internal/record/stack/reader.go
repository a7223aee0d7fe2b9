package stack

import "strings"

// block is one exception and its frames.
type block struct {
	kind, text string
	leaf       bool // of an exception group
	aside      bool // suppressed, or another goroutine: neither the headline nor its cause
	wrapsLast  bool // it wraps the one before it, as in Python's order, instead of being its cause
	group      bool
	newestLast bool // the order of the frames
	depth      int  // Python: the column of the margin
	frames     int
	top        frame // the frame that threw
	topOwn     bool
	own        frame // the newest frame of one's own
	ownAt      int   // its number; -1 for none
	oldestOwn  bool  // Python: one's own code caught it
	shared     int   // how many of the last frames are shared with the exception that it caused (Java's "... 5 more")
	awaitsText bool  // its text is on the next line
	finished   bool  // Python: another one followed, which it caused or in whose handling it was
}

// reader reads a trace line by line.
type reader struct {
	letters []byte
	below   string // what follows the line
	blocks  []block
	few     [3]block // room for the blocks of most traces
	last    int      // the block that frames belong to; -1 for none yet
	outer   []int    // the blocks that .NET goes back to behind its inner exceptions
	indent  int      // of the last frame; what is indented deeper belongs to it
	inFrame bool
	skip    int  // lines that are read already, as a frame's second one
	causes  bool // below a bare "Caused by:"
	leaves  bool // inside Node's "[errors]: ["
	python  pythonState
}

// line reads one line.
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

// plainLine reads a line of a stack that has its exception first.
func (r *reader) plainLine(line string) byte {
	text := strings.TrimSpace(line)
	if text == "" {
		return LineText
	}
	if strings.HasPrefix(text, "at ") { // most lines of most stacks
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

// frame reads a frame at the line, and says how many lines it has.
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

// elvaFrame reads what is made of frames that are published as objects: "file:line function".
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

// addFrame gives a frame to its exception.
func (r *reader) addFrame(f frame) byte {
	if r.last < 0 {
		r.begin(block{})
	}
	b := &r.blocks[r.last]
	own := !f.isLibrary()
	if f.language == golang && isGoPanic(f.function) { // what is above is a deferred function that recovers
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

// begin begins an exception. Its frames follow.
func (r *reader) begin(b block) {
	if len(r.blocks) >= maxBlocks {
		return
	}
	b.ownAt = -1
	r.blocks = append(r.blocks, b)
	r.last = len(r.blocks) - 1
}

// block returns the exception that is being read, or nil.
func (r *reader) block() *block {
	if r.last < 0 {
		return nil
	}
	return &r.blocks[r.last]
}

// head reads the first line of an exception that is no announced cause: the trace's first line, or one behind other frames.
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
	if strings.HasPrefix(text, "** (") && indentOf(line) > 0 { // what Elixir says of an exit, below the exception
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

// indentOf counts the blanks that a line begins with.
func indentOf(line string) int { return len(line) - len(trimIndent(line)) }

// cut bounds a text to one short line.
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
