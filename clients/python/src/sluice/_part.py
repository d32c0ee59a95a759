"""Files that are being made, under the name path.part."""

from __future__ import annotations

import errno
import os
import shutil
from types import TracebackType
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Not on every system.
    LOCKS_FILES = False
else:
    LOCKS_FILES = True


class PartFile:
    """A file that is being made. Whoever holds its lock writes it, renames it and removes it; nobody else does.

    It is gone when it is left, unless it was kept. With `resume` what was left is gone on with, and it stays after a
    failure if something has come; but a disk that is full is not to stay full.
    """

    def __init__(self, path: str, resume: bool = False) -> None:
        self._path = path
        self._part = path + ".part"
        self._resume = resume
        self._found = False
        # Set by who writes: more has come than there was.
        self.has_come = False

    def __enter__(self) -> PartFile:
        if self._resume:
            self.file = self._lock(os.O_CREAT)
            self._found = self.size() > 0
            return self
        # The lock of one that is left is held until there is another under its name, so that of two who find it one goes on.
        try:
            stale: BinaryIO | None = self._lock(0)
        except FileNotFoundError:
            stale = None
        try:
            if stale is not None:
                if not LOCKS_FILES:  # Windows removes and renames no open file.
                    stale.close()
                os.remove(self._part)
            self.file = self._lock(os.O_CREAT | os.O_EXCL)
        finally:
            if stale is not None:
                stale.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.file.closed:
            return
        # This package's own OSErrors have no number.
        of_the_disk = isinstance(error, OSError) and error.errno is not None
        stays = self._resume and (self._found or self.has_come) and self.size() > 0 and not of_the_disk
        ours = not stays and self._is_ours()
        if not LOCKS_FILES:
            self.file.close()
        if ours:
            os.remove(self._part)
        self.file.close()

    def copy_older(self) -> None:
        """Begins an empty part with the bytes of path, if there are any."""
        if self.size() == 0 and os.path.exists(self._path):
            with open(self._path, "rb") as older:
                shutil.copyfileobj(older, self.file, 1 << 20)

    def size(self) -> int:
        return os.fstat(self.file.fileno()).st_size

    def reader(self) -> BinaryIO:
        """The same bytes, for another thread."""
        return open(self._part, "rb")

    def write_at(self, offset: int, data: bytes) -> None:
        self.file.seek(offset)
        self.write(data)

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self.file.write(view) :]

    def keep(self) -> None:
        """Makes the part the file, durably, with the mode of the file that it replaces."""
        refuse_log(self._path)
        _set_mode(self.file, mode_of(self._path))
        os.fsync(self.file.fileno())
        if not self._is_ours():
            raise FileExistsError(f"another took {self._part}")
        if not LOCKS_FILES:
            self.file.close()
        os.replace(self._part, self._path)
        self.file.close()
        sync_folder(os.path.dirname(self._path) or ".")

    def _lock(self, flags: int) -> BinaryIO:
        # What is to be replaced may be closed to others; `keep` gives the part its mode.
        private = mode_of(self._path) is not None
        flags |= os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(self._part, flags, 0o600 if private else 0o666)
        except FileExistsError:
            raise FileExistsError(f"{self._part} is being written by another") from None
        # Unbuffered, so that what was written is there for the reader and after a crash.
        file: BinaryIO = os.fdopen(descriptor, "r+b", buffering=0)
        if not lock(file) or not self._is_ours(file):
            file.close()
            raise FileExistsError(f"{self._part} is being written by another")
        if private:
            _set_mode(file, 0o600)  # One that was left may be open to more.
        return file

    def _is_ours(self, file: BinaryIO | None = None) -> bool:
        """Whether the part's name still stands for this file."""
        try:
            return os.path.samestat(os.fstat((file or self.file).fileno()), os.lstat(self._part))
        except OSError:
            return False


def mode_of(path: str) -> int | None:
    """Who may read and write a file; None when there is none."""
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        return None


def _set_mode(file: BinaryIO, mode: int | None) -> None:
    """Where modes are not kept, nothing can be done."""
    if mode is None or not hasattr(os, "fchmod"):
        return
    try:
        os.fchmod(file.fileno(), mode)
    except OSError:
        pass


def refuse_log(path: str) -> None:
    """SQLite would read a new file with the old one's log, and find nothing wrong with it."""
    for ending in ("-wal", "-journal"):
        if os.path.lexists(path + ending):
            raise FileExistsError(
                f"not replacing {path}: {path}{ending} is beside it, so the old file is in use or was not closed"
            )


def lock(file: BinaryIO) -> bool:
    """Whether nobody else has it, as far as the file system can tell."""
    if not LOCKS_FILES:
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN)
    return True


def sync_folder(path: str) -> None:
    """Makes a rename durable. Windows cannot, and needs not."""
    if os.name == "nt":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
