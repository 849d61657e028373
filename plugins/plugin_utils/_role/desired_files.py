# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection.

Files of desired state, read without a pass through templates: ``{{`` in them is text like any other.
"""

from __future__ import annotations

import glob
import json
import os
import typing as t
from collections.abc import Callable

import yaml
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import quoted
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.values import texts

_PLAIN_TAGS = {
    yaml.MappingNode: "tag:yaml.org,2002:map",
    yaml.SequenceNode: "tag:yaml.org,2002:seq",
    yaml.ScalarNode: "tag:yaml.org,2002:str",
}

# PyYAML without libyaml reads the same, ten times slower.
_SafeLoader: t.Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def find_all(name: str, value: t.Any) -> list[str]:
    """Return the files that a variable's paths and globs name, each once, a glob's in the order of their names.

    A relative path counts from the current folder. Raises ``DriftInputError`` for a path that names no file.
    """
    found: dict[str, str] = {}
    for index, pattern in enumerate([value] if _is_one(value) else texts(name, value)):
        at = f"{name}[{index}]"
        pattern = os.path.expanduser(pattern)
        paths = [pattern] if os.path.exists(pattern) else sorted(glob.glob(pattern, recursive=True))
        if not paths:
            raise DriftInputError(f"{at}: there is no file {quoted(os.path.abspath(pattern))}.")
        if os.path.isdir(pattern):
            raise DriftInputError(
                f"{at}: {quoted(pattern)} is a folder; name files, as in {pattern.rstrip('/')}/*.yml."
            )
        for path in paths:
            if not os.path.isdir(path):
                found.setdefault(os.path.realpath(path), path)
    if not found:
        raise DriftInputError(f"{name}: names no file.")
    return list(found.values())


def _is_one(value: t.Any) -> bool:
    """Say whether a text is one path, which may hold a comma."""
    return isinstance(value, str) and os.path.exists(os.path.expanduser(value))


class VaultedText:
    """A text behind ``!vault``: ``str()`` decrypts it. It is marked as Ansible's own values of that kind are."""

    __ENCRYPTED__ = True

    def __init__(self, armoured: str, decrypt: Callable[[str], bytes]) -> None:
        self._armoured = armoured
        self._decrypt = decrypt

    def __str__(self) -> str:
        return bytes(self._decrypt(self._armoured)).decode()


class File(t.NamedTuple):
    """A file's content, decrypted; ``is_secret`` where it was encrypted as a whole."""

    content: bytes
    is_secret: bool


def load(path: str, read_file: Callable[[str], File], vaulted: Callable[[str], t.Any]) -> t.Any:
    """Return what a file holds, be it YAML or, where its name ends so, JSON.

    ``vaulted`` makes a value of what stands behind ``!vault``. Raises ``DriftInputError`` with the file's path.
    """
    file = read_file(path)
    is_json = path.lower().endswith(".json")
    try:
        if is_json:
            return json.loads(file.content.decode("utf-8-sig"), object_pairs_hook=_without_duplicates)
        return _load_yaml(file.content, vaulted)
    except _DuplicateError as error:
        raise DriftInputError(f"{path}: a key stands twice in one mapping{_where(error)}; keep one.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # What is wrong can quote the file, and what was encrypted is not shown.
        what = getattr(error, "problem", None) if not file.is_secret else None
        raise DriftInputError(
            f"{path}: is no {'JSON' if is_json else 'YAML'}{_where(error)}{f': {what}' if what else ''}."
        ) from error


class _DuplicateError(Exception):
    """A key stands twice in one mapping: one of the two values would be lost. ``problem_mark`` is as PyYAML has it."""

    def __init__(self, problem_mark: t.Any = None) -> None:
        super().__init__()
        self.problem_mark = problem_mark


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f" (line {mark.line + 1}, column {mark.column + 1})"
    if isinstance(error, json.JSONDecodeError):
        return f" (line {error.lineno}, column {error.colno})"
    return ""


def _without_duplicates(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise _DuplicateError
    return result


def _load_yaml(content: bytes, vaulted: Callable[[str], t.Any]) -> t.Any:
    class Loader(_SafeLoader):  # type: ignore[misc]  # which of two classes it is depends on how PyYAML was built
        """PyYAML's safe loader with Ansible's own tags."""

    for tag in ("!vault", "!vault-encrypted"):
        Loader.add_constructor(tag, lambda loader, node: vaulted(loader.construct_scalar(node)))
    loader = Loader(content)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _check_keys(node)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _check_keys(root: t.Any) -> None:
    """Refuse a key that stands twice in one mapping, before << is resolved: that may repeat keys.

    Takes ``!unsafe`` away on the way, since nothing is a template here.
    """
    nodes, seen = [root], set()
    while nodes:
        node = nodes.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.tag == "!unsafe":
            node.tag = _PLAIN_TAGS[type(node)]
        if isinstance(node, yaml.SequenceNode):
            nodes += node.value
        elif isinstance(node, yaml.MappingNode):
            _check_mapping(node)
            nodes += [value for _key, value in node.value]


def _check_mapping(node: t.Any) -> None:
    keys: set[str] = set()
    for key, _value in node.value:
        if isinstance(key, yaml.ScalarNode) and key.value != "<<":
            if key.value in keys:
                raise _DuplicateError(key.start_mark)
            keys.add(key.value)
