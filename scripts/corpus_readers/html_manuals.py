"""Reader of manuals in HTML."""

import html
import re

from corpus_readers.prose import prose_documents
from corpus_readers.text import read_text

_SILENT = "script|style|nav|header|footer|head|svg|math|form|pre|select|button|textarea|iframe"  # elements without sentences
_DROP = re.compile(rf"(?is)<!--.*?-->|<!\[CDATA\[.*?\]\]>|<({_SILENT})\b[^>]*>.*?</\1\s*>|"
                   r"<(?:a|span)\b[^>]*class=\"(?:headerlink|lineno|linenos|viewcode-link|copiable-link)\"[^>]*>.*?</(?:a|span)>")
_BLOCK = re.compile(r"(?i)</?(?:p|div|h[1-6]|ul|ol|li|dl|dt|dd|table|thead|tbody|tr|td|th|caption|blockquote|section|article|main|aside|hr|body|html|"
                    r"figure|figcaption|details|summary|center|address|fieldset|title|multicol|colgroup)\b[^>]*>|<br\s*/?>\s*(?:<br\s*/?>\s*)+")
_TAG = re.compile(r"(?s)</?[a-zA-Z!?][^>]*>")


def html_text(page):
    """HTML -> paragraphs parted by blank lines; code blocks and everything around the text dropped."""
    page = re.sub(r"\s+", " ", _DROP.sub("\n\n", page))
    page = _BLOCK.sub("\n\n", page)
    page = re.sub(r"(?i)<br\b[^>]*>", " ", page)
    text = html.unescape(_TAG.sub("", page)).replace("\u00b6", "")
    return re.sub(r" +([,.;:!?])(?=\s|$)", r"\1", re.sub(r"[^\S\n]+", " ", text))


_SKIPPED = """genindex py-modindex search _modules _sources _static index-all allclasses deprecated-list help-doc changelog changes whatsnew
news release history [a-z]*licen[sc]e gnu-free-doc fdl gpl copyright credits authors todo bug""".split()
_SKIP_PAGES = re.compile(rf"(?i)(^|/)({'|'.join(_SKIPPED)})[^/]*(/|\.html?$)|_source\.html$|-example\.html$|-members\.html$")


def html_pages(root, under="usr/share", skip=None):
    """The prose of every page; a long page becomes several documents, parted at headings."""
    skip = re.compile(skip) if skip else None
    for path in sorted((root / under).rglob("*.*htm*")):
        name = str(path.relative_to(root))
        if path.suffix not in (".html", ".htm", ".xhtml") or path.is_symlink() or not path.is_file():
            continue
        if _SKIP_PAGES.search(name) or (skip and skip.search(name)):
            continue
        page = _DROP.sub("\n\n", read_text(path))
        yield from prose_documents(map(html_text, re.split(r"(?i)(?=<h[1-4]\b)", page)))
