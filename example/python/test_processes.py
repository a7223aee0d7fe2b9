"""What children, pools and servers log arrives once, and what does not arrive is named at the end."""

import collections
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.request

import redis

import elva_logging
import elva_logging.handler
from support import HERE, PATIENCE, RedisTest, Stderr, need, wait_until

METHODS = ("fork", "spawn", "forkserver")


class ChildrenTest(RedisTest):
    """Each program's children end in a way of their own."""

    def check(self, source, *arguments, want, status=0):
        """Run source and compare what it has published, in any order, with the messages wanted."""
        listener = self.listen()
        errors = self.run_program("log = logging.getLogger('app')\nlog.setLevel(10)\n" + source, *arguments, status=status)
        got = collections.Counter(message(payload) for payload in listener.until_the_end())
        want = collections.Counter(want)
        self.assertEqual(got, want, f"missing {want - got}, too many {got - want}\n{errors}")
        return errors

    def test_processes(self):
        for method in METHODS:
            with self.subTest(method):
                self.check("""
import multiprocessing
log.addHandler(ElvaHandler("app:log", url, flush_timeout=30))
unwaited = logging.getLogger("unwaited")  # is flushed at the end of the child
unwaited.setLevel(10)
unwaited.addHandler(ElvaHandler("app:log", url, wait=False, flush_timeout=30))
def work(child):
    for i in range(50):
        log.info("child %d record %d", child, i)
        unwaited.info("child %d unwaited %d", child, i)
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[2])
    log.info("before")
    children = [multiprocessing.Process(target=work, args=(i,)) for i in range(3)]
    for child in children: child.start()
    for child in children: child.join()
    log.info("after")
""", method, want=["before", "after", *(f"child {c} {kind} {i}" for c in range(3) for i in range(50) for kind in ("record", "unwaited"))])

    def test_pools(self):
        kinds = "terminated", "joined", "renewed", "futures", "left_open"
        for method in METHODS:
            with self.subTest(method):
                self.check("""
import multiprocessing, concurrent.futures
log.addHandler(ElvaHandler("app:log", url, flush_timeout=30))
def work(task):
    log.info("task %s %d", *task)
def tasks(kind):
    return [(kind, i) for i in range(12)]
if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[2])
    with context.Pool(2) as pool:  # ends its workers with SIGTERM
        pool.map(work, tasks("terminated"), chunksize=1)
    pool = context.Pool(2)
    pool.map(work, tasks("joined"))
    pool.close()
    pool.join()
    with context.Pool(2, maxtasksperchild=4) as pool:
        pool.map(work, tasks("renewed"), chunksize=1)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        list(pool.map(work, tasks("futures")))
    left_open = context.Pool(2)
    left_open.map(work, tasks("left_open"))
""", method, want=[f"task {kind} {i}" for kind in kinds for i in range(12)])

    def test_a_forked_child_that_ends_at_once(self):
        """RQ's work horses, socketserver.ForkingMixIn and pytest-forked end with os._exit, and some children are killed."""
        ends = ["os._exit(1)", "os.kill(os.getpid(), signal.SIGKILL)", "os.kill(os.getpid(), signal.SIGTERM)", "sys.exit()", "os.abort()"]
        self.check("""
import signal
log.addHandler(ElvaHandler("app:log", url, flush_timeout=30))
log.info("before")
for end in sys.argv[2:]:
    child = os.fork()
    if child == 0:
        log.info("in the child before %s", end)
        try:
            1 / 0
        except ZeroDivisionError:
            log.exception("last words before %s", end)
        exec(end)
    os.waitpid(child, 0)
log.info("after")
""", *ends, want=["before", "after", *(f"{text} before {end}" for text in ("in the child", "last words") for end in ends)])

    def test_a_handler_that_is_made_in_the_child(self):
        for method in METHODS:
            with self.subTest(method):
                self.check("""
import multiprocessing
def work():
    log.addHandler(ElvaHandler("app:log", url, flush_timeout=30))
    log.info("made here")
    os.kill(os.getpid(), 9)
if __name__ == "__main__":
    child = multiprocessing.get_context(sys.argv[2]).Process(target=work)
    child.start()
    child.join()
""", method, want=["made here"])
        with self.subTest("os.fork"):
            self.check("""
child = os.fork()
if child == 0:
    log.addHandler(ElvaHandler("app:log", url, flush_timeout=30))
    log.info("made here")
    os._exit(0)
os.waitpid(child, 0)
""", want=["made here"])

    def test_children_of_children(self):
        self.check("""
import multiprocessing
log.addHandler(ElvaHandler("app:log", url, flush_timeout=30))
def inner():
    log.info("inner")
def outer():
    log.info("outer")
    child = multiprocessing.Process(target=inner)
    child.start()
    child.join()
    pid = os.fork()
    if pid == 0:
        log.info("forked")
        os._exit(0)
    os.waitpid(pid, 0)
    log.info("outer's end")
if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    log.info("root")
    child = multiprocessing.Process(target=outer)
    child.start()
    child.join()
""", want=["root", "outer", "inner", "forked", "outer's end"])

    def test_a_child_that_logs_while_it_is_loaded(self):
        """multiprocessing forgets there what is to be done at its end."""
        for method in METHODS:
            with self.subTest(method):
                self.check("""
import multiprocessing
log.addHandler(ElvaHandler("app:log", url, wait=False, flush_timeout=30))
log.info("loaded")
def work():
    log.info("last words")
if __name__ == "__main__":
    child = multiprocessing.get_context(sys.argv[2]).Process(target=work)
    child.start()
    child.join()
""", method, want=[*["loaded"] * (1 if method == "fork" else 2), "last words"])

    def test_a_daemon_forks_twice(self):
        self.check("""
log.addHandler(ElvaHandler("app:log", url, flush_timeout=30))
log.info("start")
reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() > 0:
        os._exit(0)
    log.info("daemon")
    os.write(writer, b".")
    os._exit(0)
os.read(reader, 1)
os.wait()
""", want=["start", "daemon"])

    def test_a_child_that_fails_or_ends_with_a_status(self):
        self.check("""
import multiprocessing
log.addHandler(ElvaHandler("app:log", url, wait=False, flush_timeout=30))
def fails():
    log.info("fails")
    raise RuntimeError("on purpose")
def ends():
    log.info("ends")
    sys.exit(3)
if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    for target in fails, ends:
        child = multiprocessing.Process(target=target)
        child.start()
        child.join()
        log.info("status %d", child.exitcode)
""", want=["fails", "status 1", "ends", "status 3"])

    def test_what_is_logged_while_a_child_ends(self):
        """Finalizers run before the handler's own, and threads that are no daemons behind all of them."""
        for wait in "None", "False":
            with self.subTest(wait=wait):
                self.check("""
import multiprocessing, multiprocessing.util
log.addHandler(ElvaHandler("app:log", url, wait=WAIT, flush_timeout=30))
ending = threading.Event()
def thread():
    if sys.version_info < (3, 13):  # from then on finalizers wait for threads
        ending.wait()
        while multiprocessing.util._finalizer_registry:  # until the handler's has run, too
            pass
    log.info("thread")
def work():
    multiprocessing.util.Finalize(None, lambda: log.info("first finalizer"), exitpriority=10)
    multiprocessing.util.Finalize(None, lambda: (log.info("last finalizer"), ending.set()), exitpriority=-10)
    threading.Thread(target=thread).start()
    log.info("main")
if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    child = multiprocessing.Process(target=work)
    child.start()
    child.join()
""".replace("WAIT", wait), want=["main", "first finalizer", "last finalizer", "thread"])

    def test_a_child_that_its_parent_ends(self):
        for method in METHODS:
            with self.subTest(method):
                self.check("""
import multiprocessing, time
log.addHandler(ElvaHandler("app:log", url, flush_timeout=30))
def work(end, logged):
    log.info("last words before %s", end)
    logged.set()
    time.sleep(60)
if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[2])
    for end in "terminate", "kill":
        logged = context.Event()
        child = context.Process(target=work, args=(end, logged))
        child.start()
        logged.wait()
        getattr(child, end)()
        child.join()
""", method, want=["last words before terminate", "last words before kill"])

    def test_a_child_does_not_publish_what_its_parent_has_queued(self):
        """The server refuses until the child has been forked with a full queue, which stays its parent's alone."""
        self.check("""
import redis
handler = ElvaHandler("app:log", url, flush_timeout=30)
log.addHandler(handler)
admin = redis.Redis.from_url(url)
admin.execute_command("ACL", "SETUSER", "default", "-publish")
for i in range(100):
    log.info("parent %d", i)
while not handler._down:
    pass
reader, writer = os.pipe()
child = os.fork()
if child == 0:
    os.read(reader, 1)
    log.info("child")
    sys.exit()
admin.execute_command("ACL", "SETUSER", "default", "+publish")
os.write(writer, b".")
os.waitpid(child, 0)
""", want=[*(f"parent {i}" for i in range(100)), "child"])

    def test_a_thread_forks_while_others_log(self):
        self.check("""
log.addHandler(ElvaHandler("app:log", url, flush_timeout=30))
def talk(n):
    for i in range(200):
        log.info("thread %d record %d", n, i)
def fork():
    for i in range(10):
        child = os.fork()
        if child == 0:
            log.info("child %d", i)
            os._exit(0)
        os.waitpid(child, 0)
threads = [threading.Thread(target=talk, args=(n,)) for n in range(3)] + [threading.Thread(target=fork)]
for thread in threads: thread.start()
for thread in threads: thread.join()
""", want=[*(f"thread {n} record {i}" for n in range(3) for i in range(200)), *(f"child {i}" for i in range(10))])

    def test_the_thread_loads_no_module(self):
        """A child that is forked meanwhile would have half of it, and a lock that nobody gives back."""
        self.check("""
handler = ElvaHandler("app:log", url, flush_timeout=30)
log.addHandler(handler)
before = set(sys.modules)
log.info("published")
handler.flush()
sys.exit(str(set(sys.modules) - before) if set(sys.modules) - before else 0)
""", want=["published"])

    def test_a_forking_server(self):
        self.check("""
import socketserver, socket
log.addHandler(ElvaHandler("app:log", url, flush_timeout=30))
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        log.info("request %s", self.request.recv(10).decode())
with socketserver.ForkingTCPServer(("127.0.0.1", 0), Handler) as server:
    for i in range(3):
        with socket.create_connection(server.server_address) as client:
            client.sendall(b"%d" % i)
            server.handle_request()
            client.recv(1)  # until the child has ended
""", want=["request 0", "request 1", "request 2"])

    def test_children_with_a_stream_and_with_a_list(self):
        source = """
import multiprocessing
log.addHandler(ElvaHandler(OPTIONS))
def work(n):
    log.info("task %d", n)
if __name__ == "__main__":
    with multiprocessing.Pool(3) as pool:
        pool.map(work, range(30), chunksize=1)
"""
        admin = self.admin()
        self.run_program("log = logging.getLogger('app')\nlog.setLevel(10)\n" + source.replace("OPTIONS", "url=url, stream='app:stream'"))
        self.assertEqual(admin.xlen("app:stream"), 30)
        self.check(source.replace("OPTIONS", "'app:log', url, history_list='app:list'"), want=[f"task {i}" for i in range(30)])
        self.assertEqual(admin.llen("app:list"), 30)


