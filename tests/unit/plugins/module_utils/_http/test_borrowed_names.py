# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection takes from ``requests``, ``urllib3``, ``http.client`` and PySocks, so that none of their releases
can break it: nothing private, and what their documentation does not have stands here with its reason."""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import inspect
import textwrap
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[5] / "plugins"
PACKAGES = ("requests", "urllib3", "http", "socks")

# https://requests.readthedocs.io/en/latest/api/, https://urllib3.readthedocs.io/en/stable/reference/,
# https://docs.python.org/3/library/http.client.html and .../http.html, https://github.com/Anorov/PySocks (README).
DOCUMENTED = {
    "http.HTTPStatus",
    "http.client.HTTPConnection",
    "http.client.HTTPConnection.close",
    "http.client.HTTPConnection.connect",
    "http.client.HTTPConnection.getresponse",
    "http.client.HTTPConnection.request",
    "http.client.HTTPException",
    "http.client.HTTPResponse",
    "http.client.HTTPResponse.getheaders",
    "http.client.HTTPResponse.headers",
    "http.client.HTTPResponse.msg",
    "http.client.HTTPResponse.read",
    "http.client.HTTPResponse.status",
    "http.client.HTTPResponse.version",
    "http.client.IncompleteRead",
    "http.client.RemoteDisconnected",
    "requests.PreparedRequest.body",
    "requests.PreparedRequest.headers",
    "requests.PreparedRequest.method",
    "requests.PreparedRequest.path_url",
    "requests.PreparedRequest.url",
    "requests.Request",
    "requests.Request.prepare",
    "requests.structures.CaseInsensitiveDict",
    "socks.ProxyError",
    "socks.ProxyError.msg",
    "socks.ProxyError.socket_err",
    "socks.SOCKS4",
    "socks.SOCKS4Error",
    "socks.SOCKS5",
    "socks.SOCKS5AuthError",
    "socks.SOCKS5Error",
    "socks.socksocket",
    "socks.socksocket.close",
    "socks.socksocket.connect",
    "socks.socksocket.recv_into",
    "socks.socksocket.set_proxy",
    "socks.socksocket.settimeout",
    "urllib3.exceptions.HTTPError",
    "urllib3.util.Url.auth",
    "urllib3.util.Url.fragment",
    "urllib3.util.Url.host",
    "urllib3.util.Url.port",
    "urllib3.util.Url.request_uri",
    "urllib3.util.Url.scheme",
    "urllib3.util.parse_url",
    "urllib3.util.ssl_.create_urllib3_context",
    "urllib3.util.ssl_wrap_socket",
}

# Why, and where it was looked up: in the sources of CPython 3.9 to 3.14, requests 2.25.1 to 2.34, urllib3 1.26 to 2.8.
UNDOCUMENTED = {
    "http.client.HTTPConnection.host": "what the connection was made with; since Python 2.0",
    "http.client.HTTPConnection.port": "what the connection was made with; since Python 2.0",
    "http.client.HTTPConnection.response_class": "the one way to have answers read by Answer; since Python 2.0",
    "http.client.HTTPConnection.sock": "what connect() is to leave behind, as subclasses of many projects do; Python 2.0",
    "http.client.HTTPResponse.begin": "reads the headers; http.client itself skips only 100 of the interim answers",
    "requests.utils.DEFAULT_CA_BUNDLE_PATH": "certifi's bundle, or that of the distribution; since requests 0.14",
    "requests.utils.get_environ_proxies": "what requests.Session asks; since requests 1.0",
    "requests.utils.select_proxy": "what requests.adapters.HTTPAdapter asks; since requests 2.6",
}

# What the names of variables hold; the classes that are derived from theirs are found by themselves.
VARIABLES = {
    "_http/connection.py": {"tunnel": "http.client.HTTPConnection", "answer": "http.client.HTTPResponse"},
    "_http/transport.py": {
        "answer": "http.client.HTTPResponse",
        "connection": "http.client.HTTPConnection",
        "prepared": "requests.PreparedRequest",
        "request": "requests.Request",
    },
    "_http/proxy.py": {"url": "urllib3.util.Url"},
    "_http/socks_proxy.py": {"sock": "socks.socksocket", "error": "socks.ProxyError"},
    "signer.py": {"request": "requests.PreparedRequest"},
}

TREES = {path: ast.parse(path.read_text("utf-8")) for path in sorted(PLUGINS.rglob("*.py"))}


def nodes(tree, *kinds):
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def dotted(node):
    """The name of an attribute's attribute, such as http.client.HTTPResponse; empty for what is none."""
    if isinstance(node, ast.Name):
        return node.id
    start = dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return start and f"{start}.{node.attr}"


def defined(tree):
    """Every name that a file or a class defines: functions, classes, variables, attributes of instances."""
    for node in nodes(tree, ast.FunctionDef, ast.ClassDef, ast.Name, ast.Attribute):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


@functools.cache
def module(name):
    with contextlib.suppress(ImportError):
        return importlib.import_module(name)
    return None


