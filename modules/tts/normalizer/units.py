"""Quantities with units, spoken."""

from __future__ import annotations

import re

from modules.tts.normalizer.numerals import NUMBER, is_one, number

_REGULAR = {
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "µm": "micrometer", "nm": "nanometer",
    "mi": "mile", "yd": "yard", "kg": "kilogram", "g": "gram", "mg": "milligram", "µg": "microgram",
    "lb": "pound", "lbs": "pound", "oz": "ounce", "l": "liter", "L": "liter", "ml": "milliliter", "mL": "milliliter",
    "dl": "deciliter", "gal": "gallon", "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute", "mins": "minute",
    "s": "second", "sec": "second", "secs": "second", "ms": "millisecond", "µs": "microsecond", "ns": "nanosecond",
    "B": "byte", "kB": "kilobyte", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte",
    "PB": "petabyte", "KiB": "kibibyte", "MiB": "mebibyte", "GiB": "gibibyte", "TiB": "tebibyte",
    "W": "watt", "kW": "kilowatt", "MW": "megawatt", "GW": "gigawatt", "V": "volt", "kV": "kilovolt", "mV": "millivolt",
    "mA": "milliamp", "Wh": "watt hour", "kWh": "kilowatt hour", "MWh": "megawatt hour", "mAh": "milliamp hour",
    "J": "joule", "kJ": "kilojoule", "kcal": "kilocalorie", "N": "newton", "Pa": "pascal", "hPa": "hectopascal",
    "kPa": "kilopascal", "dB": "decibel", "px": "pixel", "°": "degree",
}  # fmt: skip
_IRREGULAR = {
    "ft": ("foot", "feet"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "℃": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "℉": ("degree Fahrenheit", "degrees Fahrenheit"),
    "%": ("percent", "percent"),
    "x": ("times", "times"),
    "k": ("thousand", "thousand"),
    "M": ("million", "million"),
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "kph": ("kilometer per hour", "kilometers per hour"),
    "mph": ("mile per hour", "miles per hour"),
    "rpm": ("turn per minute", "turns per minute"),
    "fps": ("frame per second", "frames per second"),
    "bps": ("bit per second", "bits per second"),
    "kbps": ("kilobit per second", "kilobits per second"),
    "Kbps": ("kilobit per second", "kilobits per second"),
    "Mbps": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "kbit/s": ("kilobit per second", "kilobits per second"),
    "Mbit/s": ("megabit per second", "megabits per second"),
    "Gbit/s": ("gigabit per second", "gigabits per second"),
    "sq ft": ("square foot", "square feet"),
    "dpi": ("dot per inch", "dots per inch"),
}
_ATTACHED_ONLY = frozenset({"x", "k", "M"})
"""Read as units only when no space separates them from the number."""
_POWERS = {"²": "square", "³": "cubic", "2": "square", "3": "cubic"}

_UNITS = {unit: (name, f"{name}s") for unit, name in _REGULAR.items()} | _IRREGULAR
_POWERED = frozenset({"km", "m", "cm", "mm", "ft", "mi", "yd"})
_PER = frozenset({"s", "h", "min", "m", "km", "kg", "l", "L", "sec", "GB", "MB"})

_ANY = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?<![\w.,])([-−+±])?({NUMBER})(?:\s?[-–]\s?({NUMBER}))?(\s?|-)({_ANY})"
    rf"([²³]|(?<=m)[23]|(?<=ft)[23])?(?:/({'|'.join(sorted(_PER, key=len, reverse=True))}))?(?![\w²³])"
)
_DIMENSIONS = re.compile(r"(?<=[0-9])\s?[x×]\s?(?=[0-9])")
_FEET_AND_INCHES = re.compile(r"(?<![\w.])([0-9]{1,2})['’′]\s?([0-9]{1,2})(?:[\"”″]|'')")
_SIGNS = {"-": "minus ", "−": "minus ", "+": "plus ", "±": "plus or minus "}


def speak(text: str) -> str:
    """Put quantities into words: 5 km -> five kilometers, 10-12 °C -> ten to twelve degrees Celsius."""
    text = _FEET_AND_INCHES.sub(lambda match: f"{number(match[1])} foot {number(match[2])}", text)
    text = _DIMENSIONS.sub(" by ", text)
    return _QUANTITY.sub(_quantity, text.replace("\u03bc", "µ"))


def _quantity(match: re.Match[str]) -> str:
    sign, amount, upper, space, unit, power, per = match.groups()
    if (unit in _ATTACHED_ONLY and space) or (power and unit not in _POWERED):
        return match[0]
    one, many = _UNITS[unit]
    words = number(amount)
    if upper:
        words += f" to {number(upper)}"
    name = one if is_one(amount) and not upper else many
    if power:
        name = f"{_POWERS[power]} {name}"
    rate = f" per {_UNITS[per][0]}" if per else ""
    return f"{_SIGNS[sign] if sign else ''}{words} {name}{rate}"
