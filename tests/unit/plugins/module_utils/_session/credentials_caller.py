# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that asks for credentials, as a module does: the official package reads its environment when imported.

Standard input: the options as JSON. Standard output: one JSON line with the credentials or the error, and, with
`watch` as the argument, one more line each time the credentials change; they are then renewed each second near their
end, which `watch` puts ten minutes ahead.
"""

from __future__ import annotations

import json
import sys
import time

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import ChatappError
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import renewal
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.provider import provider
from ansible_collections.alicloud.chatapp.plugins.module_utils._session.redaction import Redactor

OPTIONS = {"access_key_id": None, "access_key_secret": None, "security_token": None, "profile": None}


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


def main() -> None:
    redactor = Redactor()
    started = time.monotonic()
    if "watch" in sys.argv:
        renewal.SHORTEST_RENEWAL_INTERVAL, renewal.RENEWAL_LEAD = 1.0, 600.0
    try:
        provide = provider({**OPTIONS, **json.load(sys.stdin)}, redactor)
    except ChatappError as error:
        say(code=error.code, sentence=error.sentence(), seconds=time.monotonic() - started)
        return
    said = None
    while said is None or "watch" in sys.argv:
        current = provide()
        if current is not said:
            said = current
            say(
                credentials=current.secrets(),
                masked=[redactor.clean(secret) for secret in current.secrets() if secret],
                expiration=current.expiration,
                package="alibabacloud_credentials" in sys.modules,
            )
        time.sleep(0.01)


if __name__ == "__main__":
    main()
