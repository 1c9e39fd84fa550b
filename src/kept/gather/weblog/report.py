"""What an import did, line by line accounted for: lines = kept + refused + malformed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kept.base.printing import clean
from kept.gather.weblog.forms import FORMS
from kept.gather.weblog.line import Malformed
from kept.gather.weblog.reasons import NotKept

SHOWN = 100


@dataclass(slots=True)
class Report:
    """Figures of one import. `malformed` shows the first 100 places: file, line, fault."""

    files: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)  # which each file was taken for, or was said to have
    lines: int = 0
    kept: int = 0
    crawlers: int = 0  # among those kept
    visitor_days: int = 0  # people, one for each day (UTC) they were seen on
    refused: Counter[NotKept] = field(default_factory=Counter)
    malformed_lines: int = 0
    malformed: list[tuple[str, int, str]] = field(default_factory=list)
    without_agents: bool = False
    weeks: int = 0
    first_ms: int | None = None  # of the events kept, in their new time
    last_ms: int | None = None

    def begin_file(self, name: str, form: str) -> None:
        """What is counted next stands in this file, read in this form."""
        self.files.append(name)
        self.forms.append(form)

    def add_lines(self, lines: int, refused: Mapping[NotKept, int], malformed: Sequence[Malformed]) -> None:
        """Count lines of the file named last, and those of them that cannot be read or are refused."""
        self.lines += lines
        self.refused.update(refused)
        self.malformed_lines += len(malformed)
        file = self.files[-1] if self.files else ""
        shown = malformed[: max(0, SHOWN - len(self.malformed))]
        self.malformed += [(file, line.number, line.fault.value) for line in shown]

    def add_kept(self, times: Sequence[int], crawlers: int, *, without_agents: bool) -> None:
        """Count events at these times."""
        self.kept += len(times)
        self.crawlers += crawlers
        self.without_agents |= without_agents
        if times:
            first, last = min(times), max(times)
            self.first_ms = first if self.first_ms is None else min(self.first_ms, first)
            self.last_ms = last if self.last_ms is None else max(self.last_ms, last)

    def as_dict(self) -> dict[str, Any]:
        """For JSON. Every reason stands there, zeros included."""
        return {
            "files": self.files,
            "forms": self.forms,
            "lines": self.lines,
            "kept": self.kept,
            "crawlers": self.crawlers,
            "visitor_days": self.visitor_days,
            "refused": {reason.name.lower(): self.refused[reason] for reason in NotKept},
            "malformed": self.malformed_lines,
            "malformed_at": [
                {"file": file, "line": line, "fault": fault} for file, line, fault in self.malformed
            ],
            "without_agents": self.without_agents,
            "weeks": self.weeks,
            "first_ms": self.first_ms,
            "last_ms": self.last_ms,
        }

    def __str__(self) -> str:
        rows = [("lines read", self.lines), ("page views kept", self.kept)]
        rows += [("  of people", self.kept - self.crawlers), ("  of crawlers", self.crawlers)]
        rows += [("visitors a day, summed", self.visitor_days), ("refused", self.refused.total())]
        rows += [(f"  {reason.value}", self.refused[reason]) for reason in NotKept if self.refused[reason]]
        rows.append(("malformed", self.malformed_lines))
        width = max(len(name) for name, _ in rows)
        table = [f"{name:<{width}}  {number:>11,}" for name, number in rows]
        return "\n".join(table + self._places() + self._remarks())

    def _places(self) -> list[str]:
        places = [f"  {clean(file)}, line {line}: {fault}" for file, line, fault in self.malformed]
        more = self.malformed_lines - len(places)
        return [*places, f"  and {more:,} more"] if more else places

    def _remarks(self) -> list[str]:
        remarks = self._forms()
        if self.weeks:
            remarks.append(f"times moved by {self.weeks:+} weeks for the demonstration")
        if self.without_agents:
            remarks.append("the form names no browser: crawlers cannot be told from people")
        return remarks

    def _forms(self) -> list[str]:
        """One line where all files have one form, else one for each, with its files."""
        files: dict[str, list[str]] = {}
        for file, form in zip(self.files, self.forms, strict=False):
            files.setdefault(form, []).append(clean(file))
        said = {form: f"read as {form} ({FORMS[form].says})" for form in files}
        if len(files) == 1:
            return list(said.values())
        return [f"{said[form]}: {', '.join(named)}" for form, named in files.items()]
