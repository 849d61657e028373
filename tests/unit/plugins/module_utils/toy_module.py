# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module of another operation, as the next one will be: how many instances there are of each name."""

from __future__ import annotations

from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import PartialReadError
from ansible_collections.alicloud.chatapp.plugins.module_utils._module import Task, run


class CountInstances:
    action, version, writes = "ListInstance", "2020-06-06", False

    def request(self, instance_id):
        return {"InstanceId": instance_id, "PageSize": "1"}

    def facts(self, answer, _instance_id):
        return answer["TotalCount"]


def count(task: Task) -> None:
    queries = task.session.ask(CountInstances(), task.params["instance_ids"])
    task.result["counts"] = {query.subject: query.answer.facts for query in queries if query.error is None}
    task.result["queries"] = [{"instance_id": query.subject, "attempts": query.attempts} for query in queries]
    task.result["failures"] = [
        {"instance_id": query.subject, **query.error.facts()} for query in queries if query.error is not None
    ]
    if task.result["failures"]:
        raise PartialReadError(task.result["failures"][0], f"{len(task.result['failures'])} could not be counted. ")


def main() -> None:
    options = {"instance_ids": {"type": "list", "elements": "str"}, "fail_on_unreadable": {"type": "bool"}}
    run(count, options, {"counts": {}, "queries": [], "failures": []})


if __name__ == "__main__":
    main()
