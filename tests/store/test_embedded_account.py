"""System user of the server, and its permissions. Most of this can be tested as root only."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from contactory.store import embedded
from contactory.store.embedded import EmbeddedError, account
from contactory.store.embedded.account import Account, server_account

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")

NOBODY = Account("nobody", 65534, 65534)
USE = """
import sys
from pathlib import Path
import psycopg
from contactory.store import embedded

data_dir = Path(sys.argv[1])
with embedded.running(data_dir, exclusive=True) as url, psycopg.connect(url) as connection:
    connection.execute("SELECT 1")
embedded.encryption_key(data_dir)
print((data_dir / "postgres").stat().st_uid)
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def public() -> Iterator[Path]:
    """Yield a folder of root that others can pass, unlike the folders of a test run."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(data_dir: Path) -> subprocess.CompletedProcess[str]:
    """Run USE as nobody, with the first interpreter that this user may run, and our modules."""
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        try:
            return subprocess.run(
                [python, "-c", USE, data_dir],
                env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                cwd="/",
                user=NOBODY.uid,
                group=NOBODY.gid,
                extra_groups=[],
                capture_output=True,
                text=True,
            )
        except (PermissionError, FileNotFoundError):
            continue
    pytest.skip("no interpreter of this version can be run by the user nobody")


@as_root
def test_an_ordinary_user_runs_the_server(public: Path) -> None:
    data_dir = public / "data"
    data_dir.mkdir()
    NOBODY.give(data_dir)
    done = as_nobody(data_dir)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(NOBODY.uid)


@as_root
def test_the_error_names_a_directory_of_another_user(public: Path) -> None:
    (public / "data").mkdir()
    done = as_nobody(public / "data")
    assert f"The data directory {public}/data cannot be written" in done.stderr


@as_root
def test_root_runs_an_ordinary_users_data_as_that_user(public: Path) -> None:
    data_dir = public / "data"
    data_dir.mkdir()
    NOBODY.give(data_dir)
    assert as_nobody(data_dir).returncode == 0
    with embedded.running(data_dir, exclusive=True) as url, psycopg.connect(url) as connection:
        assert Path(connection.info.host).stat().st_uid == NOBODY.uid
    assert as_nobody(data_dir).returncode == 0


@as_root
def test_root_runs_the_server_as_the_system_user(public: Path) -> None:
    data_dir = public / "closed" / "data"
    data_dir.parent.mkdir(mode=0o700)
    with embedded.running(data_dir, exclusive=True) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    owner = pwd.getpwuid((data_dir / "postgres").stat().st_uid)
    assert owner.pw_name == "contactory"
    assert data_dir.stat().st_uid == owner.pw_uid
    assert mode(data_dir.parent) == 0o701, "others may pass, and not read"


@as_root
def test_root_does_not_change_the_owner_of_a_directory_with_other_files(public: Path) -> None:
    (public / "letter").touch()
    with embedded.running(public, exclusive=True):
        pass
    assert public.stat().st_uid == 0
    assert (public / "letter").stat().st_uid == 0


@as_root
def test_others_may_pass_through_parent_folders_and_not_read_them(public: Path) -> None:
    inner = public / "closed" / "inner"
    inner.mkdir(parents=True)
    (public / "closed").chmod(0o750)
    NOBODY.let_pass(inner)
    assert mode(public / "closed") == 0o751
    assert mode(inner) == 0o755


@as_root
def test_others_may_read_a_package_installed_with_a_strict_umask(public: Path) -> None:
    package = public / "package"
    (package / "bin").mkdir(parents=True)
    for name, bits in (("bin/postgres", 0o700), ("bin/notes", 0o600)):
        (package / name).touch()
        (package / name).chmod(bits)
    (package / "link").symlink_to("/etc/shadow")
    shadow = mode(Path("/etc/shadow")) if Path("/etc/shadow").exists() else None
    for folder in (package / "bin", package):
        folder.chmod(0o700)
    NOBODY.let_read(package)
    assert {mode(package / name) for name in ("", "bin", "bin/postgres")} == {0o705}
    assert mode(package / "bin/notes") == 0o604
    assert shadow is None or mode(Path("/etc/shadow")) == shadow


@as_root
def test_the_error_names_an_alternative_where_no_system_user_can_be_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "_NAME", "not a name")
    with pytest.raises(EmbeddedError, match=r"'not a name' cannot be made .* set CONTACTORY_DATABASE_URL"):
        server_account(tmp_path / "postgres")


@pytest.mark.skipif(os.geteuid() == 0, reason="root runs the server as somebody else")
def test_without_root_the_server_runs_as_the_current_user(tmp_path: Path) -> None:
    assert server_account(tmp_path / "postgres") is None
