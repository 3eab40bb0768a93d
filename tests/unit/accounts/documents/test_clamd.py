"""The daemon of ClamAV is spoken to as its manual says, waited for no longer than a time, and believed when it is clear."""

import socket
import threading
import time

import pytest

from accounts.documents import clamd
from tests.support import scanner
from tests.support.scanner import EICAR

pytestmark = pytest.mark.enable_socket
LARGE = bytes(range(256)) * 1024


@pytest.fixture(params=["tcp", "unix"])
def daemon(request, settings, tmp_path):
    with scanner.running(path=tmp_path / "clamd.sock" if request.param == "unix" else None) as running:
        settings.CLAMD_URL = running.url
        yield running


def test_a_file_is_sent_whole_in_chunks_and_found_clean_or_not(daemon):
    assert clamd.answers()
    assert not clamd.is_infected(LARGE)
    assert clamd.is_infected(LARGE + EICAR)
    assert daemon.files == [LARGE, LARGE + EICAR]
    assert daemon.faults == []


def test_what_is_too_large_for_the_daemon_is_not_judged(daemon):
    daemon.most_bytes = 100_000
    with pytest.raises((clamd.NotJudged, clamd.NoAnswer)):
        clamd.is_infected(LARGE * 20)


@pytest.mark.parametrize(
    "said",
    [b"", b"\0", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK", b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000, b"other: OK\0"],
    ids=["nothing", "empty", "limit", "cut", "http", "endless", "other"],
)  # fmt: skip
def test_an_answer_that_is_none_of_its_own_is_not_believed(daemon, said):
    daemon.says = said
    with pytest.raises(clamd.NotJudged):
        clamd.is_infected(LARGE)


def test_a_silent_daemon_is_waited_for_no_longer_than_its_time(daemon, monkeypatch):
    monkeypatch.setattr(clamd, "SECONDS_FOR_A_FILE", 0.2)
    monkeypatch.setattr(clamd, "SECONDS_FOR_A_WORD", 0.2)
    daemon.waits = True
    begun = time.perf_counter()
    with pytest.raises(clamd.NoAnswer):
        clamd.is_infected(LARGE)
    assert not clamd.answers()
    assert time.perf_counter() - begun < 5


def test_a_daemon_that_answers_drop_by_drop_is_not_waited_for(settings, monkeypatch):
    monkeypatch.setattr(clamd, "SECONDS_FOR_A_WORD", 0.3)
    gone = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMD_URL = f"tcp://127.0.0.1:{server.getsockname()[1]}"

        def drip():
            stream, _ = server.accept()
            with stream:
                while not gone.wait(0.05):
                    try:
                        stream.sendall(b"P")
                    except OSError:
                        return

        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        begun = time.perf_counter()
        assert not clamd.answers()
        gone.set()
        dripping.join(5)
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize(
    "url",
    [
        "tcp://127.0.0.1:1",
        "unix:///nowhere/clamd.sock",
        "carrier-pigeon://coop",
        "tcp://",
        "tcp://127.0.0.1:http",
        "unix://",
    ],
)
def test_a_daemon_that_is_gone_or_named_badly_gives_no_answer(settings, url):
    settings.CLAMD_URL = url
    assert clamd.is_named()
    assert not clamd.answers()
    with pytest.raises(clamd.NoAnswer):
        clamd.is_infected(LARGE)


def test_nobody_is_asked_when_none_is_named(settings):
    assert settings.CLAMD_URL == ""
    assert not clamd.is_named()
