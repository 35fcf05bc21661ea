"""How programs of each language are run: each class makes ready what a folder of programs needs, then runs them."""

import base64
import os
import shutil
import subprocess
from pathlib import Path

from worlds import SECONDS, Failed, environment

HERE = Path(__file__).resolve().parent
PHP_LIBRARIES = "/usr/share/php"
JARS = "/usr/share/java"


def jars(*names):
    return os.pathsep.join(f"{JARS}/{name}.jar" for name in names)


def called(command, cwd=None, env=None):
    """The exit code, and what was printed, to standard output and error."""
    try:
        done = subprocess.run(
            command, cwd=cwd, env=env or environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=3 * SECONDS
        )
    except FileNotFoundError as error:
        raise Failed(f"{command[0]} is not here") from error
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def made(command, cwd=None):
    """Runs what must not fail."""
    code, out, err = called(command, cwd)
    if code != 0:
        raise Failed(f"{' '.join(map(str, command[:4]))} …:\n{(out + err)[-3000:]}")


def batch(runner, programs, env):
    """Runs a process that runs many programs and says of each, on a line, how it ended and what it said in Base64."""
    code, out, err = called([*runner, *programs], env=env)
    if code != 0:
        raise Failed(f"{runner}: {err[-3000:]}")
    for line in out.splitlines():
        ended, *said = line.split(" ")
        yield int(ended), *(base64.b64decode(text[1:]).decode() for text in said)


class Language:
    """A program a process; subclasses say by which command."""

    name = "program"
    command = []
    is_run = True

    def ready(self, folder, programs):
        """Writes each program, and what is beside it."""
        self.files = []
        for number, program in enumerate(programs):
            place = folder / f"p{number}"
            place.mkdir()
            file = place / self.name
            file.write_text(program, encoding="utf-8", newline="")
            self.files.append(file)
        self.prepare(folder)

    def prepare(self, folder):
        pass

    def run(self, number, env):
        file = self.files[number]
        return called([*self.command, str(file)], cwd=file.parent, env=env)

    def run_all(self, numbers, env):
        """Runs programs one after the other."""
        for number in numbers:
            yield self.run(number, env)


class Curl(Language):
    name, command = "call.sh", ["/bin/sh"]


class PhpCurl(Language):
    name, command = "call.php", ["/usr/bin/php", "-d", "zend.assertions=1", "-d", "error_reporting=-1"]


class PhpGuzzle(PhpCurl):
    autoload = [f"{PHP_LIBRARIES}/GuzzleHttp/autoload.php"]

    def prepare(self, folder):
        # Where composer would put it.
        for file in self.files:
            (file.parent / "vendor").mkdir()
            lines = "".join(f"require_once '{path}';\n" for path in self.autoload)
            (file.parent / "vendor/autoload.php").write_text(f"<?php\n{lines}", encoding="ascii")


class Laravel(PhpGuzzle):
    autoload = [
        f"{PHP_LIBRARIES}/{name}/autoload.php" for name in ("PhpOption", "Dotenv", "GuzzleHttp", "Illuminate/Http")
    ]
    # Debian's packages of Laravel 8 are older than its PHP, which finds words of theirs deprecated.
    command = ["/usr/bin/php", "-d", "error_reporting=E_ALL & ~E_DEPRECATED"]

    def prepare(self, folder):
        super().prepare(folder)
        for file in self.files:
            shutil.copytree(HERE / "laravel/bootstrap", file.parent / "bootstrap")


class PythonRequests(Language):
    name, command = "call.py", ["/usr/bin/python3", "-W", "error::SyntaxWarning"]


class JsFetch(Language):
    name, command = "call.mjs", ["node"]

    def run_all(self, numbers, env):
        """All in one process, which says of each how it ended."""
        return batch(["node", str(HERE / "runner.mjs")], [str(self.files[number]) for number in numbers], env)


class NodeAxios(JsFetch):
    def prepare(self, folder):
        shutil.copytree(node_modules(), folder / "node_modules", symlinks=True)


class Go(Language):
    name = "main.go"

    def prepare(self, folder):
        (folder / "go.mod").write_text("module programs\n\ngo 1.18\n", encoding="ascii")
        code, unformatted, err = called(["gofmt", "-l", "."], cwd=folder)
        if code != 0 or unformatted:
            raise Failed(f"not as gofmt has it: {unformatted}{err}")
        (folder / "bin").mkdir()
        # Without what a debugger needs: a third of the time.
        made(["go", "build", "-ldflags=-s -w", "-o", "bin/", "./..."], cwd=folder)

    def run(self, number, env):
        file = self.files[number]
        return called([str(file.parent.parent / "bin" / file.parent.name)], cwd=file.parent, env=env)


