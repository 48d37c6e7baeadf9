"""Messages, files that are whole or not there, and folders for the moment."""

import os
import shutil
import sys
import tempfile
import time


def say(text):
    print(text, file=sys.stderr, flush=True)


def write_atomically(path, data):
    """Whole or not at all: an interrupted run leaves the old file or none."""
    temporary = path.with_name(f".{path.name}.part")
    with open(temporary, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def workplace(cache):
    """A folder for the moment; removes those that killed runs left behind, once they are a day old."""
    for old in cache.glob("work-*"):
        if time.time() - old.stat().st_mtime > 86400:
            shutil.rmtree(old, ignore_errors=True)
    return tempfile.TemporaryDirectory(dir=cache, prefix="work-")
