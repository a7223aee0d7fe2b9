"""Tests of elva_logging against a real redis-server: python3 -m unittest"""

import decimal
import enum
import itertools
import json
import logging
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import unittest

import redis

import elva_logging
from support import HERE, PATIENCE, RedisTest, wait_until


class HandlerTest(RedisTest):
    def test_a_record_is_what_python_redis_log_published_and_more(self):
        self.handler()
        listener = self.listen()
        before = time.time()
        self.logger.warning("disk %s at %d%%", "/dev/sda1", 93, extra={"mount": "/srv", "tries": [1, 2]})
        got = listener.next()
        stamp = got.pop("time")
        self.assertRegex(stamp, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$")
        self.assertLess(abs(time.mktime(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone - before), 5)
        self.assertIsInstance(got.pop("line_no"), int)
        self.assertTrue(got.pop("username"))
        self.assertEqual(got, {
            "name": "shop.cart", "level": "warning", "msg": "disk %s at %d%%", "args": ["/dev/sda1", 93],
            "filename": __file__, "funcname": "test_a_record_is_what_python_redis_log_published_and_more",
            "traceback": None, "hostname": socket.gethostname(), "pid": os.getpid(), "thread": "MainThread",
            "extra": {"mount": "/srv", "tries": [1, 2]},
        })

    def test_the_viewer_can_format_any_arguments_as_python_would(self):
        class Color(str, enum.Enum):
            RED = "red"

        class Broken:
            def __str__(self):
                raise RuntimeError("no")

        self.handler()
        listener = self.listen()
        for msg, args in [
            ("no args, 100%", ()),
            ("%s and %r", (Color.RED, "it's")),
            ("%d %s", (decimal.Decimal("9.90"), decimal.Decimal("9.90"))),
            ("%.2f", (decimal.Decimal("9.90"),)),
            ("%(a)s is %(b)d", ({"a": "one", "b": 1},)),
            ("%s", ({"a": 1},)),
            ("%s", ({},)),
            ("%s", ((1, 2),)),
            ("%r", ([{1, 1}, b"raw"],)),
            ("%s %s", (None, True)),
            ("%s", (pathlib.Path("/srv"),)),
            ("%x", (255,)),
            ("%s", ("na\u00efve \U0001f680 \udc80",)),
            (ValueError("not a string"), ()),
        ]:
            with self.subTest(msg=msg, args=args):
                want = logging.LogRecord("", 0, "", 0, msg, args, None).getMessage()
                self.logger.info(msg, *args)
                got = listener.next()
                operand = got["args"]
                mapping = len(operand) == 1 and isinstance(operand[0], dict) and operand[0]
                shown = got["msg"] % (mapping or tuple(operand)) if operand else got["msg"]
                self.assertEqual(shown, want)
        for msg, args in [("%s %s", ("one",)), ("none", ("one",)), ("%d", ("one",)), ("%s", (Broken(),))]:
            with self.subTest(msg=msg, args=args):
                self.logger.info(msg, *args)  # Python can't format these: they come as they are
                got = listener.next()
                self.assertEqual(got["msg"], msg)
                self.assertEqual(len(got["args"]), len(args))

    def test_tracebacks_stacks_and_levels(self):
        self.handler()
        listener = self.listen()
        try:
            {}["k"]
        except KeyError:
            self.logger.exception("lookup failed")
        got = listener.next()
        self.assertEqual(got["level"], "error")
        self.assertTrue(got["traceback"].startswith("Traceback (most recent call last):"))
        self.assertTrue(got["traceback"].endswith("KeyError: 'k'"))

        self.logger.info("where", stack_info=True)
        got = listener.next()
        self.assertIn("test_tracebacks_stacks_and_levels", got["stack_info"])
        self.assertIsNone(got["traceback"])

        self.logger.error("nothing happened", exc_info=True)
        self.assertIsNone(listener.next()["traceback"])

        self.logger.log(35, "between")
        got = listener.next()
        self.assertEqual((got["level"], got["levelno"]), ("level 35", 35))
        self.logger.critical("worst")
        self.assertEqual(listener.next()["level"], "critical")

    def test_extra_fields_that_json_cannot_carry_become_text(self):
        self.handler()
        listener = self.listen()
        loop = []
        loop.append(loop)
        self.logger.info("x", extra={"loop": loop, "keys": {(1, 2): "pair"}, "path": pathlib.Path("/a")})
        got = listener.next()["extra"]
        self.assertEqual(got["keys"], {"(1, 2)": "pair"})
        self.assertEqual(got["path"], "/a")
        self.assertIn("[...]", json.dumps(got["loop"]))

    def test_a_huge_record_is_cut_and_says_so(self):
        self.handler()
        listener = self.listen()
        self.logger.info("%s", "x" * 5_000_000)
        got = listener.next()
        self.assertEqual(got["msg"], "x" * (64 << 10))
        self.assertGreater(got["cut_from_bytes"], 5_000_000)

    def test_records_wait_for_redis_in_order_and_the_dropped_are_counted(self):
        handler = self.handler(capacity=50)
        self.server.kill()
        with self.assertWritesOnce():
            for i in range(80):
                self.logger.info("%d", i)
            wait_until(lambda: handler._down)
            self.server.start()
        listener = self.listen()  # may miss what was published before it
        self.logger.info("last")
        seen = []
        while not seen or seen[-1] != "last":
            got = listener.next()
            seen.append(got["msg"] % tuple(got["args"]))
        wait_until(lambda: handler._pending() == 0)
        numbers = [int(text) for text in seen[:-1] if text.isdigit()]
        self.assertEqual(numbers, sorted(numbers))

    def test_drops_are_reported_before_the_records_that_were_kept(self):
        # A server that denies access without a password lets the subscriber be there before the first record is taken.
        handler = self.handler(capacity=50)
        with redis.Redis.from_url(self.server.url) as admin:
            listener = self.listen()
            admin.execute_command("ACL", "SETUSER", "default", "-publish")
            with self.assertWritesOnce():
                for i in range(80):
                    self.logger.info("%d", i)
                wait_until(lambda: handler._down)
                for i in range(80, 100):
                    self.logger.info("%d", i)
                admin.execute_command("ACL", "SETUSER", "default", "+publish")
                got = [listener.next() for _ in range(51)]
        self.assertEqual(got[0]["level"], "warning")
        self.assertEqual(got[0]["msg"] % tuple(got[0]["args"]), "50 older records were dropped while Redis was away")
        self.assertEqual([record["args"] for record in got[1:]], [[i] for i in range(50, 100)])

    def test_a_redis_that_accepts_and_never_answers_does_not_hold_the_program(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            handler = elva_logging.ElvaHandler("app:log", f"redis://127.0.0.1:{silent.getsockname()[1]}", capacity=10, flush_timeout=0.1)
            self.logger.addHandler(handler)
            with self.assertWritesOnce():
                started = time.monotonic()
                for i in range(1000):
                    self.logger.info("%d", i)
                handler.close()
                self.assertLess(time.monotonic() - started, 4)  # 5 s is what redis-py itself would wait

    def test_the_end_of_the_program_publishes_what_is_queued(self):
        listener = self.listen()
        self.run_program("""
            logging.getLogger().addHandler(ElvaHandler("app:log", url))
            for i in range(500):
                logging.warning("%d", i)
        """)
        self.assertEqual([listener.next()["args"] for _ in range(500)], [[i] for i in range(500)])

    def test_the_end_of_the_program_does_not_wait_for_a_dead_redis_for_long(self):
        self.server.kill()
        errors = self.run_program("""
            import time
            sys.stderr.write(f"begun at {time.monotonic()}\\n")  # the start of Python may take as long as it likes
            logging.getLogger().addHandler(ElvaHandler("app:log", url, flush_timeout=0.5))
            logging.warning("unheard")
        """)
        ended = time.monotonic()
        begun, = re.findall(r"begun at (\S+)\n", errors)
        self.assertLess(ended - float(begun), 5)
        self.assertEqual(len(errors.splitlines()), 3, errors)
        self.assertIn("1 records were not published before the end", errors)

    def test_a_forked_child_publishes_its_own_records_once(self):
        listener = self.listen()
        self.run_program("""
            import os, sys
            logging.getLogger().addHandler(ElvaHandler("app:log", url))
            logging.warning("parent")
            child = os.fork()
            if child == 0:
                logging.warning("child")
                sys.exit()
            os.waitpid(child, 0)
            logging.warning("end")
        """)
        got = [listener.next() for _ in range(3)]
        self.assertEqual(sorted(record["msg"] for record in got), ["child", "end", "parent"])
        self.assertEqual(len({record["pid"] for record in got}), 2)

    def test_a_record_logged_while_publishing_is_left_out(self):
        class Talkative(redis.Redis):
            def pipeline(client, **options):
                self.logger.info("publishing")
                return super().pipeline(**options)

        with Talkative.from_url(self.server.url) as client:
            handler = elva_logging.ElvaHandler("app:log", client=client)
            self.addCleanup(handler.close)
            self.logger.addHandler(handler)
            listener = self.listen()
            self.logger.info("one")
            self.logger.info("two")
            self.assertEqual([listener.next()["msg"] for _ in range(2)], ["one", "two"])

    def test_many_threads_lose_nothing(self):
        self.handler()
        listener = self.listen()
        threads = [threading.Thread(target=lambda n=n: [self.logger.info("%d", n) for _ in range(200)]) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counts = [0] * 8
        for _ in range(1600):
            counts[listener.next()["args"][0]] += 1
        self.assertEqual(counts, [200] * 8)

    def test_dict_config(self):
        listener = self.listen()
        self.run_program("""
            import logging.config
            logging.config.dictConfig({
                "version": 1,
                "handlers": {"elva": {"class": "elva_logging.ElvaHandler", "channel": "app:log", "url": url, "level": "INFO"}},
                "root": {"level": "DEBUG", "handlers": ["elva"]},
            })
            logging.getLogger("quiet").debug("left out")
            logging.getLogger("my.app").info("configured")
        """)
        got = listener.next()
        self.assertEqual((got["name"], got["msg"]), ("my.app", "configured"))

    def test_a_stream_has_each_record_as_one_entry_in_order(self):
        handler = self.handler(channel=None, stream="app:stream")
        for i in range(1000):
            self.logger.info("%d", i)
        handler.flush()
        with redis.Redis.from_url(self.server.url) as client:
            entries = client.xrange("app:stream")
        self.assertEqual({tuple(fields) for _, fields in entries}, {(b"record",)})
        got = [json.loads(fields[b"record"]) for _, fields in entries]
        self.assertEqual([record["args"] for record in got], [[i] for i in range(1000)])
        self.assertEqual(got[0]["name"], "shop.cart")

    def test_redis_trims_the_stream_to_about_its_length(self):
        handler = self.handler(channel=None, stream="app:stream", stream_maxlen=300)
        for i in range(3000):
            self.logger.info("%d", i)
        handler.flush()
        with redis.Redis.from_url(self.server.url) as client:
            entries = client.xrange("app:stream")
        self.assertTrue(300 <= len(entries) <= 400, len(entries))
        self.assertEqual(json.loads(entries[-1][1][b"record"])["args"], [2999])

    def test_a_stream_and_a_list_have_what_was_logged_while_redis_was_away(self):
        for options in [{"channel": None, "stream": "app:stream"}, {"history_list": "app:list"}]:
            with self.subTest(options):
                self.server.kill()
                handler = self.handler(capacity=50, **options)
                with self.assertWritesOnce():
                    for i in range(80):
                        self.logger.info("%d", i)
                    wait_until(lambda: handler._down)
                    self.server.start()
                    wait_until(lambda: handler._pending() == 0)
                with redis.Redis.from_url(self.server.url) as client:
                    payloads = [fields[b"record"] for _, fields in client.xrange("app:stream")] + client.lrange("app:list", 0, -1)
                got = [json.loads(payload) for payload in payloads]
                self.assertEqual(got[0]["msg"], "%d older records were dropped while Redis was away")
                dropped = got[0]["args"][0]
                self.assertGreater(dropped, 0)
                numbers = [record["args"][0] for record in got[1:]]
                self.assertEqual(numbers, sorted(set(numbers)))
                self.assertEqual(len(numbers) + dropped, 80)
                self.logger.removeHandler(handler)

    def test_a_frozen_redis_adds_nothing_more_than_twice(self):
        with redis.Redis.from_url(self.server.url, socket_timeout=0.2) as client:
            handler = self.handler(channel=None, stream="app:stream", client=client)
            self.server.process.send_signal(signal.SIGSTOP)
            with self.assertWritesOnce():
                self.logger.info("frozen")
                wait_until(lambda: handler._down)
                time.sleep(2)  # for more tries
                self.server.process.send_signal(signal.SIGCONT)
                wait_until(lambda: handler._pending() == 0)
            self.assertIn(client.xlen("app:stream"), (1, 2))

    def test_a_stream_of_another_type_waits_until_it_is_one(self):
        with redis.Redis.from_url(self.server.url) as client:
            client.set("app:stream", "a string")
            handler = self.handler(channel=None, stream="app:stream")
            with self.assertWritesOnce() as complaint:
                self.logger.info("denied")
                wait_until(lambda: handler._down)
                client.delete("app:stream")
                wait_until(lambda: handler._pending() == 0)
            self.assertEqual("".join(complaint.written).count("elva_logging: app:stream: WRONGTYPE"), 1, complaint.written)
            self.assertNotIn("denied", "".join(complaint.written))  # redis-py would tell the whole command
            self.assertEqual(client.xlen("app:stream"), 1)

    def test_what_redis_took_of_a_batch_is_not_sent_again(self):
        class Rejects(redis.Redis):
            """Redis, but it rejects record 1 of the first batch."""
            batches = 0

            def pipeline(client, **options):
                pipe = super().pipeline(**options)
                client.batches += 1
                if client.batches == 1:
                    execute = pipe.execute

                    def reject(**options):
                        name, *_ = pipe.command_stack[1][0]
                        pipe.command_stack[1] = (("NOSUCH" + name,), {})
                        return execute(**options)
                    pipe.execute = reject
                return pipe

        with Rejects.from_url(self.server.url) as client:
            handler = elva_logging.ElvaHandler(stream="app:stream", client=client)
            self.addCleanup(handler.close)
            with handler._changed:  # all three are one batch
                handler._queue.extend([b"0", b"1", b"2"])
                handler._bytes = 3
            with self.assertWritesOnce():
                handler.flush()
            self.assertEqual([fields for _, fields in client.xrange("app:stream")], [{b"record": b"%d" % i} for i in (0, 2, 1)])

    def test_a_batch_that_comes_back_counts_against_the_capacity(self):
        class FillsAndFails(redis.Redis):
            """Redis, but while the first batch is on its way the queue fills, and then the connection is lost."""
            tries = 0

            def pipeline(client, **options):
                client.tries += 1
                if client.tries == 1:
                    for i in range(30, 80):
                        handler.emit(logging.makeLogRecord({"name": "a", "levelname": "INFO", "msg": "%d", "args": (i,)}))
                    raise redis.ConnectionError("lost")
                return super().pipeline(**options)

        with FillsAndFails.from_url(self.server.url) as client:
            handler = elva_logging.ElvaHandler(stream="app:stream", client=client, capacity=50)
            self.addCleanup(handler.close)
            with handler._changed:  # one batch
                handler._queue.extend(b"%d" % i for i in range(30))
                handler._bytes = sum(map(len, handler._queue))
            handler._start = lambda: None  # the only try is the one below
            handler._try_send()
            self.assertEqual((len(handler._queue), handler._dropped), (50, 30))
            self.assertEqual(handler._bytes, sum(map(len, handler._queue)))

    def test_the_list_has_what_the_channel_had_in_its_order(self):
        """Several programs, so that the order is Redis's."""
        listener = self.listen()
        programs = [subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent("""
                import logging, sys
                from elva_logging import ElvaHandler
                logging.getLogger().addHandler(ElvaHandler("app:log", sys.argv[1], history_list="app:list", history_length=5000))
                for i in range(1000):
                    logging.warning("%d", i)
            """), self.server.url], cwd=HERE) for _ in range(3)]
        received = [listener.next_payload() for _ in range(3000)]
        self.assertEqual([program.wait(PATIENCE) for program in programs], [0, 0, 0])
        with redis.Redis.from_url(self.server.url) as client:
            self.assertEqual(client.lrange("app:list", 0, -1), received)

    def test_a_received_record_is_in_the_list(self):
        self.handler(history_list="app:list", history_length=3)
        listener = self.listen()
        with redis.Redis.from_url(self.server.url) as client:
            for i in range(10):
                self.logger.info("%d", i)
                payload = listener.next_payload()
                self.assertEqual(client.lindex("app:list", -1), payload)
            kept = [json.loads(payload)["args"] for payload in client.lrange("app:list", 0, -1)]
            self.assertEqual(kept, [[7], [8], [9]])

    def test_the_list_keeps_its_length_under_a_flood(self):
        handler = self.handler(history_list="app:list", history_length=100)
        for i in range(2000):
            self.logger.info("%d", i)
        handler.flush()
        with redis.Redis.from_url(self.server.url) as client:
            kept = [json.loads(payload)["args"] for payload in client.lrange("app:list", 0, -1)]
        self.assertEqual(kept, [[i] for i in range(1900, 2000)])

    def test_publishes_when_redis_rejects_the_list(self):
        for reason, deny, lift in [
            ("WRONGTYPE", ["SET", "app:list", "a string"], ["DEL", "app:list"]),
            ("no permissions to run the 'rpush'", ["ACL", "SETUSER", "default", "-rpush"], ["ACL", "SETUSER", "default", "+rpush"]),
            ("OOM", ["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "0"]),
        ]:
            with self.subTest(reason), redis.Redis.from_url(self.server.url) as admin:
                handler = self.handler(history_list="app:list")
                listener = self.listen()
                admin.execute_command(*deny)
                with self.assertWritesOnce() as complaint:
                    for i in range(3):
                        self.logger.info("%d", i)
                        self.assertEqual(listener.next()["args"], [i])
                    handler.flush()
                written = "".join(complaint.written)
                self.assertEqual(written.count("not kept in the list app:list"), 1, written)
                self.assertIn(reason, written)
                admin.execute_command(*lift)
                self.logger.info("back")
                self.assertEqual(listener.next()["msg"], "back")  # and nothing came twice
                handler.flush()
                self.assertEqual(admin.llen("app:list"), 1)
                admin.delete("app:list")
                self.logger.removeHandler(handler)

    def test_without_the_permission_for_a_transaction_the_list_is_filled_all_the_same(self):
        with redis.Redis.from_url(self.server.url) as admin:
            admin.execute_command("ACL", "SETUSER", "default", "-multi")
            handler = self.handler(history_list="app:list")
            listener = self.listen()
            with self.assertWritesOnce() as complaint:
                for i in range(3):
                    self.logger.info("%d", i)
                    self.assertEqual(listener.next()["args"], [i])
                handler.flush()
            self.assertEqual(complaint.written, [])
            self.assertEqual(admin.llen("app:list"), 3)

    def test_whatever_redis_permits_each_record_is_published_once_and_the_list_is_as_said(self):
        admin = self.admin()
        listener = self.listen()
        for permitted in itertools.product([False, True], repeat=6):
            rights = [right for right, given in zip(["+multi", "+exec", "+rpush", "+ltrim", "+publish", "~app:list"], permitted) if given]
            with self.subTest(rights):
                admin.execute_command("ACL", "SETUSER", "app", "reset", "on", ">secret", "allchannels", *rights)
                admin.delete("app:list")
                url = self.server.url.replace("//", "//app:secret@")
                with self.assertWritesOnce() as complaint:
                    handler = elva_logging.ElvaHandler("app:log", url, history_list="app:list", flush_timeout=PATIENCE)
                    logger = logging.Logger("app")
                    logger.addHandler(handler)
                    for i in range(3):
                        logger.info("%d", i)
                        if "+publish" in rights:
                            handler.flush()
                        else:
                            wait_until(lambda: handler._down)
                    handler.flush_timeout = 0.05
                    handler.close()
                written = "".join(complaint.written)
                published = [json.loads(payload)["args"] for payload in listener.until_the_end()]
                kept = [json.loads(payload)["args"] for payload in admin.lrange("app:list", 0, -1)]
                self.assertEqual(published, [[0], [1], [2]] if "+publish" in rights else [], written)
                missing = sum(map(int, re.findall(r"(\d+) records were (?:not published|sent) before the end", written)))
                self.assertEqual(missing, 0 if "+publish" in rights else 3, written)
                keeps = {"+publish", "+rpush", "+ltrim", "~app:list"} <= set(rights)
                self.assertEqual(kept, published if keeps else [], written)
                self.assertEqual("not kept in the list" in written, "+publish" in rights and not keeps, written)

    def test_a_permission_for_transactions_that_comes_and_goes(self):
        admin = self.admin()
        handler = self.handler(history_list="app:list")
        listener = self.listen()
        with self.assertWritesOnce() as complaint:
            for i, change in enumerate(["+multi", "-multi", "-exec", "+multi", "+exec", "-exec"]):
                admin.execute_command("ACL", "SETUSER", "default", change)
                for _ in range(2):
                    self.logger.info("%d", i)
                    handler.flush()
        admin.execute_command("ACL", "SETUSER", "default", "allcommands")
        published = listener.until_the_end()
        self.assertEqual([json.loads(payload)["args"] for payload in published], [[i // 2] for i in range(12)])
        self.assertEqual(admin.lrange("app:list", 0, -1), published)
        self.assertEqual(complaint.written, [])

    def test_a_wiring_error_is_raised_at_once(self):
        for options in [{}, {"channel": "a", "stream": "b"}, {"stream": "b", "history_list": "c"},
                        {"stream": "b", "stream_maxlen": 0}, {"channel": "a", "history_list": "c", "history_length": 0}]:
            with self.subTest(options=options), self.assertRaises(ValueError):
                elva_logging.ElvaHandler(**options)

    def test_dict_config_of_a_stream(self):
        self.run_program("""
            import logging.config
            logging.config.dictConfig({
                "version": 1,
                "handlers": {"elva": {"class": "elva_logging.ElvaHandler", "stream": "app:stream", "url": url}},
                "root": {"level": "DEBUG", "handlers": ["elva"]},
            })
            logging.getLogger("my.app").info("configured")
        """)
        with redis.Redis.from_url(self.server.url) as client:
            self.assertEqual(client.xlen("app:stream"), 1)

    def assertWritesOnce(self):
        return _OneComplaint(self)


class _OneComplaint:
    """Collects stderr: the handler says once that Redis is away, however often it tries."""

    def __init__(self, test):
        self.test = test
        self.written = []

    def __enter__(self):
        self.saved, sys.stderr = sys.stderr, self
        return self

    def __exit__(self, kind, error, trace):
        sys.stderr = self.saved
        if kind is None:
            lines = [line for line in "".join(self.written).splitlines() if "records are kept" in line]
            self.test.assertLessEqual(len(lines), 1, lines)

    def write(self, text):
        self.written.append(text)

    def flush(self):
        pass


if __name__ == "__main__":
    unittest.main()
