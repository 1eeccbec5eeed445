"""Image files that are more than the bytes of a disk: qcow2, VHD and VHDX, VMDK."""

import re
from collections.abc import Callable, Mapping

import pyvhdi
import pyvmdk

from nephoscope.errors import DiskError
from nephoscope.images.sandbox.qcow import QcowStream
from nephoscope.images.sandbox.streams import LIBYAL_ERRORS, FileObject, OpenedStream, Stream, told

Beside = Callable[[str], Stream]
"""Another file of the same image, by its plain name. DiskError when there is none."""

_DESCRIPTOR = b"# Disk DescriptorFile"
_PLAIN_NAME = re.compile(r"[\w .()+-]{1,200}\.vmdk", re.IGNORECASE)


def format_of(stream: Stream) -> str:
    """Empty for a file that is the disk itself."""
    head = stream.read_at(0, 512)
    if head[:4] == b"QFI\xfb":
        return "qcow2"
    if head[:4] in (b"KDMV", b"COWD") or head.startswith(_DESCRIPTOR):
        return "vmdk"
    if head[:8] == b"vhdxfile" or head[:8] == b"conectix":
        return "vhd"
    end = stream.size - stream.size % 512
    return "vhd" if stream.read_at(max(0, end - 512), 8) == b"conectix" else ""


def open_image(stream: Stream, form: str, beside: Beside) -> Stream:
    """The disk inside. DiskError when it cannot be opened, or needs another image that it is only the difference to."""
    if form == "qcow2":
        return QcowStream(stream)
    try:
        return _OPENERS[form](FileObject(stream), beside)
    except LIBYAL_ERRORS as error:
        raise DiskError(f"The {form} image cannot be opened: {told(error)}.") from error


def _open_vhd(file: FileObject, _beside: Beside) -> Stream:
    image = pyvhdi.file()
    image.open_file_object(file)
    parent = image.parent_filename
    if parent:
        raise _is_difference("VHD", parent)
    return OpenedStream(image, image.media_size, (file,))


def _open_vmdk(file: FileObject, beside: Beside) -> Stream:
    image = pyvmdk.handle()
    image.open_file_object(file)
    parent = image.parent_filename
    if parent:
        raise _is_difference("VMDK", parent)
    extents = [file]
    names = [image.get_extent_descriptor(number).filename for number in range(image.number_of_extents)]
    if file.read_head().startswith(_DESCRIPTOR):
        extents = [FileObject(beside(_plain(name))) for name in names if name]
    image.open_extent_data_files_as_file_objects(extents)
    return OpenedStream(image, image.media_size, tuple(extents))


def _plain(name: str) -> str:
    """Only what lies in the same folder: a descriptor could name any file of this machine."""
    if not _PLAIN_NAME.fullmatch(name) or name.startswith("."):
        raise DiskError("The VMDK descriptor names a part that is no plain .vmdk file beside it.")
    return name


def _is_difference(form: str, name: str) -> DiskError:
    shown = "".join(char if char.isprintable() else "?" for char in name[:100])
    return DiskError(
        f"The {form} image holds only what differs from {shown!r}, and what an image points at is not opened: make a "
        "whole one of it (qemu-img convert)."
    )


_OPENERS: Mapping[str, Callable[[FileObject, Beside], Stream]] = {
    "vhd": _open_vhd,
    "vmdk": _open_vmdk,
}
