"""What the tests of elva_logging share: a redis-server that can be killed, a subscriber, and programs of their own."""

import importlib.util
import json
import logging
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

import redis

import elva_logging

PATIENCE = 20  # seconds for what takes milliseconds on an idle machine
HERE = pathlib.Path(__file__).parent


class Server:
    """A redis-server that can be killed and started again on its port."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self.directory = tempfile.mkdtemp()
        self.process = None

    def start(self, *options):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", self.directory, *options], stdout=subprocess.DEVNULL)
        with redis.Redis(port=self.port) as client:
            wait_until(lambda: answers(client))

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self):
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


def answers(client):
    try:
        return client.ping()
    except redis.AuthenticationError:
        return True
    except redis.RedisError:
        return False


def wait_until(done):
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {PATIENCE} s")
        time.sleep(0.005)


class Listener:
    """A subscriber to one channel."""

    def __init__(self, url, channel):
        self.channel = channel
        self.client = redis.Redis.from_url(url)
        self.pubsub = self.client.pubsub()
        self.pubsub.subscribe(channel)
        self.pubsub.get_message(timeout=PATIENCE)  # the confirmation

    def next(self):
        return json.loads(self.next_payload())

    def next_payload(self):
        message = self.pubsub.get_message(timeout=PATIENCE)
        if message is None:
            raise AssertionError("no record")
        return message["data"]

    def until_the_end(self):
        """All that was published before this call, in its order."""
        end = b"the end, and no record"
        self.client.publish(self.channel, end)
        payloads = []
        while (payload := self.next_payload()) != end:
            payloads.append(payload)
        return payloads

    def close(self):
        self.pubsub.close()
        self.client.close()


class RedisTest(unittest.TestCase):
    """A test with a server, and a logger that is its own."""

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.start()
        self.logger = logging.Logger("shop.cart")  # no propagation, no other test's handlers

    def handler(self, channel="app:log", **options):
        handler = elva_logging.ElvaHandler(channel, self.server.url, **options)
        self.addCleanup(handler.close)
        self.logger.addHandler(handler)
        return handler

    def listen(self, channel="app:log"):
        listener = Listener(self.server.url, channel)
        self.addCleanup(listener.close)
        return listener

    def admin(self):
        client = redis.Redis.from_url(self.server.url)
        self.addCleanup(client.close)
        return client

    def run_program(self, source, *arguments, status=0):
        """Run source as a program of its own, in a file, which multiprocessing needs; return what it wrote to stderr."""
        head = "import logging, os, sys, threading\nfrom elva_logging import ElvaHandler\nurl = sys.argv[1]\n"
        path = pathlib.Path(self.server.directory, "program.py")
        path.write_text(head + textwrap.dedent(source))
        done = subprocess.run([sys.executable, path, self.server.url, *arguments], stderr=subprocess.PIPE, text=True, timeout=120,
                              env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])})
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr


class Stderr:
    """Collects what is written to stderr."""

    def __init__(self):
        self.text = ""

    def __enter__(self):
        self.saved, sys.stderr = sys.stderr, self
        return self

    def __exit__(self, kind, error, trace):
        sys.stderr = self.saved

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def need(module):
    """Skip the test without a module, or fail it where nothing may be skipped."""
    if importlib.util.find_spec(module) is None:
        skip(f"no module {module}")


def need_command(name):
    """Skip the test without a program, or fail it where nothing may be skipped."""
    if shutil.which(name) is None:
        skip(f"no program {name}")


def skip(why):
    if os.environ.get("CI") == "true" or os.environ.get("ELVA_NO_SKIP"):
        raise AssertionError(f"{why}, and nothing may be skipped here")
    raise unittest.SkipTest(why)
