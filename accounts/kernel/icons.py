"""The drawings of our sprite, as a template tag: a page holds some sixty of them."""

from functools import lru_cache
from typing import Final

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

register = template.Library()

SPRITE: Final = "icons/sprite.svg"
_SAYS: Final = '<svg class="icon" role="img" aria-label="{label}" focusable="false"><use href="{drawing}"></use></svg>'
_ADORNS: Final = '<svg class="icon" aria-hidden="true" focusable="false"><use href="{drawing}"></use></svg>'


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> str:
    """Return the drawing with the id `name` of the sprite, as safe HTML.

    `label`: what it says when it stands alone; without it the icon is decoration.
    """
    return format_html(_SAYS if label else _ADORNS, label=label, drawing=f"{static(SPRITE)}#{name}")
