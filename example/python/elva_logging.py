"""Send Python's log records to Redis, where Elva shows them live.

    import logging
    from elva_logging import ElvaHandler

    logging.getLogger().addHandler(ElvaHandler("my:channel"))

Pub/Sub keeps nothing. So that Elva can show what it did not hear, let Redis keep the newest records in a list beside
the channel, or all of them in a stream instead of it, and tell Elva's Config the same name:

    ElvaHandler("my:channel", history_list="my:list")
    ElvaHandler(stream="my:stream")

Copy this file into your project; it needs Python 3.11 or newer and redis-py (the package "redis").

A record becomes the JSON that python-redis-log published, with the process id, the name of the thread and the
fields given as ``extra`` beside it. The program that logs never waits for Redis and never sees its errors: a
thread publishes in the background, and a bounded queue holds what Redis can't take yet. When the queue is full
the oldest records go; how many is told by a record of its own as soon as Redis is back.
"""

import collections
import datetime
import getpass
import json
import logging
import os
import socket
import sys
import threading
import time
import weakref

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

__all__ = ["ElvaHandler"]

# What every LogRecord has; the rest of its attributes came as "extra".
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# Records sent in one round trip: enough for 100,000 records a second, and few to send twice if Redis dies half-way.
_BATCH = 200

# Seconds between two tries to reach Redis: short at first, because most interruptions are restarts.
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 2.0

# Bytes of the largest payload; a larger record keeps this many characters of its message and the end of its traceback.
# Elva itself shows at most 256 KiB of one.
_LARGEST, _KEPT = 1 << 20, 64 << 10

# Levels of nesting kept in an argument or extra field; what is deeper becomes its str().
_DEPTH = 8


