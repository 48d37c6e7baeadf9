#!/usr/bin/env python3
"""Do the #include lines and the CMake libraries obey the floors?

    scripts/check_includes.py [ROOT]

The floors stand in a table of src/README.md (floor | part | holds | may include).  Checked against it:
  - each #include "part/header.h" in src/, and that it is written in this form and the header exists;
  - the LINKS of each part in CMakeLists.txt;
and against OWNERS below: each header of another project.  Prints a sentence with file:line for each breach; exit code 1
when there are any, 2 when the table cannot be read.
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

# Headers of other projects, and the only places that may include them (a folder ends with "/").
OWNERS = {
    "yaml-cpp/": ["src/config/yaml.cc"],
    "nlohmann/": ["src/base/json.h"],
    "sentencepiece": ["src/text/sentencepiece_model.cc"],
    "spdlog/": ["src/base/log.cc"],
    "xxhash.h": ["src/base/checksum.cc"],
    "utf8proc.h": ["src/gate/characters.cc"],
    "simdjson.h": ["src/replay/json_records.cc"],
    "zlib.h": ["src/replay/byte_source.cc"],
    "zstd.h": ["src/replay/byte_source.cc"],
    "omp.h": ["src/base/threads.h"],
    "immintrin.h": ["src/kernels/"],
    "CLI/": ["src/tools/"],
    "fmt/": ["src/"],
}
LIBRARIES = {"std", "spdlog", "fmt", "OpenMP"}  # words of the table that are not parts
SYSTEM = ("sys/", "netinet/", "arpa/", "linux/")  # of the C library: free to all


class TableError(Exception):
    pass


class Row(NamedTuple):
    floor: int
    may_include: str
    line: int


def read_rows(readme):
    """{part: Row} of the table whose header is floor | part | holds | may include."""
    rows, inside = {}, False
    for number, line in enumerate(readme.read_text(encoding="utf-8").splitlines(), 1):
        cells = [cell.strip(" `*") for cell in line.strip().strip("|").split("|")] if line.lstrip().startswith("|") else []
        if [cell.lower() for cell in cells] == ["floor", "part", "holds", "may include"]:
            inside = True
        elif inside and not cells:
            break
        elif inside and not set(cells[0]) <= set("-: "):
            if len(cells) != 4 or not cells[0].isdigit():
                raise TableError(f"{readme}:{number}: a row of the floors table is: number | part | holds | may include")
            rows[cells[1]] = Row(int(cells[0]), cells[3], number)
    if not rows:
        raise TableError(f"{readme}: no table with the header: floor | part | holds | may include")
    return rows


def allowed_parts(part, rows, readme):
    """The parts that `part` may include.  Three forms: a list; "all of floors A-B but X, Y"; "anything; ..."."""
    text = rows[part].may_include
    if text.startswith("anything"):
        return set(rows) - {part}
    match = re.fullmatch(r"all of floors (\d+)-(\d+)(?: but (.+))?", text)
    if match:
        names = [name.strip() for name in (match[3] or "").split(",") if name.strip()]
        allowed = {p for p, row in rows.items() if int(match[1]) <= row.floor <= int(match[2])} - set(names) - {part}
    else:
        names = [name.strip(" `") for name in text.split(",")]
        allowed = {name for name in names if name in rows}
    for name in names:
        if name not in rows and name not in LIBRARIES:
            raise TableError(f"{readme}:{rows[part].line}: '{name}' is no part")
    for name in allowed:
        if rows[name].floor > rows[part].floor:
            raise TableError(f"{readme}:{rows[part].line}: {part} (floor {rows[part].floor}) may not stand on {name} "
                             f"(floor {rows[name].floor})")
    return allowed


def check_outside(place, where, header):
    for name, owners in OWNERS.items():
        if header.startswith(name):
            if not any(where == owner or (owner.endswith("/") and where.startswith(owner)) for owner in owners):
                yield f"{place}: <{header}> is included only by {' and '.join(owners)}"
            return
    if "/" in header and not header.startswith(SYSTEM):
        yield f"{place}: <{header}> has no owner; name one in OWNERS of scripts/check_includes.py"


def check_sources(root, allowed):
    for file in sorted((root / "src").rglob("*")):
        if file.suffix not in (".h", ".cc"):
            continue
        where = file.relative_to(root).as_posix()
        part = where.split("/")[1]
        if part not in allowed:
            yield f"{where}:1: {part} is no part of the table in src/README.md"
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            match = re.match(r"\s*#\s*include\s*([<\"])([^>\"]+)", line)
            if not match:
                continue
            place, header = f"{where}:{number}", match[2]
            if match[1] == "<":
                yield from check_outside(place, where, header)
                continue
            other = header.split("/")[0]
            if other not in allowed or not (root / "src" / header).is_file():
                yield f'{place}: "{header}" is no header of ours; write #include "part/header.h"'
            elif other != part and other not in allowed[part]:
                yield f'{place}: {part} may not include "{header}"; it may include {in_words(allowed[part])}'


def check_links(root, allowed):
    """part(NAME LINKS a b LIBRARIES ...) in CMakeLists.txt says the same as the table."""
    text = re.sub(r"#.*", "", (root / "CMakeLists.txt").read_text(encoding="utf-8"))
    seen = set()
    for match in re.finditer(r"^part\(\s*(\w+)([^)]*)\)", text, re.MULTILINE):
        part, words = match[1], match[2].split()
        place = f"CMakeLists.txt:{text.count(chr(10), 0, match.start()) + 1}"
        seen.add(part)
        if part not in allowed:
            yield f"{place}: {part} is no part of the table in src/README.md"
            continue
        links, keyword = set(), None
        for word in words:
            if word in ("LINKS", "LIBRARIES"):
                keyword = word
            elif keyword == "LINKS":
                links.add(word)
        # A part that is planned and not built yet has no library to link.
        expected = {other for other in allowed[part] if other in seen or (root / "src" / other).is_dir()}
        if links != expected:
            yield f"{place}: {part} links {in_words(links)}; by the table it is {in_words(expected)}"
    for part in sorted(allowed):
        if part != "tools" and part not in seen and any((root / "src" / part).glob("*.cc")):
            yield f"CMakeLists.txt:1: there is no part({part} ...), but src/{part} has sources"


def in_words(parts):
    return ", ".join(sorted(parts)) or "no other part"


def main(arguments):
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    readme = root / "src" / "README.md"
    try:
        rows = read_rows(readme)
        allowed = {part: allowed_parts(part, rows, readme) for part in rows}
    except (OSError, TableError) as error:
        print(error, file=sys.stderr)
        return 2
    breaches = list(check_sources(root, allowed)) + list(check_links(root, allowed))
    for breach in breaches:
        print(breach)
    print(f"includes: {len(breaches)} breaches" if breaches else f"includes: all of {len(allowed)} parts obey the floors")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
