"""What the company's server tells about an account serves what decide() allows, whatever the policy and the answer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kept.gate import Gathering
from kept.policy import Answer, decide, load_policy
from tests.policies import policies


@given(policies(), st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1), st.booleans())
@settings(max_examples=25, deadline=None)
def test_of_an_account_the_mask_is_what_decide_allows(text: str, yes: int, no: int, signal: bool) -> None:
    policy = load_policy(text, "generated.yaml")
    gathering, answer = Gathering(policy), Answer(yes, no)
    for cell in range(len(policy.cells)):
        for event in policy.events.values():
            allowed_to = sum(
                purpose.mask
                for name, purpose in policy.purposes.items()
                if purpose.mask & event.uses
                and decide(policy, name, cell, answer, signal=signal, what=event.name).allowed
            )
            mask = gathering.of_account(event, cell, answer, signal=signal)
            assert mask & ~policy.on_demand == allowed_to
            assert gathering.of_visitor(event, cell, answer, signal=signal) & ~mask == 0, (
                "a cookie only takes away"
            )
