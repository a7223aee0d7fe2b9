import json
import logging
import pathlib
import re
import unittest

from elva_logging import ElvaHandler
from elva_logging.redact import REPLACEMENT, redact
from elva_logging.redact import RedactSecrets

CORPUS = pathlib.Path(__file__).parents[2] / "internal" / "redact" / "testdata" / "corpus.jsonl"
SECRET = re.compile("⟦(.*?)⟧|⟪(.*?)⟫", re.S)


class Corpus(unittest.TestCase):
    def test_texts_are_as_in_go(self):
        count = 0
        for line in CORPUS.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            if not case["note"].startswith("text:"):
                continue
            count += 1
            with self.subTest(case["note"]):
                text = SECRET.sub(r"\1", case["payload"])
                self.assertEqual(redact(text), SECRET.sub(REPLACEMENT.replace("\\", r"\\"), case["payload"]))
        self.assertGreater(count, 100)

    def test_members_are_as_in_go(self):
        for line in CORPUS.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            text = SECRET.sub(r"\1\2", case["payload"])
            try:
                members = json.loads(text)
            except ValueError:
                continue
            if not isinstance(members, dict) or "name and value" in case["note"] or "OTLP" in case["note"] or "rawHeaders" in text or "Python's arguments" in case["note"]:
                continue
            with self.subTest(case["note"]):
                record = logging.makeLogRecord({"msg": members})
                RedactSecrets().filter(record)
                published = json.dumps(record.msg, ensure_ascii=False)
                for secret in SECRET.findall(case["payload"]):
                    if len(secret[0]) > 6 and "\\" not in secret[0]:
                        self.assertNotIn(secret[0], published)
                if not SECRET.search(case["payload"]):
                    self.assertEqual(record.msg, members)


class Filter(unittest.TestCase):
    def setUp(self):
        self.published = []
        handler = ElvaHandler("unused")
        handler.emit = lambda record: self.published.append(handler._payload(record).decode())
        handler.addFilter(RedactSecrets())
        self.addCleanup(handler.close)
        self.log = logging.Logger("shop")
        self.log.addHandler(handler)

    def test_arguments(self):
        self.log.error("login of %s with password=%s", "al", "hunter2")
        self.log.error("login of %(user)s", {"user": "al", "password": "hunter2"})
        self.assertEqual(json.loads(self.published[0])["msg"], "login of al with password=[redacted]")
        self.assertEqual(json.loads(self.published[1])["args"], [{"user": "al", "password": "[redacted]"}])

    def test_extra(self):
        self.log.error("login", extra={"token": "hunter2", "user": {"name": "al", "pwd": "hunter2"}, "cards": [4111111111111111], "order": 7, "retry": True})
        self.assertEqual(json.loads(self.published[0])["extra"],
                         {"token": "[redacted]", "user": {"name": "al", "pwd": "[redacted]"}, "cards": ["[redacted]"], "order": 7, "retry": True})

    def test_traceback_and_stack(self):
        try:
            raise ValueError("no login: password=hunter2")
        except ValueError:
            self.log.exception("failed", stack_info=True)
        record = json.loads(self.published[0])
        self.assertTrue(record["traceback"].endswith("ValueError: no login: password=[redacted]"))
        self.assertNotIn('hunter2")', record["traceback"].replace("password=[redacted]", ""))

    def test_a_record_that_cannot_be_read(self):
        self.log.error("password=%s", "hunter2", "too many")
        self.assertNotIn("hunter2", self.published[0])
        self.assertIn("can't be read", self.published[0])

    def test_nothing_to_hide_stays_apart(self):
        self.log.error("disk %s at %d%%", "/dev/sda1", 93, extra={"order": 7})
        record = json.loads(self.published[0])
        self.assertEqual((record["msg"], record["args"], record["extra"]), ("disk %s at %d%%", ["/dev/sda1", 93], {"order": 7}))


if __name__ == "__main__":
    unittest.main()
