# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run every example of modules, READMEs and guides unchanged, and check that every option has an example."""

from __future__ import annotations

import importlib
import json
import re
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.community.huaweicloud.plugins.module_utils._argspec import KUBERNETES
from certificates import Authority
from examples import (
    APPLICATIONS,
    COLLECTION,
    CREDENTIALS,
    ELSEWHERE,
    FAILING,
    INITIAL_STATE,
    MEANWHILE,
    MODULES,
    MORE_SWITCHES,
    READMES,
    SEEDS,
    SWITCHES,
    VARIABLES,
    VARIATIONS,
    Example,
    commands,
    examples,
    files_of,
    guides,
    runnable_examples,
)
from fork_server import ForkServer
from harness import (
    CONTROLLER_ONLY,
    GROUP,
    KUBERNETES_GROUP,
    Emulator,
    Player,
    Run,
    control,
    controls,
    defaults,
)
from play_results import QUICK, PlayResult, marker, split
from tunnel import Tunnel

# Examples do not depend on the execution mode.
pytestmark = pytest.mark.in_process

HOSTS = [f"{service}.cloud.shop.example" for service in ("iam", "asm", "modelarts", "cluster")]
VAULT = ("access_key", "secret_key", "password")

Play = t.Dict[str, t.Any]


class Setting(t.NamedTuple):
    """The environment of the examples: a separate emulator, and values for the addresses that they name."""

    player: Player
    variables: dict[str, t.Any]
    replaced: dict[str, str]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Emulator]:
    """Yield an emulator with the account that the examples use."""
    directory = tmp_path_factory.mktemp("cloud")
    emulator = Emulator(directory, "--seed", str(_seed(directory)))
    yield emulator
    emulator.stop()


def _seed(directory: Path, **resources: t.Any) -> Path:
    path = directory / "seed.json"
    credentials = {**CREDENTIALS, "password": "the-password-of-the-deployer"}
    path.write_text(json.dumps({"credentials": credentials, **resources}), encoding="utf-8")
    return path


