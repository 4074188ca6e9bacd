"""Templates with what is alike on every page drawn already: a translated word, an icon, an address without parameters are text.

A page has some hundred of these; each cost as much as a value. A template is kept once for each language.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.template import Context, Template
from django.template.base import FilterExpression, Node, NodeList, TextNode, Variable
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders import base, cached
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language

Tag = TypeVar("Tag", bound=Callable[..., Any])
_CONSTANT: set[Callable[..., Any]] = set()


def constant(tag: Tag) -> Tag:
    """Over the function of a simple tag which, given the same words, always draws the same in one language."""
    _CONSTANT.add(tag)
    return tag


class _Folding(base.Loader):
    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template = super().get_template(template_name, skip)
        template.nodelist = folded(template.nodelist)
        return template


class Loader(cached.Loader, _Folding):
    def cache_key(self, template_name: str, skip: Any = None) -> str:
        return f"{get_language()} {super().cache_key(template_name, skip)}"


def folded(nodes: NodeList) -> NodeList:
    """The same nodes, those that always draw the same as text, neighbouring texts as one."""
    found, text = NodeList(), ""
    for node in nodes:
        if _is_constant(node):
            text += node.render(Context())
            continue
        if text:
            found.append(TextNode(text))
            text = ""
        for name, value in vars(node).items():
            if isinstance(value, NodeList):
                setattr(node, name, folded(value))
        if isinstance(node, IfNode):
            node.conditions_nodelists = [(condition, folded(inside)) for condition, inside in node.conditions_nodelists]
        found.append(node)
    if text:
        found.append(TextNode(text))
    return found


def _is_constant(node: Node) -> bool:
    if isinstance(node, TextNode | CommentNode | LoadNode):
        return True
    if isinstance(node, TranslateNode):
        return not node.asvar and _is_said(node.filter_expression) and (node.message_context is None or _is_said(node.message_context))
    if isinstance(node, URLNode):
        return not node.asvar and all(map(_is_said, [node.view_name, *node.args, *node.kwargs.values()]))
    if type(node) is StaticNode:
        return not node.varname and _is_said(node.path)
    if isinstance(node, SimpleNode):
        given = [*node.args, *node.kwargs.values()]
        return not node.target_var and node.func in _CONSTANT and all(map(_is_said, given))
    return False


def _is_said(given: FilterExpression) -> bool:
    """Whether it is a word in the template itself."""
    return not given.filters and (not isinstance(given.var, Variable) or given.var.lookups is None)
