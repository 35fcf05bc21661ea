"""Runs the parts in their order, each sentence of them as a test; called by tests/deploy/deb."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import package
import page
import unit
from machine import Machine


def sentences(module):
    """The module's functions whose name is a sentence, as they stand there."""
    own = [one for one in vars(module).values() if isinstance(one, types.FunctionType) and one.__module__ == module.__name__]
    return [one for one in own if one.__name__.count("_") >= 2 and not one.__name__.startswith("_")]


class Run:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def all_of(self, machine, tests):
        """Each goes on where the one before has ended, so the first that fails is the last."""
        for test in tests:
            sentence = test.__name__.replace("_", " ")
            try:
                test(machine)
            except Exception as error:
                self.failed += 1
                print(f"!! FAILED: {sentence}\n{traceback.format_exc()}", file=sys.stderr)
                raise SystemExit(self.close()) from error
            self.passed += 1
            print(f"   {sentence}", flush=True)

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0


def main(program, base, parts):
    # An interrupt ends the machine as a failure does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    run, folder = Run(), Path(tempfile.mkdtemp(prefix="mesigate-deb-"))
    try:
        shutil.copy(program, folder / "mesigate")
        # A program for tests has what debuggers read; a released one has not.
        subprocess.run(["strip", folder / "mesigate"], check=True)
        packages = {"old": package.build(folder / "mesigate", folder), "new": package.build(folder / "mesigate", folder, "0.1.1")}
        root = folder / "root"
        subprocess.run(["cp", "--archive", "--reflink=auto", base, root], check=True)
        shutil.copy(packages["old"], root / "root/OLD.deb")
        shutil.copy(packages["new"], root / "root/NEW.deb")
        os.link(root / "root/OLD.deb", root / "root" / re.sub(r"_[a-z0-9]+\.deb$", "_amd64.deb", packages["old"].name))
        with Machine(root) as machine:
            machine.packages, machine.program = packages, folder / "mesigate"
            tests = sentences(package)
            boots = tests.index(package.the_first_installation_enables_and_starts_it)
            if "package" in parts:
                print("-- the package")
                run.all_of(machine, tests[:boots])
            machine.boot()
            if "package" in parts:
                run.all_of(machine, tests[boots:])
            if "unit" in parts:
                print("-- the unit")
                machine.run("dpkg --install /root/OLD.deb")
                run.all_of(machine, sentences(unit))
                machine.run("dpkg --purge mesigate")
            if "page" in parts:
                print("-- docs/debian.md")
                run.all_of(machine, sentences(page))
    finally:
        shutil.rmtree(folder)
    return run.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:] or ["package", "unit", "page"]))
