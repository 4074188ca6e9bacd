"""PostgreSQL, and the wall around each account set."""

from guanxi.kernel.database.session import OutsideSet, UnknownSet, current_set, in_set, inside_set

__all__ = ["OutsideSet", "UnknownSet", "current_set", "in_set", "inside_set"]
