package record_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// The rules of testdata/corpus/README.md, one by one. want is the normal form as JSON, without the template.
var rule = []struct{ clause, payload, want string }{
	// The normal form.
	{"trailing space, tab, CR, LF and NUL of a message go", `{"msg":"a \t\r\n\u0000 "}`, `{"message":"a"}`},
	{"a message that is empty is absent", `{"msg":"  ","level":"info"}`, `{"level":"info","fields":{"msg":"  "}}`},
	{"numbers keep every digit", `{"msg":"m","n":12345678901234567890.10e-07}`, `{"message":"m","fields":{"n":12345678901234567890.10e-07}}`},
	{"NaN and the infinities become strings", `{"msg":"m","a":NaN,"b":[-Infinity,{"c":Infinity}]}`, `{"message":"m","fields":{"a":"NaN","b":["-Infinity",{"c":"Infinity"}]}}`},
	{"an object that loses its last member goes away", `{"log":{"level":"info","x":{"y":{}}},"host":{"hostname":"h"},"msg":"m","e":{}}`, `{"level":"info","host":"h","message":"m","fields":{"log":{"x":{"y":{}}},"e":{}}}`},
	{"a trace has no blank lines around it", `{"msg":"m","level":"info","stack":"\n  \n\tat a\n\n"}`, `{"message":"m","level":"info","trace":"\tat a"}`},
	{"a trace has no terminal escapes", `{"msg":"m","level":"info","stack":"\u001b[31ma\u001b[0m"}`, `{"message":"m","level":"info","trace":"a"}`},

	// 1. Kind.
	{"invalid UTF-8 becomes U+FFFD", "{\"msg\":\"a\xffb\",\"k\":\"\xe2\x82\"}", `{"message":"a\ufffdb","fields":{"k":"\ufffd"}}`},
	{"what is around the payload does not count", "\uFEFF\x00 \n{\"msg\":\"m\"}\x00\r\n ", `{"message":"m"}`},
	{"text keeps its leading spaces", "\uFEFF\n  indented\n", `{"message":"  indented"}`},
	{"a JSON string is the text it holds", `"2026-11-22 17:06:01 ERROR boom\u0021"`, `{"time":"2026-11-22T17:06:01Z","level":"error","message":"boom!"}`},
	{"a JSON string that holds a record is one", `"{\"msg\":\"m\"}"`, `{"message":"m"}`},
	{"a JSON array is text", `[{"msg":"m"}]`, `{"message":"[{\"msg\":\"m\"}]"}`},
	{"a JSON number is text", `42`, `{"message":"42"}`},
	{"broken JSON is text", `{"msg":"m"`, `{"message":"{\"msg\":\"m\""}`},
	{"two objects are text", `{"msg":"m"}{"msg":"n"}`, `{"message":"{\"msg\":\"m\"}{\"msg\":\"n\"}"}`},
	{"a raw line break in a JSON string is broken JSON", "{\"msg\":\"a\nb\"}", `{"message":"{\"msg\":\"a\nb\"}"}`},
	{"logfmt: single quotes and escapes", `level=warn msg='it\'s \"x\"\ttab' q="\u00e9\x41\U0001f600"`, `{"level":"warning","message":"it's \"x\"\ttab","fields":{"q":"éA😀"}}`},
	{"logfmt: a bare name is true", `lvl=info msg=done cached`, `{"level":"info","message":"done","fields":{"cached":true}}`},
	{"logfmt: a bare name is a pair", `level=info ready`, `{"level":"info","fields":{"ready":true}}`},
	{"logfmt: one pair is text", `msg=hello`, `{"message":"msg=hello"}`},
	{"logfmt: without level or message it is text", `a=1 b=2`, `{"message":"a=1 b=2"}`},
	{"logfmt: it starts with a pair", `hello level=info msg=x`, `{"message":"hello level=info msg=x"}`},
	{"logfmt: wholly pairs", `level=info msg=x "y z"`, `{"message":"level=info msg=x \"y z\""}`},
	{"logfmt: a value may hold =", `level=info msg=x url=/a?b=c`, `{"level":"info","message":"x","fields":{"url":"/a?b=c"}}`},
	{"logfmt: event alone will do", `event=login user=al`, `{"message":"login","fields":{"user":"al"}}`},
	{"logfmt: numbers in strings decode", `level=30 time=1795367474525 pid=12 msg=x`, `{"level":"info","time":"2026-11-22T17:11:14.525Z","pid":12,"message":"x"}`},
	{"klog: a fatal with a year", `F20261122 17:08:44.201537 30591 main.cc:12] gone`, `{"level":"critical","time":"2026-11-22T17:08:44.201537Z","pid":30591,"source":"main.cc:12","message":"gone"}`},
	{"klog: a stack below", "E1122 17:08:44.201537   30591 main.go:297] boom\ngoroutine 1 [running]:\nmain.main()\n\t/x.go:1 +0x1", `{"level":"error","pid":30591,"source":"main.go:297","message":"boom","trace":"goroutine 1 [running]:\nmain.main()\n\t/x.go:1 +0x1"}`},

	{"logfmt: every escape", `level=info msg="\a\b\f\n\r\t\v\\\"\/\q\xe9\u00e9\ud83d\ude00\U0001F600\xzz\ud800x"`, `{"level":"info","message":"\u0007\b\f\n\t\u000b\\\"/\\qéé😀😀\\xzz\ufffdx"}`},
	{"logfmt: an open quote is text", `level=info msg="x`, `{"message":"level=info msg=\"x"}`},
	{"logfmt: a break ends the line", "level=info msg=x\nb=c", `{"message":"level=info msg=x\nb=c"}`},
	{"logfmt: a quote inside a bare value is text", `level=info msg=x"y"`, `{"message":"level=info msg=x\"y\""}`},

	// 2. Names.
	{"names are folded", `{"Log-Level":"info","_M_S_G":"m"," Logger Name":"l"}`, `{"level":"info","message":"m","logger":"l"}`},
	{"only what follows the last slash counts", `{"severity":"INFO","logging.googleapis.com/sourceLocation":{"file":"a.go","line":"12","function":"f"},"message":"m","a/b/logger":"l"}`, `{"level":"info","source":"a.go:12 f","message":"m","logger":"l"}`},
	{"an escaped name is its characters", `{"\u006dsg":"m"}`, `{"message":"m"}`},
	{"@ stays", `{"@msg":"a","@message":"b"}`, `{"message":"b","fields":{"@msg":"a"}}`},
	{"nesting joins four levels", `{"a":1,"record":{"time":{"timestamp":1795367474.5}},"attributes":{"code":{"file":{"path":"x.go"},"line":{"number":3}}},"msg":"m"}`, `{"time":"2026-11-22T17:11:14.5Z","source":"x.go:3","message":"m","fields":{"a":1}}`},
	{"five levels are too deep", `{"l":{"e":{"v":{"e":{"l":"info"}}}},"msg":"m"}`, `{"message":"m","fields":{"l":{"e":{"v":{"e":{"l":"info"}}}}}}`},
	{"of repeated names the first counts", `{"msg":"a","msg":"b","Msg":"a"}`, `{"message":"a","fields":{"msg":"b","Msg":"a"}}`},
	{"the first counts though it does not decode", `{"level":"gold","Level":"info","msg":"m"}`, `{"message":"m","fields":{"level":"gold","Level":"info"}}`},

	// 3. Parts.
	{"names that say the same are dropped", `{"level":"info","severity":"INFO","levelno":20,"level_value":20000,"msg":"m","message":"m","logger":"l","logger_name":"l"}`, `{"level":"info","message":"m","logger":"l"}`},
	{"names that say something else are fields", `{"level":"info","severity":"ERROR","msg":"m","message":"n","logger":"l","logger_name":"k"}`, `{"level":"info","message":"m","logger":"l","fields":{"severity":"ERROR","message":"n","logger_name":"k"}}`},
	{"times within 1 ms say the same", `{"time":"2026-11-22T17:00:00.5004Z","ts":1795366800.5,"date":"2026-11-22T17:00:00.6Z","msg":"m"}`, `{"time":"2026-11-22T17:00:00.5004Z","message":"m","fields":{"date":"2026-11-22T17:00:00.6Z"}}`},
	{"empty values under listed names are dropped", `{"level":null,"time":"","msg":"m","logger":[],"pid":{},"stack":"","exc_info":null,"args":[],"context":{},"file":null,"hostname":""}`, `{"message":"m"}`},
	{"empty values under other names are fields", `{"msg":"m","a":null,"b":"","c":[],"d":{},"error":"","err":null}`, `{"message":"m","fields":{"a":null,"b":"","c":[],"d":{},"error":"","err":null}}`},

	// Level.
	{"names beat numbers", `{"level":40,"levelname":"INFO","msg":"m"}`, `{"level":"info","message":"m","fields":{"level":40}}`},
	{"a number counts if there is no name", `{"level":"custom","levelno":42,"msg":"m"}`, `{"level":"error","message":"m","fields":{"level":"custom"}}`},
	{"loguru", `{"text":"x","record":{"level":{"icon":"i","name":"SUCCESS","no":25},"message":"saved","name":"app","file":{"name":"a.py","path":"/srv/a.py"},"line":3,"function":"f","process":{"id":7,"name":"Main"},"time":{"repr":"r","timestamp":1795366800.25},"exception":null,"extra":{"k":"v"}}}`,
		`{"time":"2026-11-22T17:00:00.25Z","level":"info","message":"saved","logger":"app","source":"a.py:3 f","pid":7,"fields":{"text":"x","record":{"level":{"icon":"i"},"file":{"path":"/srv/a.py"},"process":{"name":"Main"},"time":{"repr":"r"},"exception":null,"extra":{"k":"v"}}}}`},
	{"@t without @l is info", `{"@t":"2026-11-22T17:00:00Z","@m":"m"}`, `{"time":"2026-11-22T17:00:00Z","level":"info","message":"m"}`},
	{"an empty @l is none", `{"@t":"2026-11-22T17:00:00Z","@m":"m","@l":null}`, `{"time":"2026-11-22T17:00:00Z","level":"info","message":"m"}`},
	{"of a time's object only the time goes", `{"msg":"m","time":{"seconds":1795367474,"zone":"Z"},"instant":{"epochSecond":1795367474,"nanoOfSecond":0}}`, `{"time":"2026-11-22T17:11:14Z","message":"m","fields":{"time":{"zone":"Z"}}}`},
	{"@t with an unknown @l is no level", `{"@t":"2026-11-22T17:00:00Z","@m":"m","@l":"Gold"}`, `{"time":"2026-11-22T17:00:00Z","message":"m","fields":{"@l":"Gold"}}`},
	{"log4j's level object", `{"level":{"levelStr":"WARN","levelInt":30000},"message":"m"}`, `{"level":"warning","message":"m","fields":{"level":{"levelInt":30000}}}`},
	{"fields.level", `{"fields":{"level":"warn","message":"m","a":1}}`, `{"level":"warning","message":"m","fields":{"fields":{"a":1}}}`},

	// Message.
	{"a number or true is a message, an object is not", `{"msg":{"a":1},"message":12.50,"event":true}`, `{"message":"12.50","fields":{"msg":{"a":1},"event":true}}`},
	{"an empty message is no message", `{"msg":"","message":"m"}`, `{"message":"m"}`},
	{"the fallbacks are tried in order", `{"level":"info","err":"e","data":{"x":1},"log":"l"}`, `{"level":"info","message":"l","fields":{"err":"e","data":{"x":1}}}`},
	{"error.message is a fallback", `{"level":"error","error":{"message":"no route","code":5}}`, `{"level":"error","message":"no route","fields":{"error":{"code":5}}}`},
	{"fallbacks are fields beside a message", `{"msg":"m","text":"t","data":"d","error":"e"}`, `{"message":"m","fields":{"text":"t","data":"d","error":"e"}}`},
	{"with args, message is already formatted", `{"msg":"a %s","args":["b"],"message":"a b"}`, `{"message":"a b","fields":{"msg":"a %s","args":["b"]}}`},
	{"log.original, state.message and the error's message go when they repeat the message", `{"message":"m","log":{"original":"m"},"state":{"message":"m","x":1},"error":{"message":"m","code":1}}`, `{"message":"m","fields":{"state":{"x":1},"error":{"code":1}}}`},
	{"they stay when they do not", `{"message":"m","log":{"original":"M"},"state":{"message":"M"},"err":{"message":"M"}}`, `{"message":"m","fields":{"log":{"original":"M"},"state":{"message":"M"},"err":{"message":"M"}}}`},
	{"jsonPayload and textPayload", `{"jsonPayload":{"message":"m","a":1},"textPayload":"m"}`, `{"message":"m","fields":{"jsonPayload":{"a":1}}}`},

	// Logger, host, pid and weak names.
	{"weak names are the record's own data", `{"msg":"m","name":"n","channel":"c","category":"x","target":"t","facility":"f","host":"h"}`, `{"message":"m","fields":{"name":"n","channel":"c","category":"x","target":"t","facility":"f","host":"h"}}`},
	{"weak names count beside a container", `{"msg":"m","channel":"c","host":"h","context":{"a":1}}`, `{"message":"m","logger":"c","host":"h","fields":{"context":{"a":1}}}`},
	{"an empty container is one", `{"msg":"m","channel":"c","extra":[]}`, `{"message":"m","logger":"c"}`},
	{"a text called context is none", `{"msg":"m","channel":"c","context":"x"}`, `{"message":"m","fields":{"channel":"c","context":"x"}}`},
	{"weak names count beside @version", `{"message":"m","host":"h","category":"c","@version":"1"}`, `{"message":"m","host":"h","logger":"c","fields":{"@version":"1"}}`},
	{"an empty weak name that counts is dropped", `{"msg":"m","channel":"","host":null,"extra":{"a":1}}`, `{"message":"m","fields":{"extra":{"a":1}}}`},
	{"a strong name goes before a weak one", `{"msg":"m","logger":"l","name":"n","fields":{"a":1}}`, `{"message":"m","logger":"l","fields":{"name":"n","fields":{"a":1}}}`},
	{"name counts beside a pid and a host name", `{"msg":"m","name":"n","pid":1,"hostname":"h"}`, `{"message":"m","logger":"n","pid":1,"host":"h"}`},
	{"name does not count beside a pid alone", `{"msg":"m","name":"n","pid":1}`, `{"message":"m","pid":1,"fields":{"name":"n"}}`},
	{"name counts beside levelno, category does not", `{"msg":"m","name":"n","levelno":10,"category":"c"}`, `{"message":"m","logger":"n","level":"debug","fields":{"category":"c"}}`},
	{"host counts beside a pid", `{"msg":"m","host":"h","pid":"12"}`, `{"message":"m","host":"h","pid":12}`},
	{"a logger that is a number does not decode", `{"msg":"m","logger":5}`, `{"message":"m","fields":{"logger":5}}`},
	{"a pid that is a word does not decode", `{"msg":"m","pid":"main","process":"nginx"}`, `{"message":"m","fields":{"pid":"main","process":"nginx"}}`},
	{"Serilog's Properties", `{"Timestamp":"2026-11-22T17:00:00Z","Level":"Information","MessageTemplate":"hi {User}","Properties":{"User":"al","SourceContext":"A.B"}}`, `{"time":"2026-11-22T17:00:00Z","level":"info","message":"hi al","logger":"A.B","fields":{"Properties":{"User":"al"}}}`},

	// Source.
	{"a place with a column", `{"msg":"m","location":"src/x.js:1:2"}`, `{"message":"m","source":"src/x.js:1:2"}`},
	{"a place with a function inside", `{"msg":"m","src":"a.py:f:20"}`, `{"message":"m","source":"a.py:f:20"}`},
	{"an address is no place", `{"msg":"m","source":"10.0.0.1:5432","src":"db.internal:5432","caller":"http://x/a.js:12"}`, `{"message":"m","fields":{"source":"10.0.0.1:5432","src":"db.internal:5432","caller":"http://x/a.js:12"}}`},
	{"a place needs a line", `{"msg":"m","caller":"main.go"}`, `{"message":"m","fields":{"caller":"main.go"}}`},
	{"func joined to caller", `{"msg":"m","caller":"a/x.go:3","callerFunc":"f"}`, `{"message":"m","source":"a/x.go:3 f"}`},
	{"file and line alone", `{"msg":"m","file":"x.rb","line":3}`, `{"message":"m","source":"x.rb:3"}`},
	{"a file without a line is a field", `{"msg":"m","file":"x.rb","func":"f"}`, `{"message":"m","fields":{"file":"x.rb","func":"f"}}`},
	{"a line without a file is a field", `{"msg":"m","line":3}`, `{"message":"m","fields":{"line":3}}`},
	{"class and method", `{"message":"m","source":{"class":"a.B","method":"c","file":"B.java","line":7}}`, `{"message":"m","source":"B.java:7 a.B.c"}`},
	{"what says the same again goes", `{"msg":"m","file":"x.go","filename":"x.go","pathname":"/s/x.go","line":7,"lineno":"7","func":"f","function":"f","method":"g"}`, `{"message":"m","source":"x.go:7 f","fields":{"pathname":"/s/x.go","method":"g"}}`},
	{"a source given twice", `{"msg":"m","caller":"x.go:7","file":"x.go","line":7,"func":"f"}`, `{"message":"m","source":"x.go:7 f"}`},
	{"all under one name", `{"message":"m","file":"x.go","caller":{"line":7}}`, `{"message":"m","fields":{"file":"x.go","caller":{"line":7}}}`},
	{"a request's method is no function", `{"msg":"m","caller":"x.go:1","method":"GET"}`, `{"message":"m","source":"x.go:1","fields":{"method":"GET"}}`},

	// Trace.
	{"an array of texts", `{"msg":"m","level":"info","backtrace":["a.rb:1","a.rb:2"]}`, `{"message":"m","level":"info","trace":"a.rb:1\na.rb:2"}`},
	{"an array of frames", `{"msg":"m","level":"info","stack":[{"file":"a.php","line":3,"class":"C","function":"f"},{"function":"g"}]}`, `{"message":"m","level":"info","trace":"a.php:3 C.f\ng"}`},
	{"an array of something else is a field", `{"msg":"m","stack":[1,2]}`, `{"message":"m","fields":{"stack":[1,2]}}`},
	{"an error object with a stack", `{"msg":"m","err":{"type":"E","message":"bad","stack":"at f","code":5}}`, `{"message":"m","level":"error","trace":"E: bad\nat f","fields":{"err":{"code":5}}}`},
	{"a stack that starts with the type needs no heading", `{"msg":"m","err":{"type":"E","message":"bad","stack":"E: bad\n at f"}}`, `{"message":"m","level":"error","trace":"E: bad\n at f"}`},
	{"a stack that has the message needs no heading", `{"msg":"m","error":{"type":"E","message":"bad","stack":"Uncaught bad\n at f"}}`, `{"message":"m","level":"error","trace":"Uncaught bad\n at f","fields":{"error":{"type":"E"}}}`},
	{"frames under a heading are indented", `{"msg":"m","thrown":{"name":"E","message":"bad","extendedStackTrace":[{"class":"A","method":"f","file":"A.java","line":1}],"commonElementCount":0}}`, `{"message":"m","level":"error","trace":"E: bad\n    A.java:1 A.f","fields":{"thrown":{"commonElementCount":0}}}`},
	{"a type given twice", `{"msg":"m","err":{"type":"E","name":"E","message":"bad","stack":"E: bad\n at f"}}`, `{"message":"m","level":"error","trace":"E: bad\n at f"}`},
	{"causes as a text, an array and deeper", `{"msg":"m","level":"info","err":{"message":"bad","stack":"at f","cause":"b"},"error":{"x":1}}`, `{"message":"m","level":"info","trace":"bad\nat f\nCaused by: b","fields":{"error":{"x":1}}}`},
	{"an array of causes", `{"msg":"m","level":"info","err":{"message":"bad","stack":"at f","cause":[{"type":"B","message":"b","stack":"at g"},{"type":"C","message":"c"}]}}`, `{"message":"m","level":"info","trace":"bad\nat f\nCaused by: B: b\nat g\nCaused by: C: c"}`},
	{"eight levels of causes", `{"msg":"m","level":"info","err":{"type":"A","stack":"at a","cause":{"type":"B","cause":{"type":"C","cause":{"type":"D","cause":{"type":"E","cause":{"type":"F","cause":{"type":"G","cause":{"type":"H","cause":{"type":"I"}}}}}}}}}}`, `{"message":"m","level":"info","trace":"A\nat a\nCaused by: B\nCaused by: C\nCaused by: D\nCaused by: E\nCaused by: F\nCaused by: G\nCaused by: H\nCaused by: I"}`},
	{"a cause that the stack tells goes", `{"msg":"m","level":"info","err":{"type":"E","stack":"E: x\n\tat f\nCaused by: C: y\n\tat g","cause":{"type":"C","message":"y"}}}`, `{"message":"m","level":"info","trace":"E: x\n\tat f\nCaused by: C: y\n\tat g"}`},
	{"a cause follows", `{"msg":"m","err":{"type":"E","message":"bad","stack":"E: bad\n at f","cause":{"type":"C","message":"worse","stack":"C: worse\n at g","code":1}}}`, `{"message":"m","level":"error","trace":"E: bad\n at f\nCaused by: C: worse\n at g","fields":{"err":{"cause":{"code":1}}}}`},
	{"Monolog's exception", `{"message":"m","context":{"exception":{"class":"RuntimeException","message":"bad","code":0,"file":"/a.php:3","trace":["/b.php:4"],"previous":{"class":"E","message":"first"}}},"level":400,"channel":"app"}`, `{"message":"m","level":"error","logger":"app","trace":"RuntimeException: bad\n/b.php:4\nCaused by: E: first","fields":{"context":{"exception":{"code":0,"file":"/a.php:3"}}}}`},
	{"dotted error names", `{"message":"m","error.type":"E","error.message":"bad","error.stack_trace":"at f","error.code":"5"}`, `{"message":"m","level":"error","trace":"E: bad\nat f","fields":{"error.code":"5"}}`},
	{"an error object without a stack is a field", `{"msg":"m","level":"info","err":{"type":"E","message":"bad"}}`, `{"message":"m","level":"info","fields":{"err":{"type":"E","message":"bad"}}}`},
	{"several lines under a weak name", `{"msg":"m","error":"a\nb"}`, `{"message":"m","level":"error","trace":"a\nb"}`},
	{"an array of errors and something else is a field", `{"msg":"m","exception":[{"type":"E","frames":["f"]},5]}`, `{"message":"m","fields":{"exception":[{"type":"E","frames":["f"]},5]}}`},
	{"one line under a weak name is a field", `{"msg":"m","exception":"a\n"}`, `{"message":"m","fields":{"exception":"a\n"}}`},
	{"the second trace is a field", `{"msg":"m","stack":"a","error":"b\nc"}`, `{"message":"m","level":"error","trace":"a","fields":{"error":"b\nc"}}`},
	{"the second trace that says the same goes", `{"msg":"m","traceback":"a\nb","exc_text":"a\nb\n"}`, `{"message":"m","level":"error","trace":"a\nb"}`},
	{"text without its first line", `{"msg":"m","text":"m\na\nb"}`, `{"message":"m","level":"error","trace":"a\nb"}`},
	{"loguru's text without the line that ends in the message", `{"text":"2026-11-22 17:00:00 | ERROR | a:f:3 - boom\nTraceback (most recent call last):\nE: x\n","record":{"message":"boom","level":{"name":"ERROR"}}}`, `{"message":"boom","level":"error","trace":"Traceback (most recent call last):\nE: x"}`},
	{"a full message with more in its first line", `{"short_message":"boom","full_message":"boom: 5\na"}`, `{"message":"boom","level":"error","trace":"boom: 5\na"}`},
	{"a trace below the message", `{"msg":"boom\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\nE: x"}`, `{"message":"boom","level":"error","trace":"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nE: x"}`},
	{"no split when there is a trace", `{"msg":"boom\n  at f (a.js:1:2)","level":"info","stack":"s"}`, `{"message":"boom\n  at f (a.js:1:2)","level":"info","trace":"s"}`},

	// 4. Wrapped values.
	{"arrays and lists", `{"body":{"kvlistValue":{"values":[{"key":"message","value":{"stringValue":"m"}},{"key":"l","value":{"arrayValue":{"values":[{"intValue":"1"},{"boolValue":false}]}}}]}},"severityText":"WARN"}`, `{"level":"warning","message":"m","fields":{"l":["1",false]}}`},
	{"OpenTelemetry's Go", `{"Timestamp":"2026-11-22T17:00:00Z","SeverityText":"INFO","Body":{"Type":"String","Value":"m"},"Attributes":[{"Key":"n","Value":{"Type":"Int64","Value":5}},{"Key":"s","Value":{"Type":"Slice","Value":[{"Type":"Bool","Value":true}]}}]}`, `{"time":"2026-11-22T17:00:00Z","level":"info","message":"m","fields":{"Attributes":{"n":5,"s":[true]}}}`},
	{"empty lists", `{"msg":"m","a":{"arrayValue":{}},"b":{"kvlistValue":{"values":[]}}}`, `{"message":"m","fields":{"a":[],"b":{}}}`},
	{"key and a value that is not wrapped is a person's own", `{"msg":"m","stringValue":1,"a":[{"key":"k","value":1}],"b":{"stringValue":1,"x":2}}`, `{"message":"m","fields":{"stringValue":1,"a":[{"key":"k","value":1}],"b":{"stringValue":1,"x":2}}}`},
	{"a record that looks wrapped itself is a record", `{"stringValue":"x"}`, `{"fields":{"stringValue":"x"}}`},
	{"a Type and Value of one's own", `{"msg":"m","card":{"Type":"visa","Value":5}}`, `{"message":"m","fields":{"card":{"Type":"visa","Value":5}}}`},

	// 5. Templates.
	{"holes", `{"@mt":"{A} {@B} {C:000} {D} {{x}} {E}","@r":["007"],"A":"a","B":{"k":[1, 2]},"C":7,"D":null}`, `{"message":"a {\"k\":[1,2]} 007 null {x} {E}","fields":{"@r":["007"],"A":"a","B":{"k":[1,2]},"C":7,"D":null}}`},
	{"holes with a width", `{"@mt":"[{A,5}][{A,-5}][{$B}]","A":"x","B":1}`, `{"message":"[    x][x    ][1]","fields":{"A":"x","B":1}}`},
	{"an open hole stays", `{"@mt":"{A} } {B {A}","A":"x"}`, `{"message":"x } {B x","fields":{"A":"x"}}`},
	{"a format without a rendering", `{"MessageTemplate":"{N:x}","N":1.50}`, `{"message":"1.50","fields":{"N":1.50}}`},
	{"@mt that says the same goes", `{"@m":"hi al","@mt":"hi {User}","User":"al"}`, `{"message":"hi al","fields":{"User":"al"}}`},

	// 6. Text.
	{"time in brackets", "[2026-11-22 17:06:01.5 +0100] x", `{"time":"2026-11-22T16:06:01.5Z","message":"[2026-11-22 17:06:01.5 +0100] x"}`},
	{"a date alone is no time", "2026-11-22 hello", `{"message":"2026-11-22 hello"}`},
	{"a time further on is none", "at 2026-11-22 17:06:01 x", `{"message":"at 2026-11-22 17:06:01 x"}`},
	{"Apache's brackets", "[Sun Nov 22 17:06:01 2026] [core:error] [pid 1] x", `{"time":"2026-11-22T17:06:01Z","level":"error","pid":1,"message":"x","fields":{"module":"core"}}`},
	{"brackets in any case", "x [Warn] y", `{"level":"warning","message":"x [Warn] y"}`},
	{"capitals before a pipe", "12 | INFO     | m", `{"level":"info","message":"12 | INFO     | m"}`},
	{"capitals with a slash", "[INFO/MainProcess] m", `{"level":"info","message":"[INFO/MainProcess] m"}`},
	{"capitals joined to more are no level", "ERROR_CODE ERRORS x-ERROR MY.ERROR2", `{"message":"ERROR_CODE ERRORS x-ERROR MY.ERROR2"}`},
	{"at the start with a colon", "Warning: x", `{"level":"warning","message":"Warning: x"}`},
	{"at the start after a clock alone", "17:06:01.123 Error: x", `{"level":"error","message":"17:06:01.123 Error: x"}`},
	{"at the start after a time in brackets", "[2026-11-22 17:06:01] error: x", `{"level":"error","time":"2026-11-22T17:06:01Z","message":"[2026-11-22 17:06:01] error: x"}`},
	{"further on with a colon is prose", "the error: x", `{"message":"the error: x"}`},
	{"single letters, log, http and config are words", "[i] LOG HTTP CONFIG: I [http] config: x", `{"message":"[i] LOG HTTP CONFIG: I [http] config: x"}`},
	{"the second line counts", "starting\nERROR x", `{"level":"error","message":"starting\nERROR x"}`},
	{"the third does not", "a\nb\nERROR x", `{"message":"a\nb\nERROR x"}`},
	{"100 characters count", strings.Repeat("é", 95) + " INFO " + "x", `{"level":"info","message":"` + strings.Repeat("é", 95) + ` INFO x"}`},
	{"more do not", strings.Repeat("é", 97) + " INFO x", `{"message":"` + strings.Repeat("é", 97) + ` INFO x"}`},
	{"Ruby", "app.rb:3:in 'f': boom (RuntimeError)\n\tfrom app.rb:5:in 'g'\n\tfrom app.rb:7:in '<main>'", `{"level":"error","message":"app.rb:3:in 'f': boom (RuntimeError)","trace":"\tfrom app.rb:5:in 'g'\n\tfrom app.rb:7:in '<main>'"}`},
	{"PHP", "PHP Fatal error:  Uncaught Exception: boom in /a.php:3\nStack trace:\n#0 /a.php(7): f()\n#1 {main}\n  thrown in /a.php on line 3", `{"level":"critical","message":"PHP Fatal error:  Uncaught Exception: boom in /a.php:3","trace":"Stack trace:\n#0 /a.php(7): f()\n#1 {main}\n  thrown in /a.php on line 3"}`},
	{"C#", "Unhandled\nSystem.InvalidOperationException: no stock\r\n   at Shop.Cart.Add(Item i) in /src/Cart.cs:line 42\r\n   at Shop.Program.Main()", `{"level":"error","message":"Unhandled","trace":"System.InvalidOperationException: no stock\r\n   at Shop.Cart.Add(Item i) in /src/Cart.cs:line 42\r\n   at Shop.Program.Main()"}`},
	{"Go without a heading", "boom\nmain.f\n\t/srv/main.go:6 +0xa\nmain.main()\n\t/srv/main.go:7", `{"level":"error","message":"boom","trace":"main.f\n\t/srv/main.go:6 +0xa\nmain.main()\n\t/srv/main.go:7"}`},
	{"prose that starts with at is no frame", "meet me\n  at the corner (of the street)\n  at noon", `{"message":"meet me\n  at the corner (of the street)\n  at noon"}`},
	{"JavaScript", "boom\nError: x\n    at async f (/a.js:1:2)\n    at <anonymous>", `{"level":"error","message":"boom","trace":"Error: x\n    at async f (/a.js:1:2)\n    at <anonymous>"}`},
	{"JavaScript without a place", "boom\nError: x\n    at Array.map (<anonymous>)", `{"level":"error","message":"boom","trace":"Error: x\n    at Array.map (<anonymous>)"}`},
	{"Java without a source", "boom\nE: x\n\tat a.B.c(Native Method)", `{"level":"error","message":"boom","trace":"E: x\n\tat a.B.c(Native Method)"}`},
	{"PHP's own calls", "boom\n#0 [internal function]: f()\n#1 /a.php(3): g()", `{"level":"error","message":"boom","trace":"#0 [internal function]: f()\n#1 /a.php(3): g()"}`},
	{"a list with numbers is no stack", "todo\n#1 buy milk\n#2 (12) eggs", `{"message":"todo\n#1 buy milk\n#2 (12) eggs"}`},
	{"Ruby's numbered frames", "boom\n\t1: from a.rb:3:in `f'", `{"level":"error","message":"boom","trace":"\t1: from a.rb:3:in ` + "`f'" + `"}`},
	{"Rust", "thread 'main' panicked at a.rs:1:2:\nboom\nstack backtrace:\n   0: f\n             at ./a.rs:1:2", `{"level":"critical","message":"thread 'main' panicked at a.rs:1:2:\nboom","trace":"stack backtrace:\n   0: f\n             at ./a.rs:1:2"}`},
	{"Rust without frames", "thread 'main' panicked at a.rs:1:2:\nboom\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace", `{"level":"critical","message":"thread 'main' panicked at a.rs:1:2:\nboom","trace":"note: run with ` + "`" + `RUST_BACKTRACE=1` + "`" + ` environment variable to display a backtrace"}`},
	{"an exception group", "boom\n  + Exception Group Traceback (most recent call last):\n  |   File \"a.py\", line 1, in f", `{"level":"error","message":"boom","trace":"  + Exception Group Traceback (most recent call last):\n  |   File \"a.py\", line 1, in f"}`},
	{"escapes of other shapes", "a\x1bPq\x1b\\b\x1b7c\x1b d\u009b31me\x1b", `{"message":"abce"}`},
	{"an open title takes no text", "a\x1b]0;title", `{"message":"a0;title"}`},
	{"links to their text", "see \x1b]8;;http://x\x1b\\the page\x1b]8;;\x07 \x1b[2K\x1b[1;31mnow\x1b(B\x1b[m", `{"message":"see the page now"}`},

	// 7. Syslog.
	{"an emergency", "<0>boom", `{"level":"critical","message":"boom","fields":{"facility":0}}`},
	{"192 is no PRI", "<192>x", `{"message":"<192>x"}`},
	{"5424: all absent", "<15>1 - - - - - - \uFEFFm", `{"level":"debug","message":"m","fields":{"facility":1}}`},
	{"5424: no message", "<14>1 2026-11-22T17:00:00Z h app proc ID7 -", `{"time":"2026-11-22T17:00:00Z","level":"info","logger":"app","host":"h","fields":{"facility":1,"procid":"proc","msgid":"ID7"}}`},
	{"5424: broken structured data", "<14>1 - h app - - [x", `{"level":"info","message":"1 - h app - - [x","fields":{"facility":1}}`},
	{"5424: a value with an open quote", `<14>1 - - - - - [a b="c] m`, `{"level":"info","message":"1 - - - - - [a b=\"c] m","fields":{"facility":1}}`},
	{"5424: a time that is none", `<14>1 noon h a - - - m`, `{"level":"info","message":"1 noon h a - - - m","fields":{"facility":1}}`},
	{"5424: escapes", `<14>1 - - - - - [a@1 b="\]\\\""] m`, `{"level":"info","message":"m","fields":{"facility":1,"a@1":{"b":"]\\\""}}}`},
	{"3164: no pid", "<14>Nov  2 17:25:08 h cron: m", `{"level":"info","host":"h","logger":"cron","message":"m","fields":{"facility":1}}`},
	{"3164: an IPv6 host", `<14>Nov 22 17:25:08 fe80::1 cron[7]: m`, `{"level":"info","host":"fe80::1","logger":"cron","pid":7,"message":"m","fields":{"facility":1}}`},
	{"3164: a tag without a host", `<14>Nov 22 17:25:08 cron[7]: m`, `{"level":"info","message":"Nov 22 17:25:08 cron[7]: m","fields":{"facility":1}}`},
	{"3164: no tag", "<14>Nov  2 17:25:08 h just words", `{"level":"info","host":"h","message":"just words","fields":{"facility":1}}`},
}

