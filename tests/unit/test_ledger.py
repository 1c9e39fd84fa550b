"""The ledger: facts in, proofs out, and every kind of tampering found."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from kept import ledger
from kept.base.errors import BadInput, Damaged
from kept.ledger import Flaw, NotProven, Proven, facts, merkle
from kept.ledger.log import inclusion_proof
from kept.ledger.notes import from_base64, to_base64
from kept.ledger.writing import from_bytes, to_bytes
from kept.storage.keys import Keys
from kept.storage.records import Records

ANA, BO = 11, 22
NOON = 1_795_435_200_000


def fact(number: int = 1) -> facts.Fact:
    return facts.ErasureHidden(at=NOON + number, erasure=number)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    (tmp_path / "data").mkdir()
    opened = Records(tmp_path / "data" / "records.db")
    yield opened
    opened.close()


@pytest.fixture
def keys(records: Records, tmp_path: Path) -> Iterator[Keys]:
    opened = Keys.open(tmp_path / "data" / "keys.db", tmp_path / "master.key")
    yield opened
    opened.close()


@pytest.fixture
def public(keys: Keys) -> bytes:
    return keys.signing_key().public_key().public_bytes_raw()


@pytest.fixture
def signed(records: Records, keys: Keys) -> list[ledger.Checkpoint]:
    """A log of 20 entries with checkpoints at 7, 13 and 20."""
    made = []
    with records.write() as connection:
        for start, end in ((0, 7), (7, 13), (13, 20)):
            ledger.append_all(connection, [fact(number) for number in range(start, end)])
            made.append(ledger.checkpoint(connection, keys))
    return made


def tamper(records: Records, *statements: str) -> None:
    with records.write() as connection:
        for statement in statements:
            as_bytes = r" '\x" if connection.dialect.name == "postgresql" else " x'"
            connection.exec_driver_sql(statement.replace(" x'", as_bytes))


def flaws(records: Records, public: bytes, *older: str) -> set[tuple[Flaw, int]]:
    return {(finding.flaw, finding.at) for finding in ledger.verify(records, public, older).findings}


# --- appending ------------------------------------------------------------------------------------


def test_indexes_count_from_nought_without_gaps(records: Records) -> None:
    with records.write() as connection:
        assert [ledger.append(connection, fact(number)) for number in range(3)] == [0, 1, 2]
        assert ledger.append_all(connection, [fact(3), fact(4)]) == range(3, 5)
        assert len(ledger.append_all(connection, [])) == 0
        assert ledger.size(connection) == 5
        assert [entry.fact for entry in ledger.entries(connection, 2)] == [fact(2), fact(3), fact(4)]


def test_a_fact_and_its_act_are_undone_together(records: Records) -> None:
    with records.write() as connection:
        ledger.append(connection, fact(0))
    with pytest.raises(ZeroDivisionError), records.write() as connection:  # noqa: PT012 (both belong to it)
        ledger.append(connection, fact(1))
        raise ZeroDivisionError
    with records.write() as connection:
        assert ledger.append(connection, fact(2)) == 1


def test_one_by_one_and_all_at_once_give_the_same_log(records: Records, tmp_path: Path) -> None:
    other = Records(tmp_path / "other.db")
    with records.write() as one, other.write() as two:
        for number in range(37):
            ledger.append(one, fact(number))
        ledger.append_all(two, [fact(number) for number in range(37)])
        assert ledger.root_at(one, 37) == ledger.root_at(two, 37)
    other.close()


def test_append_puts_the_time_where_the_caller_does_not(records: Records) -> None:
    with records.write() as connection:
        ledger.append(connection, facts.ErasureHidden(erasure=1))
        [entry] = ledger.entries(connection)
    assert entry.fact.at > NOON - 10**12


# --- facts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        facts.PurposeUsed(purpose="ana@example.com", day="2026-11-23"),
        facts.PurposeUsed(purpose="select name from people", day="2026-11-23"),
        facts.PurposeUsed(purpose="research", day="Ana"),
        facts.PersonLookedAt(person="Ana", purpose="support", role="agent"),
        facts.ErasureHidden(erasure="192.0.2.7"),  # type: ignore[arg-type]  # that is the point
        facts.ErasureHidden(erasure=-1),
        facts.LogImported(source="access_log", digest="ana@example.com", lines=1, events=1, refused=0),
    ],
)
def test_no_identifier_and_no_literal_gets_in(records: Records, wrong: facts.Fact) -> None:
    with records.write() as connection:
        with pytest.raises(BadInput, match="may not be written") as refused:
            ledger.append(connection, wrong)
        assert ledger.size(connection) == 0
    for secret in ("ana@example.com", "select name", "Ana", "192.0.2.7"):
        assert secret not in str(refused.value)


def test_names_are_unique_and_have_the_form_room_subject_action() -> None:
    names = [facts.name_of(kind) for kind in facts.ALL]
    assert len(set(names)) == len(names)
    assert all(len(name.split(":")) == 3 and name == name.lower() for name in names)


@pytest.mark.parametrize("kind", facts.ALL, ids=facts.name_of)
def test_every_fact_is_documented_and_has_no_field_for_free_text(kind: type[facts.Fact]) -> None:
    assert kind.__doc__
    for field in msgspec.structs.fields(kind):
        assert field.type is not str, f"{field.name} takes any text"


def test_a_fact_is_written_as_sorted_json_and_read_back() -> None:
    written = to_bytes(facts.ErasureDone(at=NOON, erasure=2**62, searched=6))
    assert written == b'{"at":%d,"erasure":%d,"fact":"rights:erasure:done","searched":6}' % (NOON, 2**62)
    assert from_bytes(written) == facts.ErasureDone(at=NOON, erasure=2**62, searched=6)


# --- people ---------------------------------------------------------------------------------------


def test_a_destroyed_key_leaves_the_log_whole_and_the_person_nobody(
    records: Records, keys: Keys, public: bytes
) -> None:
    key = keys.person_key(ANA, ledger.EVIDENCE, create=True)
    assert key is not None
    name = ledger.pseudonym(key, ANA)
    with records.write() as connection:
        ledger.append(connection, facts.ErasurePlanned(at=NOON, person=name, erasure=1))
        ledger.checkpoint(connection, keys)
    keys.destroy_person(ANA)
    assert ledger.verify(records, public).clean
    anew = keys.person_key(ANA, ledger.EVIDENCE, create=True)
    assert anew is not None
    assert ledger.pseudonym(anew, ANA) != name


def test_pseudonyms_differ_by_person_and_by_key() -> None:
    names = {ledger.pseudonym(key, who) for key in (b"k" * 32, b"l" * 32) for who in (ANA, BO)}
    assert len(names) == 4
    assert all(len(name) == 32 for name in names)


# --- checkpoints ----------------------------------------------------------------------------------


def test_a_checkpoint_has_the_form_that_other_tools_read(
    signed: list[ledger.Checkpoint], public: bytes
) -> None:
    origin, size, _, empty, signature, end = signed[-1].note.split("\n")
    assert (size, empty, end) == ("20", "", "")
    assert origin.startswith("kept-ledger/")
    assert signature.startswith(f"— {origin} ")
    assert ledger.read_checkpoint(signed[-1].note, public) == signed[-1]


def test_openssl_verifies_a_checkpoint(signed: list[ledger.Checkpoint], keys: Keys, tmp_path: Path) -> None:
    """A tool that is not ours gets the note's text, the signature without its key id, and the key as PEM."""
    from kept.cli.ledger import _as_pem

    body, signature = signed[-1].note.rsplit("\n\n", 1)
    (tmp_path / "text").write_text(body + "\n")
    (tmp_path / "signature").write_bytes(from_base64(signature.split()[-1])[4:])
    (tmp_path / "key.pem").write_text(_as_pem(keys.signing_key().public_key().public_bytes_raw()))
    command = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile signature"
    assert subprocess.run(command.split(), cwd=tmp_path, check=False, capture_output=True).returncode == 0
    (tmp_path / "text").write_text(body.replace("\n20\n", "\n21\n") + "\n")
    assert subprocess.run(command.split(), cwd=tmp_path, check=False, capture_output=True).returncode != 0


