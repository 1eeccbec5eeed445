"""Programs and archives as small as they can be."""

import io
import struct
import zipfile
import zlib

import msgspec

MODULES = (
    "path\texample.com/tool\nmod\texample.com/tool\tv1.2.3\th1:x=\n"
    "dep\tgolang.org/x/net\tv0.17.0\th1:y=\ndep\texample.com/old\tv1.0.0\th1:z=\n=>\texample.com/new\tv1.0.1\th1:w=\n"
)


def elf(sections: dict[str, bytes], base: int = 0x400000) -> bytes:
    """A 64-bit little-endian program with these sections and one of names, padded to look like a program."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name in (*sections, ".shstrtab"))
    body, rows = b"", [bytes(64)]
    at = 64
    for name, content in (*sections.items(), (".shstrtab", names)):
        place = names.index(b"\0" + name.encode() + b"\0") + 1
        rows.append(struct.pack("<IIQQQQIIQQ", place, 1, 0, base + at, at, len(content), 0, 0, 16, 0))
        padded = content.ljust(-(-len(content) // 16) * 16, b"\0")
        body += padded
        at += len(padded)
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    count = len(rows)
    head = ident + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, at, 0, 64, 0, 0, 64, count, count - 1)
    return (head + body + b"".join(rows)).ljust(80_000, b"\0")


def go_program(version: str = "go1.21.5", modules: str = MODULES) -> bytes:
    listed = b"\1" * 16 + modules.encode() + b"\2" * 16
    content = b"\xff Go buildinf:\x08\x02" + bytes(16) + _counted(version.encode()) + _counted(listed)
    return elf({".text": b"\x90" * 64, ".go.buildinfo": content})


def old_go_program(version: str = "go1.12", modules: str = MODULES) -> bytes:
    """Before 1.18: two addresses of strings. The section is the first, so it lies at the program's 64th byte."""
    base = 0x400000 + 64
    listed = b"\1" * 16 + modules.encode() + b"\2" * 16
    head = b"\xff Go buildinf:\x08\x00" + struct.pack("<QQ", base + 32, base + 48)
    strings = struct.pack("<QQQQ", base + 64, len(version), base + 64 + len(version), len(listed))
    return elf({".go.buildinfo": head + strings + version.encode() + listed})


def _counted(content: bytes) -> bytes:
    size, head = len(content), b""
    while size >= 0x80:
        head += bytes([size & 0x7F | 0x80])
        size >>= 7
    return head + bytes([size]) + content


def rust_program(packages: list[dict[str, object]]) -> bytes:
    return elf({".text": b"\x90", ".dep-v0": zlib.compress(msgspec.json.encode({"packages": packages}))})


def jar(files: dict[str, bytes | str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def pom(group: str, artifact: str, version: str) -> dict[str, bytes | str]:
    text = f"#made\ngroupId={group}\nartifactId={artifact}\nversion={version}\n"
    return {f"META-INF/maven/{group}/{artifact}/pom.properties": text}