class ElvaHandler(logging.Handler):
    """Publishes each record to a Redis channel, or adds it to a stream, in the background.

    channel   the channel to publish to.
    stream    the key of a Redis Stream to add to instead. An entry has one field, "record".
    stream_maxlen  entries that the stream keeps, about: at 500 bytes a record 100,000 are 55 MB of Redis's memory.
    history_list   the key of a list that keeps the newest of what is published on channel.
    history_length  how many.
    url       where Redis is; its password and options as redis-py's from_url reads them.
    client    a redis.Redis of your own instead of url. You close it. Give it socket timeouts.
    capacity  records to hold while Redis is away.
    max_bytes bound on the size of those records.
    flush_timeout  seconds that flush() and the end of the program may wait for Redis.
    """

    def __init__(self, channel=None, url="redis://localhost:6379", *, stream=None, stream_maxlen=100_000,
                 history_list=None, history_length=1000, client=None, level=logging.NOTSET,
                 capacity=10_000, max_bytes=32 << 20, flush_timeout=2.0):
        if bool(channel) == bool(stream):
            raise ValueError("ElvaHandler needs a channel or a stream, and not both")
        if stream and history_list:
            raise ValueError("history_list goes with a channel: a stream has its own history")
        if stream_maxlen < 1 or history_length < 1:  # LTRIM would take 0 for all
            raise ValueError("stream_maxlen and history_length must be positive")
        super().__init__(level)
        self.channel = channel
        self.stream = stream
        self.stream_maxlen = stream_maxlen
        self.history_list = history_list
        self.history_length = history_length
        self.capacity = capacity
        self.max_bytes = max_bytes
        self.flush_timeout = flush_timeout
        self._own_client = client is None
        if client is None:
            # Redis that does not answer is found out by these timeouts; trying again is this handler's own work.
            client = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5,
                                          retry=Retry(NoBackoff(), 0))
        self._client = client
        self._hostname = socket.gethostname()
        self._username = _username()
        self._closing = False
        self._reset()
        # A forked child (gunicorn, celery, multiprocessing) has the queue but not the thread that empties it.
        self_ref = weakref.ref(self)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=lambda: (s := self_ref()) and s._reset())

    def _reset(self):
        self._queue = collections.deque()
        self._bytes = 0
        self._sending = 0  # records taken from the queue and not yet confirmed
        self._dropped = 0
        self._thread = None
        self._down = False  # the last try to publish failed
        self._unlisted = False  # Redis refused what should have gone to the list
        self._gave_up = False  # flush ran out of time, and nothing was published since
        self._changed = threading.Condition(threading.Lock())

    def emit(self, record):
        """Queue record. Never blocks on Redis, never raises."""
        if threading.current_thread() is self._thread:
            return  # redis-py logged something while publishing: that would never end
        try:
            payload = self._payload(record)
            with self._changed:
                self._queue.append(payload)
                self._bytes += len(payload)
                self._drop_oldest()
                self._start()
                self._changed.notify_all()
        except Exception:
            self.handleError(record)

    def flush(self):
        """Wait until everything is published, at most flush_timeout seconds."""
        deadline = time.monotonic() + self.flush_timeout
        with self._changed:
            if self._thread is None or not self._thread.is_alive():
                self._start()
            while self._pending() and self._thread is not None:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    self._gave_up = True
                    return
                self._changed.wait(remaining)
        # No thread can be started while the interpreter shuts down: send from here.
        while self._thread is None and self._pending() and time.monotonic() < deadline:
            self._try_send()

    def close(self):
        """Flush, then end the background thread. logging calls it at the end of the program."""
        if not self._closing:
            if not self._gave_up:  # logging.shutdown has just called flush: don't wait twice
                self.flush()
            with self._changed:
                self._closing = True
                lost = self._pending()
                thread = self._thread
                self._changed.notify_all()
            if lost:
                self._complain(f"{lost} records were not published before the end")
            elif thread is not None:
                thread.join(self.flush_timeout)
            if self._own_client and not lost:
                self._client.close()
        super().close()

    def _drop_oldest(self):
        while len(self._queue) > self.capacity or self._bytes > self.max_bytes and len(self._queue) > 1:
            self._bytes -= len(self._queue.popleft())
            self._dropped += 1

    def _pending(self):
        return len(self._queue) + self._sending + self._dropped

    def _start(self):
        if self._thread is None and not self._closing:
            thread = threading.Thread(target=self._run, name="elva-logging", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the interpreter is shutting down; flush sends what is left
                return
            self._thread = thread

    def _run(self):
        wait = _FIRST_WAIT
        while True:
            with self._changed:
                while not self._pending() and not self._closing:
                    self._changed.wait()
                if self._closing:
                    return
            if self._try_send():
                wait = _FIRST_WAIT
                continue
            with self._changed:
                self._changed.wait_for(lambda: self._closing, wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    def _try_send(self):
        """Publish one batch. What fails goes back to where it was: better twice than never."""
        with self._changed:
            dropped, self._dropped = self._dropped, 0
            batch = [self._queue.popleft() for _ in range(min(_BATCH, len(self._queue)))]
            self._sending = len(batch)
            self._bytes -= sum(map(len, batch))
        # What was dropped was older than what is left.
        payloads = [self._drop_payload(dropped), *batch] if dropped else batch
        try:
            if self._down:
                self._await_answer()
            answers = self._send(payloads)
            errors = [answer for answer in answers if isinstance(answer, Exception)]
            error = errors[0] if errors else None
        except Exception as failure:
            answers, error = [failure] * len(payloads), failure
        if error is None:
            with self._changed:
                self._sending = 0
                self._down = self._gave_up = False
                self._changed.notify_all()
            return True
        back = [payload for payload, answer in zip(payloads, answers) if isinstance(answer, Exception)]
        with self._changed:
            if dropped and isinstance(answers[0], Exception):
                self._dropped += dropped
                del back[0]
            self._queue.extendleft(reversed(back))
            self._bytes += sum(map(len, back))
            self._drop_oldest()  # others may have taken their places
            self._sending = 0
        if not self._down and not self._closing:
            self._complain(f"{_reason(error)}; up to {self.capacity} records are kept until Redis is back")
        self._down = True
        return False

    def _await_answer(self):
        """Raise if Redis is still away. A frozen one keeps what it is sent, and would add it again for every try."""
        try:
            self._client.ping()
        except redis.ResponseError:
            pass  # it may refuse a PING, and answers

    def _send(self, payloads):
        """Send payloads in one round trip and return the answer to each: an exception where Redis refused it."""
        unlisted = None
        if self.history_list:
            answers, unlisted = self._publish_and_keep(payloads)
            if answers:
                self._note_list(unlisted)
                return answers
        with self._client.pipeline(transaction=False) as pipe:
            for payload in payloads:
                if self.stream:
                    pipe.xadd(self.stream, {"record": payload}, maxlen=self.stream_maxlen, approximate=True)
                else:
                    pipe.publish(self.channel, payload)
            answers = pipe.execute(raise_on_error=False)
        if unlisted and not isinstance(answers[0], Exception):
            self._note_list(unlisted)
        return answers

    def _publish_and_keep(self, payloads):
        """Push to the list what is published, and before it, so that who hears a record finds it there. A transaction
        gives the list the order of the channel, however many programs log. Return the answers to PUBLISH, None if
        nothing was done, and why the list has not got them."""
        with self._client.pipeline(transaction=False) as pipe:  # redis-py's own forgets which of it was refused
            pipe.execute_command("MULTI")
            pipe.rpush(self.history_list, *payloads)
            pipe.ltrim(self.history_list, -self.history_length, -1)
            for payload in payloads:
                pipe.publish(self.channel, payload)
            pipe.execute_command("EXEC")
            begun, *answers, done = pipe.execute(raise_on_error=False)
        if isinstance(done, redis.exceptions.ExecAbortError):
            return None, next((answer for answer in answers if isinstance(answer, Exception)), done)
        if not isinstance(begun, Exception):
            if isinstance(done, Exception):
                self._client.connection_pool.disconnect()  # it is inside the transaction for ever
                raise done
            answers = done
        # Without the permission for a transaction it was done one by one.
        pushed, _, *published = answers
        return published, pushed if isinstance(pushed, Exception) else None

    def _note_list(self, error):
        """A list that Redis refuses (its type, a permission, no memory) is no reason not to publish."""
        if error and not self._unlisted:
            self._complain(f"{_reason(error)}; records are published and not kept in the list {self.history_list}")
        self._unlisted = error is not None

    def _complain(self, what):
        """Say it once on stderr, unless logging has been told to keep quiet about its own errors."""
        if logging.raiseExceptions and sys.stderr:
            print(f"elva_logging: {self.channel or self.stream}: {what}", file=sys.stderr)

    def _payload(self, record):
        members = self._members(record)
        payload = json.dumps(members).encode()
        if len(payload) > _LARGEST:
            members.pop("extra", None)
            members.update(msg=(_formatted(record) or members["msg"])[:_KEPT], args=[],
                           traceback=(members["traceback"] or "")[-_KEPT:] or None, cut_from_bytes=len(payload))
            payload = json.dumps(members).encode()
        return payload

    def _members(self, record):
        """The record as python-redis-log published it, and more."""
        msg, args = str(record.msg), _plain_args(record.args)
        if args:
            try:
                message = record.getMessage()
                if msg % _as_operand(record.args, args) != message:
                    raise ValueError("an argument formats differently after JSON")
            except Exception:
                # A message that can't be formatted is shown as it was written, with its args beside it.
                message = _formatted(record)
                if message is not None:
                    msg, args = message, []
        members = {
            "name": record.name,
            "level": record.levelname.lower(),
            "msg": msg,
            "args": args,
            "filename": record.pathname,
            "line_no": record.lineno,
            "funcname": record.funcName,
            "traceback": _traceback(record),
            "time": datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc).replace(tzinfo=None).isoformat(),
            "username": self._username,
            "hostname": self._hostname,
            "pid": record.process,
            "thread": record.threadName,
        }
        if record.levelname != _LEVEL_NAMES.get(record.levelno):
            members["levelno"] = record.levelno  # a level of the program's own: its number says how bad it is
        if record.stack_info:
            members["stack_info"] = record.stack_info
        extra = {name: _plain(value) for name, value in vars(record).items() if name not in _STANDARD}
        if extra:
            members["extra"] = extra
        return members

    def _drop_payload(self, count):
        return self._payload(logging.makeLogRecord({
            "name": "elva_logging", "levelno": logging.WARNING, "levelname": "WARNING", "pathname": __file__,
            "funcName": "emit", "msg": "%d older records were dropped while Redis was away", "args": (count,)}))


_LEVEL_NAMES = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}


