"""What the thin line left, the first version that ran (commit 1b9c886): a folder of its own making, and its tables."""

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

FOLDER = Path(__file__).parent / "folders" / "thin_line.tar.xz"


def unpack_thin_line(to: Path) -> None:
    """Its data folder, `data`, with master key, policy and the receipt of a deletion beside it."""
    with tarfile.open(FOLDER) as packed:
        packed.extractall(to, filter="data")


def thin_line_tables() -> str:
    """What its SQLite said of its tables."""
    return TABLES


def as_thin_line(place: Path) -> None:
    """Put the rows of a file of today into the tables of then."""
    today = place.with_suffix(".today")
    place.rename(today)
    with closing(sqlite3.connect(place)) as old:
        old.execute("pragma journal_mode = wal")
        old.executescript(TABLES)
        old.execute("attach ? as today", [str(today)])
        names = [name for (name,) in old.execute("select name from main.sqlite_schema where type = 'table'")]
        for name in names:
            columns = ", ".join(f'"{column[1]}"' for column in old.execute(f"pragma main.table_info({name})"))
            old.execute(f"insert into main.{name} ({columns}) select {columns} from today.{name}")
        old.commit()
    for path in place.parent.glob(f"{today.name}*"):
        path.unlink()


TABLES = """
CREATE TABLE policy_version (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    version TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    text TEXT NOT NULL,
    since BIGINT NOT NULL
);
CREATE TABLE purpose_bit (
    purpose TEXT NOT NULL,
    bit INTEGER NOT NULL,
    PRIMARY KEY (purpose),
    UNIQUE (bit)
);
CREATE TABLE purpose_use (
    purpose TEXT NOT NULL,
    day DATE NOT NULL,
    uses INTEGER NOT NULL,
    PRIMARY KEY (purpose, day)
);
CREATE TABLE ledger_entry (
    number INTEGER NOT NULL,
    fact TEXT NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (number)
);
CREATE TABLE ledger_checkpoint (
    size INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (size)
);
CREATE TABLE ledger_told (
    about TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (about, name)
);
CREATE TABLE choice (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    subject BIGINT NOT NULL,
    bits BIGINT NOT NULL,
    dropped BOOLEAN NOT NULL
);
CREATE INDEX ix_choice_subject ON choice (subject);
CREATE TABLE account (
    workspace INTEGER NOT NULL,
    blind BLOB NOT NULL,
    subject BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    PRIMARY KEY (workspace, blind),
    UNIQUE (subject)
);
CREATE TABLE joined (
    visitor BIGINT NOT NULL,
    account BIGINT NOT NULL,
    at BIGINT NOT NULL,
    shown_by TEXT NOT NULL,
    PRIMARY KEY (visitor)
);
CREATE INDEX ix_joined_account ON joined (account);
CREATE TABLE answer (
    subject BIGINT NOT NULL,
    yes BIGINT NOT NULL,
    no BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (subject)
);
CREATE TABLE words (
    hash BLOB NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (hash)
);
CREATE TABLE hold (
    id INTEGER NOT NULL,
    subject BIGINT NOT NULL,
    ground TEXT NOT NULL,
    owner TEXT NOT NULL,
    review BIGINT NOT NULL,
    placed BIGINT NOT NULL,
    released BIGINT,
    PRIMARY KEY (id)
);
CREATE INDEX ix_hold_subject ON hold (subject);
CREATE TABLE erasure (
    subject BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    state VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL,
    PRIMARY KEY (subject, seq)
);
CREATE TABLE deletion (
    number BIGINT NOT NULL,
    workspace INTEGER NOT NULL,
    account BIGINT,
    subjects TEXT,
    seq INTEGER NOT NULL,
    stage TEXT NOT NULL,
    asked BIGINT NOT NULL,
    done BIGINT,
    report TEXT NOT NULL,
    entry INTEGER,
    PRIMARY KEY (number)
);
CREATE TABLE lease (
    id INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    token VARCHAR NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE tally (
    day INTEGER NOT NULL,
    reason TEXT NOT NULL,
    events BIGINT NOT NULL,
    PRIMARY KEY (day, reason)
);
CREATE TABLE log_part (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL,
    hour BIGINT NOT NULL,
    ids BLOB NOT NULL,
    begun_ms BIGINT NOT NULL,
    done BOOLEAN NOT NULL
);
CREATE INDEX log_part_hour ON log_part (workspace, hour);
CREATE TABLE said (
    id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    subject BIGINT NOT NULL,
    at BIGINT NOT NULL,
    yes BIGINT NOT NULL,
    no BIGINT NOT NULL,
    policy INTEGER NOT NULL,
    how TEXT NOT NULL,
    words BLOB NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(words) REFERENCES words (hash)
);
CREATE INDEX ix_said_subject ON said (subject);
"""
