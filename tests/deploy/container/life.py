"""The image as a container: who it is, how it ends, what it takes."""

import signal
import threading
import http.client

from .cases import case, equal, until
from .network import Connection
from .running import MIB

ASK = "/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app"
SANDBOX = ["serve", "--sandbox"]
# The shipped stages of an end: announced, linger, drain. And a moment for a busy machine.
STAGES_SECONDS = 2 + 1 + 25 + 10


class Client(threading.Thread):
    """Sends one request after the other until nobody listens any more. An answer that does not come is lost."""

    def __init__(self, container, number, most=None):
        super().__init__(daemon=True)
        self.process, self.number, self.most = container.process, number, most
        self.answered, self.lost = 0, []

    def run(self):
        connection = Connection(self.process, 8080)
        while self.most is None or self.answered < self.most:
            if connection.sock is None:
                try:
                    connection.connect()
                except OSError:
                    # Its network and its listener are gone.
                    return
            self.ask(connection)

    def ask(self, connection):
        try:
            connection.request("GET", f"/api.php?op=useradd&token=sandbox{self.number}&addr=a{self.answered}&appid=a")
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.lost.append(repr(error))
            connection.close()
            return
        if answer.status == 200 and b'"result":true' in body:
            self.answered += 1
        else:
            self.lost.append(f"{answer.status} {body[:200]}")


def clients(container, count, most=None):
    started = [Client(container, number, most) for number in range(count)]
    for client in started:
        client.start()
    return started


@case
def it_answers_as_process_1_without_a_right(world):
    with world.image.run(*SANDBOX) as container:
        status = container.status()
        equal("its process in the container", status["NSpid"].split()[-1], "1")
        equal("its user", set(status["Uid"].split()), {"65532"})
        equal("its capabilities", {status[name] for name in ("CapEff", "CapPrm", "CapBnd")}, {"0" * 16})
        equal("no_new_privs and seccomp", (status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        answer = container.get(8080, ASK)
        equal("the answer's status", answer[0], 200)
        assert '"result":true' in answer[1], answer
        equal("its exit code", container.stop(STAGES_SECONDS), 0)


@case
def it_ends_as_process_1_with_nothing_lost(world):
    with world.image.run(*SANDBOX) as container:
        callers = clients(container, 16)
        until("all clients are served", lambda: all(client.answered > 20 for client in callers))
        equal("its exit code", container.stop(STAGES_SECONDS), 0)
        for client in callers:
            client.join(STAGES_SECONDS)
        equal("requests lost", [lost for client in callers for lost in client.lost], [])
        world.say(f"SIGTERM among {sum(client.answered for client in callers)} requests of 16 clients: none lost")


@case
def a_second_signal_ends_it_at_once(world):
    with world.image.run(*SANDBOX) as container:
        container.signal(signal.SIGTERM)
        until("the end is announced", lambda: container.get(18090, "/readyz")[0] == 503)
        container.signal(signal.SIGTERM)
        equal("its exit code", container.exit_code(), 1)


@case
def its_workers_go_by_the_quota_of_processors(world):
    here = world.processors
    for quota, wanted in ((1, 1), (0.5, 1), (1.5, 1), (2.5, min(2, here)), (None, here)):
        with world.image.run(*SANDBOX, processors=quota) as container:
            workers = container.metric("mesigate_workers")
            equal(f"workers with a quota of {quota} on {here} processors", workers, wanted)
            world.say(f"quota {quota}: {workers:.0f} workers")


@case
def it_stays_within_64_mib_under_load(world):
    with world.image.run(*SANDBOX, memory=64 * MIB) as container:
        callers = clients(container, 48, most=250)
        for client in callers:
            client.join(120)
        equal("requests lost", [lost for client in callers for lost in client.lost], [])
        equal("requests answered", sum(client.answered for client in callers), 48 * 250)
        usage = container.memory()["usage"]
        equal("times at the limit", usage["failcnt"], 0)
        world.say(f"64 MiB limit: {usage['max'] / MIB:.1f} MiB at most in {48 * 250} requests on 48 connections")
        equal("its exit code", container.stop(STAGES_SECONDS), 0)


@case
def it_writes_nowhere(world):
    before = world.image.listing()
    with world.image.run(*SANDBOX) as container:
        for _ in range(50):
            equal("the answer's status", container.get(8080, ASK)[0], 200)
        written = open(f"/proc/{container.process}/io").read()
        assert "write_bytes: 0\n" in written, f"it has written to a disk: {written}"
        equal("files open for writing", open_for_writing(container.process), [])
        equal("its exit code", container.stop(STAGES_SECONDS), 0)
    equal("the root folder is as before", world.image.listing() == before, True)


def open_for_writing(process):
    """Files, not sockets and pipes; beside the three that it was given."""
    import os
    found = []
    for number in os.listdir(f"/proc/{process}/fd"):
        target = os.readlink(f"/proc/{process}/fd/{number}")
        flags = next(line for line in open(f"/proc/{process}/fdinfo/{number}") if line.startswith("flags:"))
        if int(number) > 2 and target.startswith("/") and int(flags.split()[1], 8) & 0o3:
            found.append(target)
    return found


@case
def any_other_user_works_as_well(world):
    # As OpenShift has it: a number of the project's own, and group 0.
    with world.image.run(*SANDBOX, user=(1000660000, 0)) as container:
        equal("its user", set(container.status()["Uid"].split()), {"1000660000"})
        equal("the answer's status", container.get(8080, ASK)[0], 200)
        equal("its exit code", container.stop(STAGES_SECONDS), 0)


@case
def a_wrong_setting_ends_it_with_a_sentence(world):
    settings = world.folder("wrong", {"mesigate.toml": '[listen]\nadress = "0.0.0.0:8080"\n'})
    environment = ["MESIGATE_CONFIG=/etc/mesigate/mesigate.toml"]
    with world.image.run(environment=environment, mounts={"/etc/mesigate": settings}, ready=False) as container:
        equal("its exit code", container.exit_code(), 1)
        log = container.logged()
        for words in ("/etc/mesigate/mesigate.toml", "adress", "address"):
            assert words in log, f"no word of {words} in: {log}"


@case
def its_own_commands_are_the_tools_in_it(world):
    with world.image.run(*SANDBOX) as container:
        for command, wanted in (
            (("health",), ""),
            (("health", "--ready"), ""),
            (("check",), ""),
            (("explain", "op=groupadd&token=T&name=Team"), '"groupadd"'),
            (("breaches",), ""),
            (("ops",), "useradd"),
            (("--version",), world.version),
        ):
            code, told = container.exec("mesigate", *command)
            equal(f"exit code of mesigate {' '.join(command)} ({told})", code, 0)
            assert wanted in told, f"mesigate {' '.join(command)} says {told}"
        code, told = container.exec("mesigate", "drain", "--wait", "0s")
        equal(f"exit code of mesigate drain ({told})", code, 0)
        equal("readiness", container.get(18090, "/readyz")[0], 503)
        code, told = container.exec("mesigate", "health", "--ready")
        equal(f"exit code of mesigate health --ready once the end is announced ({told})", code, 1)
        equal("its exit code", container.stop(STAGES_SECONDS), 0)
