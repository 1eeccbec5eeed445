"""Image files and block devices as sources of blocks."""

import os
import stat
from pathlib import Path

from nephoscope.errors import DiskError
from nephoscope.images.budget import FREE, Tariff

BLOCK_SIZE = 64 * 1024


class FileSource:
    """`device.BlockSource` over a file or a block device, opened for reading only. Holes of sparse files are known."""

    def __init__(self, path: Path, *, block_size: int = BLOCK_SIZE, tariff: Tariff = FREE) -> None:
        """DiskError when it cannot be opened or is neither."""
        self.name = path.name
        self.block_size = block_size
        self.tariff = tariff
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise DiskError(f"{path} cannot be opened: {error.strerror or error}.") from error
        mode = os.fstat(self._file).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISBLK(mode):
            os.close(self._file)
            raise DiskError(f"{path} is neither a file nor a block device.")
        self._may_have_holes = stat.S_ISREG(mode)
        self.size = os.lseek(self._file, 0, os.SEEK_END)

    def holds(self, block: int) -> bool:
        if not self._may_have_holes:
            return True
        start = block * self.block_size
        try:
            return os.lseek(self._file, start, os.SEEK_DATA) < start + self.block_size
        except OSError:  # nothing but a hole until the end
            return False

    def fetch(self, block: int) -> bytes:
        try:
            return os.pread(self._file, self.block_size, block * self.block_size)
        except OSError as error:
            raise DiskError(f"{self.name} cannot be read at {block * self.block_size:,}: {error.strerror}.") from error

    def close(self) -> None:
        os.close(self._file)