def _traceback(record):
    if record.exc_info and record.exc_info[0] is not None:
        return logging.Formatter().formatException(record.exc_info)
    return record.exc_text


def _plain_args(args):
    """The arguments as a JSON array; a mapping is its only item, as python-redis-log had it."""
    if not args:
        return []
    if isinstance(args, tuple):
        return [_plain(arg) for arg in args]
    return [_plain(dict(args))]


def _as_operand(original, plain):
    """What stands on the right of % for plain."""
    return tuple(plain) if isinstance(original, tuple) else plain[0]


def _formatted(record):
    try:
        return record.getMessage()
    except Exception:
        return None


def _plain(value, depth=0):
    """value as JSON can carry it. What JSON has no word for becomes its str()."""
    if value is None or type(value) in (bool, int, float, str):  # a subclass (an Enum) may print differently
        return value
    if depth < _DEPTH:
        if type(value) in (list, tuple):
            return [_plain(item, depth + 1) for item in value]
        if type(value) is dict:
            return {_text(name): _plain(item, depth + 1) for name, item in value.items()}
    return _text(value)


def _text(value):
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__} that has no str()>"


def _reason(error):
    """What Redis said, without the command and its payloads that redis-py puts before it."""
    return str(error).rpartition("of pipeline caused error: ")[2]


def _username():
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())
