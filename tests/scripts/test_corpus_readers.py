"""Readers of books, verse, scripture, dictionaries, quotations and facts on tiny hand-made inputs.

    python3 -m unittest discover -s tests/scripts
"""

import gzip
import json
import struct
import unittest
import zlib

from corpus_case import SENTENCE, Folder

from corpus_readers import books, dictionaries, facts, quotations, r_data, scripture, text as texts


class Text(unittest.TestCase):
    def test_tidy_removes_what_must_not_be_in_a_document(self):
        self.assertEqual(texts.tidy(" a\f\x00\u00ad b\u00a0 c\ufeff  \n\n\n\nd\u2581 "), "a b c\n\nd")

    def test_tidy_composes_accents_and_opens_ligatures(self):
        self.assertEqual(texts.tidy("cafe\u0301 \ufb01re"), "caf\u00e9 fire")

    def test_wrapped_prose_is_joined_and_verse_is_not(self):
        prose = "It was the best of times, it was the worst\nof times, it was the age of wisdom."
        verse = "Tyger Tyger, burning bright,\nIn the forests of the night;\nWhat immortal hand or eye,\nCould frame thy fearful symmetry?"
        self.assertEqual(texts.unwrap(prose + "\n\n" + verse), prose.replace("\n", " ") + "\n\n" + verse)

    def test_hyphens_and_dashes_at_line_ends_are_glued(self):
        self.assertEqual(texts.join_lines(["a well-", "known man said--", "nothing"]), "a well-known man said--nothing")
        self.assertEqual(texts.join_lines(["pre-", "and post-war"]), "pre- and post-war")

    def test_ragged_joins_long_lines_only(self):
        joke = "A very long first line of a joke that runs up to the margin\nof the page.\n(1) one\n(2) two\n\t\t-- Somebody"
        self.assertEqual(texts.ragged(joke), "A very long first line of a joke that runs up to the margin of the page.\n(1) one\n(2) two\n-- Somebody")

    def test_portions_cut_between_parts_and_in_long_parts(self):
        self.assertEqual(list(texts.portions(["a" * 5, "b" * 5, "", "c"], 10)), ["aaaaa\n\nbbbbb", "c"])
        self.assertEqual(list(texts.portions(["\n\n".join(["x" * 10] * 5)], 10)), ["x" * 10] * 5)

    def test_chapters(self):
        body = "word " * 150
        parts = books.chapters(f"CHAPTER I\n\n{body}\n\nCHAPTER II\n\nThe Title\n\n{body}\n")
        self.assertEqual([part.split("\n")[0] for part in parts], ["CHAPTER I", "CHAPTER II"])


