"""The texts in R data: an object in XDR serialisation, and a lazy-load data base of such objects."""

import lzma
import struct
import zlib


def r_object(data):
    """One R object in XDR serialisation (R Internals, 'Serialization Formats'): vectors as lists, a list with names as a dict.

    Reads only what data sets of text need: numbers and strings, in lists, and with attributes.
    """
    pos, refs = 14, []
    if data[:2] != b"X\n":
        raise ValueError("not an R object in XDR form")
    if struct.unpack(">i", data[2:6])[0] == 3:  # version 3 adds the name of the native encoding
        pos += 4 + struct.unpack(">i", data[14:18])[0]

    def integer():
        nonlocal pos
        pos += 4
        return struct.unpack_from(">i", data, pos - 4)[0]

    def item():
        nonlocal pos
        flags = integer()
        kind = flags & 0xFF
        if kind in (254, 242, 253):  # NULL, empty environment, global environment
            return None
        if kind == 255:  # a symbol seen before
            return refs[(flags >> 8) - 1] if flags >> 8 else refs[integer() - 1]
        if kind == 1:
            refs.append(item())
            return refs[-1]
        if kind == 9:  # one string; length -1 is NA
            length = integer()
            if length < 0:
                return ""
            pos += length
            return data[pos - length:pos].decode("utf-8" if not flags & 0x4000 else "latin-1", errors="replace")
        if kind == 2:  # pair list: attributes, tag, value, rest
            if flags & 0x200:
                item()
            tag = item() if flags & 0x400 else None
            value = item()
            rest = item() or {}
            return {tag: value, **rest}
        if kind in (10, 13, 14):  # logical, integer, double
            length = integer()
            form = f">{length}{'d' if kind == 14 else 'i'}"
            result = list(struct.unpack_from(form, data, pos))
            pos += struct.calcsize(form)
        elif kind in (16, 19):  # strings, list
            result = [item() for _ in range(integer())]
        else:
            raise ValueError(f"R type {kind} is not read here")
        attributes = item() if flags & 0x200 else None
        if kind == 19 and attributes and "names" in attributes:
            return dict(zip(attributes["names"], result))
        return result

    return item()


def r_lazy_data(folder):
    """{name: object} of an R lazy-load data base: .rdx says where (offset, length) each object lies in .rdb."""
    index = r_object(zlib.decompress((folder / "Rdata.rdx").read_bytes(), 47))
    blob = (folder / "Rdata.rdb").read_bytes()
    out = {}
    for name, (offset, length) in index["variables"].items():
        block = blob[offset + 4:offset + length]  # 4 bytes: size when unpacked
        if block[:1] == b"x":
            raw = zlib.decompress(block)
        elif block[:1] == b"Z":
            raw = lzma.decompress(block[1:], lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 6}])
        else:
            raise ValueError(f"{name}: this compression is not read here")
        out[name] = r_object(raw)
    return out
