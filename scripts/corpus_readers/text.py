"""Text as all readers handle it: characters, lines, paragraphs, portions."""

import json
import re
import unicodedata
from pathlib import Path

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


def read_json(path):
    return json.loads(read_text(path))


def join_lines(lines):
    """One paragraph from hard-wrapped lines.  A line that ends in a hyphen or dash is glued: 'well-' 'known', 'said--' 'he'."""
    out = ""
    for line in (line.strip() for line in lines):
        glued = not out or (re.search(r"\w-$|--$|\u2014$", out[-3:]) and not re.match(r"(and|or|to)\b", line))
        out += line if glued else " " + line
    return out


def letters_share(text):
    return (sum(map(str.isalpha, text)) + text.count(" ")) / max(1, len(text))

_EMPHASIS = re.compile(r"(?<!\w)_([^_]{1,400}?)_(?!\w)")


def without_emphasis(text):
    return _EMPHASIS.sub(r"\1", text)


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