def test_a_witness_may_sign_too(signed: list[ledger.Checkpoint], public: bytes) -> None:
    witnessed = signed[-1].note + "— witness.example AAAAAHdpdG5lc3M=\n"
    assert ledger.read_checkpoint(witnessed, public).size == 20


@pytest.mark.parametrize(
    ("old", "new"), [("\n20\n", "\n21\n"), ("\n20\n", "\n020\n"), ("kept-ledger", "kept-ledges"), ("—", "-")]
)
def test_a_changed_checkpoint_is_refused(
    signed: list[ledger.Checkpoint], public: bytes, old: str, new: str
) -> None:
    with pytest.raises(Damaged):
        ledger.read_checkpoint(signed[-1].note.replace(old, new, 1), public)


def test_one_proof_has_one_spelling() -> None:
    assert from_base64(to_base64(bytes(32))) == bytes(32)
    last = to_base64(bytes(32))[:-2] + "B="  # decodes to the same 32 bytes
    for other in (last, to_base64(bytes(32)).rstrip("="), to_base64(bytes(32)) + "\n", "é"):
        with pytest.raises(ValueError, match=r"Base64|spelling"):
            from_base64(other)


def test_another_key_is_refused(signed: list[ledger.Checkpoint]) -> None:
    with pytest.raises(Damaged, match="signature does not hold"):
        ledger.read_checkpoint(signed[-1].note, bytes(32))


