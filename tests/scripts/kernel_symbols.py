#!/usr/bin/env python3
"""Do the kernels compiled for AVX2 and AVX-512 keep their instructions to themselves?

    tests/scripts/kernel_symbols.py NM LIBRARY

An inline function or template of the standard library that the compiler did not inline becomes a weak symbol, of which the
linker keeps any one copy, perhaps the one with instructions that the processor lacks.  So no object of src/kernels/vector/
may define a weak symbol that is not of its own namespace.  Exit code 1, with their names, when one does.
"""

import re
import subprocess
import sys

nm, library = sys.argv[1:]
listing = subprocess.run([nm, "-C", "--defined-only", library], check=True, capture_output=True, text=True).stdout
wrong, objects = [], 0
for member in re.split(r"\n\n", listing.strip()):
    name, _, symbols = member.partition(":\n")
    own = re.search(r" [TRDB] andrea::(avx2|avx512|avx512_bf16|amx)::", symbols)
    if not own:
        continue
    objects += 1
    for line in symbols.splitlines():
        kind, symbol = line[17:].split(" ", 1)
        if kind in "WVu" and f"andrea::{own[1]}::" not in symbol and symbol != "DW.ref.__gxx_personality_v0":
            wrong.append(f"{name} ({own[1]}): {symbol}")
print(f"kernel symbols: {objects} objects, {len(wrong)} weak symbols that others may take", *wrong, sep="\n  ")
sys.exit(1 if wrong or not objects else 0)
