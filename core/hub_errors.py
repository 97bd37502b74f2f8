"""What the Hub's refusals and a broken network mean, each as one sentence with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from core.uploads import InputError


class Refused(InputError):
    """The Hub, or the way to it, did not take a push; nothing was published. ``status`` is that of HTTP, 0 without one."""

    status = 0


def translated(error: Exception, repository: str, kind: str) -> InputError:
    """The error as the sentence that a person reads; an ``InputError`` stays what it is."""
    if isinstance(error, InputError):
        return error
    status = next((code for one in _chain(error) if (code := _status(one))), 0)
    refused = Refused(*_sentence(error, status, repository, kind))
    refused.status = status
    return refused


def dropped(error: Exception) -> bool:
    """Whether the connection broke, or the server had trouble: the same call may pass a moment later."""
    import httpx2

    return any(isinstance(one, httpx2.TransportError | ConnectionError | TimeoutError) or _status(one) in (500, 502, 503, 504)
               for one in _chain(error))


def _sentence(error: Exception, status: int, repository: str, kind: str) -> tuple[str, str, str]:
    owner = repository.partition("/")[0]
    thing = "Space" if kind == "space" else "repository"
    if status == 401:
        return ("token", "The Hub refused the token: it is wrong, expired or revoked.",
                "Create one that may write at https://huggingface.co/settings/tokens and give that.")
    if status == 402:
        return _payment(error, kind)
    if status == 403:
        return ("token", f"The token may not write to {repository}.",
                f"Use a token with write access, of an account that may publish as {owner}.")
    if status == 404:
        return ("repository", f"The Hub knows no {thing} {repository}, and no account {owner} that it could be made for.",
                "Check the spelling; the name begins with your account or an organisation of yours.")
    if status in (409, 412):
        return ("repository", f"{repository} changed, or is being changed, while this was uploaded; nothing was published.",
                "Look at what is there now, and push again.")
    if status == 413:
        return ("weights", f"The Hub takes no file as large as one of these; nothing was published to {repository}.",
                "Save the model in half precision, or ask the Hub for more storage.")
    if status == 429:
        return ("network", f"The Hub has had too many requests from this account or address{_when(error)}.",
                "Wait, then push again: what was uploaded is not sent twice.")
    if status == 400 or isinstance(error, ValueError):
        return ("repository", f"The Hub did not take it: {_words(error)}.", "Mend that, and push again.")
    if dropped(error):
        return ("network", "The connection to the Hub broke, and trying again did not help; nothing was published.",
                "Push again when the network is back: what was uploaded is not sent twice.")
    return ("repository", f"The push failed ({type(error).__name__}: {_words(error)}); nothing was published.",
            "Push again; if it fails in the same way, look at https://status.huggingface.co.")


def _payment(error: Exception, kind: str) -> tuple[str, str, str]:
    if kind == "space":
        return ("plan", "The Hub asks for a paid plan (402): a Docker Space, and a Gradio Space on a processor of its own, need "
                "PRO or a Team; a free account has static Spaces, and two Gradio Spaces on ZeroGPU.",
                "Push `--as static`, or `--as gradio --hardware zero-a10g`, or subscribe at https://huggingface.co/pricing.")
    return ("plan", "The Hub asks for a paid plan (402): the account's storage is used up.",
            "Free some, push without --private, or subscribe at https://huggingface.co/pricing.")


def _status(error: BaseException) -> int:
    return getattr(getattr(error, "response", None), "status_code", 0) or 0


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from: an upload in a thread wraps what the server said."""
    while error is not None:
        yield error
        error = error.__cause__


def _when(error: Exception) -> str:
    after = next((value for one in _chain(error) if (response := getattr(one, "response", None)) is not None
                  and (value := response.headers.get("retry-after", "")).isdigit()), "")
    return f"; it asks to wait {after} s" if after else ""


def _words(error: Exception) -> str:
    """What the server said, in one line without addresses or request numbers."""
    said = next((one.server_message for one in _chain(error) if getattr(one, "server_message", None)), None) or str(error)
    return " ".join(said.split()).removesuffix(".")[:300]
