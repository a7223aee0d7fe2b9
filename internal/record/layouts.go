package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/instant"
	"github.com/SupermanScott/Elva/internal/record/jsonscan"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

// layout is the format of a line that a library or program writes. To add one, add a pattern and an example to the table. A test decodes every
// example by its layout, and docs/records.md is generated from the table.
type layout struct {
	name    string
	pattern string
	example string
	finish  func(c *columns, line string) bool // decodes what the pattern can't, and reports whether the line has this layout; may be nil
}

// layoutTable has the layouts in order of precedence. A pattern must not match an ordinary sentence: next to a plain word it needs a level, a
// time or brackets.
var layoutTable = []layout{
	// Lines that begin with a time.
	{"Python: with a place", "{time} - {logger} - {level} - {source} - {message}", "2026-11-29 10:00:00,123 - shop.cart - WARNING - cart.py:41 - cart 7 is old", nil},
	{"Python: a place before the level", "{time} - {source} - {level} - {message}", "2026-11-29 10:00:00,123 - cart.py:41 - WARNING - cart 7 is old", nil},
	{"Python: the tutorial's format", "{time} - {logger} - {level} - {message}", "2026-11-29 10:00:00,123 - shop.cart - WARNING - cart 7 is old", moreColumns},
	{"Python: level before name", "{time} - {level} - {logger} - {message}", "2026-11-29 10:00:00,123 - WARNING - shop.cart - cart 7 is old", moreColumns},
	{"Python: without a name", "{time} - {level} - {message}", "2026-11-29 10:00:00,123 - WARNING - cart 7 is old", moreColumns},
	{"loguru", "{time} | {level} | {place} - {message}", "2026-11-29 10:00:00.123 | SUCCESS  | shop.cart:add:41 - cart 7 is new", nil},
	{"loguru between pipes", "{time} | {level} | {place} | {message}", "2026-11-29 10:00:00.123 | WARNING | shop.cart:add:41 | cart 7 is old", nil},
	{"columns between pipes, with a thread", "{time} | {LEVEL} | {thread} | {path} | {message}", "2026-11-29 10:00:00.123 | WARN | main | com.acme.Cart | cart 7 is old", nil},
	{"columns between pipes", "{time} | {level} | {logger} | {message}", "2026-11-29 10:00:00.123 | WARN | shop.cart | cart 7 is old", nil},
	{"columns between pipes, without a name", "{time} | {level} | {message}", "2026-11-29 10:00:00.123 | WARN | cart 7 is old", nil},
	{"NLog", "{time}|{level}|{logger}|{message}", "2026-11-29 10:00:00.1234|WARN|Shop.Cart|cart 7 is old", nil},
	{"NLog with a number", "{time}|{number}|{LEVEL}|{logger}|{message}", "2026-11-29 10:00:00.1234|11|WARN|Shop.Cart|cart 7 is old", nil},
	{"Python: columns between colons", "{time}:{logger}:{LEVEL}:{message}", "2026-11-29 10:00:00,123:shop.cart:WARNING:cart 7 is old", nil},
	{"Python: a level between colons", "{time}:{LEVEL}:{logger}:{message}", "2026-11-29 10:00:00,123:WARNING:shop.cart:cart 7 is old", nil},
	{"Python: a process before the level", "{time} [{pid}] {LEVEL} {path}: {message}", "2026-11-29 10:00:00,123 [4242] WARNING shop.cart: cart 7 is old", nil},
	{"PostgreSQL", "{time} [{pid}] {postgres}:  {message}", "2026-11-29 10:00:00.123 UTC [4242] WARNING:  cart 7 is old", nil},
	{"PostgreSQL: with a user", "{time} [{pid}] {user}@{database} {postgres}:  {message}", "2026-11-29 10:00:00.123 UTC [4242] al@shop WARNING:  cart 7 is old", nil},
	{"PostgreSQL: Debian's prefix", "{time} [{pid}-{number}] {postgres}:  {message}", "2026-11-29 10:00:00.123 UTC [4242-3] WARNING:  cart 7 is old", nil},
	{"PostgreSQL: Debian's prefix with a user", "{time} [{pid}-{number}] {user}@{database} {postgres}:  {message}", "2026-11-29 10:00:00.123 UTC [4242-3] al@shop WARNING:  cart 7 is old", nil},
	{"PostgreSQL: pgBadger's prefix", "{time} [{pid}]: [{number}-{number}] {session} {postgres}:  {message}", "2026-11-29 10:00:00 UTC [4242]: [3-1] user=al,db=shop,client=10.0.0.7 WARNING:  cart 7 is old", nil},
	{"PostgreSQL: RDS", "{time}:{client}:{user}@{database}:[{pid}]:{postgres}:  {message}", "2026-11-29 10:00:00 UTC:10.0.0.7(51234):al@shop:[4242]:WARNING:  cart 7 is old", nil},
	{"MySQL 8", "{time} {threadid} [{mysql}] [{code}] [{subsystem}] {message}", "2026-11-29T10:00:00.123456Z 7 [Warning] [MY-010068] [Server] cart 7 is old", nil},
	{"MySQL 5, MariaDB", "{time} {threadid} [{mysql}] {message}", "2026-11-29 10:00:00 7 [Warning] cart 7 is old", nil},
	{"winston: a level in brackets", "{time} [{npm}]: {message}", "2026-11-29T10:00:00.123Z [warn]: cart 7 is old", jsonAfter},
	{"nginx", "{time} [{level}] {pid}#{tid}: {message}", "2026/11/29 10:00:00 [warn] 4242#4242: cart 7 is old", nil},
	{"RabbitMQ", "{time} [{level}] <{erlang_pid}> {message}", "2026-11-29 10:00:00.123456+00:00 [warning] <0.123.0> cart 7 is old", nil},
	{"winston: a level in brackets, in capitals", "{time} [{LEVEL}]: {message}", "2026-11-29 10:00:00 [WARN]: cart 7 is old", nil},
	{"structlog, hclog, Serilog", "{time} [{level}] {message}", "2026-11-29 10:00:00 [warning  ] cart 7 is old                  [shop.cart] order=7", structlogLogger},
	{"logback 1.5", "{time} [{thread}] {level} {logger} -- {message}", "10:00:00.123 [main] WARN  com.acme.Cart -- cart 7 is old", nil},
	{"logback, log4j2, log4net", "{time} [{thread}] {level} {logger} - {message}", "2026-11-29 10:00:00.123 [main] WARN  com.acme.Cart - cart 7 is old", nil},
	{"log4j2: level before thread", "{time} {level} [{thread}] {logger} - {message}", "2026-11-29 10:00:00,123 WARN [main] com.acme.Cart - cart 7 is old", nil},
	{"Tomcat", "{time} {level} [{thread}] {path} {message}", "29-Nov-2026 10:00:00.123 WARNING [main] org.apache.catalina.core.StandardServer.await cart 7 is old", nil},
	{"WildFly, Quarkus, Python with threads", "{time} {level} [{logger}] ({thread}) {message}", "10:00:00,123 WARN  [com.acme.Cart] (default task-1) cart 7 is old", nil},
	{"Python: name in brackets", "{time} {level} [{path}] {message}", "2026-11-29 10:00:00,123 WARNING [shop.cart] cart 7 is old", moreColumns},
	{"log4rs", "{time} {level} {path} - {message}", "2026-11-29T10:00:00.123+00:00 WARN shop::cart - cart 7 is old", nil},
	{"log4j: a name before the thread", "{time} {LEVEL} {path} [{thread}] {message}", "2026-11-29 10:00:00,123 WARN com.acme.Cart [main] cart 7 is old", nil},
	{"Spring Boot", "{time} {LEVEL} {pid} --- {brackets} {logger} : {message}", "2026-11-29T10:00:00.123Z  WARN 4242 --- [shop] [nio-8080-exec-1] c.acme.shop.Cart   : cart 7 is old", nil},
	{"Spring Cloud Sleuth", "{time} {LEVEL} [{application}] {pid} --- [{thread}] {logger} : {message}", "2026-11-29 10:00:00.123  WARN [shop,4bf92f3577b34da6a3ce929d0e0e4736,00f067aa0ba902b7] 4242 --- [main] c.acme.shop.Cart : cart 7 is old", nil},
	{"ZooKeeper", "{time} [myid:{myid}] - {LEVEL} [{thread}] - {message}", "2026-11-29 10:00:00,123 [myid:1] - WARN  [NIOWorkerThread-1:o.a.z.s.NIOServerCnxn@371] - cart 7 is old", nil},
	{"zap", "{time}\t{level}\t{message}", "2026-11-29T10:00:00.123Z\tWARN\tshop.cart\tcart/cart.go:41\tcart 7 is old\t{\"order\": 7}", zapColumns},
	{"AWS Lambda: Node", "{time}\t{uuid}\t{LEVEL}\t{message}", "2026-11-29T10:00:00.123Z\t7d2e8f9a-0f61-4a1c-9c7e-1f2a3b4c5d6e\tWARN\tcart 7 is old", nil},
	{"AWS Lambda: its own lines", "{time} {uuid} {message}", "2026-11-29T10:00:00.123Z 7d2e8f9a-0f61-4a1c-9c7e-1f2a3b4c5d6e cart 7 is old", nil},
	{"zerolog", "{time} {LEVEL} {source} > {message}", "10:00AM WRN cart.go:41 > cart 7 is old order=7", nil},
	{"Sidekiq", "{time} pid={pid} {message}", "2026-11-29T10:00:00.123Z pid=4242 tid=2jk class=PayJob jid=b4a577edbccf1d805744efa9 WARN: cart 7 is old", sidekiqPairs},
	{"Sidekiq 5", "{time} {pid} TID-{tid} {message}", "2026-11-29T10:00:00.123Z 4242 TID-oxk2f PayJob JID-b4a577edbccf1d805744efa9 WARN: cart 7 is old", sidekiqWords},
	{"tracing", "{time} {LEVEL} {message}", "2026-11-29T10:00:00.123456Z  WARN request{id=7}: shop::cart: cart 7 is old", tracingTarget},
	{"Spark", "{time} {LEVEL} {logger}: {message}", "26/11/29 10:00:00 WARN TaskSetManager: cart 7 is old", hasShortDate},
	{"Symfony's console", "{time} {LEVEL}  [{logger}] {message}", "10:00:00 WARNING   [cart] cart 7 is old", nil},
	{".NET with a time", "{time} {dotnet}: {logger}[{EventId}]\n {message}", "10:00:00 warn: Shop.Cart[1002]\n      cart 7 is old", dotNetMessage},
	{".NET on one line, with a time", "{time} {dotnet}: {logger}[{EventId}] {message}", "2026-11-29 10:00:00 warn: Shop.Cart[1002] cart 7 is old", nil},
	{"winston with a time", "{time} {npm}: {message}", "2026-11-29T10:00:00.123Z warn: cart 7 is old", jsonAfter},
	{"a time, a level and a colon: OpenVPN, winston", "{time} {LEVEL}: {message}", "2026-11-29 10:00:00 WARNING: cart 7 is old", nil},
	{"Dovecot", "{time} {logger}: {level}: {message}", "2026-11-29 10:00:00 cart: Warning: cart 7 is old", nil},
	{"Mosquitto, PM2", "{time}: {message}", "2026-11-29T10:00:00: Warning: cart 7 is old", cutLevel},
	{"ClamAV", "{time} -> {message}", "Sun Nov 29 10:00:00 2026 -> WARNING: cart 7 is old", cutLevel},
	{"Azure App Service", "{time} PID[{pid}] {level} {message}", "2026-11-29T10:00:00  PID[4242] Warning     cart 7 is old", nil},
	{"MongoDB 3", "{time} {letter} {component} [{ctx}] {message}", "2026-11-29T10:00:00.123+0000 W  STORAGE  [conn7] cart 7 is old", nil},
	{"semantic_logger", "{time} {letter} [{pid}:{thread}] {logger} -- {message}", "2026-11-29 10:00:00.123456 W [4242:puma 001] Cart -- cart 7 is old", nil},
	{"ClickHouse", "{time} [ {thread} ] {{query_id}} <{level}> {logger}: {message}", "2026.11.29 10:00:00.123456 [ 4242 ] {} <Warning> cart: cart 7 is old", nil},
	{"beego", "{time} [{letter}] [{source}] {message}", "2026/11/29 10:00:00.123 [W] [cart.go:41]  cart 7 is old", nil},
	{"Twisted", "{time} [{namespace}] {message}", "2026-11-29T10:00:00+0100 [shop.cart#warn] cart 7 is old", nil},
	{"Salt", "{time} [{logger}:{number}][{level}][{pid}] {message}", "2026-11-29 10:00:00,123 [salt.cart      :41][WARNING ][4242] cart 7 is old", nil},
	{"coloredlogs", "{time} {host} {logger}[{pid}] {LEVEL} {message}", "2026-11-29 10:00:00 web-1 shop.cart[4242] WARNING cart 7 is old", nil},
	{"logback with a context behind the logger", "{time} [{thread}] {level} {logger} [{mdc}] - {message}", "2026-11-29 10:00:00.123 [main] WARN  com.acme.Cart [order=7] - cart 7 is old", nil},
	{"logback with a context", "{time} [{thread}] [{mdc}] {level} {logger} - {message}", "2026-11-29 10:00:00.123 [main] [order=7] WARN com.acme.Cart - cart 7 is old", nil},
	{"Python: process, level and name in brackets", "{time} [{pid}] [{level}] [{path}] {message}", "2026-11-29 10:00:00,123 [4242] [WARNING] [shop.cart] cart 7 is old", nil},
	{"Python: a process and a level in brackets", "{time} [{pid}] [{level}] {message}", "2026-11-29 10:00:00,123 [4242] [WARNING] cart 7 is old", nil},
	{"a thread and a level in brackets", "{time} [{thread}] [{level}] {message}", "2026-11-29 10:00:00,123 [main] [WARN] cart 7 is old", moreColumns},
	{"winston: the manual's format", "{time} [{label}] {npm}: {message}", "2026-11-29T10:00:00.123Z [shop] warn: cart 7 is old", jsonAfter},
	{"a dash, a level and a colon", "{time} - {level}: {message}", "2026-11-29T10:00:00.123Z - warn: cart 7 is old", nil},
	{"logcat", "{time} {pid} {tid} {letter} {logger}: {message}", "11-29 10:00:00.123  1702  2395 W Cart: cart 7 is old", nil},
	{"logcat: a padded tag", "{time} {pid} {tid} {letter} {logger} : {message}", "11-29 10:00:00.123  1702  2395 W Cart    : cart 7 is old", nil},
	{"Android Studio", "{time} {pid}-{tid}/{application} {letter}/{logger}: {message}", "2026-11-29 10:00:00.123 788-883/com.acme.shop W/Cart: cart 7 is old", nil},
	{"etcd", "{time} {letter} | {logger}: {message}", "2026-11-29 10:00:00.123456 W | shop: cart 7 is old", nil},
	{"Python: a process, a level and a name", "{time} {pid} {LEVEL} {path}: {message}", "2026-11-29 10:00:00,123 4242 WARNING shop.cart: cart 7 is old", nil},
	{"Odoo", "{time} {pid} {LEVEL} {database} {path}: {message}", "2026-11-29 10:00:00,123 4242 WARNING shop odoo.addons.cart: cart 7 is old", nil},
	{"OpenStack", "{time} {pid} {LEVEL} {path} {message}", "2026-11-29 10:00:00.123 4242 WARNING shop.cart cart 7 is old", nil},
	{"Scrapy", "{time} [{path}] {LEVEL}: {message}", "2026-11-29 10:00:00 [scrapy.core.cart] WARNING: cart 7 is old", nil},
	{"Python: a name before the level", "{time} {path} {LEVEL} {message}", "2026-11-29 10:00:00,123 shop.cart WARNING cart 7 is old", nil},
	{"a level in other brackets", "{time} ({LEVEL}) {message}", "2026-11-29 10:00:00,123 (WARNING) cart 7 is old", moreColumns},
	{"a level in pointed brackets", "{time} <{LEVEL}> {message}", "2026-11-29 10:00:00,123 <WARNING> cart 7 is old", moreColumns},
	{"logback's own state", "{time} |-{LEVEL} in {logger} - {message}", "10:00:00,123 |-WARN in ch.qos.logback.core.Cart[FILE] - cart 7 is old", nil},
	{"winston: a label and a level in capitals", "{time} [{label}] {LEVEL}: {message}", "2026-11-29T10:00:00.123Z [shop] WARN: cart 7 is old", nil},
	{"fail2ban", "{time} {path} [{pid}]: {LEVEL} {message}", "2026-11-29 10:00:00,123 fail2ban.filter         [4242]: WARNING cart 7 is old", nil},
	{"Phoenix", "{time} request_id={request_id} [{level}] {message}", "10:00:00.123 request_id=F7x2aQbZ [warning] cart 7 is old", nil},
	{"java.util.logging", "{time} {logger} {method}\n{level}: {message}", "Nov 29, 2026 10:00:00 AM com.acme.Cart add\nWARNING: cart 7 is old", nil},
	{"Go: a place", "{time} {source}: {message}", "2026/11/29 10:00:00 cart.go:41: cart 7 is old", cutLevel},
	{"RQ", "{time} {message}", "10:00:00 mail: cart 7 is old (7d2e8f9a-0f61-4a1c-9c7e-1f2a3b4c5d6e)", rqJob},
	{"Laravel's queue worker", "{time} {message}", "2026-11-29 10:00:00 cart 7 is old ........ 12.34ms DONE", laravelJob},
	{"a time and a level: slog, log, tint, zerolog, charm, Hadoop, Python", "{time} {LEVEL} {message}", "2026/11/29 10:00:00 WARN cart 7 is old order=7", moreColumns},
	{"a process and a level: pgBouncer, Python", "{time} [{pid}] {LEVEL} {message}", "2026-11-29 10:00:00.123 UTC [4242] WARNING cart 7 is old", nil},
	{"a thread and a level", "{time} [{thread}] {LEVEL} {message}", "2026-11-29 10:00:00,123 [main] WARN cart 7 is old", moreColumns},
	{"Apple's unified log", "{time} {application}[{pid}:{threadid}] [{path}] {message}", "2026-11-29 10:00:00.123456+0100  Shop[4242:1234567] [com.acme.shop:cart] cart 7 is old", nil},
	{"NSLog", "{time} {logger}[{pid}:{threadid}] {message}", "2026-11-29 10:00:00.123 Shop[4242:1234567] cart 7 is old", nil},
	{"Fly.io", "{time} {application}[{instance}] {region} [{level}]{message}", "2026-11-29T10:00:00Z app[e784079b449483] ams [warn] cart 7 is old", trimMessage},
	{"Swift's log", "{time} {level} {logger} : {message}", "2026-11-29T10:00:00+0000 warning shop.cart : order=7 [Shop] cart 7 is old", swiftColumns},

	// Lines that begin with a time in brackets.
	{"Flask", "[{time}] {LEVEL} in {module}: {message}", "[2026-11-29 10:00:00,123] WARNING in cart: cart 7 is old", nil},
	{"gunicorn", "[{time}] [{pid}] [{level}] {message}", "[2026-11-29 10:00:00 +0000] [4242] [WARNING] cart 7 is old", nil},
	{"celery: a task", "[{time}: {LEVEL}/{processName}] {task_name}[{task_id}]: {message}", "[2026-11-29 10:00:00,123: WARNING/ForkPoolWorker-1] shop.tasks.pay[7d2e8f9a-0f61-4a1c-9c7e-1f2a3b4c5d6e]: cart 7 is old", nil},
	{"celery", "[{time}: {LEVEL}/{processName}] {message}", "[2026-11-29 10:00:00,123: WARNING/MainProcess] cart 7 is old", celeryTask},
	{"Django's runserver", "[{time}] \"{message}", "[29/Nov/2026 10:00:00] \"GET /cart HTTP/1.1\" 500 145", quotedRequest},
	{"dramatiq", "[{time}] [PID {pid}] [{thread}] [{logger}] [{level}] {message}", "[2026-11-29 10:00:00,123] [PID 4242] [Thread-5] [shop.cart] [WARNING] cart 7 is old", nil},
	{"huey", "[{time}] {LEVEL}:{logger}:{thread}:{message}", "[2026-11-29 10:00:00,123] WARNING:huey:Worker-1:cart 7 is old", nil},
	{"Laravel's queue worker before 9", "[{time}][{job_id}] {message}", "[2026-11-29 10:00:00][7d2e8f9a-0f61-4a1c-9c7e-1f2a3b4c5d6e] cart 7 is old", nil},
	{"Apache", "[{time}] [{module}:{level}] [pid {pid}:tid {tid}] {message}", "[Sun Nov 29 10:00:00.123456 2026] [proxy:warn] [pid 4242:tid 140] cart 7 is old", nil},
	{"Apache with one thread", "[{time}] [{module}:{level}] [pid {pid}] {message}", "[Sun Nov 29 10:00:00.123456 2026] [proxy:warn] [pid 4242] cart 7 is old", nil},
	{"Minecraft", "[{time}] [{thread}/{LEVEL}]: {message}", "[10:00:00] [Server thread/WARN]: cart 7 is old", nil},
	{"Minecraft with a logger", "[{time}] [{thread}/{LEVEL}] [{logger}]: {message}", "[10:00:00] [Server thread/WARN] [shop]: cart 7 is old", nil},
	{"signale with a scope", "[{time}] [{logger}] › {symbol} {level} {message}", "[10:00:00] [shop] › ⚠  warning   cart 7 is old", nil},
	{"signale with a time", "[{time}] › {symbol} {level} {message}", "[10:00:00] › ⚠  warning   cart 7 is old", nil},
	{"Serilog", "[{time} {LEVEL}] {message}", "[10:00:00 WRN] cart 7 is old", moreColumns},
	{"env_logger", "[{time} {LEVEL} {logger}] {message}", "[2026-11-29T10:00:00Z WARN  shop::cart] cart 7 is old", nil},
	{"pino-pretty", "[{time}] {LEVEL} ({process}): {message}", "[10:00:00.123] WARN (shop/4242 on web-1): cart 7 is old", nil},
	{"Airflow", "[{time}] {{source}} {LEVEL} - {message}", "[2026-11-29T10:00:00.123+0000] {cart.py:41} WARNING - cart 7 is old", nil},
	{"bunyan", "[{time}] {LEVEL}: {process} on {host}: {message}", "[2026-11-29T10:00:00.123Z]  WARN: shop/4242 on web-1: cart 7 is old", nil},
	{"pino-pretty without a process", "[{time}] {LEVEL}: {message}", "[10:00:00.123] WARN: cart 7 is old", nil},
	{"log4js", "[{time}] [{level}] {logger} - {message}", "[2026-11-29T10:00:00.123] [WARN] shop.cart - cart 7 is old", nil},
	{"spdlog with a place", "[{time}] [{level}] [{source}] {message}", "[2026-11-29 10:00:00.123] [warning] [cart.cpp:41] cart 7 is old", nil},
	{"columns in brackets", "[{time}] [{level}] [{logger}] {message}", "[2026-11-29 10:00:00] [WARN] [shop.cart] cart 7 is old", nil},
	{"spdlog", "[{time}] [{logger}] [{level}] {message}", "[2026-11-29 10:00:00.123] [shop] [warning] cart 7 is old", nil},
	{"a time and a level in brackets: discord.py", "[{time}] [{level}] {message}", "[2026-11-29 10:00:00] [WARN] cart 7 is old", notApache},
	{"Elasticsearch", "[{time}][{level}][{logger}] [{node}] {message}", "[2026-11-29T10:00:00,123][WARN ][o.e.c.Cart               ] [node-1] cart 7 is old", nil},
	{"taskiq", "[{time}][{logger}][{level}][{processName}] {message}", "[2026-11-29 10:00:00,123][shop.cart][WARNING][worker-0] cart 7 is old", nil},
	{"Logstash", "[{time}][{level}][{logger}][{pipeline}] {message}", "[2026-11-29T10:00:00,123][WARN ][logstash.cart][main] cart 7 is old", nil},
	{"katip", "[{time}][{logger}][{level}][{host}][PID {pid}][{thread}][{location}] {message}", "[2026-11-29 10:00:00][Shop.Cart][Warning][web-1][PID 4242][ThreadId 12][main:Cart src/Cart.hs:41:3] cart 7 is old", nil},
	{"columns in brackets, joined", "[{time}][{level}][{logger}] {message}", "[2026-11-29 10:00:00][WARN][shop.cart] cart 7 is old", nil},
	{"fern", "[{time}][{logger}][{level}] {message}", "[2026-11-29 10:00:00][shop::cart][WARN] cart 7 is old", nil},
	{"a time and a level in brackets, joined", "[{time}][{level}] {message}", "[2026-11-29 10:00:00][WARN] cart 7 is old", moreColumns},
	{"Ruby: a formatter", "[{time}] {LEVEL} -- {logger}: {message}", "[2026-11-29 10:00:00] WARN -- shop: cart 7 is old", nil},
	{"Monolog, Laravel", "[{time}] {channel}: {message}", `[2026-11-29T10:00:00.123456+00:00] app.WARNING: cart 7 is old {"order":7} {"uid":"a1"}`, monologTail},
	{"rich", "[{time}] {LEVEL} {message}", "[11/29/26 10:00:00] WARNING  cart 7 is old                    cart.py:41", placeAtEnd},
	{"Kafka, flexi_logger", "[{time}] {LEVEL} {message}", "[2026-11-29 10:00:00,123] WARN cart 7 is old (shop.cart.Cart)", kafkaLogger},

	// Lines that begin with a level.
	{"Python: basicConfig", "{LEVEL}:{logger}:{message}", "WARNING:shop.cart:cart 7 is old", nil},
	{"Django: verbose", "{LEVEL} {time} {module} {pid} {threadid} {message}", "WARNING 2026-11-29 10:00:00,123 views 4242 140735 cart 7 is old", nil},
	{"Dropwizard", "{LEVEL} [{time}] {path}: {message}", "WARN  [2026-11-29 10:00:00,123] com.acme.Cart: cart 7 is old", nil},
	{"Dart: package logging", "{LEVEL}: {time}: {message}", "WARNING: 2026-11-29 10:00:00.123456: cart 7 is old", nil},
	{"Sidekiq 8", "{LEVEL} {time} pid={pid} {message}", "WARN  2026-11-29T10:00:00.123Z pid=4242 tid=2jk class=PayJob jid=b4a577edbccf1d805744efa9: cart 7 is old", sidekiqPairs},
	{"CodeIgniter", "{LEVEL} - {time} --> {message}", "WARNING - 2026-11-29 10:00:00 --> cart 7 is old", nil},
	{"Go: a level as prefix, and a place", "{LEVEL}: {time} {source}: {message}", "WARNING: 2026/11/29 10:00:00 cart.go:41: cart 7 is old", nil},
	{"machinery", "{LEVEL}: {time} {source} {message}", "WARNING: 2026/11/29 10:00:00 cart.go:41 cart 7 is old", nil},
	{"Go: a level as prefix", "{LEVEL}: {time} {message}", "WARNING: 2026/11/29 10:00:00 cart 7 is old", nil},
	{"a level and a time", "{LEVEL} {time} {message}", "WARNING 2026-11-29 10:00:00,123 cart 7 is old", moreColumns},
	{"rich without a time", "{LEVEL}  {message}", "WARNING  cart 7 is old                    cart.py:41", placeAtEnd},
	{"uvicorn", "{LEVEL}:  {message}", "WARNING:  cart 7 is old", nil},
	{"logrus", "{LEVEL}[{time}] {message}", "WARN[2026-11-29T10:00:00Z] cart 7 is old", nil},
	{"logrus: seconds", "{LEVEL}[{number}] {message}", "WARN[0012] cart 7 is old", nil},
	{"Cassandra", "{LEVEL} [{thread}] {time} {source} - {message}", "WARN  [main] 2026-11-29 10:00:00,123 Cart.java:41 - cart 7 is old", nil},
	{"SLF4J: a level, a thread and a name", "{LEVEL} [{thread}] {path} - {message}", "WARN  [main] com.acme.Cart - cart 7 is old", nil},
	{"a level and a name", "{LEVEL} {path} - {message}", "WARN  com.acme.Cart - cart 7 is old", nil},
	{"a level, a name and a colon", "{LEVEL} {path}: {message}", "WARN shop::cart: cart 7 is old", nil},
	{"Ruby without a time", "{LEVEL} -- : {message}", "WARN -- : cart 7 is old", nil},
	{"a level and a name between pipes", "{LEVEL} | {path} | {message}", "WARNING | shop.cart | cart 7 is old", nil},
	{"a level and a name between dashes", "{LEVEL} - {path} - {message}", "WARNING - shop.cart - cart 7 is old", nil},
	{"alembic", "{LEVEL} [{path}] {message}", "WARNING [alembic.runtime.migration] cart 7 is old", nil},
	{"pytest", "{LEVEL} {logger}:{source} {message}", "WARNING  shop.cart:cart.py:41 cart 7 is old", nil},
	{"pretty_env_logger", "{LEVEL} {path} > {message}", "WARN shop::cart > cart 7 is old", nil},
	{"charm without a time", "{LEVEL} <{source}> {message}", "WARN <cart/cart.go:41> cart 7 is old", nil},
	{".NET", "{dotnet}: {logger}[{EventId}]\n {message}", "warn: Shop.Cart[1002]\n      cart 7 is old", dotNetMessage},
	{".NET on one line", "{dotnet}: {logger}[{EventId}] {message}", "warn: Shop.Cart[1002] cart 7 is old", nil},
	{"winston: simple", "{npm}: {message}", `warn: cart 7 is old {"order":7}`, jsonAfter},
	{"logcat: tag", "{letter}/{logger}: {message}", "W/Cart: cart 7 is old", hasLongTag},
	{"logcat: brief", "{letter}/{logger}({pid}): {message}", "W/Cart(  788): cart 7 is old", nil},

	{"logcat: brief with a short tag", "{letter}/{logger} ({pid}): {message}", "W/Cart    (  788): cart 7 is old", nil},

	// Lines that begin with a level in brackets.
	{"AWS Lambda: Python", "[{LEVEL}]\t{time}\t{uuid}\t{message}", "[WARNING]\t2026-11-29T10:00:00.123Z\t7d2e8f9a-0f61-4a1c-9c7e-1f2a3b4c5d6e\tcart 7 is old", nil},
	{"Python: level, place and function", "[{level}] {source} {function}: {message}", "[WARNING] cart.py:41 add: cart 7 is old", nil},
	{"log4j: the level first", "[{level}] {time} [{thread}] {logger} - {message}", "[WARN] 2026-11-29 10:00:00.123 [main] Cart - cart 7 is old", nil},
	{"a level in brackets and a time", "[{level}] {time} {message}", "[WARN] 2026-11-29 10:00:00 cart 7 is old", moreColumns},
	{"a level and a time in brackets", "[{level}] [{time}] {message}", "[WARN] [2026-11-29 10:00:00] cart 7 is old", moreColumns},
	{"a level in brackets, a time and a colon", "[{level}] {time}: {message}", "[WARN] 2026-11-29 10:00:00: cart 7 is old", moreColumns},
	{"Play", "[{level}] {logger} - {message}", "[warn] shop.cart - cart 7 is old", nil},
	{"a level in brackets and a name", "[{level}] {path}: {message}", "[WARNING] shop.cart: cart 7 is old", nil},
	{"a level and a name in brackets", "[{level}] [{path}] {message}", "[WARNING] [shop.cart] cart 7 is old", nil},
	{"HAProxy", "[{level}] ({pid}) : {message}", "[WARNING]  (4242) : cart 7 is old", nil},
	{"HAProxy 1", "[{level}] {number}/{number} ({pid}) : {message}", "[WARNING] 333/100000 (4242) : cart 7 is old", nil},
	{"structlog without a time", "[{level}] {message}", "[warning  ] cart 7 is old                  [shop.cart] order=7", paddedLevel},

	// Others.
	{"Ruby, Rails", "{initial}, [{time} #{pid}] {ANY} -- {logger}: {message}", "W, [2026-11-29T10:00:00.123456 #4242]  WARN -- shop: cart 7 is old", railsTag},
	{"Ruby without a program's name", "{initial}, [{time} #{pid}] {ANY} -- : {message}", "W, [2026-11-29T10:00:00.123456 #4242]  WARN -- : cart 7 is old", railsTag},
	{"Erlang", "={report} REPORT==== {time} ===\n{message}", "=WARNING REPORT==== 29-Nov-2026::10:00:00.123456 ===\ncart 7 is old", nil},
	{"Python: without a time", "{path} - {LEVEL} - {message}", "shop.cart - WARNING - cart 7 is old", nil},
	{"Rails with a request's id", "[{uuid}] {message}", "[7d2e8f9a-0f61-4a1c-9c7e-1f2a3b4c5d6e] cart 7 is old", nil},
	{"Rails: Active Job", "[ActiveJob] [{job_class}] [{job_id}] {message}", "[ActiveJob] [PayJob] [7d2e8f9a-0f61-4a1c-9c7e-1f2a3b4c5d6e] cart 7 is old", nil},
	{"Sidekiq without a time", "pid={pid} {message}", "pid=4242 tid=2jk class=PayJob jid=b4a577edbccf1d805744efa9 WARN: cart 7 is old", sidekiqPairs},
	{"Resque", "** [{clock} {day}] {pid}: {message}", "** [10:00:00 2026-11-29] 4242: cart 7 is old", clockBeforeDay},
	{"Faktory", "{letter} {time} {message}", "W 2026-11-29T10:00:00.123Z cart 7 is old", nil},
	{"asynq", "{logger}: pid={pid} {time} {LEVEL}: {message}", "asynq: pid=4242 2026/11/29 10:00:00.123456 WARN: cart 7 is old", nil},
	{"Redis", "{pid}:{role} {time} {sign} {message}", "4242:M 29 Nov 2026 10:00:00.123 # cart 7 is old", nil},
	{"Redis 2", "[{pid}] {time} {sign} {message}", "[4242] 29 Nov 10:00:00.123 # cart 7 is old", nil},
	{"NATS", "[{pid}] {time} [{level}] {message}", "[4242] 2026/11/29 10:00:00.123456 [WRN] cart 7 is old", nil},
	{"Tornado", "[{letter} {time} {spot}] {message}", "[W 261129 10:00:00 cart:41] cart 7 is old", nil},
	{"Jupyter", "[{letter} {time} {logger}] {message}", "[W 2026-11-29 10:00:00.123 ShopApp] cart 7 is old", nil},
	{"Passenger", "[ {letter} {time} {pid}/{tid} {source} ]: {message}", "[ W 2026-11-29 10:00:00.1234 4242/T8 cart/Cart.cpp:41 ]: cart 7 is old", nil},
	{"SLF4J's simple logger", "[{thread}] {LEVEL} {path} - {message}", "[main] WARN com.acme.Cart - cart 7 is old", nil},
	{"a thread, a level and a name", "[{thread}] [{level}] {path} - {message}", "[main] [WARN] com.acme.Cart - cart 7 is old", nil},
	{"log4j: milliseconds", "{number} [{thread}] {LEVEL} {path} - {message}", "412 [main] WARN com.acme.Cart  - cart 7 is old", nil},
	{"uWSGI", "[pid: {pid}|app: {app}|req: {req}] {message}", "[pid: 4242|app: 0|req: 7/12] cart 7 is old", nil},
	{"gin", "[GIN] {time} | {message}", "[GIN] 2026/11/29 - 10:00:00 | cart 7 is old", nil},
	{"Julia", "┌ {level}: {message}", "┌ Warning: cart 7 is old", nil},
	{"Julia on one line", "[ {level}: {message}", "[ Warning: cart 7 is old", nil},
	{"signale", "› {symbol} {level} {message}", "› ⚠  warning   cart 7 is old", nil},
	{"Next.js", "{nextjs} {message}", "⚠ cart 7 is old", nil},
	{"Xorg", "[ {uptime}] ({xorg}) {message}", "[    12.345] (WW) cart 7 is old", nil},
	{"Xorg after some hours", "[{uptime}] ({xorg}) {message}", "[123456.789] (WW) cart 7 is old", nil},
	{"GLib with a time", "({application}:{pid}): {glib} **: {time}: {message}", "(shop:4242): Gtk-WARNING **: 10:00:00.123: cart 7 is old", nil},
	{"GLib", "({application}:{pid}): {glib} **: {message}", "(shop:4242): Gtk-WARNING **: cart 7 is old", nil},
	{"GLib without a domain, with a time", "** ({application}:{pid}): {LEVEL} **: {time}: {message}", "** (shop:4242): WARNING **: 10:00:00.123: cart 7 is old", nil},
	{"GLib without a domain", "** ({application}:{pid}): {LEVEL} **: {message}", "** (shop:4242): WARNING **: cart 7 is old", nil},
	{"Dancer", "[{logger}:{pid}] {level} @{time}> {message}", "[shop:4242] warning @2026-11-29 10:00:00> cart 7 is old", nil},
	{"Go: a prefix", "{logger}: {time} {message}", "shop: 2026/11/29 10:00:00 cart 7 is old", datedMessage},
	{"a letter in brackets and a time", "[{letter}] {time} {message}", "[W] 2026-11-29 10:00:00 cart 7 is old", moreColumns},
	{"Go: a prefix in brackets", "[{logger}] {time} {message}", "[shop] 2026/11/29 10:00:00 cart 7 is old", datedMessage},
	{"NestJS", "[Nest] {pid} - {time} {LEVEL} [{logger}] {message}", "[Nest] 4242  - 11/29/2026, 10:00:00 AM    WARN [CartService] cart 7 is old", nil},
}

