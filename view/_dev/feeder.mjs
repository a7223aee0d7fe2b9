// A stand-in for Elva's server that speaks its HTTP contract, with a history of any size, any rate, and every trouble
// at a call. The real server is tested together with the page elsewhere; here the page is tested alone.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { answer, patternOf, workerOf } from "./answers.mjs";
import { searched } from "./encoding.mjs";
import { inRange, match, parseParams } from "../app/query.js";

const here = dirname(fileURLToPath(import.meta.url));
const LEVELS = ["debug", "debug", "debug", "debug", "info", "info", "info", "info", "info", "info", "info", "warning", "warning", "error", "critical"];
const LOGGERS = ["shop.cart", "shop.web.request", "shop.web.session", "shop.db.pool", "shop.db.query", "shop.payment.retry", "shop.payment.stripe", "mailer.smtp", "mailer.queue", "celery.worker.strategy", "celery.app.trace", "search.index.merge", "urllib3.connectionpool", "django.security.csrf", "root"];
const WORDS = "order payment accepted refused retry timeout session checkout pool exhausted cache replica latency expired token queue finished started commit snapshot".split(" ");
const TRACE = `Traceback (most recent call last):
  File "/srv/shop/payment/retry.py", line 88, in charge
    return self.gateway.charge(order, token)
  File "/srv/shop/payment/stripe.py", line 41, in charge
    answer = self.session.post(url, json=body, timeout=3)
  File "/usr/lib/python3.11/site-packages/requests/sessions.py", line 637, in post
    return self.request("POST", url, data=data, json=json, **kwargs)
  File "/usr/lib/python3.11/site-packages/requests/sessions.py", line 589, in request
    resp = self.send(prep, **send_kwargs)
  File "/usr/lib/python3.11/site-packages/requests/adapters.py", line 713, in send
    raise ReadTimeout(e, request=request)
requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='api.stripe.com', port=443): Read timed out. (read timeout=3)

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/payment/worker.py", line 120, in run
    self.charge(order)
  File "/srv/shop/payment/retry.py", line 92, in charge
    raise PaymentFailed(order.id) from None
shop.payment.PaymentFailed: order 4711 after 3 tries`;
/** What the server says of that trace. */
const SAID = { traceLines: ".o-o-l-l-l-e.c..o-o-e", exception: { type: "shop.payment.PaymentFailed", text: "order 4711 after 3 tries", place: "retry.py charge" } };

/** Always the same numbers for the same seed: runs can be compared. */
export function random(seed = 1) {
  return () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32);
}

/** One record as the stream has it, without seq. */
export function record(n, next, at = Date.now()) {
  const level = LEVELS[Math.floor(next() * LEVELS.length)];
  const logger = LOGGERS[Math.floor(next() ** 1.5 * LOGGERS.length)];
  const words = Array.from({ length: 5 + Math.floor(next() * 9) }, () => WORDS[Math.floor(next() * WORDS.length)]).join(" ");
  const r = {
    at: new Date(at).toISOString().replace("Z", "417Z"),
    channel: "app:log",
    time: new Date(at - 1).toISOString().replace("Z", "025Z"),
    level,
    logger,
    message: `${words} id=${1_000_000 + n}`,
    source: `/srv/shop/${logger.replaceAll(".", "/")}.py:${1 + Math.floor(next() * 900)} ${logger.split(".").at(-1)}`,
    host: `web-${1 + Math.floor(next() * 4)}`,
    pid: 100 + Math.floor(next() * 8),
    fields: { username: "shop" },
  };
  if (level === "error" || level === "critical") Object.assign(r, { trace: TRACE, ...SAID });
  return r;
}

/** A text among a record's members, which may be no JSON. */
const member = (text, name) => MEMBERS[name].exec(text)?.[1];
const MEMBERS = { at: /"at":"([^"]{0,40})"/, time: /"time":"([^"]{0,40})"/, level: /"level":"([^"]{0,40})"/ };

/** The time of a gap, in nanoseconds. */
function gapRange({ text }) {
  const { from, to } = JSON.parse(text);
  return [from ?? to, to ?? from].map((time) => BigInt(Date.parse(time ?? new Date().toISOString())) * 1_000_000n);
}

