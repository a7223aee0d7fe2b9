"""A logging handler that publishes to Redis.

Pub/Sub keeps nothing. So that Elva can show what it did not hear, let Redis keep the newest records in a list beside
the channel, or all of them in a stream instead of it, and tell Elva's Config the same name:

    ElvaHandler("my:channel", history_list="my:list")
    ElvaHandler(stream="my:stream")

A record becomes the JSON that python-redis-log published, with the process id, the name of the thread and the
fields given as ``extra`` beside it. A message that is a dict becomes the message and fields. A formatter makes the
message, and nothing that it could have removed is published beside it: if it makes a JSON object, that is the record;
only a plain logging.Formatter, which removes nothing, leaves the traceback and the fields where they are.

The program that logs never sees Redis's errors and does not wait for Redis: a thread publishes in the background, and a
bounded queue holds what Redis can't take yet. When the queue is full the oldest records are dropped, and a record of its
own says how many as soon as Redis is back. What is left at the end of the program is published, or its number is written
to stderr.

A child process (os.fork, multiprocessing, gunicorn, celery) publishes its own records and never its parent's. It may end
without notice, by os._exit or a signal, so there each record waits for Redis to have it: a round trip, and at most
flush_timeout once a minute if Redis does not answer.
"""

import collections
import collections.abc
import datetime
import encodings.idna  # noqa: F401: the first connection would load it in the thread, and a child forked meanwhile never could
import getpass
import json
import logging
import os
import socket
import sys
import threading
import time
import types
import urllib.parse
import weakref
from typing import Any, Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

__all__ = ["ElvaHandler"]

_Answers = list[Any]  # a reply of Redis for each command, or the exception with which it rejected the command

# Where this module was loaded: a process with another id was forked from that one.
_LOADED_IN = os.getpid()

# What every LogRecord has; the rest of its attributes came as "extra".
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# Records sent in one round trip: enough for 100,000 records a second, and few to send twice if Redis dies half-way.
_BATCH = 200

# Seconds between two tries to reach Redis: short at first, because most interruptions are restarts.
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 2.0

# Seconds in which no record waits for Redis after one has waited in vain: a slow Redis slows the program by a thirtieth.
_NO_WAIT = 60

# Bytes of the largest payload; a larger record keeps this many characters of its message and the end of its traceback.
# Elva itself shows at most 256 KiB of one.
_LARGEST, _KEPT = 1 << 20, 64 << 10

# Levels of nesting kept in an argument or extra field; what is deeper becomes its str().
_DEPTH = 8


