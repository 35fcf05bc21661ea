"""A refusal as Kubernetes words it: a Status object with a reason that clients act on (API conventions, "Response
Status Kind")."""


class Refusal(Exception):
    def __init__(self, code, reason, message, details=None):
        super().__init__(message)
        self.code, self.reason, self.details = code, reason, details or {}

    def status(self):
        return {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": str(self), "reason": self.reason, "details": self.details, "code": self.code,
        }


def not_found(kind, name):
    return Refusal(404, "NotFound", f'{kind.qualified} "{name}" not found',
                   {"name": name, "group": kind.group, "kind": kind.plural})


def already_exists(kind, name):
    return Refusal(409, "AlreadyExists", f'{kind.qualified} "{name}" already exists',
                   {"name": name, "group": kind.group, "kind": kind.plural})


def conflict(kind, name, why):
    return Refusal(409, "Conflict", f'Operation cannot be fulfilled on {kind.qualified} "{name}": {why}',
                   {"name": name, "group": kind.group, "kind": kind.plural})


def invalid(kind, name, causes):
    """`causes` are pairs of a field and what is wrong with it."""
    listed = [{"reason": "FieldValueInvalid", "message": text, "field": path} for path, text in causes]
    said = ", ".join(f"{path}: {text}" for path, text in causes)
    where = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    return Refusal(422, "Invalid", f'{where} "{name}" is invalid: {said}',
                   {"name": name, "group": kind.group, "kind": kind.kind, "causes": listed})


def bad_request(message):
    return Refusal(400, "BadRequest", message)


def forbidden(kind, name, why):
    return Refusal(403, "Forbidden", f'{kind.qualified} "{name}" is forbidden: {why}',
                   {"name": name, "group": kind.group, "kind": kind.plural})