// paddedLevel reports whether a level in brackets is padded, which only structlog does, and sets the logger.
func paddedLevel(c *columns, line string) bool {
	return strings.HasSuffix(cutAt(line, ']'), " ") && structlogLogger(c, line)
}

// hasShortDate reports whether a line begins with a date of Spark, "26/11/29 10:00:00", after which a plain word is a logger.
func hasShortDate(_ *columns, line string) bool {
	return len(line) > 8 && line[2] == '/' && line[5] == '/' && line[8] == ' '
}

// moreColumns removes a name and a place from the start of the message, in any order, as people write them behind a time and a level: "shop.cart: ",
// "[shop.cart:add:41] ", "cart.py:41 - ", "com.acme.Cart.add(Cart.java:41) - ". A name has a dot. Without brackets or a separator after it, it may
// be a word of the message, unless the time has a comma, as only Python's logging and log4j write it.
func moreColumns(c *columns, line string) bool {
	comma := strings.IndexByte(line[:min(len(line), 36)], ',')
	hasComma := comma > 0 && comma+3 < len(line) && line[comma-1]-'0' <= 9 && isDigits(line[comma+1:comma+4])
	c.message = cutSeparators(c.message)
	thread := "" // in brackets before a name
	for s := c.message; ; {
		end := strings.IndexAny(s, " \t\n")
		if end < 2 {
			break
		}
		word, rest := s[:end], strings.TrimLeft(s[end:], " \t")
		word, hasColon := strings.CutSuffix(word, ":")
		isSeparate := hasColon || s[end] == '\t' || hasComma && !endings[word[strings.LastIndexByte(word, '.')+1:]]
		i := strings.IndexByte("[({<", word[0])
		if i >= 0 {
			if word[len(word)-1] != "])}>"[i] {
				break
			}
			word, isSeparate = word[1:len(word)-1], true
		}
		after := cutSeparators(rest)
		if len(after) < len(rest) {
			rest, isSeparate = after, true
		}
		switch {
		case setNameOrPlace(c, word, isSeparate):
			c.field("thread", thread)
			thread = ""
		case i == 0 && thread == "" && (isLoggerName(word) || isDigits(word)):
			if thread = word; c.logger == "" {
				s = rest
				continue // a name has to follow
			}
			c.field("thread", thread)
		default:
			return true
		}
		c.message, s = rest, rest
	}
	return true
}

