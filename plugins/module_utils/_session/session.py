# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: one task's dealings with the service: credentials, connections, throttles and retries.

The one place that puts them together, for modules, soak and benchmarks alike.
"""

from __future__ import annotations

import typing as t

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ChatappError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.endpoint import base_url
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.transport import Transport
from ansible_collections.alicloud.chatapp.plugins.module_utils._http.trust import ssl_context
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.client import Client
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.credentials import Credentials
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.dispatcher import Dispatcher, Query
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.provider import provider
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import Redactor
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.retry import (
    SKEWED,
    THROTTLING,
    Retries,
    kind_of,
)
from ansible_collections.alicloud.chatapp.plugins.module_utils.throttler import Throttle, open_throttle


class Operation(t.Protocol):
    """What a file of ``_operations`` offers: an operation of the service, with what all its queries have in common.

    ``action`` and ``version`` name it to the service; ``writes`` tells whether it changes something there.
    """

    action: str
    version: str
    writes: bool

    def request(self, subject: t.Any) -> dict[str, str]:
        """Return the parameters of the query for ``subject``."""

    def facts(self, answer: t.Mapping[str, t.Any], subject: t.Any) -> t.Any:
        """Return what a successful answer says. Raises TransportError ``UnexpectedAnswer``."""


class Answer(t.NamedTuple):
    """The answer to a query: the service's request ID, None where it gave none, and what ``facts()`` made of it."""

    request_id: str | None
    facts: t.Any


class Session:
    """Asks operations of the service, with the options of ``_options.argument_spec()`` in ``params``.

    Nothing is asked before the first ask(). Every secret that credentials bring is made known to ``redactor``.
    Raises OptionError for an endpoint or certificates that cannot be used.
    """

    def __init__(self, params: t.Mapping[str, t.Any], redactor: Redactor) -> None:
        self._params = params
        self._redactor = redactor
        self._url = base_url(params["endpoint"])
        secure = self._url.startswith("https")
        self._context = ssl_context(params["validate_certs"], params["ca_path"]) if secure else None
        self._credentials: t.Callable[[], Credentials] | None = None
        self._routes: dict[str, tuple[Client, Throttle]] = {}
        self._dispatchers: list[Dispatcher] = []

    def ask(self, operation: Operation, subjects: t.Iterable[t.Hashable]) -> list[Query]:
        """Ask one query for each of ``subjects`` at the speed of the operation's quota, and again where that may help.

        Return a Query for each, in order, with an Answer in ``answer`` or a ChatappError in ``error``. A subject that
        stands twice is asked once, and its Query is returned in both places. A query that writes is repeated only where
        the service is known not to have obeyed: after a lost answer that has to be read.
        Raises OptionError, CredentialsError and ThrottleError before anything is sent.
        """
        subjects = list(subjects)
        client, throttle = self._route(operation)
        retries = _UnheardRetries if operation.writes else Retries
        queries = {subject: Query(subject, retries(self._params["max_retries"])) for subject in subjects}

        def attempt(transport: Transport, subject: t.Any) -> Answer:
            answer = client.ask(transport, operation.request(subject))
            request_id = answer.get("RequestId")
            return Answer(request_id if isinstance(request_id, str) else None, operation.facts(answer, subject))

        at_once = max(1, int(self._params["qps_limit"]))
        dispatcher = Dispatcher(attempt, self._connection, throttle, at_once, self._params["timeout"])
        self._dispatchers.append(dispatcher)
        dispatcher.run(queries.values())
        return [queries[subject] for subject in subjects]

    def throttle_facts(self) -> dict[str, t.Any]:
        """Return what sharing the quotas meant so far, over all operations; empty before anything could be asked."""
        if not self._dispatchers:
            return {}
        return {
            "waited_seconds": round(sum(dispatcher.waited for dispatcher in self._dispatchers), 3),
            "refused": sum(dispatcher.refused for dispatcher in self._dispatchers),
            "retries": sum(dispatcher.retried for dispatcher in self._dispatchers),
            "scope": next(iter(self._routes.values()))[1].scope,
        }

    def warnings(self) -> list[str]:
        """Return what the user should read about the quotas, each sentence once."""
        return list(dict.fromkeys(text for _client, throttle in self._routes.values() for text in throttle.warnings))

    def _connection(self) -> Transport:
        return Transport(self._url, self._params["timeout"], self._context)

    def _route(self, operation: Operation) -> tuple[Client, Throttle]:
        if operation.action not in self._routes:
            params = self._params
            # The quota is counted for each account and operation; the account is what throttle_key names.
            throttle = open_throttle(
                params["throttle_url"],
                params["throttle_password"],
                "\n".join((self._url, operation.action, params["throttle_key"])),
                params["qps_limit"],
                params["throttle_max_wait"],
                max_retries=params["max_retries"],
            )
            # Last, since credentials may have to be asked for: nothing is, for a task that cannot go on.
            if self._credentials is None:
                self._credentials = provider(params, self._redactor)
            self._routes[operation.action] = Client(self._credentials, operation.action, operation.version), throttle
        return self._routes[operation.action]


class _UnheardRetries(Retries):
    """Retries of a query that writes: only of attempts that the service has refused unread, or that never got there."""

    def after(self, error: ChatappError) -> float | None:
        unheard = error.code == "Unreachable" or kind_of(error) in (THROTTLING, SKEWED)
        return super().after(error) if unheard else None
