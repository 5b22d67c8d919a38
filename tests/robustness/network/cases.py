# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is tried of the way to a service: options and variables, what has to come of them, and who may hear of it.

``SLUG`` is a word of the case's own: its project, and the name of its host where a proxy finds that. Options are templates of Ansible over the
names of the places, variables those of ``string.Template``.
"""

from __future__ import annotations

import dataclasses
import typing as t

LOGIN = "proxy-user:{{ proxy_password }}"
HOST = "https://SLUG.cloud.example"
PLAIN_HOST = "http://SLUG.cloud.example"
CHECK_PROXY = "the proxy cannot be used"
UNTRUSTED = "no trusted connection to "
# Who is not let in learns it at once or with the first answer.
SHUT_OUT = f"{UNTRUSTED}|the connection to "


@dataclasses.dataclass(frozen=True)
class Case:
    """One task that lists the meshes. ``said`` is part of its message, one of several between bars; without one it has to succeed.

    ``hears`` and ``passes`` are the services and proxies that see anything of it; ``warned`` are hosts it warns of.
    """

    name: str
    options: dict[str, t.Any]
    said: str = ""
    hears: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    kind: str = "TLS"


@dataclasses.dataclass(frozen=True)
class Group:
    """Cases of one run, and the variables it has."""

    environment: dict[str, str]
    cases: list[Case]


def _tls(name: str, said: str = "", /, server: str = "good", **options: t.Any) -> Case:
    endpoint = {"asm_endpoint": f"{{{{ {server} }}}}"}
    return Case(name, {**endpoint, **options}, said, hears=() if said else (server,))


def _proxied(
    name: str, by: str, said: str = "", /, *, endpoint: str = HOST, seen: bool = True, **options: t.Any
) -> Case:
    is_plain = endpoint.startswith("http://")
    hears = () if said else ("plain" if is_plain else "good",)
    warned = ("SLUG.cloud.example",) if is_plain else ()
    return Case(
        name,
        {"asm_endpoint": endpoint, **TRUSTED, **options},
        said,
        hears,
        (by,) if seen else (),
        warned,
        kind="proxies",
    )


def _direct(name: str, said: str = "", /, **options: t.Any) -> Case:
    return Case(
        name,
        {"asm_endpoint": "{{ good }}", **TRUSTED, **options},
        said,
        hears=() if said else ("good",),
        kind="proxies",
    )


TRUSTED = {"ca_path": "{{ ca }}"}
FOREIGN = {"client_cert": "{{ foreign_cert }}", "client_key": "{{ foreign_key }}"}
CLIENT_CERTIFICATE = {"client_cert": "{{ client_cert }}", "client_key": "{{ client_key }}"}

TLS = [
    _tls("private CA that is named", **TRUSTED),
    _tls("private CA that is not named", UNTRUSTED),
    _tls("another CA is named", UNTRUSTED, ca_path="{{ other_ca }}"),
    _tls(
        "file without a CA",
        "ca_path (in AWX: CA certificates): it must name a file with certificates",
        ca_path="{{ nothing }}",
    ),
    _tls("directory of CAs without one", UNTRUSTED, ca_path="{{ empty_directory }}"),
    _tls("certificate that expired", "certificate has expired", server="expired", **TRUSTED),
    _tls("certificate of tomorrow", "certificate is not yet valid", server="future", **TRUSTED),
    _tls("certificate for another address", "IP address mismatch", server="elsewhere", **TRUSTED),
    _tls("certificate of another CA", UNTRUSTED, server="foreign", **TRUSTED),
    _tls("certificate for another name", "Hostname mismatch", asm_endpoint="{{ good_by_name }}", **TRUSTED),
    _tls("certificates are not verified", server="elsewhere", validate_certs=False),
    _tls(
        "certificates are not verified, and a CA is given",
        server="expired",
        validate_certs=False,
        ca_path="{{ other_ca }}",
    ),
    _tls("certificate that is demanded", server="asking", **TRUSTED, **CLIENT_CERTIFICATE),
    _tls(
        "certificate that is demanded, with its key in one file",
        server="asking",
        **TRUSTED,
        client_cert="{{ client_both }}",
    ),
    _tls("certificate that is demanded and not there", SHUT_OUT, server="asking", **TRUSTED),
    _tls("certificate of a CA the service does not know", SHUT_OUT, server="asking", **TRUSTED, **FOREIGN),
    _tls(
        "key of another certificate",
        "key values mismatch. Check client_cert and client_key",
        server="asking",
        **TRUSTED,
        **{**CLIENT_CERTIFICATE, "client_key": "{{ foreign_key }}"},
    ),
    _tls(
        "key that wants a password",
        "is encrypted with a password",
        server="asking",
        **TRUSTED,
        client_cert="{{ client_cert }}",
        client_key="{{ locked_key }}",
    ),
    _tls(
        "key that wants a password, in one file",
        "is encrypted with a password",
        server="asking",
        **TRUSTED,
        client_cert="{{ locked_both }}",
    ),
    _tls(
        "key without a certificate",
        "client_key is set without client_cert",
        server="asking",
        client_key="{{ client_key }}",
    ),
    _tls("version of TLS that is too old", UNTRUSTED, server="old", **TRUSTED),
    _tls("TLS to a port without it", "wrong version number", asm_endpoint="{{ plain_as_tls }}", max_retries=0),
]
TLS_OF_VARIABLES = [
    _tls("HW_CACERT, HW_CERT and HW_KEY", server="asking"),
    _tls("HW_CACERT alone", server="good"),
    _tls("an option wins over HW_CACERT", UNTRUSTED, ca_path="{{ other_ca }}"),
    _tls("HW_CACERT trusts no other", UNTRUSTED, server="foreign"),
]
TLS_UNSAFE = [
    _tls("HW_INSECURE", server="expired"),
    _tls(
        "an option wins over HW_INSECURE", "certificate has expired", server="expired", validate_certs=True, **TRUSTED
    ),
]
TLS_OF_OTHERS = [
    _tls("REQUESTS_CA_BUNDLE and its like are not ours", UNTRUSTED),
]

PROXIES = [
    _proxied("HTTPS through a proxy", "proxy", proxy="{{ proxy }}"),
    _proxied("HTTP through a proxy", "proxy", endpoint=PLAIN_HOST, proxy="{{ proxy }}"),
    _proxied("HTTPS through a proxy with a password", "guarded", proxy=f"http://{LOGIN}@{{{{ guarded }}}}"),
    _proxied(
        "HTTP through a proxy with a password",
        "guarded",
        endpoint=PLAIN_HOST,
        proxy=f"http://{LOGIN}@{{{{ guarded }}}}",
    ),
    _proxied(
        "HTTPS, and the password is wrong",
        "guarded",
        "407 Proxy Authentication Required",
        proxy="http://proxy-user:{{ wrong }}@{{ guarded }}",
    ),
    _proxied(
        "HTTP, and the password is wrong",
        "guarded",
        "HTTP 407",
        endpoint=PLAIN_HOST,
        proxy="http://proxy-user:{{ wrong }}@{{ guarded }}",
    ),
    _proxied("HTTPS, without a password", "guarded", "407 Proxy Authentication Required", proxy="http://{{ guarded }}"),
    _proxied("HTTPS through a proxy that speaks TLS", "safe", proxy=f"https://{LOGIN}@{{{{ safe }}}}"),
    _proxied(
        "HTTP through a proxy that speaks TLS", "safe", endpoint=PLAIN_HOST, proxy=f"https://{LOGIN}@{{{{ safe }}}}"
    ),
    _proxied(
        "HTTPS through a proxy nobody trusts", "", CHECK_PROXY, seen=False, proxy=f"https://{LOGIN}@{{{{ strange }}}}"
    ),
    _proxied(
        "HTTP through a proxy nobody trusts",
        "",
        CHECK_PROXY,
        endpoint=PLAIN_HOST,
        seen=False,
        proxy=f"https://{LOGIN}@{{{{ strange }}}}",
    ),
    _proxied(
        "certificate for another name behind a proxy",
        "proxy",
        "Hostname mismatch",
        endpoint="https://SLUG.other.example",
        proxy="{{ proxy }}",
    ),
    _proxied("a proxy that is not there", "", CHECK_PROXY, seen=False, proxy=f"http://{LOGIN}@{{{{ nobody }}}}"),
    _proxied(
        "a proxy that speaks no HTTP",
        "",
        "proxy is not a usable URL",
        seen=False,
        proxy=f"socks5://{LOGIN}@{{{{ nobody }}}}",
    ),
]
NOBODY = f"http://{LOGIN}@{{{{ nobody }}}}"
PROXY_OF_VARIABLES = [
    _proxied("HTTPS_PROXY with a password", "guarded"),
    _proxied("HTTP_PROXY", "proxy", endpoint=PLAIN_HOST),
    _proxied("an option wins over HTTPS_PROXY", "proxy", proxy="{{ proxy }}"),
    _direct("no_proxy names the address"),
    _direct("no_proxy counts for the option too", proxy=NOBODY),
    # Nobody but a proxy knows such a name.
    _direct(
        "no_proxy names the domain", "no connection to SLUG.direct.example", asm_endpoint="https://SLUG.direct.example"
    ),
    _direct(
        "no_proxy names the domain with a dot",
        "no connection to SLUG.dotted.example",
        asm_endpoint="https://SLUG.dotted.example",
    ),
    _proxied("no_proxy names another domain", "guarded", "Hostname mismatch", endpoint="https://SLUG.example"),
]
PROXY_OF_OURS = [
    _proxied("HW_PROXY wins over HTTPS_PROXY", "guarded"),
    _proxied("HW_PROXY wins over HTTP_PROXY", "guarded", endpoint=PLAIN_HOST),
    _proxied("an option wins over HW_PROXY", "proxy", proxy="{{ proxy }}"),
]
PROXY_OF_OTHERS = [
    _proxied("ALL_PROXY that speaks no HTTP", "", "the proxy or a header is invalid", seen=False),
]
BAD_PROXY = [
    _proxied("HTTPS_PROXY that is not a URL", "", "the proxy or a header is invalid", seen=False),
]

PLAIN = [
    Case("http on the loopback", {"asm_endpoint": "{{ plain }}"}, hears=("plain",), kind="plain http"),
    Case("http on the loopback by name", {"asm_endpoint": "{{ plain_by_name }}"}, hears=("plain",), kind="plain http"),
    Case(
        "http elsewhere, three times",
        {
            "asm_endpoint": PLAIN_HOST,
            "modelarts_endpoint": "http://modelarts.cloud.example",
            "auth_url": "http://iam.cloud.example",
            "proxy": "{{ proxy }}",
        },
        hears=("plain",),
        passes=("proxy",),
        warned=("SLUG.cloud.example", "modelarts.cloud.example", "iam.cloud.example"),
        kind="plain http",
    ),
    Case(
        "https elsewhere",
        {"asm_endpoint": HOST, "proxy": "{{ proxy }}", **TRUSTED},
        hears=("good",),
        passes=("proxy",),
        kind="plain http",
    ),
]

# A netrc that would know a name and a password for each host is there in all of them.
GROUPS: dict[str, Group] = {
    "options": Group({}, TLS + PROXIES + PLAIN),
    "variables": Group(
        {
            "HW_CACERT": "$ca",
            "HW_CERT": "$client_cert",
            "HW_KEY": "$client_key",
            "HTTPS_PROXY": "http://proxy-user:$proxy_password@$guarded",
            "HTTP_PROXY": "$proxy",
            "NO_PROXY": "127.0.0.0/8,direct.example,.dotted.example",
        },
        TLS_OF_VARIABLES + PROXY_OF_VARIABLES,
    ),
    "variables of ours": Group(
        {
            "HW_PROXY": "http://proxy-user:$proxy_password@$guarded",
            "HTTPS_PROXY": "http://$nobody",
            "http_proxy": "http://$nobody",
            "HW_CACERT": "$ca",
        },
        PROXY_OF_OURS,
    ),
    "unsafe": Group({"HW_INSECURE": "1"}, TLS_UNSAFE),
    "variables of others": Group(
        {
            "REQUESTS_CA_BUNDLE": "$ca",
            "CURL_CA_BUNDLE": "$ca",
            "SSL_CERT_FILE": "$ca",
            "ALL_PROXY": "socks5h://$nobody",
            "NO_PROXY": "127.0.0.1",
        },
        TLS_OF_OTHERS + PROXY_OF_OTHERS,
    ),
    "bad proxy": Group({"HTTPS_PROXY": "http://proxy-user:$proxy_password@[not-an-address"}, BAD_PROXY),
}
