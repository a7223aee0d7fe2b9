#!/usr/bin/python3
"""Writes what CPython's % operator gives for many formats and arguments, one JSON object a line, to table.jsonl beside it.

Each line has the format, the arguments as the JSON that a handler publishes them in (a string, so that digits and NaN are kept),
and what logging.LogRecord.getMessage gives; want is null where Python raises.

    python3 internal/record/pyformat/testdata/generate.py
"""
import itertools
import json
import logging
import os
import random
import sys

random.seed(20261122)
HERE = os.path.dirname(os.path.abspath(__file__))

VALUES = [
    0, 1, -1, 7, 42, -42, 255, 1000000, -123456789, 2**31, 2**63, -2**64, 10**40, -(10**25), 9007199254740993,
    0.0, -0.0, 1.0, -1.5, 0.1, 3.14159, 2.5, 0.5, 1.5, 1e16, 1e-5, 0.0001, 123456.0, 1234567.0, 999999.5, 9.9995, 1e100, -1e300,
    1.7976931348623157e308, 5e-324, 1e15, 123456789012345680.0, 0.00001234, float("nan"), float("inf"), float("-inf"),
    "", "a", "it's", 'say "hi"', "both ' and \"", "naïve", "日本語", "🚀", "é", "tab\tnl\ncr\r", "back\\slash", "nul\x00bel\x07fs\x1c",
    "\x7f\x80\x9f\xa0\xad", "\u200b\u2028\u202e\ufeff", "\U0001f600x", "\U000e0001", "long " * 5, "100%",
    None, True, False,
    [], {}, [1, "two", None, True], {"k": "v'", "n": 1.0}, [[], [[]], {}], {"a": [1.5, {"b": None}], "c": "\n"},
    [float("nan"), float("inf"), -float("inf")], {"é": "日本", "'": '"'}, [10**30, -0.0, 1e22], {"": ""}, ["\x00", "\u2028", "🚀"],
]
VERBS = "sradiouxXeEfFgGc"
FLAGS = ["", "-", "+", " ", "#", "0", "-0", "+0", "#0", " 0", "+-", "# +-0", "0#"]
WIDTHS = ["", "1", "2", "5", "12", "25"]
PRECISIONS = ["", ".", ".0", ".1", ".2", ".3", ".6", ".17", ".30"]


def emit(out, fmt, args):
    record = logging.LogRecord("n", 20, "f", 1, fmt, args if isinstance(args, (tuple, dict)) else (args,), None)
    try:
        want = record.getMessage() if args else fmt
        want.encode("utf-8")
    except UnicodeEncodeError:
        return  # a lone surrogate: JSON in UTF-8 has none
    except Exception:
        want = None
    out.append(json.dumps({"format": fmt, "args": json.dumps(args), "want": want}))


