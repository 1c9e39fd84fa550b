"""What is put on record now and then, by the committer: days that are over, keys that were made."""

from kept.amend import tell_showings
from kept.app.house import House
from kept.app.opening import open_lake
from kept.base.errors import InUse
from kept.gate import NotNow, Refusal, tell_uses
from kept.gather.tally import tell_refusals
from kept.ledger import facts, tell_once
from kept.storage.query import No, Refused

KEYS = "workspace keys"
PASSES = {No.STOPPED, No.FILE_GONE}
"""What may be another time."""


def tell(house: House) -> None:
    """Put on record what is due. Each thing is told once, over kills and restarts."""
    tell_keys(house)
    now_ms = house.clock.now_ms()
    tell_refusals(house.records, now_ms)
    tell_showings(house.records, house.policies.past(), now_ms)
    tell_uses(house.records, now_ms, lambda purpose: people_of(house, purpose))


def tell_keys(house: House) -> int:
    """The keys of workspaces; how many are new. They are made in a database of their own, so that the ledger
    hears of them a little later."""
    due = {
        f"{workspace} {use}": [facts.KeyCreated(workspace=workspace, use=use.replace(" ", "_"))]
        for workspace, use in house.keys.workspace_keys()
    }
    return tell_once(house.records, KEYS, due)


def people_of(house: House, purpose: str) -> int | None:
    """How many people a purpose sees now; None where it sees rows no longer, or they cannot be counted."""
    from kept.use import Reader  # Ibis weighs much, and the committer needs it once a day at most

    permit = house.gate.count(purpose)
    if isinstance(permit, Refusal):
        return None
    lake, workspace = open_lake(house), house.settings.workspace
    try:
        with Reader(permit, lake, house.records, workspace) as reader:
            if not reader.catalogue:
                return 0  # it uses no event
            found = reader.ask("select count(distinct person) from events")
    except InUse:
        raise NotNow from None
    if isinstance(found, Refused):
        if found.why in PASSES:
            raise NotNow
        return None
    return int(str(found.rows[0][0]))
