"""check_includes.py sees what it is there to see: small source trees, each with one breach."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import check_includes  # noqa: E402

TABLE = """Some words.

| floor | part | holds | may include |
|---|---|---|---|
| 0 | base | errors | std, OpenMP, spdlog |
| 1 | `config` | options | base |
| 1 | record | events | base |
| 2 | audit | reports | base, config |
| 3 | train | the loop | all of floors 0-2 but audit |
| 4 | tools | mains | anything; nothing includes tools |

More words.
"""
CMAKE = """
# part(base LINKS nonsense)
part(base LIBRARIES fmt::fmt)
part(config LINKS base)
part(train LINKS base config
     LIBRARIES OpenMP::OpenMP_CXX)
"""
GOOD = {
    "src/README.md": TABLE,
    "CMakeLists.txt": CMAKE,
    "src/base/error.h": "#include <string>\n#include <sys/stat.h>\n#include <fmt/format.h>\n",
    "src/base/error.cc": '#include "base/error.h"\n',
    "src/config/config.h": '#include "base/error.h"\n',
    "src/config/yaml.cc": "#include <yaml-cpp/parser.h>\n",
    "src/train/loop.cc": '#include "config/config.h"\n#include "base/error.h"\n',
    "src/tools/main.cc": '#include <CLI/CLI.hpp>\n\n#include "train/loop.h"\n',
    "src/train/loop.h": "",
}


def check(**changes):
    """Exit code and words for the good tree with some files put in its place or added."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, text in {**GOOD, **changes.get("files", {})}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = check_includes.main([str(root)])
        return code, out.getvalue().replace(str(root) + "/", "")


class CheckIncludes(unittest.TestCase):
    def breach(self, files, *sentences, code=1):
        got, words = check(files=files)
        self.assertEqual(got, code, words)
        for sentence in sentences:
            self.assertIn(sentence, words)

    def test_a_good_tree(self):
        self.assertEqual(check(), (0, "includes: all of 6 parts obey the floors\n"))

    def test_upwards(self):
        self.breach({"src/config/config.h": '#include "base/error.h"\n  #  include "train/loop.h"\n'},
                    'src/config/config.h:2: config may not include "train/loop.h"; it may include base')

    def test_sideways(self):
        self.breach({"src/record/log.h": "", "src/config/config.h": '#include "record/log.h"\n'},
                    'src/config/config.h:1: config may not include "record/log.h"')

    def test_excepted_part(self):
        self.breach({"src/audit/report.h": "", "src/train/loop.h": '#include "audit/report.h"\n'},
                    'src/train/loop.h:1: train may not include "audit/report.h"; it may include base, config, record')

    def test_nothing_includes_tools(self):
        self.breach({"src/tools/wrap.h": "", "src/train/loop.h": '#include "tools/wrap.h"\n'}, "src/train/loop.h:1: train may not")

    def test_form_and_existence(self):
        self.breach({"src/train/loop.cc": '#include "loop.h"\n#include "base/gone.h"\n'},
                    'src/train/loop.cc:1: "loop.h" is no header of ours', 'src/train/loop.cc:2: "base/gone.h" is no header of ours')

    def test_owners(self):
        self.breach({"src/base/error.h": "#include <yaml-cpp/yaml.h>\n#include <nlohmann/json.hpp>\n#include <CLI/CLI.hpp>\n"},
                    "src/base/error.h:1: <yaml-cpp/yaml.h> is included only by src/config/yaml.cc",
                    "src/base/error.h:2: <nlohmann/json.hpp> is included only by src/base/json.h",
                    "src/base/error.h:3: <CLI/CLI.hpp> is included only by src/tools/")

    def test_a_library_without_an_owner(self):
        self.breach({"src/base/error.h": "#include <boost/any.hpp>\n"}, "src/base/error.h:1: <boost/any.hpp> has no owner")

    def test_a_folder_that_is_no_part(self):
        self.breach({"src/util/more.h": ""}, "src/util/more.h:1: util is no part")

    def test_links_too_many_and_too_few(self):
        self.breach({"CMakeLists.txt": CMAKE.replace("part(config LINKS base)", "part(config LINKS base train)")},
                    "CMakeLists.txt:4: config links base, train; by the table it is base")
        self.breach({"CMakeLists.txt": CMAKE.replace("part(train LINKS base config", "part(train LINKS config")},
                    "CMakeLists.txt:5: train links config; by the table it is base, config")

    def test_a_part_without_a_library(self):
        self.breach({"src/record/log.cc": ""}, "there is no part(record ...)")

    def test_tables_that_cannot_be_right(self):
        self.breach({"src/README.md": "nothing\n"}, "src/README.md: no table", code=2)
        self.breach({"src/README.md": TABLE.replace("| base, config |", "| base, confg |")}, "src/README.md:8: 'confg' is no part", code=2)
        self.breach({"src/README.md": TABLE.replace("| options | base |", "| options | base, train |")},
                    "src/README.md:6: config (floor 1) may not stand on train (floor 3)", code=2)


if __name__ == "__main__":
    unittest.main()
