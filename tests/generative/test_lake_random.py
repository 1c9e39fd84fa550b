"""Anything in any order: people, clients, the committer's steps, power cuts, pauses; against a simple model."""

import os
import random
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kept.storage.committer import Committer, LeaseLost
from kept.storage.records import Records
from tests.faults.life import MEMORY, MONTH, PEOPLE, STEPS, Life, settle
from tests.faults.power import ModelDisk, PowerCut

EXAMPLES = int(os.environ.get("KEPT_LAKE_EXAMPLES", "6"))
people = st.sampled_from(sorted(PEOPLE.values()))
calls = st.integers(min_value=0, max_value=25)


class LakeMachine(RuleBasedStateMachine):
    """One installation. A power cut or a pause is set to strike some calls ahead, inside whatever follows."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(dir=MEMORY))
        (self.place / "data").mkdir()
        self.records = Records(self.place / "records.db")
        self.life = Life(self.place / "data", self.records, ModelDisk(self.place / "data"))
        self.paused: Committer | None = None
        self.chance: random.Random | None = None

    @property
    def disk(self) -> ModelDisk:
        assert isinstance(self.life.files, ModelDisk)
        return self.life.files

    @initialize()
    def begin(self) -> None:
        self.life.start()

    def do(self, name: str) -> None:
        """A step, to its end whatever strikes: by whoever holds the lease, before or after the power returns."""
        try:
            STEPS[name](self.life)
        except LeaseLost:
            assert self.paused is not None
            STEPS[name](self.life)
        except PowerCut:
            self.power_returns()

    def power_returns(self) -> None:
        self.let_go_of_paused()
        self.life.stop()
        self.disk.cut(self.chance)
        self.life.files = ModelDisk(self.life.root)
        self.life.clock.advance(60_000)
        self.life.start()
        lost = [e for e in self.life.attempted.values() if e.event_id not in self.life.acknowledged]
        self.life.append(lost)

    def let_go_of_paused(self) -> None:
        self.disk.before = lambda _call, _path: None
        if self.paused is not None and self.paused is not self.life.committer:
            self.paused.close()
        self.paused = None

    @rule(who=st.lists(people, min_size=1, max_size=6), late=st.booleans())
    def people_are_seen(self, who: list[int], late: bool) -> None:
        try:
            self.life.send(who, ago=MONTH if late else 0)
        except PowerCut:
            self.power_returns()

    @rule(pick=st.randoms(use_true_random=False))
    def a_client_sends_again(self, pick: random.Random) -> None:
        events = sorted(self.life.acknowledged.values(), key=lambda event: event.event_id)
        try:
            self.life.append(pick.sample(events, min(3, len(events))))
        except PowerCut:
            self.power_returns()

    @rule(who=people, bits=st.integers(min_value=0, max_value=7))
    def someone_chooses(self, who: int, bits: int) -> None:
        self.life.withdraw(who, bits)

    @rule(who=people)
    def someone_is_to_be_erased(self, who: int) -> None:
        self.life.hide(who)

    @rule(name=st.sampled_from(["flush", "compact", "compact some", "work in", "split", "merge"]))
    def a_step(self, name: str) -> None:
        self.do(name)

    @rule(name=st.sampled_from(["vacuum", "checkpoint", "erase", "roll"]))
    def a_rarer_step(self, name: str) -> None:
        self.do(name)

    @rule(calls=calls, seed=st.none() | st.integers(min_value=0, max_value=999))
    def the_power_will_go(self, calls: int, seed: int | None) -> None:
        self.chance = None if seed is None else random.Random(seed)
        self.disk.cut_at = len(self.disk.calls) + calls

    @precondition(lambda self: self.paused is None)
    @rule(calls=calls, step=st.sampled_from(["flush", "compact", "work in", "vacuum", "erase"]))
    def the_committer_will_pause(self, calls: int, step: str) -> None:
        """It stops before one of its next calls; another takes over, works, and stays; then it wakes."""
        at = len(self.disk.calls) + calls
        self.paused = self.life.committer

        def overtake(_call: str, _path: Path) -> None:
            if len(self.disk.calls) >= at and self.life.committer is self.paused:
                self.disk.before = lambda _call, _path: None
                self.life.clock.advance(60_000)
                self.life.committer = Committer(
                    self.life.root, self.records, clock=self.life.clock, files=self.disk, own_rows=2
                )
                if step != "erase":  # it would need the collector, which may be inside an append
                    STEPS[step](self.life)

        self.disk.before = overtake

    @precondition(lambda self: self.paused is not None and self.life.committer is not self.paused)
    @rule()
    def the_paused_one_ends(self) -> None:
        self.let_go_of_paused()

    @rule()
    def everything_stops_and_starts(self) -> None:
        self.let_go_of_paused()
        self.life.stop()
        try:
            self.life.clock.advance(60_000)
            self.life.start()
        except PowerCut:
            self.power_returns()

    @invariant()
    def no_query_sees_too_much_or_too_little(self) -> None:
        if self.life.committer is not None:
            self.life.check_views()

    def teardown(self) -> None:
        try:
            self.disk.cut_at = -1
            self.let_go_of_paused()
            settle(self.life)
            self.life.check_all()
            self.life.check_gone()
        finally:
            self.life.stop()
            self.disk.release()
            self.records.close()
            shutil.rmtree(self.place)


LakeMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    derandomize=EXAMPLES <= 6,  # the default run is the same each time; longer ones look further
    suppress_health_check=list(HealthCheck),
)
test_anything_in_any_order = LakeMachine.TestCase