class ElvaHandler(logging.Handler):
    """Publishes each record to a Redis channel, or adds it to a stream, in the background.

    channel   the channel to publish to.
    url       where Redis is; its password and options as redis-py's from_url reads them.
    stream    the key of a Redis Stream to add to instead. An entry has one field, "record".
    stream_maxlen  entries that the stream keeps, about: at 500 bytes a record 100,000 are 55 MB of Redis's memory.
    history_list   the key of a list that keeps the newest of what is published on channel.
    history_length  how many.
    client    a redis.Redis of your own instead of url. You close it. Give it socket timeouts.
    redis_client   python-redis-log's name for client; as there, it may also stand in the place of url.
    capacity  records to hold while Redis is away.
    max_bytes bound on the size of those records.
    flush_timeout  seconds that flush(), the end of the program and, where records wait, a record may wait for Redis.
    wait      whether each record waits until Redis has it. By default those of a child process do. Set it where the handler
              can't know that it is in one: in a child of os.fork that loads this module itself and ends with os._exit.
    """

    def __init__(self, channel: str | None = None, url: str | redis.Redis = "redis://localhost:6379", level: int | str = logging.NOTSET, *,
                 stream: str | None = None, stream_maxlen: int = 100_000, history_list: str | None = None, history_length: int = 1000,
                 client: redis.Redis | None = None, redis_client: redis.Redis | None = None, capacity: int = 10_000,
                 max_bytes: int = 32 << 20, flush_timeout: float = 2.0, wait: bool | None = None) -> None:
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
        self.wait = wait
        client = client or redis_client or (None if isinstance(url, str) else url)
        self._own_client = client is None
        if client is None:
            # Redis that does not answer is found out by these timeouts; trying again is this handler's own work.
            client = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5,
                                          retry=Retry(NoBackoff(), 0))
        self._client = client
        self._hostname = socket.gethostname()
        self._username = _username()
        self._reset()
        # A forked child has the queue, which is its parent's to publish, but not the thread that empties it.
        self_ref = weakref.ref(self)

        def reset() -> None:
            if (handler := self_ref()) is not None:
                handler._reset()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=reset)

    @classmethod
    def to(cls, channel: str, host: str = "localhost", port: int = 6379, password: str | None = None, level: int | str = logging.NOTSET,
           **options: Any) -> Self:
        """Return a handler for the Redis at host and port, with python-redis-log's arguments."""
        user = f":{urllib.parse.quote(password, safe='')}@" if password else ""
        return cls(channel, f"redis://{user}{f'[{host}]' if ':' in host else host}:{port}", level, **options)

    def _reset(self) -> None:
        self._queue: collections.deque[bytes] = collections.deque()
        self._bytes = 0
        self._flight: list[bytes] = []  # records taken from the queue and not yet confirmed
        self._dropped = 0  # records dropped and not yet reported
        self._finished = 0  # records published, or dropped and reported
        self._thread: threading.Thread | None = None
        self._down = False  # the last try to publish failed
        self._unlisted = False  # Redis rejected the last push to the list
        self._transactions: bool | None = None  # whether Redis permits them, if it was asked
        self._gave_up = False  # flush ran out of time, and nothing was published since
        self._closed = False
        self._no_wait_before = 0.0
        self._senders: set[int] = set()  # the threads that publish
        self._sending = threading.Lock()  # held by the one that does
        self._changed = threading.Condition()  # its lock is reentrant: a signal handler may log in the middle of emit

    def handle(self, record: logging.LogRecord) -> bool:
        """Queue record unless a filter rejects it. Wait for Redis where records wait, without logging's lock. Never raises."""
        handled = super().handle(record)
        if handled and (self._closed or self._waits()) and threading.get_ident() not in self._senders:
            try:
                self._wait()
            except Exception:
                self.handleError(record)
        return handled

    def emit(self, record: logging.LogRecord) -> None:
        """Queue record. Never waits for Redis, never raises."""
        if threading.get_ident() in self._senders:
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

    def _waits(self) -> bool:
        """Report whether a record waits until Redis has it: where the process may end without notice, and Redis answers."""
        wait = _in_child_process() if self.wait is None else self.wait
        return wait and not self._down and time.monotonic() >= self._no_wait_before

    def _wait(self) -> None:
        if self._flush(or_down=True):
            return
        if self._closed:
            self._report()
        elif not self._down:
            self._no_wait_before = time.monotonic() + _NO_WAIT

    def flush(self) -> None:
        """Wait until everything is published, at most flush_timeout seconds."""
        self._gave_up = not self._flush()

    def _flush(self, or_down: bool = False) -> bool:
        """Wait until what was logged before this call is published, at most flush_timeout seconds, or with or_down until
        Redis is known to be down. Report whether it is published."""
        deadline = time.monotonic() + self.flush_timeout
        with self._changed:
            if not self._pending():
                return True
            target = self._finished + self._pending()
            self._start()
            self._changed.wait_for(lambda: self._finished >= target or self._thread is None or or_down and self._down,
                                   self.flush_timeout)
        # No thread can be started while the interpreter shuts down: send from here.
        if self._thread is None:
            self._senders.add(threading.get_ident())
            while self._finished < target and time.monotonic() < deadline:
                if not self._try_send():
                    if or_down:
                        break
                    time.sleep(_FIRST_WAIT)
            self._senders.discard(threading.get_ident())
        return self._finished >= target

    def close(self) -> None:
        """Flush, end the background thread, and write to stderr how many records were not published, if any. logging and
        multiprocessing call it at the end of the program. What is logged later is published, and waited for."""
        with self._changed:
            self._closed = True
        # logging.shutdown has just called flush: don't wait twice
        published = not self._gave_up and self._flush()
        if not published:
            self._report()
        with self._changed:
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        if published:
            if thread is not None:
                thread.join(self.flush_timeout)
            if self._own_client:
                with self._sending:
                    self._client.close()
        super().close()

    def _report(self) -> None:
        """Write to stderr how many records are not published, and drop them: what was called lost must not arrive later."""
        with self._changed:
            lost, unsure = len(self._queue) + self._dropped, len(self._flight)
            self._queue.clear()
            self._bytes = self._dropped = 0
            self._flight = []
            self._finished += lost + unsure
        said = [f"{lost} records were not published before the end"] if lost else []
        if unsure:
            said.append(f"{unsure} records were sent before the end, and Redis has not answered")
        if said:
            self._complain("; ".join(said))

    def _drop_oldest(self) -> None:
        while len(self._queue) > self.capacity or self._bytes > self.max_bytes and len(self._queue) > 1:
            self._bytes -= len(self._queue.popleft())
            self._dropped += 1

    def _pending(self) -> int:
        return len(self._queue) + len(self._flight) + self._dropped

    def _start(self) -> None:
        """Start the thread if there is none."""
        if self._thread is not None and self._thread.is_alive():
            return
        thread = threading.Thread(target=self._run, name="elva-logging", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the interpreter is shutting down; flush sends what is left
            self._thread = None
            return
        self._thread = thread
        if util := sys.modules.get("multiprocessing.util"):  # billiard, celery's own, uses this registry too
            self._close_with(util)
            util.register_after_fork(self, lambda self: self._close_with(util))

    def _close_with(self, util: types.ModuleType) -> None:
        """Have multiprocessing close this handler when it ends the process: a child runs none of Python's exit handlers."""
        util.Finalize(None, self.close, exitpriority=-100)

    def _run(self) -> None:
        me, ident, wait = threading.current_thread(), threading.get_ident(), _FIRST_WAIT
        self._senders.add(ident)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending() or self._thread is not me)
                if self._thread is not me:
                    self._senders.discard(ident)  # another thread may get its number
                    return
            if self._try_send():
                wait = _FIRST_WAIT
                continue
            with self._changed:
                self._changed.wait_for(lambda: self._thread is not me, wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    def _try_send(self) -> bool:
        """Publish one batch, and report whether that went well. One thread at a time does."""
        if not self._sending.acquire(timeout=self.flush_timeout):
            return False
        try:
            if self._down:
                self._await_answer()
            return self._send_batch()
        except Exception as error:
            self._failed(error)
            return False
        finally:
            self._sending.release()

    def _send_batch(self) -> bool:
        """Publish one batch. What fails goes back to where it was: better twice than never."""
        with self._changed:
            dropped = self._dropped
            batch = self._flight = [self._queue.popleft() for _ in range(min(_BATCH, len(self._queue)))]
            self._bytes -= sum(map(len, batch))
        # What was dropped was older than what is left.
        payloads = [self._drop_payload(dropped), *batch] if dropped else batch
        if not payloads:  # another thread has sent what there was
            return True
        try:
            answers = self._send(payloads)
        except Exception as failure:
            answers = [failure] * len(payloads)
        errors = [answer for answer in answers if isinstance(answer, Exception)]
        with self._changed:
            if self._flight is not batch:
                return True  # close has counted it, and nothing may be published behind that
            self._flight = []
            if dropped and not isinstance(answers[0], Exception):
                self._dropped -= dropped
                self._finished += dropped
            back = [payload for payload, answer in zip(reversed(batch), reversed(answers)) if isinstance(answer, Exception)]
            self._queue.extendleft(back)
            self._bytes += sum(map(len, back))
            self._finished += len(batch) - len(back)
            self._drop_oldest()  # others may have taken their places
            if not errors:
                self._down = self._gave_up = False
            self._changed.notify_all()
        if errors:
            self._failed(errors[0])
        return not errors

    def _failed(self, error: Exception) -> None:
        if not self._down:
            self._complain(f"{_reason(error)}; up to {self.capacity} records are kept until Redis is back")
        with self._changed:
            self._down = True
            self._changed.notify_all()

    def _await_answer(self) -> None:
        """Raise if Redis is still away. A frozen one keeps what it is sent, and would add it again for every try."""
        try:
            self._client.ping()
        except redis.ResponseError:
            pass  # an error reply is a reply, too: Redis is there

    def _send(self, payloads: list[bytes]) -> _Answers:
        """Send payloads and return the reply to each: an exception where Redis rejected it."""
        if self.history_list and self._has_transactions():
            kept = self._publish_and_keep(payloads)
            if kept is not None:
                return kept
        with self._client.pipeline(transaction=False) as pipe:
            for payload in payloads:
                if self.stream:
                    pipe.xadd(self.stream, {"record": payload}, maxlen=self.stream_maxlen, approximate=True)
                else:
                    pipe.publish(self.channel, payload)
            answers: _Answers = pipe.execute(raise_on_error=False)
        published = [payload for payload, answer in zip(payloads, answers) if not isinstance(answer, Exception)]
        if self.history_list and published:
            self._note_list(self._keep(published))
        return answers

    def _has_transactions(self) -> bool:
        """Report whether Redis permits transactions. An empty one finds out: after a MULTI that is denied, Redis would
        execute the commands one by one."""
        if self._transactions is None:
            with self._client.pipeline(transaction=False) as pipe:
                answers = pipe.execute_command("MULTI").execute_command("EXEC").execute(raise_on_error=False)
            errors = [answer for answer in answers if isinstance(answer, Exception)]
            if any(not isinstance(error, redis.ResponseError) for error in errors):
                raise errors[0]  # Redis is not ready
            self._transactions = not errors
        return self._transactions

    def _publish_and_keep(self, payloads: list[bytes]) -> _Answers | None:
        """Push payloads to the list, then publish them, so that a subscriber finds each record in the list. A transaction
        gives the list the order of the channel, however many programs log. Return the replies to PUBLISH, or None if
        nothing was done."""
        with self._client.pipeline(transaction=False) as pipe:  # redis-py's own does not say which command was rejected
            pipe.execute_command("MULTI")
            pipe.rpush(self.history_list, *payloads)
            pipe.ltrim(self.history_list, -self.history_length, -1)
            for payload in payloads:
                pipe.publish(self.channel, payload)
            pipe.execute_command("EXEC")
            begun, *answers, done = pipe.execute(raise_on_error=False)
        if isinstance(begun, Exception):  # since a moment ago; it was done one by one
            self._transactions = None
        elif isinstance(done, redis.exceptions.ExecAbortError):
            return None
        elif isinstance(done, Exception):
            self._client.connection_pool.disconnect()  # it is inside the transaction for ever
            raise done
        else:
            answers = done
        published: _Answers
        pushed, _, *published = answers
        self._note_list(pushed if isinstance(pushed, Exception) else None)
        return published

    def _keep(self, payloads: list[bytes]) -> Exception | None:
        """Push payloads to the list that were published without a transaction. Return the error, if any."""
        try:
            self._client.ltrim(self.history_list, -self.history_length, -1)  # first: without the permission it would grow for ever
            with self._client.pipeline(transaction=False) as pipe:
                pipe.rpush(self.history_list, *payloads).ltrim(self.history_list, -self.history_length, -1).execute()
        except redis.RedisError as error:
            rejected: Exception = error
            return rejected
        return None

    def _note_list(self, error: Exception | None) -> None:
        """Records are published even if Redis rejects the list (wrong type, no permission, no memory)."""
        if error and not self._unlisted:
            self._complain(f"{_reason(error)}; records are published and not kept in the list {self.history_list}")
        self._unlisted = error is not None

    def _complain(self, what: str) -> None:
        """Say it once on stderr, unless logging.raiseExceptions is off."""
        if logging.raiseExceptions and sys.stderr:
            try:
                print(f"elva_logging: {self.channel or self.stream}: {what}", file=sys.stderr)
            except (OSError, ValueError):  # it is closed
                pass

    def _payload(self, record: logging.LogRecord) -> bytes:
        about, content = self._about(record), self._content(record)
        payload = json.dumps({**about, **content}).encode()
        if len(payload) > _LARGEST:
            message = content.get("msg") or str(content)
            if self.formatter is None:
                message = _formatted(record) or message
            payload = json.dumps({**about, "msg": message[:_KEPT], "args": [], "cut_from_bytes": len(payload),
                                  "traceback": str(content.get("traceback") or "")[-_KEPT:] or None}).encode()
        return payload

    def _about(self, record: logging.LogRecord) -> dict[str, Any]:
        """What Python knows about a record beside its message, under the names of python-redis-log."""
        about = {
            "name": record.name,
            "level": record.levelname.lower(),
            "filename": record.pathname,
            "line_no": record.lineno,
            "funcname": record.funcName,
            "time": datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc).replace(tzinfo=None).isoformat(),
            "username": self._username,
            "hostname": self._hostname,
            "pid": record.process,
            "thread": record.threadName,
        }
        if record.levelname != _LEVEL_NAMES.get(record.levelno):
            about["levelno"] = record.levelno  # a level of the program's own: its number says how bad it is
        return about

    def _content(self, record: logging.LogRecord) -> dict[str, Any]:
        """The message and what belongs to it. Only a plain Formatter is known to remove nothing: beside the text of any
        other, which may be there to keep secrets out, nothing of the record's is published."""
        if self.formatter is not None and type(self.formatter) is not logging.Formatter:
            return _content_of(self.format(record))
        extra = {name: _plain(value) for name, value in vars(record).items() if name not in _STANDARD}
        traceback = _traceback(record)
        if isinstance(record.msg, collections.abc.Mapping):
            msg, args, fields = _message_of(record)
            if isinstance(fields.get("exception"), str):  # structlog's format_exc_info
                traceback = fields.pop("exception")
            for name in "_logger", "_name":  # structlog's wrap_for_formatter
                extra.pop(name, None)
            extra.update(fields)
        else:
            msg, args = _message(record)
        if self.formatter is not None and self.formatter._fmt != logging.BASIC_FORMAT:  # basicConfig sets that one unasked
            record.message = msg if isinstance(record.msg, collections.abc.Mapping) else record.getMessage()
            if self.formatter.usesTime():
                record.asctime = self.formatter.formatTime(record, self.formatter.datefmt)
            msg, args = self.formatter.formatMessage(record), []
        content: dict[str, Any] = {"msg": msg, "args": args, "traceback": traceback}
        if record.stack_info:
            content["stack_info"] = record.stack_info
        if extra:
            content["extra"] = extra
        return content

    def _drop_payload(self, count: int) -> bytes:
        record = logging.makeLogRecord({
            "name": "elva_logging", "levelno": logging.WARNING, "levelname": "WARNING", "pathname": __file__, "funcName": "emit"})
        return json.dumps({**self._about(record), "msg": "%d older records were dropped while Redis was away",
                           "args": [count], "traceback": None}).encode()


