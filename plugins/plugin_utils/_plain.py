# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the door of the filters and the test.

Ansible hands over tagged, lazy, unsafe, vaulted and undefined values, which differ from release to release. Here each
becomes a plain ``dict``, ``list``, ``str``, ``int``, ``float``, ``bool`` or ``None``, once. No other file knows what
Ansible's values are.
"""

# A subclass is what must not pass here, so that types are compared.
# pylint: disable=unidiomatic-typecheck

from __future__ import annotations

import datetime
import functools
import re
import typing as t
from collections.abc import Iterable, Mapping

from ansible.errors import AnsibleError, AnsibleFilterError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import KEYS_OF_A_RESULT, DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import (
    Vaulted,
    escape_control,
    kind_of,
    truncate,
)
from jinja2.exceptions import UndefinedError
from jinja2.runtime import Undefined

try:
    # From ansible-core 2.19 on: a vaulted value is decrypted when it is looked at, and keeps a tag.
    from ansible.parsing.vault import EncryptedString, VaultedValue, VaultHelper
    from ansible.template import accept_lazy_markers
except ImportError:
    EncryptedString = VaultedValue = VaultHelper = accept_lazy_markers = None

DEEPEST = 200  # levels; what holds itself has more

_TEXT = frozenset({str})
_SCALARS = frozenset({str, int, float, bool, type(None)})
_OMIT = "is omit, and omit works for a whole option of a task only; leave the key out"
_UNDECRYPTABLE = "is vaulted and cannot be decrypted; give the password of its vault"
_ARMOUR = "$ANSIBLE_VAULT;"
_PLACEHOLDER = "__omit_place_holder__"
_LAZY = "_LazyValue"
_BEGINNINGS = (_ARMOUR[:1], _PLACEHOLDER[:1])

_NAME = re.compile(r"'[\w.]{1,100}' is undefined|has no attribute '[\w.]{1,100}'")

Function = t.TypeVar("Function", bound=t.Callable[..., t.Any])


def plugin(function: Function) -> Function:
    """Make a filter or a test of a function: what it refuses is an error of Ansible's kind.

    It sees undefined values inside of others, so that its refusal can name their place.
    """

    @functools.wraps(function)
    def wrapper(*args: t.Any, **kwargs: t.Any) -> t.Any:
        try:
            return function(*args, **kwargs)
        except DriftInputError as error:
            raise AnsibleFilterError(str(error)) from None

    return t.cast(Function, accept_lazy_markers(wrapper) if accept_lazy_markers else wrapper)


class Plain(t.NamedTuple):
    """A plain value, and the vaulted texts that stand in it."""

    value: t.Any
    vaulted: frozenset[str]


def plain(value: t.Any, name: str) -> t.Any:
    """Return any value plain.

    Raises ``DriftInputError``, with ``name`` and the place in the value, for what nobody can have meant: undefined
    values, omit, vaulted text that cannot be decrypted, keys that are no text, what holds itself.
    """
    return _Door(name, f"The {name}").read(value).value


def plain_facts(value: t.Any) -> Plain:
    """Return registered results plain, as far as anybody reads them: a loop's item, for one, can be a secret."""
    return _Facts("facts", "The facts").read(value)


def plain_state(value: t.Any) -> Plain:
    """Return a desired state plain; in it vaulted text is ``Vaulted``."""
    return _State("", "The desired state").read(value)


