"""What the tests of the corpus scripts share; importing it makes the scripts importable."""

import sys
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

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
