"""G2: where the site says where someone lives, what is no place is refused: a weaker law never holds by a slip."""

from collections.abc import Generator, Sequence

from kept.prove.stage import GERMANY, Stage
from kept.prove.verdict import Finding
from kept.prove.words import word

NO_PLACES = ("UK", "ZZ", "EEA", "US-ZZ", "Germany")
"""What is often written, what ISO 3166 leaves to nobody, a group, a region that is not there, and a name."""


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Say at each door where a canary lives, as a place and as none."""
    taken = sorted(f"{said} by {path}" for said in NO_PLACES for path in _taken(stage, said))
    refused = _taken(stage, GERMANY) != set(_bodies(GERMANY))
    yield
    if taken:
        return [Finding(False, f"taken for a place: {', '.join(taken)}")]
    if refused:
        return [Finding(False, f"{GERMANY} was refused as no place")]
    return [Finding(True, f"what is no place is refused as a residence: {', '.join(NO_PLACES)}")]


def _taken(stage: Stage, residence: str) -> set[str]:
    """The doors that read it as a place."""
    site, secret = stage.browser(), stage.house.secret
    replies = {
        path: site.asks_by_site(secret, method, path, body)
        for path, (method, body) in _bodies(residence).items()
    }
    return {
        path
        for path, reply in replies.items()
        if reply.status != 400 or reply.json().get("where") != "residence"
    }


def _bodies(residence: str) -> dict[str, tuple[str, dict[str, object]]]:
    """What each door takes, of nobody that is there: nothing of it is ever stored."""
    nobody = f"kv_{word(10)}"
    return {
        "v1/events": ("POST", {"visitor": nobody, "events": [], "residence": residence}),
        "v1/people/canary-nowhere": ("PUT", {"values": {}, "residence": residence}),
        "v1/ranking": ("POST", {"of": "canary.nowhere", "visitor": nobody, "residence": residence}),
    }
