#!/usr/bin/env python3
"""A roofline picture from the JSON of scripts/bench.sh.

    bench/roofline.py BENCH.json > roofline.svg

Across: FLOPs for each byte that must be read or written at least once. Up: GFLOP/s, and as the roof what registers alone
reach, and left of its edge what memory allows at the speed of AdamW, which does nothing but read and write.
"""

import json
import math
import statistics
import sys
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 860, 460, 70, 50, 30, 20
COLOURS = {"12M": "#1f6f8b", "120M": "#b5532a"}


def picture(report):
    precision = report["kernels"][-1].get("precision", "fp32")  # bf16 where it was measured
    rows = [row for row in report["kernels"]
            if row["flops"] and row["bytes"] and row["count"] and row.get("precision", "fp32") == precision]
    peak = statistics.median(row["peak_gflops"] for row in rows)
    memory = max(row["bytes"] / row["seconds"] / 1e9 for row in report["kernels"] if row["kernel"] == "AdamW")
    x_low, x_high, y_low, y_high = 1.0, 1000.0, peak / 50, peak * 1.3

    def x(value):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(value / x_low) / math.log(x_high / x_low)

    def y(value):
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * math.log(value / y_low) / math.log(y_high / y_low)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    for value in (1, 3, 10, 30, 100, 300, 1000):
        out.append(f'<line x1="{x(value):.1f}" y1="{TOP}" x2="{x(value):.1f}" y2="{HEIGHT - BOTTOM}" stroke="#e4e4e4"/>'
                   f'<text x="{x(value):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{value}</text>')
    for part in (1, 0.5, 0.25, 0.1, 0.05):
        out.append(f'<line x1="{LEFT}" y1="{y(peak * part):.1f}" x2="{WIDTH - RIGHT}" y2="{y(peak * part):.1f}" stroke="#e4e4e4"/>'
                   f'<text x="{LEFT - 6}" y="{y(peak * part) + 4:.1f}" text-anchor="end">{peak * part:.0f}</text>')
    edge = peak / memory
    start = max(x_low, y_low / memory)
    out.append(f'<path d="M{x(start):.1f},{y(start * memory):.1f}L{x(edge):.1f},{y(peak):.1f}L{x(x_high):.1f},{y(peak):.1f}" fill="none" '
               'stroke="#444" stroke-width="2"/>'
               f'<text x="{x(x_high) - 4:.1f}" y="{y(peak) - 6:.1f}" text-anchor="end">peak {peak:.0f} GFLOP/s ({escape(rows[0]["isa"])}, '
               f'{rows[0]["threads"]} threads)</text><text x="{x(edge) + 2:.1f}" y="{y(peak * 0.6):.1f}">memory {memory:.0f} GB/s</text>')
    for row in rows:
        gflops = row["flops"] / row["seconds"] / 1e9
        share = 100 * gflops / row["peak_gflops"]
        out.append(f'<circle cx="{x(row["flops"] / row["bytes"]):.1f}" cy="{y(gflops * peak / row["peak_gflops"]):.1f}" r="5" '
                   f'fill="{COLOURS[row["model"]]}" fill-opacity="0.75"><title>{escape(row["model"])} {escape(row["kernel"])}: {gflops:.0f} GFLOP/s, '
                   f'{share:.0f} % of the peak</title></circle>')
    for i, (name, colour) in enumerate(COLOURS.items()):
        out.append(f'<circle cx="{LEFT + 16}" cy="{TOP + 12 + 18 * i}" r="5" fill="{colour}"/><text x="{LEFT + 26}" y="{TOP + 16 + 18 * i}">{name}</text>')
    out.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 12}" text-anchor="middle">FLOPs a byte</text>'
               f'<text x="16" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 16 {HEIGHT / 2})">GFLOP/s, each at the peak of its minute</text></svg>')
    return "\n".join(out)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        print(picture(json.load(file)))
