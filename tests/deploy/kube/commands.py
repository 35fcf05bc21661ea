"""Programs of the system, whose failures say what they said."""

import asyncio
import subprocess


class Failed(Exception):
    """A command that did not do what it was asked for."""


def run(*argv, stdin=""):
    """What a command printed."""
    done = subprocess.run(argv, input=stdin, text=True, capture_output=True)
    return _printed(argv, done.returncode, done.stdout, done.stderr)


async def arun(*argv, stdin=""):
    """The same, while other tasks go on."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe, stderr=pipe)
    out, err = await process.communicate(stdin.encode())
    return _printed(argv, process.returncode, out.decode(), err.decode(errors="replace"))


def _printed(argv, code, out, err):
    if code != 0:
        raise Failed(f"{' '.join(map(str, argv))}: exit code {code}: {err.strip() or out.strip()}")
    return out
