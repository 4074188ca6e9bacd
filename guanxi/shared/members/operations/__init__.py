"""What is done with people and rights."""

from guanxi.shared.members.operations.invitations import invite_member, renew_invitation, withdraw_invitation
from guanxi.shared.members.operations.leaving import Receiver, hand_over_records, leave_company, return_member, return_records
from guanxi.shared.members.operations.rights import assign_role, copy_role
from guanxi.shared.members.operations.standing import change_signature, end_deputy, end_look, name_deputy, see_as_member
from guanxi.shared.members.operations.teams import move_team

__all__ = [
    "Receiver", "assign_role", "change_signature", "copy_role", "end_deputy", "end_look", "hand_over_records", "invite_member",
    "leave_company", "move_team", "name_deputy", "renew_invitation", "return_member", "return_records", "see_as_member", "withdraw_invitation",
]
