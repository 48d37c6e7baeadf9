"""Readers of facts: the countries of the World Factbook, the packages of Debian."""

import html
import re

from corpus_readers.text import join_lines, letters_share, read_json, read_text, tidy


def factbook(root):
    """One country a document: its chapters, each 'key: text' on a line; lines that are mostly figures are left out."""
    for path in sorted(root.glob("*/*.json")):
        country = read_json(path)
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
