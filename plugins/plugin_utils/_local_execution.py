# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Run the task of a module in the worker process of the controller, without a module transfer and with one session for a loop.

The result is the same as that of the module. For another host, user, interpreter or environment, the module itself runs.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import gc
import importlib
import json
import os
import pwd
import sys
import typing as t
from collections.abc import Mapping, Set

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE, boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.vars import merge_hash
from ansible_collections.community.huaweicloud.plugins.module_utils._api.schemas import asm, iam, modelarts
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import (
    check_types,
    drop_unset,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._bulk.plan_hash import stable_fields
from ansible_collections.community.huaweicloud.plugins.module_utils._errors import LibraryError, OptionError
from ansible_collections.community.huaweicloud.plugins.module_utils._http.secret_store import filter_redactable
from ansible_collections.community.huaweicloud.plugins.module_utils._http.validate import compile_schema
from ansible_collections.community.huaweicloud.plugins.module_utils._kubernetes.non_json_values import (
    mark_non_json_values,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._option_errors import (
    find_shape_mistakes,
)
from ansible_collections.community.huaweicloud.plugins.module_utils._results import build_failure
from ansible_collections.community.huaweicloud.plugins.module_utils._task import (
    ARGSPEC_ERRORS,
    UNCHECKABLE_OPTIONS,
    ClientCache,
    RunContext,
    StandaloneTask,
    Task,
    get_validator,
    require_jsonschema,
    run_task,
)
from ansible_collections.community.huaweicloud.plugins.plugin_utils._reports.result_redaction import ResultRedactor

# The parent of all workers imports this file. What it prepares here, and in __init_subclass__, saves time in each task.
# If a library is missing, the task fails with a message.
with contextlib.suppress(ImportError):
    importlib.import_module("requests")
with contextlib.suppress(LibraryError):
    require_jsonschema()
for _constant in [*vars(asm).values(), *vars(iam).values(), *vars(modelarts).values()]:
    if isinstance(_constant, dict) and "type" in _constant:
        compile_schema(_constant)

Result = t.Dict[str, t.Any]

display = Display()

# The part of the time limit of a task that is reserved for its result: a share, and its minimum and maximum in seconds.
_RESERVED_SHARE, _MIN_RESERVED, _MAX_RESERVED = 0.1, 0.5, 5.0

_REDACT, _REDACT_VARIABLE = "redact", "huaweicloud_redact"
# Names of variables with the items as the user has written them. Their values are used as they are: templates lose the marks of vaulted
# values before ansible-core 2.19.
_REDACT_SOURCES = "huaweicloud_redact_sources"
# Whether to add digests of redacted values, which plans need. They are slow on purpose.
_REDACT_DIGESTS = "huaweicloud_redact_digests"
# Those of the playbooks and roles. The items of a deletion have fewer fields than in the desired-state file.
DESIRED_STATE_VARIABLE = "loaded_desired_state"
_OWN_SOURCES = (DESIRED_STATE_VARIABLE, "workspaces_list", "workshops_list", "releases_list")

_FALSE_WORDS = frozenset(str(word).lower() for word in BOOLEANS_FALSE)

# One worker process runs all items of one loop, and no other task.
_client_caches: dict[str, ClientCache] = {}


class LocalModuleAction(ActionBase):
    """Run ``TASK`` in this process if the task is local, and as a module otherwise."""

    TASK: t.ClassVar[t.Union[Task, StandaloneTask]]
    # Whether the result of a successful task is a secret.
    SECRET: t.ClassVar[bool] = False

    _supports_check_mode = True
    _supports_async = True
    _redactor: ResultRedactor | None = None
    _given_args: dict[str, t.Any] | None = None

    def __init_subclass__(cls, **keywords: t.Any) -> None:
        super().__init_subclass__(**keywords)
        get_validator(cls.TASK.arguments)

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        # A task with until calls this again, and by then its arguments are redacted.
        self._given_args = self._task.args = self._task.args if self._given_args is None else self._given_args
        try:
            return self._run_and_redact(tmp, task_vars)
        finally:
            if self._redactor is not None:
                # Callbacks get the rendered arguments together with the result, and the one of AWX stores them.
                self._task.args = self._redactor.redact_arguments(self._given_args)

    def _run_and_redact(self, tmp: t.Any, task_vars: dict[str, t.Any] | None) -> Result:
        variables = task_vars or {}
        result = super().run(tmp, task_vars)
        redacts = self._redacts(variables)
        if redacts:
            with_digests = boolean(self._variable(variables, _REDACT_DIGESTS, False), strict=False)
            self._redactor = ResultRedactor(
                self._task.args, stable_fields, self._redaction_sources(variables), with_digests
            )
        if redacts and self._task.async_val:
            return {
                **result,
                "failed": True,
                "msg": "redact and async cannot be combined: nothing would redact the result of the job.",
            }
        result = self._run(result, variables)
        if self.SECRET and not result.get("failed"):
            self._task.no_log = True
        if self._redactor is not None:
            result = self._redactor.redact(result)
        return result if redacts is None else {**result, "redacted": redacts}

    def _redacts(self, task_vars: dict[str, t.Any]) -> bool | None:
        """Return whether to redact the result, or None if neither the option nor the variable says so.

        The variable takes precedence, so that it switches the redaction of a whole play on or off. Values other than booleans redact.
        """
        if _REDACT not in self.TASK.arguments.argument_spec:
            return None
        for value in (self._variable(task_vars, _REDACT_VARIABLE, None), self._task.args.get(_REDACT)):
            if str(value).strip() not in ("", "None"):
                return str(value).strip().lower() not in _FALSE_WORDS
        return None

    def _redaction_sources(self, task_vars: dict[str, t.Any]) -> list[t.Any]:
        names = self._variable(task_vars, _REDACT_SOURCES, None) or []
        names = [*([names] if isinstance(names, str) else names), *_OWN_SOURCES]
        host_vars = self._host_vars(task_vars)
        return [host_vars.get(str(name), task_vars.get(str(name))) for name in names]

    def _run(self, result: Result, task_vars: dict[str, t.Any]) -> Result:
        try:
            check_types(self._task.args)
        except OptionError as error:
            return merge_hash(result, dict(build_failure(error, None), failed=True))
        try:
            checked = get_validator(self.TASK.arguments).validate(_plain(self._options()))
        except ARGSPEC_ERRORS:
            # A module would fail with a traceback.
            return merge_hash(result, {"failed": True, "msg": self._shape_problems() or UNCHECKABLE_OPTIONS})
        if checked.error_messages and self._shape_problems():
            # Ansible's own message names neither the path nor the right type.
            return merge_hash(result, {"failed": True, "msg": self._shape_problems()})
        if self._runs_here(task_vars):
            return merge_hash(result, self._perform(task_vars, checked))
        wrap_async = self._task.async_val and not self._connection.has_native_async
        with _start_local_modules_in(find_working_directory(self._loader), self._loader):
            module_result = self._execute_module(
                module_args=self._options(), task_vars=task_vars, wrap_async=wrap_async
            )
        result = merge_hash(result, module_result)
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _perform(self, task_vars: dict[str, t.Any], validated: t.Any) -> Result:
        _freeze_inherited_objects()
        params = validated.validated_parameters
        secrets = {*validated._no_log_values, *filter_redactable(self.TASK.find_secrets(params))}
        warnings = [
            f"Both option {found['option']} and its alias {found['alias']} are set." for found in validated._warnings
        ]
        if validated.error_messages:
            result = {"failed": True, "msg": self._format_errors(validated.errors)}
        else:
            with work_in(find_working_directory(self._loader)):
                failed, result = run_task(self.TASK, params, self._run_context(task_vars, warnings.append, secrets))
            result = dict(result, failed=True) if failed else result
        if warnings:
            result["warnings"] = list(dict.fromkeys(warnings))
        if _shows_invocation(task_vars):
            result["invocation"] = {"module_args": params}
        return _mask(result, secrets)

    def _shape_problems(self) -> str:
        """Return which list elements and mappings have another type, if any, each with its path."""
        try:
            mistakes = find_shape_mistakes(self.TASK.arguments.argument_spec, _plain(self._options()))
        except ARGSPEC_ERRORS:
            return ""
        return "; ".join(map(str, mistakes))

    def _format_errors(self, errors: t.Any) -> str:
        if isinstance(errors[0], UnsupportedError):
            return f"Unsupported parameters for ({self._task.resolved_action}) module: {errors.msg}"
        return errors.msg

    def _options(self) -> dict[str, t.Any]:
        """Return the arguments of the task. A module that has the option ``timeout`` ends before the task's own keyword ends it without a result."""
        given = _with_marks(drop_unset(self._task.args))
        limit = self._task.timeout
        if not limit or "timeout" not in self.TASK.arguments.argument_spec:
            return given
        earlier = limit - min(max(limit * _RESERVED_SHARE, _MIN_RESERVED), _MAX_RESERVED)
        with contextlib.suppress(TypeError, ValueError):
            earlier = min(earlier, float(given["timeout"])) if given.get("timeout") is not None else earlier
            given["timeout"] = earlier
        return given

    def _run_context(self, task_vars: dict[str, t.Any], warn: t.Callable[[str], None], secrets: set[str]) -> RunContext:
        return RunContext(
            environ=os.environ,
            check_mode=bool(self._task.check_mode),
            diff_mode=bool(self._task.diff),
            verbosity=display.verbosity,
            warn=warn,
            register_secrets=secrets.update,
            progress=self._progress(task_vars, secrets),
            client_cache=self._get_client_cache(),
        )

    def _progress(self, task_vars: dict[str, t.Any], secrets: set[str]) -> t.Callable[[str], None]:
        wanted = self._variable(task_vars, "huaweicloud_progress", True)
        if not boolean(wanted, strict=False) or self._task.no_log:
            return lambda text: None
        redact = self._redactor.redact_text if self._redactor is not None else str
        host = self._host_label(task_vars)
        return lambda text: display_line(redact(remove_values(f"[{host}] {text}" if host else text, secrets)))

    def _host_label(self, task_vars: dict[str, t.Any]) -> str:
        """Return the host as Ansible prints it if the play has several, since their lines are mixed."""
        if len(task_vars.get("ansible_play_hosts_all") or ()) < 2:
            return ""
        host = str(task_vars.get("inventory_hostname", ""))
        return f"{host} -> {self._task.delegate_to}" if self._task.delegate_to else host

    def _get_client_cache(self) -> ClientCache | None:
        # A task with until must read the current state each time.
        if not self._task.loop or self._task.until or self._task.retries:
            return None
        if self._task._uuid not in _client_caches:
            _client_caches.clear()
        return _client_caches.setdefault(self._task._uuid, ClientCache())

    def _runs_here(self, task_vars: dict[str, t.Any]) -> bool:
        return (
            self._connection.transport in ("local", "ansible.builtin.local")
            and not self._task.async_val
            and not any(self._task.environment or [])
            and self._is_own_user()
            and self._is_own_interpreter(task_vars)
            and self._is_switched_on(task_vars)
        )

    def _is_own_user(self) -> bool:
        become = self._connection.become
        # The environment may name another user.
        if become is None:
            return True
        try:
            own_name = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            # Containers run with user IDs that have no entry. Only become itself knows what it needs, so run the module in the ordinary way.
            return False
        return become.get_option("become_user") == own_name

    def _is_own_interpreter(self, task_vars: dict[str, t.Any]) -> bool:
        host_vars = self._host_vars(task_vars)
        set_to, origin = C.config.get_config_value_and_origin("INTERPRETER_PYTHON", variables=host_vars)
        return origin == "default" or self._templar.template(set_to) == sys.executable

    def _is_switched_on(self, task_vars: dict[str, t.Any]) -> bool:
        by_environment = os.environ.get("HW_IN_PROCESS") or True
        by_variable = self._variable(task_vars, "huaweicloud_in_process", True)
        return boolean(by_environment, strict=False) and boolean(by_variable, strict=False)

    def _variable(self, task_vars: dict[str, t.Any], name: str, default: t.Any) -> t.Any:
        value = self._host_vars(task_vars).get(name, task_vars.get(name, default))
        return self._templar.template(value)

    def _host_vars(self, task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        delegated = task_vars.get("ansible_delegated_vars", {})
        return delegated.get(self._task.delegate_to, task_vars) if self._task.delegate_to else task_vars


def display_line(text: str) -> None:
    """Print a line with Ansible's own method.

    ansible-runner replaces ``Display.display`` by a wrapper that writes to standard output around each line. In a worker process that is an error
    for ansible-core 2.19 and later, and it is not needed: the process that prints the line for the worker calls the wrapper as well.
    """
    function: t.Any = getattr(display.display, "__func__", None)
    if function is None:
        display.display(text)
        return
    own_module = sys.modules[Display.__module__].__dict__
    while function.__globals__ is not own_module and hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    function(display, text)


def find_working_directory(loader: t.Any) -> str:
    """Return the current directory of Ansible, to which relative paths refer, or that of the playbook if it has been deleted."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return loader.get_basedir()


@contextlib.contextmanager
def _start_local_modules_in(directory: str, loader: t.Any) -> t.Iterator[None]:
    """Start modules with a local connection in a directory. Ansible starts them in the base directory of its loader, that of the playbook."""
    before = loader.get_basedir()
    loader.set_basedir(directory)
    try:
        yield
    finally:
        loader.set_basedir(before)


@contextlib.contextmanager
def work_in(directory: str) -> t.Iterator[None]:
    """Change the current directory, to which relative paths refer, for a block of code."""
    # Use the descriptor, because the current directory may have been deleted.
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(directory)
        yield
    finally:
        os.fchdir(before)
        os.close(before)


@functools.cache
def _freeze_inherited_objects() -> None:
    """Exclude the objects of the parent process from garbage collection, which would copy the shared memory."""
    gc.freeze()


def _mask(result: Result, secrets: set[str]) -> Result:
    """Return the result without the secrets. The elements of lists are replaced one by one, so that thousands of them are never in memory twice."""
    for value in result.values():
        if isinstance(value, list):
            for index, element in enumerate(value):
                value[index] = remove_values(element, secrets)
    return {key: value if isinstance(value, list) else remove_values(value, secrets) for key, value in result.items()}


def _shows_invocation(task_vars: dict[str, t.Any]) -> bool:
    """Return whether results contain the invocation. Older versions of ansible-core have no setting and always add it."""
    try:
        return bool(C.config.get_config_value("INJECT_INVOCATION", variables=task_vars))
    except AnsibleError:
        return True


def _with_marks(args: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return arguments with marks in the templates of releases for what JSON would silently turn into text, such as dates."""
    releases, items = args.get("releases"), args.get("gray_deployments")
    if isinstance(releases, list):
        args["releases"] = [_with_marks(dict(one)) if isinstance(one, dict) else one for one in releases]
    if isinstance(items, list):
        args["gray_deployments"] = [_with_marked_template(item) for item in items]
    return args


def _with_marked_template(item: t.Any) -> t.Any:
    template = item.get("template") if isinstance(item, dict) else None
    marked = mark_non_json_values(template)
    return item if marked is template else {**item, "template": marked}


def _plain(args: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the arguments as a module gets them: converted by JSON, without the text types of the controller."""
    return json.loads(
        json.dumps({key: value for key, value in args.items() if not key.startswith("_ansible_")}, default=_as_json)
    )


def _as_json(value: t.Any) -> t.Any:
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, (Set, tuple)) else str(value)
