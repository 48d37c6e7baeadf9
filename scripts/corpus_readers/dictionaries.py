"""Readers of dictionaries and glossaries: dictd data bases and WordNet."""

import gzip
import re

from corpus_readers.text import decode, join_lines, letters_share, read_text, tidy, unwrap

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


def _documents(head, blocks):
    """The entry as a document, or none where too little of it is worth keeping."""
    body = "\n\n".join(filter(_worth_keeping, blocks))
    if len(body) > 40:
        yield tidy(f"{head}\n\n{body}")


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
            blocks.append(re.sub(r"^\s*/[^/]{1,60}/[,.]?\s*|\( *\)|\s*\(\s*$|(?<=[.:])(?: +[.,])+$", "", block).strip())
        yield from _documents(head, blocks)


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
        yield from _documents(head.strip(), unwrap(re.sub(r"[{}]", "", body)).split("\n\n"))


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
