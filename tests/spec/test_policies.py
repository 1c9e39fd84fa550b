"""The policies in `policies/`: five companies of different kinds, each checked, compiled, posted, compared, decided."""

from functools import cache
from html import unescape
from itertools import product
from pathlib import Path

import pytest

from kept.policy import Answer, Choice, CompiledPolicy, allowed, decide, load_policy, read_policy
from kept.policy.diff import diff
from kept.policy.layout import laid_out
from kept.policy.notice import notice_markdown
from kept.policy.notice_html import notice_html
from kept.policy.posted import posted_of

FOLDER = Path(__file__).parents[2] / "policies"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def text(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


@cache
def policy(name: str) -> CompiledPolicy:
    return load_policy(text(name), f"{name}.yaml")


def test_they_are_of_different_kinds() -> None:
    assert NAMES == ("buecherei", "newspaper", "school_platform", "web_shop", "workhirespot")


@pytest.mark.parametrize("name", NAMES)
def test_each_passes_its_check_and_is_laid_out(name: str) -> None:
    assert read_policy(text(name), name, in_force=True).errors == ()
    assert laid_out(text(name), name) == text(name)


@pytest.mark.parametrize("name", NAMES)
def test_each_compiles_to_the_same_bytes_in_any_order_of_its_comments(name: str) -> None:
    again = load_policy(f"# a comment\n{text(name)}\n# another\n", f"{name}.yaml")
    assert again.fingerprint == policy(name).fingerprint


@pytest.mark.parametrize("name", NAMES)
def test_each_posts_notices_that_tell_everything_in_three_forms(name: str) -> None:
    made = policy(name)
    posted = posted_of(made)
    assert {one.at for one in posted} == {one.at for one in made.notices.values()}
    for one in posted:
        markdown, html = notice_markdown(one.notice), unescape(notice_html(one.notice))
        for section in one.notice.sections:
            assert section.short in html
            assert section.title in markdown
        assert one.json_ld["identifier"] == made.fingerprint
    main = notice_markdown(posted[0].notice)
    for purpose in made.purposes.values():
        assert purpose.title in main
    titles = [one.title for one in made.items.values()] + [one.title for one in made.events.values()]
    assert [title for title in titles if title not in main] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_is_compared_with_itself_and_with_a_change(name: str) -> None:
    made = policy(name)
    assert diff(made, made) == ()
    purpose = next(one for one in made.purposes.values() if one.says)
    other = load_policy(text(name).replace(purpose.says, "To do something else with it."), f"{name}.yaml")
    assert any(purpose.name in one.path for one in diff(made, other))


@pytest.mark.parametrize(("old", "new"), [pair for pair in product(NAMES, NAMES) if pair[0] < pair[1]])
def test_any_two_can_be_compared(old: str, new: str) -> None:
    """Whoever takes a business over puts another policy in force: nothing in it may break the comparison."""
    assert len(diff(policy(old), policy(new))) > 10


@pytest.mark.parametrize("name", NAMES)
def test_each_decides_for_everyone_as_its_words_say(name: str) -> None:
    made = policy(name)
    for cell, masks in enumerate(made.masks):
        for purpose in made.purposes.values():
            for answer in (Answer(), Answer(yes=purpose.mask), Answer(no=purpose.mask)):
                for signal in (False, True):
                    decided = decide(made, purpose.name, cell, answer, signal=signal)
                    fast = bool(allowed(masks, answer, signal=signal) & purpose.mask)
                    assert decided.allowed == (fast and not purpose.on_demand)
            if purpose.terms[cell].choice is Choice.NEVER:
                assert not decide(made, purpose.name, cell, Answer(yes=purpose.mask)).allowed


@pytest.mark.parametrize(
    ("name", "purpose", "age", "asked"),
    [
        ("newspaper", "improve", 30, Choice.OPT_IN),
        ("newspaper", "improve", 12, Choice.NEVER),
        ("school_platform", "practise", 9, Choice.OPT_IN),
        ("school_platform", "improve", 9, Choice.NEVER),
        ("web_shop", "advertise", 30, Choice.OPT_IN),
        ("web_shop", "sell", 30, Choice.NONE),
        ("workhirespot", "combine", 30, Choice.OPT_IN),
        ("workhirespot", "combine", 12, Choice.NEVER),
    ],
)
def test_what_people_in_europe_are_asked(name: str, purpose: str, age: int, asked: Choice) -> None:
    made = policy(name)
    roles = frozenset({"pupil"}) if name == "school_platform" else frozenset[str]()
    cell = made.cell_of("DE", age, roles)
    assert made.purposes[purpose].terms[cell].choice is asked
