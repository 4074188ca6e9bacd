"""The mail of an invitation."""

from guanxi.kernel.access.actor import Actor
from guanxi.shared.members.models import Invitation


def mail_invitation(invitation: Invitation, address: str, actor: Actor) -> bool:
    """Put the mail with its link on its way; False where no mail goes out, so that only the shown link is there."""
    return False
