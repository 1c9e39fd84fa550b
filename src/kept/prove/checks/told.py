"""G1: of what is told about someone only declared values are taken, and nowhere do they stand in plain words."""

from collections.abc import Generator, Iterable, Mapping, Sequence

from kept.policy.compiled import Item
from kept.prove.browser import Reply
from kept.prove.expected import CREDENTIAL, FORM, PAPER, right_value, told_items, told_mask
from kept.prove.stage import GERMANY, Stage
from kept.prove.verdict import Finding
from kept.prove.words import word

UNDECLARED, WRONG_TYPE, NOT_FROM_HERE, NO_PURPOSE = "undeclared", "wrong type", "not from here", "no purpose"
REQUIRED = "required"
A_PAGE = b"<!doctype html><script>canary</script>"


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Tell what is declared and what is not by the site's server, and look for all of it on the disk."""
    items = told_items(stage.policy)
    if not items:
        return [Finding(True, "the policy declares nothing that people tell in forms; nothing was told")]
    secrets = {item.name: word(12) for item in items}
    values = {item.name: right_value(item.type, secrets[item.name]) for item in items}
    account, browser, secret = stage.new_account("told"), stage.browser(), stage.house.secret
    taken = browser.tells(secret, account, values, GERMANY)
    hidden = word(12)
    faults = [
        *_as_declared(stage, items, taken),
        *_wrong_refused(stage, items, hidden),
        *_required(stage, items, values),
        *_files(stage, account, hidden),
        *_strangers(stage, account, values),
    ]
    yield
    places = stage.traces(texts=[hidden, *secrets.values()])
    return [
        Finding(False, "; ".join(faults))
        if faults
        else Finding(
            True,
            f"of {len(items)} declared items told by the site, each is taken or refused as the policy says",
        ),
        Finding(False, f"what was told stands on the disk in plain words: {'; '.join(places)}")
        if places
        else Finding(True, "what was told stands nowhere on the disk but under its person's key"),
    ]


def _as_declared(stage: Stage, items: Iterable[Item], reply: Reply) -> Iterable[str]:
    """What some purpose may use is taken, and the rest is refused, for that reason."""
    due = {item.name for item in items if told_mask(stage.policy, item, GERMANY)}
    idle = {item.name for item in items} - due
    if reply.status not in (200, 422) or set(reply.json().get("taken", ())) != due:
        yield "what is declared was not taken as the policy says"
    elif {name for name, why in reasons(reply).items() if why == NO_PURPOSE} != idle:
        yield f"told, though no purpose may use it: {', '.join(sorted(idle))}"


def _wrong_refused(stage: Stage, items: Iterable[Item], hidden: str) -> Iterable[str]:
    """Undeclared, of a wrong type, by another way, a credential: each refused for its own reason."""
    due = {f"canary_{hidden}": UNDECLARED}
    for name, item in stage.policy.items.items():
        if item.type == CREDENTIAL:
            due[name] = CREDENTIAL
        elif FORM not in item.sources:
            due[name] = NOT_FROM_HERE
    strange = dict.fromkeys(due, hidden)
    wrong = {item.name: WRONG_TYPE for item in items}
    told = stage.browser()
    secret = stage.house.secret
    for sent, why in (
        (strange, due),
        ({name: {"canary": hidden} for name in wrong}, wrong),
    ):
        if sent and (found := reasons(told.tells(secret, stage.new_account("wrong"), sent, GERMANY))) != why:
            odd = sorted(name for name in why if found.get(name) != why[name])
            yield f"not refused for its reason: {', '.join(odd)[:200]}"


def _required(stage: Stage, items: Sequence[Item], values: Mapping[str, object]) -> Iterable[str]:
    """Without one required item, the whole is not taken."""
    for item in items:
        if item.required and told_mask(stage.policy, item, GERMANY):
            part = {name: value for name, value in values.items() if name != item.name}
            reply = stage.browser().tells(stage.house.secret, stage.new_account("lacking"), part, GERMANY)
            if reply.json().get("taken") or reasons(reply).get(item.name) != REQUIRED:
                yield f"a profile without {item.name}, which is required, was taken"


def _files(stage: Stage, account: str, hidden: str) -> Iterable[str]:
    """A paper is taken, and a page that calls itself one is not."""
    for item in stage.policy.items.values():
        if item.type == "file" and FORM in item.sources and told_mask(stage.policy, item, GERMANY):
            told, secret = stage.browser(), stage.house.secret
            page = told.tells_file(secret, account, item.name, A_PAGE + hidden.encode())
            if reasons(page) != {item.name: WRONG_TYPE}:
                yield f"a page of the web was taken as {item.name}"
            if told.tells_file(secret, account, item.name, PAPER + hidden.encode()).status != 200:
                yield f"a paper was not taken as {item.name}"


def _strangers(stage: Stage, account: str, values: Mapping[str, object]) -> Iterable[str]:
    """Without the secret key, with the public one, or with a token for someone else, nothing is told."""
    other = stage.house.doors.sign(stage.new_account("other"))
    told = stage.browser()
    for who, credential in (("nobody", "sk_another"), ("a page", stage.house.key), ("someone else", other)):
        if told.tells(credential, account, values).status not in (401, 403):
            yield f"{who} told something about an account"


def reasons(reply: Reply) -> dict[str, str]:
    """Why each value was refused, by its item."""
    return {each["item"]: each["reason"] for each in reply.json().get("refused", ())}
