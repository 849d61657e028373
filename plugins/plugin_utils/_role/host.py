# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: what an entry point of the role is given by Ansible, and nothing of Ansible itself."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.desired_files import File
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.gather import Result
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.variables import Variables


class Host(t.NamedTuple):
    """One host of a play, in one task of the role.

    ``run_folder`` is a folder on the controller that this run of Ansible has to itself. ``run_module`` asks the service
    where the host is, ``list_instances`` which instances there are. ``vaulted`` makes a value of what stands behind
    ``!vault``. ``extra_vars`` are the ``-e`` options as they were typed; ``read_extra_vars`` returns the text of one,
    ``load_extra_vars`` what it sets, ``None`` where that cannot be told.
    """

    name: str
    variables: Variables
    run_folder: str
    check_mode: bool
    run_module: Callable[[dict[str, t.Any]], Result]
    list_instances: Callable[[], Result]
    progress: Callable[[str], None]
    read_file: Callable[[str], File]
    vaulted: Callable[[str], t.Any]
    extra_vars: Sequence[str]
    read_extra_vars: Callable[[str], bytes]
    load_extra_vars: Callable[[str], t.Any]
