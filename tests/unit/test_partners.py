"""G4: a partner's site by the same rules for less, with visitors and answers of its own, and cut off at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from kept.app.house import House
from kept.app.opening import open_people
from kept.base.settings import Settings
from kept.cli import kept
from kept.gather.partners import NoSuchPartner
from kept.ledger import entries, facts
from kept.policy.at_partner import at_partner
from kept.web.centre import centre_app
from kept.web.living import LivingCentre
from kept.web.whence import Proxies
from tests.mutants.world import HERE
from tests.pages_call import call


@pytest.fixture
def mill(tmp_path: Path) -> Iterator[House]:
    made = House.open(Settings(data=tmp_path / "data", master_key=tmp_path / "master.key"))
    made.policies.put_in_force((HERE / "policy.yaml").read_text(), "policy.yaml")
    yield made
    made.close()


def centre(house: House) -> LivingCentre:
    return LivingCentre(house, open_people(house), Proxies(()))


def test_on_a_partners_site_the_policy_takes_what_that_partner_sends(mill: House) -> None:
    own, there = mill.policy, at_partner(mill.policy, "friends")
    assert there.events["page_view"].sources == ("tracker",)
    assert there.events["sign_up"].sources == ()  # it may come from a partner, and this one does not send it
    assert there.events["order"].sources == ()
    assert there.items["browser"].sources == ("tracker",)
    assert there.items["country"].derived_from == ()
    assert there.purposes == own.purposes
    assert there.fingerprint == own.fingerprint


def test_one_id_on_two_sites_is_two_visitors_and_an_account_is_one(mill: House) -> None:
    there = mill.at_partner("friends")
    assert there.identities.visitor("kv_1") != mill.identities.visitor("kv_1")
    assert there.api_keys.write != mill.api_keys.write
    assert there.api_keys.secret == mill.api_keys.secret
    with mill.records.write() as connection:
        subject = mill.identities.meet_account(connection, "u-1")
        assert there.identities.account(connection, "u-1") == subject


def test_an_answer_on_a_partners_site_is_that_sites_alone(mill: House) -> None:
    app, key = centre_app(centre(mill)), mill.at_partner("friends").api_keys.write
    said = call(app, "/v1/choices", data={"key": key, "answers": {"improve": True, "research": True}})
    assert said.status == 200
    visitor = said.kept["kept_visit"]
    here, there = (centre(house) for house in (mill, mill.at_partner("friends")))
    assert here.answer_of(visitor).yes == 0
    assert there.answer_of(visitor).yes == sum(
        mill.policy.purposes[name].mask for name in ("improve", "research")
    )


def test_the_pages_of_a_partners_site_speak_for_that_site(mill: House) -> None:
    app, key = centre_app(centre(mill)), mill.at_partner("friends").api_keys.write
    page = call(app, f"/sites/{key}/choices")
    assert page.status == 200
    assert 'href="./' in page.text or 'href="choices' in page.text
    assert "../../" not in page.text  # it stands at the root of the path that the partner forwards
    said = call(app, f"/sites/{key}/choices", form={"everything": "yes"})
    visitor = said.kept["kept_visit"]
    assert centre(mill).answer_of(visitor).yes == 0
    assert centre(mill.at_partner("friends")).answer_of(visitor).yes
    assert call(app, "/sites/wk_another/choices").status == 404
    assert call(app, f"/sites/{key}/data").status == 404


def test_who_is_cut_off_is_not_asked_for_and_comes_back(mill: House) -> None:
    app, key = centre_app(centre(mill)), mill.at_partner("friends").api_keys.write
    assert call(app, f"/v1/choices?key={key}").status == 200
    assert mill.cutting.cut("friends")
    assert not mill.cutting.cut("friends")
    assert call(app, f"/v1/choices?key={key}").status == 401
    assert call(app, f"/sites/{key}/choices").status == 404
    assert mill.cutting.restore("friends")
    assert not mill.cutting.restore("friends")
    assert call(app, f"/v1/choices?key={key}").status == 200
    with mill.records.read() as connection:
        told = [type(entry.fact) for entry in entries(connection, 0)]
    assert [kind for kind in told if kind in (facts.PartnerCut, facts.PartnerRestored)] == [
        facts.PartnerCut,
        facts.PartnerRestored,
    ]


def test_only_partners_of_the_policy_are_cut_off(mill: House) -> None:
    with pytest.raises(NoSuchPartner, match="no partner of that name"):
        mill.cutting.cut("strangers")


def test_cutting_off_canaries_leaves_the_companys_door_open(mill: House) -> None:
    mill.in_workspace(0).cutting.cut("friends")
    assert mill.cutting.since() == {}


def test_the_companys_server_alone_joins_a_visitor_of_a_partners_site(mill: House) -> None:
    app = centre_app(centre(mill))
    site = {"authorization": f"Bearer {mill.api_keys.secret}"}
    joined = call(
        app, "/v1/join", data={"visitor": "kv_1", "account": "u-1", "partner": "friends"}, headers=site
    )
    assert joined.status == 200
    person = open_people(mill).of_account("u-1")
    assert person is not None
    assert mill.at_partner("friends").identities.visitor("kv_1") in person.subjects
    assert mill.identities.visitor("kv_1") not in person.subjects
    strange = call(
        app, "/v1/join", data={"visitor": "kv_2", "account": "u-1", "partner": "strangers"}, headers=site
    )
    assert strange.status == 403


def test_the_command_shows_cuts_and_restores(mill: House) -> None:
    where = ("--data", str(mill.settings.data), "--master-key", str(mill.settings.master_key))

    def run(*arguments: str) -> str:
        return CliRunner().invoke(kept, ["partner", *arguments, *where]).output

    shown = run("show")
    assert run("show", "friends") == shown
    unknown = CliRunner().invoke(kept, ["partner", "show", "strangers", *where])
    assert isinstance(unknown.exception, NoSuchPartner)
    assert "friends: ● taken in" in shown
    assert mill.at_partner("friends").api_keys.write in shown
    assert "https://friends.example" in shown
    assert "answers    joint" in shown
    assert run("cut", "friends") == "✕ friends is cut off\n"
    assert "cut off since" in run("show")
    assert run("restore", "friends") == "● friends is taken in again\n"
