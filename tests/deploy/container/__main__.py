"""python3 -m container PROGRAM [CASE ...], as tests/deploy/image calls it."""

import os
import sys
import tempfile
import time
from pathlib import Path

from . import cases, contents, life, mounts, names, running
from .archive import Archive

OF_CONTENTS = contents.__name__


class World:
    """What all cases share: the program, its image, and a folder for what they make."""

    def __init__(self, program, folder):
        self.program, self.home = program, folder
        self.version = contents.VERSION
        self.processors = len(os.sched_getaffinity(0))
        archive = folder / "mesigate.oci.tar"
        contents.build(program, archive)
        self.archive = Archive(archive)
        self.image = running.Image(self.archive, folder)

    def say(self, words):
        print(f"image: {words}", flush=True)

    def place(self, name):
        return Path(tempfile.mkdtemp(dir=self.home)) / name

    def folder(self, name, files):
        folder = self.place(name)
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
        return folder


def chosen(wanted):
    unknown = set(wanted) - {case.__name__ for case in cases.ALL}
    if unknown:
        raise SystemExit(f"there is no case {', '.join(sorted(unknown))}; there are: "
                         + ", ".join(case.__name__ for case in cases.ALL))
    return [case for case in cases.ALL if not wanted or case.__name__ in wanted]


def run(case, world):
    """Whether it holds."""
    try:
        case(world)
    except Exception as error:
        notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", []))
        kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
        print(f"image: FAILED: {case.__name__}: {kind}{error}{notes}", file=sys.stderr, flush=True)
        return False
    return True


def main():
    program, wanted = sys.argv[1], sys.argv[2:]
    start = time.monotonic()
    todo, reason = chosen(wanted), running.cannot()
    if reason:
        message = f"!! NOT CHECKED: the image as a container: {reason}"
        print(message, file=sys.stderr)
        if os.environ.get("CI") or wanted:
            raise SystemExit(1)
        todo = [case for case in todo if case.__module__ == OF_CONTENTS]
    with tempfile.TemporaryDirectory() as folder:
        # Containers' users go through it.
        Path(folder).chmod(0o755)
        world = World(program, Path(folder))
        passed = sum(run(case, world) for case in todo)
    print(f"{passed} passed, {len(todo) - passed} failed", flush=True)
    print(f"image: {time.monotonic() - start:.0f} s")
    raise SystemExit(passed != len(todo))


main()
