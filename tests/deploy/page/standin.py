"""That the stand-in of a cluster can say no, and says it as Kubernetes does: otherwise the page's commands would prove
little. Each case is a line of a shell and what the refusal says."""

_DEPLOYMENT = """{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
  "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "%(label)s"}}, "spec": {
    "containers": [{"name": "app", "image": "busybox:1.37", "command": ["sleep", "1000"], %(more)s}]}}}}"""
_GOOD = {"label": "web", "more": '"env": []'}


def _apply(**changed):
    return f"kubectl apply -f - <<<'{_DEPLOYMENT % {**_GOOD, **changed}}'"


CASES = [
    ("an unknown field", _apply(more='"readynessProbe": {}'),
     'unknown field "spec.template.spec.containers[0].readynessProbe"'),
    ("a wrong type", _apply(more='"ports": [{"containerPort": "http"}]'),
     "spec.template.spec.containers[0].ports[0].containerPort"),
    ("a selector that selects nothing of its own", _apply(label="other"),
     "`selector` does not match template `labels`"),
    ("a mount without its volume", _apply(more='"volumeMounts": [{"name": "a", "mountPath": "/a"}]'),
     "spec.template.spec.containers[0].volumeMounts[0].name: Not found"),
    ("a namespace that is not there", "kubectl create configmap a --namespace nowhere", 'namespaces "nowhere" not found'),
    ("a kind that nobody installed",
     "kubectl apply -f - <<<'{apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: a}}'",
     'no matches for kind "PodMonitor"'),
    ("a changed selector", _apply() + " && kubectl patch deployment web --type json "
     """--patch '[{"op": "add", "path": "/spec/selector/matchLabels/tier", "value": "a"},
                  {"op": "add", "path": "/spec/template/metadata/labels/tier", "value": "a"}]'""",
     "field is immutable"),
    ("another manager's field", "kubectl create configmap a --from-literal=k=1 && kubectl apply --server-side "
     "--field-manager other -f - <<<'{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: \"2\"}}'",
     'conflict with "kubectl-create": .data.k'),
    ("an object that has changed meanwhile", "kubectl get configmap a -o yaml >old.yaml && "
     "kubectl patch configmap a -p '{\"data\": {\"k\": \"3\"}}' && kubectl replace -f old.yaml",
     "the object has been modified"),
    ("a second of a name", "kubectl create configmap a", 'configmaps "a" already exists'),
    ("a pod that Pod Security does not allow",
     "kubectl label namespace trial pod-security.kubernetes.io/enforce=restricted && kubectl run loose --image=busybox:1.37",
     'violates PodSecurity "restricted:latest"'),
    ("an image that nobody brought", "kubectl create deployment lost --image=127.0.0.1:5000/lost:1 --dry-run=client -o yaml "
     "| kubectl apply --namespace default -f - && kubectl rollout status deployment lost --namespace default --timeout 2s",
     "timed out waiting for the condition"),
    ("a command that is not in the image",
     "kubectl rollout status deployment web && kubectl exec deployment/web -- mesigate", "executable file not found"),
    ("a pod that a budget keeps", "kubectl create -f - <<<'{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: "
     "{name: web}, spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}}' && kubectl drain node-a node-b "
     "--pod-selector app=web --timeout 2s", "would violate the pod's disruption budget"),
]


def check(shell):
    """Runs them in a namespace of their own, and takes all of it away again."""
    shell.run("kubectl create namespace trial && kubectl config set-context --current --namespace trial")
    for what, line, said in CASES:
        came = shell.run(line + "\n")
        if not came.failed or said not in came.err:
            raise SystemExit(f"kubernetes: the stand-in should refuse {what}, with {said!r}:\n{line}\n{came.out}{came.err}")
    came = shell.run("kubectl uncordon node-a node-b\nkubectl delete deployment lost --namespace default\n"
                     "kubectl delete namespace trial\nkubectl config set-context --current --namespace default\n"
                     "rm -f old.yaml\n")
    if came.failed:
        raise SystemExit(f"kubernetes: {came.failed[0]}: {came.err}")
    print(f"   the stand-in of a cluster refuses what it should: {len(CASES)} cases", flush=True)
