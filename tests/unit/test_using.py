"""`kept.open(…).use(…)`: the way in for programs reads what its purpose may see, and nothing else."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import kept
from kept.app.house import House as Living
from kept.app.using import Installation, Use
from kept.base.errors import BadInput
from kept.base.settings import Settings
from kept.use import Answer
from kept.web.using import segments
from tests.asking import NOW, House, event
from tests.unit.test_query_cli import POLICY

ANA, BO = (1 << 62) + 5, 7
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("using")
    settings = Settings(data=folder / "data", master_key=folder / "master.key")
    living = Living.open(settings)
    purposes = living.policies.put_in_force(POLICY, "policy.yaml").policy.purposes
    living.close()
    lake = House(settings.data)
    lake.put(
        [
            event(ANA, NOW, page="/a,b", mask=purposes["protect"].mask),
            event(ANA, NOW + 1, page="/a,b", mask=purposes["protect"].mask),
            event(BO, NOW + 2, mask=0),
            event(BO, NOW + 3, name="order", mask=purposes["sell"].mask, properties='{"amount":"2.5"}'),
        ]
    )
    lake.records.close()
    with kept.open(str(settings.data), str(settings.master_key)) as opened:
        yield opened


@pytest.fixture(scope="module")
def protect(installation: Installation) -> Iterator[Use]:
    with installation.use("protect") as opened:
        yield opened


def test_the_purposes_are_those_of_the_policy(installation: Installation) -> None:
    assert set(installation.purposes) == {"protect", "sell", "count", "obey"}


def test_reports_are_split_by_what_a_purpose_sees_alone(installation: Installation) -> None:
    for purpose in ("protect", "sell", "count", "obey", "nothing"):
        seen = () if purpose == "nothing" else installation.catalogue(purpose)
        columns = {
            column.partition(".")[2] for part in seen for column in part.seen_as if "events." in column
        }
        found = segments(installation.house, purpose)
        assert set(found) - {"page", "source"} <= columns, purpose
        assert "campaign" not in found or "campaign" in columns
    assert "page" in segments(installation.house, "protect")


def test_what_is_opened_says_in_a_line_what_it_is(installation: Installation, protect: Use) -> None:
    assert re.fullmatch(r"<kept: .*data, policy 1, purposes protect, sell, count, obey>", repr(installation))
    assert repr(protect) == "<kept: use for protect, tables events, page_view>"


def test_the_page_about_python_runs_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("polars")
    monkeypatch.chdir(tmp_path)
    starter = (ROOT / "src/kept/policy/starter.yaml").read_text()
    made = Living.open(Settings())
    improve = made.policies.put_in_force(starter, "policy.yaml").policy.purposes["improve"]
    made.close()
    lake = House(Settings().data)
    lake.put([event(ANA, NOW, page="/jobs", mask=improve.mask)])
    lake.records.close()
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/python.md").read_text(), re.DOTALL)
    exec("\n".join(blocks), {})
    said = capsys.readouterr().out
    for told in (
        "<kept: kept-data, policy 1, purposes protect",
        "/jobs 1",
        "purposes Refused",
        "page_view has ",
    ):
        assert told in said
    assert len(blocks) == 4


def test_a_missing_column_is_refused_with_those_that_the_purpose_sees(protect: Use) -> None:
    with pytest.raises(kept.Refused) as refused:
        protect.ask("select path from page_view")
    assert str(refused.value.what).startswith("There is no such column: path.")
    assert f"page_view has {', '.join(protect.tables['page_view'])}." in refused.value.what
    assert "amount" not in refused.value.what


def test_a_select(protect: Use) -> None:
    answer = protect.ask("select page, count(*) as times from page_view group by page")
    assert list(answer) == [{"page": "/a,b", "times": 2}]
    assert len(answer) == 1


def test_an_ibis_question_runs_by_the_same_door(protect: Use) -> None:
    views = protect.table("page_view")
    found = protect.ask(views.group_by("page").aggregate(times=views.count()).filter(lambda t: t.times > 1))
    assert found.rows == (("/a,b", 2),)


def test_ibis_knows_the_types(protect: Use) -> None:
    views = protect.table("events")
    found = protect.ask(views.filter(views.time.year() == 2026).select("person", "time").order_by("time"))
    assert [row[0] for row in found.rows] == [ANA, ANA]
    assert found.types == ("BIGINT", "TIMESTAMP")


def test_an_answer_as_arrow(protect: Use) -> None:
    table = protect.ask("select time, crawler, page, person, 0.5::double as half from events").to_arrow()
    assert [str(table.field(name).type) for name in table.column_names] == [
        "arro3.core.DataType<Timestamp(µs)>\n",
        "arro3.core.DataType<Boolean>\n",
        "arro3.core.DataType<Utf8>\n",
        "arro3.core.DataType<Int64>\n",
        "arro3.core.DataType<Float64>\n",
    ]
    assert [cell.as_py() for cell in table.column("person")] == [ANA, ANA]


def test_numbers_beyond_64_bits_are_text() -> None:
    table = Answer(("big",), ("HUGEINT",), (("9" * 30,), (3,))).to_arrow()
    assert [cell.as_py() for cell in table.column("big")] == ["9" * 30, "3"]


def test_days_and_nothing() -> None:
    table = Answer(("day",), ("DATE",), (("1970-01-03",), (None,), ("1969-12-31",))).to_arrow()
    assert [str(cell.as_py()) for cell in table.column("day")] == ["1970-01-03", "None", "1969-12-31"]


def test_polars_reads_an_answer(protect: Use) -> None:
    polars = pytest.importorskip("polars")
    frame = protect.ask("select person, time, page from events order by time").to_polars()
    assert frame.shape == (2, 3)
    assert frame["time"].dtype == polars.Datetime("us")
    assert polars.DataFrame(protect.ask("select 1 as one")).rows() == [(1,)]


@pytest.mark.parametrize(
    ("purpose", "clause", "reason"),
    [
        ("count", "purposes.count", "figures only"),
        ("obey", "purposes.obey", "dark until a demand is approved"),
        ("protekt", "purposes", "no such purpose"),
    ],
)
def test_a_purpose_that_reads_no_rows_is_refused_by_its_clause(
    installation: Installation, purpose: str, clause: str, reason: str
) -> None:
    with pytest.raises(kept.Refused) as refused:
        installation.use(purpose)
    assert (refused.value.where, refused.value.why) == (clause, f"Refused: {reason}.")
    assert refused.value.next_step


@pytest.mark.parametrize("sql", ["select * from 'order'", "select amount from events", "delete from events"])
def test_what_the_purpose_may_not_see_does_not_exist(protect: Use, sql: str) -> None:
    with pytest.raises(kept.Refused) as refused:
        protect.ask(sql)
    assert refused.value.where == "purposes.protect.uses"
    assert refused.value.next_step == "This purpose sees: events, page_view."


def test_a_table_that_the_purpose_does_not_use(protect: Use) -> None:
    with pytest.raises(kept.Refused, match="no table 'order'"):
        protect.table("order")


def test_an_ibis_table_of_ones_own_making_leads_nowhere(protect: Use) -> None:
    import ibis

    with pytest.raises(kept.Refused):
        protect.ask(ibis.table({"amount": "float64"}, name="order"))


def test_days_leave_out_what_lies_outside(installation: Installation) -> None:
    with installation.use("protect", since=date(2027, 1, 1)) as later:
        assert later.ask("select count(*) as n from events").rows == ((0,),)
    with installation.use("protect", until=date(2026, 12, 31)) as sooner:
        assert sooner.ask("select count(*) as n from events").rows == ((2,),)


def test_a_name_that_the_package_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        kept.sell  # noqa: B018
    with pytest.raises(BadInput):
        kept.open(str(tmp_path))
