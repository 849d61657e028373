# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import yaml

from .accounts import Accounts, accounts_from
from .faults import Faults, faults_from
from .shapes import BadData, Field, mapping

_FILE = {"accounts": Field(list), "faults": Field(list, [])}


@dataclass
class Data:
    accounts: Accounts
    faults: Faults


def load(path: Path) -> Data:
    """Reads a data file; BadData says in one sentence what is wrong with it."""
    try:
        node = yaml.safe_load(path.read_bytes())
        json.dumps(node)
    except OSError as error:
        raise BadData(f"{path} cannot be read: {error.strerror}.") from None
    except yaml.YAMLError as error:
        raise BadData(f"{path} is not YAML: {' '.join(str(error).split())}.") from None
    except (TypeError, ValueError, RecursionError) as error:
        # All of it is answered, logged or compared as JSON: a date, say, belongs into quotes.
        raise BadData(f"{path} holds what JSON cannot say, put it in quotes: {error}.") from None
    try:
        found = mapping(node, "the file", _FILE)
        return Data(accounts_from(found["accounts"]), faults_from(found["faults"]))
    except BadData as error:
        raise BadData(f"{path}: {error}") from None
