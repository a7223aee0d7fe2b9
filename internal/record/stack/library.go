package stack

import "strings"

// language is a group of languages with similar frames. It determines which names belong to libraries.
type language uint8

const (
	other  language = iota
	python          // and OCaml
	jvm             // Java, Kotlin, Scala; and .NET, whose frames look alike
	javascript
	golang
	ruby
	php
	rust
	beam // Elixir and Erlang
	haskell
	dart
	perl
	native // C, C++: sanitizers and debuggers
)

// libraryNames are beginnings of function names in libraries, by language. They are compared by segment: "Acme.OrderSystem" is not "System".
var libraryNames = map[language]string{
	jvm: "java javax jakarta jdk sun com.sun kotlin kotlinx scala groovy clojure akka reactor okhttp3 retrofit2 rx" +
		" android androidx dalvik com.android org.springframework org.apache org.hibernate org.eclipse org.jboss org.wildfly" +
		" org.postgresql org.mariadb org.h2 org.mongodb org.bson org.slf4j org.junit org.mockito org.codehaus org.jetbrains org.glassfish" +
		" org.thymeleaf org.flywaydb org.quartz org.redisson org.elasticsearch org.gradle org.testng org.xnio org.aspectj org.jooq" +
		" com.mysql com.mongodb com.zaxxer com.fasterxml com.google.common com.google.inject com.google.gson com.google.protobuf com.amazonaws" +
		" com.rabbitmq com.datastax com.netflix com.squareup com.microsoft com.oracle oracle.jdbc" +
		" software.amazon io.netty io.vertx io.micronaut io.quarkus io.grpc io.undertow io.smallrye io.lettuce io.ktor io.reactivex io.opentelemetry" +
		" io.micrometer io.jsonwebtoken ch.qos.logback net.bytebuddy net.sf.cglib redis.clients feign" +
		" System Microsoft MS Mono Newtonsoft Npgsql MySql MySqlConnector Oracle Serilog NLog log4net Dapper MediatR AutoMapper FluentValidation" +
		" Polly Grpc StackExchange Azure Amazon Castle Autofac MassTransit Hangfire NHibernate RabbitMQ Swashbuckle Xunit NUnit Moq",
	golang: "archive bufio bytes cmp compress container context crypto database debug embed encoding errors expvar flag fmt go hash html" +
		" image index internal io iter log maps math mime net os panic path plugin reflect regexp runtime slices sort strconv strings sync syscall" +
		" testing text time unicode unique unsafe weak golang.org/x google.golang.org",
	rust: "core std alloc test rust_begin_unwind rust_panic tokio tokio_util hyper actix actix_web actix_server actix_http axum tower tower_http futures" +
		" futures_util futures_core futures_executor async_std rayon serde serde_json sqlx diesel reqwest rocket warp tonic tracing anyhow eyre backtrace" +
		" _start main __libc_start_main __libc_start_call_main __rust_try __rust_begin_short_backtrace clone start_thread",
	beam: "stdlib kernel erts elixir eex ex_unit iex logger mix compiler crypto ssl public_key inets sasl mnesia" +
		" ecto ecto_sql db_connection postgrex myxql phoenix phoenix_html phoenix_live_view phoenix_pubsub phoenix_ecto plug plug_cowboy plug_crypto cowboy" +
		" cowlib ranch bandit thousand_island jason poison finch mint hackney httpoison tesla oban absinthe broadway gen_stage telemetry swoosh redix nimble_pool",
	haskell: "base ghc-prim ghc-internal bytestring text containers mtl transformers aeson warp wai servant-server lens vector",
	dart:    "flutter flutter_test flutter_bloc bloc shelf http dio async riverpod",
	perl: "Carp Moose Moo Try::Tiny Mojo Mojolicious Dancer Dancer2 Catalyst Plack DBI DBIx DBD Template LWP HTTP JSON Log::Log4perl" +
		" Starman Class::MOP",
	native: "__libc_start_main __libc_start_call_main _start start_thread clone clone3 __GI_raise __GI_abort raise abort malloc free calloc realloc" +
		" operator std __gnu_cxx __cxa_throw __assert_fail",
}

// libraryParts are parts of the paths of libraries, with one segment or two.
const libraryParts = "site-packages dist-packages node_modules bower_components vendor gems rustc .cargo .rustup" +
	" pkg/mod lib/ruby lib/perl lib/perl5 lib/erlang lib/elixir lib/node lib/jvm share/perl share/perl5 share/php share/lua share/ruby share/nodejs share/dotnet" +
	" hostedtoolcache deno.land .pub-cache Cellar"