class _RefusedError(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.path: list[str] = []


class _Door:
    """Makes one value plain. ``path`` begins the place of what is refused inside of it, ``whole`` names it."""

    scalars = _SCALARS

    def __init__(self, path: str, whole: str) -> None:
        self._path = path
        self._whole = whole
        self._vaulted: set[str] = set()

    def read(self, value: t.Any) -> Plain:
        try:
            return Plain(self._first(value), frozenset(self._vaulted))
        except _RefusedError as refused:
            place = (self._path + "".join(reversed(refused.path))).lstrip(".") if refused.path else self._whole
            raise DriftInputError(f"{place}: {refused}.") from None

    def _first(self, value: t.Any) -> t.Any:
        return self._read(value, 0)

    def _read(self, value: t.Any, depth: int) -> t.Any:
        kind = type(value)
        if kind in self.scalars:
            return value
        if depth > DEEPEST:
            raise _RefusedError(f"has more than {DEEPEST} levels, or holds itself")
        if isinstance(value, dict):
            return self._mapping(value, depth)
        if isinstance(value, (list, tuple)):
            return self._list(value, depth)
        if isinstance(value, str):
            return self._text(value)
        return self._other(value, depth)

    def _mapping(self, value: t.Any, depth: int) -> dict[str, t.Any]:
        scalars = self.scalars
        if type(value) is dict and _TEXT.issuperset(map(type, value)) and scalars.issuperset(map(type, value.values())):
            return value
        result: dict[str, t.Any] = {}
        key: t.Any = None
        fetched = dict.__getitem__ if type(value) is dict else _fetched
        try:
            # Not its items: of those, one that cannot be had could not be named.
            for key in value:
                item = fetched(value, key)
                kind = type(item)
                # Most values are plain already, and a call for each would take as long as all the rest.
                if kind not in scalars and (kind is not str or item[:1] in _BEGINNINGS):
                    item = self._read(item, depth + 1)
                result[key if type(key) is str else _key(key)] = item
        except _RefusedError as refused:
            refused.path.append(f".{_shown(key)}")
            raise
        except UndefinedError as error:
            raise _inside(f".{_shown(key)}", _undefined(error)) from None
        return result

    def _list(self, value: Iterable[t.Any], depth: int) -> list[t.Any]:
        result: list[t.Any] = []
        try:
            for item in _elements(value):
                result.append(self._read(item, depth + 1))  # noqa: PERF401 - its length is the place of what is refused
        except _RefusedError as refused:
            refused.path.append(f"[{len(result)}]")
            raise
        except UndefinedError as error:
            raise _inside(f"[{len(result)}]", _undefined(error)) from None
        return result

    def _text(self, value: str) -> str:
        text = str.__str__(value)
        if VaultedValue is not None and VaultedValue.is_tagged_on(value):
            return self._out_of_a_vault(text)
        return text

    def _out_of_a_vault(self, text: str) -> str:
        self._vaulted.add(text)
        return text

    def _other(self, value: t.Any, depth: int) -> t.Any:
        if isinstance(value, Undefined):
            raise _RefusedError(_why_undefined(value))
        if _is_encrypted(value):
            return self._out_of_a_vault(_decrypted(value))
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return float(value)
        if isinstance(value, (bytes, bytearray)):
            return _decoded(value)
        if isinstance(value, (datetime.date, datetime.time)):
            return str(value)
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, (set, frozenset)):
            return sorted(self._list(value, depth), key=repr)
        if isinstance(value, Iterable):
            return self._list(value, depth)
        raise _RefusedError(_OMIT if type(value).__name__ == "_OmitType" else f"is {kind_of(value)}")


class _Facts(_Door):
    def _first(self, value: t.Any) -> t.Any:
        return self._read(_picked(value), 0)


class _State(_Door):
    scalars = _SCALARS - _TEXT

    def _text(self, value: str) -> str:
        text = super()._text(value)
        if text.startswith(_PLACEHOLDER):
            raise _RefusedError(_OMIT)
        if text.startswith(_ARMOUR):
            raise _RefusedError("is the text of a vault; write !vault before it, so that Ansible decrypts it")
        return text

    def _out_of_a_vault(self, text: str) -> str:
        return Vaulted(super()._out_of_a_vault(text))


