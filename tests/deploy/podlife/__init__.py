"""What happens to requests while pods begin, change and end: the gateway's own manifests, run as Kubernetes would."""
