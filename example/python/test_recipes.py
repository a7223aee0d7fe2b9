"""Every program of docs/python.md runs unchanged, but for the address of Redis and the port it serves at."""

import collections
import json
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

from support import HERE, PATIENCE, RedisTest, need, wait_until

DOCUMENT = (HERE / ".." / ".." / "docs" / "python.md").resolve()


def sections():
    """The recipes by their headings: the files of each, and its command."""
    found = {}
    for text in re.split(r"(?m)^## ", DOCUMENT.read_text())[1:]:
        files, command = {}, None
        for language, block in re.findall(r"(?ms)^```(\w+)\n(.*?)^```$", text):
            if language == "python":
                name = re.match(r"# (\S+\.py)\n", block)[1]
                files[name] = block
            elif language == "json":
                files["log.json"] = block
            elif language == "sh":
                command = block.strip()
        if files:
            found[text.partition("\n")[0]] = files, command
    return found


class RecipeTest(RedisTest):
    tested = set()

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.server.directory)
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(self.directory)])}
        self.listener = self.listen("my:channel")

    def write(self, heading, **more):
        """Write the recipe's files and return its command."""
        self.tested.add(heading)
        files, command = sections()[heading]
        for name, text in {**files, **more}.items():
            self.assertTrue("redis://localhost:6379" in text or "redis://" not in text)
            (self.directory / name).write_text(text.replace("redis://localhost:6379", self.server.url))
        return command

    def run_python(self, *arguments):
        done = subprocess.run([sys.executable, *arguments], cwd=self.directory, env=self.environment, timeout=3 * PATIENCE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def serve(self, command, *more):
        """Start the recipe's command with more arguments."""
        name, *arguments = shlex.split(command)
        need(name)
        log = open(self.directory / "output", "w+")
        self.addCleanup(log.close)
        process = subprocess.Popen([sys.executable, "-m", name, *arguments, *more], cwd=self.directory, env=self.environment,
                                   stdout=log, stderr=subprocess.STDOUT, start_new_session=True)

        def end():
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        self.addCleanup(end)
        return process

    def stop(self, process, how=signal.SIGTERM):
        process.send_signal(how)
        process.wait(3 * PATIENCE)

    def records(self):
        return list(map(json.loads, self.listener.until_the_end()))

    def messages(self, *loggers):
        """The messages of these loggers, or of all, and how often each came."""
        return collections.Counter(message(record) for record in self.records() if not loggers or record["name"] in loggers)

    def test_dict_config(self):
        self.write("dictConfig, as with python-redis-log")
        self.run_python("program.py")
        self.assertEqual(self.messages(), {"I like pie": 1})

    def test_asyncio_and_threads(self):
        self.write("asyncio and threads")
        self.run_python("program.py")
        self.assertEqual(self.messages("root"), {"job 0": 1, "job 1": 1, "job 2": 1, "from a thread": 1})

    def test_pools(self):
        self.write("multiprocessing and process pools")
        self.run_python("program.py")
        self.assertEqual(self.messages("root"), {f"{method} {task}": 1 for method in ("fork", "spawn", "forkserver") for task in range(4)})

    def test_gunicorn(self):
        command = self.write("gunicorn")
        port = free_port()
        server = self.serve(command, "--bind", f"127.0.0.1:{port}")
        for i in range(6):
            self.get(port, f"/{i}")
        self.stop(server)
        records = self.records()
        got = collections.Counter(message(record) for record in records if record["name"] == "shop")
        self.assertEqual(got, {f"request /{i}": 1 for i in range(6)})
        self.assertIn("gunicorn.error", {record["name"] for record in records})

    def test_gunicorn_worker_that_starts_does_not_wait_for_redis(self):
        """gunicorn logs in a worker that does not handle signals yet, and loses a SIGTERM that comes before it does."""
        config = sections()["gunicorn"][0]["gunicorn.conf.py"].replace(
            '"redis://localhost:6379"', '"redis://localhost:6379?socket_timeout=600", "flush_timeout": 600')
        self.assertIn("flush_timeout", config)
        command = self.write("gunicorn", **{"gunicorn.conf.py": config + """
def post_fork(server, worker):
    open("forked", "w").close()
"""})
        self.server.process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.server.process.send_signal, signal.SIGCONT)
        self.serve(command, "--bind", f"127.0.0.1:{free_port()}")
        wait_until((self.directory / "forked").exists)

    def test_celery(self):
        command = self.write("Celery")
        worker = self.serve(command)
        self.run_python("-c", "import tasks\nfor order in range(6): tasks.send.delay(order)")
        got = collections.Counter()
        while sum(text.endswith("is sent") for text in got) < 6:
            got[message(self.listener.next())] += 1
        self.stop(worker)
        got += self.messages()
        self.assertEqual({text: count for text, count in got.items() if "order" in text},
                         {text: 1 for order in range(6) for text in (f"sending order {order}", f"order {order} is sent")})

    def test_django(self):
        need("django")
        settings = sections()["Django"][0]["settings.py"] + 'SECRET_KEY = "x"\nROOT_URLCONF = "urls"\nALLOWED_HOSTS = ["testserver"]\n'
        self.write("Django", **{"settings.py": settings, "urls.py": """
import logging
from django.http import HttpResponse
from django.urls import path
def ok(request):
    logging.getLogger("shop").info("order %d", 7)
    return HttpResponse("ok")
def fails(request):
    raise ValueError("no order")
urlpatterns = [path("ok", ok), path("fails", fails)]
""", "program.py": """
import django, os
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()
from django.test import Client
client = Client(raise_request_exception=False)
assert client.get("/ok").status_code == 200 and client.get("/fails").status_code == 500
"""})
        self.run_python("program.py")
        shop, failed = self.records()
        self.assertEqual((shop["name"], message(shop)), ("shop", "order 7"))
        self.assertEqual((failed["name"], failed["level"], message(failed)), ("django.request", "error", "Internal Server Error: /fails"))
        self.assertTrue(failed["traceback"].endswith("ValueError: no order"))

    def test_flask(self):
        command = self.write("Flask")
        port = free_port()
        server = self.serve(command, "--port", str(port))
        for order in range(3):
            self.get(port, f"/{order}")
        self.stop(server, signal.SIGINT)
        records = [record for record in self.records() if record["name"] == "shop"]
        self.assertEqual(collections.Counter(map(message, records)),
                         {"order 0": 1, "order 1": 1, "order 2": 1, "Exception on /0 [GET]": 1})
        self.assertTrue(any((record["traceback"] or "").endswith("ValueError: there is no order 0") for record in records))

    def test_uvicorn(self):
        command = self.write("uvicorn")
        port = free_port()
        server = self.serve(command, "--port", str(port))
        records = []
        while [message(record) for record in records].count("Application startup complete.") < 2:  # the others have nothing to end
            records.append(self.listener.next())
        for i in range(6):
            self.get(port, f"/{i}")
        self.stop(server)
        records += self.records()
        self.assertEqual(collections.Counter(message(record) for record in records if record["name"] == "shop"),
                         {**{f"request /{i}": 1 for i in range(6)}, "worker ends": 2})
        self.assertIn("uvicorn.access", {record["name"] for record in records})

    def test_structlog(self):
        need("structlog")
        self.write("structlog")
        self.run_python("program.py")
        got, = self.records()
        self.assertEqual((got["msg"], got["name"], got["level"], got["extra"]), ("order placed", "shop", "info", {"order": 7, "request_id": "7f3a"}))

    def test_every_recipe_has_a_test(self):
        names = {re.sub(r"\W+", "_", heading.lower()) for heading in sections()}
        tests = {name for name in dir(self) if name.startswith("test_")} - {
            "test_every_recipe_has_a_test", "test_gunicorn_worker_that_starts_does_not_wait_for_redis"}
        self.assertEqual(len(names), len(tests), (names, tests))

    def get(self, port, path):
        """Request a path as soon as the server listens."""
        def answered():
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE).read()
            except urllib.error.HTTPError:
                pass
            except urllib.error.URLError as error:
                if isinstance(error.reason, ConnectionRefusedError):
                    return False
                raise
            return True
        wait_until(answered)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def message(record):
    args = record.get("args")
    if not args:
        return record["msg"]
    return record["msg"] % (args[0] if isinstance(args[0], dict) else tuple(args))


if __name__ == "__main__":
    unittest.main()
