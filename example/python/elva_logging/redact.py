"""Replace secrets in log records before they leave the program.

    import logging
    from elva_logging import ElvaHandler
    from elva_logging.redact import RedactSecrets

    handler = ElvaHandler("my:channel")
    handler.addFilter(RedactSecrets())
    logging.getLogger().addHandler(handler)

A secret is found by the name before it (password, token, api_key, Authorization, Cookie and the like), or by its form: bearer tokens,
JWTs, the keys of well-known services, private keys, passwords in URLs, the numbers of payment cards. It errs on the side of
hiding, and can't know a secret that has neither. elva.RedactSecrets does the same to what arrives at the viewer.
"""

import collections.abc
import logging
import re
from typing import Any

__all__ = ["RedactSecrets", "redact"]

REPLACEMENT = "[redacted]"

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# Levels of nesting that are looked at in an argument or an extra field, as many as the handler publishes.
_DEPTH = 8

_PASSWORDS = (r"password|passwd|passphrase|passcode|password[_-]?hash|password[_-]?digest|password[_-]?confirm(?:ation)?|passwort|motdepasse|senha|passwords|"
              r"(?:(?<![a-zA-Z])|(?-i:(?<=[a-z])(?=P)))(?:pwd|pass)")
_TOKENS = (r"(?<!page)(?<!page_)(?<!next)(?<!next_)(?<!continuation_)token|secret|jwt|bearer|api[_-]?key|app[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|"
           r"secret[_-]?key[_-]?base|signing[_-]?key|encryption[_-]?key|auth[_-]?key|shared[_-]?key|account[_-]?key|master[_-]?key|license[_-]?key|credentials?|secrets|amz-signature|goog-signature")
_HEADERS = r"authorization|(?:set-)?cookies?"

# A name, which a sign follows: what is before the part that tells, at most so long that no text makes the search slow, and numbers behind it.
_NAME = r"(?<![\w.-])(?=[\w.-]+(?:\\*[\"']\]?|\])?\s?[=:])(?P<name>[\w.-]{{0,200}}?(?:{})\d*)(?P<close>\\*[\"']\]?|\])?"
_SIGN = r"(?P<sign>\s?(?::=|=>|=(?!=)|:)\s*)(?:[bur](?=[\"']))?"
_WRAPPER = r"(?:(?:Some|string|Just|Ok)[( ](?:\d+\) )?(?=\\*[\"']))?"  # as Rust and PHP print a text
_QUOTED = r"(?P<quote>\\*[\"'])(?P<quoted>(?:(?!(?P=quote))[^\\]|\\.)*?)(?P=quote)"
_PLAIN = r"[\"']?(?P<plain>\[redacted\]|\{\{?\w*\}?\}|\$\{\w*\}|<\w*>|(?:[^\s\"'<|&,;\\)\]}>]|[)\]}>](?=\w))+)"
_KEYED = re.compile(_NAME.format(f"{_PASSWORDS}|{_TOKENS}") + _SIGN + _WRAPPER + f"(?:{_QUOTED}|{_PLAIN})", re.I)
_HEADER = re.compile(
    r"(?<![\w])(?P<outer>[\"'])?(?P<name>[\w-]{0,40}(?:" + _HEADERS + r"))(?P<close>\\*[\"'])?" + _SIGN
    + r"(?:" + _QUOTED + r"|\[(?P<list>[^\]]*)\]|(?P<plain>(?(outer)[^\r\n]+?(?=(?P=outer)|[\r\n]|\Z)|[^\r\n]+)))", re.I)
