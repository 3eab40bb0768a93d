"""An archive opens whole, for its recipients, or not at all."""

import io
import os
import tarfile

import pyrage
import pytest

from accounts.safekeeping.archive import ArchiveRefused, identity_in, new_identity, recipients, unpack, write

CANARY = b"CANARIVEAU Philomene"


@pytest.fixture
def identity():
    return pyrage.x25519.Identity.generate()


def written(tmp_path, identity, *, members=None):
    path = tmp_path / "backup.age"
    big = tmp_path / "database"
    big.write_bytes(os.urandom(3_000_000) + CANARY)
    write(
        path,
        iter(members or [("head.json", b"{}"), ("database", big), ("files/aa/bb/cc.sealed", CANARY)]),
        [identity.to_public()],
    )
    return path


def shut(path, identity, members):
    """Write an archive by hand, as somebody who knows a public key can."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as out:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))
    path.write_bytes(pyrage.encrypt(tar.getvalue(), [identity.to_public()]))


def test_what_is_written_is_unpacked_and_nothing_of_it_lies_in_clear(tmp_path, identity):
    path = written(tmp_path, identity)
    unpack(path, tmp_path / "out", identity)
    assert (tmp_path / "out" / "files/aa/bb/cc.sealed").read_bytes() == CANARY
    assert (tmp_path / "out" / "database").read_bytes() == (tmp_path / "database").read_bytes()
    assert CANARY not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.unfinished"))


def test_every_recipient_opens_it_and_nobody_else(tmp_path, identity):
    other, stranger = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    path = tmp_path / "backup.age"
    write(path, iter([("head.json", b"{}")]), recipients([str(one.to_public()) for one in (identity, other)]))
    for number, one in enumerate((identity, other)):
        unpack(path, tmp_path / str(number), one)
    with pytest.raises(ArchiveRefused):
        unpack(path, tmp_path / "no", stranger)


@pytest.mark.parametrize("cut", [0, 100, 65536, 1_000_000, -1])
def test_an_archive_that_was_cut_or_altered_is_refused(tmp_path, identity, cut):
    path = written(tmp_path, identity)
    content = path.read_bytes()
    altered = content[:cut] + bytes([content[cut] ^ 1]) + content[cut:][1:]
    for number, bad in enumerate((content[:cut], altered)):
        path.write_bytes(bad)
        with pytest.raises(ArchiveRefused):
            unpack(path, tmp_path / f"out{number}", identity)


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/passwd", "files/../../outside", "files/..", "other", "files/.hidden", "files//x"]
)
def test_a_member_that_would_leave_the_folder_is_refused(tmp_path, identity, name):
    path = tmp_path / "backup.age"
    shut(path, identity, [(name, b"x"), ("manifest.json", b"{}")])
    with pytest.raises(ArchiveRefused):
        unpack(path, tmp_path / "out", identity)
    assert not (tmp_path / "outside").exists()


def test_an_archive_without_its_list_or_with_another_one_is_refused(tmp_path, identity):
    path = tmp_path / "backup.age"
    for number, members in enumerate(
        ([("head.json", b"{}")], [("head.json", b"{}"), ("manifest.json", b'{"head.json": "0"}')])
    ):
        shut(path, identity, members)
        with pytest.raises(ArchiveRefused, match="not whole"):
            unpack(path, tmp_path / str(number), identity)


def test_what_goes_wrong_while_writing_leaves_no_archive(tmp_path, identity):
    with pytest.raises(FileNotFoundError):
        written(tmp_path, identity, members=[("database", tmp_path / "gone")])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["database"]


def test_a_key_and_a_recipient_that_cannot_be_read_are_said_so(tmp_path):
    key = tmp_path / "backup.key"
    key.write_text(new_identity())
    assert str(identity_in(key).to_public()) in key.read_text()
    for path in (tmp_path / "none", tmp_path / "empty"):
        (tmp_path / "empty").write_text("# nothing\n")
        with pytest.raises(ArchiveRefused, match="private key"):
            identity_in(path)
    with pytest.raises(ArchiveRefused, match="age1"):
        recipients(["age1nonsense"])
