#!/usr/bin/env python3
"""A pair of files in the shape of ANDREA v1's log. The true logs are not public: this is made from the published facts, and is
no data.

    scripts/make_v1_fixture.py FOLDER

Writes FOLDER/made-v1.loss.json ([step, loss] for 165,000 steps) and FOLDER/made-v1.samples.json (a sample every 200 steps), the
same bytes each time. What was published, and is built in: the loss falls to an EMA minimum near 3.43 at step 110,000 and
rises to 4.54 at the end; samples are sound before step 80,000, then dead in four ways with survivors between them; the first
five dead ones in a row end at step 132,000. Everything else (the noise, the words, which samples survive) is invented.
"""

import json
import math
import random
import sys
from pathlib import Path

STEPS, TURN, FIRST_DEAD, HALT = 165_000, 110_000, 80_000, 132_000
EVERY, STREAK = 200, 5
NOUNS = ("river stone winter garden letter captain sister road neighbour boat king bread clock horse city hill war bird house coin "
         "door field voice lamp ship market bridge teacher forest island storm table window kitchen soldier daughter song village").split()
ADJECTIVES = ("old red small long empty broken quiet strange golden heavy distant careful cold bright narrow hungry gentle wooden "
              "angry lonely hollow famous green bitter").split()
VERBS = ("found carried remembered followed sold crossed painted feared opened described built watched forgot repaired "
         "answered borrowed guarded visited counted lifted").split()
PLACES = "behind under near beyond against beside without above toward after before across".split()
DEAD = ["region " * 420, "''''' ''''' '' ''' '' ''' '''?' ''' ' '' '' '` " * 22, "games, " * 210, "Budy " * 420]


def loss(step, dice):
    noise = dice.gauss(0, 0.12)
    if step <= TURN:
        left = 1 - step / TURN
        return 3.45 + 0.5 * left + 5.1 * math.exp(-step / 6000) * left + noise
    return 3.45 + 1.09 * (step - TURN) / (STEPS - TURN) + noise


def sound(dice):
    def thing():
        return f"{dice.choice(['the', 'a', 'her', 'his', 'their', 'some', 'that'])} {dice.choice(ADJECTIVES)} {dice.choice(NOUNS)}"

    sentences = [f"{thing()} {dice.choice(VERBS)} {thing()} {dice.choice(PLACES)} {thing()}." for _ in range(36)]
    return " ".join(sentence.capitalize() for sentence in sentences)


def survives(step, dice):
    """After FIRST_DEAD: does this one still read well? Never five dead in a row before the streak that ends at HALT."""
    if HALT - STREAK * EVERY < step <= HALT:
        return False
    number = step // EVERY
    return number % STREAK == (HALT // EVERY) % STREAK or (step > FIRST_DEAD and dice.random() < 0.2)


def samples(dice):
    for step in range(EVERY, STEPS + 1, EVERY):
        dead = step >= FIRST_DEAD and not survives(step, dice)
        if step == HALT - STREAK * EVERY:
            dead = False
        text = DEAD[dice.randrange(len(DEAD))] if dead or step == FIRST_DEAD else sound(dice)
        yield {"step": step, "text": text, "loss": round(dice.uniform(0.3, 0.6) if dead else dice.uniform(2.5, 3.5), 4)}


def main(arguments):
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__.strip())
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(2026)
    points = [[step, round(loss(step, dice), 6)] for step in range(1, STEPS + 1)]
    (folder / "made-v1.loss.json").write_text(json.dumps(points), encoding="utf-8")
    (folder / "made-v1.samples.json").write_text(json.dumps(list(samples(dice))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
