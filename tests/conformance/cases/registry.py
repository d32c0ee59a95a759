"""Cases: functions that take a Session and fail with an AssertionError (or a Failure that nobody expected)."""

ALL = {}
GRPC, HTTP = "grpc", "http"


def case(*kinds):
    """Registers a case for every door, or for those of the kinds given. Its name is `module.function`."""

    def register(function):
        name = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"
        assert name not in ALL, name
        ALL[name] = (function, frozenset(kinds or (GRPC, HTTP)))
        return function

    return register


def equal(got, expected, what=""):
    if got != expected:
        raise AssertionError(f"{what + ': ' if what else ''}got {shorten(got)}, expected {shorten(expected)}")


def holds(condition, what):
    if not condition:
        raise AssertionError(what)


def shorten(thing):
    text = repr(thing)
    return text if len(text) < 600 else f"{text[:400]} … {text[-150:]}"
