"""Settings and secrets mounted as folders, as Kubernetes mounts a ConfigMap and a Secret, and changed as it does."""

from kube import atomic_writer

from .cases import case, equal, until
from .life import STAGES_SECONDS

SETTINGS = """
unknown_tokens = "refuse"
[[app]]
name = "web"
keys = [{ file = "/run/secrets/mesigate/web/key" }]
token = { file = "/run/secrets/mesigate/web/token" }
[keys]
interval = "100ms"
[reload]
interval = "100ms"
"""
AUTHFAIL = '"result":false'


class Volume:
    """A folder as a pod of this group gets it. All of its files change at once."""

    def __init__(self, folder, files, group):
        self.folder, self.group = folder, group
        self.put(files)

    def put(self, files):
        atomic_writer.write(self.folder, {name: (text.encode(), 0o640) for name, text in files.items()}, self.group)


def answer(container, key):
    return container.get(8080, f"/api.php?op=useradd&token={key}&addr=ana&appid=a")[1]


@case
def a_secret_that_changes_is_in_use_without_a_restart(world):
    group = 65532
    settings = Volume(world.place("settings"), {"mesigate.toml": SETTINGS}, group)
    secret = Volume(world.place("secret"), {"key": "first-key-of-the-web\n", "token": "sandbox-web\n"}, group)
    mounts = {"/etc/mesigate": settings.folder, "/run/secrets/mesigate/web": secret.folder}
    environment = ["MESIGATE_CONFIG=/etc/mesigate/mesigate.toml"]
    with world.image.run("serve", "--sandbox", environment=environment, mounts=mounts) as container:
        assert '"result":true' in answer(container, "first-key-of-the-web")
        assert '"result":false' in answer(container, "second-key-of-the-web")
        secret.put({"key": "second-key-of-the-web\n", "token": "sandbox-web\n"})
        until("the new key is in use", lambda: '"result":true' in answer(container, "second-key-of-the-web"))
        assert '"result":false' in answer(container, "first-key-of-the-web"), "the old key still opens"
        equal("secrets that can be read", container.metric("mesigate_secrets_ok"), 1)

        applied = 'mesigate_reloads_total{outcome="applied"}'
        before = container.metric(applied)
        settings.put({"mesigate.toml": SETTINGS.replace("refuse", "pass")})
        until("the new settings are in use", lambda: container.metric(applied) > before)
        assert '"result":true' in answer(container, "sandbox-other"), "a token that is no key does not pass"

        settings.put({"mesigate.toml": SETTINGS.replace("refuse", "maybe")})
        until("the wrong settings are refused", lambda: container.metric("mesigate_last_reload_success") == 0)
        assert '"result":true' in answer(container, "second-key-of-the-web"), "a refused reload has changed something"
        equal("its exit code", container.stop(STAGES_SECONDS), 0)
