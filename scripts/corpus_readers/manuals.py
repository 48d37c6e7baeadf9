"""Readers of manuals in other mark-ups: vim help, manual pages, POD, SuperCollider help, API descriptions."""

import gzip
import html
import re

from corpus_readers.html_manuals import html_text
from corpus_readers.prose import prose_documents
from corpus_readers.text import decode, read_json, read_text


def vim_help(root):
    """Vim's help: tags *like-this*, links |like-this|, examples indented by a tab after a '>' line."""
    for path in sorted((root / "usr/share/vim").glob("vim*/doc/*.txt")):
        if re.match(r"version|os_|todo|pi_|ft_ada", path.name):
            continue
        parts = re.split(r"(?m)^[=-]{20,}.*$", read_text(path))
        yield from prose_documents(map(vim_text, parts))


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
            yield from prose_documents(roff_text("\n" + section.partition("\n")[2]) for section in keep)


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
            yield from prose_documents(map(pod_text, sections))


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
        yield from prose_documents(map(schelp_text, parts))


def botocore_services(root):
    """The descriptions in the newest API model of each service: the service, its operations with their inputs, then other types."""
    for service in sorted((root / "usr/lib/python3/dist-packages/botocore/data").iterdir()):
        versions = sorted(service.glob("*/service-2.json")) if service.is_dir() else []
        if versions:
            yield from prose_documents(map(html_text, _descriptions(read_json(versions[-1]))), 2500)


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
