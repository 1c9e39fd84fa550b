"""`kept policy fmt`: what it lays out anew, what it keeps, what it leaves alone."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from kept.base.errors import BadInput
from kept.cli.policy import policy_group
from kept.policy import load_policy, read_policy
from kept.policy.layout import laid_out

ROOT = Path(__file__).parents[2]
STARTER = (ROOT / "src/kept/policy/starter.yaml").read_text(encoding="utf-8")
POLICIES = ("policies/workhirespot.yaml", "src/kept/policy/starter.yaml")


def edited(before: str, after: str) -> str:
    assert before in STARTER
    return laid_out(STARTER.replace(before, after, 1), "edited")


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_means_the_same_and_stays_as_it_is_once_laid_out(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    made = laid_out(text, name)
    assert load_policy(made, name).fingerprint == load_policy(text, name).fingerprint
    assert laid_out(made, name) == made
    assert max(map(len, made.split("\n"))) <= 130  # a comment may run over


# before, after, what stands there then
LAYOUTS = [
    ("      device:\n", "          \n\n\n      device:   \n", "\n\n      device:\n"),
    ("      device:\n", "      # of the visitor\n      device:\n", "      # of the visitor\n      device:\n"),
    ("      device:\n", "      device:  #what it is\n", "      device:  # what it is\n"),
    ("identifies: indirectly\n    keep: 3 years", "identifies:   'indirectly'\n    keep: 3 years",
     'identifies: "indirectly"\n    keep: 3 years'),
    ("{says: Someone who looks at our pages.}", "{ says:   Someone who looks at\n     our pages. }",
     "  visitor: {says: Someone who looks at our pages.}\n"),
    ("{says: Someone who looks at our pages.}", "\n      says: >\n        Someone who looks\n        at our pages.",
     '  visitor:\n    says: "Someone who looks at our pages."\n'),
    ("[usage.*, technical.*, not ip_address]", "[usage.*,  # what they do\n      technical.*, not ip_address]",
     "    uses:            # what they do\n      - usage.*\n      - technical.*\n      - not ip_address\n"),
    ("[usage.*, technical.*, not ip_address]", "\n    - usage.*\n    - technical.*\n    - not ip_address",
     "    uses:\n      - usage.*\n      - technical.*\n      - not ip_address\n"),
    ('version: "1"', '\n\n\n\nversion: "1"', "country: DE\n\nversion: \"1\""),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "stands"), LAYOUTS)
def test_one_layout(before: str, after: str, stands: str) -> None:
    assert stands in edited(before, after)


def test_a_long_sentence_is_folded_and_reads_the_same() -> None:
    long = "Safety serves all who use the site and this is why " * 4
    made = edited("Safety serves all who use the site;", f"{long};")
    assert "    balance: >-\n      Safety serves" in made
    assert load_policy(made, "made").purposes["protect"].balance.startswith(" ".join(long.split()))


@pytest.mark.parametrize(
    "comment", ["# at the end", "  # at the end, further in", "\n\n# after a gap\n#\n# and more"]
)
def test_comments_at_the_end_stay(comment: str) -> None:
    made = laid_out(STARTER + comment, "edited")
    assert made.endswith(comment.rsplit("\n", maxsplit=1)[-1] + "\n")
    assert laid_out(made, "again") == made


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("basis: consent", "basis: konsent"),
        ("version:", "verzion:"),
        ("keep: 13 months", "keep:"),
        ("name: Example Company", 'name: ""'),
    ],
)
def test_a_file_with_errors_is_laid_out_and_keeps_them(was: str, now: str) -> None:
    broken = STARTER.replace(was, now, 1)
    before = [(one.code, one.path, one.what) for one in read_policy(broken, "p").errors]
    made = laid_out(broken.replace(f"{now}", now.replace(": ", ":    ", 1), 1), "p")
    assert before
    assert [(one.code, one.path, one.what) for one in read_policy(made, "p").errors] == before
    assert laid_out(made, "again") == made


@pytest.mark.parametrize("broken", ["company: {name: A\n", "a: 1\na: 2\n", "a: &b 1\n", "- a list\n"])
def test_what_is_no_yaml_of_ours_is_left_alone(tmp_path: Path, broken: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(broken, encoding="utf-8")
    before = file.read_bytes()
    run = CliRunner().invoke(policy_group, ["fmt", str(file)])
    assert isinstance(run.exception, BadInput)
    assert "F01" in str(run.exception)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_the_command_lays_out_once_and_the_check_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_bytes(STARTER.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    before = file.read_bytes()
    run = CliRunner()
    checked = run.invoke(policy_group, ["fmt", "--check", str(file)])
    assert (checked.exit_code, file.read_bytes()) == (1, before)
    assert run.invoke(policy_group, ["fmt", str(file)]).exit_code == 0
    assert file.read_bytes() == laid_out(STARTER, "starter").encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert run.invoke(policy_group, ["fmt", "--check", str(file)]).exit_code == 0
