"""Readers of manuals and their prose filter on tiny hand-made inputs."""

import json
import unittest

from corpus_case import SENTENCE, Folder

from corpus_readers import html_manuals, manuals, prose


class Manuals(Folder):
    def test_filter(self):
        self.assertTrue(prose.is_prose(SENTENCE))
        for bad in ("Home Next Previous Index Modules Search Contents Contact.", "the tail of a sentence that was torn apart by a table in the page.",
                    "This is the sentence that does not come to any end at all because", "int av_read_frame(AVFormatContext *s, AVPacket *pkt) is_a the_thing of_x in_y();",
                    "A.1 What is it? A.2 What is it for? A.3 Where is it to be had and who has it?"):
            self.assertFalse(prose.is_prose(bad), bad)

    def test_html(self):
        page = ("<html><head><title>No</title></head><body><nav><p>" + SENTENCE + " nav</p></nav><h1>Title<a class=\"headerlink\" href=\"#\">\u00b6</a></h1>"
                "<p>This is <b>bold</b> &amp; <code>code_name</code> of the\n page , and it is kept<br>as it was.</p><pre>x = 1</pre><!-- <p>gone</p> -->"
                "<ul><li>" + SENTENCE + "</li><li>short</li></ul><script>var a = '<p>';</script><p>Copyright 2020 by the authors of this and of that work.</p></body></html>")
        self.assertEqual(prose.prose(html_manuals.html_text(page)), f"This is bold & code_name of the page, and it is kept as it was.\n\n{SENTENCE}")

    def test_html_pages_skip_indexes_and_part_long_pages(self):
        section = "<h2>Head</h2><p>" + (SENTENCE + " ") * 45 + "</p>"
        self.put("usr/share/doc/x/html/page.html", f"<body>{section}{section}<h2>End</h2><p>{SENTENCE}</p></body>")
        for name in ("genindex.html", "_modules/m.html", "x_8h_source.html"):
            self.put(f"usr/share/doc/x/html/{name}", f"<body>{section}</body>")
        self.assertEqual(len(list(html_manuals.html_pages(self.root))), 2)  # the end is too short to stand alone

    def test_vim(self):
        text = f"*tag.txt* For Vim\n\n*ref*\tSome title ~\n{SENTENCE} See |other|.\nExample: >\n\t:set x\n<\n   A paragraph that begins with an indent and is of its own.\n"
        self.assertEqual(prose.prose(manuals.vim_text(text)), f"{SENTENCE} See other. Example:\n\nA paragraph that begins with an indent and is of its own.")

    def test_roff(self):
        source = ('.TH X 1\n.SH DESCRIPTION\nThe\n.BR open ()\nsystem call opens the file that is\n.IR "given here" ;\nsee\n.RB ( read "(2), " write (2)).\n'
                  ".PP\n.nf\nint x;\n.fi\n.TS\na b\n.TE\nA \\fBbold\\fP word \\- and \\(lqquotes\\(rq in the middle of a line.\n")
        self.assertEqual(prose.prose(manuals.roff_text(source)),
                         "The open() system call opens the file that is given here; see (read(2), write(2)).\n\nA bold word - and \u201cquotes\u201d in the middle of a line.")

    def test_pod(self):
        source = ("=head1 NAME\n\nThe C<$^O> variable (or C<< $a->b >>) of L<the manual|perlvar> is a B<very I<good>> thing.\nX<os>\n\n    my $code;\n\n=over 4\n\n=item x\n\n"
                  "=begin html\n\n<p>gone</p>\n\n=end html\n\nOne E<lt> two, as it is said in L<perlfaq/\"Some part\"> of it.\n\n=cut\n\nsub gone {}\n")
        self.assertEqual(prose.prose(manuals.pod_text(source)),
                         "The $^O variable (or $a->b) of the manual is a very good thing.\n\nOne < two, as it is said in Some part in perlfaq of it.")

    def test_schelp(self):
        source = ("class:: CombC\nsummary:: Comb.\n\nDescription::\n\nComb delay line with link::Classes/CombN:: and code::mul:: in it, which is\nof the emphasis::cubic:: kind.\n\n"
                  "code::\n{ x }.play;\n::\n\nmethod::ar\nargument::in\nThe input signal is what you give to it here.\n")
        self.assertEqual(prose.prose(manuals.schelp_text(source)),
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
        (doc,) = manuals.botocore_services(self.root)
        self.assertIn("new.", doc)
        self.assertTrue(doc.endswith(f"{SENTENCE} Do.\n\n{SENTENCE} Member."))


if __name__ == "__main__":
    unittest.main()
