#!/usr/bin/env python3
"""Seven arms for the curriculum study, of very different size and kind.

    scripts/study_corpus.py STANDARD OUT       STANDARD is corpus/standard (scripts/fetch_corpus.py standard)

    literature, religion, dictionary, python_tools   as they are: 13 to 29 MB of text that takes long to learn
    signatures   list-like: every function and method of Python's standard library, one a line, about 1 MB
    sonnets      tiny: the first 60 kB of poetry_drama, read many times over in any run
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

WHOLE = ("literature", "religion", "dictionary", "python_tools")
TINY_BYTES, NOISY_BYTES = 60_000, 5_000_000


def documents(text):
    return [document for document in re.split(r"\n\s*\n", text) if document.strip()]


def first_documents(text, wanted):
    taken, size = [], 0
    for document in documents(text):
        if size >= wanted:
            break
        taken.append(document)
        size += len(document.encode()) + 2
    return taken


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


def write(path, parts):
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(f"{path.name:18} {path.stat().st_size / 1e6:6.2f} MB, {len(parts)} documents")


def main(standard, out):
    out.mkdir(parents=True, exist_ok=True)
    for name in WHOLE:
        shutil.copyfile(standard / f"{name}.txt", out / f"{name}.txt")
        print(f"{name + '.txt':18} {(out / f'{name}.txt').stat().st_size / 1e6:6.2f} MB")
    warnings.simplefilter("ignore")  # of the library's sources
    dice = random.Random(7)
    kernel = (standard / "os_kernel.txt").read_text(encoding="utf-8")
    poems = (standard / "poetry_drama.txt").read_text(encoding="utf-8")
    write(out / "signatures.txt", signatures())
    write(out / "sonnets.txt", first_documents(poems, TINY_BYTES))
    write(out / "shuffled.txt", [shuffled(document, dice) for document in first_documents(kernel, NOISY_BYTES)])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
