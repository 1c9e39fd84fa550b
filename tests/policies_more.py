"""Sections beside data, events and purposes for the random policies: each drawn or not, each key drawn or not.

They speak of a few things of their own (`secret`, `address`, `illness`, …), so that whatever is drawn passes.
"""

from typing import Any

from hypothesis import strategies as st

Tree = dict[str, Any]

OWN_ITEMS: Tree = {
    "secret": {
        "about": "visitor",
        "category": "other",
        "from": "form",
        "identifies": "no",
        "keep": "30 days",
    },
    "address": {"about": ["visitor", "buyer"], "type": "email", "from": "form", "keep": "2 years"},
    "illness": {
        "about": "visitor",
        "special": "health",
        "condition": "Care (Art. 9(2)(h)).",
        "from": ["staff", "recording"],
        "keep": "2 years",
        "type": "audio",
    },
}
OWN_EVENTS: Tree = {"visit_told": {"about": "visitor", "from": ["staff", "mail"], "keep": "1 year"}}
OWN_PURPOSES: Tree = {
    "tell": {"says": "To tell you.", "uses": "address", "basis": "consent"},
    "study": {
        "says": "To study.",
        "uses": "illness",
        "basis": "signed authorisation",
        "authorisation": {"document": "form 3", "names": ["us", "them"], "ends": "in a year", "by": "a law"},
    },
}
SENTENCE = "A sentence about it."


