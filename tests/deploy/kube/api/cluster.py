"""All of it together: store, server, controllers and nodes, with one end."""

import itertools

import yaml

from . import server
from .controllers import Controllers
from .nodes import Nodes
from .store import Store
from .verbs import Verbs


class Cluster:
    """Use it as a context. `kubeconfig` is a file for kubectl and helm."""

    def __init__(self, folder, port=0):
        self.store = Store()
        numbers = itertools.count(10)
        self.verbs = Verbs(self.store, lambda: f"10.96.0.{next(numbers)}")
        server.namespaces(self.verbs)
        self.nodes = Nodes(self.verbs)
        self.controllers = Controllers(self.verbs, self.nodes)
        self.server = server.Server(self.verbs, self.nodes, port)
        self.kubeconfig = folder / "kubeconfig"
        self.kubeconfig.write_text(yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": self.server.url}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "users": [{"name": "test", "user": {}}]}))

    @property
    def faults(self):
        """What went wrong in the stand-in itself: there should be nothing."""
        return [*self.server.faults, *self.controllers.faults, *self.nodes.faults]

    def close(self):
        self.store.close()
        self.server.close()
        self.controllers.join()
        self.nodes.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