func TestDecode_Rules(t *testing.T) {
	for _, c := range rule {
		t.Run(c.clause, func(t *testing.T) {
			var want map[string]any
			d := json.NewDecoder(strings.NewReader(c.want))
			d.UseNumber()
			if err := d.Decode(&want); err != nil {
				t.Fatalf("%v: %s", err, c.want)
			}
			compare(t, c.payload, want)
			if _, m := check(t, c.payload); m == nil {
				t.Fatal("no record")
			}
		})
	}
}

func TestDecode_Levels(t *testing.T) {
	levels := map[string]string{
		"trace":    `"trace" "TRC" "trac" "finer" "Finest" "silly" "t" 10 5000 "DEBUG-1" "DEBUG-4" "Level(-4)" "Level 5" "Level(-2)"`,
		"debug":    `"debug" "DBG" "debu" "dbug" "fine" "config" "verbose" "http" "D" 20 100 10000 "INFO-1" "DEBUG+3" "DEBUG" "20" "Level 10"`,
		"info":     `"info" "inf" "information" "informational" "Notice" "success" "log" "I" 30 200 250 20000 "INFO+3" "Level 25" "[INFO]" "info:" " info " "\u001b[32minfo\u001b[39m"`,
		"warning":  `"warning" "warn" "wrn" "W" 40 300 30000 "WARN+3" "INFO+4" "[WARN ]:"`,
		"error":    `"error" "err" "erro" "eror" "severe" "e" 50 400 40000 "ERROR+3" "Level 49"`,
		"critical": `"critical" "crit" "fatal" "fata" "ftl" "panic" "pnc" "dpanic" "alert" "emerg" "emergency" "f" "c" 60 500 550 600 50000 "ERROR+4" "WARN+8" "Level 50" "Level 70"`,
		"":         `"gold" 35 0 7 -1 15 30.5 "" "Level 0" "Level" "INFO+" "+2" "GOLD+2" "very-bad" true "errors" 99999999 1e2 "Level(5)"`,
	}
	for want, values := range levels {
		for _, value := range splitValues(values) {
			got, _ := normal(t, `{"msg":"m","level":`+value+`}`)["level"].(string)
			if got != want {
				t.Errorf("level %s is %q, want %q", value, got, want)
			}
		}
	}
	for _, c := range []struct{ member, want string }{
		{`"levelno":5`, "trace"}, {`"levelno":10`, "debug"}, {`"levelno":25`, "info"}, {`"level_number":39`, "warning"}, {`"levelno":50`, "critical"},
		{`"levelno":55`, "critical"}, {`"levelno":0`, ""}, {`"severityNumber":1`, "trace"}, {`"severityNumber":8`, "debug"}, {`"severityNumber":9`, "info"},
		{`"severityNumber":16`, "warning"}, {`"severityNumber":20`, "error"}, {`"severityNumber":24`, "critical"}, {`"severityNumber":25`, ""}, {`"severityNumber":0`, ""},
		{`"short_message":"x","level":0`, "critical"}, {`"short_message":"x","level":3`, "error"}, {`"short_message":"x","level":5`, "info"},
		{`"short_message":"x","level":7`, "debug"}, {`"short_message":"x","level":8`, ""}, {`"level_value":10000`, "debug"},
	} {
		got, _ := normal(t, `{`+c.member+`,"msg":"m"}`)["level"].(string)
		if got != c.want {
			t.Errorf("%s is %q, want %q", c.member, got, c.want)
		}
	}
}

