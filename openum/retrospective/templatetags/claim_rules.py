"""The names of the rules that find leads, in templates."""

from django import template

from openum.retrospective.faces import rule_name

register = template.Library()
register.filter("rule_name", rule_name)
