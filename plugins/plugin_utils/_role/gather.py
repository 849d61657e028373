# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: gather phone numbers by so many sub-customers a task, and lose nothing that was read."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping

Result = Mapping[str, t.Any]


def gather(
    run_module: Callable[[dict[str, t.Any]], Result],
    spaces: t.Sequence[str | None],
    batch_size: int,
    progress: Callable[[str], None],
    needs_all: bool = False,
) -> list[Result]:
    """Ask for the account's own numbers where ``None`` is among ``spaces``, then for the sub-customers in batches.

    Returns what the module returned, call by call. ``run_module`` takes the module's options and returns its result,
    be it a failed one. ``progress`` is told after each of several batches how far it is.

    Nothing more is asked after two results in a row that fail alike before anything was asked: the next would too.
    With ``needs_all`` nothing more is asked after the first failure.
    Whatever ends it early, such as Ansible's limit of a task's time, is one failed result more.
    """
    sub_customers = [space for space in spaces if space is not None]
    batches = [sub_customers[start : start + batch_size] for start in range(0, len(sub_customers), batch_size)]
    calls: list[dict[str, t.Any]] = [{}] if None in spaces else []
    calls += [{"cust_space_ids": batch} for batch in batches]
    results: list[Result] = []
    done = 0
    try:
        for options in calls:
            results.append(run_module(options))
            if _fails_again(results) or (needs_all and results[-1].get("failed")):
                break
            done += len(options.get("cust_space_ids", ()))
            if options and len(batches) > 1:
                progress(f"{done}/{len(sub_customers)} sub-customers")
    except (KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:
        # Its text can hold anything; its class cannot.
        results.append({"failed": True, "msg": f"An unexpected {type(error).__name__} ended the gathering."})
    except BaseException:  # Ansible's time limit is no Exception
        results.append({"failed": True, "msg": "The task's time limit ended the gathering."})
    return results


def _fails_again(results: list[Result]) -> bool:
    last = results[-2:]
    return (
        len(last) == 2
        and not any(result.get("queries") for result in last)
        and last[0].get("msg") == last[1].get("msg")
    )