let shell;
/** The page's HTML and the build's hash, from the real templ component. */
function page(p) {
  if (!p.Rows && shell) return shell;
  const out = JSON.parse(execFileSync("go", ["run", "./_dev/shell"], { cwd: join(here, ".."), input: JSON.stringify({ Title: "Elva", State: "ok", Summary: "5 of 5 workers active. 2 errors/min (baseline 2).", ...p }), encoding: "utf8", maxBuffer: 1 << 26 }));
  if (!p.Rows) shell = out;
  return out;
}

/** How many buckets a histogram has, if no step is given. */
const BUCKETS = 60;

export class Feeder {
  /** first: with so many of the newest records a stream begins, as if the page had room for no more. span: over how many minutes the history is. */
  constructor({ history = 0, limit = 100_000, first = Infinity, span = 4, rate = 0, seed = 1, page: shown = {}, csp = true, batch = 100 } = {}) {
    this.limit = limit;
    this.first = first;
    this.answers = [];
    this.batch = batch;
    this.items = [];
    this.next = random(seed);
    this.n = 0;
    this.seq = 0;
    this.epoch = `E${Math.floor(Math.random() * 1e9)}`;
    this.viewers = new Set();
    this.redis = { state: "live", text: "", sources: [{ name: "app:log", kind: "channel" }] };
    this.health = { state: "ok", text: "5 of 5 workers active. 2 errors/min (baseline 2)." };
    this.answer = 200;
    this.opened = 0;
    this.afters = [];
    this.csp = csp;
    this.reports = [];
    /** As a connection that is dead without being closed: nothing is written any more. */
    this.frozen = false;
    /** As a host whose connections are all taken: a stream is never answered. */
    this.mute = false;
    /** So much of the history is sent at first, 0 to 1; the rest never comes. */
    this.stall = 1;
    this.counts = {};
    /** By the minute of arrival, the records by level: [minute][level]. */
    this.minutes = {};
    /** What more there is in the health document; a whole one from a fleet takes the place of all. */
    this.more = {};
    this.asked = 0;
    /** The questions on many records at once. */
    this.questions = [];
    const begin = Date.now() - span * 60_000;
    for (let i = 0; i < history; i++) this.publish(record(this.n++, this.next, begin + (i / history) * span * 60_000));
    this.shown = page(shown);
    this.rate = rate;
    this.owed = 0;
    this.last = performance.now();
    this.timer = setInterval(() => this.#tick(), batch);
    this.beat = setInterval(() => this.#status(), 2000);
    this.server = createServer((req, res) => this.#serve(req, res));
  }

  async listen(port = 0) {
    await new Promise((done) => this.server.listen(port, "127.0.0.1", done));
    this.url = `http://127.0.0.1:${this.server.address().port}/debug/logs`;
    return this;
  }

  async close() {
    clearInterval(this.timer);
    clearInterval(this.beat);
    this.cut();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  publish(r) {
    const seq = ++this.seq;
    this.items.push({ seq, text: JSON.stringify({ seq, at: new Date().toISOString(), channel: "app:log", worker: workerOf({ channel: "app:log", ...r }), ...r, pattern: patternOf(r) }) });
    this.counts[r.level ?? "none"] = (this.counts[r.level ?? "none"] ?? 0) + 1;
    const minute = (this.minutes[Math.floor((r.at ? Date.parse(r.at) : Date.now()) / 60_000)] ??= {});
    minute[r.level ?? "none"] = (minute[r.level ?? "none"] ?? 0) + 1;
    if (this.items.length > this.limit * 1.1) this.items.splice(0, this.items.length - this.limit);
    return seq;
  }

  /** Sends a record as the text that it is, also where that is none; #seq stands for its number. */
  send(text) {
    const seq = ++this.seq;
    this.items.push({ seq, text: text.replaceAll("#seq", seq) });
    return seq;
  }

  gap(g) {
    const seq = ++this.seq;
    this.items.push({ seq, gap: true, text: JSON.stringify({ seq, ...g }) });
  }

  /** As if the program had been started again, with so many of its records read back from somewhere. */
  restart(keep = 0) {
    this.epoch = `E${Math.floor(Math.random() * 1e9)}`;
    const kept = keep ? this.items.filter((item) => !item.gap).slice(-keep) : [];
    this.items = [];
    this.seq = 0;
    for (const item of kept) {
      const { seq, ...r } = JSON.parse(item.text);
      this.publish(r);
    }
    this.cut();
  }

  /** Cuts all streams, as a network does. */
  cut() {
    for (const v of this.viewers) v.res.destroy();
    this.viewers.clear();
  }

  /** The health document; a status event has only the newest two minutes, and no lists. */
  document(minutes) {
    const now = Math.floor(Date.now() / 60_000);
    const levels = {};
    for (const level of Object.keys(this.counts)) levels[level] = Array.from({ length: minutes }, (_, i) => this.minutes[now - minutes + 1 + i]?.[level] ?? 0);
    const s = { ...this.status(), minutes: { from: new Date((now - minutes + 1) * 60_000).toISOString(), levels }, ...(typeof this.more === "function" ? this.more() : this.more) };
    if (minutes === 60) return s;
    const { workers, errorGroups, ...short } = s;
    const { from, levels: whole } = short.minutes;
    const n = Object.values(whole)[0]?.length ?? minutes;
    return { ...short, minutes: { from: new Date(Date.parse(from) + (n - minutes) * 60_000).toISOString(), levels: Object.fromEntries(Object.entries(whole).map(([k, v]) => [k, v.slice(-minutes)])) } };
  }

  status() {
    const last = this.items.at(-1)?.seq ?? 0;
    return {
      v: 1, at: new Date().toISOString(), epoch: this.epoch, build: this.build ?? this.shown.build, title: "Elva", uptime: 3600,
      redis: this.redis, rates: { info: this.rate }, counts: this.counts, health: this.health, viewers: this.viewers.size,
      history: { records: this.items.length, bytes: 0, firstSeq: this.items[0]?.seq ?? 0, lastSeq: last, complete: (this.items[0]?.seq ?? 1) === 1, oldest: this.items.length ? member(this.items[0].text, "at") : undefined }, gaps: 0, lost: 0,
    };
  }

  /** Answers as a proxy does, whatever is asked: with a status, or with a page to sign in. */
  #deny(req, res) {
    if (this.answer === "login") return res.writeHead(200, { "content-type": "text/html" }).end(req.method === "HEAD" ? undefined : "<h1>Sign in</h1>");
    return res.writeHead(this.answer, { "content-type": "text/plain" }).end("no");
  }

  #serve(req, res) {
    const query = new URL(req.url, "http://x").search.slice(1);
    if (req.method === "POST") {
      req.on("data", (chunk) => this.reports.push(String(chunk)));
      return req.on("end", () => res.writeHead(204).end());
    }
    if (query.startsWith("events")) return this.#events(req, res, new URLSearchParams(query).get("after"));
    if (query.startsWith("health")) {
      this.asked++;
      if (this.answer !== 200) return this.#deny(req, res);
      const s = this.document(query === "health=status" ? 2 : 60);
      return res.writeHead(s.health.state === "down" && query === "health" ? 503 : 200, { "content-type": "application/json" }).end(JSON.stringify(s));
    }
    if (query.startsWith("records") || query.startsWith("histogram")) return this.#answer(req, res, query);
    if (query.startsWith("raw=")) {
      const seq = Number(query.slice(query.lastIndexOf("-") + 1));
      const item = this.items.find((i) => i.seq === seq);
      return item && query.includes(this.epoch) ? res.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(`published ${item.text}`) : res.writeHead(404).end();
    }
    if (/^(patterns|operations|changes|facets)\b/.test(query)) {
      this.questions.push(query);
      if (this.answer !== 200) return this.#deny(req, res);
      return res.writeHead(200, { "content-type": "application/json" }).end(answer(this, query));
    }
    if (query.startsWith("elva-")) {
      const file = readdirSync(join(here, "../static")).find((name) => query === `elva-${this.shown.build}${name.slice(4)}`);
      if (!file) return res.writeHead(404).end();
      const type = { js: "text/javascript", css: "text/css", svg: "image/svg+xml" }[file.split(".").at(-1)];
      return res.writeHead(200, { "content-type": type, "x-content-type-options": "nosniff" }).end(readFileSync(join(here, "../static", file)));
    }
    const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" };
    if (this.csp) {
      headers["content-security-policy"] = `${this.shown.policy}; report-uri /csp`;
    }
    // As a host does that has a policy of its own: the page's nonce comes from templ.WithNonce.
    const html = this.nonce ? this.shown.html.replaceAll('nonce=""', `nonce="${this.nonce}"`) : this.shown.html;
    if (this.policy) headers["content-security-policy"] = `${this.policy}; report-uri /csp`;
    if (this.nonce) headers["content-security-policy"] = `default-src 'none'; script-src 'nonce-${this.nonce}'; style-src 'nonce-${this.nonce}'; img-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; report-uri /csp`;
    res.writeHead(200, headers).end(html);
  }

  /** Answers ?records and ?histogram as the server does, see docs/http.md. */
  #answer(req, res, query) {
    this.answers.push(query);
    if (this.answer !== 200) return this.#deny(req, res);
    const own = new URLSearchParams(query);
    for (const name of ["before", "after"]) if (own.get(name) && !own.get(name).startsWith(`${this.epoch}-`)) return res.writeHead(410).end();
    let filter;
    try {
      filter = parseParams(query, BigInt(Date.now()) * 1_000_000n, ["records", "histogram", "limit", "before", "after", "newest", "gaps", "buckets", "step"]);
    } catch (error) {
      return res.writeHead(400, { "content-type": "text/plain" }).end(error.message);
    }
    const selects = match(filter);
    const shows = (item) => (item.gap ? own.has("gaps") && inRange(filter, ...gapRange(item)) : selects(searched(item.text)));
    res.writeHead(200, { "content-type": "application/x-ndjson" });
    res.end(query.startsWith("histogram") ? this.#histogram(own, filter, shows) : this.#records(own, shows));
  }

  #records(own, shows) {
    const number = (name, otherwise) => (own.get(name) ? Number(own.get(name).split("-").at(-1)) : otherwise);
    const [oldest, newest] = [this.items[0]?.seq ?? 0, this.items.at(-1)?.seq ?? 0];
    const [after, before, limit] = [number("after", 0), Math.min(newest + 1, number("before", newest + 1)), number("limit", Infinity)];
    let list = this.items.filter((item) => item.seq > after && item.seq < before);
    const back = own.has("newest") || !own.get("after");
    if (back) list.reverse();
    let n = 0;
    const end = list.findIndex((item) => shows(item) && !item.gap && ++n === limit);
    const all = end < 0;
    if (!all) list = list.slice(0, end + 1);
    const first = back && !all ? list.at(-1).seq : Math.max(oldest, after + 1);
    const last = back || all ? before - 1 : list.at(-1).seq;
    list = list.filter(shows);
    if (back && !own.has("newest")) list.reverse();
    const page = { more: first > Math.max(oldest, after + 1) || last < before - 1, first: `${this.epoch}-${first}`, last: `${this.epoch}-${last}`, oldest: `${this.epoch}-${oldest}`, newest: `${this.epoch}-${newest}` };
    return [...list.map((item) => (item.gap ? `{"gap":${item.text}}` : item.text)), JSON.stringify({ page }), ""].join("\n");
  }

  /** The index of the first item that arrived at a time or later. */
  #since(seconds) {
    let [low, high] = [0, this.items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Date.parse(member(this.items[middle].text, "at")) / 1000 < seconds) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #histogram(own, filter, shows) {
    const time = (item) => (Date.parse(member(item.text, "time") ?? member(item.text, "at")) || Date.now()) / 1000;
    const now = Date.now() / 1000;
    const from = filter.from ? Number(filter.from.at / 1_000_000_000n) : this.items.length ? Math.min(now, (Date.parse(member(this.items[0].text, "at")) || Date.now()) / 1000) : now;
    const to = filter.to ? Number(filter.to.at / 1_000_000_000n) : now;
    const step = Number(/^(\d+)s$/.exec(own.get("step"))?.[1] ?? 10 * Math.ceil((to - from) / 10 / (own.get("buckets") ?? BUCKETS)));
    const buckets = {};
    let records = 0;
    // Without this the page's counts of the newest bars would keep the feeder from feeding.
    const plain = !filter.clauses.length && !filter.levels && !filter.ids.length && Object.values(filter.names).every((list) => !list.length);
    for (const item of this.items.slice(this.#since(filter.from ? from - 60 : 0))) {
      if (item.gap || (plain ? time(item) < (filter.from ? from : 0) || time(item) >= (filter.to ? to : Infinity) : !shows(item))) continue;
      const start = Math.floor(time(item) / step) * step;
      const level = member(item.text, "level") ?? "none";
      buckets[start] ??= {};
      buckets[start][level] = (buckets[start][level] ?? 0) + 1;
      records++;
    }
    const iso = (seconds) => new Date(seconds * 1000).toISOString().replace(".000", "");
    const lines = Object.entries(buckets).reverse().map(([start, counts]) => ({ time: iso(Number(start)), counts }));
    const range = { from: iso(Math.floor(from / step) * step), to: iso(Math.ceil(to / step) * step), step };
    return [range, ...lines, { records, seq: this.items.at(-1)?.seq ?? 0, complete: true }].map((line) => `${JSON.stringify(line)}\n`).join("");
  }

  #events(req, res, after) {
    this.opened++;
    if (this.answer !== 200) return this.#deny(req, res);
    if (this.mute) return;
    res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    if (req.method === "HEAD") return res.end();
    const id = req.headers["last-event-id"] || after || "";
    this.afters.push(id);
    const viewer = { res, next: id ? 0 : (this.items.at(-Math.min(this.first, this.items.length))?.seq ?? 0), free: true };
    res.write(`retry: 300\n:${" ".repeat(2048)}\n\n`);
    if (!this.frozen) res.write(`event: status\ndata: ${JSON.stringify(this.document(2))}\n\n`);
    if (id) {
      const dash = id.lastIndexOf("-");
      const seq = Number(id.slice(dash + 1));
      if (id.slice(0, dash) !== this.epoch) res.write(`event: gap\ndata: {"kind":"restart"}\n\n`);
      else {
        viewer.next = seq + 1;
        const lost = (this.items[0]?.seq ?? 1) - viewer.next;
        if (lost > 0) res.write(`event: gap\ndata: {"kind":"evicted","lost":${lost}}\n\n`);
      }
    }
    this.viewers.add(viewer);
    res.on("close", () => this.viewers.delete(viewer));
    res.on("drain", () => {
      viewer.free = true;
      this.#send(viewer);
    });
    this.#send(viewer);
  }

