"""The bytes of a fact: the exact text that is logged, hashed and shown in a receipt."""

import operator
from functools import reduce
from typing import Any

import msgspec

from kept.base.clock import SystemClock
from kept.base.errors import BadInput
from kept.ledger import facts
from kept.ledger.facts import Fact

_encode = msgspec.json.Encoder(order="sorted").encode
_any_fact: Any = reduce(operator.or_, facts.ALL)  # a union of every struct, told apart by `fact`
_decoder: msgspec.json.Decoder[Fact] = msgspec.json.Decoder(_any_fact)


def to_bytes(fact: Fact) -> bytes:
    """The fact as JSON: keys sorted, no spaces, UTF-8. Puts the time if the fact has none.

    Raises `BadInput`, naming the field but never its value, if one holds what its type does not allow.
    """
    stamped = fact if fact.at else msgspec.structs.replace(fact, at=SystemClock().now_ms())
    try:
        text = _encode(stamped)
        _decoder.decode(text)
    except (msgspec.ValidationError, TypeError) as error:
        raise BadInput(
            "this fact may not be written",
            where=facts.name_of(type(fact)),
            why=_without_value(str(error)),
            next_step="a fact holds names, numbers, digests, days and pseudonyms, and no free text",
        ) from None
    return text


def from_bytes(text: bytes) -> Fact:
    """The fact that `to_bytes` wrote. Raises `BadInput` for anything else."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            "this is no fact of the ledger",
            why=_without_value(str(error)),
            where="entry",
            next_step="Run 'kept ledger verify'; if it finds nothing, a later version of Kept wrote the entry.",
        ) from None


def _without_value(message: str) -> str:
    return message if "Invalid value" not in message else "a name that the ledger does not know"
