# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count what the unit tests noticed of the mutants, those of tables.py too; ends with 1 below the score that is demanded.

To be run in the folder that mutmut ran in; arguments name mutants, as those of mutmut do, and leave the tables out.
"""

from __future__ import annotations

import collections
import re
import subprocess
import sys
from pathlib import Path

DEMANDED = 0.95


def said(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    results = said("mutmut", "results", "--all", "true")
    if len(sys.argv) == 1:
        results += said(sys.executable, str(Path(__file__).with_name("tables.py")))
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for name, file, status in re.findall(
        r"^ *(\S+?_utils\.([\w.]+?)(?:\.x_|\.xǁ| ).*): ([a-z ]+)$", results, re.MULTILINE
    ):
        if status == "not checked":
            continue
        counts[file].update(mutants=1, noticed=status in ("killed", "timeout"))
        if status not in ("killed", "timeout"):
            print(f"{status}: {said('mutmut', 'show', name) if '__mutmut_' in name else name}")
    total = sum(counts.values(), collections.Counter())
    rooms: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for file, count in counts.items():
        rooms[f"{file.rpartition('.')[0]}.*"].update(count)
    for file, count in [*sorted(counts.items()), *sorted(rooms.items()), ("all files", total)]:
        share = count["noticed"] / count["mutants"]
        print(f"{file}: {count['noticed']} of {count['mutants']} noticed, {share:.1%}")
    if total["noticed"] < DEMANDED * total["mutants"]:
        sys.exit(f"Fewer than {DEMANDED:.0%} were noticed.")


if __name__ == "__main__":
    main()
