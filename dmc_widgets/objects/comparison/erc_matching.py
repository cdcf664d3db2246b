"""Documents that another installation holds under other external reference codes.

People who made the same object in two places gave it one name and two codes. A code
is what a document is known by, so the one would come beside the other: Liferay
refuses a second definition or folder of a name, and takes a second picklist. Whoever
wants them to be the same needs every mention of the one code turned into the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..documents.change_set import DEFINITION, Body
from ..documents.kinds import KINDS_BY_NAME
from ..documents.references import REFERENCE_PROPERTIES, RELATIONSHIP_CODE
from ..names import ERC

Documents = Mapping[str, Sequence[Body]]
"""All definitions, picklists and folders of an installation, by kind."""

_WHOLE: Final[Mapping[str, str]] = {
    "objectDefinition": DEFINITION,
    "objectRelationships": RELATIONSHIP_CODE,
}
"""Properties that hold something with its own code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMatch:
    """A name that has one code here and another one there.

    Attributes:
        kind: ObjectDefinition, ListTypeDefinition or ObjectFolder.
        name: On both sides.
        source: The code there.
        target: The code here.
    """

    kind: str
    name: str
    source: str
    target: str


def namesakes(
    kind: str, source: Sequence[Body], target: Sequence[Body]
) -> Iterator[NameMatch]:
    """Yield the documents of a kind whose names the target has under other codes.

    Names of picklists are free, so theirs count only where nothing speaks against
    it: one picklist of the name on each side, and neither code on the other side.
    """
    by_name = {each.get("name"): str(each[ERC]) for each in target}
    document_kind = KINDS_BY_NAME[kind]
    free = None
    if not document_kind.has_unique_names:
        free = _unique_names(source) & _unique_names(target)
    taken = {each[ERC] for each in source} & {each[ERC] for each in target}
    for body in source:
        name, code = body.get("name"), str(body[ERC])
        other = by_name.get(name, code)
        if other == code or document_kind.is_builtin(code):
            continue
        if free is None or (name in free and not taken & {code, other}):
            yield NameMatch(kind=kind, name=str(name), source=code, target=other)


def match_relationships(
    source: Iterable[Body], target: Iterable[Body]
) -> Iterator[tuple[str, str]]:
    """Yield the codes that relationships of the same name have in two installations.

    They are those of definitions of the same name.
    """
    codes = dict(_relationships(target))
    for name, code in _relationships(source):
        if codes.get(name, code) != code:
            yield code, codes[name]


def find_all_name_matches(source: Documents, target: Documents) -> list[NameMatch]:
    """Return the namesakes of every kind."""
    return [
        namesake
        for kind in source
        for namesake in namesakes(kind, source[kind], target[kind])
    ]


class ErcTranslation:
    """What is known by another code in the target.

    Args:
        found: Documents.
        relationships: Pairs of a code in the source and the one in the target.
    """

    def __init__(
        self,
        found: Iterable[NameMatch] = (),
        relationships: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._codes = {(each.kind, each.source): each.target for each in found}
        self._codes.update(
            ((RELATIONSHIP_CODE, code), other) for code, other in relationships
        )

    def of(self, kind: str, code: str) -> str:
        """Return the code in the target of what bears *code* in the source."""
        return self._codes.get((kind, code), code)

    def translated(self, kind: str, body: Body) -> Body:
        """Return a document of the source as one of the target."""
        return self._walked(body, kind) if self._codes else body

    def _walked(self, value: Any, kind: str) -> Any:
        if isinstance(value, list):
            return [self._walked(each, kind) for each in value]
        if not isinstance(value, dict):
            return value
        found = {}
        for name, each in value.items():
            named = kind if name == ERC else REFERENCE_PROPERTIES.get(name, "")
            if named and isinstance(each, str):
                found[name] = self.of(named, each)
            else:
                found[name] = self._walked(each, _WHOLE.get(name, ""))
        return found


NO_TRANSLATION: Final = ErcTranslation()


def match_by_name(source: Documents, target: Documents) -> ErcTranslation:
    """Return the codes of what has the same name and another code in the target."""
    relationships = match_relationships(source[DEFINITION], target[DEFINITION])
    return ErcTranslation(find_all_name_matches(source, target), relationships)


def _unique_names(bodies: Iterable[Body]) -> set[object]:
    """Return the names that only one of *bodies* has."""
    numbers = Counter(body.get("name") for body in bodies)
    return {name for name, number in numbers.items() if number == 1 and name}


def _relationships(
    definitions: Iterable[Body],
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield definition's and relationship's name, and the relationship's code."""
    for body in definitions:
        for relationship in body.get("objectRelationships") or ():
            code = relationship.get(ERC)
            if code:
                yield (str(body.get("name")), str(relationship.get("name"))), code
