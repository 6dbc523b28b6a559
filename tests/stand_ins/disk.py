"""A small disk of its own that can be filled and freed: a real file system, mounted for one test."""

from __future__ import annotations

import errno
import os
import subprocess
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    import io
    from pathlib import Path


class SmallDisk:
    """A tmpfs at `path` while the context lasts. Skips the test where nobody may mount one."""

    def __init__(self, path: Path, megabytes: int) -> None:
        self.path = path
        self._megabytes = megabytes
        self._ballast = path / "ballast"

    def __enter__(self) -> Self:
        self.path.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={self._megabytes}m", "newsvane-test", str(self.path)]
        try:
            mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            mounted = False
        if not mounted:
            pytest.skip("needs to mount a small disk, which only root may, and not everywhere")
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self.path)], check=True)

    def fill(self, *, but: int = 0) -> None:
        """Leave no more than `but` bytes free, a page of memory more or less."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (1 << 20, 4096):
                while self.free() - size >= but and not _is_full(file, size):
                    pass

    def relieve(self) -> None:
        self._ballast.unlink()

    def free(self) -> int:
        stat = os.statvfs(self.path)
        return stat.f_bavail * stat.f_frsize


def _is_full(file: io.FileIO, size: int) -> bool:
    try:
        file.write(b"\0" * size)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return True
    return False
