"""PostgreSQL for tests: a cluster of their own in a temporary folder, behind a socket there and on no port.

With KEPT_TEST_RECORDS=postgresql whatever a test opens as a file of records is a schema there, named after the file. So
the tests say nothing of it, and processes that they start find the same by the same path. Without, only the tests
that ask for a `cluster` start one. Never the system's own service.
"""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from fnmatch import fnmatch
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import Engine

from kept.app import records as of_app
from kept.base.settings import Settings
from kept.storage import records
from kept.storage.records.database import Database
from kept.storage.records.postgresql import Postgresql

WANTED = os.environ.get("KEPT_TEST_RECORDS") == "postgresql"
MUST_RUN = bool(os.environ.get("CI") or os.environ.get("KEPT_NEEDS_POSTGRESQL")) or WANTED
SOCKETS = "KEPT_TEST_SOCKETS"
"""In the environment of processes that tests start: where the cluster listens."""
SHARED = Path("/dev/shm")
"""Memory, where it is: what is confirmed is synced as ever, and costs nothing."""
PLAIN = "postgres"
"""An unprivileged user who is there where PostgreSQL is; a server refuses to run as root."""
FASTER = ("-c", "listen_addresses=", "-c", "max_connections=300", "-c", "shared_buffers=64MB")


def programs() -> Path | None:
    """Where the server and its tools are: the newest of the system's packages, else what the path finds."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda at: int(at.parts[-3]))
    found = shutil.which("initdb")
    return packaged[-1].parent if packaged else Path(found).resolve().parent if found else None


NO_RECORDS = (
    # the policy alone
    "test_policies*.py",
    "test_policy_[a-ce-eg-z]*.py",
    "test_policy_decisions.py",
    "test_policy_diff*.py",
    "test_docs.py",
    "test_docs_house.py",
    "test_docs_language.py",
    "test_errors.py",
    "test_feed.py",
    "test_steps*.py",
    # what is made smaller and refused on its way in, and the lines of server logs
    "test_minimise_*.py",
    "test_words_*.py",
    "test_second_reader_words.py",
    "test_country_*.py",
    "test_collect*.py",
    "test_protocol_*.py",
    "test_deeds.py",
    "test_weblog_forms.py",
    "test_weblog_tables.py",
    "test_weblog_reading.py",
    "test_weblog_real.py",
    # journal, keys and numbers
    "test_journal*.py",
    "test_keys*.py",
    "test_app_keys.py",
    "test_ledger_merkle.py",
    "test_logs.py",
    "test_plain_install.py",
    "test_query_worker.py",
    "test_*_bench.py",
    "test_bench_*.py",
    # looks of pages, over a house in memory
    "test_pages_drawing.py",
    "test_pages_axe.py",
    "test_pages_script.py",
    "test_script.py",
    "test_second_reader_terminal.py",
)
"""Modules that open no records."""
ON_FILES = (
    # they look into SQLite's own file with eyes of their own, fill its disk, or put an older one in its place; for
    # PostgreSQL the like stands in test_records_postgresql.py and test_living_postgresql.py
    "test_living_deletion.py",
    "test_living_disk.py",
    "test_living_refused.py",
    "test_adversary_living.py",
    # each takes the disk away at every step, with a model of it in memory: the records are the same each time
    "test_lake_power.py",
    "test_lake_torn.py",
    # each mutant is a whole installation of patched source, which knows nothing of these tests' settings
    "test_mutants.py",
)
"""Modules for which the records must be a file."""


class Cluster:
    """A cluster in a new folder. Its role `kept` owns one database and is no superuser."""

    def __init__(self) -> None:
        at = programs()
        assert at is not None, "PostgreSQL is not installed: apt-get install postgresql"
        self._programs = at
        self.folder = Path(tempfile.mkdtemp(prefix="kept-pg-", dir=SHARED if SHARED.is_dir() else None))
        self._user = PLAIN if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(self.folder, PLAIN, PLAIN)
        self.data = self.folder / "data"
        try:
            self._make()
        except BaseException:
            self.remove()
            raise

    def _make(self) -> None:
        self._run(
            "initdb", "--no-sync", "-D", self.data, "-A", "trust", "-U", "admin", "-E", "UTF8", "--locale=C"
        )
        self.start()
        with self.admin() as connection:
            connection.execute("create role kept login")
            connection.execute("create database kept owner kept")

    def start(self) -> None:
        """Start the server, and wait until it answers. It is no child of ours: tests count those."""
        options = " ".join(("-k", str(self.folder), *FASTER))
        self._run("pg_ctl", "start", "-w", "-D", self.data, "-l", self.folder / "log", "-o", options)

    def stop(self, how: Literal["fast", "immediate"] = "fast") -> None:
        """Stop it: `fast` cuts every session off, `immediate` is a crash."""
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-w", "-D", self.data, "-m", how)

    def admin(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A superuser's connection, for what only tests look at."""
        return psycopg.connect(host=str(self.folder), user="admin", dbname=database, autocommit=True)

    def url(self, schema: str) -> str:
        """The URL of a schema, made if there is none."""
        return url_of_made(self.folder, schema)

    def shut_out(self) -> None:
        """Cut off every session of `kept`, and take no new one; others still come in."""
        with self.admin() as connection:
            connection.execute("alter role kept nologin")
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'kept'"
            )

    def leave_log_unwritten(self) -> None:
        """Stop who writes the log (WAL) by and by: until a crash, only a commit that waits for the disk gets there."""
        with self.admin() as admin:
            admin.execute("checkpoint")
            found = admin.execute(
                "select pid from pg_stat_activity where backend_type = 'walwriter'"
            ).fetchone()
        assert found is not None
        os.kill(int(str(found[0])), signal.SIGSTOP)

    def let_in(self) -> None:
        """Take sessions of `kept` again."""
        with self.admin() as connection:
            connection.execute("alter role kept login")

    def remove(self) -> None:
        """Stop it and leave nothing."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        with (self.folder / "said").open("wb") as said:  # no pipe: the server would hold it open
            subprocess.run(command, user=self._user, check=True, stdout=said, stderr=said, cwd="/")


def url_of(sockets: Path, schema: str, role: str = "kept") -> str:
    """The URL of a schema behind a socket."""
    return f"postgresql://{role}@/kept?host={quote(str(sockets))}&options=-csearch_path%3D{schema}"


def url_of_made(sockets: Path, schema: str) -> str:
    """The same, made if there is none."""
    with psycopg.connect(host=str(sockets), user="kept", dbname="kept", autocommit=True) as connection:
        connection.execute(f'create schema if not exists "{schema}"')
    return url_of(sockets, schema)


@cache
def cluster() -> Cluster:
    """The one cluster of this run of tests."""
    made = Cluster()
    os.environ[SOCKETS] = str(made.folder)
    atexit.register(made.remove)
    return made


@cache
def url_at(path: Path) -> str:
    """The URL that stands for a file of records in this run."""
    schema = "at_" + sha256(str(path.resolve()).encode()).hexdigest()[:32]
    if (sockets := os.environ.get(SOCKETS)) and not cluster.cache_info().currsize:
        return url_of_made(Path(sockets), schema)  # in a process that a test has started
    return cluster().url(schema)


def instead_of(path: Path) -> str:
    """What KEPT_RECORDS is to say for processes that a test starts: nothing where records are files."""
    return url_at(path) if WANTED else ""


class Noted(Postgresql):
    """Remembers what it opened: a test that leaves SQLite open harms nobody, and psycopg complains."""

    def open(self) -> Engine:
        """As ever."""
        opened = super().open()
        _opened.append(opened)
        return opened


_opened: list[Engine] = []


def close_left_open(*, forget: bool) -> None:
    """Close what stands idle. What is used again opens anew, as long as it is not forgotten."""
    for engine in _opened:
        engine.dispose()
    if forget:
        _opened.clear()


def put_files_on_postgresql() -> None:
    """Open every file of records as a schema from now on."""

    def at(place: Path | str) -> Database:
        return Noted(url_at(place) if isinstance(place, Path) else place)

    named = of_app.place_of

    def of(settings: Settings) -> Path | str:
        return named(settings) if settings.records else url_at(settings.data / "records.db")

    records.database_at = at
    of_app.place_of = of


def concerns(item: pytest.Item) -> bool:
    """Whether a test opens records, and they may be on PostgreSQL."""
    return item.get_closest_marker("sqlite") is None and not any(
        fnmatch(item.path.name, pattern) for pattern in (*NO_RECORDS, *ON_FILES)
    )


if WANTED:
    put_files_on_postgresql()
    if SOCKETS not in os.environ:  # before any test: some count the processes that it leaves behind
        cluster()
