# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to this collection: the file that holds the metrics of a run, for Prometheus' node_exporter.

It says nothing of a run that has not ended: what stands in it is what was read last, with the time of that.
"""

from __future__ import annotations

import contextlib
import os
import time
import typing as t
from collections.abc import Collection

from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.metrics import fixed_labels, prometheus
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._drift.results import DriftInputError
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role import values
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.host import Host
from ansible_collections.alicloud.chatapp.plugins.plugin_utils._role.output_file import OutputFile

VARIABLE = "drift_check_report_prometheus"
LABELS = "drift_check_report_prometheus_labels"

# node_exporter has a user of its own, and there is no name or URL in it.
_MODE = 0o644


class MetricsFile(OutputFile):
    """A file that everybody on the controller can read."""

    mode = _MODE

    def earlier(self) -> str:
        """Return what an earlier run wrote, as far as it can be read."""
        with contextlib.suppress(OSError, UnicodeError):
            if os.path.isfile(self.target):
                with open(self.target, encoding="utf-8") as file:
                    return file.read()
        return ""


class Metrics(t.NamedTuple):
    """Where the metrics of a run go, and with which labels."""

    file: MetricsFile
    labels: dict[str, t.Any] | None

    def write(self, results: t.Any, report: t.Any = None, vaulted: Collection[str] = ()) -> list[str]:
        """Write the metrics; return the sentence by which that is refused."""
        text = prometheus(results, time.time(), report, self.file.earlier(), labels=self.labels, vaulted=vaulted)
        try:
            self.file.write(text)
        except DriftInputError as error:
            return [str(error)]
        return []


def metrics_file(host: Host) -> MetricsFile | None:
    """Return the file that the role variable names, if it names one."""
    path = host.variables.read(VARIABLE, values.optional_path)
    return None if path is None else MetricsFile(VARIABLE, path)


def metrics(host: Host) -> Metrics | None:
    """Take the file for this host; return nothing where no metrics are asked for. Raises ``DriftInputError``."""
    file = metrics_file(host)
    labels = host.variables.read(LABELS, _labels)
    if file is None:
        return None
    file.claim(host.run_folder, host.name)
    return Metrics(file, labels)


def _labels(name: str, value: t.Any) -> dict[str, t.Any] | None:
    if value is None or value == "":
        return None
    try:
        fixed_labels(value)
    except DriftInputError as error:
        raise DriftInputError(f"{name}: {str(error).removeprefix('labels: ')}") from error
    labels: dict[str, t.Any] = value
    return labels