class ServersTest(RedisTest):
    """gunicorn and celery themselves."""

    def test_gunicorn(self):
        need("gunicorn")
        app = """
import logging, os
from elva_logging import ElvaHandler
log = logging.getLogger("shop")
log.setLevel(10)
log.addHandler(ElvaHandler("app:log", os.environ["ELVA_REDIS"], flush_timeout=30))
log.info("loaded")
def app(environ, start_response):
    log.info("request %s", environ["PATH_INFO"])
    start_response("200 OK", [])
    return [b"%d" % os.getpid()]
"""
        config = """
import os
def post_worker_init(worker):
    open(f"{os.getpid()}.ready", "w").close()
def worker_exit(server, worker):
    import shop
    shop.log.info("worker ends")
"""
        for name, text in ("shop.py", app), ("conf.py", config):
            with open(os.path.join(self.server.directory, name), "w") as file:
                file.write(text)
        for options in [], ["--preload"], ["--preload", "--worker-class", "gthread", "--threads", "4"]:
            with self.subTest(options):
                listener = self.listen()
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", 0))
                    port = probe.getsockname()[1]
                with self.program("-m", "gunicorn", "--workers", "2", "--bind", f"127.0.0.1:{port}", "--config", "conf.py", *options, "shop:app") as server:
                    workers = set()
                    for i in range(40):
                        wait_until(lambda: self.get(f"http://127.0.0.1:{port}/{i}", workers))
                    # gunicorn loses a SIGTERM that comes before its worker handles signals, and then waits for 30 s.
                    directory = pathlib.Path(self.server.directory)
                    wait_until(lambda: len(list(directory.glob("*.ready"))) == 2)
                    for ready in directory.glob("*.ready"):
                        ready.unlink()
                    server.terminate()
                    self.assertEqual(server.wait(PATIENCE), 0)
                got = collections.Counter(message(payload) for payload in listener.until_the_end())
                self.assertEqual({text: count for text, count in got.items() if text.startswith("request")}, {f"request /{i}": 1 for i in range(40)})
                self.assertEqual(got["worker ends"], 2)
                self.assertEqual(got["loaded"], 1 if "--preload" in options else 2)

    def get(self, url, workers):
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as response:
                workers.add(response.read())
                return True
        except ConnectionError:
            return False
        except urllib.error.URLError as error:
            if isinstance(error.reason, ConnectionRefusedError):
                return False  # not listening yet: it has not had the request
            raise

    def test_celery(self):
        need("celery")
        app = """
import logging, os
import celery, celery.signals
from elva_logging import ElvaHandler
app = celery.Celery("shop", broker=os.environ["ELVA_REDIS"], backend=os.environ["ELVA_REDIS"])
app.conf.worker_max_tasks_per_child = 5
log = logging.getLogger("shop")
log.setLevel(10)
log.addHandler(ElvaHandler("app:log", os.environ["ELVA_REDIS"], flush_timeout=30))
@app.task
def work(n):
    log.info("task %d", n)
@app.task(acks_late=False)
def dies():
    log.info("killed")
    os.kill(os.getpid(), 9)
@celery.signals.worker_process_shutdown.connect
def ends(**_):
    log.info("process ends")
"""
        with open(os.path.join(self.server.directory, "shop.py"), "w") as file:
            file.write(app)
        listener = self.listen()
        with self.program("-m", "celery", "-A", "shop", "worker", "--pool", "prefork", "--concurrency", "2",
                          "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR") as worker:
            with self.program("-c", """
import shop
results = [shop.work.delay(n) for n in range(20)]
for result in results: result.get(timeout=60)
shop.dies.delay()
""") as tasks:
                self.assertEqual(tasks.wait(3 * PATIENCE), 0)
            got = []
            while "killed" not in got:
                got.append(message(listener.next_payload()))
            worker.terminate()  # a warm shutdown
            self.assertEqual(worker.wait(3 * PATIENCE), 0)
        got = collections.Counter(got + [message(payload) for payload in listener.until_the_end()])
        self.assertGreaterEqual(got.pop("process ends"), 2)
        self.assertEqual(got, {**{f"task {i}": 1 for i in range(20)}, "killed": 1})

    def program(self, *arguments):
        environment = {**os.environ, "ELVA_REDIS": self.server.url,
                       "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])}
        program = subprocess.Popen([sys.executable, *arguments], cwd=self.server.directory, env=environment, start_new_session=True,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def end():
            try:
                os.killpg(program.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.addCleanup(end)
        return program


class TruthTest(RedisTest):
    """What was published is not called lost, and what was not is named with its number."""

    def numbers(self, errors):
        """Return how many records stderr calls lost, and of how many it is not sure."""
        return (sum(map(int, re.findall(r"(\d+) records were not published before the end", errors))),
                sum(map(int, re.findall(r"(\d+) records were sent before the end", errors))))

    def assertSays(self, errors, unpublished):
        """Check that so many were not published. On a busy machine the end may come while a batch is on its way."""
        lost, unsure = self.numbers(errors)
        self.assertLessEqual(lost, unpublished, errors)
        self.assertGreaterEqual(lost + unsure, unpublished, errors)

    def test_a_server_that_refuses_from_some_moment_on(self):
        """In the parent and in children that multiprocessing ends."""
        for where in "main", "fork", "spawn", "forkserver":
            with self.subTest(where):
                listener = self.listen()
                errors = self.run_program("""
import multiprocessing, redis
def work():
    admin = redis.Redis.from_url(url)
    handler = ElvaHandler("app:log", url, flush_timeout=0.5, wait=False)
    log = logging.getLogger("app")
    log.addHandler(handler)
    for i in range(500):
        log.warning("%d", i)
        if i == 100:
            admin.execute_command("ACL", "SETUSER", "default", "-publish")
if __name__ == "__main__":
    if sys.argv[2] == "main":
        work()
    else:
        child = multiprocessing.get_context(sys.argv[2]).Process(target=work)
        child.start()
        child.join()
""", where)
                self.admin().execute_command("ACL", "SETUSER", "default", "+publish")
                published = listener.until_the_end()
                self.assertSays(errors, 500 - len(published))

    def test_every_child_says_what_it_has_not_published(self):
        self.server.kill()
        errors = self.run_program("""
import multiprocessing
log = logging.getLogger("app")
log.addHandler(ElvaHandler("app:log", url, flush_timeout=0.2))
def work():
    for i in range(10): log.warning("%d", i)
if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=work) for _ in range(3)]
    for child in children: child.start()
    for child in children: child.join()
""")
        self.assertSays(errors, 30)

    def test_a_server_that_dies(self):
        """What it had is counted by a list that it keeps."""
        self.server.kill()
        self.server.start("--appendonly", "yes", "--appendfsync", "always")
        errors = self.run_program("""
import signal
handler = ElvaHandler(url=url, stream="app:stream", flush_timeout=0.5, capacity=500)
log = logging.getLogger("app")
log.addHandler(handler)
for i in range(2000):
    log.warning("%d", i)
    if i % 100 == 0 and i < 1000: handler.flush()
    if i == 1000: os.kill(int(sys.argv[2]), signal.SIGKILL)
""", str(self.server.process.pid))
        self.server.kill()
        self.server.start("--appendonly", "yes")
        entries = [json.loads(fields[b"record"]) for _, fields in self.admin().xrange("app:stream")]
        there = {entry["args"][0] for entry in entries if entry["msg"] == "%d"}
        # A batch that Redis took and did not answer any more is called lost.
        self.assertLessEqual(abs(2000 - len(there) - sum(self.numbers(errors))), elva_logging.handler._BATCH, errors)

    def test_a_frozen_server(self):
        errors = self.run_program("""
import signal
handler = ElvaHandler("app:log", url, flush_timeout=30)
log = logging.getLogger("app")
log.addHandler(handler)
log.warning("published")
handler.flush()
handler.flush_timeout = 0.3
os.kill(int(sys.argv[2]), signal.SIGSTOP)
log.warning("sent")
while not handler._flight:
    pass
for i in range(10): log.warning("waits")
""", str(self.server.process.pid))
        self.server.process.send_signal(signal.SIGCONT)
        self.assertEqual(self.numbers(errors), (10, 1), errors)

    def test_what_was_named_is_not_published_any_more(self):
        """Redis is lost when the handler has been closed, and comes back."""
        class Hangs(redis.Redis):
            def pipeline(client, **options):
                if not closed.is_set():
                    hanging.set()
                    closed.wait()
                    raise redis.ConnectionError("lost")
                return super().pipeline(**options)

        hanging, closed = threading.Event(), threading.Event()
        listener = self.listen()
        with Hangs.from_url(self.server.url) as client:
            handler = elva_logging.ElvaHandler("app:log", client=client, flush_timeout=0.1)
            self.logger.addHandler(handler)
            self.logger.info("sent")
            hanging.wait()
            self.logger.info("waits")
            with Stderr() as stderr:
                handler.close()
            self.assertEqual(self.numbers(stderr.text), (1, 1), stderr.text)
            handler.flush_timeout = PATIENCE
            closed.set()
            self.logger.info("after")
        self.assertEqual([message(payload) for payload in listener.until_the_end()], ["after"])

    def test_dropped_records_count_as_not_published(self):
        self.server.kill()
        errors = self.run_program("""
log = logging.getLogger("app")
log.addHandler(ElvaHandler("app:log", url, flush_timeout=0.2, capacity=5))
for i in range(100): log.warning("%d", i)
""")
        self.assertSays(errors, 100)

    def test_nothing_is_said_when_all_was_published(self):
        self.assertEqual(self.run_program("""
log = logging.getLogger("app")
log.addHandler(ElvaHandler("app:log", url, flush_timeout=30))
for i in range(5000): log.warning("%d", i)
"""), "")

    def test_a_record_that_is_logged_after_the_handler_was_closed(self):
        """As by exit handlers that were there before logging's own."""
        listener = self.listen()
        program = """
log = logging.getLogger("app")
handler = ElvaHandler("app:log", url)
log.addHandler(handler)
log.warning("before")
import atexit
logging.shutdown()
for i in range(3): log.warning("after %d", i)
atexit.unregister(logging.shutdown)
"""
        self.assertEqual(self.run_program(program), "")
        self.assertEqual([message(payload) for payload in listener.until_the_end()], ["before", "after 0", "after 1", "after 2"])

    def test_the_last_exit_handler_still_logs(self):
        listener = self.listen()
        directory = self.server.directory
        with open(os.path.join(directory, "sitecustomize.py"), "w") as file:
            file.write("import atexit\natexit.register(lambda: __import__('logging').getLogger('app').warning('very last'))\n")
        source = "import logging, sys\nfrom elva_logging import ElvaHandler\nlogging.getLogger('app').addHandler(ElvaHandler('app:log', sys.argv[1]))\nlogging.getLogger('app').warning('first')\n"
        done = subprocess.run([sys.executable, "-c", source, self.server.url], stderr=subprocess.PIPE, text=True, timeout=60,
                              env={**os.environ, "PYTHONPATH": os.pathsep.join([directory, str(HERE), os.environ.get("PYTHONPATH", "")])})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([message(payload) for payload in listener.until_the_end()], ["first", "very last"])


class WaitTest(RedisTest):
    """A child waits for Redis, and not for long."""

    def test_a_frozen_server_holds_a_child_once(self):
        listener = self.listen()
        began = time.monotonic()
        self.run_program("""
import signal
log = logging.getLogger("app")
log.addHandler(ElvaHandler("app:log", url, flush_timeout=0.2))
child = os.fork()
if child == 0:
    log.warning("first")
    os.kill(int(sys.argv[2]), signal.SIGSTOP)
    for i in range(1000): log.warning("%d", i)  # 200 s, if each waited
    os.kill(int(sys.argv[2]), signal.SIGCONT)
    for handler in log.handlers: handler.flush_timeout = 30
    sys.exit()
os.waitpid(child, 0)
""", str(self.server.process.pid))
        self.assertLess(time.monotonic() - began, 60)
        self.assertEqual(len(listener.until_the_end()), 1001)

    def test_a_dead_server_holds_a_child_not_even_once(self):
        self.server.kill()
        handler = self.handler(wait=True, flush_timeout=60)
        self.addCleanup(setattr, handler, "flush_timeout", 0)
        began = time.monotonic()
        self.logger.warning("unheard")  # ends as soon as the server is known to be gone
        self.logger.warning("unheard")
        self.assertLess(time.monotonic() - began, 60)

    def test_waiting_can_be_asked_for(self):
        handler = self.handler(wait=True)
        listener = self.listen()
        for i in range(100):
            self.logger.warning("%d", i)
            self.assertEqual(handler._pending(), 0)
        self.assertEqual(len(listener.until_the_end()), 100)

    def test_redis_itself_may_log_while_a_child_waits(self):
        class Talkative(redis.Redis):
            def pipeline(client, **options):
                self.logger.info("publishing")
                return super().pipeline(**options)

        with Talkative.from_url(self.server.url) as client:
            handler = elva_logging.ElvaHandler("app:log", client=client, wait=True)
            self.addCleanup(handler.close)
            self.logger.addHandler(handler)
            listener = self.listen()
            with Stderr() as stderr:
                self.logger.info("one")
                handler.close()
                self.logger.info("two")
                handler.close()
            self.assertEqual(stderr.text, "")
            self.assertEqual([message(payload) for payload in listener.until_the_end()], ["one", "two"])

    def test_a_signal_handler_logs_in_the_middle_of_a_record(self):
        handler = self.handler()
        listener = self.listen()
        with handler._changed:  # where the signal interrupts the thread
            self.logger.info("from the signal handler")
        handler.flush()
        self.assertEqual(len(listener.until_the_end()), 1)

    def test_threads_wait_for_their_own_records_only(self):
        """A flood of one thread does not hold another: the queue is never empty while that one waits."""
        handler = self.handler(flush_timeout=PATIENCE)
        send = handler._send

        def send_and_refill(payloads):
            handler._queue.append(b"more")
            return send(payloads)
        handler._send = send_and_refill
        self.logger.info("mine")
        began = time.monotonic()
        handler.flush()
        took = time.monotonic() - began
        del handler._send
        self.assertLess(took, PATIENCE)


def message(payload):
    record = json.loads(payload)
    return record["msg"] % tuple(record["args"]) if record.get("args") else record["msg"]


if __name__ == "__main__":
    unittest.main()
