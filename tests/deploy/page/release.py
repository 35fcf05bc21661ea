"""The folder that a reader has: the files of a release, by the names that `deploy/release` gives them, and those of the
next one, which is the same program under another number, so that there is something to upgrade to."""

import shutil
import subprocess
from pathlib import Path

from . import images

ROOT = Path(__file__).resolve().parents[3]
NEXT = "0.2.0"


def version():
    for line in (ROOT / "Cargo.toml").read_text().splitlines():
        if line.startswith("version = "):
            return line.split('"')[1]
    raise ValueError("Cargo.toml has no version")


def make(folder, program):
    """`program` is a program or an OCI archive of its image."""
    folder.mkdir()
    archive = folder / f"mesigate-{version()}-linux-amd64.oci.tar"
    if Path(program).suffix == ".tar":
        shutil.copy2(program, archive)
    else:
        images.program(Path(program), archive, folder.parent)
    shutil.copy2(archive, folder / f"mesigate-{NEXT}-linux-amd64.oci.tar")
    for number in (version(), NEXT):
        subprocess.run(["helm", "package", ROOT / "deploy/chart", "--destination", folder, "--version", number,
                        "--app-version", number], check=True, capture_output=True, text=True)
    name = f"mesigate-{version()}-kustomize"
    subprocess.run(["tar", "czf", folder / f"{name}.tar.gz", "-C", ROOT / "deploy", f"--transform=s,^kustomize,{name},",
                    "kustomize"], check=True)
