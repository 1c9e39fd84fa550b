"""May this be gathered? The decision in front of the journal: one mask an event, worked out once a policy.

Fails closed: what no purpose may use is not stored (GDPR Art. 5(1)(b) and (c)).
"""

from kept.policy.compiled import NO_ANSWER, Answer, CompiledPolicy, Event, Item, allowed, counted

VISITOR_ID = "visitor_id"
SERVER_LOG = "server log"


class Gathering:
    """The masks of one policy version."""

    def __init__(self, policy: CompiledPolicy) -> None:
        self._never = policy.ruled_out if any(policy.ruled_out) else ()
        self._masks = policy.masks
        self._cookie = policy.cookie_purposes(VISITOR_ID)
        self._on_demand = policy.on_demand
        self._log = tuple(policy.log_purposes(cell) for cell in range(len(policy.cells)))

    def of_visitor(self, event: Event, cell: int, answer: Answer, *, signal: bool) -> int:
        """The mask of an event that carries a visitor's cookie id: at most what that cookie is declared for.

        0: refuse it. Purposes that are dark until a demand never justify gathering alone; they come along
        with what another purpose justifies.
        """
        mask = allowed(self._masks[cell], answer, signal=signal) & self._uses(event, cell)
        live = mask & self._cookie & ~self._on_demand  # enforces: visitor-cookie
        return live | (mask & self._on_demand) if live else 0  # enforces: dark-justifies-no-event

    def of_account(self, what: Event | Item, cell: int, answer: Answer, *, signal: bool) -> int:
        """The mask of an event or a value that the company's server tells about an account. 0: refuse it.

        Nothing of it was kept in a browser, so no cookie binds it; what the account answered does.
        """
        mask = allowed(self._masks[cell], answer, signal=signal) & self._uses(what, cell)
        return mask if mask & ~self._on_demand else 0  # enforces: value-of-no-purpose

    def of_log_line(self, event: Event, cell: int) -> int:
        """The mask of a server-log row: it carries neither a choice nor an identity. 0: refuse it."""
        return self.of_nameless(event, cell) if SERVER_LOG in event.sources else 0

    def of_nameless(
        self, event: Event, cell: int, answer: Answer = NO_ANSWER, *, signal: bool = False
    ) -> int:
        """The mask of a visit counted without cookies, as of a log row: nobody's answer can be looked up.

        `answer` and `signal` are what the request itself carries; a log row carries neither.
        """
        if not counted(answer, signal=signal):
            return 0
        uses = self._uses(event, cell)
        live = self._log[cell] & uses
        on_demand = allowed(self._masks[cell], NO_ANSWER, signal=False) & uses & self._on_demand
        return live | on_demand if live else 0

    def _uses(self, what: Event | Item, cell: int) -> int:
        """The purposes that use an event or a value, less those from which a rule of `never` keeps it here."""
        if not self._never:
            return what.uses
        return what.uses & ~self._never[cell].get(what.name, 0)  # enforces: never-of-an-event
