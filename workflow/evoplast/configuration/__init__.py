"""The config: checked against its schema, and settings filled from its sections."""
