// The records of a shop whose payments have begun to time out, with ids, for the views that follow work over its workers.
const IDS = { request: "request_id", job: "job_id" };
export const ids = (...pairs) => pairs.map(([kind, value]) => ({ kind, name: IDS[kind], value }));
export const SLOW = "3b76cd6c2c5044adbf10c4eb63bb2040";
export const JOB = "7d2e91aa4c";

const FAILED = {
  trace: `Traceback (most recent call last):
  File "/srv/payments/charge.py", line 95, in charge
    receipt = gateway.post("/v2/charges", json=body)
  File "/srv/payments/gateway.py", line 52, in post
    return self.session.post(url, timeout=5, **options)
  File "/usr/lib/python3.11/site-packages/requests/sessions.py", line 637, in post
    return self.request("POST", url, data=data, json=json, **kwargs)
  File "/usr/lib/python3.11/site-packages/requests/adapters.py", line 713, in send
    raise ReadTimeout(e, request=request)
requests.exceptions.ReadTimeout: read timed out after 5 s`,
  traceLines: ".o-o-l-l-e",
  exception: { type: "requests.exceptions.ReadTimeout", text: "read timed out after 5 s", place: "charge.py charge" },
  source: "/srv/payments/charge.py:95 charge",
};

/** Publishes the shop's records of the last minutes into a feeder. */
export function fill(f, now = Date.now()) {
  const say = (ms, worker, level, message, more = {}) => {
    const [host, service] = worker.split("/");
    f.publish({ at: new Date(now + ms).toISOString(), time: new Date(now + ms).toISOString(), worker, host, level, logger: `${service}.main`, message, ...more });
  };
  for (let i = 0; i < 120; i++) {
    const ms = -240_000 + i * 1900;
    const id = (0x51ce77b000 + i * 7919).toString(16);
    const request = { ids: ids(["request", id]), fields: { request_id: id, status: i % 12 ? 200 : 404, took: 5 + ((i * 37) % 120), route: i % 3 ? "/products" : "/cart" } };
    say(ms, `web-${1 + (i % 3)}/shop`, "info", `GET ${i % 3 ? "/products" : "/cart"} ${i % 12 ? 200 : 404} in ${5 + ((i * 37) % 120)} ms`, request);
    if (i % 3 === 0) say(ms + 8, "stock-1/stock", "debug", `${i % 20} of 20 connections in use`, { ids: request.ids });
    if (i % 4 === 0 && i < 90) say(ms + 20, `pay-${1 + (i % 2)}/payments`, "info", `charged ${i}.10 EUR for order ${48_000 + i}`, { ids: request.ids });
    if (i % 9 === 0 && i > 90) say(ms + 1500, "pay-1/payments", "error", `charge failed for order ${48_000 + i}`, { ids: request.ids, ...FAILED });
  }
  const slow = (ms, worker, level, message, more = {}) => say(-20_000 + ms, worker, level, message, { ids: ids(["request", SLOW]), ...more });
  slow(0, "web-1/shop", "info", "GET /checkout");
  slow(12, "web-1/shop", "debug", "miss for 'cart:8812', loaded in 7.0 ms");
  slow(183, "pay-1/payments", "info", "charging 28.10 EUR for order 48266");
  slow(190, "stock-1/stock", "info", "reserved sku=TEA-132 count=2 order=48266");
  slow(5190, "pay-1/payments", "error", "charge failed for order 48266", { ...FAILED });
  slow(5203, "stock-1/stock", "info", "released sku=TEA-132 count=2");
  slow(5280, "web-1/shop", "warning", "POST /checkout 502 in 5,025 ms");
  slow(5420, "mail-1/mailer", "info", "queued apology for order 48266", { ids: ids(["request", SLOW], ["job", JOB]) });
  say(-14_000, "mail-1/mailer", "info", "nightly report begins", { ids: ids(["job", JOB]) });
  say(-100, "mail-1/mailer", "info", "sent 12 of 40 mails", { ids: ids(["job", JOB]) });
}
