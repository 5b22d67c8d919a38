# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Checks of options that report all mistakes at once."""

from __future__ import annotations

import typing as t

from ansible_collections.community.huaweicloud.plugins.module_utils._errors import OptionError

_PREFIX = "Invalid options: "


def check_all(*checks: t.Callable[[], t.Any]) -> None:
    """Run all checks. Raise one OptionError that contains the message of every check that failed."""
    errors = []
    for check in checks:
        try:
            check()
        except OptionError as error:
            errors.append(error)
    if errors:
        raise join_errors(errors)


def join_errors(errors: t.Sequence[OptionError]) -> OptionError:
    """Return one error with the messages and hints of all, each once."""
    if len(errors) == 1:
        return errors[0]
    texts = dict.fromkeys(error.message.rstrip(".") for error in errors)
    # The prefix is enough at the beginning.
    shortened = [text[len(_PREFIX) :] if text.startswith(_PREFIX) else text for text in texts]
    hints = dict.fromkeys(error.hint for error in errors if error.hint)
    return OptionError(_PREFIX + "; ".join(shortened) + ".", hint=" ".join(hints) or None)
