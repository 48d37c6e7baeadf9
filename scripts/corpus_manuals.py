"""Readers of manuals: HTML, manual pages, POD, SuperCollider help, vim help, API descriptions.

All go through one strict filter that lets sentences pass and stops menus, signatures, tables and code.
See corpus_readers.py for what a reader is.
"""

import gzip
import html
import json
import re

from corpus_readers import decode, letters_share, portions, read_text, tidy

# ---------------------------------------------------------------------------------------------------------------
# The prose filter

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


# ---------------------------------------------------------------------------------------------------------------
# HTML

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
        yield from long_enough(portions(prose(html_text(part)) for part in re.split(r"(?i)(?=<h[1-4]\b)", page)))


# ---------------------------------------------------------------------------------------------------------------
# Other mark-ups


def long_enough(docs, least=250):
    return (doc for doc in docs if len(doc) >= least)


def vim_help(root):
    """Vim's help: tags *like-this*, links |like-this|, examples indented by a tab after a '>' line."""
    for path in sorted((root / "usr/share/vim").glob("vim*/doc/*.txt")):
        if re.match(r"version|os_|todo|pi_|ft_ada", path.name):
            continue
        parts = re.split(r"(?m)^[=-]{20,}.*$", read_text(path))
        yield from long_enough(portions(prose(vim_text(part)) for part in parts))


def vim_text(text):
    text = re.sub(r"(?m)^(.*[^\w\s]|.*\s|)>[a-z]*\n(?:[ \t].*\n|\n)+<?", r"\1\n\n", text)
    text = re.sub(r"(?m)^.*~\s*$|^\s+\*\S+\*$", "", text)
    text = re.sub(r"(?<!\S)\*[^\s*|]+\*(?!\S)", "", text)
    text = re.sub(r"\|([^\s|]+)\|", r"\1", text)
    text = re.sub(r"(?m)^(?=   \S|\t+\S|- |\d\. )", "\n", text)
    return text


_ROFF = {"e": "\\", "~": " ", " ": " ", "0": " ", "t": " ", **dict.fromkeys("&|^,/%c:", "")}  # \x -> what it prints, if not x
_ROFF_NAMED = {"aq": "'", "dq": '"', "lq": "\u201c", "rq": "\u201d", "oq": "\u2018", "cq": "\u2019", "em": "\u2014", "en": "\u2013", "rs": "\\",
               "co": "(c)", "ha": "^", "ti": "~", "mc": "\u00b5", "<=": "<=", ">=": ">=", "mu": "x", "->": "->", "ga": "`", "aa": "'", "+-": "+-"}


def roff_text(source):
    """man macros -> paragraphs; tables and unfilled text (code, signatures) dropped."""
    out, skipping = [], None
    source = re.sub(r"\\\n", "", source)
    for line in source.split("\n"):
        macro = re.match(r"[.']\s*([A-Za-z]+|\\\")", line)
        name = macro.group(1) if macro else ""
        if skipping:
            skipping = None if name in skipping else skipping
            continue
        if name in ("nf", "EX"):
            skipping = ("fi", "EE")
        elif name == "TS":
            skipping = ("TE",)
        elif macro is None:
            out.append(line)
        elif name in ("B", "I", "SM", "SB"):
            out.append(" ".join(_roff_arguments(line)))
        elif name in ("BR", "RB", "BI", "IB", "IR", "RI"):
            out.append("".join(_roff_arguments(line)))
        if name in ("SH", "SS", "PP", "P", "LP", "IP", "TP", "TQ", "HP", "RS", "RE", "br", "sp", "nf", "EX", "TS"):
            out.append("\n")
    text = re.sub(r"\\f(?:\[\w*\]|\(..|.)|\\s[+-]?\d|\\\".*", "", "\n".join(out))
    text = re.sub(r"\\(?:\((..)|\[([^\]]*)\])", lambda m: _ROFF_NAMED.get(m.group(1) or m.group(2), ""), text)
    return re.sub(r"\\(.)", lambda m: _ROFF.get(m.group(1), m.group(1)), text)


def _roff_arguments(line):
    words = line.split(maxsplit=1)[1] if " " in line else ""
    return [(quoted or plain).replace('""', '"') for quoted, plain in re.findall(r'"((?:[^"]|"")*)"?|((?:\\ |\S)+)', words)]


def man_pages(root):
    for path in sorted((root / "usr/share/man").glob("man*/*.gz")):
        if not path.is_symlink():
            sections = re.split(r"(?m)^\.SH +", decode(gzip.decompress(path.read_bytes())))
            keep = (s for s in sections[1:] if not re.match(r'"?(?:SYNOPSIS|SEE ALSO|COLOPHON|NOTES ON|LIBRARY|AUTHORS?|COPYRIGHT|REPORTING)', s))
            yield from long_enough(portions(prose(roff_text("\n" + section.partition("\n")[2])) for section in keep))