// splitValues splits JSON values with spaces between them.
func splitValues(s string) []string {
	var values []string
	d := json.NewDecoder(strings.NewReader(s))
	for d.More() {
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			panic(err)
		}
		values = append(values, string(v))
	}
	return values
}

// timeValues are values of a time with what they are.
var timeValues = map[string]string{
	`"2026-11-22T17:04:28.500564Z"`:               "2026-11-22T17:04:28.500564Z",
	`"2026-11-22T17:04:28.123456789123Z"`:         "2026-11-22T17:04:28.123456789Z",
	`"2026-11-22 17:04:28,5"`:                     "2026-11-22T17:04:28.5Z",
	`"2026/11/22 17:04"`:                          "2026-11-22T17:04:00Z",
	`"2026-11-22T17:04:28+05:30"`:                 "2026-11-22T11:34:28Z",
	`"2026-11-22T17:04:28-0800"`:                  "2026-11-23T01:04:28Z",
	`"2026-11-22T17:04:28+01"`:                    "2026-11-22T16:04:28Z",
	`"2026-11-22 17:04:28 +0100"`:                 "2026-11-22T16:04:28Z",
	`"2026-11-22 17:04:28 UTC"`:                   "2026-11-22T17:04:28Z",
	`"2026-11-22 17:04:28.5 +0000 UTC m=+1"`:      "2026-11-22T17:04:28.5Z",
	`"2026-11-22T17:04:28+01:00[Europe/Rome]"`:    "2026-11-22T16:04:28Z",
	`"2024-02-29T00:00:00Z"`:                      "2024-02-29T00:00:00Z",
	`"2025-02-29T00:00:00Z"`:                      "",
	`"2026-11-31T00:00:00Z"`:                      "",
	`"2026-13-01T00:00:00Z"`:                      "",
	`"2026-11-22T24:00:00Z"`:                      "",
	`"2026-11-22T17:60:00Z"`:                      "",
	`"2026-12-31T23:59:60Z"`:                      "2027-01-01T00:00:00Z",
	`"2026-11-22"`:                                "",
	`"17:04:28"`:                                  "",
	`"Nov 22 17:04:28"`:                           "",
	`"2026-11/22 17:04:28"`:                       "",
	`"2026-11-22T17:04:28 CET"`:                   "2026-11-22T16:04:28Z",
	`"2026-11-22T17:04:28 IST"`:                   "",
	`"2026-11-22T17:04:28x"`:                      "",
	`"noon"`:                                      "",
	`"0001-01-01T00:00:00Z"`:                      "",
	`"0000-01-01T00:00:00+05:00"`:                 "",
	`"9999-12-31T23:59:59-01:00"`:                 "",
	`"9999-12-31T23:59:59Z"`:                      "",
	`"1969-12-31T23:59:59Z"`:                      "",
	`"1970-01-01T00:00:00Z"`:                      "1970-01-01T00:00:00Z",
	`"2199-12-31T23:59:59Z"`:                      "2199-12-31T23:59:59Z",
	`"2200-01-01T00:00:00Z"`:                      "",
	`0`:                                           "",
	`99999999`:                                    "",
	`100000000`:                                   "1973-03-03T09:46:40Z",
	`7258118399`:                                  "2199-12-31T23:59:59Z",
	`99999999999`:                                 "",
	`100000000000`:                                "1973-03-03T09:46:40Z",
	`1795367474525`:                               "2026-11-22T17:11:14.525Z",
	`1795367474525.25`:                            "2026-11-22T17:11:14.52525Z",
	`1795367474525123`:                            "2026-11-22T17:11:14.525123Z",
	`1795367474525123456`:                         "2026-11-22T17:11:14.525123456Z",
	`"1795367474525123456"`:                       "2026-11-22T17:11:14.525123456Z",
	`1795367474.123456789`:                        "2026-11-22T17:11:14.123456789Z",
	`1.795367474525e9`:                            "2026-11-22T17:11:14.525Z",
	`1.795367474525e+12`:                          "2026-11-22T17:11:14.525Z",
	`17953674745e-1`:                              "2026-11-22T17:11:14.5Z",
	`-1795367474`:                                 "",
	`1e30`:                                        "",
	`true`:                                        "",
	`{"seconds":1795367474,"nanos":5000000}`:      "2026-11-22T17:11:14.005Z",
	`{"epochSecond":1795367474,"nanoOfSecond":1}`: "2026-11-22T17:11:14.000000001Z",
	`{"seconds":"1795367474"}`:                    "2026-11-22T17:11:14Z",
	`{"nanos":5}`:                                 "",
	`{"seconds":1795367474,"nanos":1e30}`:         "",
}

func TestDecode_Times(t *testing.T) {
	for value, want := range timeValues {
		got, _ := normal(t, `{"msg":"m","time":`+value+`}`)["time"].(string)
		if got != want {
			t.Errorf("time %s is %q, want %q", value, got, want)
		}
	}
}
