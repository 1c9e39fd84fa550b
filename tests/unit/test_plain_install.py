"""What Kept needs to run is pinned to run it, and not only brought along by a tool to work on it.

Libraries import parts of others when they are first used, and name those as extras. So a question's tables are
written here by a process that finds nothing but what the plain lock pins.
"""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([a-z0-9-]+)==", re.MULTILINE)
RUN = """
import sys
from pathlib import Path

for module in sys.argv[2:]:
    sys.modules[module] = None  # as if it were not installed

import kept.cli.prove, kept.cli.query, kept.cli.up, kept.web.serve
from kept.policy import load_policy
from kept.use import views_of

policy = load_policy(Path(sys.argv[1]).read_text(), "policy.yaml")
assert [views_of(policy, purpose, 0) for purpose in policy.purposes.values()]
"""


def test_reports_and_questions_need_nothing_that_the_plain_lock_does_not_pin() -> None:
    policy = ROOT / "policies" / "workhirespot.yaml"
    ended = subprocess.run(
        [sys.executable, "-c", RUN, str(policy), *sorted(not_pinned())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def not_pinned() -> set[str]:
    """Modules that are installed here, and would not be by the plain lock."""
    pinned = set(PIN.findall((ROOT / "requirements" / "plain.lock").read_text())) | {"kept"}
    return {
        module
        for module, names in packages_distributions().items()
        if pinned.isdisjoint(re.sub(r"[-_.]+", "-", name).lower() for name in names)
    }
