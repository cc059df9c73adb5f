"""What a user can set: every key, its value by default, and what is refused.

A key is declared once, beside the field that holds its value, in one of the files of
``sections``: type, range, unit, description and source. The schema that checks a
config and the table in config/README.md are made from these declarations. Values
stand in config/config.yaml alone; a copy of it comes with the package.

No module of this room imports JAX: every start of the workflow reads all of them.
"""
