"""Images on their way to the node ("Images", image pull): from the registry that the name has, by skopeo, as a container
runtime does. A name without a registry must be on the node already."""

import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

_RETRY_SECONDS = 2.0


class Pulls:
    def __init__(self, node):
        self.node, self._pulls = node, {}

    def missing(self, pod):
        """None once all images are there; else which one is not, and why."""
        for group in ("initContainers", "containers"):
            for container in pod["spec"].get(group) or []:
                image = container["image"]
                if self.node.images.find(image) is None and (why := self.fault(image)):
                    return container["name"], why
        return None

    def fault(self, image):
        """None once the image is there; else why it is not, as a reason and a message."""
        pull = self._pulls.get(image)
        if pull is None or (pull.done and pull.fault and time.monotonic() > pull.again):
            pull = self._pulls[image] = _Pull(image, self.node)
        return None if pull.done and not pull.fault else pull.fault or "ContainerCreating"


class _Pull:
    """An image on its way, by a thread of its own. `fault` is a reason and a message, as in a container's state."""

    def __init__(self, image, node):
        self.image, self.node, self.done, self.fault, self.again = image, node, False, None, 0.0
        self._thread = threading.Thread(target=self._pull, daemon=True)
        self._thread.start()

    def _pull(self):
        folder = Path(tempfile.mkdtemp(dir=self.node.folder))
        try:
            registry = self.image.split("/")[0]
            if "/" not in self.image or not ("." in registry or ":" in registry):
                raise RuntimeError("the node does not have it, and no registry but the test's can be reached")
            layout = folder / "layout"
            subprocess.run(["skopeo", "copy", "--quiet", "--src-tls-verify=false", f"docker://{self.image}",
                            f"oci:{layout}:pulled"], check=True, capture_output=True, text=True)
            self.node.images.load(layout, self.image)
        except subprocess.CalledProcessError as fault:
            self.fault = f"ErrImagePull: {fault.stderr.strip().splitlines()[-1:]}"
        except RuntimeError as fault:
            self.fault = f"ErrImagePull: {fault}"
        finally:
            self.again = time.monotonic() + _RETRY_SECONDS
            self.done = True
            shutil.rmtree(folder, ignore_errors=True)