// cutSeparators removes what people write between columns.
func cutSeparators(s string) string {
	for _, separator := range [...]string{"- ", "| ", ": ", "-- ", "--- "} {
		if after, ok := strings.CutPrefix(s, separator); ok {
			return after
		}
	}
	return s
}

// endings are the last parts of names of hosts and files, with which a message may begin.
var endings = setOf("com org net io dev de local internal yaml yml json xml toml conf cfg ini env txt log lock csv pdf html css sql sh gz zip service")

// setNameOrPlace sets the logger or the source from a word. A name counts only if it is separate from the message, or a class.
func setNameOrPlace(c *columns, word string, isSeparate bool) bool {
	if c.source == "" && stack.IsPlace(word) {
		c.source = word
		return true
	}
	name, inside, _ := strings.Cut(word, "(") // com.acme.Cart.add(Cart.java:41)
	place, isClosed := strings.CutSuffix(inside, ")")
	if inside == "" {
		if before, line, ok := cutLast(word, ':'); ok && isDigits(line) {
			name, place = cutAt(before, ':'), word
		}
	} else if !isClosed || !stack.IsPlace(place) {
		return false
	}
	if !isSeparate && !isClass(name) || c.logger != "" || !isLoggerName(name) || !strings.Contains(name, ".") && !strings.Contains(name, "::") || strings.IndexByte(name, '/') >= 0 || isException(name) {
		return false
	}
	if c.logger = name; c.source == "" {
		c.source = place
	}
	return true
}

