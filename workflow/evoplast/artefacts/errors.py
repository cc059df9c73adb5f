"""The one exception that reaches users as a single sentence."""


class UserError(ValueError):
    """A mistake a user can mend: names the thing, its value and what to do."""
