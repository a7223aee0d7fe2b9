"""A formatter makes the message, a dict becomes message and fields, and python-redis-log's arguments are accepted."""

import collections
import json
import logging
import logging.config
import pathlib
import socket
import types
import unittest

import redis

import elva_logging
from support import PATIENCE, RedisTest, Stderr, need, wait_until

SECRET = "hunter2"


class Redacting(logging.Formatter):
    def format(self, record):
        return super().format(record).replace(SECRET, "***")


class OfExceptions(logging.Formatter):
    def formatException(self, exc_info):
        return super().formatException(exc_info).replace(SECRET, "***")


class OfMessages(logging.Formatter):
    def formatMessage(self, record):
        return super().formatMessage(record).replace(SECRET, "***")


class ToJSON:
    """A formatter need not be a logging.Formatter."""

    def format(self, record):
        return json.dumps({"message": record.getMessage().replace(SECRET, "***"), "severity": "ALERT", "order": 7})


class FormatterTest(RedisTest):
    def log(self, formatter, msg, *args, **options):
        """Log one record through formatter and return what was published, as text and as JSON."""
        handler = self.handler()
        handler.setFormatter(formatter)
        listener = self.listen()
        try:
            raise ValueError(SECRET)
        except ValueError:
            self.logger.error(msg, *args, **options)
        handler.flush()
        self.logger.removeHandler(handler)
        payloads = listener.until_the_end()
        self.assertEqual(len(payloads), 1)
        return payloads[0].decode(), json.loads(payloads[0])

    def test_a_formatter_that_removes_a_secret_is_not_bypassed(self):
        for formatter in Redacting("%(message)s"), Redacting(), Redacting("{name}: {message}", style="{"), ToJSON():
            for msg, args in [("password=%s", (SECRET,)), (f"password={SECRET}", ()), ("%(password)s", ({"password": SECRET},)),
                              ({"event": SECRET, "password": SECRET}, ()), ("%s", (SECRET + "x" * 2_000_000,))]:
                with self.subTest(type(formatter).__name__, message=msg):
                    text, got = self.log(formatter, msg, *args, exc_info=True, extra={"token": SECRET})
                    self.assertNotIn(SECRET, text)
                    self.assertIn("***", text)
                    self.assertEqual((got["name"], got["level"], got["hostname"]), ("shop.cart", "error", socket.gethostname()))

    def test_a_formatter_of_one_part_is_asked_for_it(self):
        text, got = self.log(OfExceptions(), "failed", exc_info=True)
        self.assertNotIn(SECRET, text)
        self.assertTrue(got["msg"].startswith("failed\nTraceback (most recent call last):"))
        text, got = self.log(OfMessages(), "password=%s", SECRET)
        self.assertEqual(got["msg"], "password=***")

    def test_a_record_that_a_formatter_fails_on_is_not_published(self):
        class Fails(logging.Formatter):
            def format(self, record):
                raise RuntimeError("no")

        listener = self.listen()
        for formatter in Fails(), logging.Formatter("%(request)s"), Redacting("%(request)s"):
            handler = self.handler()
            handler.setFormatter(formatter)
            with Stderr() as stderr:
                self.logger.error("password=%s", SECRET)
            self.assertIn("Logging error", stderr.text)
            handler.flush()
            self.logger.removeHandler(handler)
        self.assertEqual(listener.until_the_end(), [])

    def test_a_plain_formatter_lays_out_the_message_and_removes_nothing(self):
        _, got = self.log(logging.Formatter("%(levelname)s [%(name)s] %(message)s"), "disk at %d%%", 93, exc_info=True,
                          stack_info=True, extra={"order": 7})
        self.assertEqual((got["msg"], got["args"], got["extra"]), ("ERROR [shop.cart] disk at 93%", [], {"order": 7}))
        self.assertTrue(got["traceback"].endswith("ValueError: hunter2"))
        self.assertIn("stack_info", got)
        _, got = self.log(logging.Formatter("{asctime} {message}", "%H", style="{"), "now")
        self.assertRegex(got["msg"], r"^\d\d now$")
        _, got = self.log(logging.Formatter(logging.BASIC_FORMAT), "disk at %d%%", 93)  # which basicConfig sets
        self.assertEqual((got["msg"], got["args"]), ("disk at %d%%", [93]))
        _, got = self.log(logging.Formatter("-- %(message)s"), {"event": "order placed", "order": 7})
        self.assertEqual((got["msg"], got["extra"]), ("-- order placed", {"order": 7}))

    def test_json_of_a_formatter_is_the_record(self):
        _, got = self.log(ToJSON(), "password=%s", SECRET, extra={"not": "chosen"})
        self.assertEqual((got["message"], got["severity"], got["order"], got["name"]), ("password=***", "ALERT", 7, "shop.cart"))
        self.assertNotIn("msg", got)
        self.assertNotIn("extra", got)

        for made, want in [({"message": "a dict", "path": pathlib.Path("/a")}, {"message": "a dict", "path": "/a"}), ("[1]", {"msg": "[1]"}),
                           ("{broken", {"msg": "{broken"}), ("", {"msg": ""}), (None, {"msg": "None"}), (b"bytes", {"msg": "b'bytes'"}),
                           ('{"level": "warning", "name": "other"}\n', {"level": "warning", "name": "other"})]:
            with self.subTest(made=made):
                _, got = self.log(types.SimpleNamespace(format=lambda record: made), "anything")
                self.assertEqual({name: got[name] for name in want}, want)

    def test_a_formatter_may_come_and_go(self):
        handler = self.handler()
        listener = self.listen()
        for formatter in None, Redacting(), None:
            handler.setFormatter(formatter)
            self.logger.info("%s", SECRET)
        handler.flush()
        self.assertEqual([(record["msg"], record["args"]) for record in map(json.loads, listener.until_the_end())],
                         [("%s", [SECRET]), ("***", []), ("%s", [SECRET])])

    def test_a_filter_of_the_handler_removes_too(self):
        class Filter(logging.Filter):
            def filter(self, record):
                record.msg, record.args = record.getMessage().replace(SECRET, "***"), ()
                return True
        handler = self.handler()
        handler.addFilter(Filter())
        listener = self.listen()
        self.logger.info("password=%s", SECRET)
        handler.flush()
        self.assertNotIn(SECRET, listener.until_the_end()[0].decode())

    def test_the_handlers_own_record_needs_no_formatter(self):
        """A program's formatter may want what only its own records have."""
        handler = self.handler(capacity=2)
        handler.setFormatter(logging.Formatter("%(request)s %(message)s"))
        admin = self.admin()
        admin.execute_command("ACL", "SETUSER", "default", "-publish")
        for i in range(5):
            self.logger.info("%d", i, extra={"request": 7})
        wait_until(lambda: handler._down)
        admin.execute_command("ACL", "SETUSER", "default", "+publish")
        listener = self.listen()
        self.assertIn("older records were dropped", listener.next()["msg"])

    def test_python_json_logger(self):
        need("pythonjsonlogger")
        from pythonjsonlogger import jsonlogger
        _, got = self.log(jsonlogger.JsonFormatter("%(levelname)s %(message)s"), "password=%s", "shown", exc_info=True, extra={"order": 9})
        self.assertEqual((got["message"], got["order"], got["level"], got["levelname"]), ("password=shown", 9, "error", "ERROR"))
        self.assertTrue(got["exc_info"].startswith("Traceback"))

    def test_structlog(self):
        """Its documented ways to log through logging."""
        need("structlog")
        for renderer, want in [
            ("structlog.processors.JSONRenderer()", {"event": "order placed", "order": 7, "level": "info", "logger": "shop"}),
            ("structlog.processors.KeyValueRenderer(sort_keys=True)", {"msg": "event='order placed' level='info' logger='shop' order=7"}),
            (None, {"msg": "order placed", "args": [], "extra": {"order": 7}}),
        ]:
            with self.subTest(renderer):
                listener = self.listen()
                formatter = f"handler.setFormatter(pf(processors=[pf.remove_processors_meta, {renderer}]))" if renderer else ""
                errors = self.run_program("""
import structlog
pf = structlog.stdlib.ProcessorFormatter
handler = ElvaHandler("app:log", url)
FORMATTER
logging.getLogger().addHandler(handler)
logging.getLogger().setLevel(10)
structlog.configure(processors=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, structlog.processors.format_exc_info,
                                pf.wrap_for_formatter], logger_factory=structlog.stdlib.LoggerFactory())
log = structlog.get_logger("shop")
log.info("order placed", order=7)
try:
    1 / 0
except Exception:
    log.exception("failed", order=8)
logging.getLogger("plain").warning("from %s", "logging", extra={"order": 9})
""".replace("FORMATTER", formatter))
                self.assertEqual(errors, "")
                placed, failed, plain = map(json.loads, listener.until_the_end())
                self.assertEqual({name: placed.get(name) for name in want}, want)
                self.assertEqual((placed["name"], placed["level"]), ("shop", "info"))
                self.assertIn("ZeroDivisionError: division by zero", failed.get("exception") or failed.get("traceback") or failed["msg"])
                self.assertEqual((failed["level"], plain["level"], plain["name"]), ("error", "warning", "plain"))

    def test_a_dict_is_message_and_fields(self):
        class Own(collections.abc.Mapping):
            def __getitem__(self, name):
                return {"event": "mine", "a": 1}[name]

            def __iter__(self):
                return iter(["event", "a"])

            def __len__(self):
                return 2

        for msg, text, extra in [
            ({"event": "order placed", "order": 7, "items": [{"sku": "a"}]}, "order placed", {"order": 7, "items": [{"sku": "a"}]}),
            ({"message": "m", "level": "info", "logger": "other"}, "m", {"level": "info", "logger": "other"}),
            ({"msg": "m", "level": "error", "logger": "shop.cart"}, "m", None),
            ({"event": 7, "message": "m"}, "m", {"event": 7}),
            ({"order": 7, 8: {9}}, "{'order': 7, 8: {9}}", {"order": 7, "8": "{9}"}),
            ({}, "{}", None),
            (collections.OrderedDict(event="ordered", a=1), "ordered", {"a": 1}),
            (Own(), "mine", {"a": 1}),
            ({"event": "100%"}, "100%", None),
        ]:
            with self.subTest(msg=msg):
                _, got = self.log(None, msg)
                self.assertEqual((got["msg"], got["args"], got.get("extra"), got["level"]), (text, [], extra, "error"))
        _, got = self.log(None, {"event": "failed", "order": 7}, exc_info=True, extra={"request": 8})
        self.assertEqual(got["extra"], {"order": 7, "request": 8})
        self.assertTrue(got["traceback"].endswith("ValueError: hunter2"))