// libraryStarts are beginnings of the paths of runtimes, in any language.
var libraryStarts = []string{"<frozen ", "<internal:", "<builtin", "<generated", "<anonymous", "node:", "dart:", "ext:", "[C]", "[internal", "index ",
	"/lib/", "/lib64/", "/usr/lib/", "/usr/lib32/", "/usr/lib64/", "/System/Library/", "webpack/bootstrap", "./nptl/", "./csu/", "../sysdeps/"}

// libraries has the tables for look-ups.
var libraries = func() (t struct {
	names [native + 1]*nameSet
	parts *nameSet
}) {
	for language, names := range libraryNames {
		t.names[language] = set(names)
	}
	t.parts = set(libraryParts)
	return t
}()

// nameSet is a set of names. It rejects most other names by their first letter and length.
type nameSet struct {
	names   map[string]bool
	lengths [256]uint64 // by the first letter: a bit for each length
}

func set(spaced string) *nameSet {
	s := &nameSet{names: make(map[string]bool)}
	for _, name := range strings.Fields(spaced) {
		s.names[name] = true
		s.lengths[name[0]] |= 1 << len(name)
	}
	return s
}

func (s *nameSet) has(name string) bool {
	return name != "" && s.lengths[name[0]]>>len(name)&1 != 0 && s.names[name]
}

// isLibrary reports whether a frame belongs to a library or a runtime.
func (f *frame) isLibrary() bool {
	if names := libraries.names[f.language]; names != nil && f.hasLibraryName(names) {
		return true
	}
	file := strings.TrimPrefix(f.file, "file://")
	switch {
	case file == "":
		return false
	case f.language == javascript && (file == "native" || strings.HasPrefix(file, "internal/")): // Node before 16
		return true
	}
	for _, start := range libraryStarts {
		if file[0] == start[0] && strings.HasPrefix(file, start) {
			return true
		}
	}
	return hasLibraryPart(file)
}

// hasLibraryName reports whether the first one to four segments of the frame's package, or else of its function, are a library's name.
func (f *frame) hasLibraryName(names *nameSet) bool {
	name := f.pkg
	if name == "" {
		name = f.function
	}
	if f.language == jvm { // app//com.acme.Cart, java.base@21/java.lang.Thread
		name = name[strings.LastIndexByte(cutAt(name, '('), '/')+1:]
	}
	if f.language == rust || f.language == native {
		name = strings.TrimLeft(name, "<&")
	}
	for i, segments := 0, 0; i < len(name) && segments < 4; i++ {
		switch name[i] {
		case '.', '/', ':', '(', ' ', '<', '{':
			if names.has(name[:i]) {
				return true
			}
			segments++
		}
	}
	return names.has(name)
}

// hasLibraryPart reports whether a path contains one of libraryParts.
func hasLibraryPart(path string) bool {
	before := "" // the segment before
	from := 0
	hasAt := strings.IndexByte(path, '@') >= 0
	for i := 0; i < len(path); i++ {
		if path[i] != '/' && path[i] != '\\' {
			continue
		}
		segment := path[from:i]
		switch {
		case libraries.parts.has(segment), hasAt && strings.Contains(segment, "@v"):
			return true
		case before != "" && libraries.parts.has(pairOf(path, from, before, segment)):
			return true
		case len(before) == 3 && strings.EqualFold(before, "lib") && strings.HasPrefix(segment, "python"), strings.HasPrefix(segment, "Python3"):
			return true
		case segment == "src" && strings.HasPrefix(before, "go") && !strings.Contains(cutAt(path[i+1:], '/'), "."): // GOROOT, not GOPATH
			return true
		}
		before, from = segment, i+1
	}
	return false
}

// pairOf returns a segment of a path that begins at from, together with the one before it.
func pairOf(path string, from int, before, segment string) string {
	if path[from-1] == '/' {
		return path[from-1-len(before) : from+len(segment)]
	}
	return before + "/" + segment // of Windows
}

// cutAt returns the part of s before the first c, or all of s.
func cutAt(s string, c byte) string {
	if i := strings.IndexByte(s, c); i >= 0 {
		return s[:i]
	}
	return s
}
