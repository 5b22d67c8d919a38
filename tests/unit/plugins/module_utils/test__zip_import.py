# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import traceback
import warnings
import zipfile
import zipimport

import pytest
from ansible_collections.community.huaweicloud.plugins.module_utils import _argspec, _module, _zip_import

# Python warns about the comparison each time that it compiles this file.
SOURCE = "def fail():\n    raise ValueError('broken' is 1)\n"
FILES = {
    "zipped_package/__init__.py": "",
    "zipped_package/first.py": SOURCE,
    "zipped_package/inner/__init__.py": SOURCE,
    "zipped_package/inner/second.py": "from zipped_package.first import fail\n" + SOURCE.replace("fail", "other"),
}


@pytest.fixture(name="archive")
def archive_fixture(tmp_path, monkeypatch):
    """Return a ZIP file with Python files, from which one package has been imported."""
    path = tmp_path / "payload.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, source in FILES.items():
            file.writestr(name, source)
    monkeypatch.syspath_prepend(str(path))
    monkeypatch.setattr(sys, "path_hooks", list(sys.path_hooks))
    monkeypatch.setattr(sys, "path_importer_cache", dict(sys.path_importer_cache))
    importlib.import_module("zipped_package")
    yield path
    for name in [name for name in sys.modules if name.startswith("zipped_package")]:
        del sys.modules[name]


def import_and_count(*names):
    """Import modules. Return how often one of their files was compiled."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for name in names:
            importlib.import_module(name)
    return sum(1 for warning in caught if warning.category is SyntaxWarning)


def test_files_of_a_zip_file_are_compiled_once(archive):
    _zip_import.compile_files_once(sys.modules["zipped_package"].__spec__.loader)
    assert import_and_count("zipped_package.inner.second", "zipped_package.first") == 3
    second = sys.modules["zipped_package.inner.second"]
    assert (second.__file__, second.__package__, sys.modules["zipped_package.inner"].__path__) == (
        f"{archive}/zipped_package/inner/second.py",
        "zipped_package.inner",
        [f"{archive}/zipped_package/inner"],
    )
    assert isinstance(second.__loader__, _zip_import.SingleCompileImporter)


def test_tracebacks_show_lines_of_a_zip_file(archive):
    _zip_import.compile_files_once(sys.modules["zipped_package"].__spec__.loader)
    import_and_count("zipped_package.first")
    first = sys.modules["zipped_package.first"]
    with pytest.raises(ValueError, match="False") as caught:
        first.fail()
    frame = traceback.extract_tb(caught.tb)[-1]
    assert (frame.filename, frame.lineno, frame.name) == (f"{archive}/zipped_package/first.py", 2, "fail")
    assert inspect.getsource(first) == SOURCE


def test_code_of_a_file_can_be_read_again(archive):
    importer = _zip_import.SingleCompileImporter(f"{archive}/zipped_package")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert importer.get_filename("first") == f"{archive}/zipped_package/first.py"
        first, second = importer.get_code("first"), importer.get_code("first")
    assert first == second
    assert first is not second


@pytest.mark.parametrize("method", ["get_filename", "get_code"])
def test_missing_file_is_an_import_error(archive, method):
    importer = _zip_import.SingleCompileImporter(str(archive))
    with pytest.raises(ImportError, match="can't find module 'missing'"):
        getattr(importer, method)("missing")


def test_other_zip_files_are_not_affected(archive, tmp_path, monkeypatch):
    other = tmp_path / "payload.zip.zip"
    with zipfile.ZipFile(other, "w") as file:
        file.writestr("zipped_package_of_others.py", SOURCE)
    _zip_import.compile_files_once(sys.modules["zipped_package"].__spec__.loader)
    monkeypatch.syspath_prepend(str(other))
    import_and_count("zipped_package_of_others")
    assert not isinstance(sys.modules["zipped_package_of_others"].__loader__, _zip_import.SingleCompileImporter)


def test_files_outside_of_zip_files_are_ignored(archive):
    before = list(sys.path_hooks)
    _zip_import.compile_files_once(_zip_import.__spec__.loader)
    assert sys.path_hooks == before


class OldImporter(zipimport.zipimporter):
    """The importer of Python 3.9."""

    def __getattribute__(self, name):
        if name == "exec_module":
            raise AttributeError(name)
        return super().__getattribute__(name)


def test_importer_of_python_39_is_not_replaced(archive):
    before = list(sys.path_hooks)
    _zip_import.compile_files_once(OldImporter(str(archive)))
    assert sys.path_hooks == before


@pytest.mark.parametrize("module", [_argspec, _module])
def test_entry_files_import_zip_import_first(module):
    imports = [node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.ImportFrom)]
    own = [node for node in imports if node.module.startswith("ansible_collections")]
    assert [name.name for name in own[0].names] == ["_zip_import"]