@functools.cache
def names_of_class(name):
    """All that a class of theirs has, and its instances have as the source tells."""
    origin, _dot, attribute = name.rpartition(".")
    found = getattr(module(origin), attribute, object)
    names = set(dir(found))
    for base in inspect.getmro(found):
        # The source of a built-in class or of a named tuple is not to be had, nor needed.
        with contextlib.suppress(OSError, TypeError):
            names |= set(defined(ast.parse(textwrap.dedent(inspect.getsource(base)))))
    return names


def meanings(tree):
    """What the names of a file stand for, where that is something of the packages."""
    found = {}
    for node in nodes(tree, ast.Import):
        for alias in node.names:
            start = alias.name.split(".")[0]
            if start in PACKAGES:
                found[alias.asname or start] = alias.name if alias.asname else start
    for node in nodes(tree, ast.ImportFrom):
        if (node.module or "").split(".")[0] in PACKAGES:
            found.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    for node in nodes(tree, ast.Assign, ast.AnnAssign):
        # A base class that may be missing has a name of ours.
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and (origin := meaning(node.value, found)):
            found[target.id] = origin
    return found


def meaning(node, known):
    start, dot, rest = dotted(node).partition(".")
    return f"{known[start]}{dot}{rest}" if start in known else None


def is_self(node):
    is_super = isinstance(node, ast.Call) and dotted(node.func) == "super"
    return is_super or dotted(node) in ("self", "cls")


def borrowed(path):
    tree = TREES[path]
    known = meanings(tree)
    yield from known.values()
    for node in nodes(tree, ast.Attribute):
        if origin := meaning(node, known):
            yield origin
    variables = next((found for end, found in VARIABLES.items() if path.as_posix().endswith(end)), {})
    for node in nodes(tree, ast.Attribute):
        holder = variables.get(dotted(node.value))
        if holder and node.attr in names_of_class(holder):
            yield f"{holder}.{node.attr}"
    for cls in nodes(tree, ast.ClassDef):
        for base in filter(None, (meaning(base, known) for base in cls.bases)):
            of_self = {node.attr for node in nodes(cls, ast.Attribute) if is_self(node.value)}
            body = {node.name for node in cls.body if isinstance(node, ast.FunctionDef)}
            body |= {target.id for node in cls.body if isinstance(node, ast.Assign) for target in node.targets}
            for name in of_self | body:
                if name in names_of_class(base) and not name.startswith("__"):
                    yield f"{base}.{name}"


LISTED = DOCUMENTED | UNDOCUMENTED.keys()
WITH_ATTRIBUTES = {name.rpartition(".")[0] for name in LISTED}


def listed(name):
    """The name, or the start of it that is listed without any attribute, such as that of an enumeration."""
    start = name
    while start:
        if start in LISTED and start not in WITH_ATTRIBUTES:
            return start
        start = start.rpartition(".")[0]
    return name


@pytest.fixture(scope="module")
def found():
    names = {name for path in TREES for name in borrowed(path)}
    missing = {package for package in PACKAGES if module(package) is None}
    return {name for name in names if module(name) is None and name not in missing}


def test_every_borrowed_name_is_listed(found):
    assert {listed(name) for name in found} <= LISTED


def test_every_listed_name_is_borrowed(found):
    used = {listed(name) for name in found}
    there = {name for name in LISTED if module(name.split(".")[0]) is not None}
    assert there - used == set()


def test_no_borrowed_name_is_private(found):
    for name in found | LISTED:
        assert not any(part.startswith("_") and not part.startswith("__") for part in name.split(".")), name


def test_a_private_attribute_belongs_to_the_file_that_uses_it():
    """Whatever the object is; or to a class of ours that one in the file is derived from."""
    ours = {cls.name: cls for tree in TREES.values() for cls in nodes(tree, ast.ClassDef)}
    for path, tree in TREES.items():
        if "module_utils" not in path.parts:
            # What runs on the controller uses none of these packages.
            assert not meanings(tree)
            continue
        bases = [dotted(base).rpartition(".")[2] for cls in nodes(tree, ast.ClassDef) for base in cls.bases]
        # Documented in spite of their names: os._exit(), and what named tuples have.
        known = {
            "_exit",
            "_asdict",
            "_fields",
            "_make",
            "_replace",
            *defined(tree),
            *(name for base in bases if base in ours for name in defined(ours[base])),
        }
        for node in nodes(tree, ast.Attribute):
            if node.attr.startswith("_") and not node.attr.startswith("__"):
                assert node.attr in known, f"{path.name}:{node.lineno}: {node.attr}"


def test_nothing_process_wide_is_changed():
    """No attribute of a module is set: whatever else runs in this process finds it as it was."""
    for path, tree in TREES.items():
        modules = {
            (alias.asname or alias.name).split(".")[0] for node in nodes(tree, ast.Import) for alias in node.names
        }
        for node in nodes(tree, ast.Attribute):
            if isinstance(node.ctx, ast.Store):
                assert dotted(node).partition(".")[0] not in modules, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("name", sorted(UNDOCUMENTED))
def test_an_undocumented_name_is_there_and_has_a_reason(name):
    origin, _dot, attribute = name.rpartition(".")
    assert UNDOCUMENTED[name]
    assert hasattr(module(origin), attribute) if module(origin) else attribute in names_of_class(origin)
