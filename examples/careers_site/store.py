"""What the site itself holds: profiles, sign-ins and applications, in one small SQLite file of its own."""

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SIGNED_IN_SECONDS = 30 * 86_400  # as the policy says of the cookie kept_login

TABLES = """
create table if not exists profile (account text primary key, name text, email text, occupation text);
create table if not exists sign_in (
    token_hash blob primary key, account text not null, until integer not null);
create table if not exists application (
    account text not null, job text not null, letter text not null, at integer not null,
    told integer not null default 0, primary key (account, job));
"""


@dataclass(frozen=True, slots=True)
class Account:
    """An invented account. Its password is printed on the sign-in page, so there is nothing to hash."""

    id: str
    name: str
    email: str
    password: str
    occupation: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person told the site about themselves."""

    name: str
    email: str
    occupation: str


ACCOUNTS = (
    Account("u-1001", "Ana", "ana@example.com", "ana-demo", "Warehouse lead"),
    Account("u-1002", "Bo", "bo@example.com", "bo-demo", "Line cook"),
)


class Store:
    """The site's database. Each call is one short transaction."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "site.db"
        with self._write() as connection:
            connection.executescript(TABLES)

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=10)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def sign_in(self, email: str, password: str) -> tuple[Account, str] | None:
        """The account and a fresh token for its cookie; None when email and password are not a pair."""
        account = next((one for one in ACCOUNTS if one.email == email.strip().lower()), None)
        if account is None or not secrets.compare_digest(account.password.encode(), password.encode()):
            return None
        token = secrets.token_urlsafe(32)
        with self._write() as connection:
            connection.execute("delete from sign_in where until < ?", (_now(),))
            connection.execute(
                "insert into sign_in values (?, ?, ?)", (_hash(token), account.id, _now() + SIGNED_IN_SECONDS)
            )
        return account, token

    def sign_out(self, token: str) -> None:
        """Forget a token."""
        with self._write() as connection:
            connection.execute("delete from sign_in where token_hash = ?", (_hash(token),))

    def account_of(self, token: str | None) -> Account | None:
        """Whose token this is; None for a stranger's or a stale one."""
        if not token:
            return None
        with self._write() as connection:
            row = connection.execute(
                "select account from sign_in where token_hash = ? and until >= ?", (_hash(token), _now())
            ).fetchone()
        return next((one for one in ACCOUNTS if row and one.id == row[0]), None)

    def profile(self, account: Account) -> Profile:
        """The profile as last saved, or what the account began with."""
        with self._write() as connection:
            row = connection.execute(
                "select name, email, occupation from profile where account = ?", (account.id,)
            ).fetchone()
        return Profile(*row) if row else Profile(account.name, account.email, account.occupation)

    def save_profile(self, account: Account, profile: Profile) -> None:
        """Replace the profile."""
        with self._write() as connection:
            connection.execute(
                "insert or replace into profile values (?, ?, ?, ?)",
                (account.id, profile.name, profile.email, profile.occupation),
            )

    def apply(self, account: Account, job: str, letter: str) -> None:
        """Keep an application; a second one for the same job replaces the letter."""
        with self._write() as connection:
            connection.execute(
                "insert into application (account, job, letter, at) values (?, ?, ?, ?)"
                " on conflict (account, job) do update set letter = excluded.letter, at = excluded.at",
                (account.id, job, letter, _now()),
            )

    def applied(self, account: Account, job: str) -> bool:
        """Whether the account has applied for the job."""
        with self._write() as connection:
            found = connection.execute(
                "select 1 from application where account = ? and job = ?", (account.id, job)
            ).fetchone()
        return found is not None

    def take_untold(self, account: Account, job: str) -> bool:
        """True once for each application: the page that then follows may tell of it, and a reload may not."""
        with self._write() as connection:
            changed = connection.execute(
                "update application set told = 1 where account = ? and job = ? and told = 0",
                (account.id, job),
            )
            return changed.rowcount == 1

    def applications(self, account: Account) -> list[str]:
        """The ids of the jobs applied for, newest first."""
        with self._write() as connection:
            rows = connection.execute(
                "select job from application where account = ? order by at desc, job", (account.id,)
            ).fetchall()
        return [row[0] for row in rows]

    def forget(self, account: Account) -> None:
        """Delete the profile and the applications."""
        with self._write() as connection:
            connection.execute("pragma secure_delete = on")
            connection.execute("delete from profile where account = ?", (account.id,))
            connection.execute("delete from application where account = ?", (account.id,))


def _now() -> int:
    return int(time.time())


def _hash(token: str) -> bytes:
    """A stolen database opens nobody's session: it holds hashes of the tokens only."""
    return hashlib.sha256(token.encode()).digest()