class Books(Folder):
    def test_gutenberg_windows_line_ends(self):
        self.put("gutenberg/x.txt", "[X by Y 1900]\r\n\r\n\r\nI. THE START\r\n\r\n" + "It was _very_ late and\r\nnobody came. " * 20 + "\r\n\r\nEnd it was.\r\n")
        (doc,) = books.gutenberg_prose(self.root, ["x"])
        self.assertTrue(doc.startswith("I. THE START\n\nIt was very late and nobody came."), doc[:80])
        self.assertTrue(doc.endswith("\n\nEnd it was."))

    def test_verse_keeps_lines(self):
        line = "I celebrate myself, and sing myself, and what I assume you\n    shall assume,\nFor every atom\n"
        self.put("gutenberg/w.txt", "[W]\n\n}  One\n\n" + line * 2 + "\n}  Two\n\n" + line * 2)
        docs = list(books.gutenberg_verse(self.root, {"w": r"\}  "}))
        self.assertEqual(len(docs), 2)
        self.assertTrue(docs[0].startswith("One\n\nI celebrate myself, and sing myself, and what I assume you shall assume,\nFor every atom\n"))

    def test_sonnets(self):
        self.put("lib/data/sonnet-data.js", 'exports.SonnetData = [\n{"number": 1, "lines": ["From fairest", "That thereby"]}];\n//')
        self.assertEqual(list(books.sonnets(self.root)), ["From fairest\nThat thereby"])

    def test_brown(self):
        self.put("ca01", "\n\n\tThe/at jury/nn said/vbd ,/, ``/`` It/pps ended/vbd ./. ''/''\nNobody's/pn$ 1/2/cd (/( yet/rb )/) left/vbd ./.\n\n\n\tOh/uh ?/. ?/.\n")
        self.assertEqual(list(books.brown(self.root)), ['The jury said, "It ended." Nobody\'s 1/2 (yet) left.\n\nOh?'])


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
        self.assertEqual(r_data.r_lazy_data(self.root), {"one": ["CHAPTER I", "", "It was late."], "two": ["naive"]})

    def test_what_is_not_known_is_an_error(self):
        with self.assertRaises(ValueError):
            r_data.r_object(b"A\n123")
        with self.assertRaises(ValueError):
            r_data.r_object(b"X\n" + r_int(2) + r_int(0) + r_int(0) + r_int(3))


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
        self.assertEqual(list(scripture.sword_bible(self.root)), [
            "Genesis 1\n\nIn the beginning God created the heaven & the earth, all of it.\n\nAnd the earth was without form.",
            "Genesis 2\n\nSing to him with all that you have, sing\npraise to him for ever."])

    def test_four_byte_lengths(self):
        self.module("texts/ztext", "<III")
        self.assertEqual(len(list(scripture.sword_bible(self.root))), 2)

    def test_a_damaged_index_is_an_error(self):
        self.module("texts/ztext", "<IIH")
        self.put("usr/share/sword/modules/texts/ztext/m/ot.bzv", struct.pack("<IIH", 7, 0, 5))
        with self.assertRaises(ValueError):
            list(scripture.sword_bible(self.root))

    def test_commentary(self):
        self.VERSES = ["<title>Chapter 1</title>The beginning of all things, as it is told here at some length for the reader.<note>x</note> (See Scofield \"John 1:1\")"]
        self.module("comments/zcom", "<IIH")
        self.assertEqual(list(scripture.sword_commentary(self.root)), ["Chapter 1\n\nThe beginning of all things, as it is told here at some length for the reader."])


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
        self.assertEqual(list(dictionaries.dictd_entries(self.root, "d")), ["x" * 100, "Other\n  meaning"])

    def test_foldoc(self):
        self.dictd("foldoc", [("56k", "56 kbps\nmodem speed\n\n   <communications> /fif-ti/ The data capacity of a {normal}\n   telephone channel.  {(http://x.y/z)}.\n\n"
                                      "   [Other countries?]\n\n   2. <hardware> A thing which is also called so by some.\n\n   (1998-09-15)\n")])
        self.assertEqual(list(dictionaries.foldoc(self.root)), [
            "56 kbps, modem speed\n\nThe data capacity of a normal telephone channel.\n\n2. A thing which is also called so by some."])

    def test_jargon(self):
        self.dictd("jargon", [("blurgle", "blurgle\n /bler'gl/, n.\n\n    [UK] Spoken {metasyntactic variable}, to indicate some text that is obvious\n    from context.\n")])
        self.assertEqual(list(dictionaries.jargon(self.root)), ["blurgle, n.\n\n[UK] Spoken metasyntactic variable, to indicate some text that is obvious from context."])

    def test_gcide_takes_sound_and_source_out_and_parts_biology(self):
        self.dictd("gcide", [("Affect", 'Affect \\Af*fect"\\, v. t. [imp. & p. p. {Affected}; [L.]]\n   1. To act upon; to produce an effect upon the mind. [Obs.]\n      [1913 Webster]\n\n'
                                        "            The climate affected their health\n            and spirits. --Macaulay.\n      [1913 Webster]\n"),
                             ("Caulis", "Caulis \\Cau\"lis\\, n. (Bot.)\n   An herbaceous or woody stem which bears leaves, and may bear flowers, as of alg[ae].\n   [1913 Webster]\n")])
        self.assertEqual(list(dictionaries.gcide(self.root, False)), [
            "Affect, v. t.\n\n1. To act upon; to produce an effect upon the mind.\n\nThe climate affected their health and spirits. --Macaulay."])
        self.assertEqual(list(dictionaries.gcide(self.root, True)), [
            "Caulis, n. (Bot.)\n\nAn herbaceous or woody stem which bears leaves, and may bear flowers, as of algae."])

    def test_wordnet(self):
        for part in ("noun", "verb", "adj", "adv"):
            self.put(f"usr/share/wordnet/data.{part}", "  1 This is the licence.\n")
        self.put("usr/share/wordnet/data.noun", "  1 licence\n00000001 04 n 02 laying_waste 0 ruin 0 001 @ 00209943 n 0000 | destruction; \"the ruin of it\"  \n"
                                                "00000002 05 n 01 cat 0 000 | a feline mammal  \n")
        self.put("usr/share/wordnet/data.adj", "00000003 00 a 01 afloat(p) 0 000 | borne on the water  \n")
        self.assertEqual(list(dictionaries.wordnet(self.root, False)), ['laying waste, ruin (noun): destruction; "the ruin of it"', "afloat (adjective): borne on the water"])
        self.assertEqual(list(dictionaries.wordnet(self.root, True)), ["cat (noun): a feline mammal"])


