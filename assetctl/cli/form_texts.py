"""How names, days and amounts stand on printed documents."""

from __future__ import annotations

from decimal import Decimal

from assetctl.cli.output import Words
from assetctl.domain.document_kinds import OUTCOMES, FieldType
from assetctl.i18n import N_
from assetctl.reads.documents import Document
from assetctl.reads.printed import Printed

_TERMS = {"source": "intake_source", "mode": "intake_mode"}
"""Fields whose values are codes, and the group of their words."""

_TOLD: dict[str, FieldType] = {
    "holder": "unit", "sent_to": "unit", "owner": "unit", "borrower": "unit", "place": "place",
    "warehouse": "place", "due": "day",
}  # fmt: skip
"""What the fields of papers are, which no kind declares."""


class Texts:
    """The texts of one document, in the language and the time zone of its readers."""

    def __init__(self, printed: Printed, words: Words) -> None:
        self.printed = printed
        self.words = words

    @property
    def one(self) -> Document:
        """The document that is printed."""
        return self.printed.document

    def say(self, text: str, /, **facts: object) -> str:
        """Return a sentence in the language of the words."""
        return self.words.say(text, **facts)

    def coded(self, name: str | None, code: str) -> str:
        """Return a name with its code, or the code alone where there is no name."""
        if not name or name == code:
            return code
        return f"{name}（{code}）" if self.words.language == "zh" else f"{name} ({code})"

    def party(self, code: str | None) -> str:
        """Return a unit or a person by name and code; nothing for none."""
        if not code:
            return ""
        found = self.printed.parties.get(code)
        return self.coded(found.name if found else None, code)

    def unit_name(self, code: str | None) -> str:
        """Return the name of a unit without its code, the code where it has no name."""
        found = self.printed.parties.get(code or "")
        return (found.name if found else None) or code or ""

    def place(self, code: str) -> str:
        """Return a place with what it lies in."""
        return self.coded(self.printed.places.get(code), code)

    def day(self, day: str) -> str:
        """Return an ISO date as papers have it; what is none stays as it is."""
        parts = day.split("-")
        if self.words.language == "en" or len(parts) != 3 or not all(map(str.isdecimal, parts)):
            return day
        return "{}年{}月{}日".format(*map(int, parts))

    def day_of(self, instant: str) -> str:
        """Return the day of an instant, in the time zone of the office."""
        return self.day(self.words.time(instant)[:10])

    def erased(self) -> str:
        """Return what stands in the place of a text that was erased."""
        return self.say(N_("(erased)"))

    def field_name(self, name: str) -> str:
        """Return the word for a field, as a heading."""
        word = self.words.term("field", name)
        return word[:1].upper() + word[1:]

    def field(self, name: str, value: str) -> str:
        """Return the value of a field with names and words for its codes."""
        declared = self.one.doc_kind.field(name)
        match declared.type if declared else _TOLD.get(name, "code"):
            case "unit" | "person":
                return self.party(value)
            case "place":
                return self.place(value)
            case "day":
                return self.day(value)
            case "choice":
                return self.words.term(_TERMS.get(name, name), value)
            case _:
                return value

    def verdict(self, line: int) -> str:
        """Return the verdict of a paper on one of its lines: how far it came, or where it goes."""
        judged = self.printed.judged.get(line)
        code = (judged and judged.verdict) or ""
        return self.words.term("outcome" if code in OUTCOMES else "line_state", code)

    def numbered(self, one: Document) -> str:
        """Return the number of a document with the word for its kind."""
        return f"{self.words.term('document', one.kind)} {one.number}"


def money(amount: str | None, times: int = 1) -> str:
    """Return an amount, as often as there are things of it, with separators; nothing for none."""
    return "" if amount is None else f"{Decimal(amount) * times:,.2f}"