_LISTED = re.compile(r"(b?([\"'])(?:" + _HEADERS + r")\2, ?b?([\"']))(.*?)(?=\3)", re.I)
_SCHEME = re.compile(r"(?:Bearer|Basic|Digest|Token|Negotiate|ApiKey|AWS4-HMAC-SHA256) ", re.I)
_BEARER = re.compile(r"\b(Bearer|Basic|(?-i:Token)) ((?=[\w.~+/=-]*[\dA-Z=])[\w.~+/=-]{8,})", re.I)
_OPTION = re.compile(r"(--[\w-]{0,40}(?:" + f"{_PASSWORDS}|{_TOKENS}" + r")) (?!-)(?:(?P<quote>[\"'])(.*?)(?P=quote)|(\S+))", re.I)
_ARGUMENT = re.compile(r"(--[\w-]{0,40}(?:" + f"{_PASSWORDS}|{_TOKENS}" + r")(?P<quote>\\*[\"']), ?\\*[\"'])(?!-)(.*?)(?=(?P=quote))", re.I)
_CURL = re.compile(r"((?<!-)-(?:u|-user) [^\s:\"']+:)((?=[^\s\"']*\d)(?=[^\s\"']*[^\s\"'\d.])[^\s\"']+)")
_MYSQL = re.compile(r"((?<![^\s\"'`=])[^\s\"'`=:]*:)([^\s\"'`=]+)(?=@(?:tcp|unix)\()")
_SQL = re.compile(r"(PASSWORD[ (]|\bIDENTIFIED BY )'([^']*)'", re.I)
_ELEMENT = re.compile(r"(<[\w:.-]{0,40}(?:" + f"{_PASSWORDS}|{_TOKENS}" + r")(?: [^<>]{0,200})?>)([^<]+)(?=<)", re.I)
_QUERY = re.compile(r"([?&;](?:sig|jsessionid|phpsessid)=)([^&\s\"']{8,})", re.I)
_CALLBACK = re.compile(r"([?&]code=)((?=[^&\s\"']*\d)[^&\s\"']{16,})", re.I)
_SENTENCE = re.compile(r"((?:" + _PASSWORDS + r") is )((?=[^\s\"',;]*\d)(?=[^\s\"',;]*[^\s\d.])[^\s\"',;]+?)(?=[.!?:]*(?:[\s\"',;]|\Z))", re.I)
_CODE_IS = re.compile(r"(\b(?:(?:verification|confirmation|security|access|login|auth|authentication|one-time|sms|2fa|mfa|otp|pin|reset) code|cvv|cvc|pin|otp) is )(\d{3,})\b", re.I)
_SETTING = re.compile(r"(\b(?:requirepass|masterauth) )([^\s\"',;]+)")
_TELEGRAM = re.compile(r"(\d:)(AA[\w-]{31,35})(?![\w-])")
_SHORT = re.compile(r"((?:(?:mysql|mariadb|sshpass)[^\n|;]{0,200}? -p|sshpass[^\n|;]{0,200}? -p |redis-cli[^\n|;]{0,200}? -a )[\"']?)([^\s\"',;-][^\s\"',;]*)")
_CODE = re.compile(r"((?<![A-Za-z])(?:cvv2?|cvc2?|pin|otp)\\?[\"']?\s?[=:]\s*\\?[\"']?)(\d{3,8})\b", re.I)
_PRIVATE_KEY = re.compile(r"(-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----)(.*?)(?=-----END |\Z)", re.S)
_URL = re.compile(r"(://[^\s/?#:@\"'<>\[]{0,100}:)(?!\d+[/?#])([^\s\"'<>]{1,200}?)(?=@[^\s@\"'<>/]+(?:[/?#\s\"'<>]|\Z))")
_USER = re.compile(r"(://)([^\s/?#:@\"'<>]{16,200})(?=@)")
_FORMS = re.compile(
    r"\b(?:eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_\w{24,}|xox[bpars]-[\w-]{10,}|xapp-[\w-]{10,}|"
    r"[sr]k_(?:live|test)_\w{10,}|whsec_\w{16,}|shp(?:at|ss)_\w{16,}|sk-[\w-]{20,}|hvs\.\w{20,}|ya29\.[\w-]{16,}|AIza[\w-]{30,}|A[KS]IA[A-Z0-9]{16}|"
    r"SG\.[\w.-]{20,}|dop_v1_\w{32,}|pypi-[\w-]{24,}|glsa_\w{20,}|GOCSPX-[\w-]{20,}|dckr_pat_[\w-]{20,}|hf_\w{30,}|xkeysib-[\w-]{20,}|ATATT3[\w=-]{20,}|sntrys_\w{20,}|sq0(?:atp|csp)-[\w-]{20,}|lin_api_\w{20,}|ntn_\w{20,}|pscale_\w{24,}|dapi\w{32,}|hooks\.slack\.com/services/[\w/-]{16,}|discord\.com/api/webhooks/[\w/-]{16,})")
_CARD = re.compile(r"(?<![\w.])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{5}|\d{14,19})(?![\w]|\.\d)")

_HIDDEN = re.compile(r"\s*|\*+|x{3,}|•+|[#.-]+|null|nil|none|undefined|true|false|0|1|redacted|filtered|hidden|%.{0,2}|%\(.*\).?|\$\{?[A-Z_]+\}?|[\[<][\w .-]*[\]>]|\{+[\w .-]*\}+|<nil>", re.I)
_PROSE = frozenset(
    "a an the this that these those it its your my our their no not none is are was were be been has have had do does did can cannot could may might must shall should will would"
    " too at in on of for from to by with without and or if when while since until as please use using required invalid incorrect wrong missing empty blank expired weak short long"
    " changed reset updated set unset field value string text user username mismatch unknown unsupported failed failure error ok okay valid accepted rejected denied refused"
    " unauthorized disabled enabled optional hidden ignored only minimum maximum min max expected got".split())
