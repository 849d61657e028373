# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return the same as without it.
    support: full
    details: This module does not change anything.
  diff_mode:
    description: Returns details on what has changed when in diff mode.
    support: N/A
    details: This module does not change anything.
  platform:
    description: Where the module can run.
    support: full
    platforms: posix
  action_group:
    description: Use C(group/alicloud.chatapp.all) in C(module_defaults) to set options for this module.
    support: full
    membership:
      - alicloud.chatapp.all
"""

    WRITES = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Returns details on what has changed, or possibly needs changing in C(check_mode), when in diff mode.
    support: full
    details: Query strings, fragments and user information of URLs are not shown.
  platform:
    description: Where the module can run.
    support: full
    platforms: posix
  action_group:
    description: Use C(group/alicloud.chatapp.all) in C(module_defaults) to set options for this module.
    support: full
    membership:
      - alicloud.chatapp.all
"""
