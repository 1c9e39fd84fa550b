"""The jobs on offer: sixty invented ones, or the titles and places of a real list where one is at hand."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

INVENTED = Path(__file__).parent / "jobs.csv"
PAGE = 20  # jobs on one page of the list
NOT_GIVEN = frozenset(("", "NA"))


@dataclass(frozen=True, slots=True)
class Field:
    """A field of work, and words by which a title is told to belong to it."""

    name: str
    title: str
    words: tuple[str, ...]


FIELDS = {
    field.name: field
    for field in (
        Field(
            "software", "Software and data", ("software", "developer", "engineer", "analyst", "data ", "web ")
        ),
        Field(
            "care",
            "Health and care",
            ("nurse", "health", "care", "medical", "therap", "dental", "pharmac", "aide"),
        ),
        Field("teaching", "Teaching", ("teach", "tutor", "instructor", "librar", "school")),
        Field("safety", "Safety", ("security", "guard", "officer", "safety", "loss prevention", "army")),
        Field(
            "trades",
            "Trades and repair",
            ("technician", "mechanic", "electric", "plumb", "weld", "mainten", "install"),
        ),
        Field(
            "money",
            "Money and accounts",
            ("account", "payroll", "bookkeep", "tax", "bank", "teller", "finan", "loan"),
        ),
        Field(
            "kitchen",
            "Kitchens and hospitality",
            ("cook", "chef", "server", "restaurant", "barista", "dish", "food", "host", "crew"),
        ),
        Field(
            "moving",
            "Warehouse and transport",
            ("driver", "warehouse", "forklift", "handler", "stock", "delivery", "package", "inventory"),
        ),
        Field(
            "office",
            "Office",
            (
                "assistant",
                "office",
                "admin",
                "reception",
                "clerk",
                "secretar",
                "coordinat",
                "customer service",
            ),
        ),
        Field("sales", "Shops and sales", ("cashier", "retail", "sales", "store", "merchand", "associate")),
    )
}


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `field` is a name in FIELDS, or empty where the title tells nothing."""

    id: str
    title: str
    company: str
    city: str
    state: str
    field: str
    hours: str = ""
    summary: str = ""

    @property
    def place(self) -> str:
        """City and state as they are written on an envelope."""
        return ", ".join(part for part in (self.city, self.state) if part)


class Jobs:
    """All jobs, newest first."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self.by_id = {job.id: job for job in sorted(jobs, key=lambda job: int(job.id), reverse=True)}
        self.all = tuple(self.by_id.values())
        self.by_state = Counter(job.state for job in self.all if job.state)
        self.by_field = Counter(job.field for job in self.all if job.field)

    def search(self, words: str, place: str, field: str = "") -> list[Job]:
        """Jobs with every word in title, company or field, and the place in city or state; newest first."""
        wanted = words.casefold().split()
        where = place.casefold().strip().rstrip(",")
        return [job for job in self.all if _fits(job, wanted, where, field)]


def _fits(job: Job, wanted: list[str], where: str, field: str) -> bool:
    text = f"{job.title} {job.company} {FIELDS[job.field].title if job.field else ''}".casefold()
    placed = where == job.state.casefold() or (len(where) != 2 and where in job.place.casefold())
    return all(word in text for word in wanted) and placed and field in ("", job.field)


def read_jobs(real: Path) -> Jobs:
    """The jobs named in `real`, a list of views, if that file is there; otherwise the invented ones."""
    if real.is_file():
        return Jobs(_jobs_of_views(real))
    with INVENTED.open(newline="", encoding="utf-8") as file:
        return Jobs(Job(**row) for row in csv.DictReader(file))


def _jobs_of_views(path: Path) -> Iterator[Job]:
    """Each job once, by id, title, company, city and state alone: who looked at it is never taken up."""
    seen: set[str] = set()
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        for row in csv.DictReader(file):
            if row["Job.ID"].isdecimal() and row["Job.ID"] not in seen:
                seen.add(row["Job.ID"])
                yield _job_of_row(row)


def _job_of_row(row: Mapping[str, str]) -> Job:
    title, company, city, state = (
        "" if row[name].strip() in NOT_GIVEN else " ".join(row[name].split())
        for name in ("Position", "Company", "City", "State.Code")
    )
    return Job(row["Job.ID"], title, company, city, state, field_of(title))


def field_of(title: str) -> str:
    """The first field of which the title holds a word; empty when none does."""
    text = f"{title.casefold()} "
    return next((field.name for field in FIELDS.values() if any(word in text for word in field.words)), "")
