# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Published Deployments, generated Deployments, and the changes that an API server makes to them.

The defaults are written here once more, from the API types and defaulting functions of Kubernetes (apps/v1 and core/v1), and share
nothing with the emulator's: one misreading must not prove itself right.
"""

from __future__ import annotations

import copy
import decimal
import json
import typing as t
from pathlib import Path

import yaml
from hypothesis import strategies as st

# The extension is not .yaml, because linters require one document in a YAML file.
DATA = Path(__file__).parent / "data"
Object = dict[str, t.Any]


def read_all() -> dict[str, Object]:
    """Return the Deployments of the samples by name."""
    found = [
        document
        for path in sorted(DATA.rglob("*.yaml.txt"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]
    return {one["metadata"]["name"]: one for one in found if one and one["kind"] == "Deployment"}


REAL = read_all()


# -- changes by the server


DEPLOYMENT = {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600}
ROLLING = {"maxUnavailable": "25%", "maxSurge": "25%"}
POD: Object = {
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "terminationGracePeriodSeconds": 30,
    "securityContext": {},
}
CONTAINER: Object = {
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "resources": {},
}
PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
MODES = {"configMap": 420, "secret": 420, "downwardAPI": 420, "projected": 420}
# Fields with "omitempty", whose zero value the server omits.
OMITTED: tuple[tuple[t.Any, tuple[str, ...]], ...] = (
    ("", ("value", "hostname", "subPath")),
    (False, ("hostNetwork", "hostPID", "readOnly", "stdin", "tty")),
    (0, ("initialDelaySeconds", "minReadySeconds")),
)


def add_server_defaults(desired: Object) -> Object:
    """Return a template as an API server returns it after creation."""
    actual = remove_empty(copy.deepcopy(desired))
    actual["metadata"].setdefault("namespace", "default")
    actual["metadata"].update(
        uid="0d4d7a6e-9a3c-4a53-8d0c-5f1e3c2b1a00",
        resourceVersion="4711",
        generation=1,
        creationTimestamp="2026-01-02T03:04:05Z",
        managedFields=[{"manager": "asm", "operation": "Update", "apiVersion": "apps/v1"}],
    )
    actual["metadata"].setdefault("annotations", {})["deployment.kubernetes.io/revision"] = "1"
    spec = actual["spec"]
    set_defaults(spec, DEPLOYMENT)
    strategy = spec.setdefault("strategy", {})
    set_defaults(strategy, {"type": "RollingUpdate"})
    if strategy["type"] == "RollingUpdate":
        set_defaults(strategy.setdefault("rollingUpdate", {}), ROLLING)
    spec["template"].setdefault("metadata", {})["creationTimestamp"] = None
    serve_pod(spec["template"]["spec"])
    actual["status"] = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "unavailableReplicas": 1}
    return actual


def remove_empty(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        kept = {key: remove_empty(entry) for key, entry in value.items() if entry is not None}
        return {key: entry for key, entry in kept.items() if not is_omitted(key, entry)}
    return [remove_empty(entry) for entry in value] if isinstance(value, list) else value


def is_omitted(key: str, value: t.Any) -> bool:
    return any(type(value) is type(zero) and value == zero and key in keys for zero, keys in OMITTED)


def set_defaults(target: Object, defaults: t.Mapping[str, t.Any]) -> None:
    for key, value in defaults.items():
        target.setdefault(key, copy.deepcopy(value))


def serve_pod(pod: Object) -> None:
    set_defaults(pod, POD)
    if "serviceAccountName" in pod:
        pod["serviceAccount"] = pod["serviceAccountName"]
    for container in pod.get("initContainers", []) + pod["containers"]:
        serve_container(container)
    for volume in pod.get("volumes", []):
        serve_volume(volume)


def serve_container(container: Object) -> None:
    set_defaults(container, CONTAINER)
    name = container["image"].rpartition("/")[2]
    latest = "@" not in name and (":" not in name or name.endswith(":latest"))
    set_defaults(container, {"imagePullPolicy": "Always" if latest else "IfNotPresent"})
    for kind in set(container["resources"]) & {"limits", "requests"}:
        container["resources"][kind] = {key: canonicalize(value) for key, value in container["resources"][kind].items()}
    for port in container.get("ports", []):
        set_defaults(port, {"protocol": "TCP"})
    for variable in container.get("env", []):
        source = variable.get("valueFrom", {})
        if "fieldRef" in source:
            set_defaults(source["fieldRef"], {"apiVersion": "v1"})
        if "resourceFieldRef" in source:
            source["resourceFieldRef"]["divisor"] = canonicalize(source["resourceFieldRef"].get("divisor", "0"))
    for probe in (container[key] for key in ("livenessProbe", "readinessProbe", "startupProbe") if key in container):
        set_defaults(probe, PROBE)
        set_defaults(probe.get("httpGet", {}), {"path": "/", "scheme": "HTTP"})
        set_defaults(probe.get("grpc", {}), {"service": ""})


def serve_volume(volume: Object) -> None:
    if set(volume) == {"name"}:
        volume["emptyDir"] = {}
    for source in set(MODES) & set(volume):
        set_defaults(volume[source], {"defaultMode": MODES[source]})
    if "hostPath" in volume:
        set_defaults(volume["hostPath"], {"type": ""})
    if "sizeLimit" in volume.get("emptyDir", {}):
        volume["emptyDir"]["sizeLimit"] = canonicalize(volume["emptyDir"]["sizeLimit"])
    for source in volume.get("projected", {}).get("sources", []):
        set_defaults(source.get("serviceAccountToken", {}), {"expirationSeconds": 3600})


def inject_sidecar(actual: Object) -> Object:
    """Return a Deployment with the container, init container, volumes and labels that Istio injects."""
    actual = copy.deepcopy(actual)
    template = actual["spec"]["template"]
    template["metadata"].setdefault("labels", {})["security.istio.io/tlsMode"] = "istio"
    brought = {
        "initContainers": ["istio-init"],
        "containers": ["istio-proxy"],
        "volumes": ["istio-envoy", "istio-token"],
        "imagePullSecrets": None,
    }
    template["metadata"].setdefault("annotations", {})["sidecar.istio.io/status"] = json.dumps(brought)
    pod = template["spec"]
    for container in pod["containers"]:
        container.setdefault("volumeMounts", []).append({"name": "istio-token", "mountPath": "/var/run/secrets/tokens"})
    pod["containers"].insert(
        0, {"name": "istio-proxy", "image": "docker.io/istio/proxyv2:1.24.0", "args": ["proxy", "sidecar"]}
    )
    pod.setdefault("initContainers", []).append({"name": "istio-init", "image": "docker.io/istio/proxyv2:1.24.0"})
    pod.setdefault("volumes", []).extend(
        [{"name": "istio-envoy", "emptyDir": {"medium": "Memory"}}, {"name": "istio-token", "emptyDir": {}}]
    )
    return actual


# -- quantities

DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
EXACT = decimal.Context(prec=200)


def parse_number(text: t.Any) -> decimal.Decimal:
    """Return the value of a quantity by the grammar of Kubernetes."""
    text = str(text)
    for suffix, power in BINARY.items():
        if text.endswith(suffix):
            return EXACT.multiply(decimal.Decimal(text.removesuffix(suffix)), decimal.Decimal(2**power))
    if text[-1:].isalpha():
        return EXACT.scaleb(decimal.Decimal(text[:-1]), DECIMAL[text[-1]])
    return decimal.Decimal(text)


def canonicalize(value: t.Any) -> str:
    """Return a quantity as the server formats it: the largest suffix without a fraction, in the same kind of units."""
    number = parse_number(value)
    if str(value).endswith("i") and number >= 1024:
        fits = [suffix for suffix, power in BINARY.items() if number % 2**power == 0]
        if fits:
            return f"{int(number / 2 ** BINARY[fits[-1]])}{fits[-1]}"
    fits = [suffix for suffix, power in DECIMAL.items() if number == 0 or EXACT.scaleb(number, -power) % 1 == 0]
    suffix = "" if number == 0 else fits[-1]
    return f"{int(EXACT.scaleb(number, -DECIMAL[suffix]))}{suffix}"


def format_variants(number: decimal.Decimal) -> list[t.Any]:
    """Return notations of one number as a quantity, including numbers of YAML."""
    scaled = {suffix: EXACT.scaleb(number, -power) for suffix, power in DECIMAL.items()}
    scaled |= {suffix: EXACT.divide(number, decimal.Decimal(2**power)) for suffix, power in BINARY.items()}
    texts = [f"{value:f}{suffix}" for suffix, value in scaled.items()]
    texts += [f"{scaled['k']:f}e3", f"{scaled['']:f}E0", f"+{scaled['']:f}", f"{scaled['m']:f}e-3"]
    # Skip unusually long notations and rounded ones, which have another value.
    exact = [text for text in texts if len(text) < 40 and parse_number(text) == number]
    return exact + (
        [int(number)] if number % 1 == 0 else [float(number)] if decimal.Decimal(repr(float(number))) == number else []
    )


def numbers() -> st.SearchStrategy[decimal.Decimal]:
    """Draw values of quantities. The server rounds to a thousandth, so none is finer."""
    whole = st.integers(0, 10**6)
    units = st.sampled_from(["0.001", "1", "1000", "1000000", "1024", "1048576", "1073741824"])
    return st.builds(
        lambda mantissa, unit: EXACT.multiply(decimal.Decimal(mantissa), decimal.Decimal(unit)), whole, units
    )


def quantities() -> st.SearchStrategy[t.Any]:
    return (
        numbers().map(lambda number: (number, format_variants(number))).flatmap(lambda pair: st.sampled_from(pair[1]))
    )


# -- generated Deployments

NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,5}[a-z0-9])?", fullmatch=True)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
KEYS = st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,4}/[a-z]{1,5})?", fullmatch=True)
MAPS = st.dictionaries(KEYS, WORDS, max_size=3)


def record(
    required: t.Mapping[str, st.SearchStrategy[t.Any]], **optional: st.SearchStrategy[t.Any]
) -> st.SearchStrategy[Object]:
    return st.fixed_dictionaries(dict(required), optional=optional)


def draw_list(
    elements: st.SearchStrategy[Object], *keys: str, least: int = 0, most: int = 3
) -> st.SearchStrategy[list[Object]]:
    """Draw a list whose elements have unique keys."""
    return st.lists(
        elements,
        min_size=least,
        max_size=most,
        unique_by=lambda element: tuple(element.get(key, "TCP") for key in keys),
    )


PORT = st.integers(1, 65535)
REFERENCE = record({"name": NAMES, "key": NAMES})
SOURCES = st.one_of(
    record({"secretKeyRef": REFERENCE}),
    record({"configMapKeyRef": REFERENCE}),
    record({"fieldRef": record({"fieldPath": st.just("metadata.name")})}),
    record({"resourceFieldRef": record({"resource": st.just("limits.cpu")}, divisor=st.sampled_from(["1", "1m", 1]))}),
)
VARIABLE = st.one_of(record({"name": NAMES}, value=WORDS), record({"name": NAMES, "valueFrom": SOURCES}))
TARGET = st.one_of(
    record(
        {
            "httpGet": record(
                {"port": PORT},
                path=st.just("/health"),
                httpHeaders=draw_list(record({"name": NAMES, "value": WORDS}), "name"),
            )
        }
    ),
    record({"tcpSocket": record({"port": st.one_of(PORT, NAMES)})}),
    record({"grpc": record({"port": PORT}, service=NAMES)}),
    record({"exec": record({"command": st.lists(WORDS, max_size=3)})}),
)
TIMES = record(
    {}, initialDelaySeconds=st.integers(0, 60), periodSeconds=st.integers(1, 60), timeoutSeconds=st.integers(1, 9)
)
PROBES = st.builds(lambda target, times: {**target, **times}, TARGET, TIMES)
AMOUNTS = record({}, cpu=quantities(), memory=quantities())
MOUNT = record({"name": NAMES, "mountPath": NAMES.map(lambda name: f"/{name}")}, readOnly=st.booleans())
VOLUME = st.one_of(
    record({"name": NAMES}),
    record({"name": NAMES, "emptyDir": record({}, medium=st.just("Memory"), sizeLimit=quantities())}),
    record({"name": NAMES, "configMap": record({"name": NAMES}, optional=st.booleans())}),
    record({"name": NAMES, "secret": record({"secretName": NAMES}, defaultMode=st.sampled_from([256, 420]))}),
    record({"name": NAMES, "hostPath": record({"path": st.just("/var/log")})}),
    record({"name": NAMES, "projected": record({"sources": st.just([{"serviceAccountToken": {"path": "token"}}])})}),
)
SAFETY = record(
    {},
    runAsUser=st.integers(0, 2000),
    runAsNonRoot=st.booleans(),
    readOnlyRootFilesystem=st.booleans(),
    privileged=st.booleans(),
)
IMAGES = st.builds(
    lambda name, tag: f"registry.example.com/{name}{tag}",
    NAMES,
    st.sampled_from(["", ":latest", ":1.2", "@sha256:" + 64 * "a"]),
)
CONTAINERS = record(
    {"name": NAMES, "image": IMAGES},
    imagePullPolicy=st.sampled_from(["Always", "IfNotPresent", "Never"]),
    command=st.lists(WORDS, max_size=3),
    args=st.lists(WORDS, max_size=3),
    env=draw_list(VARIABLE, "name"),
    ports=draw_list(
        record({"containerPort": PORT}, protocol=st.sampled_from(["TCP", "UDP"]), name=NAMES),
        "containerPort",
        "protocol",
    ),
    resources=record({}, limits=AMOUNTS, requests=AMOUNTS),
    volumeMounts=draw_list(MOUNT, "mountPath"),
    livenessProbe=PROBES,
    readinessProbe=PROBES,
    securityContext=SAFETY,
)
PODS = record(
    {"containers": draw_list(CONTAINERS, "name", least=1)},
    initContainers=draw_list(CONTAINERS, "name", most=1),
    volumes=draw_list(VOLUME, "name"),
    serviceAccountName=NAMES,
    nodeSelector=MAPS,
    hostNetwork=st.booleans(),
    terminationGracePeriodSeconds=st.integers(0, 60),
    tolerations=st.lists(record({"key": NAMES, "operator": st.just("Exists")}), max_size=2),
    imagePullSecrets=draw_list(record({"name": NAMES}), "name"),
    hostAliases=draw_list(
        record({"ip": st.sampled_from(["192.0.2.1", "192.0.2.2"]), "hostnames": st.lists(NAMES, max_size=2)}), "ip"
    ),
)
STRATEGIES = st.one_of(
    st.just({}),
    st.just({"type": "Recreate"}),
    record(
        {"type": st.just("RollingUpdate")},
        rollingUpdate=record({}, maxSurge=st.sampled_from([0, 1, "50%"]), maxUnavailable=st.sampled_from([1, "10%"])),
    ),
)


@st.composite
def deployments(draw: st.DrawFn) -> Object:
    """Draw a published Deployment, or a generated one that an API server accepts."""
    if draw(st.integers(0, 4)) == 0:
        return copy.deepcopy(REAL[draw(st.sampled_from(sorted(REAL)))])
    labels = draw(MAPS)
    spec = draw(
        record(
            {"template": record({"metadata": record({"labels": st.just(labels)}, annotations=MAPS), "spec": PODS})},
            replicas=st.integers(0, 5),
            minReadySeconds=st.integers(0, 5),
            revisionHistoryLimit=st.integers(0, 12),
            strategy=STRATEGIES,
        )
    )
    spec["selector"] = {"matchLabels": labels}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": draw(record({"name": NAMES}, labels=MAPS, annotations=MAPS)),
        "spec": spec,
    }
