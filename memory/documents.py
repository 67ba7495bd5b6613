"""Files to passages: one to four sentences each, under the headings they stand beneath."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

from ..errors import BackendError, InputError

LARGEST: Final = 50_000_000
"""Bytes of a file."""
_SENTENCES: Final = 4
_CHARACTERS: Final = 600
"""Of a passage, unless one sentence is longer."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage before it is stored."""

    heading: str
    """The headings above it, outermost first, joined by " > "."""
    text: str


def load(path: Path) -> bytes:
    """The content of a file. Raises ``InputError`` for one that is missing, too large or of no known kind."""
    if path.suffix.lower() not in READERS:
        raise InputError(f"{path} is of no known kind.", f"Give one of: {', '.join(sorted(READERS))}.")
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise InputError(
                f"{path} has {size // 1_000_000} MB; at most {LARGEST // 1_000_000} are read.", "Split it."
            )
        return path.read_bytes()
    except OSError as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror}.", "Check the path and its permissions.") from exc


def parse(path: Path, content: bytes) -> list[Piece]:
    """The passages of a file's *content*, by its suffix.

    Raises ``InputError`` for a file that is encrypted or damaged, ``BackendError`` when the library that reads its kind is not
    installed.
    """
    return [piece for piece in READERS[path.suffix.lower()](path, content) if piece.text.strip()]


_SENTENCE_END: Final = re.compile(
    r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]?[A-ZÀ-Þ0-9])|(?<=[。！？；])|(?<=[!?])\s*(?=[\u4e00-\u9fff])"
)
_ABBREVIATED: Final = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|No|vs|etc|approx|incl|e\.g|i\.e)|\b[A-Z])\.$")


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph."""
    found: list[str] = []
    for part in _SENTENCE_END.split(" ".join(text.split())):
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] += " " + part
        elif part.strip():
            found.append(part.strip())
    return found


def split(text: str, heading: str = "") -> Iterator[Piece]:
    """A paragraph as passages of at most four sentences."""
    kept: list[str] = []
    for sentence in sentences(text):
        if kept and (len(kept) == _SENTENCES or sum(map(len, kept)) + len(sentence) > _CHARACTERS):
            yield Piece(heading, " ".join(kept))
            kept = []
        kept.append(sentence)
    if kept:
        yield Piece(heading, " ".join(kept))


_HEADING: Final = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE: Final = re.compile(r"\s*(?:```|~~~)")
_BULLET: Final = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
_MARKS: Final = (
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\([^)]*\)"), r"\1"),
    (re.compile(r"(\*\*|__)(.+?)\1"), r"\2"),
    (re.compile(r"(?<!\w)[*_](\S.*?)[*_](?!\w)"), r"\1"),
    (re.compile(r"`([^`]+)`"), r"\1"),
    (re.compile(r"<!--.*?-->", re.DOTALL), ""),
)


def markdown(text: str) -> Iterator[Piece]:
    """Passages of Markdown. A short answer below a question stays whole."""
    headings: list[tuple[int, str]] = []
    block: list[str] = []
    fenced = False
    for line in [*_plain(text).splitlines(), ""]:
        if _FENCE.match(line):
            fenced = not fenced
            continue
        heading = None if fenced else _HEADING.match(line)
        if heading or not line.strip():
            yield from _block(block, headings)
            block = []
        if heading:
            level = len(heading[1])
            headings = [one for one in headings if one[0] < level] + [(level, heading[2])]
        elif line.strip():
            block.append(line)
    yield from _block(block, headings)


def _plain(text: str) -> str:
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    for mark, kept in _MARKS:
        text = mark.sub(kept, text)
    return text


def _block(lines: list[str], headings: list[tuple[int, str]]) -> Iterator[Piece]:
    """A paragraph, list or table below its headings."""
    rows = [line.strip() for line in lines if not re.fullmatch(r"[\s|:=*_-]+", line)]
    cells = [re.sub(r"\s*\|\s*", ", ", row.strip("|").strip()) if "|" in row else _BULLET.sub("", row) for row in rows]
    separate = any(_BULLET.match(row) or row.startswith("|") for row in rows)
    closed = (
        [cell if cell[-1:] in ".!?。:;,！？：；，" else cell + "." for cell in cells if cell] if separate else cells
    )
    yield from split(" ".join(closed), " > ".join(title for _, title in headings))


def _gathered(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours below one heading joined while they stay within a passage."""
    held: Piece | None = None
    for piece in pieces:
        if held and held.heading == piece.heading and len(sentences(held.text + " " + piece.text)) <= _SENTENCES:
            joined = f"{held.text} {piece.text}"
            if len(joined) <= _CHARACTERS:
                held = Piece(held.heading, joined)
                continue
        if held:
            yield held
        held = piece
    if held:
        yield held


