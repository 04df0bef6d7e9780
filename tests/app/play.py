"""What the tests of the command share: they play its user, who types commands and looks at what comes back.

Environment: JW_TEST_SCALE multiplies every time limit (builds under a sanitizer); memory is judged at 1 only.
"""
import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SCALE = float(os.environ.get("JW_TEST_SCALE", "1"))
SANITIZED = SCALE > 1
GIB = 1 << 30
SKIPPED = 77

cache = tempfile.TemporaryDirectory()  # warm-ups, shared by the tests of one file; not the user's own
binary = ""
source = ""


class Result:
    def __init__(self, command, status, out, err, processor_s, peak_bytes):
        self.command, self.status, self.out, self.err = command, status, out, err
        self.processor_s, self.peak_bytes = processor_s, peak_bytes

    def __str__(self):
        return "%s\nstatus %s after %.2f s of processors\n-- out\n%s\n-- err\n%s" % (
            " ".join(self.command), self.status, self.processor_s, self.out[-3000:], self.err[-3000:])

    def json(self):
        return json.loads(self.out, parse_constant=lambda text: fail("JSON holds %s" % text))


def fail(text):
    raise AssertionError(text)


def text_of(file):
    file.seek(0)
    return file.read().decode("utf-8")  # whatever is printed is UTF-8


class Running:
    """A command under way; it is ended after limit_s, which is a net for what hangs and no bound on speed."""

    def __init__(self, arguments, cwd, environment=None, file_limit_bytes=None, limit_s=300):
        self.command = [binary] + [str(a) for a in arguments]
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        env = dict(os.environ, LC_ALL="C.UTF-8", HOME=cwd, XDG_CONFIG_HOME=cwd, XDG_CACHE_HOME=cache.name)
        if file_limit_bytes: # clang's thread sanitizer maps a file of its own, which would be cut, where it has a folder
            env["TMPDIR"] = "/nowhere"
        for name, value in (environment or {}).items():
            env.pop(name, None)
            if value is not None:
                env[name] = value

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit_bytes, file_limit_bytes))

        self.process = subprocess.Popen(self.command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=self.out,
                                        stderr=self.err, preexec_fn=limit if file_limit_bytes else None)
        self.timer = threading.Timer(limit_s * SCALE, self.process.kill)
        self.timer.start()

    def abandon(self):
        """After a test that failed half-way."""
        if self.process.returncode is None:
            self.process.kill()
            self.end()

    def wait_for(self, text):
        """Until it was said."""
        while text not in text_of(self.err):
            if self.process.poll() is not None:
                fail("ended before it said %s" % text)
            time.sleep(0.02)

    def send(self, number):
        self.process.send_signal(number)

    def end(self):
        _, status, usage = os.wait4(self.process.pid, 0)
        self.timer.cancel()
        self.process.returncode = os.waitstatus_to_exitcode(status)
        result = Result(self.command, self.process.returncode, text_of(self.out), text_of(self.err),
                        usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
        self.out.close()
        self.err.close()
        return result


class Play(unittest.TestCase):
    """Each test has an empty folder, self.folder, in which the commands run."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="jingwei-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def start(self, *arguments, **more):
        running = Running(arguments, self.folder, **more)
        self.addCleanup(running.abandon)
        return running

    def jingwei(self, *arguments, status=0, **more):
        """Plays one command to its end; a status of None stands for any of ours."""
        result = self.start(*arguments, **more).end()
        self.assertIn(result.status, (0, 1, 2) if status is None else (status,), result)
        return result

    def refused(self, *arguments, saying=(), limit_s=10, status=2, **more):
        """Status 2, a message that holds each text of `saying`, nothing written, soon and in little memory. Soon is
        said in processor time: the machine may be busy with others."""
        before = self.listing()
        result = self.jingwei(*arguments, status=status, **more)
        self.assertEqual(self.listing(), before, "something was written: %s" % result)
        self.assertEqual(result.out, "", result)
        self.assertIn("jingwei", result.err, result)
        for text in [saying] if isinstance(saying, str) else saying:
            self.assertIn(text, result.err, result)
        self.assertNotIn("AddressSanitizer", result.err)
        self.assertLess(result.processor_s, limit_s * SCALE, result)
        if not SANITIZED:
            self.assertLess(result.peak_bytes, GIB, result)
        return result

    def listing(self):
        return sorted(os.path.join(folder, name) for folder, _, files in os.walk(self.folder) for name in files + [""])

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return name

    def read_json(self, *names):
        with open(self.path(*names), encoding="utf-8") as file:
            return json.load(file)


def scene(name):
    return os.path.join(source, "scenes", name)


def script(name):
    return os.path.join(source, "scripts", name)


def data(name):
    return os.path.join(source, "tests", "data", name)


def real_data(name):
    folder = os.environ.get("JINGWEI_DATA")
    if not folder:
        raise unittest.SkipTest("JINGWEI_DATA is unset: no real maps")
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        raise unittest.SkipTest("%s is not there" % path)
    return path


def main():
    """Runs the tests of the calling file; 77 where all of them were skipped."""
    global binary, source
    parser = argparse.ArgumentParser()
    parser.add_argument("--jingwei", required=True, help="path of the command")
    parser.add_argument("--source", required=True, help="path of the tree")
    options, rest = parser.parse_known_args()
    binary, source = os.path.abspath(options.jingwei), os.path.abspath(options.source)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    program = unittest.main(module="__main__", argv=[sys.argv[0]] + rest, verbosity=2, exit=False)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.testsRun > 0 and len(result.skipped) == result.testsRun else 0)
