# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of Sphinx for the documentation site, see tests/tools/docs.py."""

from __future__ import annotations

project = "community.huaweicloud"
copyright = "community.huaweicloud contributors"
title = html_title = html_short_title = "Ansible collection community.huaweicloud"

extensions = ["sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
html_theme_options = {"documentation_home_url": "", "topbar_links": {}}
html_show_sphinx = False
html_use_smartypants = True
html_use_modindex = False
html_use_index = False
html_copy_source = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
default_role = "any"

# A reference without a target is a warning, which fails the build. References to other collections and to the guides of Ansible cannot
# be resolved without a network.
nitpicky = True
nitpick_ignore_regex = [
    ("std:ref", r"(?!ansible_collections\.community\.huaweicloud\.).*"),
    # The documentation of Ansible has its settings.
    ("envvar", "ANSIBLE_.*"),
]