class Drawing:
    """Draws entries: what is needed always, what may stand there sometimes."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def sometimes(self) -> bool:
        return bool(self.draw(st.booleans()))

    def one_of(self, *values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    def some(self, **optional: Any) -> Tree:
        """Some of these keys; `_` in a key stands for a space."""
        return {key.replace("_", " "): value for key, value in optional.items() if self.sometimes()}

    def entry(self, needed: Tree, **optional: Any) -> Tree:
        """What is needed, some of what may be there, and sometimes words of its own."""
        made = {**needed, **self.some(**optional), **self.some(says=SENTENCE, called="Its title")}
        if self.sometimes() and made:
            made["assumed"] = self.one_of("Nobody says it.", {next(iter(made)): "Nobody says it."})
        return made


def sections(draw: st.DrawFn, tree: Tree, audiences: list[str]) -> Tree:
    """Sections to add to a tree that passes, and things of its own in `data` and `purposes`."""
    by = Drawing(draw)
    made: Tree = {}
    data, purposes = _items(by), {name: dict(one) for name, one in OWN_PURPOSES.items()}
    for name, make in MAKERS.items():
        if by.one_of(True, True, True, False):
            made[name] = make(by, audiences)
    _joined(by, made, data, purposes)
    if by.sometimes():
        made["assumed"] = {"version": "Nobody says it."}
    people = {name: {**one, **_person(by)} for name, one in tree["people"].items()}
    company = {
        **tree["company"],
        **by.some(says=SENTENCE, called="The company", language=by.one_of("de", ["en", "pt-BR"])),
        **by.some(representative="Us, Paris", officer="Ada, at our door"),
    }
    return {
        **made,
        "company": company,
        "people": people,
        "data": {**tree.get("data", {}), **data},
        "events": {**tree["events"], **_events(by)},
        "purposes": {**tree["purposes"], **purposes},
        **{name: _worded(by, tree[name]) for name in ("audiences", "cookies", "moments") if name in tree},
    }


def _worded(by: Drawing, entries: Tree) -> Tree:
    """The same entries, some with words of their own."""
    return {
        name: {**one, **(by.some(says=SENTENCE, called="Its title") if name != "if unknown" else {})}
        for name, one in entries.items()
    }


def _events(by: Drawing) -> Tree:
    events = {name: dict(one) for name, one in OWN_EVENTS.items()}
    events["visit_told"] |= by.some(category="health", hidden_from="tell", made_for="operate", required=True,
                                    reduced_to="path", screened_for="special", derived_from="event_0",
                                    says=SENTENCE, called="A visit")  # fmt: skip
    if by.sometimes():
        events["visit_told"] |= {"special": "health", "condition": "Care (Art. 9(2)(h))."}
    return events


def _items(by: Drawing) -> Tree:
    data = {name: dict(one) for name, one in OWN_ITEMS.items()}
    data["secret"] |= by.some(screened_for="special", reduced_to=by.one_of("domain", "path"))
    data["address"] |= by.some(required=True, category="contact", says=SENTENCE, called="Address")
    if by.sometimes():
        data["guess"] = {
            "about": "visitor",
            "derived from": by.one_of(
                "event_0", ["event_0", "address"], {"about": "visitor", "special": "no"}
            ),
            **by.some(made_for="operate"),
            "keep": "1 month",
        }
    data["illness"] |= by.some(hidden_from=by.one_of("tell", ["tell"]))
    return data


def _person(by: Drawing) -> Tree:
    return by.some(
        called="Somebody",
        account=by.one_of(True, False),
        person=by.one_of(True, False),
        told="within 1 month",
    )


def _joined(by: Drawing, made: Tree, data: Tree, purposes: Tree) -> None:
    """What one section says of another, where both were drawn."""
    if "retention" in made:
        data["kept_long"] = {
            "about": "everyone",
            "from": "form",
            "keep": {"at most": "period_a", "duty": by.one_of("duty_a", ["duty_a"]), **by.some(by="A law")},
        }
    if "sources" in made:
        data["bought"] = {"about": "visitor", "category": "other", "from": "broker", "keep": "1 year"}
    if "partners" in made:
        data["shared"] = {"about": "visitor", "from": by.one_of("partner", "friends"), "keep": "1 year"}
    purposes["tell"] |= by.some(called="Telling", says=SENTENCE)
    if "services" in made:
        purposes["tell"] |= by.some(powers="news_by_mail", without_it=SENTENCE, assessment=SENTENCE)
    if "staff" in made and by.sometimes():
        data["illness"]["hidden from"] = ["clerks", *(["printer"] if "recipients" in made else [])]
    if "recipients" in made and "clients" in made:
        made["clients"]["every_client"] |= by.some(**{"sub-processors": "printer"})
    if "recipients" in made and "never" in made:
        made["never"]["not_out"] = {"forbids": "disclose", "items": "secret", **_whom(by)}


def _whom(by: Drawing) -> Tree:
    to: Tree = by.one_of({"to": "printer"}, {"except to": ["advertiser"]}, {})
    return to


def _controllers(by: Drawing, _audiences: list[str]) -> Tree:
    board = by.entry({}, decides=["operate", "tell"], answers=False, site="https://board.example",
                     contact="a@board.example", country="FR")  # fmt: skip
    return {"we": {"answers": True}, "board": board}


def _staff(by: Drawing, _audiences: list[str]) -> Tree:
    return {"clerks": by.entry({"works for": by.one_of("tell", ["tell"])})}


def _guardians(by: Drawing, audiences: list[str]) -> Tree:
    if not audiences:
        return {}
    needed = {"for": audiences[0], "who": "A parent.", "until": "age 16"}
    return {
        "parent": by.entry(needed, decides=by.one_of("choices", ["choices", "requests"]), proof="a letter")
    }


def _services(by: Drawing, _audiences: list[str]) -> Tree:
    features = {"news_by_mail": by.one_of(SENTENCE, {"says": SENTENCE}, {"called": "News"})}
    service = by.entry({"for people": by.one_of("buyer", ["buyer", "visitor"])}, needs="address",
                       needed_by=by.one_of("contract", "law"), ends="30 days after warning")  # fmt: skip
    return {"buying": {**service, "features": features}}


def _partners(by: Drawing, _audiences: list[str]) -> Tree:
    needed = {
        "origins": by.one_of("https://a.example", ["https://a.example", "https://b.example"]),
        "sends": "shared",
        "arrangement": by.one_of("joint", "processor", "separate"),
    }
    return {"friends": by.entry(needed, duties={"they": "ask", "we": "answer"})}


def _sources(by: Drawing, _audiences: list[str]) -> Tree:
    return {"broker": by.entry({"sends": "bought", "terms": SENTENCE}, matched="by name", matched_for="tell")}


def _decisions(by: Drawing, _audiences: list[str]) -> Tree:
    none = by.entry(
        {"purpose": "operate", "effect": "none", "weighs": "address"},
        human="us",
        contest=True,
        audit="yearly",
    )
    legal = {"purpose": "operate", "effect": "legal", "weighs": "address", "human": "us", "contest": True}
    return {"sorting": none, "credit": by.entry(legal, audit="yearly")}


def _messages(by: Drawing, _audiences: list[str]) -> Tree:
    needed = {"channel": by.one_of("mail", "push", "letter"), "purpose": "tell"}
    return {"news": by.entry(needed, proof="by mail", stop="one click")}


def _recipients(by: Drawing, audiences: list[str]) -> Tree:
    gets = by.one_of("address", ["address", "event_0"])
    printer = by.entry(
        {
            "role": by.one_of("processor", "affiliate", "joint"),
            "gets": gets,
            "purposes": "operate",
            "countries": "DE",
        },
        agreement="a contract",
        until="2030-12-31",
        when=by.one_of("closed", "event_0", "you ask"),
    )
    advertiser = by.entry(
        {"role": "third party", "gets": "address", "purposes": ["operate", "tell"], "countries": ["US", "EEA"],
         "transfer": {"US": by.one_of("adequacy", "consent")}},
        sale=by.one_of(True, False), sharing_for_ads=True,
    )  # fmt: skip
    if audiences:
        advertiser["for"] = {audiences[0]: by.one_of({"when": "you opt in"}, {"gets": "address"})}
    return {"printer": printer, "advertiser": advertiser}


def _clients(by: Drawing, _audiences: list[str]) -> Tree:
    return {"every_client": by.entry({}, instructions="written", speaks_to_people=False, refers_requests=True,
                                     delegates_requests=by.one_of(True, False), at_the_end="deleted")}  # fmt: skip


def _systems(by: Drawing, _audiences: list[str]) -> Tree:
    each = by.one_of("By hand.", {"see": "By hand.", "delete": "Shredded."})
    return {
        "paper": by.entry({"owner": "us", "holds": by.one_of("address", "everything"), "each right": each})
    }


def _aggregates(by: Drawing, _audiences: list[str]) -> Tree:
    return {"figure": by.entry({"purpose": "operate", "counts": "people", "of": "event_0"},
                               by=by.one_of("month", ["year", "secret"]), published=True,
                               privacy={"epsilon": "1 a month", "per": "person"})}  # fmt: skip


def _retention(by: Drawing, _audiences: list[str]) -> Tree:
    at_most = by.one_of("2 years", ["until account closes", "3 years from end of school year of gathered"])
    duty = {"at least": "7 years from end of year of gathered", "by": "a law", "only for": "operate"}
    return {
        "periods": {"period_a": by.entry({"at most": at_most})},
        "duties": {"duty_a": by.entry(duty)},
        **by.some(holds={"review": "monthly", "owner": "required"}),
        **by.some(backups="35 days", backups_of_keys="7 days", says=SENTENCE, called="How long"),
    }


def _rights(by: Drawing, _audiences: list[str]) -> Tree:
    laws = by.one_of("GDPR", ["CCPA", "UK GDPR", "Swiss FADP"])
    return by.entry({"laws": laws}, everyone_may=["see", "delete"], law_follows="residence", identity="in proportion",
                    channels=by.one_of("mail", ["form", "account"]), global_privacy_control="honoured")  # fmt: skip


def _links(by: Drawing, _audiences: list[str]) -> Tree:
    return by.entry({"shows": "where it leads"}, only=["secure"], checked="every day", when_bad="taken out")


def _measures(by: Drawing, _audiences: list[str]) -> Tree:
    entry = by.entry({}, kind=by.one_of("technical", "physical"), reviewed="every year")
    return {"locks": by.one_of(SENTENCE, dict(entry)), "walls": entry}


def _changes(by: Drawing, _audiences: list[str]) -> Tree:
    rule = {"notice": "30 days", **by.some(choice=by.one_of("none", "opt out"))}
    return by.entry({"posted": "on the site"}, wording="at once", new_purpose=rule, new_recipient=rule,
                    longer_keeping=rule)  # fmt: skip


def _never(by: Drawing, audiences: list[str]) -> Tree:
    made = {
        "no_sale": by.entry(
            {"forbids": by.one_of("sell", "decide", "combine", "contact"), "items": "secret"}
        ),
        "not_long": {
            "forbids": "keep beyond 2 years",
            "items": by.one_of("secret", {"about": "nobody_at_all"}),
        },
        "not_abroad": by.entry(
            {"forbids": "transfer", "items": "secret"}, countries=by.one_of("not EEA", ["US", "CA"])
        ),
        "not_told": by.entry({"forbids": "use", "items": ["secret", "illness"]} | {"purposes": "tell"}),
    }
    if audiences:
        made["not_of_them"] = by.entry(
            {"forbids": by.one_of("gather", "use"), "items": by.one_of("secret", "event_0", "everything")},
            **{"for": audiences[0]},
        )
        made["not_of_them"]["for"] = by.one_of(audiences[0], audiences[:2])
    return made


def _notices(by: Drawing, audiences: list[str]) -> Tree:
    needed = {"language": "en", "reading age": 12, "at": "/privacy"}
    made = {"main": by.entry({"for": "everyone", **needed}, parts=["data", "secret", "rights"])}
    made["main"]["words"] = {
        "operate": by.some(says=SENTENCE, called="Running it", without_it=SENTENCE, balance=SENTENCE),
        "data": {"called": "What we have"},
    }
    if audiences:
        made["other"] = {"for": audiences[:2], **needed, "at": "/other"}
    return made


def _counting(by: Drawing, _audiences: list[str]) -> Tree:
    return by.entry(by.one_of({"in": "US"}, {"in": ["US", "CA"], "not in": "CA"}, {"not in": ["EEA"]}))


MAKERS = {
    "controllers": _controllers,
    "staff": _staff,
    "guardians": _guardians,
    "services": _services,
    "counting without cookies": _counting,
    "partners": _partners,
    "sources": _sources,
    "decisions": _decisions,
    "messages": _messages,
    "recipients": _recipients,
    "clients": _clients,
    "systems": _systems,
    "aggregates": _aggregates,
    "retention": _retention,
    "rights": _rights,
    "links": _links,
    "measures": _measures,
    "changes": _changes,
    "never": _never,
    "notices": _notices,
}
