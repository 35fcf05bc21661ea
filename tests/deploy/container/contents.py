"""What is in the image, and that it is the same each time."""

import hashlib
import json
import os
import platform
import re
import subprocess
import tempfile
import time
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from license_expression import get_spdx_licensing
from packageurl import PackageURL

from .archive import Archive
from .cases import case, equal

MIB = 1 << 20
ROOT = Path(__file__).resolve().parents[3]
VERSION = re.search(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
PROCESSOR = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
DOCUMENTS = "usr/share/doc/mesigate"
SBOM = f"{DOCUMENTS}/mesigate.cdx.json"


def build(program, archive):
    """What the script says: the image's name and digest."""
    command = [str(ROOT / "deploy/image/build"), str(archive), program]
    told = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert told.returncode == 0, told.stderr
    return told.stdout.split()


def output(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def sbom_of(image):
    (layer,) = image.layers()
    return layer.extractfile(SBOM).read()


def crates():
    """Name and version of each crate that is linked into the program."""
    tree = output("cargo", "tree", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}")
    lines = [line.split() for line in tree.splitlines() if line.strip()]
    return {(name, version.lstrip("v")) for name, version, *_ in lines}


@case
def two_builds_are_one_image(world):
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder, "again.tar")
        name, digest = build(world.program, again)
        equal("its name", name, f"mesigate:{VERSION}")
        equal("the digest of the second build", digest, world.archive.digest)
        equal("the archive's bytes", again.read_bytes() == world.archive.path.read_bytes(), True)
    world.say(f"built twice: {digest}")


@case
def the_dockerfile_is_as_hadolint_likes_it(world):
    told = subprocess.run([os.environ["HADOLINT"], str(ROOT / "deploy/image/Dockerfile")], capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr


@case
def it_is_small(world):
    image = world.archive
    archive, layer = image.path.stat().st_size, image.manifest["layers"][0]["size"]
    unpacked = sum(member.size for layer in image.layers() for member in layer)
    world.say(f"archive {archive / MIB:.2f} MiB, layer {layer / MIB:.2f} MiB, unpacked {unpacked / MIB:.2f} MiB")
    assert archive <= 10 * MIB, f"the archive has {archive} bytes"


@case
def it_has_the_program_its_licences_its_packages_and_nothing_else(world):
    (layer,) = world.archive.layers()
    members = {member.name.rstrip("/"): member for member in layer}
    files = sorted(name for name, member in members.items() if not member.isdir())
    equal("its files", files, ["usr/bin/mesigate", f"{DOCUMENTS}/LICENSE", f"{DOCUMENTS}/NOTICES", SBOM])
    for name, member in members.items():
        equal(f"the owner of {name}", (member.uid, member.gid), (0, 0))
        equal(f"others' and setuid bits of {name}", member.mode & 0o7022, 0)
    equal("the program", layer.extractfile("usr/bin/mesigate").read() == Path(world.program).read_bytes(), True)


@case
def it_says_what_it_is_and_how_it_is_run(world):
    config = world.archive.config["config"]
    equal("ENTRYPOINT", config["Entrypoint"], ["/usr/bin/mesigate"])
    equal("CMD", config["Cmd"], ["serve"])
    equal("USER", config["User"], "65532:65532")
    equal("ENV", sorted(config["Env"]), ["MESIGATE_PROFILE=central", "PATH=/usr/bin"])
    equal("its system", (world.archive.config["os"], world.archive.config["architecture"]), ("linux", PROCESSOR))


@case
def it_is_loaded_as_docker_and_as_others_load_it(world):
    whole = world.archive.config["rootfs"]["diff_ids"]
    for kind in ("oci-archive", "docker-archive"):
        with tempfile.TemporaryDirectory() as folder:
            output("skopeo", "copy", "--quiet", f"{kind}:{world.archive.path}", f"oci:{folder}/copy:it")
            manifest = json.loads(output("skopeo", "inspect", "--raw", f"oci:{folder}/copy:it"))
            config = json.loads(output("skopeo", "inspect", "--config", f"oci:{folder}/copy:it"))
            equal(f"its layers as {kind}", (len(manifest["layers"]), config["rootfs"]["diff_ids"]), (1, whole))
    equal("its name for Docker", json.loads(world.archive.files["manifest.json"])[0]["RepoTags"], [f"mesigate:{VERSION}"])


@case
def its_labels_name_version_commit_time_and_licence(world):
    labels = world.archive.config["config"]["Labels"]
    label = lambda name: labels[f"org.opencontainers.image.{name}"]
    description = re.search(r'^description = "(.+)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
    equal("title", label("title"), "mesigate")
    equal("description", label("description"), description)
    equal("version", label("version"), VERSION)
    equal("licenses", label("licenses"), "Apache-2.0")
    equal("revision", label("revision").removesuffix("-dirty"), output("git", "rev-parse", "HEAD").strip())
    time_of_commit = time.gmtime(int(output("git", "log", "-1", "--format=%ct")))
    equal("created", label("created"), time.strftime("%Y-%m-%dT%H:%M:%SZ", time_of_commit))
    equal("time of the image itself", world.archive.config["created"][:19] + "Z", label("created"))


@case
def its_list_of_packages_is_what_its_label_says_and_has_each_crate_in_the_program(world):
    labels, sbom = world.archive.config["config"]["Labels"], sbom_of(world.archive)
    equal("its place", labels["io.mesigate.sbom"], f"/{SBOM}")
    equal("its digest", labels["io.mesigate.sbom.digest"], "sha256:" + hashlib.sha256(sbom).hexdigest())
    listed = json.loads(sbom)
    components = {(each["name"], each["version"]) for each in listed["components"]}
    equal("its subject", listed["metadata"]["component"]["version"], VERSION)
    equal("crates that it leaves out", crates() - components - {("mesigate", VERSION)}, set())
    linked = {each["name"] for each in listed["components"] if each["scope"] == "required"}
    assert {"glibc", "rust-std"} < linked, "it leaves out what comes with the compilers"
    equal("build scripts' own packages among what is linked", linked & {"cc", "cmake"}, set())
    for trace in (str(ROOT), str(Path.home()), "/tmp/"):
        assert trace not in sbom.decode(), f"it names {trace}, a place of the machine that built it"
    world.say(f"{len(components)} packages listed")


@case
def its_list_of_packages_is_read_by_others(world):
    sbom = sbom_of(world.archive).decode()
    equal("faults by CycloneDX's schema", JsonStrictValidator(SchemaVersion.V1_5).validate_str(sbom), None)
    spdx = get_spdx_licensing()
    for each in json.loads(sbom)["components"]:
        (licence,) = each["licenses"]
        equal(f"faults of {each['name']}'s licence", spdx.validate(licence["expression"]).errors, [])
        equal(f"the name in {each['purl']}", PackageURL.from_string(each["purl"]).name, each["name"])


@case
def its_notices_name_each_crate_in_the_program_and_have_the_texts(world):
    (layer,) = world.archive.layers()
    notices = layer.extractfile(f"{DOCUMENTS}/NOTICES").read().decode()
    for name, version in crates():
        assert name == "mesigate" or f"\n  {name} {version}: " in notices, f"{name} {version} is not named"
    for words in ("Permission is hereby granted, free of charge", "GNU LESSER GENERAL PUBLIC LICENSE", "mimalloc", "## preact"):
        assert words in notices, f"there is no text with: {words}"


@case
def the_program_needs_nothing_and_names_no_place_of_its_builder(world):
    content = Path(world.program).read_bytes()
    assert b"/ld-linux" not in content[:4096], "it asks for a loader"
    for trace in (str(ROOT), str(Path.home() / ".cargo")):
        assert trace.encode() not in content, f"it names {trace}"
