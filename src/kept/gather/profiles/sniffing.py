"""What a file is, told by its own bytes: its name, and what its sender says of it, tell nothing.

After the WHATWG's MIME Sniffing Standard, for the few kinds that a profile holds. What a browser would run as a page
(HTML, SVG, XML) is no file that is taken.
"""

from io import BytesIO
from zipfile import BadZipFile, ZipFile

from kept.base.printing import clean
from kept.gather.profiles.model import FileTold, NotTaken

MOST_FILE_BYTES = 5 * 1024 * 1024
LONGEST_NAME = 120

_STARTS = (
    (b"%PDF-", "application/pdf", "file"),
    (b"{\\rtf", "application/rtf", "file"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "image"),
    (b"\xff\xd8\xff", "image/jpeg", "image"),
    (b"GIF87a", "image/gif", "image"),
    (b"GIF89a", "image/gif", "image"),
    (b"ID3", "audio/mpeg", "audio"),
    (b"\xff\xfb", "audio/mpeg", "audio"),
    (b"OggS", "audio/ogg", "audio"),
    (b"fLaC", "audio/flac", "audio"),
    (b"\x1aE\xdf\xa3", "video/webm", "video"),
)
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_ODT = "application/vnd.oasis.opendocument.text"
_RUNS = (b"<!doctype", b"<html", b"<?xml", b"<svg", b"<script")


def sniff(kind: str, sent: FileTold) -> FileTold | NotTaken:
    """The file with its media type, where its bytes are of a kind that an item of this type takes."""
    if len(sent.content) > MOST_FILE_BYTES:
        return NotTaken.TOO_LONG
    media, of = _media(sent.content)
    # a picture of a paper is a paper too
    if of != kind and not (kind == "file" and of == "image"):
        return NotTaken.WRONG_TYPE
    return FileTold(_named(sent.name), sent.content, media)


def _media(content: bytes) -> tuple[str, str]:
    for start, media, kind in _STARTS:
        if content.startswith(start):
            return media, kind
    if content.startswith(b"RIFF") and content[8:12] in (b"WEBP", b"WAVE"):
        return ("image/webp", "image") if content[8:12] == b"WEBP" else ("audio/wav", "audio")
    if content[4:8] == b"ftyp":
        return ("audio/mp4", "audio") if content[8:11] == b"M4A" else ("video/mp4", "video")
    if content.startswith(b"PK\x03\x04"):
        media = _in_archive(content)
        return media, "file" if media else ""
    return ("text/plain", "file") if _is_text(content) else ("", "")


def _in_archive(content: bytes) -> str:
    """Which document an archive is. Its list of names alone is read; nothing is unpacked but the ODF's own mark."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = frozenset(archive.namelist())
            if {"[Content_Types].xml", "word/document.xml"} <= names:
                return _DOCX
            mark = archive.getinfo("mimetype") if "mimetype" in names else None
            if mark is not None and mark.file_size == len(_ODT) and archive.read(mark) == _ODT.encode():
                return _ODT
    except (BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError):
        pass  # a broken archive is no document
    return ""


def _is_text(content: bytes) -> bool:
    head = content[:512].lstrip().lower()
    if not content or b"\x00" in content or head.startswith(_RUNS):
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _named(name: str) -> str:
    """The file's own name without any folder, fit to be shown and to be saved under."""
    last = clean(name.replace("\\", "/").rpartition("/")[2]).replace('"', "").strip(". ")
    return last[-LONGEST_NAME:] or "file"
