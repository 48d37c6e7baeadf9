"""Readers and builder of scripts/fetch_corpus.py on tiny hand-made inputs; no network, seconds.

    python3 -m unittest discover -s tests/scripts
"""

import gzip
import io
import json
import struct
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zlib
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import corpus_manuals as manual  # noqa: E402
import corpus_readers as read  # noqa: E402
import fetch_corpus as fetch  # noqa: E402

SENTENCE = "This is a sentence of more than eight words that the filter should let pass."


class Folder(unittest.TestCase):
    """A test with a folder of its own: self.put('a/b.txt', text or bytes)."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = Path(holder.name)

    def put(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


class Text(unittest.TestCase):
    def test_tidy_removes_what_must_not_be_in_a_document(self):
        self.assertEqual(read.tidy(" a\f\x00\u00ad b\u00a0 c\ufeff  \n\n\n\nd\u2581 "), "a b c\n\nd")

    def test_tidy_composes_accents_and_opens_ligatures(self):
        self.assertEqual(read.tidy("cafe\u0301 \ufb01re"), "caf\u00e9 fire")

    def test_wrapped_prose_is_joined_and_verse_is_not(self):
        prose = "It was the best of times, it was the worst\nof times, it was the age of wisdom."
        verse = "Tyger Tyger, burning bright,\nIn the forests of the night;\nWhat immortal hand or eye,\nCould frame thy fearful symmetry?"
        self.assertEqual(read.unwrap(prose + "\n\n" + verse), prose.replace("\n", " ") + "\n\n" + verse)

    def test_hyphens_and_dashes_at_line_ends_are_glued(self):
        self.assertEqual(read.join_lines(["a well-", "known man said--", "nothing"]), "a well-known man said--nothing")
        self.assertEqual(read.join_lines(["pre-", "and post-war"]), "pre- and post-war")

    def test_ragged_joins_long_lines_only(self):
        joke = "A very long first line of a joke that runs up to the margin\nof the page.\n(1) one\n(2) two\n\t\t-- Somebody"
        self.assertEqual(read.ragged(joke), "A very long first line of a joke that runs up to the margin of the page.\n(1) one\n(2) two\n-- Somebody")

    def test_portions_cut_between_parts_and_in_long_parts(self):
        self.assertEqual(list(read.portions(["a" * 5, "b" * 5, "", "c"], 10)), ["aaaaa\n\nbbbbb", "c"])
        self.assertEqual(list(read.portions(["\n\n".join(["x" * 10] * 5)], 10)), ["x" * 10] * 5)

    def test_chapters(self):
        body = "word " * 150
        parts = read.chapters(f"CHAPTER I\n\n{body}\n\nCHAPTER II\n\nThe Title\n\n{body}\n")
        self.assertEqual([part.split("\n")[0] for part in parts], ["CHAPTER I", "CHAPTER II"])


class Books(Folder):
    def test_gutenberg_windows_line_ends(self):
        self.put("gutenberg/x.txt", "[X by Y 1900]\r\n\r\n\r\nI. THE START\r\n\r\n" + "It was _very_ late and\r\nnobody came. " * 20 + "\r\n\r\nEnd it was.\r\n")
        (doc,) = read.gutenberg_prose(self.root, ["x"])
        self.assertTrue(doc.startswith("I. THE START\n\nIt was very late and nobody came."), doc[:80])
        self.assertTrue(doc.endswith("\n\nEnd it was."))

    def test_verse_keeps_lines(self):
        line = "I celebrate myself, and sing myself, and what I assume you\n    shall assume,\nFor every atom\n"
        self.put("gutenberg/w.txt", "[W]\n\n}  One\n\n" + line * 2 + "\n}  Two\n\n" + line * 2)
        docs = list(read.gutenberg_verse(self.root, {"w": r"\}  "}))
        self.assertEqual(len(docs), 2)
        self.assertTrue(docs[0].startswith("One\n\nI celebrate myself, and sing myself, and what I assume you shall assume,\nFor every atom\n"))

    def test_sonnets(self):
        self.put("lib/data/sonnet-data.js", 'exports.SonnetData = [\n{"number": 1, "lines": ["From fairest", "That thereby"]}];\n//')
        self.assertEqual(list(read.sonnets(self.root)), ["From fairest\nThat thereby"])

    def test_brown(self):
        self.put("ca01", "\n\n\tThe/at jury/nn said/vbd ,/, ``/`` It/pps ended/vbd ./. ''/''\nNobody's/pn$ 1/2/cd (/( yet/rb )/) left/vbd ./.\n\n\n\tOh/uh ?/. ?/.\n")
        self.assertEqual(list(read.brown(self.root)), ['The jury said, "It ended." Nobody\'s 1/2 (yet) left.\n\nOh?'])


def r_int(n):
    return struct.pack(">i", n)


def r_string(text):
    return r_int(9) + r_int(len(text)) + text.encode()


def r_character(*texts):
    return r_int(16) + r_int(len(texts)) + b"".join(map(r_string, texts))


def r_named_list(names, values):
    """A list with an attribute 'names': flags 0x200, then the pair list (tag, value, NULL)."""
    return r_int(19 | 0x200) + r_int(len(values)) + b"".join(values) + r_int(2 | 0x400) + r_int(1) + r_string("names") + r_character(*names) + r_int(254)


class RData(Folder):
    def test_lazy_load_data_base_in_both_versions(self):
        version2 = b"X\n" + r_int(2) + r_int(0) + r_int(0)
        version3 = b"X\n" + r_int(3) + r_int(0) + r_int(0) + r_int(5) + b"UTF-8"
        blocks, places = b"", []
        for header, lines in ((version2, ("CHAPTER I", "", "It was late.")), (version3, ("na\u00efve"[:2] + "ive",))):
            raw = header + r_character(*lines)
            block = struct.pack(">I", len(raw)) + zlib.compress(raw)
            places.append(r_int(13) + r_int(2) + r_int(len(blocks)) + r_int(len(block)))
            blocks += block
        index = version2 + r_named_list(["variables", "compressed"], [r_named_list(["one", "two"], places), r_int(10) + r_int(1) + r_int(1)])
        self.put("Rdata.rdb", blocks)
        self.put("Rdata.rdx", gzip.compress(index))
        self.assertEqual(read.r_lazy_data(self.root), {"one": ["CHAPTER I", "", "It was late."], "two": ["naive"]})

    def test_what_is_not_known_is_an_error(self):
        with self.assertRaises(ValueError):
            read.r_strings(b"A\n123")
        with self.assertRaises(ValueError):
            read.r_strings(b"X\n" + r_int(2) + r_int(0) + r_int(0) + r_int(3))


class Scripture(Folder):
    VERSES = ['<milestone n="Genesis" type="x-usfm-h"/><title level="1" type="main">The First Book</title>',
              '<chapter n="1" osisID="Gen.1" sID="Gen.1"/> ',
              'In the <w lemma="strong:H7225">beginning</w><note>Heb. <b>x</b></note> God<note>n</note><w>created</w> the heaven &amp; the earth <note/>, all of it. ',
              '<div sID="g1" type="x-p"/>\u00b6 And the earth was without form<note placement="foot">a note</note>. ',
              '<chapter n="2" osisID="Gen.2" sID="Gen.2"/>', '<l level="1" sID="a"/>Sing to him with all that you have, sing<l eID="a"/><l level="2" sID="b"/>praise to him for ever.<l eID="b"/>']

    def module(self, kind, width):
        texts = [v.encode() for v in self.VERSES]
        block = zlib.compress(b"".join(texts))
        index, start = struct.pack(width, 0, 0, 0), 0
        for text in texts:
            index += struct.pack(width, 0, start, len(text))
            start += len(text)
        where = f"usr/share/sword/modules/{kind}/m/ot"
        self.put(where + ".bzz", block)
        self.put(where + ".bzs", struct.pack("<III", 0, len(block), start))
        self.put(where + ".bzv", index)

    def test_bible_is_chapters_without_notes(self):
        self.module("texts/ztext", "<IIH")
        self.assertEqual(list(read.sword_bible(self.root)), [
            "Genesis 1\n\nIn the beginning God created the heaven & the earth, all of it.\n\nAnd the earth was without form.",
            "Genesis 2\n\nSing to him with all that you have, sing\npraise to him for ever."])

    def test_four_byte_lengths(self):
        self.module("texts/ztext", "<III")
        self.assertEqual(len(list(read.sword_bible(self.root))), 2)

    def test_a_damaged_index_is_an_error(self):
        self.module("texts/ztext", "<IIH")
        self.put("usr/share/sword/modules/texts/ztext/m/ot.bzv", struct.pack("<IIH", 7, 0, 5))
        with self.assertRaises(ValueError):
            list(read.sword_bible(self.root))

    def test_commentary(self):
        self.VERSES = ["<title>Chapter 1</title>The beginning of all things, as it is told here at some length for the reader.<note>x</note> (See Scofield \"John 1:1\")"]
        self.module("comments/zcom", "<IIH")
        self.assertEqual(list(read.sword_commentary(self.root)), ["Chapter 1\n\nThe beginning of all things, as it is told here at some length for the reader."])


class Dictionaries(Folder):
    def dictd(self, name, entries):
        digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

        def base64(n):
            return (base64(n // 64) if n >= 64 else "") + digits[n % 64]
        data, index = b"", ""
        for word, text in entries:
            index += f"{word}\t{base64(len(data))}\t{base64(len(text.encode()))}\n"
            data += text.encode()
        self.put(f"usr/share/dictd/{name}.dict.dz", gzip.compress(data))
        self.put(f"usr/share/dictd/{name}.index", index + index.splitlines()[-1].replace(entries[-1][0], "synonym") + "\n")

    def test_dictd_skips_its_own_pages_and_gives_synonyms_once(self):
        self.dictd("d", [("00-database-info", "about"), ("word", "x" * 100), ("other", "Other\n  meaning")])
        self.assertEqual(list(read.dictd_entries(self.root, "d")), ["x" * 100, "Other\n  meaning"])

    def test_foldoc(self):
        self.dictd("foldoc", [("56k", "56 kbps\nmodem speed\n\n   <communications> /fif-ti/ The data capacity of a {normal}\n   telephone channel.  {(http://x.y/z)}.\n\n"
                                      "   [Other countries?]\n\n   2. <hardware> A thing which is also called so by some.\n\n   (1998-09-15)\n")])
        self.assertEqual(list(read.foldoc(self.root)), [
            "56 kbps, modem speed\n\nThe data capacity of a normal telephone channel.\n\n2. A thing which is also called so by some."])

    def test_jargon(self):
        self.dictd("jargon", [("blurgle", "blurgle\n /bler'gl/, n.\n\n    [UK] Spoken {metasyntactic variable}, to indicate some text that is obvious\n    from context.\n")])
        self.assertEqual(list(read.jargon(self.root)), ["blurgle, n.\n\n[UK] Spoken metasyntactic variable, to indicate some text that is obvious from context."])

    def test_gcide_takes_sound_and_source_out_and_parts_biology(self):
        self.dictd("gcide", [("Affect", 'Affect \\Af*fect"\\, v. t. [imp. & p. p. {Affected}; [L.]]\n   1. To act upon; to produce an effect upon the mind. [Obs.]\n      [1913 Webster]\n\n'
                                        "            The climate affected their health\n            and spirits. --Macaulay.\n      [1913 Webster]\n"),
                             ("Caulis", "Caulis \\Cau\"lis\\, n. (Bot.)\n   An herbaceous or woody stem which bears leaves, and may bear flowers, as of alg[ae].\n   [1913 Webster]\n")])
        self.assertEqual(list(read.gcide(self.root, False)), [
            "Affect, v. t.\n\n1. To act upon; to produce an effect upon the mind.\n\nThe climate affected their health and spirits. --Macaulay."])
        self.assertEqual(list(read.gcide(self.root, True)), [
            "Caulis, n. (Bot.)\n\nAn herbaceous or woody stem which bears leaves, and may bear flowers, as of algae."])

    def test_wordnet(self):
        for part in ("noun", "verb", "adj", "adv"):
            self.put(f"usr/share/wordnet/data.{part}", "  1 This is the licence.\n")
        self.put("usr/share/wordnet/data.noun", "  1 licence\n00000001 04 n 02 laying_waste 0 ruin 0 001 @ 00209943 n 0000 | destruction; \"the ruin of it\"  \n"
                                                "00000002 05 n 01 cat 0 000 | a feline mammal  \n")
        self.put("usr/share/wordnet/data.adj", "00000003 00 a 01 afloat(p) 0 000 | borne on the water  \n")
        self.assertEqual(list(read.wordnet(self.root, False)), ['laying waste, ruin (noun): destruction; "the ruin of it"', "afloat (adjective): borne on the water"])
        self.assertEqual(list(read.wordnet(self.root, True)), ["cat (noun): a feline mammal"])


class Quotations(Folder):
    def test_fortunes(self):
        self.put("usr/share/games/fortunes/wise", "A good memory does not equal _\x08p_\x08a_\x08l_\x08e ink, they say.\n\t\t-- Larry in <12@host>\n%\nshort\n%\n+--+ |  | +--+ |  | +--+ |  | +--+\n%\n")
        self.put("usr/share/games/fortunes/wise.dat", "%")
        self.put("usr/share/games/fortunes/skipped", "Something that is long enough to be taken.\n")
        self.assertEqual(list(read.fortunes(self.root, skip=("skipped",))), ["A good memory does not equal pale ink, they say.\n-- Larry"])

    def test_one_liners(self):
        jokes = [{"body": "A joke &amp; a long enough one for the reader.", "tags": ["life"]}, {"body": "Another that is long enough but coarse.", "tags": ["rude"]}]
        self.put("jokes.json", b"\xef\xbb\xbf" + json.dumps(jokes).encode())
        self.assertEqual(list(read.one_liners(self.root)), ["A joke & a long enough one for the reader."])

    def test_factbook_leaves_figures_out(self):
        page = {"Geography": {"Location": {"text": "Southern Europe, " * 40}, "Area": {"total": {"text": "301,340 sq km"}}, "Climate": {"text": "mild ++ dry"}},
                "Government": {"Country name": {"conventional short form": {"text": "Italy"}}}}
        self.put("europe/it.json", json.dumps(page))
        (doc,) = read.factbook(self.root)
        self.assertTrue(doc.startswith("Italy\n\nGeography\nLocation: Southern Europe"))
        self.assertIn("\nClimate: mild ; dry", doc)
        self.assertNotIn("301", doc)

    def test_package_descriptions(self):
        self.put("Translation-en", f"Package: x\nDescription-md5: 0\nDescription-en: a short line\n {SENTENCE}\n It goes on in the next line of it.\n .\n"
                                   f" This package contains the files.\n .\n  * an item of a list that is longer than others\n  * {SENTENCE}\n\nPackage: y\n")
        self.assertEqual(list(read.package_descriptions(self.root)), [
            f"a short line\n\n{SENTENCE} It goes on in the next line of it.\n\n* an item of a list that is longer than others\n\n* {SENTENCE}"])


class Manuals(Folder):
    def test_filter(self):
        self.assertTrue(manual.is_prose(SENTENCE))
        for bad in ("Home Next Previous Index Modules Search Contents Contact.", "the tail of a sentence that was torn apart by a table in the page.",
                    "This is the sentence that does not come to any end at all because", "int av_read_frame(AVFormatContext *s, AVPacket *pkt) is_a the_thing of_x in_y();",
                    "A.1 What is it? A.2 What is it for? A.3 Where is it to be had and who has it?"):
            self.assertFalse(manual.is_prose(bad), bad)

    def test_html(self):
        page = ("<html><head><title>No</title></head><body><nav><p>" + SENTENCE + " nav</p></nav><h1>Title<a class=\"headerlink\" href=\"#\">\u00b6</a></h1>"
                "<p>This is <b>bold</b> &amp; <code>code_name</code> of the\n page , and it is kept<br>as it was.</p><pre>x = 1</pre><!-- <p>gone</p> -->"
                "<ul><li>" + SENTENCE + "</li><li>short</li></ul><script>var a = '<p>';</script><p>Copyright 2020 by the authors of this and of that work.</p></body></html>")
        self.assertEqual(manual.prose(manual.html_text(page)), f"This is bold & code_name of the page, and it is kept as it was.\n\n{SENTENCE}")

    def test_html_pages_skip_indexes_and_part_long_pages(self):
        section = "<h2>Head</h2><p>" + (SENTENCE + " ") * 45 + "</p>"
        self.put("usr/share/doc/x/html/page.html", f"<body>{section}{section}<h2>End</h2><p>{SENTENCE}</p></body>")
        for name in ("genindex.html", "_modules/m.html", "x_8h_source.html"):
            self.put(f"usr/share/doc/x/html/{name}", f"<body>{section}</body>")
        self.assertEqual(len(list(manual.html_pages(self.root))), 2)  # the end is too short to stand alone

    def test_vim(self):
        text = f"*tag.txt* For Vim\n\n*ref*\tSome title ~\n{SENTENCE} See |other|.\nExample: >\n\t:set x\n<\n   A paragraph that begins with an indent and is of its own.\n"
        self.assertEqual(manual.prose(manual.vim_text(text)), f"{SENTENCE} See other. Example:\n\nA paragraph that begins with an indent and is of its own.")

    def test_roff(self):
        source = ('.TH X 1\n.SH DESCRIPTION\nThe\n.BR open ()\nsystem call opens the file that is\n.IR "given here" ;\nsee\n.RB ( read "(2), " write (2)).\n'
                  ".PP\n.nf\nint x;\n.fi\n.TS\na b\n.TE\nA \\fBbold\\fP word \\- and \\(lqquotes\\(rq in the middle of a line.\n")
        self.assertEqual(manual.prose(manual.roff_text(source)),
                         "The open() system call opens the file that is given here; see (read(2), write(2)).\n\nA bold word - and \u201cquotes\u201d in the middle of a line.")

    def test_pod(self):
        source = ("=head1 NAME\n\nThe C<$^O> variable (or C<< $a->b >>) of L<the manual|perlvar> is a B<very I<good>> thing.\nX<os>\n\n    my $code;\n\n=over 4\n\n=item x\n\n"
                  "=begin html\n\n<p>gone</p>\n\n=end html\n\nOne E<lt> two, as it is said in L<perlfaq/\"Some part\"> of it.\n\n=cut\n\nsub gone {}\n")
        self.assertEqual(manual.prose(manual.pod_text(source)),
                         "The $^O variable (or $a->b) of the manual is a very good thing.\n\nOne < two, as it is said in Some part in perlfaq of it.")

    def test_schelp(self):
        source = ("class:: CombC\nsummary:: Comb.\n\nDescription::\n\nComb delay line with link::Classes/CombN:: and code::mul:: in it, which is\nof the emphasis::cubic:: kind.\n\n"
                  "code::\n{ x }.play;\n::\n\nmethod::ar\nargument::in\nThe input signal is what you give to it here.\n")
        self.assertEqual(manual.prose(manual.schelp_text(source)),
                         "Comb delay line with CombN and mul in it, which is of the cubic kind.\n\nThe input signal is what you give to it here.")

    def test_botocore_takes_the_newest_model(self):
        def model(word):
            text = f"<p>{(SENTENCE + ' ') * 4}{word}.</p>"
            return json.dumps({"documentation": text, "operations": {"Do": {"documentation": f"<p>{SENTENCE} Do.</p>", "input": {"shape": "In"}}},
                               "shapes": {"In": {"members": {"a": {"documentation": f"<p>{SENTENCE} Member.</p>"}}}, "Out": {}}})
        where = "usr/lib/python3/dist-packages/botocore/data"
        self.put(f"{where}/sqs/2012-01-01/service-2.json", model("old"))
        self.put(f"{where}/sqs/2020-01-01/service-2.json", model("new"))
        self.put(f"{where}/endpoints.json", "{}")
        (doc,) = manual.botocore_services(self.root)
        self.assertIn("new.", doc)
        self.assertTrue(doc.endswith(f"{SENTENCE} Do.\n\n{SENTENCE} Member."))


class FakePackages:
    """What Builder needs of Packages: every package is there and unpacks to nothing."""

    def __init__(self, names, version="1"):
        self.files = {name: (Path("x"), version) for name in names}
        self.problems = {}

    def unpack(self, package, folder):
        return folder


class Build(Folder):
    def setUp(self):
        super().setUp()
        self.calls = 0

    def builder(self):
        (self.root / "cache").mkdir(exist_ok=True)
        (self.root / "out").mkdir(exist_ok=True)
        return fetch.Builder(self.root / "out", self.root / "cache", "quick")

    def reader(self, root, docs=()):
        self.calls += 1
        yield from docs

    def arm(self, name, docs, filtered=False):
        return fetch.Arm(name, [fetch.both("p", self.reader, "MIT", docs=docs)], filtered)

    def test_file_format_and_duplicates(self):
        doc = "One document that is long enough.\n\nIts second paragraph."
        rows = self.builder().build(self.arm("a", [doc, doc, "Another document that is long enough."]), FakePackages(["p"]))
        text = (self.root / "out/a.txt").read_text()
        self.assertEqual(text, doc + "\n\f\nAnother document that is long enough.\n")
        self.assertEqual(rows, [["a", "p", "1", len(text) - 4, 2, "MIT"]])

    def test_a_second_run_reuses_and_a_new_version_rebuilds(self):
        arm = self.arm("a", ["A document that is long enough to be kept."])
        for version, calls in (("1", 1), ("1", 1), ("2", 2)):
            self.builder().build(arm, FakePackages(["p"], version))
            self.assertEqual(self.calls, calls)
        self.assertEqual(self.builder().build(arm, FakePackages([]))[0][2], "2")  # without the package, what is there stays

    def test_an_arm_is_not_rebuilt_with_less_in_it(self):
        arm = fetch.Arm("a", [fetch.both(name, self.reader, "MIT", docs=[f"A document of {name} that is long enough."]) for name in "pq"])
        self.builder().build(arm, FakePackages(["p", "q"]))
        rows = self.builder().build(arm, FakePackages(["p"], "2"))
        self.assertEqual([row[1] for row in rows], ["p", "q"])

    def test_a_broken_package_does_not_lose_the_others(self):
        def broken(root):
            yield "This document came before the reader failed."
            raise ValueError("damaged")
        arm = fetch.Arm("a", [fetch.both("q", broken, "MIT"), fetch.both("p", self.reader, "MIT", docs=["A document that is long enough."])])
        packages = FakePackages(["p", "q"])
        self.assertEqual([row[1] for row in self.builder().build(arm, packages)], ["q", "p"])
        self.assertIn("damaged", packages.problems["q"])
        again = FakePackages(["p", "q"])
        self.builder().build(arm, again)
        self.assertIn("damaged", again.problems["q"])  # not hidden by what is there

    def test_paragraphs_are_unique_across_filtered_arms_also_after_a_restart(self):
        shared, own = SENTENCE * 3, "Something else. " * 20
        first, second = self.arm("a", [shared], True), self.arm("b", [shared + "\n\n" + own.strip()], True)
        for _ in range(2):
            builder = self.builder()
            builder.build(first, FakePackages(["p"]))
            (self.root / "out/b.txt").unlink(missing_ok=True)
            builder.build(second, FakePackages(["p"]))
            self.assertEqual((self.root / "out/b.txt").read_text(), own.strip() + "\n")

    def test_nothing_half_written_is_left(self):
        target = self.root / "x.txt"
        fetch.write_atomically(target, b"whole")
        self.assertEqual([path.name for path in self.root.iterdir()], ["x.txt"])

    def test_a_damaged_package_is_removed(self):
        self.put("p.tgz", b"\x1f\x8bnot a tar file")
        packages = fetch.Packages(self.root)
        packages.files["npm:p@1"] = (self.root / "p.tgz", "1")
        with self.assertRaises(fetch.FetchError):
            packages.unpack("npm:p@1", self.root)
        self.assertFalse((self.root / "p.tgz").exists())

    def test_npm_packages_cannot_write_outside_their_folder(self):
        with tarfile.open(self.root / "p.tgz", "w:gz") as tar:
            for name in ("package/data/good.txt", "package/../../evil.txt", "package/a/../../../evil2.txt"):
                info = tarfile.TarInfo(name)
                info.size = 2
                tar.addfile(info, io.BytesIO(b"ok"))
        packages = fetch.Packages(self.root)
        packages.files["npm:p@1"] = (self.root / "p.tgz", "1")
        (self.root / "in").mkdir()
        packages.unpack("npm:p@1", self.root / "in")
        self.assertEqual([str(p.relative_to(self.root)) for p in sorted(self.root.rglob("*.txt"))], ["in/data/good.txt"])


class Program(Folder):
    def run_script(self, *arguments):
        return subprocess.run([sys.executable, str(SCRIPTS / "fetch_corpus.py"), *arguments, "--out", str(self.root / "corpus")],
                              capture_output=True, text=True, env={"PATH": str(self.root)})

    def test_without_package_tools_it_says_what_to_do(self):
        done = self.run_script("quick")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--set arms=./my-texts", done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_list_and_dry_run_write_nothing(self):
        listed = self.run_script("standard", "--list")
        self.assertEqual((listed.returncode, listed.stderr), (0, ""))
        self.assertIn("literature\tr-cran-janeaustenr\t", listed.stdout)
        self.assertEqual(self.run_script("quick", "--dry-run").returncode, 0)
        self.assertEqual(list(self.root.iterdir()), [])

    def test_arm_names_are_unique_and_quick_is_part_of_standard(self):
        names = [arm.name for arm in fetch.ARMS]
        self.assertEqual(len(names), len(set(names)))
        quick, standard = ({arm.name for arm in fetch.arms_of(which, True)} for which in ("quick", "standard"))
        self.assertLess(quick, standard)
        self.assertGreaterEqual(len(fetch.arms_of("quick", False)), 8)


if __name__ == "__main__":
    unittest.main()
