# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import sys
from pathlib import Path

# Run as a folder, Python puts that folder first on the path, where its modules would hide others of the same name.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

try:
    from simulator.cli import main
except ModuleNotFoundError as error:
    if error.name != "yaml":
        raise
    print(f"python3 tests/simulator: {sys.executable} has no PyYAML; install it there.", file=sys.stderr)
    sys.exit(2)

if __name__ == "__main__":
    sys.exit(main())