class Java(Language):
    name = "MesiboCall.java"

    def entries(self, numbers):
        return [word for number in numbers for word in (str(self.files[number].parent), "MesiboCall")]

    def run(self, number, env):
        return next(self.run_all([number], env))

    def run_all(self, numbers, env):
        runner = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", str(HERE / "Runner.java"), self.classpath]
        return batch(runner, self.entries(numbers), env)


class JavaOkhttp(Java):
    classpath = jars("okhttp", "okio", "com.android.json")


class JavaHttpclient(Java):
    classpath = jars("com.android.json")

    def prepare(self, folder):
        # One as a person would start it: a source file by itself.
        code, out, err = called(["java", "-cp", self.classpath, str(self.files[0])], env=environment())
        if code == 0 or "MESIBO_APP_TOKEN is not set" not in err:
            raise Failed(f"as a single source file: {out}{err}")


class KotlinRetrofit(Java):
    name = "call.kt"
    libraries = jars("okhttp", "okio", "gson", "kotlin-stdlib")

    def prepare(self, folder):
        stand_in = folder / "retrofit"
        sources = [str(path) for path in (HERE / "retrofit").rglob("*.java")]
        made(["javac", "-nowarn", "-cp", self.libraries, "-d", str(stand_in), *sources])
        for number, file in enumerate(self.files):
            text = file.read_text(encoding="utf-8")
            # All are compiled at once, and each has a `main`.
            file.write_text(f"package p{number}\n\n{text}", encoding="utf-8", newline="")
        jar = folder / "programs.jar"
        paths = f"{stand_in}{os.pathsep}{self.libraries}"
        made(["kotlinc", "-cp", paths, "-d", str(jar), *map(str, self.files)])
        self.classpath = f"{jar}{os.pathsep}{stand_in}/{os.pathsep}{self.libraries}"

    def entries(self, numbers):
        return [word for number in numbers for word in (str(self.files[number].parent), f"p{number}.CallKt")]


class DartHttp(Language):
    """Read with a grammar, not run."""

    name = "call.dart"
    is_run = False

    def prepare(self, folder):
        made(["node", str(node_modules().parent / "parse-dart.mjs"), *map(str, self.files)])


def node_modules():
    """The packages of Node.js, installed from the lock file where they are not there."""
    source = HERE / "node"
    place = Path(os.environ.get("CARGO_TARGET_DIR") or HERE.parent.parent / "target") / "code-node"
    lock = (source / "package-lock.json").read_bytes()
    if not (place / "lock").exists() or (place / "lock").read_bytes() != lock:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, place)
        made(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place)
        (place / "lock").write_bytes(lock)
    shutil.copy(source / "parse-dart.mjs", place)
    return place / "node_modules"


# The language, how it is run, what must be there, and the Debian packages that bring it.
LANGUAGES = [
    ("curl", Curl, ["curl", "jq"], ["curl", "jq"]),
    ("php-curl", PhpCurl, ["/usr/lib/php/*/curl.so"], ["php-cli", "php-curl"]),
    ("php-guzzle", PhpGuzzle, [f"{PHP_LIBRARIES}/GuzzleHttp"], ["php-cli", "php-curl", "php-guzzlehttp-guzzle"]),
    ("laravel", Laravel, [f"{PHP_LIBRARIES}/{name}" for name in ("Illuminate/Http", "GuzzleHttp", "Dotenv", "PhpOption")],
     ["php-cli", "php-illuminate-http", "php-guzzlehttp-guzzle", "php-vlucas-phpdotenv", "php-phpoption"]),
    ("python-requests", PythonRequests, ["/usr/lib/python3/dist-packages/requests"], ["python3-requests"]),
    ("js-fetch", JsFetch, ["node"], ["nodejs"]),
    ("node-axios", NodeAxios, ["node", "npm"], ["nodejs", "npm"]),
    ("go", Go, ["go", "gofmt"], ["golang-go"]),
    ("java-httpclient", JavaHttpclient, ["javac", f"{JARS}/com.android.json.jar"],
     ["openjdk-17-jdk-headless", "libandroid-json-java"]),
    ("java-okhttp", JavaOkhttp, ["javac", f"{JARS}/okhttp.jar", f"{JARS}/com.android.json.jar"],
     ["openjdk-17-jdk-headless", "libokhttp-java", "libandroid-json-java"]),
    ("kotlin-retrofit", KotlinRetrofit, ["kotlinc", "javac", f"{JARS}/okhttp.jar", f"{JARS}/gson.jar"],
     ["kotlin", "openjdk-17-jdk-headless", "libokhttp-java", "libgoogle-gson-java"]),
    ("dart-http", DartHttp, ["node", "npm"], ["nodejs", "npm"]),
]
