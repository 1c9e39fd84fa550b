"""What someone told, on *Your data*: every value with its source and history, a form to correct it, files to save.

GDPR Art. 15, 16 and 20. A token of the site names the account; nothing here opens anyone else's.
"""

from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import RedirectResponse, Response

from kept.base.language import Language, marked
from kept.gather.profiles import NotTaken
from kept.web.authority import Asked, Because
from kept.web.house import CentreHouse, PersonView
from kept.web.pages.draw import HEADERS
from kept.web.pages.errors import deny
from kept.web.pages.words import day
from kept.web.profiles import given

MOST_NUMBER = 1 << 63
SAYS = {
    NotTaken.WRONG_TYPE: marked("That is not a value of this kind."),
    NotTaken.TOO_LONG: marked("That is longer than can be kept there."),
    NotTaken.REQUIRED: marked("This is needed as long as you have your account."),
    NotTaken.A_FILE: marked("A file is replaced on the site itself."),
    NotTaken.DELETED: marked("Your data is being deleted, so it is not changed any more."),
}


def correct(asked: Asked[CentreHouse]) -> Response:
    """`POST data/correct`: `value` takes the place of what `item` says now; left empty, it is taken away.

    It leads back to the field itself, which stands far down the page, and is gone where its value is.
    """
    item, value = asked.form.get("item", ""), asked.form.get("value", "")
    refused = asked.house.correct(asked.who, item, value)
    said = {} if refused is None else {"problem": refused.name.lower()}
    target = urlencode({"token": asked.token, "corrected": item, **said})
    place = f"told-{quote(item)}" if refused or value.strip() else "told"
    return RedirectResponse(f"../data?{target}#{place}", 303, HEADERS)


def take_file(asked: Asked[CentreHouse]) -> Response:
    """`GET data/file/{number}`: a file of the person's own, to save."""
    number = asked.request.path_params["number"]
    file = asked.house.file_of(asked.who, number) if number < MOST_NUMBER else None
    return deny(asked, Because.NO_SUCH_PAGE) if file is None else given(file)


def shown(asked: Asked[CentreHouse], view: PersonView, sources: Any, say: Language) -> dict[str, Any]:
    """What *Your data* says of values; `sources` puts a source into words."""
    query = asked.request.query_params
    item = query.get("corrected")
    return {
        "told": [
            (value, sources(value.source), _history(value.before, say), value.item == item)
            for value in view.told
        ],
        "corrected": item is not None,
        "is_named": any(value.item == item for value in view.told),
        "problem": _problem(query.get("problem"), say),
    }


def _history(before: tuple[tuple[str, int], ...], say: Language) -> list[tuple[str, str]]:
    return [(text, day(ended_ms, say)) for text, ended_ms in before]


def _problem(code: str | None, say: Language) -> str:
    """In words for the person; a code that is not ours says nothing."""
    if code is None:
        return ""
    found = next((reason for reason in NotTaken if reason.name.lower() == code), None)
    return say(SAYS.get(found, marked("It cannot be changed here."))) if found else ""
