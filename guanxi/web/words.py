"""Sentences that the scripts of the pages say; the keys are those of `say("…")` in frontend/src."""

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    return {
        "offline": _("No connection to the server. Nothing was saved; what you typed is still here."),
        "slow": _("The server did not answer in time. Nothing is lost here; try again."),
        "signed_out": _("You are signed out. Sign in again in another tab; what you typed is still here."),
        "forbidden": _("You may not do this."),
        "gone": _("It is no longer there, or you may not see it."),
        "too_many": _("Too many requests. Wait a moment and try again."),
        "failed": _("Something went wrong on the server. Nothing was saved; what you typed is still here."),
        "undo": _("Undo"),
        "open": _("Open"),
        "close": _("Close"),
        "choices": _("Choices"),
        "nothing_found": _("Nothing found for “{q}”"),
        "nothing_here": _("There is nothing to choose yet"),
        "type_more": _("Type more to see others"),
        "create": _("Create new…"),
        "create_named": _("Create “{q}”…"),
        "remove_named": _("Remove {name}"),
        "pasted": _("{n} rows pasted"),
        "unsaved": _("Not saved yet"),
        "discard": _("Close without saving? What you typed will be lost."),
        "on_this_page": _("On this page"),
        "make_new": _("New"),
        "go_to": _("Go to"),
        "recent": _("Last opened"),
        "look_in": _("Look in"),
        "colours": _("Colours"),
        "edit": _("Edit"),
        "actions": _("Actions"),
        "found_n": _("{n} found"),
        "settings": _("Settings"),
        "colleagues": _("Colleagues"),
        "may_not_see": _("may not see this record"),
        "drop_here": _("Drop the files here to attach them"),
        "attached": _("Attached"),
        "cancelled": _("Cancelled"),
    }