_POD_ESCAPES = {"lt": "<", "gt": ">", "verbar": "|", "sol": "/"}


def pod_text(source):
    """POD -> paragraphs: directives and indented code dropped, C<code> and the like opened, L<text|target> -> text."""
    source = re.sub(r"(?ms)^=begin\b.*?^=end\b.*?$|^=for\b.*?(?=\n\n|\Z)", "", source)
    source = re.sub(r"(?ms)^=cut\b.*?(?=^=(?!cut)|\Z)", "", source)
    blocks = [b for b in re.split(r"\n[ \t]*\n", source) if b.strip() and not re.match(r"[ \t]|=", b.lstrip("\n"))]
    text = "\n\n".join(blocks)
    text = re.sub(r"\b[A-Z]<{2,4}\s(.*?)\s>{2,4}", lambda m: m.group(1).replace("<", "\1").replace(">", "\2"), text, flags=re.S)
    inner = re.compile(r"\b([A-Z])<([^<>]*)>")
    for _ in range(4):  # codes within codes, from the inside
        text = inner.sub(lambda m: _pod_code(m.group(1), m.group(2)), text)
    return text.replace("\1", "<").replace("\2", ">")


def _pod_code(code, inside):
    if code in "XZ":
        return ""
    if code == "E":
        return _POD_ESCAPES.get(inside, html.unescape(f"&{inside};")).replace("<", "\1").replace(">", "\2")
    if code == "L":
        label, bar, target = inside.partition("|")
        return label if bar else re.sub(r'^/"?|"$', "", re.sub(r'^([\w:]+)/"?(.*?)"?$', r"\2 in \1", inside))
    return inside


def pod_pages(root):
    for path in sorted(root.rglob("*.pod")):
        if not re.match(r"perl(?:5\d*delta|delta|hist|toc|uniprops|modlib|unicode\w*props|apidoc|(?:cn|jp|ko|tw)$)", path.stem):
            sections = re.split(r"(?m)^(?==head[1-3])", read_text(path))
            yield from long_enough(portions(prose(pod_text(section)) for section in sections))


_SCHELP_PARTS = """class title summary related categories redirect keyword copymethod private argument method section subsection subsubsection
returns discussion description examples classmethods instancemethods list tree numberedlist definitionlist footnote warning note""".split()


def schelp_text(source):
    """SuperCollider help: 'tag::' at the start of a line begins a part, 'tag:: words ::' marks words; code and lists of names go."""
    source = re.sub(r"(?mis)^\s*(?:code|teletype|table|image|math|note)::\s*$.*?^\s*::\s*$", "\n\n", source)
    source = re.sub(r"(?i)\blink::\s*([^:#\n]*?(?:::?[^:#\n]+)*?)(?:#[^:\n]*)?(?:#([^:\n]*))?::",
                    lambda m: m.group(2) or m.group(1).split("/")[-1], source)
    source = re.sub(r"(?i)\b(?:code|strong|emphasis|soft|teletype|anchor|math|note|warning)::\s*(.*?)\s*::", r"\1", source)
    source = re.sub(rf"(?im)^\s*(?:{'|'.join(_SCHELP_PARTS)})::?:?.*$", "\n", source)
    return re.sub(r"(?m)^\s*(?:##|\|\|)\s*", "\n", source).replace("::", "")


def supercollider_help(root):
    for path in sorted((root / "usr/share/SuperCollider/HelpSource").rglob("*.schelp")):
        parts = re.split(r"(?im)^(?=(?:section|subsection|method)::)", read_text(path))
        yield from long_enough(portions(prose(schelp_text(part)) for part in parts))


def botocore_services(root):
    """The descriptions in the newest API model of each service: the service, its operations with their inputs, then other types."""
    for service in sorted((root / "usr/lib/python3/dist-packages/botocore/data").iterdir()):
        versions = sorted(service.glob("*/service-2.json")) if service.is_dir() else []
        if versions:
            model = json.loads(decode(versions[-1].read_bytes()))
            yield from long_enough(portions((prose(html_text(part)) for part in _descriptions(model)), 2500))


def _descriptions(model):
    def of_shape(name):
        shape = model["shapes"].get(name, {})
        return shape.get("documentation", "") + "".join(m.get("documentation", "") for m in shape.get("members", {}).values())

    yield model.get("documentation", "")
    inputs = set()
    for operation in model["operations"].values():
        name = operation.get("input", {}).get("shape", "")
        inputs.add(name)
        yield operation.get("documentation", "") + of_shape(name)
    for name in model["shapes"]:
        if name not in inputs:
            yield of_shape(name)
