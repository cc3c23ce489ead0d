"""One cell's text turned into one value, or refused with a sentence that says what to do.

Nothing is corrected in silence: what a cell means beyond doubt is taken, all else is refused.
An empty cell is None everywhere. The common, clean cell is tried first and costs least.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal

from assetctl.domain.money import CENT
from assetctl.i18n import N_

TEXT_LIMIT = 500
CODE_LIMIT = 100

# What may stand around a cell unseen: blanks of every width, and marks that have no width at all.
INVISIBLE = (
    " \t\n\r\v\f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\xad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c"
    "\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)

_BREAKS = re.compile(r"[ \t]*[\r\n\v\f\x85\u2028\u2029]+[ \t]*")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SHEET_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|#+)")
# A spreadsheet always writes the sign of the exponent; `5E3` without one may well be a model.
_ROUNDED_CODE = re.compile(r"[+-]?\d+(?:\.\d+)?E[+-]\d+|\d{6,}\.0+", re.ASCII | re.IGNORECASE)
_ROUNDED = re.compile(r"[+-]?\d+(?:\.\d*)?E[+-]?\d+", re.ASCII | re.IGNORECASE)
_FULLWIDTH = re.compile("[０-９Ａ-Ｚａ-ｚ－．／＿]")
_HALFWIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F) if _FULLWIDTH.match(chr(wide))}

_YEARS = range(1900, 2101)
_SERIAL_DAY_ZERO = dt.date(1899, 12, 30)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE = re.compile(
    r"(?:(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})(\d\d)(\d\d)"
    r"|(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日)"
    r"(?:(?: +|T)(\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?))?",
    re.ASCII,
)
_MIDNIGHT = re.compile(r"00?:00(?::00(?:\.0+)?)?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)
_DAY_FIRST = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{1,4}|\d\d年\d{1,2}月\d{1,2}日|\d{6}", re.ASCII)
_DAY_MISSING = re.compile(r"\d{4}(?:[-/.]\d{1,2}|年(?:\d{1,2}月?)?)?|\d{1,2}月\d{1,2}日", re.ASCII)

_PLAIN_AMOUNT = re.compile(r"\d{1,16}(?:\.\d{1,2})?", re.ASCII)
_GROUPED = r"(\d+|[1-9]\d{0,2}(?:[,，]\d{3})+)"
_AMOUNT = re.compile(rf"[¥￥]? *{_GROUPED}(?:\.(\d+))? *元?", re.ASCII)
_INTEGER = re.compile(rf"(-?){_GROUPED}(?:\.0+)?", re.ASCII)
_MANY_YUAN = re.compile(r"[十百千万亿萬億]+ *元?$")
_NEGATIVE = re.compile(r"[¥￥]? *[-−－]|\(.*\)$|（.*）$")


class CellError(Exception):
    """A cell that cannot be used: a stable code, and an English sentence made from its facts."""

    def __init__(self, code: str, template: str, **facts: object) -> None:
        self.code = code
        self.template = template
        self.facts = facts
        super().__init__(template.format_map(facts))


def text(cell: str, *, limit: int = TEXT_LIMIT) -> str | None:
    """Return the words of a cell in NFC, without what surrounds them unseen; None when empty.

    Line breaks inside become one space each, for a name is one line everywhere else.

    Raises:
        CellError: a control character, a spreadsheet's error value, or more than `limit` long.
    """
    # Printable means: no control, no format character and no blank but the plain space.
    if cell.isprintable() and (cell.isascii() or unicodedata.is_normalized("NFC", cell)):
        words = cell.strip(" ")
    else:
        words = _cleaned(cell)
    if len(words) > limit:
        template = N_("This has {length} characters; {limit} are the most. Shorten it.")
        raise CellError("cell.too_long", template, length=len(words), limit=limit)
    if words.startswith("#") and _SHEET_ERROR.fullmatch(words):
        template = N_("A spreadsheet has put an error here. Enter the value itself.")
        raise CellError("cell.spreadsheet_error", template)
    return words or None


def code(cell: str) -> str | None:
    """Return an identifier exactly as it was written; None when empty.

    Raises:
        CellError: what `text` refuses, a number rounded by a spreadsheet, full-width letters or
            digits, a blank or an invisible character inside.
    """
    words = text(cell, limit=CODE_LIMIT)
    if words is None or (words.isascii() and words.isalnum()):
        return words
    if _ROUNDED_CODE.fullmatch(words):
        raise _rounded()
    _refuse_fullwidth(words)
    if any(character.isspace() for character in words):
        template = N_("A code has no spaces inside. Take them out: {plain}")
        raise CellError("cell.inner_space", template, plain="".join(words.split()))
    if not words.isprintable():
        hidden = next(character for character in words if not character.isprintable())
        template = N_("The invisible character {character} stands inside. Type the code again.")
        raise CellError("cell.invisible", template, character=f"U+{ord(hidden):04X}")
    return words


def date(cell: str) -> str | None:
    """Return a calendar date as `YYYY-MM-DD`; None when empty.

    Raises:
        CellError: not a whole date, one that can be read in two ways, a spreadsheet's day number,
            a day that does not exist, a time of day, or a year outside 1900 to 2100.
    """
    if _ISO_DATE.fullmatch(cell) and "1900" <= cell[:4] <= "2100":
        with suppress(ValueError):
            dt.date.fromisoformat(cell)
            return cell
    words = text(cell)
    if words is None:
        return None
    match = _DATE.fullmatch(words)
    if match is None:
        raise _no_date(words)
    time = match[11]
    if time is not None and not _MIDNIGHT.fullmatch(time):
        template = N_("A time of day stands behind the date. Leave only the date.")
        raise CellError("cell.date_time", template)
    year, month, day = match[1] or match[5] or match[8], match[3], match[4]
    return _calendar(
        int(year), int(month or match[6] or match[9]), int(day or match[7] or match[10])
    )


def money(cell: str) -> Decimal | None:
    """Return an amount in yuan, exact to the fen; None when empty.

    Raises:
        CellError: not a plain amount, negative, finer than a fen, longer than 16 digits before
            the point, in 万元, or a number rounded by a spreadsheet.
    """
    if _PLAIN_AMOUNT.fullmatch(cell):
        return Decimal(cell).quantize(CENT)
    words = text(cell)
    if words is None:
        return None
    match = _AMOUNT.fullmatch(words)
    if match is None:
        raise _no_amount(words)
    whole = _ungrouped(match[1])
    cents = (match[2] or "").rstrip("0")
    if len(cents) > 2:
        template = N_("This is finer than a fen (0.01). Round it to two decimals.")
        raise CellError("cell.money_fine", template)
    if len(whole) > 16:
        template = N_("An amount has at most 16 digits before the point. Correct it.")
        raise CellError("cell.money_large", template)
    return Decimal(f"{whole}.{cents}").quantize(CENT)


def integer(cell: str, *, low: int, high: int) -> int | None:
    """Return a whole number from `low` to `high`; None when empty.

    Raises:
        CellError: not a whole number in digits, or out of the range.
    """
    words = text(cell)
    if words is None:
        return None
    match = _INTEGER.fullmatch(words)
    if match is None:
        if _ROUNDED.fullmatch(words):
            raise _rounded()
        _refuse_fullwidth(words)
        template = N_("This is not a whole number. Write it in digits, such as 12.")
        raise CellError("cell.integer_form", template)
    digits = _ungrouped(match[2])
    # Very long numbers are never in range, and turning them into numbers is what costs.
    number = int(match[1] + digits) if len(digits.lstrip("0")) <= 18 else None
    if number is None or not low <= number <= high:
        template = N_("Write a whole number from {low} to {high}.")
        raise CellError("cell.integer_range", template, low=low, high=high)
    return number


def choice(cell: str, words: Mapping[str, str]) -> str | None:
    """Return the code of a word from a fixed list; None when empty.

    `words` maps each word, as `fold` writes it, to its code.

    Raises:
        CellError: the word is not in the list; the sentence names the words that are.
    """
    known = words.get(cell)
    if known is not None:
        return known
    word = text(cell)
    if word is None:
        return None
    known = words.get(fold(word))
    if known is None:
        template = N_("This word is not known here. Write one of: {allowed}")
        raise CellError("cell.choice_unknown", template, allowed=", ".join(words))
    return known


def fold(word: str) -> str:
    """Return the form in which words are compared: no case, width, blank, hyphen or underscore."""
    plain = unicodedata.normalize("NFKC", word).casefold()
    kept = (c for c in plain if c not in INVISIBLE and c not in "_-‐‑‒–—−")
    return unicodedata.normalize("NFKC", "".join(kept))


def _cleaned(cell: str) -> str:
    words = unicodedata.normalize("NFC", cell.strip(INVISIBLE))
    words = _BREAKS.sub(" ", words)
    control = _CONTROL.search(words)
    if control is not None:
        template = N_("The control character {character} stands inside. Type the text again.")
        raise CellError("cell.control", template, character=f"U+{ord(control[0]):04X}")
    return words


def _calendar(year: int, month: int, day: int) -> str:
    if year not in _YEARS:
        template = N_("The year {year} lies outside {first} to {last}. Correct it.")
        raise CellError(
            "cell.date_range", template, year=year, first=_YEARS.start, last=_YEARS.stop - 1
        )
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        template = N_("There is no such day in the calendar. Correct it.")
        raise CellError("cell.date_impossible", template) from None


def _no_date(words: str) -> CellError:
    _refuse_fullwidth(words)
    serial = _SERIAL.fullmatch(words)
    if serial is not None:
        meant = _SERIAL_DAY_ZERO + dt.timedelta(days=int(serial[1]))
        if meant.year in _YEARS:
            template = N_(
                "This is a spreadsheet's number for a day, probably {date}. Format the column as "
                "a date (2023-03-01) and save the file again."
            )
            return CellError("cell.date_serial", template, date=meant.isoformat())
    if _DAY_FIRST.fullmatch(words):
        template = N_(
            "This date can be read in more than one way. Write year, month and day: 2023-03-01."
        )
        return CellError("cell.date_ambiguous", template)
    if _DAY_MISSING.fullmatch("".join(words.split())):
        template = N_("The date is not whole. Write year, month and day: 2023-03-01.")
        return CellError("cell.date_incomplete", template)
    return CellError("cell.date_form", N_("This is not a date. Write it as 2023-03-01."))


def _no_amount(words: str) -> CellError:
    if _ROUNDED.fullmatch(words):
        return _rounded()
    if _MANY_YUAN.search(words):
        template = N_("Write the whole amount in yuan, in digits: 12500.00.")
        return CellError("cell.money_unit", template)
    _refuse_fullwidth(words.replace("－", "-"))
    if _NEGATIVE.match(words) and any(character.isdigit() for character in words):
        return CellError("cell.money_negative", N_("An amount cannot be negative. Correct it."))
    if "," in words or "，" in words:
        template = N_("The commas do not part thousands. Write the amount without them: 12500.00.")
        return CellError("cell.money_comma", template)
    return CellError("cell.money_form", N_("This is not an amount. Write it as 12500.00."))


def _refuse_fullwidth(words: str) -> None:
    if _FULLWIDTH.search(words):
        template = N_("This is typed in full-width characters. Write it as: {plain}")
        raise CellError("cell.fullwidth", template, plain=words.translate(_HALFWIDTH))


def _rounded() -> CellError:
    template = N_(
        "A spreadsheet has rounded this number; format the column as text and enter it again."
    )
    return CellError("cell.spreadsheet_number", template)


def _ungrouped(digits: str) -> str:
    return digits.replace(",", "").replace("，", "")
