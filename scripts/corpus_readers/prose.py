"""The prose filter, which all readers of manuals go through: sentences pass; menus, signatures, tables and code do not."""

import re

from corpus_readers.text import letters_share, portions, tidy

_STOP = frozenset("""the of and a to in is that it as for was on with be by are this at from or an not have has had which but they you we
his her their its were been will would can could should may might must if when then than there these those so no do does did all any
each other some such only also into up out about over after before between through during under more most one two use used using
what who how where why your our he she i my me him them us own same because while until both very just like make made""".split())
_SECTION_NUMBER = re.compile(r"(?<!\S)(?:[A-Z]|\d+)(?:\.\d+)+\.?(?=\s)")
_IDENTIFIER = re.compile(r"\w[a-z]+[A-Z]|_|\d|::|\(\)|\w\.\w|[<>=\\|@#/]\w|--\w")


def is_prose(paragraph):
    """True for sentences; false for menus, lists of names, signatures and tables."""
    words = paragraph.split()
    if len(words) < 8 or paragraph[-1] not in ".!?:;\"')]\u201d\u2019\u2026":
        return False
    if paragraph[0].islower() and not _IDENTIFIER.search(words[0]):  # the tail of something torn apart
        return False
    if len(_SECTION_NUMBER.findall(paragraph)) > 2:  # a table of contents
        return False
    stop = sum(1 for w in words if w.strip(".,;:!?\"'()").lower() in _STOP)
    if stop < 0.22 * len(words):
        return False
    if sum(1 for w in words if _IDENTIFIER.search(w)) > 0.25 * len(words):
        return False
    return letters_share(paragraph) >= 0.8


_BOILERPLATE = re.compile("(?i)" + "|".join((
    r"copyright\b", "all rights reserved", "permission is (hereby )?granted", "licen[sc]ed under", "(enable|requires) javascript", "your browser",
    "click here", "table of contents", "see the (source|end) of", "generated (by|on)", "last (updated|modified|change)",
    "this (page|manual|document) (was|is) (last|generated)", "will undoubtedly contain bugs", r"report (a )?bugs?\b.{0,20}(to|on|at)\b")))


def prose(text):
    """The paragraphs of a manual page that are sentences."""
    out = []
    for paragraph in text.split("\n\n"):
        paragraph = " ".join(paragraph.split())
        if paragraph.count(" ") < 7:  # most are; the rest of this costs time
            continue
        paragraph = re.sub(r"^(?:[-*\u2022\u2023] |\d{1,2}[.)] )| More\.\.\.$| \[edit\]", "", paragraph)
        aside = paragraph[:1] == "[" and paragraph[-1] == "]" or len(paragraph) < 400 and _BOILERPLATE.search(paragraph)
        if not aside and is_prose(paragraph):
            out.append(paragraph)
    return tidy("\n\n".join(out))


def prose_documents(parts, size=3000):
    """The sentences in the parts of one manual, as documents of about `size` characters, none of them very short."""
    return (doc for doc in portions(map(prose, parts), size) if len(doc) >= 250)
