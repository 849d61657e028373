# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that evaluates expressions as the running ansible-core does in a task, with values out of a variables file.

Standard input: ``collections`` (a path), ``password`` of the vault, ``variables`` (YAML) and ``expressions`` as JSON.
Standard output: for each expression its value or ``{"error": the message}``, as JSON.
"""

from __future__ import annotations

import json
import sys


def main():
    given = json.load(sys.stdin)

    from ansible.parsing import vault
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins.loader import init_plugin_loader
    from ansible.template import Templar

    init_plugin_loader([given["collections"]])
    secrets = [("default", vault.VaultSecret(given["password"].encode()))]
    loader = DataLoader()
    loader.set_vault_secrets(secrets)
    omit = {}
    if hasattr(vault, "VaultSecretsContext"):
        vault.VaultSecretsContext.initialize(vault.VaultSecretsContext(secrets))
        from ansible.template import trust_as_template as trusted
    else:
        trusted = str
        omit = {"omit": "__omit_place_holder__" + "0" * 40}
    variables = loader.load(trusted(given["variables"]), file_name="/variables.yml")

    answers = []
    for expression in given["expressions"]:
        templar = Templar(loader, variables={**variables, **omit})
        try:
            answers.append(templar.template(trusted("{{ " + expression + " }}")))
        except Exception as error:
            answers.append({"error": f"{type(error).__name__}: {error}"})
    json.dump(answers, sys.stdout, default=str)


if __name__ == "__main__":
    main()
