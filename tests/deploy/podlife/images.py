"""The images of these tests: one with the program alone, and one for apps, which shows the machine's own Python."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
VERSION = tomllib.loads((REPOSITORY / "Cargo.toml").read_text())["package"]["version"]
PROGRAM = f"mesigate:{VERSION}"
APP = "app:test"

# As deploy/image/Dockerfile has it.
PROGRAM_CONFIG = {
    "Entrypoint": ["/usr/bin/mesigate"], "Cmd": ["serve"], "User": "65532:65532",
    "Env": ["PATH=/usr/bin", "MESIGATE_PROFILE=central"],
}


def program_image(node, program):
    """`program` is an OCI archive, or a program: then with the libraries that it needs, if it is not a static one."""
    if Path(program).suffix in (".tar", ".oci"):
        return node.load_image(program, PROGRAM)
    root = node.folder / "program"
    (root / "usr/bin").mkdir(parents=True)
    inside = root / "usr/bin/mesigate"
    # Debug information is a hundred megabytes, of which a pod needs none.
    if shutil.which("strip") is None or subprocess.run(["strip", "-o", inside, program]).returncode != 0:
        shutil.copy2(program, inside)
    for library in _libraries(program):
        (root / library.parent.relative_to("/")).mkdir(parents=True, exist_ok=True)
        shutil.copy2(library, root / library.relative_to("/"))
    return node.images.add(PROGRAM, root, PROGRAM_CONFIG)


def app_image(node):
    root = node.folder / "app"
    for name in ("usr", "etc", "tmp", "proc", "dev", "sys"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    return node.images.add(APP, root, {}, [("/usr", "/usr")])


def _libraries(program):
    told = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return [Path(found) for found in re.findall(r"(/\S+) \(0x", told)]
