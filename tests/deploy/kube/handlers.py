"""What hooks and probes do: a command in the container, a request or a connection to the pod's address, a sleep."""

import asyncio

from .manifest import Unsupported


class Target:
    """Where a handler acts: the container, and the node, which is where the kubelet asks from."""

    def __init__(self, node_namespace, pod_address, spec, execute):
        self.node_namespace, self.pod_address, self.spec = node_namespace, pod_address, spec
        self.execute = execute

    def port(self, named):
        """A port's number, by itself or by its name in the container."""
        if isinstance(named, int) or str(named).isdigit():
            return int(named)
        for port in self.spec.get("ports") or []:
            if port.get("name") == named:
                return port["containerPort"]
        raise Unsupported(f"{self.spec['name']}: no port is called {named}")


async def perform(handler, target):
    """Returns None if it went well, or what was wrong."""
    if "exec" in handler:
        code, output = await target.execute(handler["exec"]["command"])
        return None if code == 0 else f"exit code {code}: {output.strip()}"
    if "httpGet" in handler:
        return await _http_get(handler["httpGet"], target)
    if "tcpSocket" in handler:
        return await _tcp(handler["tcpSocket"], target)
    if "sleep" in handler:
        await asyncio.sleep(handler["sleep"]["seconds"])
        return None
    raise Unsupported(f"{target.spec['name']}: a handler that is neither exec, httpGet, tcpSocket nor sleep")


async def _http_get(get, target):
    if get.get("scheme", "HTTP") != "HTTP":
        raise Unsupported(f"{target.spec['name']}: probes by {get['scheme']} are not simulated")
    address = get.get("host") or target.pod_address
    port = target.port(get["port"])
    lines = [f"GET {get.get('path', '/')} HTTP/1.1", f"Host: {address}:{port}", "User-Agent: kube-probe/1.36"]
    lines += [f"{header['name']}: {header['value']}" for header in get.get("httpHeaders") or []]
    lines += ["Accept: */*", "Connection: close", "", ""]
    try:
        reader, writer = await _connected(address, port, target)
        try:
            writer.write("\r\n".join(lines).encode())
            line = await reader.readline()
        finally:
            writer.close()
    except OSError as error:
        return str(error)
    status = line.split(b" ")[1:2]
    if not status or not status[0].isdigit():
        return "no HTTP answer"
    return None if 200 <= int(status[0]) < 400 else f"HTTP {int(status[0])}"


async def _tcp(tcp, target):
    try:
        _, writer = await _connected(tcp.get("host") or target.pod_address, target.port(tcp["port"]), target)
        writer.close()
    except OSError as error:
        return str(error)
    return None


async def _connected(address, port, target):
    connection = target.node_namespace.socket()
    connection.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(connection, (address, port))
    except BaseException:
        connection.close()
        raise
    return await asyncio.open_connection(sock=connection)
