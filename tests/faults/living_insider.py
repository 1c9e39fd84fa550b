"""What an installation shows of people, asked in a process of its own that lives through many questions.

It stands for `kept person show` and `kept query`, which take seconds to start: it opens the same house in the
same way for each question and closes it after, so that nothing of its is open when processes are killed. Run as a
module; a question is one line of JSON on standard input, the answer one on standard output.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.living import Living

ROOT = Path(__file__).parents[2]


class Insider:
    """Asks. One process, ended with the context."""

    def __init__(self, house: Living) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.living_insider"],
            env={**os.environ, **house.environment},
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def secret_key(self) -> str:
        """The key for servers."""
        return str(self._ask("secret_key"))

    def public_key(self) -> bytes:
        """The ledger's public key."""
        return bytes.fromhex(self._ask("public_key"))

    def subjects(self, account: str) -> list[int]:
        """The pseudonyms of an account and of all its visitors; none of a stranger."""
        found = self._ask("subjects", account)
        return [int(subject) for subject in found]

    def uses(self, account: str, subjects: list[int]) -> list[str]:
        """Every use that any purpose may still make of what is held of these subjects."""
        found = self._ask("uses", account, subjects)
        return [str(use) for use in found]

    def seen(self, job: str) -> int:
        """How many looks at a job the purpose `improve` sees."""
        return int(self._ask("seen", job))

    def jobs(self, prefix: str) -> dict[str, int]:
        """How many looks at each job of this prefix the purpose `improve` sees."""
        return {str(job): int(count) for job, count in self._ask("jobs", prefix)}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def _ask(self, name: str, *given: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, *given]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the insider ended at {name}"
        return json.loads(line)


# ---- in the process of its own


def _secret_key(house: Any) -> str:
    return str(house.api_keys.secret)


def _public_key(house: Any) -> str:
    return str(house.keys.signing_key().public_key().public_bytes_raw().hex())


def _subjects(house: Any, account: str) -> list[int]:
    from kept.app.opening import open_people

    person = open_people(house).of_account(account)
    return [] if person is None else list(person.subjects)


def _uses(house: Any, account: str, subjects: list[int]) -> list[str]:
    """As `kept person show` finds it, by the subjects: the account may be forgotten already."""
    from kept.app.opening import open_people
    from kept.subject import Person

    people = open_people(house)
    person = Person(house.settings.workspace, None, tuple(subjects))
    visits = people.copy(person)["your visits"]
    assert isinstance(visits, list)
    return [purpose for visit in visits for purpose in visit["purposes"]]


def _seen(house: Any, job: str) -> int:
    rows = _rows(house, f"select count(*) from job_view where job = '{job}'")
    return int(str(rows[0][0]))


def _jobs(house: Any, prefix: str) -> list[Any]:
    where = f"where starts_with(job, '{prefix}') group by job"
    return [list(row) for row in _rows(house, f"select job, count(*) from job_view {where}")]


def _rows(house: Any, sql: str) -> Any:
    from kept.app.opening import open_lake
    from kept.gate import Permit
    from kept.storage.query import Rows
    from kept.use import Reader

    permit = house.gate.use("improve")
    assert isinstance(permit, Permit)
    with Reader(permit, open_lake(house), house.records, house.settings.workspace) as reader:
        found = reader.ask(sql)
    assert isinstance(found, Rows), found
    return found.rows


def main() -> None:
    from kept.app.house import House
    from kept.base.settings import read_settings

    answers: dict[str, Callable[..., object]] = {
        "secret_key": _secret_key,
        "public_key": _public_key,
        "subjects": _subjects,
        "uses": _uses,
        "seen": _seen,
        "jobs": _jobs,
    }
    for line in sys.stdin:
        name, *given = json.loads(line)
        house = House.open_existing(read_settings())
        try:
            answer = answers[name](house, *given)
        finally:
            house.close()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
