#!/usr/bin/env python3
"""What scripts/bench.sh prints: kernels and whole training steps as parts of the peak of the same minute.

    bench/report.py BIN-FOLDER [--quick] [--torch PYTHON] [--run RUN] [--json FILE]

A machine is shared: where the peak before and the peak behind a measurement differ by more than 15 %, its ratio is not
printed. With --torch our step and PyTorch's (torch_gpt.py) alternate, 8 rows each. bf16 is measured, and PyTorch compiled for it, where the
processor has instructions for it.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

MOVED = 1.15
PEER = Path(__file__).with_name("torch_gpt.py")
FAST_BF16 = {"avx512_bf16", "amx"}


def lines_of(command, environment=None):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True,
                          env={**os.environ, "OMP_WAIT_POLICY": "passive", **(environment or {})})
    return done.stdout.splitlines()


def moved(peaks):
    return max(peaks) / min(peaks) > MOVED


def unless_moved(peaks, text):
    return "peak moved" if moved(peaks) else text


def percent(gflops, peaks):
    return unless_moved(peaks, f"{100 * gflops / (sum(peaks) / len(peaks)):.0f} %")


def as_flag(precision):
    return ["--bf16"] if precision == "bf16" else []


def kernels(binary, size, precision):
    rows = [json.loads(line) for line in lines_of([binary / "bench_kernels", "--json", *as_flag(precision), size])]
    print(f"\n{size}, batch 2 x 1024, {precision}, {rows[0]['isa']}, {rows[0]['threads']} threads; oneDNN: how many times as long it takes\n")
    print(f"{'kernel':32} {'ms':>9} {'a step':>7} {'GFLOP/s':>8} {'of peak':>10} {'oneDNN':>10} {'GB/s':>6}")
    for row, behind in zip(rows, rows[1:] + rows[-1:]):
        peaks = [row["peak_gflops"], behind["peak_gflops"]]
        gflops, theirs = row["flops"] / row["seconds"] / 1e9, row["onednn_ratio"]
        cells = ("", "", "", f"{row['bytes'] / row['seconds'] / 1e9:.0f}") if not row["flops"] else \
            (f"{gflops:.1f}", percent(gflops, peaks), unless_moved(peaks, f"x {theirs:.2f}") if theirs else "", "")
        print("{:32} {:9.3f} {:>7} {:>8} {:>10} {:>10} {:>6}".format(row["kernel"], row["seconds"] * 1e3, f"x {row['count']:g}", *cells),
              flush=True)
    return rows


def our_step(binary, size, precision, rows, steps):
    return json.loads(lines_of([binary / "bench_step", "--json", *as_flag(precision), size, rows, steps])[0])


def torch_step(torch, isa, size, precision, rows, steps):
    """Median seconds; PyTorch held to the instructions that we use."""
    held = {"avx2": "avx2", "portable": "default"}.get(isa)
    words = "\n".join(lines_of(
        [torch, PEER, size, precision, rows, steps, *(["compile"] if precision == "bf16" else [])], {"ATEN_CPU_CAPABILITY": held} if held else None))
    found = re.search(r"median ([0-9.]+) s", words)
    if not found:
        sys.exit(f"torch_gpt.py says no median: {words}")
    return float(found.group(1))


def steps_of(binary, size, precision, rows, steps, rounds, torch):
    print(f"\nA training step of {size}, {rows} x 1024 tokens, {precision}\n")
    print(f"{'round':>5} {'seconds':>8} {'tokens/s':>9} {'GFLOP/s':>8} {'of peak':>10} {'PyTorch s':>10} {'ratio':>11}")
    measured = []
    for number in range(1, rounds + 1):
        ours = our_step(binary, size, precision, rows, steps)
        ours["torch_seconds"] = torch_step(torch, ours["isa"], size, precision, rows, steps) if torch else None
        behind = our_step(binary, "12M", precision, 1, 1)["peak_gflops"] if torch else ours["peak_gflops"]
        peaks = [ours["peak_gflops"], behind]
        theirs = ours["torch_seconds"]
        print("{:5} {:8.3f} {:9.0f} {:8.1f} {:>10} {:>10} {:>11}".format(
            number, ours["seconds"], ours["tokens_per_second"], ours["gflops"], percent(ours["gflops"], peaks),
            f"{theirs:.3f}" if theirs else "", unless_moved(peaks, f"{theirs / ours['seconds']:.2f}") if theirs else ""), flush=True)
        measured.append(ours)
    part = measured[-1]
    print(f"  of the last: forward {part['forward']:.3f} s, loss {part['loss']:.3f} s, backward {part['backward']:.3f} s, "
          f"clipping and AdamW {part['update']:.3f} s")
    return measured


def beside_training(run):
    """How much of a finished run's time went elsewhere than into its steps: evaluation, samples, scores, checkpoints."""
    events = [json.loads(line) for line in (Path(run) / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    ends = [event["seconds"] for event in events if event["event"] == "run_end"]
    starts = sum(event["event"] == "run_start" for event in events)
    if len(ends) != 1 or starts != 1:
        sys.exit(f"{run} is no run that went from its beginning to its end in one go")
    training = sum(event["seconds"] for event in events if event["event"] == "step")
    looks = sum(event["event"] == "sample" for event in events)
    share = 1 - training / ends[0]
    print(f"\n{run}: {ends[0]:.0f} s, of which {100 * share:.1f} % beside the steps: the start, and {looks} times evaluation, sample, score and checkpoint")
    return {"run": str(run), "seconds": ends[0], "training_seconds": training, "samples": looks}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binaries", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--torch", metavar="PYTHON")
    parser.add_argument("--run")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    print(f"{cpu}, {os.cpu_count()} processors")
    sizes = ["12M"] if given.quick else ["12M", "120M"]
    report = {"cpu": cpu, "kernels": [], "steps": []}
    precisions = ["fp32"]
    for size in sizes:
        report["kernels"] += kernels(given.binaries, size, "fp32")
        if report["kernels"][0]["isa"] in FAST_BF16:
            precisions = ["fp32", "bf16"]
            report["kernels"] += kernels(given.binaries, size, "bf16")
    for size in sizes:
        rows = 8 if given.torch else 2 if size == "12M" else 1
        for precision in precisions:
            report["steps"] += steps_of(given.binaries, size, precision, rows, 2 if given.quick else 4, 1 if given.quick else 3,
                                        given.torch)
    if given.run:
        report["beside_training"] = beside_training(given.run)
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