// isClass reports whether a name is that of a class: "com.acme.Cart", "Shop.Cart".
func isClass(name string) bool {
	before, class, ok := cutLast(name, '.')
	return ok && class != "" && class[0]-'A' < 26 && isLetter(before[0])
}

// isException reports whether a name is that of an exception, which a message may begin with.
func isException(name string) bool {
	return strings.HasSuffix(name, "Exception") || strings.HasSuffix(name, "Error")
}

// levelOfMessage sets the level from the message.
func levelOfMessage(c *columns, _ string) bool {
	c.level = levelOfLine(c.message)
	return true
}

// setLoguru sets the logger, function and line of loguru: "shop.cart:add:41".
func setLoguru(c *columns, v string) bool {
	name, line, ok := cutLast(v, ':')
	module, function, ok2 := cutLast(name, ':')
	if !ok || !ok2 || jsonscan.SkipDigits(line, 0) != len(line) || !isLoggerName(module) {
		return false
	}
	c.logger, c.source, c.function = module, module+":"+line, function
	return true
}

// setProcess sets the logger, process and host of pino and bunyan, "shop/4242 on web-1", of which some may be missing.
func setProcess(c *columns, v string) bool {
	process, host, _ := strings.Cut(v, " on ")
	name, pid, both := cutLast(process, '/')
	if !both && jsonscan.SkipDigits(process, 0) == len(process) {
		name, pid, both = "", process, true
	}
	if name != "" && !isLoggerName(name) || both && !setPID(c, pid) || strings.IndexByte(host, ' ') >= 0 {
		return false
	}
	c.logger, c.host = name, host
	return true
}

