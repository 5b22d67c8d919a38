# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Compile each file of a module once. Importing this file works around a defect of Python.

Ansible transfers a module and its files as a ZIP file, which contains no compiled files. Python compiles each file of a ZIP file twice: to find
the name of the file, and to run it (https://github.com/python/cpython/issues/141276). For a module that changes nothing, compiling takes most of
the time. Each module imports ``_argspec`` or ``_module`` first, and these import this file before all others.
"""

from __future__ import annotations

import os
import sys
import types
import typing as t
import zipimport


class SingleCompileImporter(zipimport.zipimporter):
    """Finds and loads the files of a ZIP file without compiled files. The import system calls ``get_filename`` before ``get_code``."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._code: dict[str, types.CodeType] = {}

    def get_filename(self, fullname: str) -> str:
        """Return the path of a module. Keep its code for the next call of ``get_code``."""
        self._code[fullname] = super().get_code(fullname)
        return self._code[fullname].co_filename

    def get_code(self, fullname: str) -> types.CodeType:
        """Return the code of a module."""
        return self._code.pop(fullname, None) or super().get_code(fullname)


def compile_files_once(loader: t.Any) -> None:
    """Import the remaining files of a ZIP file with SingleCompileImporter. Ignore a ``loader`` that does not read ZIP files."""
    # Python 3.9 has no exec_module here, and does not call get_code.
    if not isinstance(loader, zipimport.zipimporter) or not hasattr(loader, "exec_module"):
        return
    archive = os.path.join(loader.archive, "")

    def find_importer(path: str) -> t.Any:
        if not path.startswith(archive):
            raise ImportError("not a directory of the ZIP file", path=path)
        return SingleCompileImporter(path)

    sys.path_hooks.insert(0, find_importer)
    for path in [path for path in sys.path_importer_cache if path.startswith(archive)]:
        del sys.path_importer_cache[path]


compile_files_once(__spec__.loader)