def main():
    out = []
    # Every verb with every value, plain, and in a few shapes.
    for verb, value in itertools.product(VERBS, VALUES):
        emit(out, "%" + verb, (value,) if not isinstance(value, dict) or not value else (value, ))
        emit(out, "[%%%s]" % (random.choice(FLAGS) + random.choice(WIDTHS) + random.choice(PRECISIONS) + verb), (value,))
        emit(out, "%s: %" + verb, ("x", value))
    # Every shape with every verb.
    for flags, width, precision, verb in itertools.product(FLAGS, WIDTHS, PRECISIONS, VERBS):
        if random.random() < 0.4:
            emit(out, "%" + flags + width + precision + verb + "|", (random.choice(VALUES),))
    numbers = [v for v in VALUES if isinstance(v, (int, float))]
    for _ in range(2500):
        verb = random.choice("diouxXeEfFgG")
        value = random.choice(numbers) if random.random() < 0.5 else random.choice(
            [random.random(), random.uniform(-1e6, 1e6), random.gauss(0, 1) * 10.0 ** random.randint(-300, 300),
             random.randint(-10**6, 10**6), random.getrandbits(random.randint(1, 300))])
        emit(out, "%" + random.choice(FLAGS) + random.choice(WIDTHS) + random.choice(PRECISIONS) + verb, (value,))
    # Stars.
    for value in [0, 1, -1, 3, -3, 10, -10, 5.0, "5", None, True, False, 2**31 - 1 - 2**31 + 7, 2**31, 2**40, -2**31, -2**40, [1]]:
        for fmt in ("%*d", "%.*f", "%*s|", "%-*s|", "%.*s|", "%0*d", "%*.2f", "%.*d", "%*x", "%*c|", "%.*g"):
            if not fmt.startswith("%.") and isinstance(value, int) and abs(value) > 10**6:
                continue  # a width of gigabytes
            emit(out, fmt, (value, 65))
            emit(out, fmt, (value, 3.14159))
    emit(out, "%*.*f|", (10, 2, 3.14159))
    emit(out, "%*.*f|", (-10, -2, 3.14159))
    emit(out, "%-*.*s|", (10, 2, "abcdef"))
    for value in (-1, 0, 1):
        for empty in ("", "x"):
            emit(out, "%*s|%.0s|%*.0r|", (value, empty, empty, value, empty))
    emit(out, "%*", (10, 2))
    emit(out, "%.*", (10,))
    # How many there are, what is no conversion, what is incomplete.
    for fmt in ["", "plain", "%", "%%", "%% %s", "%s%%", "%5%", "%-5%|", "%.3%", "%s", "%s %s", "%s %s %s", "%d", "%y", "%q %s", "%l", "%ld", "%hd", "%Ld",
                "%lld", "%hhd", "%zd", "%n", "%b", "%i", "%u", "%(a)s", "%(a", "%(a)", "%()s", "%.", "%.s", "%5", "%-", "%0", "%#", "% ", "%+", "% d", "%+d",
                "%s%", "%.5", "%5.", "100% sure", "50%s off", "%99999999999999999999d", "%.99999999999999999999d", "%.2147483648f",
                "%\u00e9", "%\u65e5s", "%(\u65e5)s", "\u65e5%s\u672c", "%S", "%D", "%p", "%A", "%-5.2s|", "%5.2r|", "%-12a|", "%+s|", "%#s|", "%05s|", "%05c|"]:
        for args in [(), ("x",), (1,), ("x", 2), (1, 2, 3), (None,), ({},), ({"a": 1},), ({"a": 1}, 2), ([],), ([1, 2],), ("",)]:
            emit(out, fmt, args)
    # Mappings.
    maps = [{"a": 1}, {"a": "x", "b": 2.5}, {"a": None, "": 0, "(": "p", "a(b)c": "nested", "k k": True}, {"é": "日本", "a": [1, "b"]}, {"a": {"b": "c"}}]
    for m in maps:
        for fmt in ["%(a)s", "%(a)r", "%(a)d", "%(b)s", "%(b).1f", "%(a)5s|%(a)-5s|", "%()s", "%(()s", "%(a(b)c)s", "%(k k)s", "%(é)s %(é)a", "%s", "%s %s", "%r",
                    "plain", "%(a)s %s", "%s %(a)s", "%(a)%", "%(zz)%", "%-%", "%l%", "%%(a)s", "%(a)", "%(a", "%(a)*d", "%*d", "%(a)s%%", "%(a)05d", "%(a)+d", "%(a)x", "%(a)c",
                    "%(a) s|", "%(a)#x", "%d", "%(a)s %(a)s %(b)s", "%(a)ld", "%(a)y", "%(a)s %"]:
            emit(out, fmt, (m,))
            emit(out, fmt, (m, 1))
    # Long integers, where CPython has a limit.
    for digits in (4299, 4300, 4301):
        for verb in "dxs":
            if digits <= 4300:
                emit(out, "%." + "3" + verb, (int("7" * digits),))
    lines = sorted(set(out))
    with open(os.path.join(HERE, "table.jsonl"), "w") as f:
        f.write(json.dumps({"python": sys.version.split()[0], "cases": len(lines)}) + "\n")
        f.write("\n".join(lines) + "\n")


main()
