"""Why a request did not get out, or no answer came back, in words for whoever typed the address."""

from guanxi.kernel.records.refusals import Refused


class OutboundError(Refused):
    """The request was not made, or not answered."""


class BadAddress(OutboundError):
    """The text is no address that Guanxi may call."""


class PrivateAddress(OutboundError):
    """The name leads to an address that is not on the public internet."""


class Unresolved(OutboundError):
    """The name leads nowhere."""


class Unreachable(OutboundError):
    """Nobody takes the connection, or it broke."""


class BadCertificate(OutboundError):
    """Whoever answers cannot prove to be who the address names."""


class TimedOut(OutboundError):
    """It took too long: to find, to connect, to answer, or in all."""


class TooLarge(OutboundError):
    """The answer is longer than was asked for."""


class BadAnswer(OutboundError):
    """What came back is no HTTP, or leads round in circles."""
