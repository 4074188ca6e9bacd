"""The one expression language: price rules, formulas, conditions and approval thresholds that people write."""

from guanxi.kernel.rules.errors import RuleError
from guanxi.kernel.rules.functions import FUNCTIONS
from guanxi.kernel.rules.kinds import Kind, Value
from guanxi.kernel.rules.rule import Rule, parse

__all__ = ["FUNCTIONS", "Kind", "Rule", "RuleError", "Value", "parse"]
