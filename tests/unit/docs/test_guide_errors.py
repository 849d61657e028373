# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ast
import itertools
import re
import textwrap
from pathlib import Path

import pytest
from ansible_collections.alicloud.chatapp.plugins.module_utils import _errors
from ansible_collections.alicloud.chatapp.plugins.module_utils._session import errors

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs/docsite/rst/guide_errors.rst").read_text()
CODE = re.compile(r"[A-Z][A-Za-z.]+")


def entry(remedy: str, codes: list[str]) -> str:
    text = textwrap.indent(textwrap.fill(remedy, 112, break_long_words=False, break_on_hyphens=False), " " * 8)
    return "".join(f"    ``{code}``\n" for code in codes) + text + "\n"


def raised_codes() -> set[str]:
    """Return every code that plugins/ gives an error of its own."""
    calls = itertools.chain.from_iterable(
        ast.walk(ast.parse(path.read_text())) for path in ROOT.glob("plugins/**/*.py")
    )
    return {
        call.args[0].value
        for call in calls
        if isinstance(call, ast.Call)
        and isinstance(call.func, (ast.Name, ast.Attribute))
        and (getattr(call.func, "id", None) or call.func.attr).endswith(("Error", "__init__"))
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and CODE.fullmatch(str(call.args[0].value))
    }


ALL_REMEDIES = {**errors.REMEDIES, **_errors.REMEDIES}
REMEDIES = {remedy: [code for code in ALL_REMEDIES if ALL_REMEDIES[code] == remedy] for remedy in ALL_REMEDIES.values()}


@pytest.mark.parametrize(("remedy", "codes"), REMEDIES.items(), ids=[codes[0] for codes in REMEDIES.values()])
def test_guide_gives_every_remedy_as_the_module_does(remedy: str, codes: list[str]) -> None:
    assert entry(remedy, codes) in GUIDE


def test_guide_gives_the_remedy_of_a_denial_for_each_operation_that_reads() -> None:
    codes = list(errors.DENIALS)
    remedies = [entry(errors.permission(action), []) for action in ("QueryChatappPhoneNumbers", "ListInstance")]
    assert "".join(f"    ``{code}``\n" for code in codes) + "\n".join(remedies) in GUIDE


def test_guide_lists_every_code_and_no_other() -> None:
    assert set(re.findall(r"^    ``(\S+)``$", GUIDE, re.MULTILINE)) == {
        *errors.REMEDIES,
        *errors.DENIALS,
        *raised_codes(),
    }