  #send(v) {
    if (this.frozen) return;
    const first = this.items[0]?.seq ?? 0;
    let i = Math.max(0, v.next - first);
    const most = Math.floor(this.items.length * this.stall);
    while (v.free && i < most) {
      const item = this.items[i];
      if (item.gap) {
        i++;
        v.free = v.res.write(`event: gap\nid: ${this.epoch}-${item.seq}\ndata: ${item.text}\n\n`);
      } else {
        const part = [];
        let size = 0;
        let seq = 0;
        while (part.length < 500 && size < 131_072 && i < this.items.length && !this.items[i].gap) {
          part.push(this.items[i].text);
          size += this.items[i].text.length;
          seq = this.items[i++].seq;
        }
        v.free = v.res.write(`id: ${this.epoch}-${seq}\ndata: [${part.join(",")}]\n\n`);
      }
      v.next = (this.items[i - 1]?.seq ?? 0) + 1;
    }
  }

  #tick() {
    const now = performance.now();
    this.owed += (this.rate * (now - this.last)) / 1000;
    this.last = now;
    for (; this.owed >= 1; this.owed--) this.publish(record(this.n++, this.next));
    for (const v of this.viewers) this.#send(v);
  }

  #status() {
    if (this.frozen) return;
    for (const v of this.viewers) v.res.write(`event: status\ndata: ${JSON.stringify(this.document(2))}\n\n`);
  }
}

/** The records of a feeder's history as the page's first paint has them. */
export function rows(n, seed = 1) {
  const next = random(seed);
  return Array.from({ length: n }, (_, i) => ({ seq: i + 1, ...record(i, next, Date.now() - (n - i) * 400) }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [history = "5000", rate = "50", port = "8899"] = process.argv.slice(2);
  const feeder = await new Feeder({ history: Number(history), rate: Number(rate) }).listen(Number(port));
  console.log(feeder.url);
}
