"""XML by paths: a contract's paths become an XSLT style sheet that writes one line per item; DuckDB reads the lines.

Paths are local names, so a namespace may come, go or change: `a/b` is the text of b in a, `a/b@x` its attribute x,
`a/b[@x]` the texts of all b in the order of the number x, joined by |.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from lxml import etree

FIELD, JOIN = "\x1e", "|"
"""Between the fields of a line; between the texts of a list."""
MANY = "*"
"""Several namespaces in one file."""


def lines(source: Path, target: Path, item: str, paths: Sequence[str]) -> None:
    """Write the items of one file as lines of fields, in the order of the file; XMLSyntaxError when it is not whole."""
    tree = etree.parse(str(source), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    mixed = tree.xpath("boolean(//*[namespace-uri() != namespace-uri(/*)])")
    space = MANY if mixed else etree.QName(tree.getroot()).namespace
    result = etree.XSLT(etree.XML(sheet(item, paths, space).encode()))(tree)
    target.write_text(str(result).replace("\ue000", FIELD), encoding="utf-8", newline="")


def sheet(item: str, paths: Sequence[str], space: str | None) -> str:
    """The style sheet; U+E000 stands for the field mark, which XML itself cannot hold.

    `space` is the one namespace of all elements (None: without one); MANY: any, by local names, which is slower.
    """
    step = {None: "{0}", MANY: "*[local-name()='{0}']"}.get(space, "n:{0}")
    named = f" xmlns:n={quoteattr(space)}" if step.startswith("n:") and space else ""
    fields = "<xsl:text>\ue000</xsl:text>".join(_field(path, step) for path in paths)
    return (
        f'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"{named}>'
        '<xsl:output method="text"/>'
        f'<xsl:template match="/"><xsl:for-each select={quoteattr("//" + step.format(item))}>{fields}'
        "<xsl:text>&#10;</xsl:text></xsl:for-each></xsl:template></xsl:stylesheet>"
    )


def _field(path: str, step: str) -> str:
    ordered = re.fullmatch(r"(.*)\[@(\w+)\]", path)
    if ordered:
        mark = f'<xsl:if test="position() &gt; 1">{JOIN}</xsl:if>'
        sort = f'<xsl:sort select="@{ordered.group(2)}" data-type="number"/>'
        here = quoteattr(_select(ordered.group(1), step))
        return f'<xsl:for-each select={here}>{sort}{mark}<xsl:value-of select="normalize-space(.)"/></xsl:for-each>'
    return f"<xsl:value-of select={quoteattr(f'normalize-space({_select(path, step)})')}/>"


def _select(path: str, step: str) -> str:
    """
    >>> _select("a/b@x", "n:{0}")
    'n:a/n:b/@x'
    """
    path, _, attribute = path.partition("@")
    steps = [step.format(name) for name in path.split("/") if name]
    return "/".join([*steps, *([f"@{attribute}"] if attribute else [])]) or "."