def test_the_same_size_is_signed_once(records: Records, keys: Keys, signed: list[ledger.Checkpoint]) -> None:
    with records.write() as connection:
        assert ledger.checkpoint(connection, keys) == signed[-1]


def test_nothing_is_signed_once_the_log_differs_from_the_last_checkpoint(
    records: Records, keys: Keys, signed: list[ledger.Checkpoint]
) -> None:
    tamper(records, "DELETE FROM ledger_entry WHERE number >= 18")
    with records.write() as connection:
        ledger.append_all(connection, [fact(number) for number in range(90, 99)])
        with pytest.raises(Damaged, match="no longer what was signed"):
            ledger.checkpoint(connection, keys)


def test_public_key_line_is_read_back_and_a_changed_one_refused(public: bytes) -> None:
    line = ledger.public_key_line(public)
    assert ledger.read_public_key(line + "\n") == public
    for wrong in ("", "a+b", line.replace("kept", "kepd"), line[:-1], line.replace("+", "-", 1)):
        with pytest.raises(BadInput):
            ledger.read_public_key(wrong)


def test_consistency_is_proven_between_checkpoints(records: Records, signed: list[ledger.Checkpoint]) -> None:
    first, _, last = signed
    with records.read() as connection:
        proof = ledger.consistency_proof(connection, first.size, last.size)
    assert merkle.verify_consistency(first.size, last.size, proof, first.root, last.root)


# --- receipts -------------------------------------------------------------------------------------


def test_a_receipt_proves_its_fact_without_the_database(
    records: Records, keys: Keys, signed: list[ledger.Checkpoint], public: bytes
) -> None:
    with records.write() as connection:
        receipts = [ledger.receipt(connection, keys, index) for index in range(20)]
    for index, given in enumerate(receipts):
        assert ledger.verify_receipt(given, public) == Proven(index, fact(index), 20)


def test_a_receipt_of_an_unsigned_entry_signs_the_log(records: Records, keys: Keys, public: bytes) -> None:
    with records.write() as connection:
        ledger.append_all(connection, [fact(0), fact(1)])
        proven = ledger.verify_receipt(ledger.receipt(connection, keys, 0), public)
        assert proven == Proven(0, fact(0), 2)
        assert ledger.latest_checkpoint(connection, public) is not None


def test_there_is_no_receipt_of_what_is_not_there(records: Records, keys: Keys) -> None:
    with records.write() as connection, pytest.raises(BadInput, match="no such entry"):
        ledger.receipt(connection, keys, 0)


