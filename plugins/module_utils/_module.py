# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: what all modules do alike.

A module is its documentation, its options, and a function that does its work::

    def work(task: Task) -> None:
        operation = QueryChatappPhoneNumbers(status=task.params["status"])
        task.result.update(operation.collect(task.session.ask(operation, [None])))

    def main() -> None:
        run(work, {"status": {"type": "str"}}, {"phone_numbers": [], "queries": [], "failures": []})

``task.session`` asks as many operations as the work needs, one after the other, each with a throttle of its own: see
``_session/session.py``. A work that reads pages asks for those that the answers before made known. A work that writes
reads, compares, returns in check mode, writes by an operation whose ``writes`` is true, and reads again.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.alicloud.chatapp.plugins.module_utils import _options as options
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import (
    OUT_OF_MEMORY,
    ChatappError,
    PartialReadError,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils._http import transport
from ansible_collections.alicloud.chatapp.plugins.module_utils._orphan import exit_when_orphaned
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import credentials
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import MASK, Redactor
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.session import Session
from ansible_collections.alicloud.chatapp.plugins.module_utils._url import redact_url

# What these keys of a result hold can repeat the service's words, and with them what it was sent.
_QUOTING = ("queries", "failures")


class Task(t.NamedTuple):
    """What a module's work is handed.

    ``params``: the options, checked, empty ones as if they were not given. ``check_mode``: nothing may be changed.
    ``session``: asks the service. ``result``: what the module returns, filled as things become known, because all of it
    is returned with a failure too. ``warn(text)``: a warning of the task.
    """

    params: t.Mapping[str, t.Any]
    check_mode: bool
    session: Session
    result: dict[str, t.Any]
    warn: t.Callable[[str], None]


def run(work: t.Callable[[Task], None], specification: t.Mapping[str, t.Any], result: dict[str, t.Any]) -> None:
    """Read the options, do the ``work`` and exit: the one place where errors become a result.

    ``specification`` has the options beside those that all modules share. ``result`` is what there is to return before
    anything was asked; ``changed`` and ``throttle`` are added. The work raises ChatappError to fail the task, and
    PartialReadError when something could not be read: with ``fail_on_unreadable: false`` that is a warning.
    """
    specification = {**options.argument_spec(), **specification}
    module = AnsibleModule(argument_spec=specification, supports_check_mode=True)
    if transport.REQUESTS_IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("requests"), exception=transport.REQUESTS_IMPORT_ERROR)
    if sentence := transport.unusable():
        module.fail_json(msg=sentence)
    params = options.without_empty(module.params, specification)
    if not params["validate_certs"]:
        module.warn(
            "validate_certs is off: anybody between this host and the endpoint can read and change the answers."
        )
    redactor = Redactor()
    result.update(changed=False, throttle={})
    try:
        exit_when_orphaned()
        redactor.add([*options.secrets(params), *credentials.environment_secrets(), *_callback_urls(module)])
        error = _error_of(work, module, params, redactor, result)
        for name in result.keys() & _QUOTING:
            result[name] = redactor.clean(result[name])
        message, facts = (redactor.clean(error.sentence()), redactor.clean(error.facts())) if error else ("", {})
    except Exception as caught:
        error = _unexpected(caught)
        # Not error.facts(): that itself may be what fails.
        message, facts = error.message, {**dict.fromkeys(("request_id", "http_status", "remedy")), "code": error.code}
        facts["message"] = message
        result.update({name: [] for name in result.keys() & _QUOTING})
    if isinstance(error, PartialReadError) and params.get("fail_on_unreadable") is False:
        module.warn(message)
        error = None
    if error is None:
        module.exit_json(**result)
    _forget_short_secrets(module)
    module.fail_json(msg=message, **{**facts, **result})


def _error_of(
    work: t.Callable[[Task], None],
    module: AnsibleModule,
    params: t.Mapping[str, t.Any],
    redactor: Redactor,
    result: dict[str, t.Any],
) -> ChatappError | None:
    try:
        options.check(params)
        session = Session(params, redactor)
        try:
            work(Task(params, module.check_mode, session, result, module.warn))
        finally:
            result["throttle"] = session.throttle_facts()
            for sentence in session.warnings():
                module.warn(sentence)
    except ChatappError as caught:
        return caught
    except Exception as caught:
        return _unexpected(caught)
    return None


def _unexpected(error: Exception) -> ChatappError:
    if isinstance(error, MemoryError):
        return OUT_OF_MEMORY
    # The text of an unexpected error can hold a request with its secrets; its class cannot.
    return ChatappError("UnexpectedError", f"An unexpected {type(error).__name__} occurred.")


def _callback_urls(module: AnsibleModule) -> list[str]:
    """Return those callback URLs among the options that hide something, and let the result show the others.

    All of them are marked no_log, which keeps their query strings out of the log of the system.
    """
    urls = {value for value in module.no_log_values if value.startswith(("http://", "https://"))}
    plain = {url for url in urls if redact_url(url) == url}
    module.no_log_values -= plain
    return sorted(urls - plain)


def _forget_short_secrets(module: AnsibleModule) -> None:
    """Let the refusal of a secret that is too short be read: Ansible would mask its characters all over it."""
    short = {secret for secret in module.no_log_values if len(secret) < credentials.SHORTEST_SECRET}
    for name, value in module.params.items():
        if isinstance(value, str) and value in short:
            module.params[name] = MASK
    module.no_log_values -= short