class _Html(HTMLParser):
    """Collects headings and blocks of text; scripts, styles and navigation are left out."""

    _BLOCKS: Final = re.compile(r"p|li|td|th|div|section|article|br|tr|d[td]|blockquote|pre|table|[uo]l|figcaption")
    _SKIPPED: Final = frozenset({"script", "style", "nav", "template", "noscript", "svg", "head"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._text: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the library's signature
        self._skipping += tag in self._SKIPPED
        if self._BLOCKS.fullmatch(tag) or re.fullmatch(r"h[1-6]", tag):
            self.flush()

    def handle_endtag(self, tag: str) -> None:
        self._skipping = max(0, self._skipping - (tag in self._SKIPPED))
        if re.fullmatch(r"h[1-6]", tag):
            self.flush("#" * int(tag[1]) + " ")
        elif self._BLOCKS.fullmatch(tag):
            self.flush()

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._text.append(data)

    def flush(self, mark: str = "") -> None:
        text = " ".join("".join(self._text).split())
        if text:
            self.lines.append(mark + (text if mark or not text.startswith("#") else "\\" + text))
        self._text = []


def html(text: str) -> Iterator[Piece]:
    """Passages of an HTML page."""
    parser = _Html()
    parser.feed(text)
    parser.close()
    parser.flush()
    headings: list[tuple[int, str]] = []
    for line in parser.lines:
        if heading := _HEADING.match(line):
            headings = [one for one in headings if one[0] < len(heading[1])] + [(len(heading[1]), heading[2])]
        else:
            yield from split(line, " > ".join(title for _, title in headings))


def table(text: str, name: str) -> Iterator[Piece]:
    """A CSV of questions and answers: the question is the heading; of other tables, "column: value" a row."""
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], delimiters=",;\t|")
    except csv.Error:
        dialect = "excel"
    try:
        rows = [
            [cell.strip() for cell in row]
            for row in csv.reader(io.StringIO(text), dialect)
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as exc:
        raise InputError(f"{name} is no table: {exc}.", "Save it as CSV in UTF-8.") from exc
    if not rows:
        return
    header = [cell.casefold() for cell in rows[0]]
    question = next(
        (place for place, cell in enumerate(header) if re.match(r"question|q\b|prompt|问题|问", cell)), None
    )
    answer = next(
        (place for place, cell in enumerate(header) if re.match(r"answer|a\b|response|reply|回答|答案|答", cell)), None
    )
    if question is not None and answer is not None:
        yield from (Piece(row[question], row[answer]) for row in rows[1:] if len(row) > max(question, answer))
    elif all(len(row) == 2 for row in rows) and any(row[0].endswith(("?", "?")) for row in rows):
        yield from (Piece(row[0], row[1]) for row in rows)
    else:
        for row in rows[1:]:
            yield Piece(
                "", "; ".join(f"{title}: {cell}" for title, cell in zip(rows[0], row, strict=False) if cell) + "."
            )


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _from_markdown(path: Path, content: bytes) -> Iterable[Piece]:  # noqa: ARG001 - readers share one signature
    return _gathered(markdown(_decoded(content)))


def _from_text(path: Path, content: bytes) -> Iterable[Piece]:  # noqa: ARG001
    return (piece for paragraph in re.split(r"\n\s*\n", _decoded(content)) for piece in split(paragraph))


def _from_html(path: Path, content: bytes) -> Iterable[Piece]:  # noqa: ARG001
    return _gathered(html(_decoded(content)))


def _from_csv(path: Path, content: bytes) -> Iterable[Piece]:
    return table(_decoded(content), str(path))


def _from_pdf(path: Path, content: bytes) -> Iterable[Piece]:
    try:
        import pypdf
        from pypdf.errors import PyPdfError
    except ImportError as exc:
        raise BackendError(f"{path} needs the library pypdf.", "Install it: pip install pypdf") from exc
    try:
        document = pypdf.PdfReader(io.BytesIO(content))
        if document.is_encrypted and not document.decrypt(""):
            raise InputError(f"{path} is encrypted.", "Save it without a password.")
        pages = [page.extract_text() for page in document.pages]
    except (PyPdfError, ValueError, KeyError, IndexError, AttributeError, TypeError, RecursionError) as exc:
        raise InputError(f"{path} is no readable PDF: {exc}.", "Save it again, or give its text.") from exc
    if not any(page.strip() for page in pages):
        raise InputError(f"{path} holds no text, only pictures.", "Run text recognition on it first.")
    return (
        Piece(f"page {number}", piece.text)
        for number, page in enumerate(pages, 1)
        for paragraph in re.split(r"\n\s*\n", page)
        for piece in split(paragraph)
    )


def _from_docx(path: Path, content: bytes) -> Iterable[Piece]:
    try:
        import docx
    except ImportError as exc:
        raise BackendError(f"{path} needs the library python-docx.", "Install it: pip install python-docx") from exc
    import zipfile

    try:
        document = docx.Document(io.BytesIO(content))
    except (zipfile.BadZipFile, KeyError, ValueError) as exc:
        raise InputError(f"{path} is no readable DOCX: {exc}.", "Save it again as DOCX, without a password.") from exc
    lines: list[str] = []
    for paragraph in document.paragraphs:
        level = re.fullmatch(r"(?:Heading|Title) ?(\d?)", paragraph.style.name if paragraph.style else "")
        lines.append(f"{'#' * min(6, int(level[1] or 1))} {paragraph.text}" if level else paragraph.text)
    for grid in document.tables:
        lines += ["| " + " | ".join(cell.text.strip() for cell in row.cells) + " |" for row in grid.rows]
    return _gathered(markdown("\n\n".join(lines)))


READERS: Final[dict[str, Callable[[Path, bytes], Iterable[Piece]]]] = {
    ".md": _from_markdown,
    ".markdown": _from_markdown,
    ".txt": _from_text,
    ".html": _from_html,
    ".htm": _from_html,
    ".csv": _from_csv,
    ".pdf": _from_pdf,
    ".docx": _from_docx,
}