_LEVEL_NAMES = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}


def _traceback(record: logging.LogRecord) -> str | None:
    if record.exc_info and record.exc_info[0] is not None:
        return logging.Formatter().formatException(record.exc_info)
    return record.exc_text


def _message(record: logging.LogRecord) -> tuple[str, list[Any]]:
    """The message and the arguments that make the same text of it where they are JSON."""
    msg, args = str(record.msg), _plain_args(record.args)
    if args:
        try:
            message = record.getMessage()
            if msg % _as_operand(record.args, args) != message:
                raise ValueError("an argument formats differently after JSON")
        except Exception:
            # A message that can't be formatted is shown as it was written, with its args beside it.
            if (formatted := _formatted(record)) is not None:
                msg, args = formatted, []
    return msg, args


def _message_of(record: logging.LogRecord) -> tuple[str, list[Any], dict[str, Any]]:
    """The text of a message that is a mapping, no arguments, and its other members but for what the record says itself."""
    fields = _fields(record.msg)
    said = next((name for name in ("event", "message", "msg") if isinstance(fields.get(name), str)), None)
    msg = str(record.msg) if said is None else fields.pop(said)
    known = {"level": record.levelname.lower(), "logger": record.name}
    return msg, [], {name: value for name, value in fields.items() if name not in known or known[name] != value}


