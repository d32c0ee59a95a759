from __future__ import annotations

import os
from pathlib import Path

import pytest

import sluice
from sluice._part import LOCKS_FILES, PartFile

from .conftest import FakeServer
from .test_download import CONTENT, part_of, sending, whole
from .test_refresh import NOW, refreshing

pytestmark = pytest.mark.skipif(not LOCKS_FILES, reason="neither locks nor modes here")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_part_that_another_writes_is_left_to_it(
    server: FakeServer, database: sluice.Database, tmp_path: Path
) -> None:
    path = tmp_path / "copy.db"
    sending(server, whole())
    with PartFile(str(path)) as other:
        other.write(b"other")
        with pytest.raises(FileExistsError):
            database.download(path)
        assert not path.exists()
        other.keep()
    assert path.read_bytes() == b"other"


def test_a_part_under_anothers_name_is_neither_kept_nor_removed(tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    with PartFile(str(path)) as part:
        part_of(path).unlink()
        part_of(path).write_bytes(b"other")
        with pytest.raises(FileExistsError):
            part.keep()
    assert part_of(path).read_bytes() == b"other"
    assert not path.exists()


def test_a_part_is_no_link_to_another_file(tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    part_of(path).symlink_to(precious)
    for resume in (False, True):
        with pytest.raises(OSError), PartFile(str(path), resume):
            pass
    assert precious.read_bytes() == b"mine"


@pytest.mark.parametrize("refreshed", [False, True])
def test_a_private_file_stays_private(
    server: FakeServer, database: sluice.Database, tmp_path: Path, refreshed: bool
) -> None:
    sending(server, whole())
    refreshing(server)
    path = tmp_path / "copy.db"
    path.write_bytes(NOW[:8192])
    path.chmod(0o600)
    part_of(path).touch(0o666)  # Of a version that did not know.
    modes: set[int] = set()
    (database.refresh if refreshed else database.download)(path, lambda _, __: modes.add(mode(part_of(path))))
    assert modes == {0o600}
    assert mode(path) == 0o600


def test_a_file_keeps_its_mode_and_a_new_one_gets_the_usual(
    server: FakeServer, database: sluice.Database, tmp_path: Path
) -> None:
    sending(server, whole())
    usual, path = tmp_path / "usual", tmp_path / "copy.db"
    os.close(os.open(usual, os.O_CREAT, 0o666))
    database.download(path)
    assert mode(path) == mode(usual)
    path.chmod(0o640)
    database.download(path)
    assert mode(path) == 0o640
    assert path.read_bytes() == CONTENT


def test_the_part_is_closed_before_it_is_renamed_where_that_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sluice._part.LOCKS_FILES", False)
    replace = os.replace
    with PartFile(str(tmp_path / "copy.db")) as part:

        def on_windows(source: str, target: str) -> None:
            assert part.file.closed
            replace(source, target)

        monkeypatch.setattr(os, "replace", on_windows)
        part.keep()
    assert (tmp_path / "copy.db").exists()
