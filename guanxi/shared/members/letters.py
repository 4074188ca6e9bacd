"""The mail of an invitation."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity
from guanxi.shared.members.models import Invitation
from guanxi.shared.messaging.operations import queue_notice_mail


def mail_invitation(invitation: Invitation, address: str, actor: Actor) -> None:
    """Put the mail with its link on its way, where there is a mail server. Its coming proves nothing: the set's administrators name the server."""
    company = Entity.objects.get(pk=actor.entity_id).name
    with override(invitation.language):
        subject = _("%(who)s invites you to %(company)s") % {"who": actor.name, "company": company}
        body = _(
            "%(name)s,\n\n%(who)s has made a place for you at %(company)s. Open this address within a week and choose a password:\n\n%(address)s\n\n"
            "The address works once and for you alone. If you do not know %(who)s, you need not do anything."
        ) % {"name": invitation.member.name, "who": actor.name, "company": company, "address": f"{settings.GUANXI_PUBLIC_URL}{address}"}
        queue_notice_mail(invitation.email, subject, body, actor, invitation.language)
