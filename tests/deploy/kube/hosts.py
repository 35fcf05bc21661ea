"""The files by which a pod knows names: its own, and, in the place of a cluster's DNS, those of Services."""

HOSTS = """127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost
{address}\t{name}
"""


def write_hosts(pod):
    """Written in place, since containers have the very file mounted."""
    metadata = pod.manifest["metadata"]
    text = HOSTS.format(address=pod.network.address, name=metadata["name"])
    for alias in pod.spec.get("hostAliases") or []:
        text += f"{alias['ip']}\t{' '.join(alias['hostnames'])}\n"
    for name, address in sorted(pod.node.names.items()):
        text += f"{address}\t{name}\n"
    (pod.folder / "hosts").write_text(text)
    (pod.folder / "hostname").write_text(metadata["name"] + "\n")
    domains = f"{metadata['namespace']}.svc.cluster.local svc.cluster.local cluster.local"
    (pod.folder / "resolv.conf").write_text(f"search {domains}\nnameserver 127.0.0.1\noptions ndots:5\n")
