"""Putting the policy file in force: at the start, and whenever it has changed."""

from pathlib import Path

from kept.app.house import House
from kept.app.policy_file import read_file
from kept.base.errors import BadInput, KeptError
from kept.gate import InForce


def put_in_force(house: House, path: Path) -> InForce:
    """Put the file in force, or raise `BadInput` with every problem, `NotYet` while its day has not come."""
    return house.policies.put_in_force(read_file(path), str(path))


def start_under(house: House, path: Path) -> InForce | BadInput:
    """As `put_in_force`; but a file that is not taken keeps nothing from starting under the version in force.

    Raises `BadInput` where there is no such version, or this Kept reads it no more.
    """
    try:
        return put_in_force(house, path)
    except BadInput as error:
        if not house.policies.number():
            raise
        house.policies.now()
        return error


def go_on_under(house: House, path: Path) -> InForce | KeptError:
    """As `put_in_force`; a file that is not taken changes nothing, and the reason is the answer."""
    try:
        return put_in_force(house, path)
    except KeptError as error:
        return error
