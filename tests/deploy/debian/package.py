"""The Debian package: what is in it, and what installing, upgrading, removing and purging it does to a host."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import ledger
import setting
from machine import Failed, holds, until

HERE = Path(__file__).resolve().parents[3]
ACTIONS = {"start", "restart", "try-restart"}
OWNERS_LINE = "# what the owner of this host has written\n"


def build(program, folder, version=None):
    """The package of `program`; with a version, the same one under a higher number, as the next release would be."""
    done = subprocess.run([HERE / "deploy/deb/build", program, folder], capture_output=True, text=True)
    holds(done.returncode == 0, "deploy/deb/build makes a package", done.stdout + done.stderr)
    package = Path(done.stdout.strip())
    if version is None:
        return package
    tree, higher = Path(folder) / "tree", Path(folder) / "NEW.deb"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*", f"Version: {version}-1", control.read_text(), flags=re.M))
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "--build", tree, higher], check=True, capture_output=True)
    shutil.rmtree(tree)
    return higher


# ------------------------------------------------------------------------------------------------------ before it boots


def lintian_has_nothing_to_say(machine):
    done = subprocess.run(
        ["lintian", "--allow-root", "--display-info", "--show-overrides", machine.packages["old"]],
        capture_output=True,
        text=True,
    )
    said = done.stdout + done.stderr
    found = [line for line in said.splitlines() if re.match(r"[EWI]: mesigate", line)]
    holds(done.returncode == 0 and not found, "lintian finds nothing", said)
    overridden = [line for line in said.splitlines() if line.startswith("O: ")]
    print(f"   overridden with a reason: {len(overridden)}")


def two_builds_are_equal_byte_by_byte(machine):
    again = machine.packages["old"].parent / "again"
    again.mkdir()
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (machine.packages["old"], build(machine.program, again))]
    holds(digests[0] == digests[1], "both have one digest", digests)


def a_program_that_needs_a_c_library_is_refused(machine):
    done = subprocess.run([HERE / "deploy/deb/build", "/bin/sh", "/tmp"], capture_output=True, text=True)
    holds(done.returncode == 1 and "needs a C library" in done.stderr, "the build says so", done.stderr)


def it_holds_what_a_host_needs_and_depends_on_no_library(machine):
    listed = subprocess.run(["dpkg-deb", "--contents", machine.packages["old"]], capture_output=True, text=True).stdout
    for path in (
        "usr/bin/mesigate",
        "lib/systemd/system/mesigate.service",
        "etc/mesigate/mesigate.toml",
        "etc/default/mesigate",
        "usr/share/man/man1/mesigate.1.gz",
        "usr/share/bash-completion/completions/mesigate",
        "usr/share/zsh/vendor-completions/_mesigate",
        "usr/share/fish/vendor_completions.d/mesigate.fish",
        "usr/share/doc/mesigate/copyright",
        "usr/share/doc/mesigate/changelog.Debian.gz",
        "usr/share/doc/mesigate/config/mesigate.toml",
        "usr/share/doc/mesigate/docs/debian.md",
    ):
        holds(re.search(rf"root/root .* \./{re.escape(path)}$", listed, re.M), f"{path} is in it, and root's", listed)
    depends = subprocess.run(["dpkg-deb", "--field", machine.packages["old"], "Depends"], capture_output=True, text=True).stdout
    holds(depends.strip() == "passwd", "it depends on what makes the group alone", depends)


def it_is_installed_and_purged_where_there_is_no_systemd(machine):
    before, groups = machine.files(), machine.read("/etc/group")
    machine.chroot("dpkg --install /root/OLD.deb")
    enabled = machine.root / "etc/systemd/system/multi-user.target.wants/mesigate.service"
    holds(enabled.is_symlink(), "the next boot starts it")
    told = machine.chroot("mesigate check --config /etc/mesigate/mesigate.toml")
    holds("fault" not in told, "the shipped settings are sound", told)
    machine.chroot("dpkg --purge mesigate")
    holds(machine.files() == before, "no file is left or gone", machine.files() ^ before)
    holds(machine.read("/etc/group") == groups, "no group is left")


# ------------------------------------------------------------------------------------------------------------- booted


def the_first_installation_enables_and_starts_it(machine):
    machine.before = machine.files(), machine.read("/etc/group")
    machine.run("dpkg --install /root/OLD.deb")
    for question, answer in (("is-enabled", "enabled"), ("is-active", "active")):
        told = machine.run(f"systemctl {question} mesigate", may_fail=True).stdout.strip()
        holds(told == answer, f"the unit is {answer}", told)
    holds(machine.is_ready(), "/readyz says ready", machine.journal())


def it_listens_on_loopback_alone(machine):
    sockets = machine.run("cat /proc/net/tcp /proc/net/tcp6").stdout
    listening = set(re.findall(r"^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A ", sockets, re.M))
    places = {(address, int(port, 16)) for address, port in listening}
    holds(places == {("0100007F", 8080), ("0100007F", 18090)}, "nothing else listens", places)


def an_upgrade_under_load_restarts_it_keeps_settings_and_loses_no_request(machine):
    edited = machine.read(setting.FILE)
    with machine.upstream():
        edited = OWNERS_LINE + edited.replace("https://api.mesibo.com", "http://127.0.0.1:8081")
        machine.write(setting.FILE, edited)
        machine.run("systemctl reload mesigate")
        process = machine.process()
        with machine.load() as load:
            machine.run("dpkg --install /root/NEW.deb")
            holds(machine.process() not in (0, process) and machine.is_ready(), "a new process serves")
        counted = ledger.calls(machine)
    holds(counted == load.counts["answered"], "the ledger has each request, of the old process and of the new one", (counted, load.counts))
    holds(load.counts["lost"] == 0 and load.counts["answered"] > 100, "no request is lost", load.counts)
    print(f"   upgraded under load: {load}")
    holds(machine.read(setting.FILE) == edited, "the edited settings stay")
    holds(machine.run("dpkg-query --show --showformat '${Version}' mesigate").stdout == "0.1.1-1", "it is the new version")
    left = [path for path in machine.files() if re.search(r"mesigate.*\.dpkg-", path)]
    holds(not left, "no copy of settings lies about", left)


def the_ledger_outlives_an_upgrade_and_the_way_back(machine):
    with machine.upstream():
        ledger.call(machine, 3)
        before = ledger.until_kept(machine)
        holds(3 in before.values(), "three calls of one client are counted", before)
        for version in ("OLD", "NEW"):
            machine.run(f"dpkg --install /root/{version}.deb")
            holds(ledger.clients(machine) == before, f"{version}.deb goes on with the same numbers", ledger.clients(machine))


def _after_an_upgrade(machine, before, state, enabled):
    machine.run("dpkg --install /root/OLD.deb")
    machine.run(before)
    process = machine.process()
    machine.run("dpkg --install /root/NEW.deb")
    told = machine.run("systemctl is-active mesigate; systemctl is-enabled mesigate", may_fail=True).stdout.split()
    told = [machine.show("ActiveState"), machine.run("systemctl is-enabled mesigate", may_fail=True).stdout.strip()]
    holds(told == [state, enabled], f"after `{before}` an upgrade leaves it {state} and {enabled}", told)
    return process


def an_upgrade_leaves_a_stopped_service_stopped(machine):
    setting.serve(machine)
    _after_an_upgrade(machine, "systemctl stop mesigate", "inactive", "enabled")


def an_upgrade_leaves_a_disabled_service_disabled(machine):
    _after_an_upgrade(machine, "systemctl disable --quiet --now mesigate", "inactive", "disabled")


def an_upgrade_restarts_a_disabled_service_that_runs(machine):
    process = _after_an_upgrade(machine, "systemctl start mesigate", "active", "disabled")
    holds(machine.process() != process, "a new process serves")


def an_upgrade_leaves_a_masked_service_masked(machine):
    _after_an_upgrade(machine, "systemctl mask --quiet --now mesigate", "inactive", "masked")
    machine.run("systemctl unmask --quiet mesigate; systemctl enable --quiet --now mesigate")


def an_upgrade_with_settings_that_cannot_be_served_is_finished_and_says_so(machine):
    machine.run("dpkg --install /root/OLD.deb")
    sound = machine.read(setting.FILE)
    machine.write(setting.FILE, "colour = 'red'\n")
    told = machine.run("dpkg --install /root/NEW.deb")
    holds("journalctl --unit mesigate" in told.stderr, "it says where the reason is", told.stderr)
    state = machine.run("dpkg-query --show --showformat '${Status}' mesigate").stdout
    holds(state == "install ok installed", "the package is installed", state)
    machine.write(setting.FILE, sound)
    machine.run("systemctl start mesigate")


def a_removal_stops_it_and_keeps_the_settings_and_the_ledger(machine):
    settings, kept = machine.read(setting.FILE), machine.read(ledger.STORED)
    machine.run("dpkg --remove mesigate")
    holds(machine.show("ActiveState") == "inactive", "it is stopped", machine.show("ActiveState"))
    holds(machine.get("http://127.0.0.1:18090/readyz") == "", "nobody listens")
    holds(machine.read(setting.FILE) == settings, "the settings stay")
    holds(machine.read(ledger.STORED) == kept, "the ledger stays")


def installed_again_it_serves_with_the_settings_from_before(machine):
    settings = machine.read(setting.FILE)
    machine.run("dpkg --install /root/OLD.deb")
    holds(machine.is_ready(), "it is ready", machine.journal()[-1000:])
    holds(machine.read(setting.FILE) == settings, "the settings are those from before")


def a_policy_that_forbids_to_start_services_is_heeded(machine):
    machine.run("dpkg --remove mesigate; printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d")
    machine.run("dpkg --install /root/OLD.deb; rm /usr/sbin/policy-rc.d")
    holds(machine.show("ActiveState") == "inactive", "it is not started", machine.show("ActiveState"))
    machine.run("systemctl start mesigate")


def a_purge_keeps_what_its_owner_has_put_beside_the_settings(machine):
    machine.run("echo secret >/etc/mesigate/secrets/token")
    machine.run("dpkg --purge mesigate")
    readers = machine.run("stat --format '%G' /etc/mesigate/secrets/token").stdout.strip()
    holds(readers == "mesigate-secrets", "the file and its group are there", readers)
    machine.run("rm /etc/mesigate/secrets/token; dpkg --install /root/OLD.deb")


def a_purge_leaves_nothing(machine):
    ledger.call(machine, 1)
    until("the ledger is written with the shipped settings", lambda: ledger.is_there(machine))
    machine.run("dpkg --purge mesigate")
    files, groups = machine.before
    holds(machine.files() == files, "no file is left or gone", machine.files() ^ files)
    holds(machine.read("/etc/group") == groups, "no group is left")
    listed = machine.run("systemctl list-units --all --plain --no-legend 'mesigate*'").stdout
    holds("mesigate" not in listed, "systemd knows no such unit", listed)