def _picked(value: t.Any, depth: int = 0) -> t.Any:
    """Return results, as deep as loops and lists go, with those keys alone that are read."""
    if depth > DEEPEST or isinstance(value, (str, bytes, Undefined)) or _is_encrypted(value):
        return value
    if isinstance(value, Mapping):
        keys = [key for key in KEYS_OF_A_RESULT if key in value]
        items = {key: _fetched(value, key) for key in keys}
        return {key: _picked(item, depth + 1) if key == "results" else item for key, item in items.items()}
    if isinstance(value, Iterable):
        return [_picked(item, depth + 1) for item in _elements(value)]
    return value


def _fetched(value: t.Any, key: t.Any) -> t.Any:
    """Return an item of a mapping, out of the wrapper of a lazy one where a look at the item would change nothing.

    From ansible-core 2.19 on a look costs as much as the comparison of a whole phone number. What the wrapper is called
    and holds is no interface: where it is another one, each item is looked at.
    """
    raw: t.Any = dict.get(value, key) if isinstance(value, dict) else None
    if type(raw).__name__ == _LAZY and _is_final(raw.value):
        return raw.value
    return value[key]


def _elements(value: Iterable[t.Any]) -> Iterable[t.Any]:
    if not isinstance(value, list):
        yield from value
        return
    for index, raw in enumerate(list.__iter__(value)):
        if type(raw).__name__ != _LAZY:
            yield raw
        elif _is_final(raw.value):
            yield raw.value
        else:
            yield value[index]


def _is_final(value: t.Any, depth: int = 0) -> bool:
    """Say whether nothing in a value out of a wrapper can be a template, vaulted, or anything that is found late."""
    kind = type(value)
    if kind in _SCALARS:
        return True
    if isinstance(value, str):
        return "{" not in value and not value.startswith("#jinja2:")
    if depth > DEEPEST or kind.__name__.startswith("_AnsibleLazy"):
        return False
    if isinstance(value, dict):
        if _SCALARS.issuperset(map(type, value.values())):
            return True
        return all(_is_final(item, depth + 1) for item in value.values())
    if isinstance(value, list):
        return all(_is_final(item, depth + 1) for item in value)
    return isinstance(value, (int, float))


def _key(key: t.Any) -> str:
    if isinstance(key, str) and not (VaultedValue is not None and VaultedValue.is_tagged_on(key)):
        return str.__str__(key)
    raise _RefusedError("is a key that is no text; put it in quotes")


def _shown(key: t.Any) -> str:
    """Return a key as it stands in a place, and of a key that is no text its kind."""
    try:
        return truncate(escape_control(_key(key)))
    except _RefusedError:
        return "(vaulted)" if isinstance(key, str) or _is_encrypted(key) else f"({kind_of(key)})"


def _inside(place: str, message: str) -> _RefusedError:
    refused = _RefusedError(message)
    refused.path.append(place)
    return refused


def _is_encrypted(value: t.Any) -> bool:
    """Say whether a value is text that is still to be decrypted: up to ansible-core 2.18, and after it."""
    return getattr(type(value), "__ENCRYPTED__", False) is True or (
        EncryptedString is not None and isinstance(value, EncryptedString)
    )


def _decrypted(value: t.Any) -> str:
    try:
        text = str(value)
    except (AnsibleError, UnicodeError):
        text = _ARMOUR
    if text.startswith(_ARMOUR):
        raise _RefusedError(_UNDECRYPTABLE)
    return str.__str__(text)


def _why_undefined(value: Undefined) -> str:
    if VaultHelper is not None and VaultHelper.get_ciphertext(value, with_tags=False) is not None:
        return _UNDECRYPTABLE
    try:
        # Ansible's undefined values say what they are when they are used.
        return _undefined(str(value))
    except UndefinedError as error:
        return _undefined(error)


def _decoded(value: bytes | bytearray) -> str:
    try:
        return bytes(value).decode()
    except UnicodeError:
        raise _RefusedError("is bytes that are no text in UTF-8") from None


def _undefined(message: object) -> str:
    """Return what is undefined, and no more of a message: it can quote whole variables."""
    names = _NAME.findall(str(message))
    return f"is undefined ({names[-1]})" if names else "is undefined"