def _content_of(text: Any) -> dict[str, Any]:
    """What a formatter made: the members of its JSON object, or a text."""
    try:
        content = json.loads(text) if isinstance(text, str) and text.lstrip().startswith("{") else text
    except ValueError:
        content = text
    if isinstance(content, collections.abc.Mapping):
        return _fields(content)
    return {"msg": str(content), "args": [], "traceback": None}


def _in_child_process() -> bool:
    """Report whether this process was forked, or started by multiprocessing."""
    process = sys.modules.get("multiprocessing.process")
    return os.getpid() != _LOADED_IN or process is not None and process.parent_process() is not None


def _plain_args(args: Any) -> list[Any]:
    """The arguments as a JSON array; a mapping is its only item, as python-redis-log had it."""
    if not args:
        return []
    if isinstance(args, tuple):
        return [_plain(arg) for arg in args]
    return [_plain(dict(args))]


def _as_operand(original: Any, plain: list[Any]) -> Any:
    """plain as the right operand of %."""
    return tuple(plain) if isinstance(original, tuple) else plain[0]


def _formatted(record: logging.LogRecord) -> str | None:
    try:
        return record.getMessage()
    except Exception:
        return None


def _plain(value: Any, depth: int = 0) -> Any:
    """value as JSON can carry it. What JSON has no word for becomes its str()."""
    if value is None or type(value) in (bool, int, float, str):  # a subclass (an Enum) may print differently
        return value
    if depth < _DEPTH:
        if type(value) in (list, tuple):
            return [_plain(item, depth + 1) for item in value]
        if type(value) is dict:
            return {_text(name): _plain(item, depth + 1) for name, item in value.items()}
    return _text(value)


def _fields(mapping: Any) -> dict[str, Any]:
    fields: dict[str, Any] = _plain(dict(mapping))
    return fields


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__} that has no str()>"


def _reason(error: Exception) -> str:
    """What Redis said, without the command and its payloads that redis-py puts before it."""
    return str(error).rpartition("of pipeline caused error: ")[2]


def _username() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())
