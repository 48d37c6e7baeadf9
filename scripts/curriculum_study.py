#!/usr/bin/env python3
"""Is the bandit worth it? Trains the same models on the same seven arms under each way of choosing text, and compares.

    scripts/curriculum_study.py BIN-FOLDER WORK-FOLDER [--sizes small,medium] [--seeds 5] [--jobs 2] [--report-only]

scripts/curriculum_study.sh fetches the text and calls this. Every run has its folder under WORK-FOLDER/runs; one that is
finished is not trained again, one that was stopped goes on from its last checkpoint: stop with Ctrl-C, go on with the same
command. At the end WORK-FOLDER holds report.md and, a picture a size, pulls-SIZE.svg.

What is compared: the mean over the arms of held-out bits per byte at the end, the worst arm's, and after how many steps a
run is as good as uniform mixing is at the end. Intervals are 95 % of Student's t over the seeds; differences are paired,
seed by seed.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ARMS = ("literature", "dictionary", "python_tools", "religion", "poems", "signatures", "shuffled")
BOUNDS = {"floor": 0.1, "cap": 0.2}  # of every arm under the bandit: at most twice as much of one as of another
NO_BOUNDS = {"floor": 0, "cap": 1}


def bandit(reward):
    return {"curriculum.policy": "ucb1", "curriculum.memory": 500, "curriculum.reward": reward}


# Name: options, bounds of the arms.
POLICIES = {
    "uniform": ({"curriculum.policy": "uniform"}, NO_BOUNDS),
    "proportional": ({"curriculum.policy": "proportional"}, NO_BOUNDS),
    "v1": (bandit("v1"), BOUNDS),
    "own": (bandit("own"), BOUNDS),
    "power_law": (bandit("power_law"), BOUNDS),
    "progress": (bandit("progress"), BOUNDS),
    "v1 without bounds": (bandit("v1"), NO_BOUNDS),
    "progress without bounds": (bandit("progress"), NO_BOUNDS),
}
SIZES = {  # 1,024 tokens a step
    "small": {"model.d_model": 64, "model.n_head": 4, "model.n_layer": 4, "model.context": 128, "train.batch_size": 8,
              "train.steps": 6000, "optimizer.learning_rate": 3e-3},
    "medium": {"model.d_model": 128, "model.n_head": 4, "model.n_layer": 4, "model.context": 256, "train.batch_size": 4,
               "train.steps": 4000, "optimizer.learning_rate": 1e-3},
}
COMMON = {"train.threads": 1, "schedule.warmup_steps": 100, "cadence.every_steps": 200, "eval.tokens": 28672,
          "sampling.enabled": "false", "checkpoint.keep": 1}
STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)  # 97.5 % for 1 to 9 degrees of freedom
COLOURS = ("#1f6f8b", "#b5532a", "#6a994e", "#9a7aa0", "#d4a017", "#4a4e69", "#bbbbbb")


def config_of(corpus, policy, size, seed, stores):
    chosen, bounds = POLICIES[policy]
    options = {**COMMON, **SIZES[size], **chosen, "train.seed": seed, "text.stores": stores,
               "optimizer.min_learning_rate": SIZES[size]["optimizer.learning_rate"] / 10}
    groups = {}
    for key, value in options.items():
        group, name = key.split(".")
        groups.setdefault(group, []).append(f"  {name}: {value}")
    lines = [line for group, rows in groups.items() for line in (f"{group}:", *rows)]
    lines.append("arms:")
    lines += [f"  - {{name: {arm}, path: {corpus}/{arm}.txt, floor: {bounds['floor']}, cap: {bounds['cap']}}}" for arm in ARMS]
    return "\n".join(lines) + "\n"


def run_folder(work, policy, size, seed):
    return work / "runs" / f"{size}-{policy.replace(' ', '-')}-{seed}"


def events(run):
    log = run / "events.jsonl"
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def finished(run):
    log = events(run)
    return bool(log) and log[-1]["event"] == "run_end" and log[-1]["reason"] == "done"


def train(binaries, work, policy, size, seed):
    run = run_folder(work, policy, size, seed)
    if finished(run):
        return
    config = work / "configs" / f"{run.name}.yaml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(config_of(work / "corpus", policy, size, seed, work / "stores"), encoding="utf-8")
    command = [binaries / "andrea-train", "--config", config, "--run", run, "--progress", "none"]
    if (run / "events.jsonl").exists():
        command.append("--resume")
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env={**os.environ, "OMP_WAIT_POLICY": "passive"})
    if done.returncode != 0:
        raise RuntimeError(f"{run.name} ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
    print(f"done: {run.name}", flush=True)


def outcome(run):
    """Held-out bits per byte at each look, and the arm of each step."""
    looks, arms = {}, []
    for event in events(run):
        if event["event"] == "eval":
            looks[event["step"]] = {arm: found["bits_per_byte"] for arm, found in event["arms"].items()}
        elif event["event"] == "step":
            arms.append(event["arm"])
    return looks, arms


def mean(values):
    return sum(values) / len(values)


def interval(values):
    """Mean and half the width of its 95 % interval."""
    if len(values) < 2:
        return mean(values), math.nan
    return mean(values), STUDENT[min(len(values), 10) - 2] * statistics.stdev(values) / math.sqrt(len(values))


def first_step_under(looks, target):
    """Where the mean over arms falls to `target`, between two looks by a straight line; None: never."""
    before = None
    for step, arms in sorted(looks.items()):
        now = mean(arms.values())
        if now <= target:
            if before is None or before[1] == now:
                return step
            return before[0] + (step - before[0]) * (before[1] - target) / (before[1] - now)
        before = step, now
    return None


def picture(size, outcomes, policies):
    """What each policy read, in tenths of the run, as shares of the steps; means over the seeds."""
    width, height, left, gap, columns = 200, 150, 60, 20, 4
    bottom = -(-len(policies) // columns) * (height + 50)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + columns * (width + gap)} {bottom + 60}" '
           'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="#fff"/>']
    for place, policy in enumerate(policies):
        x0, y0 = left + place % columns * (width + gap), place // columns * (height + 50) + 30
        out.append(f'<text x="{x0}" y="{y0 - 8}">{policy}</text>')
        if place % columns == 0:
            out += [f'<text x="{x0 - 6}" y="{y0 + height * (1 - part) + 4:.0f}" text-anchor="end">{100 * part:.0f} %</text>' for part in (0, 0.5, 1)]
        for tenth in range(10):
            below = 0.0
            for colour, arm in zip(COLOURS, ARMS):
                shares = []
                for _, arms in outcomes[policy].values():
                    part = arms[len(arms) * tenth // 10:len(arms) * (tenth + 1) // 10]
                    shares.append(part.count(arm) / len(part))
                share = mean(shares)
                out.append(f'<rect x="{x0 + width * tenth / 10:.1f}" y="{y0 + height * (1 - below - share):.1f}" width="{width / 10:.1f}" '
                           f'height="{height * share:.1f}" fill="{colour}"><title>{policy}, tenth {tenth + 1}: {arm} {100 * share:.0f} %</title></rect>')
                below += share
    out.append(f'<text x="{left}" y="{bottom + 10}">shares of the steps, from the first to the last tenth of the run ({size})</text>')
    for place, (colour, arm) in enumerate(zip(COLOURS, ARMS)):
        x = left + place * 122
        out.append(f'<rect x="{x}" y="{bottom + 26}" width="12" height="12" fill="{colour}"/><text x="{x + 18}" y="{bottom + 36}">{arm}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def report_of(size, outcomes, seeds):
    policies = [policy for policy in POLICIES if len(outcomes.get(policy, {})) > 0]
    last = {policy: {seed: looks[max(looks)] for seed, (looks, _) in outcomes[policy].items()} for policy in policies}
    means = {policy: {seed: mean(arms.values()) for seed, arms in last[policy].items()} for policy in policies}
    worsts = {policy: {seed: max(arms.values()) for seed, arms in last[policy].items()} for policy in policies}
    lines = [f"## {size}: {SIZES[size]['train.steps']} steps, seeds {', '.join(map(str, seeds))}", "",
             "| policy | runs | mean over arms | against uniform | against proportional | worst arm | against uniform | as good as uniform's end after |",
             "|---|---|---|---|---|---|---|---|"]

    def cell(values):
        middle, half = interval(values)
        return f"{middle:.4f} ± {half:.4f}"

    def against(table, policy, other):
        both = sorted(table[policy].keys() & table.get(other, {}).keys())
        if policy == other or not both:
            return ""
        middle, half = interval([table[policy][seed] - table[other][seed] for seed in both])
        return f"{middle:+.4f} ± {half:.4f}"

    for policy in policies:
        reached = [first_step_under(looks, means["uniform"][seed]) for seed, (looks, _) in outcomes[policy].items()
                   if seed in means.get("uniform", {})]
        when = "" if not reached else "never" if all(r is None for r in reached) else \
            f"{mean([r for r in reached if r is not None]):.0f} steps ({sum(r is not None for r in reached)} of {len(reached)} runs)"
        lines.append(f"| {policy} | {len(means[policy])} | {cell(list(means[policy].values()))} | {against(means, policy, 'uniform')} | "
                     f"{against(means, policy, 'proportional')} | {cell(list(worsts[policy].values()))} | "
                     f"{against(worsts, policy, 'uniform')} | {when} |")
    lines += ["", "Held-out bits per byte of each arm at the end, and its share of the steps:", "",
              "| policy | " + " | ".join(ARMS) + " |", "|---|" + "---|" * len(ARMS)]
    for policy in policies:
        cells = []
        for arm in ARMS:
            bits = mean([arms[arm] for arms in last[policy].values()])
            share = mean([arms.count(arm) / len(arms) for _, arms in outcomes[policy].values()])
            cells.append(f"{bits:.3f} ({100 * share:.0f} %)")
        lines.append(f"| {policy} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n", policies


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binaries", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--sizes", default="small,medium")
    parser.add_argument("--policies", default=";".join(POLICIES), help="names with ; between them")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 1)), help="runs at once, a thread each")
    parser.add_argument("--report-only", action="store_true")
    given = parser.parse_args()
    sizes, seeds = given.sizes.split(","), range(1, given.seeds + 1)
    work = given.work.resolve()
    if not given.report_only:
        jobs = [(policy, size, seed) for size in sizes for seed in seeds for policy in given.policies.split(";")]
        with ThreadPoolExecutor(given.jobs) as pool:
            waiting = [pool.submit(train, given.binaries, work, *job) for job in jobs]
            try:
                for job in waiting:
                    job.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    parts = []
    for size in sizes:
        outcomes = {policy: {seed: outcome(run_folder(work, policy, size, seed)) for seed in seeds
                             if finished(run_folder(work, policy, size, seed))} for policy in POLICIES}
        if not any(outcomes.values()):
            continue
        text, policies = report_of(size, outcomes, seeds)
        parts.append(text)
        (work / f"pulls-{size}.svg").write_text(picture(size, outcomes, policies), encoding="utf-8")
    (work / "report.md").write_text("\n".join(parts), encoding="utf-8")
    print("\n".join(parts))


if __name__ == "__main__":
    main()
