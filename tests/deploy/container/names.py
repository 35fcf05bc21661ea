"""Names by DNS, with nothing in the image but the program: no nsswitch.conf, no C library's modules."""

import socket
import struct
import threading

from .cases import case, equal, until
from .life import STAGES_SECONDS
from .network import within

# As the kubelet writes it for a pod of the namespace `default`, but for the server's address.
RESOLV = """\
search default.svc.cluster.local svc.cluster.local cluster.local
nameserver 127.0.0.1
options ndots:5
"""
A, AAAA, NXDOMAIN = 1, 28, 3


class Server(threading.Thread):
    """A DNS server at 127.0.0.1:53 of the container. It knows A records and remembers what it was asked."""

    def __init__(self, process, records):
        super().__init__(daemon=True)
        self.records, self.asked, self.is_ended = records, [], False
        with within(process):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        self.socket.settimeout(0.1)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        # Closing alone would not end the read that waits.
        self.is_ended = True
        self.join()
        self.socket.close()

    def run(self):
        while not self.is_ended:
            try:
                query, client = self.socket.recvfrom(512)
            except TimeoutError:
                continue
            self.socket.sendto(self.answer(query), client)

    def answer(self, query):
        name, end = name_at(query, 12)
        (kind,) = struct.unpack_from(">H", query, end)
        self.asked.append((name, kind))
        address = self.records.get(name)
        addresses = [address] if address and kind == A else []
        flags = 0x8180 | (0 if address else NXDOMAIN)
        head = query[:2] + struct.pack(">HHHHH", flags, 1, len(addresses), 0, 0)
        records = [b"\xc0\x0c" + struct.pack(">HHIH", A, 1, 5, 4) + socket.inet_aton(each) for each in addresses]
        return head + query[12 : end + 4] + b"".join(records)


def name_at(message, place):
    labels = []
    while message[place]:
        length = message[place]
        labels.append(message[place + 1 : place + 1 + length].decode())
        place += 1 + length
    return ".".join(labels).lower(), place + 1


def served_through(world, host, records):
    """A container whose upstream is a sandbox in it, at that name. Gives what the DNS server was asked."""
    environment = [f"MESIGATE__UPSTREAM__URL=http://{host}:9000/backend/"]
    with world.image.run(environment=environment, resolv=RESOLV) as container:
        sandbox = container.background("mesigate", "sandbox", "--listen", "127.0.0.1:9000")
        with Server(container.process, records) as dns:
            ask = "/api.php?op=useradd&token=sandbox&addr=ana&appid=a"
            until("upstream answers", lambda: '"result":true' in container.get(8080, ask)[1])
            code, told = container.exec("mesigate", "check", "--connect")
            equal(f"exit code of mesigate check --connect ({told})", code, 0)
        equal("its exit code", container.stop(STAGES_SECONDS), 0)
        sandbox.wait(STAGES_SECONDS)
    return dns.asked


@case
def a_service_of_the_cluster_is_found_by_its_short_name(world):
    asked = served_through(world, "chat", {"chat.default.svc.cluster.local": "127.0.0.1"})
    equal("the first name asked for", asked[0][0], "chat.default.svc.cluster.local")


@case
def a_name_of_the_world_is_found_after_the_clusters_domains(world):
    asked = served_through(world, "api.chat.example", {"api.chat.example": "127.0.0.1"})
    domains = ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"]
    names = list(dict.fromkeys(name for name, _ in asked))
    equal("the names asked for", names, [*(f"api.chat.example.{each}" for each in domains), "api.chat.example"])
    equal("the kinds of record", {kind for _, kind in asked}, {A, AAAA})


@case
def a_name_that_is_not_there_is_told_as_such(world):
    environment = ["MESIGATE__UPSTREAM__URL=http://chat.example:9000/backend/"]
    with world.image.run(environment=environment, resolv=RESOLV) as container, Server(container.process, {}):
        body = container.get(8080, "/api.php?op=useradd&token=sandbox&addr=ana&appid=a")[1]
        for words in ("UPSTREAMDOWN", '"result":false'):
            assert words in body, f"no {words} in: {body}"
