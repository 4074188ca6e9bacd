"""Comments through the API, and one comment on a page of its own; they are read and written on the pages of records."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.discussion.mentions import names_of
from guanxi.kernel.discussion.models import Comment
from guanxi.kernel.discussion.text import mentioned_in, with_names
from guanxi.kernel.screens.screen import Screen


def as_written(comment: Comment, actor) -> dict[str, str]:
    """What the form of a change begins with: names, not ids."""
    return {"body": with_names(comment.body, names_of(mentioned_in([comment.body])))}


class CommentScreen(Screen):
    model = Comment
    path = "comments"
    icon = "message"
    columns = ("body", "author", "at", "edited_at")
    filters = ("author", "mentions", "at", "target_model", "target_id")
    default_sort = "-at"
    sorts = ("at",)
    subtitle = ("author", "at")
    sections = {_("Comment"): ("body", "author", "mentions", "at", "edited_at")}
    may_create = False
    may_edit = False
    proposals = {"edit_comment": as_written}
    value_templates = {"body": "components/comment_body.html"}
