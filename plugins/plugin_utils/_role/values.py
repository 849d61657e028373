# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection.

What a role variable's value means, in whatever form a play, an inventory or ``-e`` hands it over. Each function takes
the variable's name and its value, and raises ``DriftInputError`` with the name for what cannot have been meant.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import is_list, quoted


def flag(name: str, value: t.Any) -> bool:
    """Return true or false, as Ansible's own options read them: ``no`` and ``"False"`` are false."""
    if isinstance(value, (str, int)):
        try:
            return bool(boolean(value))
        except TypeError:
            pass
    raise DriftInputError(f"{name}: must be true or false, not {quoted(value)}.")


def choice(name: str, value: t.Any, choices: t.Sequence[str]) -> str:
    """Return one of ``choices``."""
    if isinstance(value, str) and value in choices:
        return str(value)
    raise DriftInputError(f"{name}: must be {', '.join(choices[:-1])} or {choices[-1]}, not {quoted(value)}.")


def positive(name: str, value: t.Any) -> int:
    """Return a whole number that is 1 or more, also where a template made text of it."""
    text = "" if isinstance(value, bool) else str(value).strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if number < 1:
        raise DriftInputError(f"{name}: must be a whole number, 1 or more, not {quoted(value)}.")
    return number


def path(name: str, value: t.Any) -> str:
    """Return a path as it was written."""
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise DriftInputError(f"{name}: must be the path of a file, not {quoted(value)}.")
    return str(value)


def optional_path(name: str, value: t.Any) -> str | None:
    """Return a path, ``None`` where there is to be no file: for nothing and for empty text."""
    return None if value is None or value == "" else path(name, value)


def texts(name: str, value: t.Any) -> list[str]:
    """Return a list of texts. One text stands for a list: JSON, or parts with commas between; so does one number."""
    if isinstance(value, str):
        value = _listed(name, str(value))
    elif isinstance(value, int) and not isinstance(value, bool):
        value = [value]
    if not is_list(value):
        raise DriftInputError(f"{name}: must be a list, not {quoted(value)}.")
    return [_text(f"{name}[{index}]", item) for index, item in enumerate(value)]


def _listed(name: str, text: str) -> t.Any:
    if not text.strip():
        raise DriftInputError(f"{name}: is empty; leave it out, or name at least one.")
    if text.lstrip().startswith("["):
        return _json(name, text)
    return [part.strip() for part in text.split(",")]


def _text(place: str, item: t.Any) -> str:
    if isinstance(item, bool) or not isinstance(item, (str, int)):
        raise DriftInputError(f"{place}: must be text, not {quoted(item)}.")
    if not str(item).strip():
        raise DriftInputError(f"{place}: is empty; leave it out.")
    return str(item)


def patterns(name: str, value: t.Any) -> list[re.Pattern[str]]:
    """Return a list of regular expressions. One text is one of them, whatever commas it holds, or a list as JSON."""
    if isinstance(value, str) and not value.lstrip().startswith('["'):
        value = [value]
    return [_pattern(f"{name}[{index}]", item) for index, item in enumerate(texts(name, value))]


def _pattern(place: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise DriftInputError(f"{place}: {quoted(text)} is no regular expression: {error}.") from error


def identifiers(name: str, value: t.Any) -> list[str]:
    """Return a list of IDs, each of them once, none of which holds what nobody sees."""
    found = texts(name, value)
    for index, item in enumerate(found):
        check_identifier(f"{name}[{index}]", item)
    return list(dict.fromkeys(found))


def check_identifier(place: str, text: str) -> None:
    """Refuse an ID that the service could only take for another one: with a blank at an end, or a character unseen."""
    if text != text.strip():
        raise DriftInputError(f"{place}: {quoted(text)} has white space or a line break at an end; remove it.")
    if not text.isprintable():
        raise DriftInputError(f"{place}: {quoted(text)} holds a character that is not to be seen; remove it.")


def state(name: str, value: t.Any) -> t.Any:
    """Return a desired state as it was given, and read one that is JSON text, as ``-e name=value`` makes it."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("{"):
        return _json(name, str(value))
    kind = "text" if value else "empty"
    raise DriftInputError(f"{name}: is {kind}; hand over a mapping, or name files in drift_check_desired_files.")


def _json(name: str, text: str) -> t.Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DriftInputError(f"{name}: is text that looks like JSON, but is none.") from error
