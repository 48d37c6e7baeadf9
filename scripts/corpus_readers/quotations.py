"""Readers of quotations and jokes."""

import html
import re

from corpus_readers.dictionaries import dictd_entries
from corpus_readers.text import letters_share, ragged, read_json, read_text, tidy, unwrap, without_emphasis

_MOJIBAKE = re.compile(r"\u00c3.|\u00e2\u20ac|\u00c2[^a-z]|\u00e2\u00c2")
_SLURS = re.compile(r"(?i)\b(nigg|fagg?ot|kike|wetback|chink(?!s? in)|spic\b|polack|rape|queers?\b|darkie|coon\b|retard)")


def _is_fit(text):
    return len(text) > 30 and not _SLURS.search(text) and not _MOJIBAKE.search(text)


def devil(root):
    for entry in dictd_entries(root, "devil"):
        doc = tidy(unwrap(entry))
        if len(doc) > 40 and not _SLURS.search(doc):
            yield doc


def fortunes(root, skip=()):
    for path in sorted((root / "usr/share/games/fortunes").iterdir()):
        if path.suffix or not path.is_file() or path.is_symlink() or path.name in skip:
            continue
        for raw in re.split(r"(?m)^%\s*$", read_text(path)):
            raw = re.sub(r"_+\x08+|.\x08", "", raw)  # overstrike: underlined or bold on a typewriter
            doc = tidy(without_emphasis(re.sub(r"( in)? *<\S+@\S+>", "", ragged(raw))))
            if _is_fit(doc) and letters_share(doc) > 0.75:
                yield doc


_COARSE_TAGS = {"sex", "dirty", "flirty", "racist", "rude", "insults", "gay", "black", "blonde", "fat", "ugly", "women", "men", "hate", "drug",
                "christian", "stupid"}


def one_liners(root):
    for joke in read_json(root / "jokes.json"):
        body = tidy(html.unescape(joke["body"]))
        if _is_fit(body) and not _COARSE_TAGS & set(joke["tags"]):
            yield body


def quotes(root):
    for quote in read_json(root / "data/data.json"):
        yield tidy(f"{quote['text']}\n-- {quote['from']}" if quote.get("from") else quote["text"])
