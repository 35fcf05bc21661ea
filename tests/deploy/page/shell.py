"""One bash for the whole page, so that what a block exports is there in the next one, as in a reader's terminal."""

import subprocess
import time
from dataclasses import dataclass

# A command that fails is noted with its text; those behind it run, as they would in a terminal.
_PRELUDE = """
set -E -o pipefail
trap 'printf "%s\\n" "$BASH_COMMAND" >>"$PAGE_FAILED"' ERR
"""


@dataclass
class Came:
    out: str
    err: str
    failed: list


class Shell:
    def __init__(self, folder, environment, deadline):
        self.folder, self.deadline, self._number = folder, deadline, 0
        self._failed = folder / "failed"
        self.place = folder / "release"
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], stdin=subprocess.PIPE, cwd=self.place, start_new_session=True,
            env={**environment, "PAGE_FAILED": str(self._failed)}, text=True)
        self._say(_PRELUDE)

    def run(self, text):
        """What a block wrote, and the commands of it that failed."""
        self._number += 1
        names = {name: self.folder / f"{self._number}.{name}" for name in ("sh", "out", "err", "done")}
        names["sh"].write_text(text)
        self._failed.write_text("")
        self._say(f". '{names['sh']}' >'{names['out']}' 2>'{names['err']}' </dev/null; : >'{names['done']}'\n")
        end = time.monotonic() + self.deadline
        while not names["done"].exists():
            if self._process.poll() is not None:
                raise RuntimeError(f"the shell has ended within:\n{text}\n{names['err'].read_text()}")
            if time.monotonic() > end:
                raise RuntimeError(f"not done within {self.deadline} s:\n{text}\n{names['out'].read_text()}\n"
                                   f"{names['err'].read_text()}")
            time.sleep(0.02)
        return Came(names["out"].read_text(), names["err"].read_text(), self._failed.read_text().splitlines())

    def close(self):
        """Ends the shell; what it left in the background has ended with its block, or ends with the server."""
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _say(self, text):
        self._process.stdin.write(text)
        self._process.stdin.flush()
