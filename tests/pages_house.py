"""A house in memory for looking at pages: invented people, nothing kept beyond the test."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import msgspec

from kept.amend import Showing
from kept.app.vitals import Vital
from kept.gate import PastVersion
from kept.gate import PostedChange as Change
from kept.gather.profiles import NotTaken, TakenDown, Telling
from kept.policy import load_policy
from kept.policy.compiled import NO_ANSWER, Answer, CompiledPolicy
from kept.policy.notice import Notice
from kept.policy.posted import Posted, posted_of
from kept.subject import Duty, Held, Hold
from kept.web.house import (
    Account,
    Behaviour,
    BehaviourWanted,
    Column,
    Disclosure,
    ErasurePlan,
    Figure,
    LedgerEntry,
    LedgerView,
    NewAnswer,
    NoAccount,
    NoReading,
    NoReport,
    NotErased,
    NotJoined,
    Offered,
    PastAnswer,
    PersonView,
    ProfileFile,
    ProfileRead,
    RankedFor,
    Receipt,
    RefusalCount,
    Refusals,
    Report,
    ReportAsked,
    ReportPurpose,
    Seen,
    SeenPart,
    Shown,
    Spoken,
    Table,
    ToldValue,
)

POLICY_FILE = Path(__file__).parents[1] / "policies/workhirespot.yaml"
NOW_MS = 1_795_435_200_000  # 23 November 2026, noon
DAY_MS = 86_400_000
KEY, SECRET, OWNER = "wk_test", "sk_test", "ot_test"
PLACES = {"192.0.2.1": "US", "198.51.100.1": "DE"}
STEPS = (
    "Hide everything at once.",
    "Destroy the keys.",
    "Rewrite the files.",
    "Search them.",
    "Write the receipt.",
)


@cache
def workhirespot() -> CompiledPolicy:
    return load_policy(POLICY_FILE.read_text(), "workhirespot.yaml")


@cache
def its_notices() -> tuple[Posted, ...]:
    return posted_of(workhirespot())


@dataclass
class MemoryHouse:
    """Ana has data, Di is under hold, Eve has nothing. `country` is where every visitor comes from."""

    country: str | None = "DE"
    at_ms: int = NOW_MS
    answers: dict[str, Answer] = field(default_factory=dict)
    written: list[tuple[str, NewAnswer]] = field(default_factory=list)
    joined: dict[str, str] = field(default_factory=dict)
    erased: dict[int, Receipt] = field(default_factory=dict)
    sessions: set[str] = field(default_factory=set)
    known_origins: frozenset[str] = frozenset()
    shown: list[str] = field(default_factory=list)
    shown_to: list[tuple[str, str, str]] = field(default_factory=list)
    ranked: list[RankedFor] = field(default_factory=list)
    offers: list[tuple[str, list[tuple[str, str]], list[str]]] = field(default_factory=list)
    tellings: list[tuple[str, Telling]] = field(default_factory=list)
    corrected: list[tuple[str, str, str]] = field(default_factory=list)
    empty: bool = False
    broken: bool = False
    said: list[Vital] = field(default_factory=list)

    def vitals(self) -> list[Vital]:
        return self.said

    # ---- centre ------------------------------------------------------------------------------------------

    def now_ms(self) -> int:
        return self.at_ms

    def spaces(self) -> "tuple[MemoryHouse]":
        return (self,)

    def policy(self) -> CompiledPolicy:
        return workhirespot()

    def notice(self) -> Notice:
        return its_notices()[0].notice

    def posted(self, number: int | None = None) -> tuple[Posted, ...]:
        return its_notices() if number in {None, 1, 2} else ()

    def past(self) -> tuple[PastVersion, ...]:
        now = workhirespot()
        first = PastVersion(1, "2026-06", "ab12" * 16, NOW_MS - 170 * DAY_MS, NOW_MS - 22 * DAY_MS, ())
        return (
            first,
            PastVersion(2, now.version, now.fingerprint, NOW_MS - 22 * DAY_MS, None, CHANGES),
        )

    def note_shown(self, page: str) -> None:
        self.shown.append(page)

    def show_account(self, account: Account, how: str, version: str = "", *, meet: bool = False) -> bool:
        if version not in {"", "2026-06", workhirespot().version} or (account.id == "eve" and not meet):
            return False
        self.shown_to.append((account.id, how, version))
        return True

    def origins(self) -> frozenset[str]:
        return self.known_origins

    def knows_key(self, key: str) -> bool:
        return key == KEY

    def residence_of(self, peer: str | None, forwarded: bytes | None) -> str | None:
        return PLACES.get(forwarded.decode()) if forwarded else self.country

    def answer_of(self, token: str) -> Answer:
        return self.answers.get(token, NO_ANSWER)

    def history_of(self, token: str) -> tuple[PastAnswer, ...]:
        said = [new for name, new in self.written if name == token]
        return tuple(
            PastAnswer(self.at_ms, each.yes, each.no, each.how, "2026-12") for each in reversed(said)
        )

    def record_answer(self, token: str, answer: NewAnswer) -> None:
        before = self.answer_of(token)
        yes, no = (before.yes & ~answer.no) | answer.yes, (before.no & ~answer.yes) | answer.no
        self.answers[token] = Answer(yes, no)
        self.written.append((token, answer))

    def site_credential(self, bearer: str) -> Account | bool:
        return Account("ana") if bearer == "signed-ana" else bearer == SECRET

    def join(self, visitor: str, account: str, partner: str = "") -> NotJoined | None:
        if self.joined.setdefault(visitor, account) != account:
            return NotJoined.ANOTHER_ACCOUNT
        return None

    def account_of(self, token: str) -> Account | NoAccount:
        name, _, state = token.partition("-")
        if state == "old":
            return NoAccount.EXPIRED
        return Account(name) if name in {"ana", "di", "eve"} else NoAccount.INVALID

    def record_account_answer(self, account: Account, answer: NewAnswer) -> None:
        self.written.append((f"account {account.id}", answer))

    def tell(self, account: str, telling: Telling) -> TakenDown:
        self.tellings.append((account, telling))
        return TakenDown(taken=tuple(telling.values))

    def read_profile(self, account: str, purpose: str) -> ProfileRead | NoReading:
        if purpose not in self.policy().purposes:
            return NoReading("no such purpose", "purposes", "The policy has no purpose of that name.")
        return ProfileRead(account, purpose, self.policy().version, {})

    def read_file(self, account: str, purpose: str, item: str) -> ProfileFile | None:
        return None

    def correct(self, account: Account, item: str, text: str) -> NotTaken | None:
        if item == "email" and "@" not in text:
            return NotTaken.WRONG_TYPE
        self.corrected.append((account.id, item, text))
        return None

    def file_of(self, account: Account, number: int) -> ProfileFile | None:
        return ProfileFile("cv.pdf", "application/pdf", iter([b"%PDF-", b"1.7"])) if number == 3 else None

    def person_view(self, account: Account, here: str | None = None) -> PersonView:
        if account.id == "eve":
            return PersonView("eve", (), NO_ANSWER, (), (), ())
        masks = {name: purpose.mask for name, purpose in self.policy().purposes.items()}
        answer = Answer(masks["personalise"] | masks["improve"], masks["marketing"])
        strictest = Answer(masks["personalise"], masks["improve"] | masks["marketing"])
        return PersonView(
            account.id,
            HELD,
            strictest,
            (
                PastAnswer(NOW_MS - 14 * DAY_MS, answer.yes, answer.no, "page", "2026-12", 2),
                PastAnswer(NOW_MS - 90 * DAY_MS, answer.yes | answer.no, 0, "dialog", "2026-06", 1),
            ),
            (
                Disclosure(
                    NOW_MS - 5 * DAY_MS, "Harbour Clinic (employer)", ("name", "career details"), "operate"
                ),
            ),
            (HOLD,) if account.id == "di" else (),
            (
                Spoken(answer, NOW_MS - 90 * DAY_MS, here is not None),
                Spoken(Answer(masks["personalise"], masks["improve"]), NOW_MS - 14 * DAY_MS),
            ),
            (
                Showing(1, "2026-06", "sign_up", NOW_MS - 90 * DAY_MS),
                Showing(2, "2026-12", "page", NOW_MS - 14 * DAY_MS),
            ),
            TOLD,
        )

    def copy_of(self, account: Account) -> bytes:
        return b'{"account": "%s"}' % account.id.encode()

    def plan_erasure(self, account: Account) -> ErasurePlan:
        view = self.person_view(account)
        stays = (
            Duty(
                "choices", "we must be able to prove what you chose (GDPR Art. 7(1))", NOW_MS + 900 * DAY_MS
            ),
        )
        backups = NOW_MS + 35 * DAY_MS
        return ErasurePlan("d1", view.held, stays if view.held else (), view.holds, STEPS, backups)

    def erase(self, account: Account, digest: str) -> Receipt | NotErased:
        plan = self.plan_erasure(account)
        if plan.stopped:
            return NotErased.HELD
        if plan.digest != digest:
            return NotErased.PLAN_CHANGED
        number = 4_611_686_018_427_387_905 + len(self.erased)
        gone = tuple((held.title, held.count) for held in plan.goes)
        self.erased[number] = Receipt(
            number,
            self.at_ms,
            None,
            "rewriting the files",
            gone,
            plan.stays,
            plan.backups_until_ms,
            None,
            "",
            b"",
        )
        return self.erased[number]

    def finish(self, number: int) -> None:
        self.erased[number] = replace(
            self.erased[number],
            done_ms=self.at_ms + 60_000,
            entry=88214,
            root="b7c1" * 16,
            document=b'{"receipt": 1}',
        )

    def receipt(self, number: int) -> Receipt | None:
        return self.erased.get(number)

    def rank(self, wanted: RankedFor) -> Shown:
        msgspec.json.encode(wanted)  # it goes to another process: what no message carries is a fault here too
        self.ranked.append(wanted)
        if wanted.account == "ana":
            return Shown("own", (("1002", "1001", ""), ("1003", "", "occupation")))
        return Shown(
            "general", (("1003", "", ""),), "nothing is known", "purposes.personalise", "Newest first."
        )

    def take_offers(self, of: str, things: Sequence[Offered], gone: Sequence[str]) -> None:
        assert type(of) is str, "no database knows another kind of text"
        self.offers.append((of, [(each.id, each.words) for each in things], list(gone)))

    # ---- console -----------------------------------------------------------------------------------------

    def sign_in(self, token: str) -> str | None:
        if token != OWNER:
            return None
        self.sessions.add("s1")
        return "s1"

    def is_owner(self, credential: str) -> bool:
        return credential == OWNER or credential in self.sessions

    def sign_out(self, credential: str) -> None:
        self.sessions.discard(credential)

    def report_purposes(self) -> tuple[ReportPurpose, ...]:
        return (
            ReportPurpose("improve", "A better site"),
            ReportPurpose("performance", "Performance"),
            ReportPurpose("marketing", "Job mail", "uses no events"),
        )

    def report(self, asked: ReportAsked) -> Report | NoReport:
        if self.broken:
            return NoReport("The figures cannot be read now.", next_step="Try again in a minute.", retry=True)
        if asked.purpose == "trends":
            return NoReport(
                "This purpose gives out figures only.", "purposes.trends", "Ask `kept aggregate`."
            )
        return a_report(asked, empty=self.empty)

    def segments(self, purpose: str) -> tuple[str, ...]:
        return ("page", "country", "device") if purpose == "improve" else ()

    def behaviour(self, wanted: BehaviourWanted) -> Behaviour | NoReport:
        if self.broken:
            return NoReport("The figures cannot be read now.", next_step="Try again in a minute.", retry=True)
        if wanted.by == "browser":
            return NoReport("This purpose does not see browser.", "purposes.improve.uses", "It sees: page.")
        report = a_report(ReportAsked(wanted.purpose, wanted.since, wanted.until), empty=self.empty)
        steps = (Column("step", "Step"), Column("share", "Share"), Column("people", "People", is_number=True))
        funnel = () if self.empty else (("page_view", "100%", 1204), ("application", "3%", 41))
        return Behaviour(wanted, (report.tables[0], Table("funnel", "People who came so far", steps, funnel)))

    def parquet(self, table: Table) -> bytes:
        return b"PAR1" + table.name.encode()

    def seen_by(self, purpose: str) -> Seen | NoReport:
        if purpose not in workhirespot().purposes:
            return NoReport("The policy has no purpose of that name.", "purposes", "Did you mean improve?")
        clause, unused = f"purposes.{purpose}.uses", "The purpose does not use it."
        unseen = SeenPart("email", "item", (), unused, clause, "")
        if purpose == "trends":
            return Seen(purpose, (unseen,), None, ())
        seen = (
            SeenPart("page_view", "event", ("page_view",), "", clause, "13 months"),
            SeenPart("country", "item", ("events.country", "page_view.country"), "", clause, "13 months"),
            SeenPart("page_view.title", "property", ("page_view.title",), "", clause, ""),
        )
        missing = (("Gathered without leave for this purpose.", 4_000), ("Withdrawn since.", None))
        return Seen(
            purpose, (unseen,) if self.empty else (*seen, unseen), 0 if self.empty else 9_704, missing
        )

    def refusals(self) -> Refusals | None:
        if self.broken:
            return None
        counts = (
            RefusalCount(
                "no purpose",
                "No purpose may use the event: the answer, the region or the policy rules it out",
                311,
                part="page_view",
            ),
            RefusalCount("undeclared event", "The policy declares no such event", 42),
            RefusalCount("undeclared property", "The policy declares no such property", 31, True, "apply"),
            RefusalCount("wrong type", "The value is not of the declared type", 7, True, "apply.job"),
            RefusalCount("too old", "The event is more than 7 days old", 0),
        )
        return Refusals(NOW_MS - 3 * DAY_MS, 96_204, () if self.empty else counts)

    def ledger(self) -> LedgerView | None:
        if self.broken:
            return None
        entries = (
            LedgerEntry(88214, NOW_MS, "rights:person:erased", "A person was erased: 4 kinds, 1,302 rows."),
            LedgerEntry(
                88213, NOW_MS - 60_000, "use:purpose:used", "“improve” was used on 23 November 2026."
            ),
        )
        return LedgerView(88215, "b7c1" * 16, NOW_MS, () if self.empty else entries)


CHANGES = (
    Change("kept longer", "Page view is kept for 13 months; before: 12 months.", "Visitor", "a new notice"),
    Change(
        "new purpose", "A purpose is new: Research. To study work and hiring.", "Everyone", "a new question"
    ),
    Change("words", "CV: “says” now says “Your life in two pages”.", "User", "nothing"),
)
HOLD = Hold(1, "the labour court’s case 14/26", "Legal department", NOW_MS + 60 * DAY_MS, NOW_MS - DAY_MS)
LONG = NOW_MS + 395 * DAY_MS
TOLD = (
    ToldValue(
        1,
        "email",
        "Email",
        "ana@example.com",
        is_file=False,
        is_long=False,
        source="form",
        at_ms=NOW_MS - DAY_MS,
        before=(("ana@old.example", NOW_MS - DAY_MS),),
    ),
    ToldValue(
        2,
        "experience",
        "Experience",
        "Six years at the harbour,\nlately as a foreman.",
        is_file=False,
        is_long=True,
        source="form",
        at_ms=NOW_MS - 90 * DAY_MS,
    ),
    ToldValue(
        3, "cv", "CV", "ana.pdf", is_file=True, is_long=False, source="form", at_ms=NOW_MS - 90 * DAY_MS
    ),
)

HELD = (
    Held(
        "page_view",
        "Page views",
        1204,
        ("tracker",),
        ("improve", "personalise"),
        NOW_MS - 200 * DAY_MS,
        NOW_MS,
        LONG,
    ),
    Held(
        "tool_used", "Tools used", 12, ("tracker",), ("improve",), NOW_MS - 20 * DAY_MS, NOW_MS - DAY_MS, LONG
    ),
    Held("occupation", "Occupation", 1, ("form",), ("operate", "personalise"), None, None, None),
    Held(
        "choices",
        "Your choices",
        2,
        ("form",),
        ("honour_rights",),
        NOW_MS - 90 * DAY_MS,
        NOW_MS,
        LONG + 605 * DAY_MS,
    ),
)


def a_report(asked: ReportAsked, *, empty: bool = False) -> Report:
    span = (asked.until - asked.since).days + 1
    days = tuple(
        (
            (asked.since + timedelta(place)).isoformat(),
            60 + (place * 37) % 53,
            150 + (place * 91) % 140,
            300 + (place * 131) % 400,
        )
        for place in range(span)
    )
    tables = {
        "days": ("Day by day", "Day", tuple((day, 0, 0, 0) for day, *_ in days) if empty else days),
        "pages": (
            "Pages",
            "Page",
            (
                ("/", 810, 2210),
                ("/jobs", 640, 1980),
                ("/jobs/a-very-long-name-of-a-page-that-does-not-end/and/goes-on", 300, 700),
            ),
        ),
        "sources": ("Sources", "From", (("search.example.com", 320, 410), ("directly", 700, 900))),
        "countries": ("Countries", "Country", (("US", 500, 800), ("DE", 300, 500))),
        "devices": ("Devices", "Device", (("phone", 620, 1100), ("desktop", 400, 900))),
        "actions": ("Actions", "Action", ()),
    }
    return Report(
        asked,
        (
            Figure("visitors", "Visitors", 0 if empty else 1204),
            Figure("sessions", "Sessions", 0 if empty else 2310),
            Figure("views", "Page views", 0 if empty else 9704),
            Figure("median_visit", "Median visit", 0 if empty else 4.2, "minutes"),
        ),
        tuple(_table(name, *rest, empty=empty) for name, rest in tables.items()),
        "People who said no are in no figure. 311 crawlers are left out.",
    )


def _table(
    name: str, title: str, first: str, rows: tuple[tuple[str | int, ...], ...], *, empty: bool
) -> Table:
    numbers = [Column("visitors", "Visitors", is_number=True), Column("views", "Page views", is_number=True)]
    if name == "days":
        numbers.insert(1, Column("sessions", "Sessions", is_number=True))
    return Table(name, title, (Column("name", first), *numbers), () if empty and name != "days" else rows)
