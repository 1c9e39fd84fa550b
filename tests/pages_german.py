"""A house whose policy is German, with an English notice beside the German one."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kept.amend import Showing
from kept.base.language import language_of
from kept.gate import PastVersion, PostedChange, Told
from kept.policy import CompiledPolicy, load_policy
from kept.policy.compiled import NO_ANSWER, Answer
from kept.policy.diff import Change, diff, diff_in
from kept.policy.notice import Notice
from kept.policy.posted import Posted, posted_of
from kept.rights.plan import STEPS, TOMBSTONE
from kept.subject import Held
from kept.subject.bindings import USE
from kept.subject.holds import Hold
from kept.web.house import Account, ErasurePlan, PastAnswer, PersonView, Spoken, ToldValue
from tests.pages_house import DAY_MS, NOW_MS, MemoryHouse

FILE = Path(__file__).parents[1] / "policies" / "buecherei.yaml"
ENGLISH = """  english:
    for: everyone
    language: en
    reading age: 14
    at: /privacy/en
    words:
      vorschlagen: {called: Suggestions, says: "May we look at the books that you open, to show you similar ones?"}
"""


@cache
def buecherei() -> CompiledPolicy:
    """The policy in both languages."""
    return load_policy(FILE.read_text(encoding="utf-8") + ENGLISH, FILE.name)


@cache
def its_notices() -> tuple[Posted, ...]:
    """German first, then English."""
    return posted_of(buecherei())


EARLIER = (
    ('version: "2026-1"', 'version: "2025-2"'),
    ("keep: 13 months", "keep: 12 months"),
    ("[DE, NL]", "[DE]"),
)


@cache
def its_past() -> tuple[PastVersion, ...]:
    """A version before it, and what it changed of that, in English and as each notice tells it."""
    text = FILE.read_text(encoding="utf-8") + ENGLISH
    for after, before in EARLIER:
        text = text.replace(after, before, 1)
    old, new = load_policy(text, "earlier"), buecherei()
    told = {
        one.name: Told(one.language, _posted(diff_in(old, new, one, language_of(one.language))))
        for one in new.notices.values()
    }
    return (
        PastVersion(1, old.version, old.fingerprint, NOW_MS - 170 * DAY_MS, NOW_MS - 22 * DAY_MS, ()),
        PastVersion(
            2, new.version, new.fingerprint, NOW_MS - 22 * DAY_MS, None, _posted(diff(old, new)), told
        ),
    )


def _posted(changes: Iterable[Change]) -> tuple[PostedChange, ...]:
    return tuple(PostedChange(one.kind.value, one.says, one.whom, one.needs.value) for one in changes)


HOLD = Hold(1, "Rechtsstreit 14/26", "Die Geschäftsstelle", NOW_MS + 60 * DAY_MS, NOW_MS - DAY_MS)
BEFORE = (("ana@alt.example", NOW_MS - DAY_MS),)
TOLD = (ToldValue(1, "e_mail", "E-Mail-Adresse", "ana@example.com", False, False, "form", NOW_MS, BEFORE),)
HELD = (
    Held(
        "seite_angesehen", "Pages", 1204, ("tracker",), ("verbessern",), NOW_MS - 9 * DAY_MS, NOW_MS, NOW_MS
    ),
    Held("e_mail", "Mail", 1, ("form", "mail"), ("ausleihe",), None, None, None),
    Held("account", "Your account with us", 1, ("site",), (USE,), NOW_MS, NOW_MS, None),
)


@dataclass
class GermanHouse(MemoryHouse):
    """The people are those of every house in memory; the words are the library's."""

    def policy(self) -> CompiledPolicy:
        return buecherei()

    def notice(self) -> Notice:
        return its_notices()[0].notice

    def posted(self, number: int | None = None) -> tuple[Posted, ...]:
        return its_notices() if number in {None, 1, 2} else ()

    def past(self) -> tuple[PastVersion, ...]:
        return its_past()

    def person_view(self, account: Account, here: str | None = None) -> PersonView:
        if account.id == "eve":
            return PersonView("eve", (), NO_ANSWER, (), (), ())
        masks = {name: purpose.mask for name, purpose in self.policy().purposes.items()}
        yes = Answer(masks["vorschlagen"], masks["verbessern"])
        return PersonView(
            account.id,
            HELD,
            Answer(0, yes.yes | yes.no),
            (PastAnswer(NOW_MS, yes.yes, yes.no, "page", "2026-1", 1),),
            (),
            (HOLD,) if account.id == "di" else (),
            (Spoken(yes, NOW_MS, here is not None), Spoken(Answer(0, yes.yes), None)),
            (Showing(1, "2026-1", "sign_up", NOW_MS),),
            TOLD,
        )

    def plan_erasure(self, account: Account) -> ErasurePlan:
        view = self.person_view(account)
        return ErasurePlan("d1", view.held, (TOMBSTONE,), view.holds, STEPS, NOW_MS + 35 * DAY_MS)
