"""The fixed words of the policy language as a notice says them; what the company writes in its place stays as it is."""

from kept.base.language import Language, marked
from kept.policy.keys import Key
from kept.policy.maps import ByCountry, Forbidding, ListedBy
from kept.policy.words import Many, OneOf

FIXED = {
    "account": marked("account"),
    "adequacy": marked("adequacy"),
    "affiliate": marked("affiliate"),
    "audio": marked("audio"),
    "authority": marked("authority"),
    "binding corporate rules": marked("binding corporate rules"),
    "certification": marked("certification"),
    "choices": marked("choices"),
    "class of site": marked("class of site"),
    "code of conduct": marked("code of conduct"),
    "combine": marked("combine"),
    "complain": marked("complain"),
    "consent": marked("consent"),
    "contact": marked("contact"),
    "contract": marked("contract"),
    "correct": marked("correct"),
    "credential": marked("credential"),
    "date": marked("date"),
    "decide": marked("decide"),
    "delete": marked("delete"),
    "disclose": marked("disclose"),
    "domain": marked("domain"),
    "email": marked("email"),
    "every right": marked("every right"),
    "everyone": marked("everyone"),
    "everywhere": marked("everywhere"),
    "file": marked("file"),
    "form": marked("form"),
    "free text": marked("free text"),
    "gather": marked("gather"),
    "id": marked("id"),
    "image": marked("image"),
    "in person": marked("in person"),
    "joint": marked("joint"),
    "keep beyond": marked("keep beyond"),
    "law": marked("law"),
    "legal claims": marked("legal claims"),
    "letter": marked("letter"),
    "list of text": marked("list of text"),
    "mail": marked("mail"),
    "none": marked("none"),
    "number": marked("number"),
    "object": marked("object"),
    "objection": marked("objection"),
    "on the site": marked("on the site"),
    "opt in": marked("opt in"),
    "opt out": marked("opt out"),
    "opt out of sale": marked("opt out of sale"),
    "organisational": marked("organisational"),
    "path": marked("path"),
    "phone": marked("phone"),
    "physical": marked("physical"),
    "place": marked("place"),
    "processor": marked("processor"),
    "public interest": marked("public interest"),
    "push": marked("push"),
    "requests": marked("requests"),
    "residence": marked("residence"),
    "restrict": marked("restrict"),
    "see": marked("see"),
    "sell": marked("sell"),
    "separate": marked("separate"),
    "shortened address": marked("shortened address"),
    "staff marks": marked("staff marks"),
    "standard contractual clauses": marked("standard contractual clauses"),
    "successor": marked("successor"),
    "take along": marked("take along"),
    "technical": marked("technical"),
    "text": marked("text"),
    "text message": marked("text message"),
    "third party": marked("third party"),
    "transfer": marked("transfer"),
    "use": marked("use"),
    "video": marked("video"),
    "vital interests": marked("vital interests"),
    "web address": marked("web address"),
    "yes or no": marked("yes or no"),
    "you ask": marked("you ask"),
    "you opt in": marked("you opt in"),
    "you signed": marked("you signed"),
}
"""Each as it stands in the middle of a sentence."""

HELD_IN = {"visitor_id": marked("visitor id"), "session_id": marked("session id"), "choice": marked("choice")}
"""What a cookie holds, where it is one of the language's own words."""

PARTS = {
    "they": marked("they"),
    "we": marked("we"),
    "epsilon": marked("epsilon"),
    "per": marked("per"),
}
"""The keys of small maps of facts."""


def fixed_words(key: Key[object]) -> frozenset[str]:
    """The words of the language that may be the value of a key, or in it."""
    read = key.read.read if isinstance(key.read, Many) else key.read
    own = read.words if isinstance(read, OneOf | ByCountry | Forbidding | ListedBy) else ()
    return frozenset((*own, *key.words, *((read.whole,) if isinstance(read, ListedBy) else ())))


def fixed(word: str, say: Language) -> str:
    """A word of the language, said."""
    return say(FIXED[word])