func cutLast(s string, c byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, c)
	if i <= 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// structlogLogger sets the logger, which structlog writes after the event: "cart is old   [shop.cart] order=7".
func structlogLogger(c *columns, line string) bool {
	moreColumns(c, line)
	first, rest, _ := strings.Cut(c.message, "\n")
	if i := jsonscan.SkipDigits(first, 0); i > 0 && strings.HasPrefix(first[i:], "#") { // nginx has a process and a thread here
		return false
	}
	open := strings.Index(first, " [")
	if open < 0 {
		return true
	}
	end := strings.IndexByte(first[open:], ']')
	if end < 0 || !isLoggerName(first[open+2:open+end]) || open+end+1 < len(first) && first[open+end+1] != ' ' {
		return true
	}
	after := strings.TrimLeft(first[open+end+1:], " ")
	if after != "" && (strings.IndexByte(after, '=') <= 0 || strings.IndexByte(cutAt(after, '='), ' ') >= 0) {
		return true // words follow, so the brackets belong to the event
	}
	c.logger = first[open+2 : open+end]
	c.message = strings.TrimRight(first[:open], " ")
	if after != "" {
		c.message += " " + after
	}
	if rest != "" {
		c.message += "\n" + rest
	}
	return true
}

// zapColumns decodes the columns of zap after the level: an optional logger and source, the message, and a JSON object.
func zapColumns(c *columns, _ string) bool {
	first, rest, more := strings.Cut(c.message, "\n")
	parts := strings.Split(first, "\t")
	if last := parts[len(parts)-1]; len(parts) > 1 && isObject(last) {
		c.members(last)
		parts = parts[:len(parts)-1]
	}
	if len(parts) > 2 && isLoggerName(parts[0]) && stack.IsPlace(parts[1]) || len(parts) == 2 && isLoggerName(parts[0]) && !stack.IsPlace(parts[0]) {
		c.logger = parts[0]
		parts = parts[1:]
	}
	if len(parts) > 1 && stack.IsPlace(parts[0]) {
		c.source = parts[0]
		parts = parts[1:]
	}
	c.message = strings.Join(parts, "\t")
	if more {
		c.message += "\n" + rest
	}
	return true
}