class Quotations(Folder):
    def test_fortunes(self):
        self.put("usr/share/games/fortunes/wise", "A good memory does not equal _\x08p_\x08a_\x08l_\x08e ink, they say.\n\t\t-- Larry in <12@host>\n%\nshort\n%\n+--+ |  | +--+ |  | +--+ |  | +--+\n%\n")
        self.put("usr/share/games/fortunes/wise.dat", "%")
        self.put("usr/share/games/fortunes/skipped", "Something that is long enough to be taken.\n")
        self.assertEqual(list(quotations.fortunes(self.root, skip=("skipped",))), ["A good memory does not equal pale ink, they say.\n-- Larry"])

    def test_one_liners(self):
        jokes = [{"body": "A joke &amp; a long enough one for the reader.", "tags": ["life"]}, {"body": "Another that is long enough but coarse.", "tags": ["rude"]}]
        self.put("jokes.json", b"\xef\xbb\xbf" + json.dumps(jokes).encode())
        self.assertEqual(list(quotations.one_liners(self.root)), ["A joke & a long enough one for the reader."])

    def test_factbook_leaves_figures_out(self):
        page = {"Geography": {"Location": {"text": "Southern Europe, " * 40}, "Area": {"total": {"text": "301,340 sq km"}}, "Climate": {"text": "mild ++ dry"}},
                "Government": {"Country name": {"conventional short form": {"text": "Italy"}}}}
        self.put("europe/it.json", json.dumps(page))
        (doc,) = facts.factbook(self.root)
        self.assertTrue(doc.startswith("Italy\n\nGeography\nLocation: Southern Europe"))
        self.assertIn("\nClimate: mild ; dry", doc)
        self.assertNotIn("301", doc)

    def test_package_descriptions(self):
        self.put("Translation-en", f"Package: x\nDescription-md5: 0\nDescription-en: a short line\n {SENTENCE}\n It goes on in the next line of it.\n .\n"
                                   f" This package contains the files.\n .\n  * an item of a list that is longer than others\n  * {SENTENCE}\n\nPackage: y\n")
        self.assertEqual(list(facts.package_descriptions(self.root)), [
            f"a short line\n\n{SENTENCE} It goes on in the next line of it.\n\n* an item of a list that is longer than others\n\n* {SENTENCE}"])


if __name__ == "__main__":
    unittest.main()