_ONLY_NAME = re.compile(rf"[\w. -]{{0,40}}(?:{_PASSWORDS}|{_TOKENS}|{_HEADERS}|cvv2?|cvc2?)\d*\Z", re.I)


def _looks_random(word: str) -> bool:
    return len(word) >= 8 and re.search(r"\d|[a-z][A-Z]", word) is not None


def _is_hidden(value: str) -> bool:
    return _HIDDEN.fullmatch(value.strip()) is not None


def _keyed(match: re.Match[str]) -> str:
    name, sign, quoted, plain = match["name"], match["sign"], match["quoted"], match["plain"]
    value = quoted if plain is None else plain
    is_password = re.search(rf"(?:{_PASSWORDS})\d*\Z", name, re.I) is not None
    if _is_hidden(value) or plain is not None and (
            re.fullmatch(r"-?[\d.]{1,3}", value) or re.fullmatch(r"[A-Za-z_]+(?:\.[A-Za-z_]+)+", value) and _ONLY_NAME.fullmatch(value) or name.lower().endswith("pwd") and re.match(r"[/~]|\w:", value)
            or sign.startswith(":") and sign != ":" and match["close"] is None
            and (value.rstrip(".!?:").lower() in _PROSE or not is_password and not _looks_random(value))):
        return match[0]
    return match[0][:match.start("quoted" if plain is None else "plain") - match.start()] + REPLACEMENT + match[0][
        match.end("quoted" if plain is None else "plain") - match.start():]


def _header(match: re.Match[str]) -> str:
    group = next(name for name in ("quoted", "list", "plain") if match[name] is not None)
    value = match[group]
    start = match.start(group) - match.start()
    if group == "plain":
        scheme = _SCHEME.match(value)
        if not scheme and not _looks_random(value.split(" ")[0]) and "=" not in value.split(" ")[0]:
            return match[0]
        if scheme:
            start += scheme.end()
        if match["sign"].startswith("="):  # a word, or behind a scheme another one
            rest = match[0][start:]
            word = re.match(r"\S*", rest)
            assert word is not None
            return match[0][:start] + (rest if _is_hidden(word[0]) else REPLACEMENT + rest[word.end():])
    if _is_hidden(match[0][start:match.end(group) - match.start()]):
        return match[0]
    return match[0][:start] + REPLACEMENT + match[0][match.end(group) - match.start():]


def _option(match: re.Match[str]) -> str:
    value = match[3] if match[3] is not None else match[4]
    if _is_hidden(value) or value.lower() in _PROSE or match[3] is None and value == value.upper() and not re.search(r"\d", value):
        return match[0]
    return match[0].replace(" " + (match["quote"] or "") + value, " " + (match["quote"] or "") + REPLACEMENT)


def _second(match: re.Match[str]) -> str:
    return match[0] if _is_hidden(match[2]) else match[1] + match[0][len(match[1]):].replace(match[2], REPLACEMENT, 1)


def _card(match: re.Match[str]) -> str:
    digits = [int(digit) for digit in match[0] if digit.isdigit()]
    text = "".join(map(str, digits))
    network = (re.match(r"4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|6011|65|64[4-9]|35[2-8]", text) and len(text) == 16
               or re.match(r"3[47]", text) and len(text) == 15 or re.match(r"36|38|30[0-5]", text) and len(text) == 14
               or text.startswith("62") and len(text) >= 16)
    total = sum(digit if i % 2 == 0 else digit * 2 - 9 * (digit > 4) for i, digit in enumerate(reversed(digits)))
    return REPLACEMENT if network and total % 10 == 0 else match[0]


def _listed(match: re.Match[str]) -> str:
    return match[1] + REPLACEMENT if _looks_random(match[4]) or "=" in match[4] else match[0]


def _user(match: re.Match[str]) -> str:
    return match[1] + REPLACEMENT if _looks_random(match[2]) else match[0]


def _argument(match: re.Match[str]) -> str:
    return match[0] if _is_hidden(match[3]) else match[1] + REPLACEMENT


def _bearer(match: re.Match[str]) -> str:
    return match[0] if _is_hidden(match[2]) or not (_looks_random(match[2]) or match[2].endswith("=")) else f"{match[1]} {REPLACEMENT}"


def _form(match: re.Match[str]) -> str:
    return REPLACEMENT if re.search(r"\d", match[0]) else match[0]


