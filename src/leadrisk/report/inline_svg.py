"""A figure as markup of the page: identifiers of its own, the fonts of the page, colours that follow its theme."""

from __future__ import annotations

import re

#: Neutral colours by the name of the page's variable that stands for them.
THEME = {"ink": "#1c2733", "muted": "#5b6771", "grid": "#dde2e6", "paper": "#ffffff"}


def inline_svg(svg: bytes, *, name: str) -> str:
    """Turn a standalone SVG into markup for the page.

    Identifiers get the figure's name in front, so that several figures can share one document; fonts are
    those of the page, and the neutral colours follow its light or dark theme.
    """
    text = svg.decode()
    text = text[text.index("<svg ") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = text.replace("xlink:href", "href")
    used = set(re.findall(r'href="#([^"]+)"', text)) | set(re.findall(r"url\(#([^)]+)\)", text))
    text = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", text)
    text = re.sub(r'href="#', f'href="#{name}-', text)
    text = re.sub(r"url\(#", f"url(#{name}-", text)
    text = re.sub(r"font: (?:(bold|\d{3}) )?([\d.]+)px [^;\"]+", _page_font, text)
    text = re.sub(r"font-family: [^;\"]+;? ?", "", text)
    for variable, colour in THEME.items():
        text = text.replace(colour, f"var(--{variable})")
    view = re.search(r'viewBox="[^"]+"', text)
    opening = f'<svg {view[0] if view else ""} role="img" aria-labelledby="{name}-title {name}-desc">'
    text = re.sub(r"<svg [^>]*>", lambda _: opening, text, count=1)
    text = text.replace("<title>", f'<title id="{name}-title">', 1)
    text = text.replace("<desc>", f'<desc id="{name}-desc">', 1)
    return re.sub(r"\n\s*", "\n", text).strip()


def _page_font(match: re.Match[str]) -> str:
    weight = f"font-weight: {match[1]}; " if match[1] else ""
    return f"{weight}font-size: {match[2]}px"