def write_kubeconfig(path: Path, url: str) -> Path:
    """Write a kubeconfig for the Kubernetes API of an emulator."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "shop",
        "clusters": [{"name": "shop", "cluster": {"server": url}}],
        "users": [{"name": "deployer", "user": {"token": "the-token-of-the-deployer"}}],
        "contexts": [{"name": "shop", "context": {"cluster": "shop", "user": "deployer"}}],
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def write_credentials(directory: Path, cloud: Emulator) -> dict[str, str]:
    """Write the files with credentials that the examples name. Return their paths by those in the examples."""
    known = cloud.credentials
    profile = {
        "name": "shop",
        "mode": "AKSK",
        "accessKeyId": known["access_key"],
        "secretAccessKey": known["secret_key"],
    }
    profile.update(region=known["region"], projectId=known["project_id"])
    auth = {"username": known["username"], "password": known["password"], "user_domain_name": known["domain_name"]}
    auth["project_name"] = known["project_name"]
    files = {
        "~/.huaweicloud/credentials": f"[basic]\nak = {known['access_key']}\nsk = {known['secret_key']}\n",
        "~/.hcloud/config.json": json.dumps({"authEncrypt": "false", "profiles": [profile]}),
        "clouds.yaml": yaml.safe_dump({"clouds": {"shop": {"auth": auth}}}),
    }
    found = {"~/.cache/huaweicloud-tokens": str(directory / "tokens")}
    for number, (name, content) in enumerate(files.items()):
        found[name] = str(directory / f"secret-{number}")
        Path(found[name]).write_text(content, encoding="utf-8")
        Path(found[name]).chmod(0o600)
    return found


def variables_for(cloud: Emulator) -> dict[str, t.Any]:
    return {**VARIABLES, **{f"vault_{name}": cloud.credentials[name] for name in VAULT}}


def read_state(source: str) -> dict[str, t.Any]:
    own = SEEDS.get(source, {})
    return {**INITIAL_STATE, **own, "meshes": INITIAL_STATE["meshes"] + own.get("meshes", [])}


def prepared(source: str) -> Play:
    """Prepare the emulator for the examples of one source."""
    calls = [
        control("POST", "reset"),
        control("POST", "seed", read_state(source)),
        control("PATCH", "behaviors", {**SWITCHES, **MORE_SWITCHES.get(source, {})}),
    ]
    return {
        "name": "Prepare",
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [marker(f"prepare {source}"), controls("Prepare", *calls)],
    }


def plays_of(example: Example) -> list[Play]:
    """Return the plays of an example, or a play with its tasks, after a marker task."""
    tasks = {"name": "Example", "hosts": "localhost", "gather_facts": False, "tasks": example.entries}
    own = [
        _with_others(play, MEANWHILE.get(example.source, {}))
        for play in (example.entries if example.is_playbook else [tasks])
    ]
    mark = {"name": "Mark", "hosts": "localhost", "gather_facts": False, "tasks": [marker(example.name)]}
    return [mark, *(_quick(play, variation) for variation in VARIATIONS.get(example.name, [{}]) for play in own)]


def _with_others(play: Play, meanwhile: t.Mapping[str, t.Any]) -> Play:
    """Insert actions of others before the task that must find their result."""
    tasks = [
        one
        for task in play.get("tasks", [])
        for one in ([meanwhile[task["name"]]] if task["name"] in meanwhile else []) + [task]
    ]
    return {**play, "tasks": tasks}


def _quick(play: Play, variation: t.Mapping[str, t.Any]) -> Play:
    """Use short intervals, unless the play sets them."""
    merged = dict(defaults())
    for name, options in play.get("module_defaults", {}).items():
        # Templates stay unchanged.
        merged[name] = {**merged.get(name, {}), **options} if isinstance(options, dict) else options
    return {**play, "module_defaults": merged, "vars": {**QUICK, **play.get("vars", {}), **variation}}


def write_files(source: str, directory: Path) -> None:
    for name, content in files_of(source).items():
        (directory / name).write_text(content, encoding="utf-8")


def playbook(source: str, setting: Setting) -> Path:
    """Write one playbook with all examples of a source, and its files beside it."""
    directory = setting.player.directory / source.replace(" ", "-")
    directory.mkdir()
    write_files(source, directory)
    plays = [prepared(source)] + [
        play for example in examples() if example.source == source for play in plays_of(example)
    ]
    text = yaml.safe_dump(plays, sort_keys=False, allow_unicode=True, width=1000)
    for place, here in setting.replaced.items():
        text = text.replace(place, here)
    path = directory / "playbook.yml"
    path.write_text(text, encoding="utf-8")
    return path


class TestExamples:
    @pytest.fixture(scope="class")
    @classmethod
    def pki(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        directory = tmp_path_factory.mktemp("pki")
        authority = Authority(directory, "ca")
        authority.issue("127.0.0.1", *HOSTS)
        authority.issue("127.0.0.1", name="client")
        return directory

    @pytest.fixture(scope="class")
    @classmethod
    def tunnel(cls, pki: Path) -> t.Iterator[Tunnel]:
        """Yield a proxy to an emulator that uses HTTPS and requires a client certificate."""
        tls = (
            "--tls-cert",
            str(pki / "server.pem"),
            "--tls-key",
            str(pki / "server.key"),
            "--tls-client-ca",
            str(pki / "ca.pem"),
        )
        private = Emulator(pki / "private", "--seed", str(_seed(pki, applications=APPLICATIONS)), *tls)
        with Tunnel(int(private.url.rpartition(":")[2])) as tunnel:
            yield tunnel
        private.stop()

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, cloud: Emulator, tunnel: Tunnel, pki: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
        """All examples in one run."""
        player = Player(cloud, tmp_path_factory.mktemp("examples"))
        log = tmp_path_factory.mktemp("log")
        kubeconfig = write_kubeconfig(log / "kubeconfig.json", cloud.url)
        secret_files = write_credentials(log, cloud)
        clouds = secret_files.pop("clouds.yaml")
        replaced = {
            **secret_files,
            "~/.kube/shop.yml": str(kubeconfig),
            "/var/log/": f"{log}/",
            "/etc/pki/shop/": f"{pki}/",
            "http://proxy.shop.example:3128": tunnel.url,
            "https://iam.eu-de.otc.t-systems.com": cloud.url,
        }
        setting = Setting(player, variables_for(cloud), replaced)
        first, *others = [
            playbook(source, setting) for source in dict.fromkeys(example.source for example in runnable_examples())
        ]
        places = {
            "K8S_AUTH_KUBECONFIG": str(kubeconfig),
            "HW_METADATA_ENDPOINT": cloud.url,
            "OS_CLIENT_CONFIG_FILE": clouds,
        }
        # Some examples write files with relative paths.
        return player.run(
            first,
            arguments=[str(path) for path in others],
            variables=setting.variables,
            environment=places,
            working_directory=player.directory,
        )

    @pytest.fixture(scope="class")
    @classmethod
    def stages(cls, run: Run) -> dict[str, PlayResult]:
        return split(run)

    @pytest.mark.parametrize("example", runnable_examples(), ids=lambda example: example.name)
    def test_example_runs(self, stages: dict[str, PlayResult], example: Example) -> None:
        stage = stages[example.name]
        assert {record.name for record in stage.failed} == FAILING.get(example.name, set())
        done = {record.name for record in stage.records if record.status != "skipped"}
        # An imported role is not a task.
        assert [
            task["name"]
            for task in example.tasks()
            if "ansible.builtin.import_role" not in task and task["name"] not in done
        ] == []

    @pytest.mark.parametrize(
        "example",
        [example for example in runnable_examples() if example.name not in ELSEWHERE],
        ids=lambda example: example.name,
    )
    def test_example_uses_the_collection(self, stages: dict[str, PlayResult], example: Example) -> None:
        """Each task with a module of the collection sent requests. An example without such a task belongs to another example."""
        controller_only = [f"{COLLECTION}.{name}" for name in CONTROLLER_ONLY]
        ours = [
            record
            for record in stages[example.name].records
            if record.action.startswith(f"{COLLECTION}.") and record.action not in controller_only
        ]
        assert [record.name for record in ours if not record.requests and record.status != "skipped"] == []
        assert ours

    def test_proxy_example_uses_the_proxy(self, run: Run, tunnel: Tunnel) -> None:
        assert {target.removesuffix(":443") for target in tunnel.targets} == set(HOSTS)


def test_every_example_is_found() -> None:
    """All modules, READMEs and guides with examples are found. test_roles.py has those of the other roles."""
    sources = {example.source for example in examples()}
    assert {f"module {name}" for name in MODULES} <= sources
    assert set(READMES) <= sources
    without = {"architecture", "awx", "desired_state_file", "faq", "playbook_variables", "probe"}
    without |= {
        "canary_troubleshooting",
        "from_argo_rollouts_or_flagger",
        "rollout_file",
        "scenario_canary",
        "guide_targets",
    }
    assert set(guides()) - sources == without
    names = [example.name for example in examples()]
    assert sorted(set(names)) == sorted(names)
    assert {*ELSEWHERE, *FAILING, *VARIATIONS} <= set(names)
    assert {*SEEDS, *MEANWHILE, *MORE_SWITCHES} <= {*sources, *guides()}


# Options


def spec_of(module: str) -> dict[str, t.Any]:
    return importlib.import_module(
        f"ansible_collections.community.huaweicloud.plugins.modules.{module}"
    ).TASK.arguments.argument_spec


def paths_of(spec: t.Mapping[str, t.Any], prefix: str = "") -> set[str]:
    """Yield the options of an argument spec with all suboptions. The examples of asm_traffic have those of its connection."""
    found = set()
    for name, option in spec.items():
        suboptions = option.get("options", {})
        found |= {
            f"{prefix}{name}",
            *(() if suboptions == KUBERNETES.argument_spec else paths_of(suboptions, f"{prefix}{name}.")),
        }
    return found


def used_in(options: t.Any, spec: t.Mapping[str, t.Any], prefix: str = "") -> set[str]:
    """Yield the names of the options that are set, without aliases."""
    found = set()
    names = {alias: name for name, option in spec.items() for alias in (name, *option.get("aliases", []))}
    for alias, value in (options or {}).items() if isinstance(options, dict) else ():
        name = names[alias]
        found.add(f"{prefix}{name}")
        for below in value if isinstance(value, list) else [value]:
            found |= (
                used_in(below, spec[name].get("options", {}), f"{prefix}{name}.")
                if spec[name].get("options")
                else set()
            )
    return found


def settings_of(example: Example, module: str) -> t.Iterator[t.Any]:
    """Return all options that an example sets for a module, in tasks, plays and blocks."""
    # A group has the modules with its connection options.
    groups = {"access_key": GROUP, "kubeconfig": KUBERNETES_GROUP}
    names = (f"{COLLECTION}.{module}", *(group for option, group in groups.items() if option in spec_of(module)))
    for entry in [*example.tasks(), *_holders(example.entries)]:
        yield from (entry[name] for name in names if name in entry)
        yield from (entry["module_defaults"][name] for name in names if name in entry.get("module_defaults", {}))


def _holders(entries: t.Iterable[dict[str, t.Any]]) -> t.Iterator[dict[str, t.Any]]:
    for entry in entries:
        if any(part in entry for part in ("tasks", "block", "roles")):
            yield entry
            yield from _holders(entry.get("tasks", entry.get("block", [])))


@pytest.mark.parametrize("module", MODULES)
def test_every_option_is_in_an_example(module: str) -> None:
    spec = spec_of(module)
    used = {
        path for example in examples() for options in settings_of(example, module) for path in used_in(options, spec)
    }
    assert sorted(paths_of(spec) - used) == []


# Files and commands


@pytest.mark.parametrize("guide", guides())
def test_files_have_their_documented_content(guide: str) -> None:
    """A file in YAML is a Kubernetes object of that name, or a mapping that a command or an inventory of the guide names."""
    asked_for = " ".join(word for words in commands(guide) for word in words)
    asked_for += "".join(block.content for block in guides()[guide] if block.caption == "inventory.yml")
    for block in guides()[guide]:
        if block.language != "yaml":
            continue
        content = block.parsed()
        assert block.caption.endswith((".yml", ".yaml")), block
        if "kind" in content:
            assert {"apiVersion", "metadata", "spec"} <= set(content)
            assert block.caption.startswith(content["metadata"]["name"])
        else:
            assert block.caption in asked_for


def test_all_code_blocks_have_a_known_language() -> None:
    assert {block.language for blocks in guides().values() for block in blocks} <= {
        "yaml+jinja",
        "yaml",
        "shell",
        "ini",
        "text",
        "",
    }


# The test that runs these playbooks, or the reason why none can.
RUN_BY = {
    "quickstart": "make quickstart",
    "emulator": "test_local.py",
    "awx_setup": "test_awx_setup.py, with a stand-in for AWX",
}
INSTALLED = {"requests", "jsonschema", "kubernetes"}
# Commands with files that name servers which do not exist. test_rollout_file.py loads the file.
NOT_RUN = {"rollout_file"}


def _playbook_of(words: t.Sequence[str]) -> str:
    return words[1].removeprefix(f"{COLLECTION}.")


LINES = [(guide, words) for guide in guides() for words in commands(guide)]
PLAYED = [
    (guide, words)
    for guide, words in LINES
    if words[0] == "ansible-playbook" and _playbook_of(words) not in RUN_BY and guide not in NOT_RUN
]


@pytest.mark.parametrize(("guide", "words"), LINES, ids=[" ".join(words) for _guide, words in LINES])
def test_commands_are_known(guide: str, words: list[str]) -> None:
    """Commands that the test cannot run have valid arguments."""
    line = " ".join(words)
    if words[0] == "ansible-playbook":
        assert words[1].startswith(f"{COLLECTION}.") or words[1] in files_of(guide)
    elif words[0] == "export":
        assert all(re.fullmatch(r"[A-Z_]+=\S+", word) for word in words[1:])
    elif words[0] == "source":
        assert words[1:] == ["~/.cache/community.huaweicloud/emulator/env"]
    elif words[0] == "ansible-inventory":
        assert words[1] == "-i"
        assert words[2] in files_of(guide)
    elif words[0] == "pip":
        assert set(words[2:]) == INSTALLED
    elif words[0] == "ansible-doc":
        assert words[1].removeprefix(f"{COLLECTION}.") in MODULES
    else:
        assert re.fullmatch(
            r"ansible-galaxy collection install (community\.huaweicloud|awx\.awx)|make quickstart", line
        )


class TestCommands:
    @pytest.mark.parametrize("guide", dict.fromkeys(guide for guide, _words in PLAYED))
    def test_commands_run(self, cloud: Emulator, tmp_path: Path, fork_server: ForkServer, guide: str) -> None:
        """The commands run in their order, in a directory with the files of the guide."""
        cloud.reset()
        cloud.seed(**read_state(guide))
        cloud.set(**SWITCHES)
        write_files(guide, tmp_path)
        (tmp_path / "vault.yml").write_text(json.dumps(variables_for(cloud)), encoding="utf-8")
        player = Player(cloud, tmp_path, fork_server)
        for words in [words for one, words in PLAYED if one == guide]:
            # The probe checks several times that it left nothing. It must not wait between these checks.
            arguments = [*words[2:], *(["-e", "probe_interval=0"] if _playbook_of(words) == "probe" else [])]
            run = player.run(
                words[1], arguments=arguments, working_directory=tmp_path, environment=cloud.cluster_addresses()
            )
            assert run.modules(), words
            assert not ("--check" in words and any(record.writes for record in run.modules())), words
        left = {record["name"] for record in cloud.stores()["workspaces"].values()}
        named = {
            entry["name"]
            for content in files_of(guide).values()
            for entry in _workspaces(yaml.safe_load(content))
            if entry.get("state") != "absent"
        }
        assert named <= left


def _workspaces(content: t.Any) -> list[dict[str, t.Any]]:
    return content.get("workspaces", []) if isinstance(content, dict) else []
