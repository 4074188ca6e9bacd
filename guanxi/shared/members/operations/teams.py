"""Teams change their place."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.records.refusals import Refused


@operation(label=gettext_lazy("Move team"), icon="hierarchy-2", labels={"parent": gettext_lazy("Part of")})
def move_team(team: Team, *, actor: Actor, parent: Team | None = None) -> Team:
    """With all teams below it under another one, or to the top; whom it lets see what changes at once."""
    if parent is not None and Team.objects.filter(pk=parent.pk, path__startswith=team.path).exists():
        raise Refused(_("A team cannot be part of itself or of a team below it; choose another."), field="parent")
    team.assign(parent_id=parent.pk if parent else None)
    return team
