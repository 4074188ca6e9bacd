"""A thin client of Guanxi's API; it needs nothing but Python's own library."""

from guanxi.client.client import Client
from guanxi.client.errors import (
    ApiError,
    BadRequest,
    ChangedMeanwhile,
    Forbidden,
    Invalid,
    KeyReused,
    NotFound,
    Refused,
    ServerFailed,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unreachable,
)
from guanxi.client.results import Batch, Done, Entry, Record

__all__ = [
    "ApiError", "BadRequest", "Batch", "ChangedMeanwhile", "Client", "Done", "Entry", "Forbidden", "Invalid", "KeyReused", "NotFound", "Record",
    "Refused", "ServerFailed", "TooManyRequests", "Unauthorized", "Unavailable", "Unreachable",
]