def test_a_receipt_is_checked_with_the_key_of_this_ledger_alone(
    records: Records, keys: Keys, signed: list[ledger.Checkpoint]
) -> None:
    with records.write() as connection:
        given = ledger.receipt(connection, keys, 3)
    assert ledger.verify_receipt(given, bytes(32)) == NotProven(ledger.Doubt.SIGNATURE)


def test_a_receipt_for_another_fact_proves_nothing(
    records: Records, keys: Keys, signed: list[ledger.Checkpoint], public: bytes
) -> None:
    with records.write() as connection:
        receipt = json.loads(ledger.receipt(connection, keys, 3))
        other = json.loads(ledger.receipt(connection, keys, 4))
    receipt["entry"] = other["entry"]
    assert ledger.verify_receipt(json.dumps(receipt), public) == NotProven(ledger.Doubt.NOT_IN_LOG)


@pytest.mark.parametrize(
    "given", [b"", b"{}", b"[]", b"\xff", b'{"receipt":"kept/1","entry":"{}","proof":""}']
)
def test_what_is_no_receipt_is_told_apart(public: bytes, given: bytes) -> None:
    assert ledger.verify_receipt(given, public) == NotProven(ledger.Doubt.NOT_A_RECEIPT)


# --- the audit ------------------------------------------------------------------------------------


def test_an_untouched_log_is_clean(records: Records, public: bytes, signed: list[ledger.Checkpoint]) -> None:
    with records.write() as connection:
        ledger.append(connection, fact(20))
    audit = ledger.verify(records, public, [one.note for one in signed])
    assert (audit.clean, audit.entries, audit.checkpoints, audit.signed) == (True, 21, 3, 20)


def test_an_empty_log_is_clean(records: Records, keys: Keys, public: bytes) -> None:
    with records.write() as connection:
        ledger.checkpoint(connection, keys)
    assert ledger.verify(records, public).clean


def test_an_altered_entry_is_found(records: Records, public: bytes, signed: list[ledger.Checkpoint]) -> None:
    tamper(records, "UPDATE ledger_entry SET fact = replace(fact, 'hidden', 'shredded') WHERE number = 5")
    assert (Flaw.ALTERED, 5) in flaws(records, public)


def test_an_entry_altered_with_its_own_hash_is_found(
    records: Records, public: bytes, signed: list[ledger.Checkpoint]
) -> None:
    forged = to_bytes(fact(99))
    hashes = merkle.leaf_hash(forged).hex()
    tamper(
        records, f"UPDATE ledger_entry SET fact = '{forged.decode()}', hashes = x'{hashes}' WHERE number = 4"
    )
    assert (Flaw.SUBTREE, 5) in flaws(records, public)
    assert (Flaw.ROOT, 7) in flaws(records, public)


def test_a_log_written_anew_from_some_entry_on_is_found(
    records: Records, public: bytes, signed: list[ledger.Checkpoint]
) -> None:
    tamper(records, "DELETE FROM ledger_entry WHERE number >= 10")
    with records.write() as connection:
        ledger.append_all(connection, [fact(number) for number in (99, *range(11, 20))])
    assert flaws(records, public) == {(Flaw.ROOT, 13), (Flaw.ROOT, 20)}


def test_a_removed_entry_is_found(records: Records, public: bytes, signed: list[ledger.Checkpoint]) -> None:
    tamper(records, "DELETE FROM ledger_entry WHERE number = 8")
    assert (Flaw.MISSING, 9) in flaws(records, public)


def test_a_removed_entry_is_found_though_the_rest_moved_up(
    records: Records, public: bytes, signed: list[ledger.Checkpoint]
) -> None:
    tamper(
        records,
        "DELETE FROM ledger_entry WHERE number = 8",
        "UPDATE ledger_entry SET number = -number WHERE number > 8",
        "UPDATE ledger_entry SET number = -number - 1 WHERE number < 0",
    )
    found = flaws(records, public)
    assert {(Flaw.ROOT, 13), (Flaw.CUT, 20)} <= found
    assert any(flaw is Flaw.SUBTREE for flaw, _ in found)


