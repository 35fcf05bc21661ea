"""A small Kubernetes API server for the tests of docs/kubernetes.md: what kubectl and helm need of one, and no more.

No API server can be had from a package registry, so this one is written from the public rules of Kubernetes. Each
module names the rule that it follows. Objects are checked by the real OpenAPI schemas of Kubernetes (package
kubernetes-validate); merge keys, list types and unknown fields come from there too, never from a list kept here.

The modules, from the top down: `server` (sockets), `routes` (paths), `verbs` (what a request does), `streams` (exec,
logs, forwarded ports), `tables` (columns for `kubectl get`), `controllers` (what makes pods of Deployments), `nodes`
(what runs them), `merge` and `owners` (patches, and who owns a field), `defaults`, `rules` and `security` (what is filled
in and what is refused), `store` (objects and watches), `schema`, `kinds`.

It does not have: authentication, RBAC, admission webhooks, CRDs, StatefulSets, DaemonSets, CronJobs, metrics for an
autoscaler (that one only keeps to its minimum and maximum), Ingress and NetworkPolicy in effect (both are stored only).
"""
