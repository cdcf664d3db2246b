"""Documents that another installation holds under other external reference codes.

When people create the same object in two places, it has one name and two codes. A
document is identified by its code, so an import would add the one beside the other:
Liferay refuses a second definition or folder of a name, and accepts a second picklist.
To make them the same document, every reference to the one code has to become the other.
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
"""All documents of an installation, by the name of their kind."""

_WHOLE: Final[Mapping[str, str]] = {
    "objectDefinition": DEFINITION,
    "objectRelationships": RELATIONSHIP_CODE,
}
"""Properties that hold documents or relationships with a code of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMatch:
    """Two documents with the same name and different codes.

    Attributes:
        kind: The name of the documents' kind.
        name: The common name.
        source: The code in the source.
        target: The code in the target.
    """

    kind: str
    name: str
    source: str
    target: str


def find_name_matches(
    kind: str, source: Sequence[Body], target: Sequence[Body]
) -> Iterator[NameMatch]:
    """Yield the documents of a kind that the target has under another code.

    Where names are not unique, as with picklists, a name counts only if one document
    on each side has it and neither code exists on the other side.
    """
    by_name = {document.get("name"): str(document[ERC]) for document in target}
    document_kind = KINDS_BY_NAME[kind]
    free = None
    if not document_kind.has_unique_names:
        free = _unique_names(source) & _unique_names(target)
    taken = {body[ERC] for body in source} & {body[ERC] for body in target}
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
    """Yield the differing codes of relationships of the same name.

    Relationships of definitions of the same name are compared.
    """
    codes = dict(_relationships(target))
    for name, code in _relationships(source):
        if codes.get(name, code) != code:
            yield code, codes[name]


def find_all_name_matches(source: Documents, target: Documents) -> list[NameMatch]:
    """Return the matches of every kind."""
    return [
        match
        for kind in source
        for match in find_name_matches(kind, source[kind], target[kind])
    ]


class ErcTranslation:
    """Translates codes of the source into codes of the target.

    Args:
        matches: The documents with different codes.
        relationships: Pairs of a code in the source and the one in the target.
    """

    def __init__(
        self,
        matches: Iterable[NameMatch] = (),
        relationships: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._codes = {(match.kind, match.source): match.target for match in matches}
        self._codes.update(
            ((RELATIONSHIP_CODE, code), target_code)
            for code, target_code in relationships
        )

    def of(self, kind: str, code: str) -> str:
        """Return the code in the target for a code in the source."""
        return self._codes.get((kind, code), code)

    def translate(self, kind: str, body: Body) -> Body:
        """Return a document of the source with the codes of the target."""
        return self._translate_value(body, kind) if self._codes else body

    def _translate_value(self, value: Any, kind: str) -> Any:
        if isinstance(value, list):
            return [self._translate_value(inner, kind) for inner in value]
        if not isinstance(value, dict):
            return value
        translated = {}
        for name, inner in value.items():
            referenced_kind = (
                kind if name == ERC else REFERENCE_PROPERTIES.get(name, "")
            )
            if referenced_kind and isinstance(inner, str):
                translated[name] = self.of(referenced_kind, inner)
            else:
                translated[name] = self._translate_value(inner, _WHOLE.get(name, ""))
        return translated


NO_TRANSLATION: Final = ErcTranslation()


def match_by_name(source: Documents, target: Documents) -> ErcTranslation:
    """Return the translation for documents with the same name and different codes."""
    relationships = match_relationships(source[DEFINITION], target[DEFINITION])
    return ErcTranslation(find_all_name_matches(source, target), relationships)


def _unique_names(bodies: Iterable[Body]) -> set[object]:
    """Return the names that exactly one of *bodies* has."""
    numbers = Counter(body.get("name") for body in bodies)
    return {name for name, number in numbers.items() if number == 1 and name}


def _relationships(
    definitions: Iterable[Body],
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the names of definition and relationship, and the relationship's code."""
    for body in definitions:
        for relationship in body.get("objectRelationships") or ():
            code = relationship.get(ERC)
            if code:
                yield (str(body.get("name")), str(relationship.get("name"))), code
