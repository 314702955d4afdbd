"""Harm runs at random for a while: python tests/evolution/torture.py SECONDS [SEED]

Calls are started again and again, killed, sent signals, left without room, their files cut, flipped, removed and
replaced at random moments. Each run ends, and is compared bit for bit with one that was never interrupted; a call that
is refused must have been harmed, and touched nothing (tests/evolution/test_any_sequence.py). Prints what was done and
what came of it; exit status 1 if anything was lost.
"""

import json
import random
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

import test_any_sequence as machine
from sequence_worker import CASES

#: Actions on a run before it is to end, and the longest time before a signal, in seconds.
ACTIONS, LONGEST = 12, 0.5
#: What is done, by weight: the methods of a Sequence with their arguments.
DEEDS = {"signalled": 6, "broken_off": 3, "damaged": 3, "resume": 2, "started_twice": 1, "unreadable": 1,
         "another_run_on_the_file": 1, "put_back": 2, "extend": 1}  # fmt: skip
#: Seconds between two lines about what happened.
TOLD = 60.0


class Tortured(machine.Sequence):
    """A run to which signals are sent from outside, too, at any time."""

    def signalled(self, name, after, every, parts):
        before = self.contents()
        child = self.child(every=every, parts=parts)
        time.sleep(after)
        child.signal(name)
        self.judge(child.answer(), before, f"{name} from outside", broken=True)
        child.end()


def arguments(name, rng):
    """At random, what a deed needs."""
    every, parts = rng.choice([0.0, 0.0, 600.0]), rng.choice([0.0, 0.0, 5.0])
    if name == "signalled":
        return rng.choice(machine.SIGNALS), rng.uniform(0.0, LONGEST), every, parts
    if name == "broken_off":
        what = rng.choice([deed for some in machine.BREAKS for deed in some])
        return what, rng.randint(1, 30), rng.randint(0, 14), every, parts
    if name == "damaged":
        how = rng.choice([how for some in machine.HARMS for how in some])
        return how, rng.randint(0, 5), rng.randint(0, 10**6), rng.randint(0, 7)
    return {"resume": (every, parts), "started_twice": (rng.randint(1, 20),), "unreadable": (rng.randint(0, 5),)}.get(
        name, ()
    )


def torture(seconds, rng):
    """Until the time is over; returns how many runs were lost."""
    start, told, lost = time.monotonic(), 0.0, 0
    while (now := time.monotonic() - start) < seconds:
        if now > told + TOLD:
            told = now
            print(f"{now:.0f} s: {machine.counts['sequences']} runs, {lost} lost", flush=True)
        run = Tortured(rng.choice(list(CASES)))
        done = []
        try:
            for name in rng.choices(list(DEEDS), list(DEEDS.values()), k=rng.randint(1, ACTIONS)):
                done.append((name, *arguments(name, rng)))
                getattr(run, name)(*done[-1][1:])
            run.end()
        except Exception:
            lost += 1
            print(f"lost: a {run.case}, after {done}\n{traceback.format_exc()}", flush=True)
        finally:
            shutil.rmtree(run.folder, ignore_errors=True)
    return lost


def main(seconds, seed=0):
    with tempfile.TemporaryDirectory() as folder, machine.served(), machine.small(Path(folder)):
        lost = torture(float(seconds), random.Random(int(seed)))
    print(f"{machine.counts['sequences']} runs in {seconds} s, seed {seed}; actions and outcomes:")
    print(json.dumps(dict(sorted(machine.counts.items())), indent=1))
    print(f"lost: {lost}")
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
