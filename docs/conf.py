# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of Sphinx for the documentation site; the session ``docs`` of noxfile.py builds it."""

from __future__ import annotations

project = title = html_short_title = "alicloud.chatapp"
project_copyright = "alicloud.chatapp contributors"

extensions = ["sphinx_antsibull_ext"]
default_role = "any"
# Dashes and ellipses, but no typographic quotes: a policy in running text is to be copied as it stands.
smartquotes_action = "De"
highlight_language = "YAML+Jinja"
pygments_style = "ansible"

html_theme = "sphinx_ansible_theme"
html_theme_options = {"topbar_links": {}}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_use_index = False
html_copy_source = False

nitpicky = True
# antsibull-docs refers to these pages of Ansible's own site, which this one does not ask.
nitpick_ignore = [("std:ref", "ansible_configuration_settings"), ("std:ref", "common_return_values")]


def lead_home(_app, _page, _template, context, _doctree):
    """Have the theme's bar lead to the first page wherever the site lies; by itself it leads to the root of its host."""
    context["theme_documentation_home_url"] = context["pathto"]("index")


def setup(app):
    app.connect("html-page-context", lead_home)
