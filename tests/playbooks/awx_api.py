# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Simulate the part of the API of AWX 24.6 that the modules of awx.awx use, with the rules of AWX for stored values.

It listens on loopback, in a thread of the test, keeps everything in memory and refuses a field that AWX would silently ignore.
"""

from __future__ import annotations

import dataclasses
import http.server
import json
import re
import threading
import typing as t
from urllib.parse import parse_qsl, urlsplit

import jinja2
import jinja2.sandbox

ROOT = "/api/v2/"
TOKEN = "stand-in-token-0123456789"
SECRET = "$encrypted$"

Item = t.Dict[str, t.Any]


class Refusal(Exception):
    """The error response of a request that the API refuses."""

    def __init__(self, status: int, body: t.Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


@dataclasses.dataclass(frozen=True)
class Kind:
    """One type of object. ``fields`` are the writable fields with their defaults."""

    type: str
    fields: Item
    required: tuple[str, ...] = ("name",)
    # Fields that a client may send but that AWX does not store.
    ignored: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    unique: tuple[str, ...] = ("name",)


_NOTIFICATIONS = tuple(f"notification_templates_{event}" for event in ("started", "success", "error"))
_LINKS = ("success_nodes", "failure_nodes", "always_nodes")
_NAMED: Item = {"name": "", "description": ""}
_PROMPTS: Item = {
    f"ask_{what}_on_launch": False
    for what in "scm_branch diff_mode variables limit tags skip_tags job_type verbosity inventory credential execution_environment labels timeout".split()
}

RESOURCE_TYPES: dict[str, Kind] = {
    "organizations": Kind(
        "organization",
        {**_NAMED, "max_hosts": 0, "default_environment": None},
        related=("galaxy_credentials", *_NOTIFICATIONS),
    ),
    "credential_types": Kind(
        "credential_type",
        {**_NAMED, "kind": "", "inputs": {}, "injectors": {}},
        required=("name", "kind"),
        ignored=("managed",),
        unique=("name", "kind"),
    ),
    "credentials": Kind(
        "credential",
        {**_NAMED, "organization": None, "credential_type": None, "inputs": {}},
        required=("name", "credential_type"),
        unique=("organization", "name", "credential_type"),
    ),
    "execution_environments": Kind(
        "execution_environment",
        {**_NAMED, "organization": None, "image": "", "credential": None, "pull": ""},
        required=("name", "image"),
    ),
    "projects": Kind(
        "project",
        {
            **_NAMED,
            "organization": None,
            "scm_type": "",
            "scm_url": "",
            "scm_branch": "",
            "local_path": "",
            "credential": None,
            "scm_update_on_launch": False,
            "default_environment": None,
            "allow_override": False,
        },
        related=_NOTIFICATIONS,
        unique=("organization", "name"),
    ),
    "inventories": Kind(
        "inventory",
        {**_NAMED, "organization": None, "kind": "", "host_filter": None, "variables": ""},
        required=("name", "organization"),
        related=("instance_groups",),
        unique=("organization", "name"),
    ),
    "hosts": Kind(
        "host",
        {**_NAMED, "inventory": None, "enabled": True, "variables": ""},
        required=("name", "inventory"),
        unique=("inventory", "name"),
    ),
    "inventory_sources": Kind(
        "inventory_source",
        {
            **_NAMED,
            "inventory": None,
            "source": None,
            "source_project": None,
            "source_path": "",
            "credential": None,
            "execution_environment": None,
            "overwrite": False,
            "overwrite_vars": False,
            "update_on_launch": False,
            "update_cache_timeout": 0,
        },
        required=("name", "inventory", "source"),
        related=_NOTIFICATIONS,
        unique=("inventory", "name"),
    ),
    "notification_templates": Kind(
        "notification_template",
        {**_NAMED, "organization": None, "notification_type": "webhook"},
        unique=("organization", "name"),
    ),
    "job_templates": Kind(
        "job_template",
        {
            **_NAMED,
            **_PROMPTS,
            "job_type": "run",
            "inventory": None,
            "project": None,
            "playbook": "",
            "execution_environment": None,
            "extra_vars": "",
            "forks": 0,
            "job_slice_count": 1,
            "survey_enabled": False,
            "allow_simultaneous": False,
        },
        required=("name", "project", "playbook"),
        ignored=("organization",),
        related=("credentials", "labels", "instance_groups", *_NOTIFICATIONS),
        unique=("organization", "name"),
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        {
            **_NAMED,
            "organization": None,
            "extra_vars": "",
            "survey_enabled": False,
            "allow_simultaneous": False,
            "inventory": None,
            "limit": None,
        },
        related=("labels", "notification_templates_approvals", *_NOTIFICATIONS),
        unique=("organization", "name"),
    ),
    "workflow_job_template_nodes": Kind(
        "workflow_job_template_node",
        {
            "identifier": "",
            "workflow_job_template": None,
            "unified_job_template": None,
            "extra_data": {},
            "all_parents_must_converge": False,
        },
        required=("identifier", "workflow_job_template"),
        ignored=("type",),
        related=(*_LINKS, "credentials", "labels", "instance_groups"),
        unique=("workflow_job_template", "identifier"),
    ),
    "workflow_approval_templates": Kind("workflow_approval_template", {**_NAMED, "timeout": 0}),
    "schedules": Kind(
        "schedule",
        {**_NAMED, "rrule": "", "enabled": True, "extra_data": {}, "unified_job_template": None},
        required=("name", "rrule", "unified_job_template"),
        related=("credentials", "labels", "instance_groups"),
        unique=("unified_job_template", "name"),
    ),
}
# The kinds of objects that a relation refers to.
RELATED_KINDS = {
    "credentials": ("credentials",),
    "galaxy_credentials": ("credentials",),
    **dict.fromkeys((*_NOTIFICATIONS, "notification_templates_approvals"), ("notification_templates",)),
    **dict.fromkeys(_LINKS, ("workflow_job_template_nodes",)),
}
UNIFIED = ("job_templates", "workflow_job_templates", "projects", "inventory_sources", "workflow_approval_templates")
REFERENCES = {
    "credential": "credentials",
    "source_project": "projects",
    "organization": "organizations",
    "credential_type": "credential_types",
    "inventory": "inventories",
    "project": "projects",
    "execution_environment": "execution_environments",
    "workflow_job_template": "workflow_job_templates",
}


# ---------------------------------------------------------------------------------------------------------------------
# The rules of AWX for stored values


def check_credential_type(item: Item) -> str:
    """Return the problem of a credential type, or an empty text."""
    fields = item["inputs"].get("fields", [])
    known = set("id label type format choices help_text multiline secret ask_at_runtime default".split())
    names = [field["id"] for field in fields]
    if item["kind"] not in ("cloud", "net"):
        return "only kinds cloud and net can be made"
    if set(item["inputs"]) - {"fields", "required"} or set(item["injectors"]) - {"file", "env", "extra_vars"}:
        return "unknown key"
    if len(set(names)) < len(names) or {"tower", "awx"} & set(names):
        return "ids must be unique, and tower is reserved"
    for field in fields:
        wrong = (
            set(field) - known
            or not re.fullmatch(r"[a-zA-Z_]\w*", field["id"])
            or not field["label"]
            or field["type"] not in ("string", "boolean")
        )
        if wrong or (field["type"] == "boolean" and {"choices", "multiline", "format", "secret"} & set(field)):
            return f"field {field['id']}"
    return check_injectors(item["injectors"], names)


def check_injectors(injectors: Item, names: t.Sequence[str]) -> str:
    files = injectors.get("file", {})
    if any(not re.fullmatch(r"template(\.[a-zA-Z_]\w*)?", name) for name in files) or (
        "template" in files and len(files) > 1
    ):
        return f"file names {sorted(files)}"
    filename: t.Any = "NAME" if "template" in files else {name.partition(".")[2]: "NAME" for name in files}
    example = {**dict.fromkeys(names, "EXAMPLE"), "tower": {"filename": filename}}
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
    for variable in injectors.get("env", {}):
        if variable.startswith("ANSIBLE_") or variable in ("PATH", "PYTHONPATH", "JOB_ID", "HOME"):
            return f"{variable} is not allowed"
    for group in injectors.values():
        for name, template in group.items():
            try:
                environment.from_string(template).render(example).encode("ascii")
            except (jinja2.TemplateError, UnicodeError) as error:
                return f"{name}: {error}"
    return ""


_QUESTION_TYPES: dict[str, type] = {
    **dict.fromkeys(("text", "textarea", "password", "multiplechoice", "multiselect"), str),
    "integer": int,
    "float": float,
}


def check_survey(spec: Item) -> str:
    """Return the problem of a survey specification, or an empty text."""
    for key, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(spec.get(key), kind):
            return f"{key} is missing or wrong"
    variables = [question.get("variable") for question in spec["spec"]]
    if not variables or len(set(variables)) < len(variables):
        return "no questions, or two with one variable"
    return next((found for found in map(check_question, spec["spec"]) if found), "")


def check_question(question: Item) -> str:
    label = question.get("variable")
    for key, kind in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
        if not isinstance(question.get(key), kind):
            return f"{label}: {key} is missing or wrong"
    wanted = _QUESTION_TYPES.get(question["type"])
    default = question.get("default", "")
    if wanted is None or (default != "" and (not isinstance(default, wanted) or isinstance(default, bool))):
        return f"{label}: type {question['type']}, default {default!r}"
    if any(not isinstance(question.get(key) or 0, int) for key in ("min", "max")):
        return f"{label}: min and max are integers"
    if question["type"] in ("multiplechoice", "multiselect"):
        choices = question.get("choices")
        if not choices or any(line not in choices for line in default.splitlines()):
            return f"{label}: choices {choices}, default {default!r}"
    return ""


def check_answer(question: Item, answer: t.Any) -> str:
    """Return the problem of an answer to a survey, or an empty text."""
    kinds: dict[str, t.Any] = {**_QUESTION_TYPES, "multiselect": list, "float": (int, float)}
    if not isinstance(answer, kinds[question["type"]]) or isinstance(answer, bool):
        return f"{question['variable']}: {answer!r} is not of type {question['type']}"
    if question["type"] == "multiplechoice" and answer not in question["choices"]:
        return f"{question['variable']}: {answer!r} is not one of {question['choices']}"
    return ""


def check_rule(rule: str) -> str:
    """Return the problem of a recurrence rule, or an empty text."""
    if len(re.findall(r"DTSTART(?:;[^:]+)?:\d{8}T\d{6}Z?", rule)) != 1 or re.search(r"DTSTART:\d{8}T\d{6}(?!Z)", rule):
        return "exactly one DTSTART with a time zone"
    rules = re.findall(r"RRULE:\S*", rule)
    if not rules or any("INTERVAL=" not in one or "SECONDLY" in one for one in rules):
        return "each RRULE needs an INTERVAL, and none is SECONDLY"
    return ""


# ---------------------------------------------------------------------------------------------------------------------
# Stored objects


class State:
    """All objects, and the calls that were made."""

    def __init__(self, playbooks: t.Iterable[str] = (), superuser: bool = True) -> None:
        """``playbooks`` are the files in the repository of the project. AWX finds them when it updates the project."""
        self.playbooks = set(playbooks)
        self.superuser = superuser
        self.updates: dict[int, Item] = {}
        self._synchronized: dict[int, set[str]] = {}
        self.items: dict[str, dict[int, Item]] = {kind: {} for kind in RESOURCE_TYPES}
        self.links: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[tuple[str, int], Item] = {}
        self.calls: list[tuple[str, str]] = []
        self._last = 0

    def named(self, kind: str, name: str) -> Item:
        """Return the only object with this name."""
        (found,) = [item for item in self.items[kind].values() if item.get("name", item.get("identifier")) == name]
        return found

    def names(self, kind: str) -> list[str]:
        return [str(item.get("name", item.get("identifier"))) for item in self.items[kind].values()]

    def linked(self, kind: str, item: Item, relation: str) -> list[int]:
        return self.links.get((kind, item["id"], relation), [])

    def writes(self) -> list[tuple[str, str]]:
        """Return the requests that can change something, without log-in and log-out."""
        return [call for call in self.calls if call[0] != "GET" and "/tokens/" not in call[1]]

    def add(self, kind: str, body: Item) -> Item:
        """Add an object and return it. Raise Refusal for values that AWX refuses."""
        spec = RESOURCE_TYPES[kind]
        missing = [name for name in spec.required if body.get(name) in (None, "")]
        if missing:
            raise Refusal(400, {name: ["This field is required."] for name in missing})
        self._last += 1
        item = {
            **spec.fields,
            "id": self._last,
            "type": spec.type,
            "url": f"{ROOT}{kind}/{self._last}/",
            "summary_fields": {},
        }
        if kind == "credential_types":
            item["managed"] = False
        if kind in UNIFIED and kind != "inventory_sources":
            item.update(
                organization=body.get("organization"),
                scm_revision="",
                related={"survey_spec": f"{item['url']}survey_spec/"},
            )
        if kind == "projects":
            item["related"]["update"] = f"{item['url']}update/"
        if kind == "workflow_job_template_nodes":
            item["related"] = {}
        if kind in ("organizations", "credential_types") and not self.superuser:
            raise Refusal(403, {"detail": "You do not have permission to perform this action."})
        self.change(kind, item, body)
        if any(all(item[name] == other[name] for name in spec.unique) for other in self.items[kind].values()):
            raise Refusal(400, {"__all__": [f"{spec.type} with this {', '.join(spec.unique)} already exists."]})
        self.items[kind][item["id"]] = item
        if kind == "projects":
            self.synchronize(item)
        return item

    def synchronize(self, project: Item) -> Item:
        """Update a project from its repository, and return the update."""
        self._synchronized[project["id"]] = set(self.playbooks)
        project["scm_revision"] = str(sorted(self.playbooks))
        self._last += 1
        self.updates[self._last] = {
            "id": self._last,
            "type": "project_update",
            "url": f"{ROOT}project_updates/{self._last}/",
            "status": "successful",
            "finished": "2026-01-01T00:00:00Z",
            "failed": False,
            "scm_revision": project["scm_revision"],
        }
        return self.updates[self._last]

    def project_playbooks(self, project: Item) -> set[str]:
        """Return the playbooks that AWX knows. It reads the directory of a manual project each time."""
        return set(self.playbooks) if project["scm_type"] == "" else self._synchronized[project["id"]]

    def change(self, kind: str, item: Item, body: Item) -> None:
        """Write fields. Raise Refusal for values that AWX rejects or does not store."""
        spec = RESOURCE_TYPES[kind]
        unknown = set(body) - set(spec.fields) - set(spec.ignored)
        if unknown:
            raise Refusal(400, {name: ["AWX has no such field."] for name in unknown})
        for name, other in REFERENCES.items():
            if body.get(name) is not None and name in spec.fields and body[name] not in self.items[other]:
                raise Refusal(400, {name: [f"Invalid pk {body[name]!r} - object does not exist."]})
        changed = {**item, **{name: value for name, value in body.items() if name in spec.fields}}
        wrong = self.wrong(kind, changed)
        if wrong:
            raise Refusal(400, {"detail": wrong})
        if kind == "inventory_sources":
            changed["organization"] = self.items["inventories"][changed["inventory"]]["organization"]
        if kind == "job_templates":
            changed["organization"] = self.items["projects"][changed["project"]]["organization"]
        item.update(changed)

    def wrong(self, kind: str, item: Item) -> str:
        if kind == "credential_types":
            return check_credential_type(item)
        if kind == "credentials":
            fields = {
                field["id"] for field in self.items["credential_types"][item["credential_type"]]["inputs"]["fields"]
            }
            return f"unknown inputs {sorted(set(item['inputs']) - fields)}" if set(item["inputs"]) - fields else ""
        if kind == "job_templates":
            known = self.project_playbooks(self.items["projects"][item["project"]])
            return "" if item["playbook"] in known else f"Playbook {item['playbook']} not found for project."
        if kind == "inventory_sources":
            return self.wrong_source(item)
        if kind == "schedules":
            return check_rule(item["rrule"]) or self.wrong_answers(item, complete=True)
        if kind == "workflow_job_template_nodes":
            return self.wrong_answers(item, complete=False)
        return ""

    def wrong_source(self, item: Item) -> str:
        if item["source"] != "scm" or item["source_project"] is None:
            return "the stand-in only knows sources in projects"
        if item["credential"] is None:
            return ""
        type_ = self.items["credential_types"][self.items["credentials"][item["credential"]]["credential_type"]]
        return (
            "" if type_["kind"] == "cloud" else f"Credentials of type {type_['kind']} are disallowed for scm sources."
        )

    def wrong_answers(self, item: Item, complete: bool) -> str:
        """Return whether ``extra_data`` answers the survey of the template. A schedule must answer all required questions."""
        surveys = [self.surveys.get((kind, item["unified_job_template"])) for kind in UNIFIED]
        questions = {question["variable"]: question for survey in surveys if survey for question in survey["spec"]}
        unknown = set(item["extra_data"]) - set(questions)
        if unknown:
            return f"Variables {', '.join(unknown)} are not allowed on launch."
        unanswered = [
            name for name, one in questions.items() if complete and one["required"] and name not in item["extra_data"]
        ]
        answers = [check_answer(questions[name], answer) for name, answer in item["extra_data"].items()]
        return ", ".join([*(f"'{name}' value missing" for name in unanswered), *filter(None, answers)])

    def delete(self, kind: str, item: Item) -> None:
        """Delete an object and all links to it."""
        del self.items[kind][item["id"]]
        for (owner, _number, relation), linked in self.links.items():
            if item["id"] in linked and kind in RELATED_KINDS.get(relation, (owner,)):
                linked.remove(item["id"])

    def render(self, kind: str, item: Item) -> Item:
        """Return an object as the API shows it: with links, and without secrets."""
        if kind == "workflow_job_template_nodes":
            return {**item, **{link: list(self.linked(kind, item, link)) for link in _LINKS}}
        if kind == "execution_environments" and item["organization"] is not None:
            owner = self.items["organizations"][item["organization"]]
            return {**item, "summary_fields": {"organization": {"id": owner["id"], "name": owner["name"]}}}
        if kind != "credentials":
            return item
        type_ = self.items["credential_types"][item["credential_type"]]
        secret = {field["id"] for field in type_["inputs"]["fields"] if field.get("secret")}
        return {
            **item,
            "kind": type_["kind"],
            "inputs": {name: SECRET if name in secret and value else value for name, value in item["inputs"].items()},
        }

    def listed(self, kinds: t.Iterable[str], query: Item) -> Item:
        found = [self.render(kind, item) for kind in kinds for item in self.items[kind].values()]
        return pages([item for item in found if self.matches(item, query)])

    def matches(self, item: Item, query: Item) -> bool:
        """Return whether an object matches the filters of a query, in the notation of AWX."""
        plain = {name: value for name, value in query.items() if not name.startswith(("or__", "page_size"))}
        either = [(name.removeprefix("or__"), value) for name, value in query.items() if name.startswith("or__")]
        return all(self.has(item, *pair) for pair in plain.items()) and (
            not either or any(self.has(item, *pair) for pair in either)
        )

    def has(self, item: Item, name: str, value: str) -> bool:
        field, _separator, operator = name.partition("__")
        if field not in item:
            return False
        if operator == "startswith":
            return str(item[field]).startswith(value)
        if operator == "name":
            return any(
                str(self.items[kind][item[field]]["name"]) == value
                for kind in UNIFIED
                if item[field] in self.items[kind]
            )
        if operator:
            raise Refusal(400, {"detail": f"The stand-in does not know the filter {name}."})
        return str(item[field]) == value


def pages(results: t.Sequence[t.Any]) -> Item:
    """Return a list in the format of the API, with all objects on one page."""
    return {"count": len(results), "next": None, "previous": None, "results": list(results)}


# ---------------------------------------------------------------------------------------------------------------------
# The API


class Api:
    """Responds to requests: a method, a path without the root, a query and a body."""

    def __init__(self, state: State) -> None:
        self.state = state

    def answer(self, method: str, path: str, query: Item, body: Item) -> tuple[int, t.Any]:
        """Return status and body. Raise Refusal."""
        parts = path.strip("/").split("/")
        if parts[0] == "tokens":
            return (201, {"id": 1, "token": TOKEN}) if method == "POST" else (204, None)
        if parts[0] == "me":
            return 200, pages([{"id": 1, "type": "user", "username": "admin", "is_superuser": self.state.superuser}])
        if parts[0] == "project_updates" and len(parts) == 2 and int(parts[1]) in self.state.updates:
            return 200, self.state.updates[int(parts[1])]
        kinds = UNIFIED if parts[0] == "unified_job_templates" else (parts[0],)
        if parts[0] not in (*RESOURCE_TYPES, "unified_job_templates"):
            raise Refusal(404, {"detail": "Not found."})
        if len(parts) == 1:
            return self.collection(method, kinds, query, body)
        item = self.state.items[parts[0]].get(int(parts[1]))
        if item is None:
            raise Refusal(404, {"detail": "Not found."})
        return (
            self.one(method, parts[0], item, body)
            if len(parts) == 2
            else self.below(method, parts[0], item, parts[2], body)
        )

    def collection(self, method: str, kinds: t.Sequence[str], query: Item, body: Item) -> tuple[int, t.Any]:
        if method == "GET":
            return 200, self.state.listed(kinds, query)
        return 201, self.state.render(kinds[0], self.state.add(kinds[0], body))

    def one(self, method: str, kind: str, item: Item, body: Item) -> tuple[int, t.Any]:
        if method == "DELETE":
            self.state.delete(kind, item)
            return 204, None
        if method == "PATCH":
            self.state.change(kind, item, body)
        return 200, dict(self.state.render(kind, item))

    def below(self, method: str, kind: str, item: Item, what: str, body: Item) -> tuple[int, t.Any]:
        if what == "survey_spec" and kind in ("job_templates", "workflow_job_templates"):
            return self.survey(method, (kind, item["id"]), body)
        if what == "create_approval_template" and kind == "workflow_job_template_nodes":
            made = self.state.add("workflow_approval_templates", body)
            item["unified_job_template"] = made["id"]
            item["related"]["unified_job_template"] = made["url"]
            return 201, made
        if what == "playbooks" and kind == "projects":
            return 200, sorted(self.state.project_playbooks(item))
        if what == "update" and kind == "projects" and method == "POST":
            return 202, self.state.synchronize(item)
        if what in RESOURCE_TYPES[kind].related:
            return self.relation(method, (kind, item["id"], what), body)
        raise Refusal(404, {"detail": "Not found."})

    def survey(self, method: str, key: tuple[str, int], body: Item) -> tuple[int, t.Any]:
        if method == "POST":
            wrong = check_survey(body)
            if wrong:
                raise Refusal(400, {"error": wrong})
            self.state.surveys[key] = body
        return 200, self.state.surveys.get(key, {})

    def relation(self, method: str, key: tuple[str, int, str], body: Item) -> tuple[int, t.Any]:
        linked = self.state.links.setdefault(key, [])
        if method == "GET":
            return 200, pages([self.related(key[2], one) for one in linked])
        if body.get("disassociate"):
            linked.remove(body["id"])
        else:
            self.refuse_second_credential(key, body["id"])
            linked.append(body["id"])
        return 204, None

    def related(self, relation: str, number: int) -> Item:
        """Return an object that another one refers to."""
        for kind in RELATED_KINDS.get(relation, ()):
            if number in self.state.items[kind]:
                return self.state.render(kind, self.state.items[kind][number])
        return {"id": number}

    def refuse_second_credential(self, key: tuple[str, int, str], number: int) -> None:
        """Raise Refusal if a job template has another credential of this type, as AWX does."""
        if key[:1] + key[2:] != ("job_templates", "credentials"):
            return
        credentials = [self.related("credentials", one) for one in (*self.state.links.get(key, []), number)]
        types = [one["credential_type"] for one in credentials if one["kind"] != "vault"]
        if len(set(types)) < len(types):
            raise Refusal(400, {"msg": "Cannot assign multiple credentials of the same type."})


class Server:
    """The simulated API, which listens on a free loopback port until it is closed."""

    def __init__(self, state: State) -> None:
        self.state = state
        api = Api(state)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._handle()

            do_POST = do_PATCH = do_DELETE = do_GET

            def _handle(self) -> None:
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                state.calls.append((self.command, parts.path))
                try:
                    if not parts.path.startswith(ROOT) or self.headers.get("Authorization") != f"Bearer {TOKEN}":
                        raise Refusal(401, {"detail": "Authentication credentials were not provided."})
                    status, body = api.answer(
                        self.command,
                        parts.path[len(ROOT) :],
                        dict(parse_qsl(parts.query)),
                        json.loads(raw) if raw.strip() else {},
                    )
                except Refusal as refusal:
                    status, body = refusal.status, refusal.body
                self._send(status, b"" if body is None else json.dumps(body).encode())

            def _send(self, status: int, data: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("X-API-Product-Name", "AWX")
                self.send_header("X-API-Product-Version", "24.6.1")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *arguments: t.Any) -> None:
                """Print nothing, because the requests are recorded."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
