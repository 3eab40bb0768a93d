"""The main job, from the announcement of a serious illness to an admission and a shared plan, without a browser.

Runs against real processes on a fresh embedded database, through the routes that people
and systems use. Prints one line a step; leaves what was made under OUT; stops at the
first failure with a non-zero exit.
"""

import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.scenario.story import STEPS, Story  # noqa: E402 (the tree is on the path first)
from tests.support.installation import Installation  # noqa: E402 (the tree is on the path first)


def main() -> int:
    """Run every step; return the exit code."""
    out = Path(os.environ.get("OUT") or ROOT / "var" / "scenario").resolve()
    shutil.rmtree(out, ignore_errors=True)
    started = time.perf_counter()
    story = Story(Installation(out), out)
    if not _step("installation", story.place.prepare):
        return 1
    with story.place.serving():
        for name, step in STEPS:
            if not _step(name, partial(step, story)):
                return 1
    for name, check in story.checks():
        if not _step(name, check):
            return 1
    print(f"\n{len(STEPS)} étapes, {time.perf_counter() - started:.1f} s ; résultats dans {out}")
    return 0


def _step(name: str, run: Callable[[], None]) -> bool:
    began = time.perf_counter()
    try:
        run()
    except Exception:  # noqa: BLE001 (the report of a failed step is what this runner is for)
        print(f"failed  {time.perf_counter() - began:6.2f} s  {name}", flush=True)
        traceback.print_exc()
        return False
    print(f"ok      {time.perf_counter() - began:6.2f} s  {name}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
