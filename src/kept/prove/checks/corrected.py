"""S1: what someone told is in their copy, is corrected by them with its history, and by nobody else."""

from collections.abc import Generator, Sequence

from kept.prove.browser import Reply
from kept.prove.expected import right_value, told_items, told_mask
from kept.prove.stage import GERMANY, Stage
from kept.prove.verdict import Finding
from kept.prove.words import word

PROFILE = "your profile"


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Tell a profile, see it on the page and in the copy, correct it, and see both values."""
    yield from ()
    items = [item for item in told_items(stage.policy) if told_mask(stage.policy, item, GERMANY)]
    item = next((item for item in items if item.type == "text"), None)
    if item is None:
        return [Finding(True, "the policy declares no text that people tell; there is nothing to correct")]
    account, wrong, right = stage.new_account("corrects"), word(12), word(12)
    values = {each.name: right_value(each.type, word()) for each in items} | {item.name: wrong}
    stage.browser().tells(stage.house.secret, account, values, GERMANY)
    token = stage.house.doors.sign(account)
    page = stage.browser().opens("data", token=token)
    if wrong.encode() not in page.body or _copied(stage, account, item.name) != [wrong]:
        return [Finding(False, "what was told of someone is not on their page, or not in their copy")]
    forged = stage.house.doors.sign(account, secret="another, as long as a real one may be")  # noqa: S106  nobody's
    if _corrects(stage, forged, item.name, word()).status != 403:
        return [Finding(False, "someone without the site's word corrected another's data")]
    _corrects(stage, token, item.name, right)
    if _copied(stage, account, item.name) != [right, wrong]:
        return [Finding(False, "a correction did not count, or left no history")]
    return [Finding(True, "what was told is shown, copied and corrected by its person, with its history")]


def _corrects(stage: Stage, token: str, item: str, value: str) -> Reply:
    return stage.browser().fills("data/correct", token=token, item=item, value=value)


def _copied(stage: Stage, account: str, item: str) -> list[object]:
    copy = stage.browser().opens("data/copy.json", token=stage.house.doors.sign(account)).json()
    return [row["value"] for row in copy.get(PROFILE, ()) if row["item"] == item]
