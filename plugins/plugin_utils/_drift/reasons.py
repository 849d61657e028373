# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: why something could not be read, in words that say what to do.

A text of somebody else (the service, an interpreter, a connection) is cut where it is long. A remedy is not.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.text import escape_control, redact_url, truncate

LONGEST_MESSAGE = 300
LONGEST_SENTENCE = 1000  # a sentence of the module: what is wrong and what to do about it in one

NOT_ASKED = "NotAsked"

# What ssh says last, and what Ansible says of every module that ended without a result.
_NO_CAUSE = re.compile(
    r"(Shared connection|Connection) to .* closed\.?|See stdout/stderr for the exact error|\(traceback .*"
)
# An interpreter can quote what it was given. Keys and tokens are long words of letters and digits; paths begin with /.
_TOKEN = re.compile(r"(?<![\w+/=.-])(?=[\w+/=]*[0-9])(?=[\w+/=]*[A-Za-z])[\w+][\w+/=]{15,}")


class Reason(t.NamedTuple):
    """Why a sub-customer was not read; those that share ``text`` share a row of the report."""

    text: str
    request_id: str | None = None
    left_out: bool = False  # after an early stop, which ``text`` is the reason of

    def told(self) -> str:
        """Return the reason as a row says it."""
        return f"{self.text} (request id {self.request_id})" if self.request_id else self.text


def of_failure(failure: dict[str, t.Any]) -> Reason:
    """Return the reason of an entry of ``failures``."""
    request_id = failure.get("request_id")
    return Reason(_sentence(failure), _shown(str(request_id)) if request_id else None)


def of_task(result: dict[str, t.Any]) -> str:
    """Return why a result of a task says nothing of any phone number."""
    if result.get("skipped"):
        return "its task was skipped"
    if result.get("code") and result.get("message"):
        return _sentence(result)
    if "module_stderr" in result or "module_stdout" in result:
        return _crash(result)
    said = " ".join(_lines(result.get("msg"))) or (_lines(result.get("exception")) or [""])[-1]
    if said:
        return _shown(said, LONGEST_SENTENCE)
    if "phone_number" in result:
        return "it is a phone number; hand over the registered result itself, not its phone_numbers"
    return "it is no whole registered result of the module"


def _crash(result: dict[str, t.Any]) -> str:
    """Return how a module ended that returned nothing: Ansible's word for it and the interpreter's last one."""
    ended = _shown((_lines(result.get("msg")) or ["The module returned nothing"])[0]).rstrip(".:")
    said = (_lines(result.get("module_stdout")) + _lines(result.get("module_stderr")))[-1:]
    if not said:
        return f"{ended}: no output (exit code {_shown(str(result.get('rc')))})"
    remedy = (
        "; the module needs Python 3.9 or newer, see ansible_python_interpreter" if "SyntaxError" in said[0] else ""
    )
    return f"{ended}: {_shown(_TOKEN.sub('…', said[0]))}{remedy}"


def _lines(text: t.Any) -> list[str]:
    lines = (line.strip() for line in str(text or "").splitlines())
    return [line for line in lines if line and not _NO_CAUSE.fullmatch(line)]


def _sentence(failure: dict[str, t.Any]) -> str:
    code, message, remedy = (failure.get(key) for key in ("code", "message", "remedy"))
    if code == "InvalidOption":
        return _shown(str(message), LONGEST_SENTENCE)
    said = _shown(f"{code}: {message}")
    return f"{said} {_shown(str(remedy), LONGEST_SENTENCE)}" if remedy else said


def _shown(text: str, longest: int = LONGEST_MESSAGE) -> str:
    return truncate(escape_control(redact_url(text)), longest)
