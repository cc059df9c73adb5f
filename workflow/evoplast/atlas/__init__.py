"""The rule atlas and what was found: artefacts in, pages and texts out.

Nothing here simulates. The atlas is one page about all rules of a run; the findings
are four sentences and a table, which the report begins with; the champion is the best
evolved rule as text and table.
"""

from evoplast.atlas.catalogue import Catalogue, Entry, RuleFiles, read_catalogue
from evoplast.atlas.champion import champion, rule_called, rule_table, rule_text
from evoplast.atlas.details import rule_details
from evoplast.atlas.findings import Ceiling, Findings, ceiling_of, findings
from evoplast.atlas.page import RunFacts, atlas_page
from evoplast.atlas.report import first_page, settings_page
from evoplast.atlas.run import atlas_of_run, findings_of_run, rules_of_run

__all__ = [
    "Catalogue",
    "Ceiling",
    "Entry",
    "Findings",
    "RuleFiles",
    "RunFacts",
    "atlas_of_run",
    "atlas_page",
    "ceiling_of",
    "champion",
    "findings",
    "findings_of_run",
    "first_page",
    "read_catalogue",
    "rule_called",
    "rule_details",
    "rule_table",
    "rule_text",
    "rules_of_run",
    "settings_page",
]
