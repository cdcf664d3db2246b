"""Verification reports as files: HTML for people, JSON for programs.

Both are written piece by piece, because a report may list many mismatches. The HTML is
one file without scripts and without links to anything else, so that it can be sent on;
every text from files and servers is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any, Final

import orjson

from ...model.verification import (
    Mismatch,
    MismatchKind,
    PartVerification,
    Verification,
)

_VALUE_CHARS: Final = 500
_COLUMNS: Final = (
    "Type",
    "Expected",
    "Equal",
    "Different",
    "Missing",
    "Surplus",
    "Not verified",
    "In the target",
)
_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem;
  padding: 0 1rem; color: #1c1c24; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
th, td { border-bottom: 1px solid #d5d5e0; padding: .3rem .6rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
td.n, th.n { text-align: right; white-space: nowrap; }
.ok { color: #11622b; font-weight: 600; } .bad { color: #a3121e; font-weight: 600; }
code { font-size: .85rem; } .none { color: #6b6c7e; }
@media print { body { margin: 0; } }
"""


def iter_json_report(
    verification: Verification, mismatches: Iterable[Mismatch]
) -> Iterator[bytes]:
    """Yield a report as JSON, with a mismatch a line."""
    head = orjson.dumps(verification.as_dict(), option=orjson.OPT_INDENT_2)
    yield head.rstrip().removesuffix(b"}").rstrip() + b',\n  "mismatches": ['
    separator = b"\n    "
    for mismatch in mismatches:
        yield separator + orjson.dumps(mismatch.as_dict(), default=str)
        separator = b",\n    "
    yield b"\n  ]\n}\n"


def iter_html_report(
    verification: Verification, mismatches: Iterable[Mismatch]
) -> Iterator[bytes]:
    """Yield a report as a page of HTML."""
    yield _head(verification).encode()
    yield _parts_table(verification.parts).encode()
    yield _notes(verification).encode()
    yield from _mismatch_table(verification, mismatches)
    yield _digest_table(verification.parts).encode()
    yield b"</body></html>\n"


def _head(found: Verification) -> str:
    title = f"Verification of {found.target}"
    subject = f"Task {found.task}" if found.task else "Two installations"
    pairs = (
        ("Verified", subject),
        ("Source", found.source),
        ("Target", found.target),
        ("Begun", found.started),
        ("Ended", found.ended),
        ("By", found.author),
    )
    rows = "".join(
        f"<tr><th>{name}</th><td>{escape(value)}</td></tr>"
        for name, value in pairs
        if value
    )
    state = "ok" if found.is_equal else "bad"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1>"
        f'<p class="{state}">{escape(found.summary)}</p><table>{rows}</table>'
    )


def _parts_table(parts: Sequence[PartVerification]) -> str:
    head = "".join(
        f"<th{'' if number == 0 else ' class=n'}>{name}</th>"
        for number, name in enumerate(_COLUMNS)
    )
    return (
        f"<h2>Counts</h2><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(map(_part_row, parts))}</tbody></table>"
    )


def _part_row(part: PartVerification) -> str:
    counts = (
        part.expected,
        part.equal,
        part.different,
        part.missing,
        part.surplus,
        part.unverified,
    )
    cells = "".join(f'<td class="n">{number:,}</td>' for number in counts)
    found = "" if part.found is None else f"{part.found:,}"
    return f'<tr><td>{escape(part.title)}</td>{cells}<td class="n">{found}</td></tr>'


def _notes(found: Verification) -> str:
    notes = list(found.notes)
    for part in found.parts:
        if part.not_compared:
            names = ", ".join(part.not_compared)
            notes.append(
                f"{part.title}: not compared, because no installation gives out the "
                f"values: {names}."
            )
        if part.superseded:
            notes.append(
                f"{part.title}: {part.superseded:,} records were followed by another "
                "record of the same item, which counts."
            )
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f"<h2>Notes</h2><ul>{items}</ul>" if items else ""


def _mismatch_table(
    found: Verification, mismatches: Iterable[Mismatch]
) -> Iterator[bytes]:
    if not found.mismatches:
        return
    yield (
        b"<h2>What is not as expected</h2><table><thead><tr><th>Type</th>"
        b"<th>Record</th><th>External reference code</th><th>Site</th><th>State</th>"
        b"<th>Field</th><th>Expected</th><th>In the target</th></tr></thead><tbody>"
    )
    for mismatch in mismatches:
        yield _mismatch_rows(mismatch).encode()
    yield b"</tbody></table>"
    rest = found.mismatches - found.listed
    if rest > 0:
        yield f"<p>{rest:,} more are counted and not listed.</p>".encode()


def _mismatch_rows(mismatch: Mismatch) -> str:
    record = f"{mismatch.record:,}" if mismatch.record else ""
    identity = "".join(
        f"<td>{escape(text)}</td>"
        for text in (
            mismatch.part,
            record,
            mismatch.key,
            mismatch.site,
            mismatch.kind.value,
        )
    )
    if not mismatch.fields:
        note = escape(mismatch.note)
        return f'<tr>{identity}<td></td><td colspan="2">{note}</td></tr>'
    rows = "".join(
        f"<tr>{identity}<td>{escape(field.field)}</td>"
        f"<td>{_value(field.expected)}</td><td>{_value(field.actual)}</td></tr>"
        for field in mismatch.fields
    )
    if mismatch.note:
        note = escape(mismatch.note)
        rows += f'<tr>{identity}<td></td><td colspan="2">{note}</td></tr>'
    return rows


def _value(value: Any) -> str:
    text = format_verified_value(value)
    return escape(text) if text else '<span class="none">none</span>'


def format_verified_value(value: Any) -> str:
    """Return a value as a text for people; empty for None."""
    if value is None:
        return ""
    text = (
        value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    )
    return text if len(text) <= _VALUE_CHARS else f"{text[:_VALUE_CHARS]}…"


def _digest_table(parts: Sequence[PartVerification]) -> str:
    rows = "".join(
        f"<tr><td>{escape(part.title)}</td><td><code>{part.expected_digest}</code></td>"
        f"<td><code>{part.actual_digest}</code></td>"
        f"<td>{escape(', '.join(part.fields))}</td></tr>"
        for part in parts
        if part.expected_digest
    )
    if not rows:
        return ""
    return (
        "<h2>Digests</h2><p>A digest of all keys and values, whatever their order: two "
        "that are equal stand for equal entries.</p><table><thead><tr><th>Type</th>"
        "<th>Expected</th><th>In the target</th><th>Fields</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


MISMATCH_COLUMNS: Final = (
    "entityType",
    "itemIndex",
    "externalReferenceCode",
    "scopeKey",
    "mismatch",
    "field",
    "expected",
    "actual",
    "note",
)


def iter_mismatch_rows(mismatches: Iterable[Mismatch]) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each field that differs, and for each other mismatch."""
    for mismatch in mismatches:
        identity = (
            mismatch.part,
            mismatch.record or None,
            mismatch.key,
            mismatch.site,
            mismatch.kind.value,
        )
        if mismatch.kind is not MismatchKind.DIFFERENT or not mismatch.fields:
            yield (*identity, "", None, None, mismatch.note)
        for field in mismatch.fields:
            yield (*identity, field.field, field.expected, field.actual, mismatch.note)