def test_entries_that_changed_places_are_found(
    records: Records, public: bytes, signed: list[ledger.Checkpoint]
) -> None:
    tamper(
        records,
        "UPDATE ledger_entry SET number = -1 WHERE number = 2",
        "UPDATE ledger_entry SET number = 2 WHERE number = 4",
        "UPDATE ledger_entry SET number = 4 WHERE number = -1",
    )
    assert {(Flaw.SUBTREE, 3), (Flaw.ROOT, 7), (Flaw.ROOT, 13), (Flaw.ROOT, 20)} <= flaws(records, public)


def test_an_inserted_entry_is_found(records: Records, public: bytes, signed: list[ledger.Checkpoint]) -> None:
    forged = to_bytes(fact(99))
    hashes = merkle.leaf_hash(forged).hex()
    tamper(
        records,
        "UPDATE ledger_entry SET number = -number WHERE number >= 6",
        "UPDATE ledger_entry SET number = 1 - number WHERE number < 0",
        f"INSERT INTO ledger_entry VALUES (6, '{forged.decode()}', x'{hashes}')",
    )
    assert {(Flaw.ROOT, 7), (Flaw.ROOT, 13), (Flaw.ROOT, 20)} <= flaws(records, public)


def test_a_changed_subtree_is_found(records: Records, public: bytes, signed: list[ledger.Checkpoint]) -> None:
    tamper(records, f"UPDATE ledger_entry SET hashes = hashes || x'{'00' * 32}' WHERE number = 6")
    assert flaws(records, public) == {(Flaw.SUBTREE, 6)}


def test_a_cut_log_is_found_by_its_own_checkpoint(
    records: Records, public: bytes, signed: list[ledger.Checkpoint]
) -> None:
    tamper(records, "DELETE FROM ledger_entry WHERE number >= 15")
    assert flaws(records, public) == {(Flaw.CUT, 20)}


def test_a_log_cut_with_its_checkpoints_is_found_by_one_kept_outside(
    records: Records, public: bytes, signed: list[ledger.Checkpoint]
) -> None:
    tamper(
        records,
        "DELETE FROM ledger_entry WHERE number >= 13",
        "DELETE FROM ledger_checkpoint WHERE size > 13",
    )
    assert flaws(records, public) == set()
    assert flaws(records, public, signed[-1].note) == {(Flaw.CUT, 20)}


def test_a_log_written_anew_by_the_holder_of_the_key_is_found_by_a_checkpoint_kept_outside(
    records: Records, keys: Keys, public: bytes, signed: list[ledger.Checkpoint]
) -> None:
    tamper(records, "DELETE FROM ledger_entry WHERE number >= 10", "DELETE FROM ledger_checkpoint")
    with records.write() as connection:
        ledger.append_all(connection, [fact(number) for number in range(50, 70)])
        ledger.checkpoint(connection, keys)
    assert flaws(records, public) == set()
    assert flaws(records, public, signed[1].note) == {(Flaw.ROOT, 13)}


def test_a_checkpoint_that_was_changed_or_moved_is_found(
    records: Records, public: bytes, signed: list[ledger.Checkpoint]
) -> None:
    tamper(records, "UPDATE ledger_checkpoint SET note = replace(note, 'kept', 'lost') WHERE size = 7")
    assert flaws(records, public) == {(Flaw.SIGNATURE, 7)}
    tamper(records, "UPDATE ledger_checkpoint SET size = 12 WHERE size = 13")
    assert flaws(records, public) == {(Flaw.SIGNATURE, 7), (Flaw.SIGNATURE, 12)}


def test_proofs_beyond_the_log_are_refused(records: Records, signed: list[ledger.Checkpoint]) -> None:
    with records.read() as connection:
        for index, size in ((20, 20), (-1, 20), (3, 21)):
            with pytest.raises(BadInput):
                inclusion_proof(connection, index, size)
        for old, new in ((0, 20), (5, 21), (6, 5)):
            with pytest.raises(BadInput):
                ledger.consistency_proof(connection, old, new)
