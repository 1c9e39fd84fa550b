"""Where imports of an installation go: the policy in force, the event key, a journal of their own."""

from functools import partial

from kept.app.house import House
from kept.app.opening import open_lake
from kept.gather.minimise import Hiding
from kept.gather.weblog import Intake
from kept.storage import withdrawals
from kept.storage.journal import Journal
from kept.storage.lookup import known_ids


def intake_of(house: House, journal: Journal) -> Intake:
    """As everything stands now; who imports for longer asks again."""
    in_force, settings = house.policies.now(), house.settings
    house.known.refresh()
    with house.records.read() as connection:
        head = withdrawals.head(connection)
    return Intake(
        policy=in_force.policy,
        number=in_force.number,
        workspace=settings.workspace,
        event_key=house.keys.workspace_key(settings.workspace, "event"),
        cv=head,
        records=house.records,
        sink=journal.append_now,
        clock=house.clock,
        stored=partial(known_ids, open_lake(house)),
        hiding=Hiding(house.known),
    )
