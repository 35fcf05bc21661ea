"""A registry on loopback (Debian's docker-registry), in the place of the reader's own."""

import http.client
import subprocess
import time

PORT = 5000
NAME = f"127.0.0.1:{PORT}/team"

_SETTINGS = """version: 0.1
storage: {{ filesystem: {{ rootdirectory: {folder} }} }}
http: {{ addr: 127.0.0.1:{port} }}
log: {{ level: warn }}
"""


class Registry:
    def __init__(self, folder):
        settings = folder / "registry.yml"
        settings.write_text(_SETTINGS.format(folder=folder / "registry", port=PORT))
        self._log = open(folder / "registry.log", "wb")
        self._process = subprocess.Popen(["docker-registry", "serve", settings], stdout=self._log, stderr=self._log)
        end = time.monotonic() + 10
        while not self._answers():
            if time.monotonic() > end or self._process.poll() is not None:
                raise RuntimeError(f"the registry does not answer: {(folder / 'registry.log').read_text()}")
            time.sleep(0.05)

    def _answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=1)
        try:
            connection.request("GET", "/v2/")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def close(self):
        self._process.terminate()
        self._process.wait()
        self._log.close()
