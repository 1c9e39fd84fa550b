"""What the tables of the documents say, read from the code. `scripts/make_docs.py` draws them."""

from collections.abc import Callable, Mapping

from kept.gather.refusals import AtDoor
from kept.gather.weblog.line import Fault
from kept.gather.weblog.reasons import NotKept
from kept.ledger.audit import Flaw
from kept.ledger.receipts import Doubt
from kept.policy import grammar, grammar_more
from kept.storage.query_words import No
from scripts import docs_house as house
from scripts import docs_language as language
from scripts import docs_running as running
from scripts.docs_source import Table

TABLES: Mapping[str, Callable[[], Table]] = {
    "sections": language.sections,
    "keys of company": language.of_section("company"),
    "keys of people": language.of_section("people"),
    "keys of audiences": language.of_section("audiences"),
    "keys of if unknown": language.keys_table(*grammar.UNKNOWN.keys),
    "keys of data and events": language.held,
    "keys of moments": language.of_section("moments"),
    "keys of cookies": language.of_section("cookies"),
    "keys of counting": language.of_section("counting without cookies"),
    "keys of purposes": language.of_section("purposes"),
    "keys of retention": language.of_section("retention"),
    "keys of periods": language.keys_table(*grammar.PERIOD.keys),
    "keys of duties": language.keys_table(*grammar.DUTY.keys),
    "keys of notices": language.of_section("notices"),
    **{f"keys of {name}": language.of_section(name) for name in grammar_more.DESCRIBED},
    "rights and laws": language.laws,
    "assumed by workhirespot": language.assumed_in("workhirespot"),
    "bases": language.bases,
    "choices": language.choices,
    "moments": language.moments,
    "sources": language.sources,
    "types": language.types,
    "codes": language.codes,
    "enforced": language.enforced,
    "facts": language.facts_table,
    "settings": running.settings_table,
    "metrics": running.metrics_table,
    "commands": running.command_table,
    "options": running.options,
    "exit codes": running.exit_codes,
    "alarms": running.alarms,
    "at the door": running.reasons(AtDoor),
    "http": running.http_table,
    "pages": running.page_reasons,
    "log lines": running.reasons(NotKept, by_hand=0),
    "log faults": running.reasons(Fault, by_hand=0, first="fault"),
    "gate": running.gate_reasons,
    "query": running.reasons(No, by_hand=0),
    "flaws": running.reasons(Flaw, by_hand=0, first="flaw"),
    "doubts": running.reasons(Doubt, by_hand=0, first="doubt"),
    "rooms": house.rooms_table,
    "public routes": house.public_routes,
    "console routes": house.console_routes,
    "decisions": house.decisions,
}
