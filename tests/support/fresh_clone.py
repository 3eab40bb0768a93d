"""Try `make demo` as a newcomer does: a new clone, an empty home, no cache; ready in a minute, gone on Ctrl-C.

With `--no-uv` the search path of the trial holds no uv. Exits non-zero at the first thing that does not hold.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.support.pace import SLACK
from tests.support.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
FIRST_START_SECONDS = 60 * SLACK
SECOND_START_SECONDS = 5 * SLACK
STOP_SECONDS = 15
NETWORK = ("LANG", "LC_", "PIP_", "UV_", "SSL_", "REQUESTS_CA")


def main(arguments: list[str]) -> int:
    """Clone, start twice, stop twice; return the exit code."""
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell that runs us in the background would have it ignored
    with tempfile.TemporaryDirectory(prefix="ppa-clone-") as directory:
        place = Path(directory)
        clone = place / "clone"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True)
        environment = newcomer(place / "home", without_uv="--no-uv" in arguments)
        for name, limit in (("first", FIRST_START_SECONDS), ("second", SECOND_START_SECONDS)):
            seconds = start_and_stop(clone, environment)
            print(f"{name} start: ready in {seconds:.1f} s (at most {limit} s)", flush=True)
            if seconds > limit:
                return 1
    return 0


def newcomer(home: Path, *, without_uv: bool) -> dict[str, str]:
    """Return the environment of somebody who has nothing yet."""
    home.mkdir()
    path = os.environ["PATH"].split(os.pathsep)
    if without_uv:
        path = [place for place in path if not (Path(place) / "uv").exists()]
    settings = {
        name: value for name, value in os.environ.items() if name.startswith(NETWORK) or name.lower().endswith("_proxy")
    }
    settings = {name: value for name, value in settings.items() if "CACHE" not in name}
    return settings | {"HOME": str(home), "PATH": os.pathsep.join(path), "PORT": str(free_port())}


def start_and_stop(clone: Path, environment: dict[str, str]) -> float:
    """Return after how many seconds `/health/ready` answered; raise `RuntimeError` when it does not, or when it will not end."""
    begin = time.monotonic()
    demo = subprocess.Popen(["make", "demo"], cwd=clone, env=environment, start_new_session=True)
    try:
        seconds = wait_until_ready(demo, f"http://127.0.0.1:{environment['PORT']}/health/ready", begin)
        time.sleep(1)
        demo.send_signal(signal.SIGINT)
        demo.wait(STOP_SECONDS)
        left = processes_in(clone)
        if left:
            raise RuntimeError(f"Still running after Ctrl-C: {left}")
        return seconds
    finally:
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGTERM)
            demo.wait(STOP_SECONDS)


def wait_until_ready(demo: subprocess.Popen[bytes], address: str, begin: float) -> float:
    """Return the seconds since `begin` at which the address answers 200."""
    while time.monotonic() - begin < 2 * FIRST_START_SECONDS:
        if demo.poll() is not None:
            raise RuntimeError(f"make demo ended with {demo.returncode}.")
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=2) as answer:
            if answer.status == 200:
                return time.monotonic() - begin
        time.sleep(0.1)
    raise RuntimeError("make demo never got ready.")


def processes_in(directory: Path) -> list[str]:
    """Return the command lines of live processes that work in a directory (empty where /proc does not tell)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").resolve().is_relative_to(directory.resolve()):
                found.append((process / "cmdline").read_text().replace("\0", " ").strip())
    return [line for line in found if line]


if __name__ == "__main__":
    if shutil.which("git") is None:
        sys.exit("git is needed to make the fresh clone.")
    sys.exit(main(sys.argv[1:]))
