#!/usr/bin/env python3
"""Seven arms for the curriculum study, of very different size and kind.

    scripts/study_corpus.py STANDARD OUT       STANDARD is corpus/standard (scripts/fetch_corpus.py standard)

    literature, dictionary, python_tools   as they are: 13 to 29 MB of text that takes long to learn
    religion     small: the first 400 kB
    poems        tiny: the first 24 kB of poetry_drama, read many times over in any run
    signatures   list-like: every function and method of Python's standard library, one a line, about 2 MB
    shuffled     noisy: 5 MB of os_kernel, the words of each document in an order drawn by chance; beyond how
                 often a word comes there is nothing to learn
"""

import ast
import random
import re
import shutil
import sys
import sysconfig
import warnings
from pathlib import Path

WHOLE = ("literature", "dictionary", "python_tools")
SMALL, TINY, NOISY = 400_000, 24_000, 5_000_000  # bytes


def paragraphs(text, wanted):
    """The first ones, `wanted` bytes of them."""
    taken, size = [], 0
    for part in re.split(r"\n\s*\n", text):
        if size >= wanted:
            break
        if part.strip():
            taken.append(part)
            size += len(part.encode()) + 2
    return taken


def grouped(parts, size):
    """Documents of at least `size` bytes: of a tiny arm one is held out, and it should hold enough to measure."""
    documents, last = [], ""
    for part in parts:
        last += ("\n\n" if last else "") + part
        if len(last.encode()) >= size:
            documents.append(last)
            last = ""
    return documents + ([last] if last else [])


def shuffled(document, dice):
    words = document.split()
    dice.shuffle(words)
    return " ".join(words)


def lines_of(tree, owner):
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield f"- {owner}.{node.name}({ast.unparse(node.args)})"
        elif isinstance(node, ast.ClassDef):
            yield from lines_of(node, node.name)


def signatures():
    """A document a module; read, never imported."""
    library = Path(sysconfig.get_paths()["stdlib"])
    found = []
    for source in sorted(library.rglob("*.py")):
        name = source.relative_to(library).with_suffix("").as_posix().replace("/", ".")
        if name.startswith(("site-packages", "dist-packages", "lib2to3.tests.data")):
            continue
        try:
            lines = list(lines_of(ast.parse(source.read_bytes()), name.split(".")[-1]))
        except (SyntaxError, ValueError):  # files that are wrong on purpose
            continue
        if lines:
            found.append("\n".join(lines))
    return found


def write(path, documents):
    path.write_text("\f\n".join(documents) + "\n", encoding="utf-8")
    print(f"{path.name:18} {path.stat().st_size / 1e6:6.3f} MB, {len(documents)} documents")


def main(standard, out):
    out.mkdir(parents=True, exist_ok=True)
    for name in WHOLE:
        shutil.copyfile(standard / f"{name}.txt", out / f"{name}.txt")
        print(f"{name + '.txt':18} {(out / f'{name}.txt').stat().st_size / 1e6:6.3f} MB")
    warnings.simplefilter("ignore")  # of the library's sources
    dice = random.Random(7)
    text = {name: (standard / f"{name}.txt").read_text(encoding="utf-8") for name in ("religion", "poetry_drama", "os_kernel")}
    write(out / "religion.txt", grouped(paragraphs(text["religion"], SMALL), 4000))
    write(out / "poems.txt", grouped(paragraphs(text["poetry_drama"], TINY), 2000))
    write(out / "signatures.txt", signatures())
    write(out / "shuffled.txt", [shuffled(part, dice) for part in paragraphs(text["os_kernel"], NOISY)])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
