"""From the text of a rule to its typed tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from django.utils.translation import gettext as _

from guanxi.kernel.rules.errors import RuleError
from guanxi.kernel.rules.functions import FUNCTIONS, OPERATORS, ROUNDINGS, Function
from guanxi.kernel.rules.kinds import LIMIT, MAX_DEPTH, MAX_DIGITS, MAX_NODES, PLACES, Kind, label
from guanxi.kernel.rules.nodes import TODAY, Call, Literal, Name, Node
from guanxi.kernel.rules.tokens import Token, tokens

_BINDS = {"or": 1, "and": 2, "&": 5, "+": 6, "-": 6, "*": 7, "/": 7, "in": 4}
_BINDS |= dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), 4)
_NOT, _COMPARES, _MINUS = 3, 4, 8
_WORDS = frozenset({"and", "or", "not", "in", "true", "false"})
_SPECIAL = {"date": 'date("2026-01-31")', "today": "today()", "round": "round(number, 2)"}
# Regrouping these changes nothing in the result, so a long chain is one step deep.
_CHAINS = frozenset({"and", "or", "&", "+"})


class Parser:
    """Precedence climbing, one token ahead; limits depth and size while it reads."""

    def __init__(self, text: str, scope: Mapping[str, Kind]) -> None:
        self.scope = scope
        self.folded: dict[str, list[str]] = {}
        for name in scope:
            self.folded.setdefault(name.casefold(), []).append(name)
        self.stream = tokens(text)
        self.token: Token = next(self.stream)
        self.nodes = 0
        self.open = 0

    def parse(self) -> Node:
        if self._ended():
            raise RuleError(_("The rule is empty. Write for example: %(example)s") % {"example": self._example()})
        node = self._expression(0)
        if not self._ended():
            raise RuleError(
                _("“%(text)s” does not follow from what stands before it. Put an operator between them, such as + or and.")
                % {"text": _shown(self.token)},
                self.token.position,
            )
        return node

    # ---- expressions ------------------------------------------------------------------------------------------------

    def _expression(self, binds: int) -> Node:
        self.open += 1
        if self.open > MAX_DEPTH:
            raise self._too_deep(self.token.position)
        left = self._operand()
        while True:
            token, word, negated = self.token, self._operator(), False
            if word == "not" and binds < _COMPARES:
                self._advance()
                if self._operator() != "in":
                    raise self._expected("in")
                word, negated = "in", True
            power = _BINDS.get(word, 0)
            if power <= binds:
                break
            self._advance()
            if word == "in":
                left = self._call("in", OPERATORS["in"], (left, *self._list()), token.position)
                left = self._call("not", OPERATORS["not"], (left,), token.position) if negated else left
            else:
                left = self._binary(word, left, self._expression(power), token.position)
            if power == _COMPARES and _BINDS.get(self._operator()) == _COMPARES:
                raise RuleError(_("Two comparisons stand in a row. Join them with “and”, for example: a > 1 and a < 5."), self.token.position)
        self.open -= 1
        return left

    def _operand(self) -> Node:
        token, word = self.token, self._operator()
        if token.sort == "end":
            raise RuleError(_("The rule ends too early: a value is missing."), token.position)
        self._advance()
        match token.sort:
            case "number":
                return self._node(_number(token))
            case "text":
                return self._node(Literal(token.text, Kind.text, token.position))
            case "name" if word in ("true", "false"):
                return self._node(Literal(word == "true", Kind.boolean, token.position))
            case "name" if word == "not":
                return self._call("not", OPERATORS["not"], (self._expression(_NOT),), token.position)
            case "name" if word in ("and", "or") and self._operator() == "(":
                return self._call(word, OPERATORS[word], self._list(), token.position)
            case "name" if self._operator() == "(" and word not in _WORDS:
                return self._function(token)
            case "name" if word not in _WORDS:
                return self._name(token)
        if token.text == "(":
            inner = self._expression(0)
            self._close()
            return inner
        if token.text in ("-", "+"):
            inner = self._expression(_MINUS)
            if token.text == "-" or inner.kind is not Kind.number:
                return self._call("-", OPERATORS["-"], (inner,), token.position)
            return inner
        raise RuleError(_("A value is missing before “%(text)s”. Write a number, a “text” or a name.") % {"text": _shown(token)}, token.position)

    def _binary(self, word: str, left: Node, right: Node, position: int) -> Node:
        arguments: tuple[Node, ...] = (left, right)
        if word in _CHAINS and isinstance(left, Call) and left.function in OPERATORS[word]:
            function = left.function
            if function.fits([*(one.kind for one in left.arguments), right.kind]):
                arguments = (*left.arguments, right)
                self.nodes -= 1
        return self._call(word, OPERATORS[word], arguments, position)

    # ---- names and functions ----------------------------------------------------------------------------------------

    def _name(self, token: Token) -> Node:
        name = token.text
        if name not in self.scope:
            same = self.folded.get(name.casefold(), [])
            if len(same) != 1:
                raise self._unknown(token, list(self.scope))
            name = same[0]
        return self._node(Name(name, Kind(self.scope[name]), token.position))

    def _function(self, token: Token) -> Node:
        word = token.text.casefold()
        if word not in FUNCTIONS and word not in _SPECIAL:
            raise self._unknown(token, [*FUNCTIONS, *_SPECIAL], called=True)
        arguments = self._list(may_be_empty=word == "today")
        if word == "today" and not arguments:
            return self._node(Name(TODAY, Kind.date, token.position))
        if word == "date" and len(arguments) == 1:
            return self._node(_date(arguments[0]))
        if word == "round" and len(arguments) in (1, 2):
            return self._call("round", [ROUNDINGS[_places(arguments[1:])]], arguments[:1], token.position)
        if word in _SPECIAL:
            raise self._misused(word, [_SPECIAL[word]], arguments, token.position)
        return self._call(word, FUNCTIONS[word], arguments, token.position)

    def _list(self, may_be_empty: bool = False) -> tuple[Node, ...]:
        if self.token.text != "(" or self.token.sort != "sign":
            raise self._expected("(")
        self._advance()
        if may_be_empty and self.token.text == ")":
            self._advance()
            return ()
        items = [self._expression(0)]
        while self.token.sort == "sign" and self.token.text == ",":
            self._advance()
            items.append(self._expression(0))
        self._close()
        return tuple(items)

    def _call(self, word: str, meanings: Sequence[Function], arguments: tuple[Node, ...], position: int) -> Node:
        kinds = [one.kind for one in arguments]
        for function in meanings:
            if function.fits(kinds):
                depth = 1 + max(one.depth for one in arguments)
                if depth > MAX_DEPTH:
                    raise self._too_deep(position)
                return self._node(Call(function, arguments, position, depth))
        raise self._misused(word, list(dict.fromkeys(one.usage for one in meanings)), arguments, position)

    def _node(self, node: Node) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise RuleError(_("The rule has more than %(most)d parts. Split it into several rules.") % {"most": MAX_NODES}, node.position)
        return node

    # ---- tokens -----------------------------------------------------------------------------------------------------

    def _operator(self) -> str:
        if self.token.sort == "name":
            return self.token.text.casefold()
        return self.token.text if self.token.sort == "sign" else ""

    def _ended(self) -> bool:
        return self.token.sort == "end"

    def _advance(self) -> None:
        self.token = next(self.stream, self.token)

    def _close(self) -> None:
        if self.token.sort != "sign" or self.token.text != ")":
            raise self._expected(")")
        self._advance()

    # ---- what is wrong ----------------------------------------------------------------------------------------------

    def _example(self) -> str:
        number = next((name for name, kind in self.scope.items() if kind == Kind.number), None)
        return f"{number} > 1000" if number else "1 + 2"

    def _expected(self, what: str) -> RuleError:
        if self.token.sort == "end":
            return RuleError(_("The rule ends too early: “%(what)s” is missing.") % {"what": what}, self.token.position)
        return RuleError(_("“%(what)s” is missing before “%(text)s”.") % {"what": what, "text": _shown(self.token)}, self.token.position)

    def _too_deep(self, position: int) -> RuleError:
        return RuleError(
            _("The rule is nested more than %(most)d deep. Use fewer parentheses, or split it into several rules.") % {"most": MAX_DEPTH}, position
        )

    def _unknown(self, token: Token, known: list[str], called: bool = False) -> RuleError:
        names = {"name": _shown(token)}
        folded = {name.casefold(): name for name in known}
        near = [folded[one] for one in get_close_matches(token.text.casefold()[:100], folded, n=3, cutoff=0.6)]
        if near:
            names["names"] = ", ".join(near)
            message = (
                _("There is no function “%(name)s”. Did you mean: %(names)s?")
                if called
                else _("The name “%(name)s” is not known here. Did you mean: %(names)s?")
            )
        else:
            names["names"] = ", ".join(sorted(known)[:30]) or "–"
            message = (
                _("There is no function “%(name)s”. The functions are: %(names)s.")
                if called
                else _("The name “%(name)s” is not known here. Put texts in quotes, or use one of these names: %(names)s.")
            )
        return RuleError(message % names, token.position)

    def _misused(self, word: str, usages: list[str], arguments: Sequence[Node], position: int) -> RuleError:
        kinds = ", ".join(label(one.kind) for one in arguments) or "–"
        return RuleError(
            _("“%(word)s” cannot be used with: %(kinds)s. Write it as: %(usages)s.") % {"word": word, "kinds": kinds, "usages": "; ".join(usages)},
            position,
        )


def _shown(token: Token) -> str:
    return token.text[:40] + ("…" if len(token.text) > 40 else "")


def _number(token: Token) -> Literal:
    digits = token.text.rstrip("% \t\r\n")
    number = Decimal(digits.rstrip()) if len(digits) <= 2 * MAX_DIGITS else LIMIT
    if token.text.endswith("%"):
        number = number.scaleb(-2)
    exponent = number.normalize().as_tuple().exponent
    if number >= LIMIT or (isinstance(exponent, int) and exponent < -PLACES):
        raise RuleError(
            _("The number is too long. At most %(digits)d digits before and %(places)d after the point are allowed.")
            % {"digits": MAX_DIGITS, "places": PLACES},
            token.position,
        )
    return Literal(number, Kind.number, token.position)


def _date(argument: Node) -> Literal:
    try:
        if isinstance(argument, Literal) and isinstance(argument.value, str) and len(argument.value) == 10:
            return Literal(date.fromisoformat(argument.value), Kind.date, argument.position)
    except ValueError:
        pass
    raise RuleError(_("Write a day as year, month and day in quotes: %(example)s.") % {"example": _SPECIAL["date"]}, argument.position)


def _places(arguments: Sequence[Node]) -> int:
    """The places of round(): a whole number written in the rule, not computed."""
    if not arguments:
        return 0
    node, sign = arguments[0], 1
    if isinstance(node, Call) and node.function is OPERATORS["-"][-1]:
        node, sign = node.arguments[0], -1
    if isinstance(node, Literal) and isinstance(node.value, Decimal):
        places = int(sign * node.value)
        if places == sign * node.value and places in ROUNDINGS:
            return places
    raise RuleError(
        _("The places of “round” must be a whole number from -%(most)d to %(most)d, written in the rule: %(example)s.")
        % {"most": PLACES, "example": _SPECIAL["round"]},
        node.position,
    )
