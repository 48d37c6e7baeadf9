"""Readers of Bibles and commentaries in the SWORD formats zText and zCom."""

import html
import re
import struct
import zlib
from pathlib import Path

from corpus_readers.text import portions, tidy


def sword_entries(folder, testament):
    """The OSIS text of one testament, verse by verse; verses that share one text give it once.

    .?zs: (offset, size, unpacked size) of the zlib blocks in .?zz; .?zv: (block, start, length) of each verse, the length in
    two bytes or four.  The module's own word on that is not reliable, so the width is the one that fits the blocks.  Verse
    numbers do not matter here: book and chapter stand in the text as tags."""
    index = next(iter(folder.glob(f"{testament}.?zv")), None)
    if index is None or not index.stat().st_size:
        return
    stem = str(index)[:-1]
    packed = Path(stem + "z").read_bytes()
    blocks = [zlib.decompress(packed[o:o + n]) for o, n, _ in struct.iter_unpack("<III", Path(stem + "s").read_bytes())]
    verses = index.read_bytes()
    for width in ("<IIH", "<III"):
        if len(verses) % struct.calcsize(width):
            continue
        places = [place for place in struct.iter_unpack(width, verses) if place[2]]
        if all(block < len(blocks) and start + length <= len(blocks[block]) for block, start, length in places):
            break
    else:
        raise ValueError(f"{index.name}: not a verse index as known here")
    for block, start, length in dict.fromkeys(places):
        yield blocks[block][start:start + length].decode("utf-8", errors="replace")


def osis_text(osis):
    """OSIS mark-up -> plain text: notes and headings go, psalm titles stay, paragraphs and verse lines keep their breaks."""
    osis = re.sub(r"<note\b[^>]*/>|<note\b.*?</note>", " ", osis, flags=re.S)
    osis = re.sub(r'<title\b(?![^>]*type="psalm")[^>]*>.*?</title>', "", osis, flags=re.S)
    osis = re.sub(r'</title>|<lg\b[^>]*>|<div [^>]*sID=[^>]*type="x-p"[^>]*>|\u00b6', "\n\n", osis)
    osis = re.sub(r'<l\b[^>]*sID=[^>]*>|<lb\b[^>]*>', "\n", osis)
    text = html.unescape(re.sub(r"<[^>]*>", "", osis))
    text = re.sub(r"[ \t]+", " ", text)
    text = re.sub(r" +([,.;:?!\u2019\u201d])(?!\w)", r"\1", text)
    return tidy(re.sub(r" *\n *", "\n", text))


def _testaments(root, kind):
    """The entries of each testament of each module."""
    for module in sorted((root / "usr/share/sword/modules" / kind).iterdir()):
        for testament in ("ot", "nt"):
            yield sword_entries(module, testament)


def sword_bible(root):
    """One chapter a document, its name first: 'Genesis 1'."""
    for entries in _testaments(root, "texts/ztext"):
        book, chapter, verses = "", "", []
        for entry in [*entries, '<chapter n="" osisID="end" sID="end"/>']:
            name = re.search(r'<milestone n="([^"]*)" type="x-usfm-h"', entry)
            start = re.search(r'<chapter n="([^"]*)" osisID="[^"]*" sID[^>]*>', entry)
            if name or start:
                text = osis_text(" ".join(verses))
                if chapter and len(text) > 60:
                    yield tidy(f"{book} {chapter}\n\n{text}")
                verses = []
            if name:
                book, chapter = html.unescape(name.group(1)), ""
            if start:
                chapter = start.group(1)
                entry = entry[start.end():]
            if chapter:
                verses.append(entry)


def _remark(entry):
    text = osis_text(re.sub(r"<(?:title|chapter)\b[^>]*>", "\n\n", entry))
    text = re.sub(r"\(See Scofield[^)]*\)|^--|(?<=\n)--", "", text)
    return "\n\n".join(p for p in text.split("\n\n") if len(p) > 25 or re.match(r"Chapter|Verse", p))


def sword_commentary(root):
    """Remarks on verses, as documents of some pages each in the order of the book."""
    for entries in _testaments(root, "comments/zcom"):
        yield from map(tidy, portions((r for r in map(_remark, entries) if len(r) > 80), 4000))
