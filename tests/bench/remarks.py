# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Explanations of numbers from profiles, by the key of their line in docs/benchmarks.md."""

from __future__ import annotations

REMARKS: dict[str, str] = {
    "loop": "a quarter of an item's time is ours. The rest is Ansible's own: copying and checking the task (a third), compiling and rendering its templates, "
    "handing each result to the main process.",
    "seconds": "checking the options of each item against the argument spec takes 30 % (of which copying the spec is half), checking what would be sent "
    "against its schema 10 %, reading and checking the list 15 %, comparing 10 %; Ansible's rendering of the list 13 %, its masking of secrets in "
    "the result 14 %, handing the result to the main process the rest.",
    "parallel": "perfect would be a sixteenth, 1.6 s. What comes on top is computing, which the threads of one process do one after the other: some 2 ms a "
    "creation, three quarters of it in requests and urllib3, and the emulator computes on the same cores.",
    "memory": "40 MB are the 10,000 items as variables, before `apply` begins. 35 MB are pages that the worker shared with the main process until it "
    "rendered them (counting references writes). The rest, 7 kB an item, is the list as it was read, what is made of each item, and the result.",
}
