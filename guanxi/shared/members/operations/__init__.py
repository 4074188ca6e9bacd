"""What is done with people and rights."""

from guanxi.shared.members.operations.rights import assign_role, copy_role
from guanxi.shared.members.operations.teams import move_team

__all__ = ["assign_role", "copy_role", "move_team"]
