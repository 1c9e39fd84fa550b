"""Lines of a server log, invented and imported: minimised likewise, and open to the purposes of logs alone."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kept.prove.expected import PAGE, expected_nameless
from kept.prove.stage import AMERICA, GERMANY, GERMANY_6, PLACES, Refused, Stage
from kept.prove.telling import Sent
from kept.prove.verdict import Finding
from kept.storage.search import Row

SERVER_LOG = "server log"


@dataclass(frozen=True, slots=True)
class Log:
    """What was imported: the masks that its lines must be stored under (0: not at all), and what came of it."""

    masks: tuple[int, ...]
    kept: int | Refused


def write_log(stage: Stage, sent: Sent) -> Log:
    """Import a log of four lines: from Germany by either kind of address and one inside the other, and from America.

    The file stands outside the data folder, and only meanwhile.
    """
    german = [sent.address(PLACES[GERMANY]), sent.address(GERMANY_6), sent.wrapped(PLACES[GERMANY])]
    lines = [_line(sent, address) for address in (*german, sent.address(PLACES[AMERICA]))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "access.log"
        path.write_text("".join(lines))
        kept = stage.house.doors.import_log(path)
    return Log(tuple(_mask(stage, place) for place in (*[GERMANY] * len(german), AMERICA)), kept)


def check_log(stage: Stage, log: Log, rows: Iterable[Row]) -> Iterable[Finding]:
    """As many lines are kept as the policy lets in, under the purposes of logs and no other."""
    due = sorted(mask for mask in log.masks if mask)
    if isinstance(log.kept, Refused):
        yield Finding(True, f"the import of logs was not tried: {log.kept.says}")
        return
    since_ms = stage.began_s * 1000
    stored = sorted(int(row["mask"]) for row in rows if row["source"] == SERVER_LOG and row["ts"] >= since_ms)
    if log.kept != len(due) or stored != due:
        yield Finding(
            False,
            f"{log.kept} of {len(log.masks)} log lines kept, under other purposes than the policy lets in",
        )
    else:
        yield Finding(
            True, f"{len(due)} of {len(log.masks)} log lines kept, for {stage.named(due[0] if due else 0)}"
        )


def _mask(stage: Stage, place: str) -> int:
    event = stage.policy.events.get(PAGE)
    return expected_nameless(stage.policy, event, place) if event and SERVER_LOG in event.sources else 0


def _line(sent: Sent, address: str) -> str:
    """One line in the combined format of Apache and nginx."""
    when = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return (
        f"{address} - {sent.word('the name of a user in a log')} [{when}]"
        f' "GET {sent.page("").partition("#")[0]} HTTP/1.1" 200 5120'
        f' "https://mail.example.org/{sent.word("the path of a referrer")}" "{sent.agent()}"\n'
    )