// isObject reports whether s is a JSON object.
func isObject(s string) bool {
	if len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' {
		return false
	}
	d := newDecoder()
	defer d.release()
	return d.scan(s)
}

// jsonAfter decodes the JSON object that winston writes after a message.
func jsonAfter(c *columns, _ string) bool {
	first, rest, more := strings.Cut(c.message, "\n")
	if object, ok := objectAfter(first); ok {
		c.members(object)
		if c.message = strings.TrimRight(first[:len(first)-len(object)], " "); more {
			c.message += "\n" + rest
		}
	}
	return true
}

// objectAfter returns the JSON object at the end of a line, which must follow a blank.
func objectAfter(line string) (string, bool) {
	line = strings.TrimRight(line, " ")
	if line == "" || line[len(line)-1] != '}' {
		return "", false
	}
	for i := 0; i < len(line); i++ { // find the first position from which the rest is an object
		if line[i] != '{' || i > 0 && line[i-1] != ' ' {
			continue
		}
		if isObject(line[i:]) {
			return line[i:], true
		}
		if len(line)-i > maxScannedTail {
			return "", false
		}
	}
	return "", false
}

// maxScannedTail is the maximum length of the rest of a line for which further positions are tried, since each try scans all of it.
const maxScannedTail = 4 << 10

