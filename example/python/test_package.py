"""The package installs from the repository's folder, and its types are there for the program that imports it."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from support import HERE, RedisTest, need, need_command


class PackageTest(RedisTest):
    def run_command(self, *command, **options):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, **options)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def repository(self):
        """A git repository with this folder where Elva's has it, so that nothing need be committed in Elva's own."""
        top = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, top)
        shutil.copytree(HERE, top / "example" / "python", ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
        self.run_command("git", "init", "-q", cwd=top)
        self.commit(top)
        return top

    def commit(self, top):
        self.run_command("git", "add", "example", cwd=top)
        self.run_command("git", "-c", "user.name=Elva", "-c", "user.email=elva@example.org", "commit", "-q", "-m", "all", cwd=top)

    def test_pip_installs_it_from_the_subdirectory_and_upgrades_it(self):
        for module in "pip", "venv", "setuptools", "wheel":
            need(module)
        need_command("git")
        top = self.repository()
        venv = top / "venv"
        # The packages of the system stand in for PyPI, which a test must do without.
        self.run_command(sys.executable, "-m", "venv", "--system-site-packages", "--without-pip", venv)
        python = venv / "bin" / "python"
        self.run_command(python, "-m", "pip", "install", "--no-index", "--no-build-isolation", f"git+file://{top}#subdirectory=example/python", cwd=top)
        listener = self.listen()
        program = top / "program.py"
        program.write_text("import logging, sys\nfrom elva_logging import ElvaHandler\n"
                           "handler = ElvaHandler('app:log', sys.argv[1], flush_timeout=30)\nlogging.getLogger().addHandler(handler)\nlogging.warning('installed')\n")
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self.run_command(python, program, self.server.url, cwd=top, env=environment)
        self.assertEqual([listener.next()["msg"]], ["installed"])
        files = self.run_command(python, "-m", "pip", "show", "--files", "elva-logging", cwd=top, env=environment)
        self.assertIn("elva_logging/py.typed", files)
        self.assertNotIn("test_", files)
        self.assertRegex(files, r"(?m)^Requires: redis$")

        with open(top / "example" / "python" / "elva_logging" / "__init__.py", "a") as file:
            file.write("upgraded = True\n")
        self.commit(top)
        document = (HERE / ".." / ".." / "docs" / "operate.md").read_text()
        options, package = re.search(r'`pip install ([-a-z ]+) "git\+https://github.com/SupermanScott/Elva(#\S+)"`', document).groups()
        self.run_command(python, "-m", "pip", "install", *options.split(), "--no-index", "--no-build-isolation", f"git+file://{top}{package}", cwd=top)
        self.run_command(python, "-c", "from elva_logging import upgraded", cwd=top, env=environment)

    def test_types(self):
        """Each part of the package is typed, and a program's mistakes are found."""
        need_command("mypy")
        directory = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, directory)
        (directory / "mypy.ini").write_text("[mypy]\nstrict = True\ncache_dir = /dev/null\n[mypy-redis.*]\nignore_missing_imports = True\n")
        mypy = "mypy", "--config-file", directory / "mypy.ini", "--python-executable", sys.executable
        self.run_command(*mypy, HERE / "elva_logging")
        program = directory / "program.py"
        program.write_text("from elva_logging import ElvaHandler\nElvaHandler('app:log').flush(7)\nElvaHandler.to(7)\n")
        done = subprocess.run([*mypy, program], stdout=subprocess.PIPE, text=True, cwd=directory, timeout=300, env={**os.environ, "MYPYPATH": str(HERE)})
        self.assertRegex(done.stdout, r"program\.py:2: error: Too many arguments for \"flush\"")
        self.assertRegex(done.stdout, r"program\.py:3: error: Argument 1 to \"to\"")


if __name__ == "__main__":
    unittest.main()
