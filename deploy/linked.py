"""What is linked into the program, for deploy/notices and deploy/sbom: as cargo has resolved it for this processor,
without a network."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def ask(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


class Graph:
    """`program` is mesigate itself, `packages` all that it is built with, by their ids; `linked` are the ids of those
    that end in it, the others only help to build it; `needs` are the ids that each package needs."""

    def __init__(self):
        host = re.search(r"^host: (.+)$", ask("rustc", "-vV"), re.MULTILINE)[1]
        command = ["cargo", "metadata", "--format-version=1", "--offline", "--locked", "--filter-platform", host]
        told = json.loads(ask(*command))
        self.nodes = {node["id"]: node for node in told["resolve"]["nodes"]}
        root = told["resolve"]["root"]
        self.linked = self.reached(root, {None})
        reached = self.reached(root, {None, "build"})
        self.packages = {each["id"]: each for each in told["packages"] if each["id"] in reached}
        self.program = next(each for each in told["packages"] if each["id"] == root)

    def needs(self, package, kinds=frozenset({None, "build"})):
        return sorted(
            dependency["pkg"]
            for dependency in self.nodes[package]["deps"]
            if any(kind["kind"] in kinds for kind in dependency["dep_kinds"])
        )

    def reached(self, root, kinds):
        found, left = set(), [root]
        while left:
            new = set(self.needs(left.pop(), kinds)) - found
            found |= new
            left += new
        return found

    def sorted(self):
        return sorted(self.packages.values(), key=lambda each: (each["name"], each["version"]))


def checksums():
    """The SHA-256 of each package as the registry gives it out, by name and version."""
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    return {(each["name"], each["version"]): each.get("checksum") for each in lock["package"]}


# Packages that name a file in place of a licence, with what a person has read in it.
READ = {("libyaml-safer", "LICENSE-MIT"): "MIT"}


def licence(package):
    """As SPDX writes it; some packages still have a slash for OR."""
    name, file = package["name"], package["license_file"]
    found = package["license"] or READ.get((name, file))
    if not found:
        raise SystemExit(f"{name} names no licence, but the file {file}: read it, and name the licence in deploy/linked.py")
    return re.sub(r"\s*/\s*", " OR ", found)
