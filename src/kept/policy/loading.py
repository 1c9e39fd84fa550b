"""From the text of a file to a draft with all its problems, and on to a compiled policy."""

from collections.abc import Mapping

from kept.policy.bits import assign_bits
from kept.policy.compiled import CompiledPolicy
from kept.policy.compiling import compile_policy, require_clean
from kept.policy.draft import Draft, Entry
from kept.policy.enforced import warn_of_what_is_not_enforced
from kept.policy.law import check_law
from kept.policy.nodes import read_yaml
from kept.policy.problems import Place, Problems
from kept.policy.reading import read_draft
from kept.policy.references import check_references


def read_policy(text: str, file: str, *, in_force: bool = False) -> Draft:
    """The draft, with every problem found in `draft.problems`.

    The file is read in layers: YAML, words, references, law. Law is looked at only when the layers before it
    are clean, since it would report their errors a second time. `in_force`: the version is to be put in force,
    so what a law wants of its notice (L10) is an error; else it is a warning.
    """
    problems = Problems(file)
    root = read_yaml(text, problems)
    if root is None:
        return Draft(file, Entry("company", Place(1, 1, "company")), problems=problems.sorted())
    draft = read_draft(root, problems)
    check_references(draft, problems)
    if not problems.errors:
        check_law(draft, problems, in_force=in_force)
        warn_of_what_is_not_enforced(draft, problems)
    draft.problems = problems.sorted()
    return draft


def load_policy(text: str, file: str, bits: Mapping[str, int] | None = None) -> CompiledPolicy:
    """Read, check and compile. Without `bits`, purposes get theirs in the order of the file.

    BadInput with all problems, in words, if the file has errors.
    """
    draft = read_policy(text, file)
    require_clean(draft)
    if bits is None:
        bits = assign_bits({}, draft.section("purposes"))
    return compile_policy(draft, bits)


def purposes_in(text: str, file: str) -> tuple[str, ...]:
    """The names of the file's purposes, in its order: what the registry of bits must know before compiling.

    BadInput as in `load_policy`.
    """
    draft = read_policy(text, file)
    require_clean(draft)
    return tuple(draft.section("purposes"))