// monologTail decodes the JSON objects context and extra, which Monolog writes after a message; [] means none. Laravel's context may contain an
// unescaped trace.
func monologTail(c *columns, _ string) bool {
	if i := strings.Index(c.message, `"exception":"[object] (`); i >= 0 && strings.Contains(c.message[i:], "\n") {
		message, trace := c.message[:i], c.message[i+len(`"exception":"`):]
		trace = strings.TrimRight(strings.TrimSuffix(strings.TrimRight(trace, " \n[]"), `"}`), " \n")
		trace = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\/`, `/`).Replace(trace) // its newlines are not escaped, all else is
		if open := strings.Index(message, " {\""); open >= 0 {
			if object := strings.TrimRight(message[open+1:], ", ") + "}"; isObject(object) {
				c.fields = append(append(c.fields, `,"context":`...), jsonscan.AppendClean(nil, object)...)
			}
			message = message[:open]
		}
		c.message = strings.TrimSuffix(message, " {") + "\n" + trace
		return true
	}
	first, rest, more := strings.Cut(c.message, "\n")
	for _, name := range [2]string{"extra", "context"} {
		first = strings.TrimRight(first, " ")
		if before, ok := strings.CutSuffix(first, " []"); ok {
			first = before
			continue
		}
		object, ok := objectAfter(first)
		if !ok {
			break
		}
		first = strings.TrimRight(first[:len(first)-len(object)], " ")
		if name == "extra" && !strings.HasSuffix(first, "}") && !strings.HasSuffix(first, " []") {
			name = "context" // there is only one object
		}
		trace := ""
		if name == "context" {
			object, trace = cutExceptionText(object)
		}
		if object != "{}" {
			c.fields = append(append(append(c.fields, `,"`...), name...), `":`...)
			c.fields = jsonscan.AppendClean(c.fields, object)
		}
		if name == "context" {
			first += trace
			break
		}
	}
	if c.message = first; more {
		c.message += "\n" + rest
	}
	return true
}

// cutExceptionText removes the text of an exception from Monolog's context, and returns it as lines below a message.
func cutExceptionText(object string) (rest, trace string) {
	const member = `"exception":"`
	i := strings.Index(object, member+`[object] (`)
	if i < 0 {
		return object, ""
	}
	from := i + len(member)
	end, _ := jsonscan.StringEnd(object, from)
	if end < 0 {
		return object, ""
	}
	rest = strings.TrimSuffix(object[:i], ",")
	if after := object[end+1:]; rest == "{" {
		rest += strings.TrimPrefix(after, ",")
	} else {
		rest += after
	}
	return rest, "\n" + jsonscan.Unescape(object[from:end])
}

// kafkaLogger sets the logger, which Kafka writes in parentheses at the end.
func kafkaLogger(c *columns, line string) bool {
	moreColumns(c, line)
	first, rest, more := strings.Cut(c.message, "\n")
	open := strings.LastIndex(first, " (")
	if open > 0 && strings.HasSuffix(first, ")") {
		if name := first[open+2 : len(first)-1]; isLoggerName(name) && strings.IndexByte(name, '.') > 0 && !strings.ContainsAny(name, "/:") {
			c.logger = name
			if c.message = first[:open]; more {
				c.message += "\n" + rest
			}
		}
	}
	return true
}

// sidekiqPairs decodes tid, class, jid and the level, which Sidekiq writes before the message. Sidekiq 8 writes the level before all of them.
func sidekiqPairs(c *columns, _ string) bool {
	rest := c.message
	for {
		word, after, ok := strings.Cut(rest, " ")
		if !ok {
			return false
		}
		name, value, isPair := strings.Cut(word, "=")
		if !isPair {
			c.message = after
			return setLevelWord(c, word)
		}
		value, isLast := strings.CutSuffix(value, ":")
		if !isLoggerName(name) || isLast && c.level == Unknown {
			return false
		}
		if c.field(name, value); isLast {
			c.message = after
			return true
		}
		rest = after
	}
}

// sidekiqWords decodes the class, the job and the level, which Sidekiq 5 writes before the message: "PayJob JID-b4a577edbccf1d805744efa9 WARN: ".
func sidekiqWords(c *columns, _ string) bool {
	for {
		word, after, ok := strings.Cut(c.message, " ")
		if !ok {
			return false
		}
		c.message = after
		jid, isJob := strings.CutPrefix(word, "JID-")
		switch {
		case isJob:
			c.field("jid", jid)
		case strings.HasSuffix(word, ":"):
			return setLevelWord(c, word)
		case !isLoggerName(word):
			return false
		default:
			c.field("class", word)
		}
	}
}

// setLevelWord sets the level from a word in capitals with a colon.
func setLevelWord(c *columns, word string) bool {
	word, ok := strings.CutSuffix(word, ":")
	c.level = levelInText(word)
	return ok && isUpper(word) && c.level != Unknown
}

// datedMessage sets the level from the message, if the time before it has a date: "shop: 10:00:00 is noon".
func datedMessage(c *columns, line string) bool {
	return !c.time.IsZero() && levelOfCapitals(wordAt(c.message, 0)) == Unknown && cutLevel(c, line)
}

// trimMessage removes the blanks before the message.
func trimMessage(c *columns, _ string) bool {
	c.message = trimIndent(c.message)
	return true
}

// swiftColumns decodes what swift-log writes after the label: pairs of the metadata, the module in brackets, and the message.
func swiftColumns(c *columns, _ string) bool {
	for s := c.message; ; {
		word, rest, ok := strings.Cut(s, " ")
		if name, value, isPair := strings.Cut(word, "="); ok && isPair && isIdentifier(name) {
			c.field(name, value)
			s = rest
			continue
		}
		if ok && len(word) > 2 && word[0] == '[' && word[len(word)-1] == ']' {
			c.field("module", word[1:len(word)-1])
			c.message = rest
		}
		return true
	}
}

// cutLevel sets the level from the message, and removes it from there if it is the first word, in brackets or before a colon.
func cutLevel(c *columns, line string) bool {
	message := strings.TrimPrefix(c.message, "PM2 ")
	end := ": "
	if strings.HasPrefix(message, "[") {
		message, end = message[1:], "] "
	}
	word := wordAt(message, 0)
	if after, ok := strings.CutPrefix(message[len(word):], end); ok {
		if c.level = levelInText(word); c.level != Unknown {
			c.message = after
			return true
		}
	}
	return levelOfMessage(c, line)
}

// rqJob sets the ID of a job, which RQ writes in parentheses at the end: "mail: shop.jobs.label(7) (7d2e8f9a-…)". The other lines of RQ look like
// any text after a clock.
func rqJob(c *columns, _ string) bool {
	first := cutAt(c.message, '\n')
	n := len(first) - len("(7d2e8f9a-0f61-4a1c-9c7e-1f2a3b4c5d6e)")
	if n <= 0 || first[n-1] != ' ' || first[n] != '(' || first[len(first)-1] != ')' || !isUUID(first[n+1:len(first)-1]) {
		return false
	}
	c.field("job_id", first[n+1:len(first)-1])
	return levelOfMessage(c, "")
}

// laravelJob sets the level by the state of a job, which Laravel writes after dots: "App\\Jobs\\Pay ........ 12.34ms DONE".
func laravelJob(c *columns, _ string) bool {
	switch c.message[strings.LastIndexByte(c.message, ' ')+1:] {
	case "RUNNING", "DONE":
		c.level = Info
	case "FAIL":
		c.level = Error
	}
	return c.level != Unknown && strings.Contains(c.message, " ....")
}

// placeAtEnd sets the source, which rich writes in a column at the right.
func placeAtEnd(c *columns, _ string) bool {
	first, rest, more := strings.Cut(c.message, "\n")
	first = strings.TrimRight(first, " ")
	i := strings.LastIndexByte(first, ' ') + 1
	if i < 2 || first[i-2] != ' ' || !stack.IsPlace(first[i:]) {
		return false
	}
	c.source = first[i:]
	if c.message = strings.TrimRight(first[:i], " "); more {
		c.message += "\n" + rest
	}
	return true
}

// clockBeforeDay sets the time of Resque, which writes the clock before the day.
func clockBeforeDay(c *columns, line string) bool {
	clock, day, _ := strings.Cut(strings.Trim(cutAt(line, ']'), "*[ "), " ")
	t, rest, ok := instant.Cut(day + " " + clock)
	c.time = t
	return ok && rest == ""
}

// tracingTarget decodes what tracing-subscriber writes before a message: spans with their fields, and the target. A plain word is a target only
// after a UTC time in its format.
func tracingTarget(c *columns, line string) bool {
	s := c.message
	if rest, ok := strings.CutPrefix(s, "ThreadId("); ok {
		id, after, ok := strings.Cut(rest, ") ")
		if !ok || !isDigits(id) {
			return false
		}
		c.field("threadId", "ThreadId("+id+")")
		s = after
	}
	var spans []string
	for {
		n := spanLength(s)
		if n == 0 {
			break
		}
		spans = append(spans, s[:n])
		s = s[n+1:]
		if rest, ok := strings.CutPrefix(s, " "); ok {
			s = rest
		} else if name, rest, ok := strings.Cut(s, ": "); ok && isLoggerName(name) { // a span without fields
			spans = append(spans, name)
			s = rest
		}
	}
	target, message, ok := strings.Cut(s, ": ")
	if !ok || strings.IndexByte(target, ' ') >= 0 || !isLoggerName(target) {
		return false
	}
	isTracing := len(line) > 26 && line[10] == 'T' && line[19] == '.' && line[26] == 'Z' // others don't write six digits
	if len(spans) == 0 && !isTracing && !strings.Contains(target, "::") {
		return false
	}
	if place, after, ok := strings.Cut(message, ": "); ok && strings.IndexByte(place, ' ') < 0 && stack.IsPlace(place) {
		c.source, message = place, after
	}
	c.logger, c.message = target, message
	c.field("spans", strings.Join(spans, ":"))
	return true
}

// spanLength returns the length of a span at the start of s, `request{method=GET path="/a b"}` before a colon, or 0.
func spanLength(s string) int {
	open := strings.IndexByte(s, '{')
	if open <= 0 || !isLoggerName(s[:open]) {
		return 0
	}
	quoted := false
	for i := open; i < len(s) && i < maxScannedTail; i++ {
		switch {
		case s[i] == '"' && s[i-1] != '\\':
			quoted = !quoted
		case s[i] == '}' && !quoted:
			if i+1 < len(s) && s[i+1] == ':' {
				return i + 1
			}
			return 0
		case s[i] == '\n':
			return 0
		}
	}
	return 0
}

// celeryTask adds the name and ID of a task as fields, which celery writes in the message: "Task shop.tasks.pay[7d2e8f9a-…] succeeded".
func celeryTask(c *columns, _ string) bool {
	open := strings.IndexByte(c.message, '[')
	if open < 0 || open+38 > len(c.message) || c.message[open+37] != ']' || !isUUID(c.message[open+1:open+37]) {
		return true
	}
	name := c.message[strings.LastIndexByte(c.message[:open], ' ')+1 : open]
	if isLoggerName(name) {
		c.field("task_name", name)
		c.field("task_id", c.message[open+1:open+37])
	}
	return true
}

// quotedRequest restores the quote before a request of Django's runserver.
func quotedRequest(c *columns, _ string) bool {
	c.message = `"` + c.message
	return strings.Contains(c.message, " HTTP/")
}

// setSpringBrackets decodes the brackets between "---" and the logger of Spring Boot: [application] [thread] [trace-span]. Only the thread is
// always present.
func setSpringBrackets(c *columns, v string) bool {
	var room [3]string
	parts := room[:0]
	for rest := v; rest != "" && len(parts) < len(room); {
		end := strings.IndexByte(rest, ']')
		parts = append(parts, strings.TrimSpace(rest[1:end]))
		rest = strings.TrimLeft(rest[end+1:], " ")
	}
	if n := len(parts); n > 1 && isCorrelation(parts[n-1]) {
		if trace, span, ok := strings.Cut(parts[n-1], "-"); ok {
			c.field("traceId", trace)
			c.field("spanId", span)
		}
		parts = parts[:n-1]
	}
	if len(parts) > 1 {
		c.field("service", parts[0])
		parts = parts[1:]
	}
	if len(parts) != 1 {
		return false
	}
	c.field("thread", parts[0])
	return true
}

// hasLongTag reports whether a tag of logcat is longer than a letter, unlike in "I/O: no such device".
func hasLongTag(c *columns, _ string) bool { return len(c.logger) > 1 }

// notApache reports whether a line is not from Apache, which begins with the name of a day.
func notApache(c *columns, line string) bool { return !isLetter(line[1]) && moreColumns(c, line) }

// springBrackets returns the length of the brackets at the start of s.
func springBrackets(s string) int {
	n := 0
	for {
		rest := strings.TrimLeft(s[n:], " ")
		end := strings.IndexByte(rest, ']')
		if rest == "" || rest[0] != '[' || end < 0 {
			return n
		}
		n = len(s) - len(rest) + end + 1
	}
}

// isCorrelation reports whether v is the trace and span of Spring Boot, which are blank if there are none.
func isCorrelation(v string) bool {
	for i := 0; i < len(v); i++ {
		if v[i] != '-' && jsonscan.HexDigit(v[i]) < 0 {
			return false
		}
	}
	return v == "" || len(v) >= 17
}

// dotNetMessage removes the indentation of .NET's console, and its scopes, which become fields.
func dotNetMessage(c *columns, _ string) bool {
	c.message = strings.ReplaceAll(c.message, "\n      ", "\n")
	for strings.HasPrefix(c.message, "=> ") { // scopes
		scope, rest, more := strings.Cut(c.message, "\n")
		if !more {
			break
		}
		c.field("scope", scope[3:])
		c.message = rest
	}
	return true
}

// railsTag removes the request ID in brackets that Rails writes before a message, and adds it as a field.
func railsTag(c *columns, _ string) bool {
	if rest, ok := strings.CutPrefix(c.message, "[ActiveJob] ["); ok {
		class, rest, _ := strings.Cut(rest, "] [")
		if job, message, ok := strings.Cut(rest, "] "); ok && isUUID(job) {
			c.field("job_class", class)
			c.field("job_id", job)
			c.message = message
			return true
		}
	}
	if len(c.message) > 38 && c.message[0] == '[' && c.message[37] == ']' && isUUID(c.message[1:37]) {
		c.field("request_id", c.message[1:37])
		tag := c.message[:38]
		c.message = strings.TrimLeft(strings.ReplaceAll(c.message[38:], "\n"+tag+" ", "\n"), " ")
	}
	return true
}

// cutAt returns the part of s before the first c, or all of s.
func cutAt(s string, c byte) string {
	if i := strings.IndexByte(s, c); i >= 0 {
		return s[:i]
	}
	return s
}
