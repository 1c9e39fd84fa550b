"""`kept person`: whom it finds, by an account or by a browser, also of a partner's site."""

from click.testing import CliRunner

from kept.app.house import House
from kept.app.opening import open_people
from kept.cli.person import person_group

VISITOR = "kv_" + "p" * 43
PARTNER = "partner_sites"


def run(house: House, *words: str) -> tuple[int, str]:
    where = ["--data", str(house.settings.data), "--master-key", str(house.settings.master_key)]
    done = CliRunner().invoke(person_group, [words[0], *where, *words[1:]])
    return done.exit_code, done.output + (repr(done.exception) if done.exception else "")


def says_yes_at_the_partner(house: House) -> None:
    open_people(house.at_partner(PARTNER)).answer(VISITOR, yes=1, no=0, how="dialog", words="May we?")


def test_a_browser_of_a_partners_site_is_another_visitor(house: House) -> None:
    says_yes_at_the_partner(house)
    _, own = run(house, "show", "--visitor", VISITOR)
    assert "your choices: nothing" in own
    code, there = run(house, "show", "--visitor", VISITOR, "--partner", PARTNER)
    assert code == 0
    assert "your choices: nothing" not in there


def test_who_is_erased_at_a_partner_is_gone_there(house: House) -> None:
    says_yes_at_the_partner(house)
    code, planned = run(house, "erase", "--visitor", VISITOR, "--partner", PARTNER)
    assert (code, "Goes: " in planned) == (0, True)
    code, done = run(house, "erase", "--visitor", VISITOR, "--partner", PARTNER, "--apply")
    assert (code, "searched and found clean" in done) == (0, True), done
    _, there = run(house, "show", "--visitor", VISITOR, "--partner", PARTNER)
    assert "your choices: nothing" in there


def test_a_partner_that_left_the_policy_is_still_found(house: House) -> None:
    says_yes_at_the_partner(house)
    text = house.policies.now().text
    start = text.index("partners:\n")
    end = text.index("sources:\n", start)
    without = text[:start] + text[end:]
    house.policies.put_in_force(without.replace("partner, ", "").replace(", partner]", "]"), "policy.yaml")
    assert not house.policies.now().policy.partners
    code, there = run(house, "show", "--visitor", VISITOR, "--partner", PARTNER)
    assert (code, "your choices: nothing" in there) == (0, False), there


def test_what_cannot_be_is_said(house: House) -> None:
    for words, why in (
        (("--visitor", VISITOR, "--partner", "nobody"), "no such partner"),
        (("--account", "u-1", "--partner", PARTNER), "the same on every site"),
    ):
        code, told = run(house, "show", *words)
        assert code != 0
        assert why in told
