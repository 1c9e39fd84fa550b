"""Texts that tell who someone is, and must not stand anywhere once they have come through a door."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from kept.prove.browser import AGENT
from kept.prove.words import card, number, number_of, unguessable, word


@dataclass
class Sent:
    """What was sent and must not stand anywhere: whole addresses, and texts by what they are."""

    addresses: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    account: str = ""

    def known(self, account: str) -> None:
        """From now on pages and words name this account, which the site has told of."""
        self.account = self._keep("the id of an account", account)

    def address(self, start: str) -> str:
        """A new address in the network that starts so."""
        six = ":" in start
        made = (
            f"{start}:{number():x}:{number():x}:{number():x}:{number():x}:{number():x}"
            if six
            else (f"{start}.{number() % 200 + 20}.{number() % 200 + 20}")
        )
        self.addresses.append(made)
        return made

    def wrapped(self, start: str) -> str:
        """A new address in the network that starts so, inside an address of IPv6 (6to4, RFC 3056)."""
        inner = IPv4Address(self.address(start)).packed.hex()
        half = self._keep(
            "an IPv4 address inside one of IPv6", f"2002:{int(inner[:4], 16):x}:{int(inner[4:], 16):x}"
        )
        self.addresses.append(f"{half}::{number():x}")
        return self.addresses[-1]

    def word(self, kind: str) -> str:
        """A new word, in such a place."""
        return self._keep(kind, word(8))

    def token(self, kind: str) -> str:
        """A new text that looks unguessable, in such a place."""
        return self._keep(kind, unguessable())

    def page(self, start: str) -> str:
        """The address of a page, full of what tells who someone is."""
        return (
            f"{start}/members/{self.account}/reset/{self.token('a token in the path')}"
            f"/{self.word('a mail address in the path')}@example.com"
            f"/{self.word('a mail address encoded twice')}%2540example.com"
            f";id={self.word('a matrix parameter')}?q={self.word('a query')}#{self.word('a fragment')}"
        )

    def link(self) -> str:
        """The address of a page with a name and a password before its host."""
        return self.page(f"https://{self.word('a user name')}:{self.word('a password')}@www.example.com")

    def words(self) -> str:
        """What someone might type into a search, full of what leads to one person."""
        mail = f"{self.word('a mail address in words')}@example.com"
        number = self._keep("a telephone number in words", f"+49 151 {number_of(8)}")
        address = self._keep("an address of the internet in words", f"198.51.100.{number_of(2)}")
        return f"{mail} {number} {self._keep('a card in words', card())} {address} ({self.account})"

    def mail(self) -> str:
        """An address of mail where an id is due."""
        return f"{self.word('a mail address as an id')}@example.com"

    def agent(self) -> str:
        """The words of a browser that nobody else has."""
        return f"{AGENT} Canary/{self.word('the user agent')}"

    def _keep(self, kind: str, text: str) -> str:
        self.texts[text] = kind
        return text