class FormerHandlerTest(RedisTest):
    """What was written for python-redis-log's RedisHandler."""

    def publishes(self, handler, listener):
        self.addCleanup(handler.close)
        self.logger.addHandler(handler)
        self.logger.info("I like pie")
        handler.flush()
        self.logger.removeHandler(handler)
        self.assertEqual([json.loads(payload)["msg"] for payload in listener.until_the_end()], ["I like pie"])

    def test_its_arguments(self):
        listener = self.listen()
        client = redis.Redis(port=self.server.port)
        self.addCleanup(client.close)
        self.publishes(elva_logging.ElvaHandler("app:log", client), listener)
        self.publishes(elva_logging.ElvaHandler("app:log", client, logging.INFO), listener)
        self.publishes(elva_logging.ElvaHandler("app:log", redis_client=client, level=logging.INFO), listener)
        self.publishes(elva_logging.ElvaHandler(channel="app:log", redis_client=client), listener)
        self.publishes(elva_logging.ElvaHandler.to("app:log", port=self.server.port), listener)
        self.publishes(elva_logging.ElvaHandler.to("app:log", "127.0.0.1", self.server.port, None, logging.INFO), listener)
        self.assertEqual(elva_logging.ElvaHandler("app:log", client, logging.ERROR).level, logging.ERROR)
        self.assertEqual(elva_logging.ElvaHandler.to("app:log", level="ERROR").level, logging.ERROR)
        options = elva_logging.ElvaHandler.to("app:log", "::1", password="p@s/:s")._client.connection_pool.connection_kwargs
        self.assertEqual((options["host"], options["port"], options["password"]), ("::1", 6379, "p@s/:s"))

    def test_its_password(self):
        self.admin().execute_command("ACL", "SETUSER", "default", "resetpass", ">p@s/:s%")
        client = redis.Redis(port=self.server.port, password="p@s/:s%")
        self.addCleanup(client.close)
        pubsub = client.pubsub()
        self.addCleanup(pubsub.close)
        pubsub.subscribe("app:log")
        pubsub.get_message(timeout=PATIENCE)
        handler = elva_logging.ElvaHandler.to("app:log", host="localhost", port=self.server.port, password="p@s/:s%")
        self.addCleanup(handler.close)
        self.logger.addHandler(handler)
        self.logger.info("I like pie")
        self.assertEqual(json.loads(pubsub.get_message(timeout=PATIENCE)["data"])["msg"], "I like pie")

    def test_a_dict_config_of_which_only_the_class_changes(self):
        for handler in ("{'class': 'elva_logging.ElvaHandler', 'channel': 'app:log', 'redis_client': client, 'level': 'DEBUG', 'formatter': 'plain'}",
                        "{'class': 'elva_logging.ElvaHandler', 'channel': 'app:log', 'redis_client': 'ext://__main__.client'}",
                        "{'()': 'elva_logging.ElvaHandler.to', 'channel': 'app:log', 'host': 'localhost', 'port': client.connection_pool.connection_kwargs['port']}"):
            with self.subTest(handler):
                listener = self.listen()
                errors = self.run_program("import logging.config, redis\nclient = redis.Redis.from_url(url)\nlogging.config.dictConfig({'version': 1, "
                                          "'formatters': {'plain': {'format': '%(message)s'}}, 'handlers': {'redis': " + handler +
                                          "}, 'root': {'level': 'DEBUG', 'handlers': ['redis']}})\nlogging.getLogger('shop').debug('I like %s', 'pie')\n")
                self.assertEqual(errors, "")
                got, = map(json.loads, listener.until_the_end())
                self.assertEqual(got["msg"] % tuple(got["args"]), "I like pie")


if __name__ == "__main__":
    unittest.main()
