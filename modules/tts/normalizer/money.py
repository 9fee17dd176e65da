"""Amounts of money, spoken."""

from __future__ import annotations

import re

from modules.tts.normalizer.numerals import NUMBER, is_one, number

_CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₩": ("won", "won", "jeon", "jeon"),
    "₽": ("ruble", "rubles", "kopek", "kopeks"),
    "CHF": ("franc", "francs", "centime", "centimes"),
}
_CODES = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "CHF": "CHF"}
_SCALES = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion", "b": "billion", "tn": "trillion"}
_PER = {"mo": "month", "yr": "year", "hr": "hour", "h": "hour", "wk": "week", "kg": "kilogram", "lb": "pound"}

_SYMBOL = r"[$€£¥₹₩₽]"
_SCALE = r"(?:\s?(hundred|thousand|million|billion|trillion|mn|bn|tn|[kKmMbB])(?![\w]))?"
_RATE = r"(?:\s?/\s?(month|mo|year|yr|hour|hr|h|day|week|wk|kg|lb|person|user|night)(?!\w))?"
_PREFIXED = re.compile(
    rf"(?<![\w.,])(-|−)?(?:US|CA|AU|NZ|HK|C|A)?(?:({_SYMBOL})|({'|'.join(_CODES)}) )\s?({NUMBER})"
    rf"(?:\s?[-–]\s?{_SYMBOL}?({NUMBER}))?{_SCALE}{_RATE}"
)
_SUFFIXED = re.compile(rf"(?<![\w.,$€£])(-|−)?({NUMBER})\s?(?:({_SYMBOL})|({'|'.join(_CODES)})(?!\w)){_RATE}")
_CENTS = re.compile(rf"(?<![\w.,])({NUMBER})\s?¢")


def speak(text: str) -> str:
    """Put amounts into words: $4.50 -> four dollars and fifty cents."""
    text = _PREFIXED.sub(_prefixed, text)
    text = _SUFFIXED.sub(_suffixed, text)
    return _CENTS.sub(lambda match: f"{number(match[1])} {'cent' if is_one(match[1]) else 'cents'}", text)


def _prefixed(match: re.Match[str]) -> str:
    sign, symbol, code, amount, upper, scale, rate = match.groups()
    currency = _CURRENCIES[symbol or _CODES[code]]
    if upper or scale:
        words = f"{number(amount)} to {number(upper)}" if upper else number(amount)
        words += f" {_SCALES.get(scale.lower(), scale)}" if scale else ""
        words += f" {currency[1]}"
    else:
        words = _amount(amount, currency)
    return _with_sign_and_rate(sign, words, rate)


def _suffixed(match: re.Match[str]) -> str:
    sign, amount, symbol, code, rate = match.groups()
    return _with_sign_and_rate(sign, _amount(amount, _CURRENCIES[symbol or _CODES[code]]), rate)


def _amount(amount: str, currency: tuple[str, str, str, str]) -> str:
    one, many, one_part, many_parts = currency
    whole, _, parts = amount.partition(".")
    if len(parts) != 2:
        return f"{number(amount)} {one if is_one(amount) else many}"
    main = f"{number(whole)} {one if is_one(whole) else many}"
    if parts == "00":
        return main
    small = f"{number(str(int(parts)))} {one_part if parts == '01' else many_parts}"
    return small if whole == "0" else f"{main} and {small}"


def _with_sign_and_rate(sign: str | None, words: str, rate: str | None) -> str:
    return f"{'minus ' if sign else ''}{words}{f' per {_PER.get(rate, rate)}' if rate else ''}"
