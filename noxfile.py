# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions that check the collection. ``make list`` lists them, and docs/dev/testing.md explains them.

antsibull-nox.toml configures the sessions that antsibull-nox provides. All sessions install the versions in
tests/constraints. The test sessions share one environment for each pair of ansible-core and Python.
"""

from __future__ import annotations

import os
import shutil
import sys
import typing as t
from pathlib import Path

import antsibull_nox
import nox
from antsibull_nox.sessions.collections import prepare_collections

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests" / "tools"))

from bootstrap import constraints, fingerprint  # noqa: E402
from environment import CACHE, CORES, ansible_settings, isolate, link_collection  # noqa: E402

REQUIREMENTS = ROOT / "tests" / "requirements"
JUNIT = CACHE / "junit"
COVERAGE = CACHE / "coverage"

# pytest runs one worker for each core, because more workers would only compete for the cores.
WORKERS = str(max(2, os.cpu_count() or 2))

# The lowest accepted coverage in percent by area.
COVERAGE_MINIMUM = {
    "plugins/module_utils/*": 95,
    "plugins/plugin_utils/*": 90,
    "plugins/action/*": 90,
    "plugins/filter/*": 90,
    "plugins/inventory/*": 90,
    "roles/emulator/files/*": 90,
}

UNITS = ("tests/unit", "tests/emulator", "tests/repository")
ROBUSTNESS_SUITES = sorted({path.parent.name for path in (ROOT / "tests" / "robustness").glob("*/test_*.py")})

# Only CI tests the development branch of ansible-core, because it is not on PyPI.
DEVEL = "https://github.com/ansible/ansible/archive/devel.tar.gz"
PAIRS = [(core, python) for core, pythons in CORES.items() for python in pythons] + [("devel", "3.13")]


def _version(path: Path) -> list[int]:
    return [int(part) for part in path.parent.name.split(".") if part.isdigit()]


def expose_pyenv_versions() -> None:
    """Put the interpreters of pyenv on PATH, because the shims of inactive versions do not work."""
    root = Path(os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv")))
    path = os.environ.get("PATH", os.defpath)
    directories = [name for name in path.split(os.pathsep) if not name.rstrip("/").endswith("/shims")]
    directories += [str(path) for path in sorted(root.glob("versions/*/bin"), key=_version, reverse=True)]
    os.environ["PATH"] = os.pathsep.join(directories)


isolate(os.environ)
expose_pyenv_versions()
os.chdir(ROOT)

nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"
nox.options.download_python = "never"
nox.options.allow_parallel = True
# In CI, a missing interpreter must not hide a session.
nox.options.error_on_missing_interpreters = os.environ.get("CI") == "true"
# Without arguments, nox runs what `make test` runs.
nox.options.sessions = ["format-check", "codeqa", "yamllint", "typing", "units", "smoke", "quickstart"]

antsibull_nox.load_antsibull_nox_toml()


# Environments


class Environment:
    """A virtual environment that several sessions share. The session of the same name creates it."""

    def __init__(self, name: str, requirements: str, core: str = "", python: str | None = None) -> None:
        self.name = name
        self.core = core
        self.python = python
        # nox shortens the directory of an environment if the path of the checkout is long.
        self._location = CACHE / "environments" / name
        self._requirements = ("-r", str(REQUIREMENTS / f"{requirements}.txt"))
        nox.session(name=name, python=python, default=False, tags=["environment"])(self.create)

    def create(self, session: nox.Session) -> None:
        """Create or update an environment that other sessions use."""
        core = "" if self.core == "devel" else self.core
        wanted = fingerprint(*self._requirements, self.core)
        location = Path(session.virtualenv.location).resolve()
        stamp = location / ".ready"
        if self.core == "devel" or not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
            session.install(*self._requirements, *constraints(core))
            if self.core == "devel":
                session.install("--upgrade", DEVEL)
            self._add_coverage_hook(session)
            stamp.write_text(wanted, encoding="utf-8")
        self._location.parent.mkdir(parents=True, exist_ok=True)
        self._location.write_text(str(location), encoding="utf-8")

    @property
    def directory(self) -> Path:
        """Return the directory of the environment. The session of the environment must have run."""
        return Path(self._location.read_text(encoding="utf-8"))

    @staticmethod
    def _add_coverage_hook(session: nox.Session) -> None:
        """Let every Python process of the environment measure coverage if the caller asks for it."""
        hook = 'import os; "COVERAGE_PROCESS_START" in os.environ and __import__("coverage").process_startup()\n'
        for packages in Path(session.virtualenv.location).glob("lib/python*/site-packages"):
            (packages / "coverage_hook.pth").write_text(hook, encoding="utf-8")

    def run(self, session: nox.Session, program: str, *arguments: str, env: t.Mapping[str, str] | None = None) -> None:
        """Run a program of the environment in the checkout."""
        path = os.pathsep.join([str(self.directory / "bin"), os.environ["PATH"]])
        variables = {**ansible_settings(), "PATH": path, "VIRTUAL_ENV": str(self.directory), **(env or {})}
        session.run(str(self.directory / "bin" / program), *arguments, env=variables, external=True)

    def tool(self, session: nox.Session, name: str, *arguments: str) -> None:
        """Run one of the programs in tests/tools."""
        self.run(session, "python", f"tests/tools/{name}.py", *arguments)

    def pytest(
        self,
        session: nox.Session,
        *arguments: str,
        distribution: str = "worksteal",
        env: t.Mapping[str, str] | None = None,
    ) -> None:
        """Run pytest with the arguments of the command line appended. Its JUnit report goes to .cache/junit."""
        JUNIT.mkdir(parents=True, exist_ok=True)
        report = f"--junit-xml={JUNIT / f'{session.name}.xml'}"
        common = ("-m", "pytest", "-q", "-n", WORKERS, "--dist", distribution, report)
        self.run(session, "python", *common, *arguments, *session.posargs, env=env)


def add_session(
    environment: Environment, name: str, run: t.Callable[[nox.Session], None], description: str, alone: bool = False
) -> None:
    """Register a session that uses ``environment``. ``alone``: no other session runs in parallel."""

    def session_function(session: nox.Session) -> None:
        # nox skips the session that creates the environment, and still runs those that require it.
        if environment.python and not shutil.which(f"python{environment.python}"):
            session.skip(f"Python {environment.python} is not installed")
        run(session)

    session_function.__doc__ = description
    parallel = False if alone else None
    nox.session(name=name, python=False, default=False, requires=[environment.name], allow_parallel=parallel)(
        session_function
    )


# Tests: with the newest ansible-core for the Python that runs nox, and with each supported pair


def add_test_sessions(environment: Environment, suffix: str = "") -> None:
    """Register the suites that every supported ansible-core must pass."""

    def units(session: nox.Session) -> None:
        environment.pytest(session, *UNITS)

    def smoke(session: nox.Session) -> None:
        environment.pytest(session, "tests/playbooks/smoke")

    def playbooks(session: nox.Session) -> None:
        environment.pytest(session, "tests/playbooks", "--ignore=tests/playbooks/smoke", distribution="loadscope")

    def playbooks_as_modules(session: nox.Session) -> None:
        environment.pytest(session, "tests/playbooks", "--as-modules", distribution="loadscope")

    def playbooks_complete(session: nox.Session) -> None:
        environment.pytest(session, "tests/playbooks", "-m", "complete", "--complete", distribution="loadscope")

    def robustness_sample(session: nox.Session) -> None:
        environment.pytest(session, "tests/robustness")

    for run, description in (
        (units, "Run the unit tests, the tests of the emulator, and those of the repository."),
        (smoke, "Run each module and role once, with local execution and as a module, and plan, drift and site."),
        (playbooks, "Run the playbook tests against the emulator."),
        (playbooks_as_modules, "Run the playbook tests without local execution."),
        (playbooks_complete, "Run the combinations that the session playbooks leaves out."),
        (robustness_sample, "Run a representative part of each robustness suite."),
    ):
        add_session(environment, run.__name__.replace("_", "-") + suffix, run, description)


TESTS = Environment("tests-environment", "tests", core=os.environ.get("ANSIBLE_CORE", ""))
add_test_sessions(TESTS)
for _core, _python in PAIRS:
    _suffix = f"-{_core}-{_python}"
    add_test_sessions(Environment(f"tests-environment{_suffix}", "tests", _core, _python), _suffix)


def coverage(session: nox.Session) -> None:
    shutil.rmtree(COVERAGE, ignore_errors=True)
    COVERAGE.mkdir(parents=True)
    settings = (f"--rcfile={ROOT / 'pyproject.toml'}", f"--data-file={COVERAGE / 'data'}")
    variables = {"COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml"), "COVERAGE_FILE": str(COVERAGE / "data")}
    TESTS.pytest(session, *UNITS, env=variables)
    TESTS.run(session, "coverage", "combine", "--quiet", *settings)
    TESTS.run(session, "coverage", "xml", "--quiet", *settings, "-o", str(COVERAGE / "coverage.xml"))
    for area, minimum in COVERAGE_MINIMUM.items():
        TESTS.run(session, "coverage", "report", *settings, f"--include={area}", f"--fail-under={minimum}")


add_session(TESTS, "coverage", coverage, "Run the unit tests and check the coverage of each area.")


def quickstart(session: nox.Session) -> None:
    TESTS.tool(session, "play", "community.huaweicloud.quickstart", *session.posargs)


def molecule(session: nox.Session) -> None:
    TESTS.tool(session, "scenarios", *session.posargs)


def bench(session: nox.Session) -> None:
    TESTS.run(session, "python", "tests/bench/bench.py", *session.posargs)


add_session(TESTS, "quickstart", quickstart, "Run the quick start.")
add_session(TESTS, "molecule", molecule, "Run the molecule scenario of each role.")
add_session(TESTS, "bench", bench, "Run the benchmarks and write docs/benchmarks.md.", alone=True)


# Static checks


@nox.session(name="format-check", default=False)
def format_check(session: nox.Session) -> None:
    """Check the format of all Python code without changing it."""
    session.install("ruff", *constraints())
    session.run("ruff", "format", "--check", ".")


@nox.session(default=False)
def typing(session: nox.Session) -> None:
    """Run mypy on the plugins for the oldest supported Python, and on the emulator and the test tools."""
    requirements = [word for name in ("nox", "play") for word in ("-r", str(REQUIREMENTS / f"{name}.txt"))]
    session.install("mypy", "types-PyYAML", "types-requests", *requirements, *constraints())
    link_collection()
    session.run("mypy", "-p", "ansible_collections.community.huaweicloud.plugins")
    tools = ("roles/emulator/files/huaweicloud_emulator", "tests/tools", "noxfile.py")
    session.run("mypy", "--python-version", "3.11", *tools)


def sanity_python(core: str) -> str:
    """Return the Python version for ansible-test: the first supported one that is installed."""
    return next((version for version in CORES[core] if shutil.which(f"python{version}")), CORES[core][0])


def newest_core() -> str:
    """Return the newest ansible-core for which a Python is installed."""
    return next((core for core in reversed(CORES) if shutil.which(f"python{sanity_python(core)}")), "2.19")


# ansible-test downloads a script that installs pip unless the file exists. This one uses the pip that Python includes.
GET_PIP = '''"""Install the pip version in the name of this file, with the help of the pip that Python includes."""

import pathlib
import subprocess
import sys

version = pathlib.Path(__file__).stem[len("get_pip_"):].replace("_", ".")
subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
subprocess.check_call([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pip==" + version])
'''
GET_PIP_NAMES = ("get_pip_24_2.py", "get_pip_25_2.py", "get_pip_25_3.py", "get_pip_26_0.py")


def run_sanity(session: nox.Session, core: str) -> None:
    """Run ansible-test without containers, in a copy of the checkout with the path that it requires."""
    source = (f"ansible-core @ {DEVEL}",) if core == "devel" else ("ansible-core", *constraints(core))
    session.install(*source)
    collection = prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    assert collection is not None
    cache = Path(os.environ["HOME"]) / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for name in GET_PIP_NAMES:
        if not (cache / name).exists():
            (cache / name).write_text(GET_PIP, encoding="utf-8")
    python = f"{sys.version_info[0]}.{sys.version_info[1]}" if not session.python else str(session.python)
    command = ["ansible-test", "sanity", "--local", "--color", "no", "--junit", "--python", python]
    with session.chdir(collection.current_path):
        junit = Path("tests/output/junit")
        shutil.rmtree(junit, ignore_errors=True)
        session.run(*command, *session.posargs)
        # ansible-test succeeds if it finds nothing to test, for example in a directory that git ignores.
        if not list(junit.glob("*.xml")):
            session.error("ansible-test did not test anything.")


def add_sanity_session(name: str, core: str, python: str) -> None:
    def sanity(session: nox.Session) -> None:
        run_sanity(session, core)

    sanity.__doc__ = f"Run ansible-test sanity with ansible-core {core} on Python {python}."
    nox.session(name=name, python=python, default=False)(sanity)


add_sanity_session("sanity", newest_core(), sanity_python(newest_core()))
for _core, _python in PAIRS:
    add_sanity_session(f"sanity-{_core}-{_python}", _core, _python)


# Documentation and release


def docs_site(session: nox.Session) -> None:
    TESTS.tool(session, "docs_site")


def changelog(session: nox.Session) -> None:
    TESTS.run(session, "antsibull-changelog", "lint")
    TESTS.tool(session, "notes", *session.posargs)


def signature(session: nox.Session) -> None:
    if not shutil.which("gpg"):
        session.skip("gpg is not installed")
    TESTS.tool(session, "signing")


def workflows(session: nox.Session) -> None:
    files = [str(path) for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))]
    TESTS.run(session, "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)
    TESTS.run(session, "check-jsonschema", "--builtin-schema", "vendor.renovate", "renovate.json")


def dist(session: nox.Session) -> None:
    TESTS.run(session, "ansible-galaxy", "collection", "build", "--force", "--output-path", "dist", ".")
    TESTS.tool(session, "tarball")


add_session(TESTS, "docs-site", docs_site, "Build the documentation site without warnings.")
add_session(TESTS, "changelog", changelog, "Check the changelog fragments and the notes of the next release.")
add_session(TESTS, "signature", signature, "Sign a copy of the checkout and verify the signature.")
add_session(TESTS, "workflows", workflows, "Check the GitHub workflows and the Renovate configuration.")
add_session(TESTS, "dist", dist, "Build the tarball and check its content.")


def release_changelog(session: nox.Session) -> None:
    TESTS.run(session, "antsibull-changelog", "release", *session.posargs)


def sign(session: nox.Session) -> None:
    TESTS.run(session, "ansible-sign", "project", "gpg-sign", *session.posargs, ".")


def release_notes(session: nox.Session) -> None:
    TESTS.tool(session, "release_notes", *session.posargs)


add_session(TESTS, "release-changelog", release_changelog, "Write the changelog of the version in galaxy.yml.")
add_session(TESTS, "sign", sign, "Sign the checksums of all files with your GPG key.")
add_session(TESTS, "release-notes", release_notes, "Write the notes of a tagged version to .cache/release-notes.md.")


@nox.session(default=False, requires=["dist"])
def installed(session: nox.Session) -> None:
    """Install the tarball as a user does, and run the playbooks from it."""
    session.install("ansible-core", "-r", "requirements.txt", *constraints())
    session.run("python", "tests/tools/installed.py")


@nox.session(name="constraints", default=False)
def update_constraints(session: nox.Session) -> None:
    """Pin the newest versions of all packages in tests/constraints."""
    versions = sorted({python for pythons in CORES.values() for python in pythons})
    missing = [version for version in versions if not shutil.which(f"python{version}")]
    if missing:
        session.error(f"Install Python {', '.join(missing)} first: the constraints cover every supported Python.")
    pythons = [str(shutil.which(f"python{version}")) for version in versions]
    session.run("python", "tests/tools/constraints.py", *pythons)


# Robustness: the whole suites


ROBUSTNESS = Environment("robustness-environment", "robustness", core=os.environ.get("ANSIBLE_CORE", ""))


def add_robustness_session(suite: str) -> None:
    def robustness(session: nox.Session) -> None:
        ROBUSTNESS.pytest(session, f"tests/robustness/{suite}", "--whole")

    name = f"robustness-{suite.replace('_', '-')}"
    add_session(ROBUSTNESS, name, robustness, f"Run the whole robustness suite {suite}.", alone=True)


for _suite in ROBUSTNESS_SUITES:
    add_robustness_session(_suite)
