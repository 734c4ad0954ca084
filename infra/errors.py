"""What can go wrong in a way that a person can mend: shown as one sentence, never as a traceback."""


class SluiceError(Exception):
    """Something is wrong with the system or the data. The message says what, and what to do about it."""

    exit_code = 1
    is_told = False
    """Whether a line of the log has said it already, where nothing but such lines is expected."""


class Refused(SluiceError):
    """The brokers do not let this user do it."""


class ConfigurationError(SluiceError):
    """The command or its configuration is faulty: nothing was tried."""

    exit_code = 2


class Interrupted(SluiceError):
    """Ctrl-C in the middle; the message says how far it came."""

    exit_code = 130
