# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every unit test: how many examples a property is tried with, and an environment without accounts."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator

import prometheus_tools
import pytest
from hypothesis import HealthCheck, Phase, settings

# A property that gives no max_examples of its own is tried this often.
settings.register_profile("desk", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", settings.get_profile("desk"), max_examples=10_000)
settings.register_profile("glance", settings.get_profile("desk"), max_examples=25)
# The same few examples for each of thousands of mutants; nobody reads which is the simplest that fails.
settings.register_profile(
    "mutation",
    settings.get_profile("desk"),
    max_examples=10,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile(os.environ.get("CHATAPP_TEST_SCALE", "desk"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only the full scale runs and two of three sampled cases, but for what is asked for by its name."""
    if os.environ.get("CHATAPP_TEST_SCALE") == "full" or config.option.keyword or "::" in "".join(config.args):
        return
    sampled = [item for item in items if item.get_closest_marker("sampled")]
    left_out = {item for place, item in enumerate(sampled) if place % 3}
    left_out.update(item for item in items if item.get_closest_marker("full"))
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True, scope="session")
def measured_threads() -> Iterator[None]:
    """What measures the coverage of threads sees those too that are started without the module threading."""
    start = _thread.start_new_thread

    def start_measured(function: Callable[..., object], arguments: tuple[object, ...]) -> int:
        def run(*given: object) -> None:
            sys.settrace(getattr(threading, "_trace_hook", None))
            function(*given)

        return start(run, arguments)

    _thread.start_new_thread = start_measured
    yield
    _thread.start_new_thread = start


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the keys and settings of the shell that it runs in, and none asks an instance's metadata service."""
    for name in list(os.environ):
        if name.startswith(("ALIBABA_CLOUD_", "ALICLOUD_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True, scope="session")
def interruptible() -> Iterator[None]:
    """Processes of the tests can be interrupted, also where a shell started these tests in the background."""
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, earlier)


def prometheus_tool(name: str) -> str:
    path = prometheus_tools.find(name)
    if path is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            f"no {name}: tests/unit/prometheus_tools.py provides one"
        )
    return path


@pytest.fixture(scope="session")
def promtool() -> str:
    """The path of Prometheus' checker of metrics and rules."""
    return prometheus_tool("promtool")


@pytest.fixture(scope="session")
def node_exporter() -> str:
    """The path of the exporter whose textfile collector reads our metrics."""
    return prometheus_tool("prometheus-node-exporter")
