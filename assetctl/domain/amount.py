"""Amounts in words (大写金额), as papers of account write them: 支付结算办法, annex 1.

The annex leaves some noughts to the writer; the form here writes those after 元 and none after 万
(1680.32 壹仟陆佰捌拾元零叁角贰分, 107000.53 壹拾万柒仟元零伍角叁分), and closes what ends in 元
or 角 with 整, so that nothing can be written behind it.
"""

from __future__ import annotations

from decimal import Decimal

from assetctl.domain.money import CENT
from assetctl.errors import MoneyError

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ((1000, "仟"), (100, "佰"), (10, "拾"), (1, ""))
_BEYOND = Decimal(10**16)


def amount_in_words(amount: Decimal, *, prefix: bool = False) -> str:
    """Return an amount of yuan in words, with `prefix` after 人民币.

    Raises:
        MoneyError: it is no number, negative, finer than a fen, or has more than 16 digits of yuan.
    """
    if not amount.is_finite():
        raise MoneyError(text=str(amount), reason="it is not a number")
    if amount < 0:
        raise MoneyError(text=str(amount), reason="it is negative")
    if amount >= _BEYOND:
        raise MoneyError(text=str(amount), reason="it has more than 16 digits of yuan")
    if amount % CENT:
        raise MoneyError(text=str(amount), reason="it is finer than a fen (0.01)")
    yuan, cents = divmod(int(amount * 100), 100)
    return ("人民币" if prefix else "") + _in_words(yuan, *divmod(cents, 10))


def _in_words(yuan: int, jiao: int, fen: int) -> str:
    whole = f"{_whole(yuan)}元" if yuan or not (jiao or fen) else ""
    if not jiao and not fen:
        return f"{whole}整"
    # Without jiao the nought has to be written; where the yuan end in one it is left to the writer.
    nought = "零" if whole and (not jiao or yuan % 10 == 0) else ""
    parts = (f"{_DIGITS[jiao]}角" if jiao else "", f"{_DIGITS[fen]}分" if fen else "整")
    return whole + nought + "".join(parts)


def _whole(yuan: int) -> str:
    """Return a whole number below 10^16 in words."""
    high, low = divmod(yuan, 10**8)
    if not high:
        return _below_a_yi(low) or _DIGITS[0]
    gap = low and (low < 10**7 or high % 10**4 == 0)
    return f"{_below_a_yi(high)}亿{'零' if gap else ''}{_below_a_yi(low)}"


def _below_a_yi(number: int) -> str:
    """Return a whole number below 10^8 in words, nothing for nought."""
    high, low = divmod(number, 10**4)
    if not high:
        return _section(low)
    return f"{_section(high)}万{'零' if 0 < low < 1000 else ''}{_section(low)}"


def _section(number: int) -> str:
    """Return a whole number below 10^4 in words, one nought for each gap inside it."""
    words, gap = "", False
    for size, place in _PLACES:
        digit = number // size % 10
        if digit:
            words += ("零" if gap else "") + _DIGITS[digit] + place
        gap = bool(words) and not digit
    return words