# What is looked for, in this order, and texts in lower case of which a text must have one: to look for these first is many times as fast.
_STEPS = (
    (_PRIVATE_KEY, _second, "-----begin".split()),
    (_HEADER, _header, "authorization cookie".split()),
    (_LISTED, _listed, "authorization cookie".split()),
    (_URL, _second, "://".split()),
    (_USER, _user, "://".split()),
    (_KEYED, _keyed, "pass pwd senha token secret jwt bearer key credential signature".split()),
    (_OPTION, _option, "--".split()),
    (_ARGUMENT, _argument, "--".split()),
    (_CURL, _second, "-u".split()),
    (_MYSQL, _second, "@tcp( @unix(".split()),
    (_SQL, _second, "password identified".split()),
    (_ELEMENT, _second, ">".split()),
    (_QUERY, _second, "sig= jsessionid= phpsessid=".split()),
    (_CALLBACK, _second, "code=".split()),
    (_SENTENCE, _second, (" is ",)),
    (_CODE_IS, _second, (" is ",)),
    (_SETTING, _second, "requirepass masterauth".split()),
    (_TELEGRAM, _second, ":aa".split()),
    (_SHORT, _second, "mysql mariadb sshpass redis-cli".split()),
    (_CODE, _second, "cvv cvc pin otp".split()),
    (_BEARER, _bearer, "bearer basic token".split()),
    (_FORMS, _form, ("eyj ghp_ gho_ ghu_ ghs_ ghr_ _pat_ glpat- npm_ xox xapp- k_live_ k_test_ whsec_ shpat_ shpss_ sk- hvs. ya29. aiza akia asia sg. dop_v1_ pypi- glsa_"
                     " gocspx- hf_ xkeysib- atatt3 sntrys_ sq0atp- sq0csp- lin_api_ ntn_ pscale_ dapi hooks.slack.com discord.com").split()),
)


def redact(text: str) -> str:
    """Return text with its secrets replaced."""
    lower = text.lower()
    for pattern, replacement, clues in _STEPS:
        if any(clue in lower for clue in clues):
            text = pattern.sub(replacement, text)
    return _CARD.sub(_card, text)


def _value(name: str, value: Any, depth: int = 0) -> Any:
    """value, which has a name, without secrets."""
    secret = _ONLY_NAME.fullmatch(name) is not None
    if isinstance(value, str):
        return REPLACEMENT if secret and not _is_hidden(value) else redact(value)
    if depth < _DEPTH:
        if isinstance(value, collections.abc.Mapping):
            return {key: _value(str(key), item, depth + 1) for key, item in value.items()}
        if type(value) in (list, tuple):
            options = (str(before).removeprefix("--") if str(before).startswith("--") and str(item)[:1] != "-" else name
                       for before, item in zip(("", *value), value))  # a list may have the arguments of a command
            return type(value)(_value(option, item, depth + 1) for option, item in zip(options, value))
    if secret and not isinstance(value, bool) and value is not None and not (isinstance(value, int | float) and abs(value) < 1000):
        return REPLACEMENT
    if isinstance(value, bool | int | float) or value is None:
        return REPLACEMENT if isinstance(value, int) and redact(str(value)) == REPLACEMENT else value
    text = str(value)  # as it will be published
    return redacted if (redacted := redact(text)) != text else value


class RedactSecrets(logging.Filter):
    """A filter that replaces secrets in the message, its arguments, the extra fields and the traceback of every record.

    Add it to a handler. It changes the record, so that the handlers behind it get the changed one, too. A record that it can't
    read, since its message does not fit its arguments or a str() raises, is replaced as a whole: what it can't read it can't clear.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the secrets of record, and let it pass."""
        try:
            self._redact(record)
        except Exception as error:
            record.msg, record.args = f"[redacted: a record that can't be read ({type(error).__name__})]", ()
            record.exc_info = record.exc_text = record.stack_info = None
            for name in vars(record).keys() - _STANDARD:
                setattr(record, name, REPLACEMENT)
        return True

    def _redact(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, collections.abc.Mapping):
            record.msg = _value("", record.msg)
        else:
            message = record.getMessage()
            redacted = redact(message)
            if redacted != message:
                record.msg, record.args = redacted, ()
            elif isinstance(record.args, collections.abc.Mapping):
                record.args = _value("", record.args)
        for name in vars(record).keys() - _STANDARD:
            setattr(record, name, _value(name, getattr(record, name)))
        if record.exc_info and record.exc_info[0] is not None:
            text = logging.Formatter().formatException(record.exc_info)
            redacted = redact(text)
            if redacted != text:
                record.exc_info, record.exc_text = None, redacted
        elif record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
