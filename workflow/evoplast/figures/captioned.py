"""A figure and its caption on one page, for the report.

In: a PNG, a caption in reStructuredText. Out: HTML that needs no other file.
"""

import base64
from html import escape
from pathlib import Path

from docutils.core import publish_parts

from evoplast.artefacts.atomic import atomic_path
from evoplast.artefacts.errors import UserError

_PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body {{ margin: 1rem auto; max-width: 1100px; padding: 0 1rem;
font: 15px/1.5 system-ui, sans-serif; color: #1a1a1a; }} img {{ max-width: 100%; }}
figure {{ margin: 0; }} figcaption {{ max-width: 46rem; }}</style></head>
<body><figure><img alt="{title}" src="data:image/png;base64,{image}">
<figcaption>{caption}</figcaption></figure></body></html>
"""


def captioned(image: bytes, caption: str, title: str) -> str:
    """Return a page with a PNG and its caption (reStructuredText).

    Raises:
        UserError: the caption is not reStructuredText.
    """
    quiet = {"report_level": 5, "halt_level": 3, "raw_enabled": False}
    try:
        body = publish_parts(caption, writer="html5", settings_overrides=quiet)
    except Exception as error:
        raise UserError(
            f"The caption of {title!r} is not reStructuredText "
            f"({' '.join(str(error).split())}); mend it in workflow/report."
        ) from error
    return _PAGE.format(
        title=escape(title, quote=True),
        image=base64.b64encode(image).decode(),
        caption=body["body"],
    )


def write_captioned(png: str, caption: str, page: str, title: str) -> None:
    """Write ``page`` from the files ``png`` and ``caption``."""
    text = captioned(
        Path(png).read_bytes(), Path(caption).read_text(encoding="utf-8"), title
    )
    with atomic_path(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
