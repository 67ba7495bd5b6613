"""Chat models by name."""

from __future__ import annotations

from typing import Any, Final

from langchain_core.language_models import BaseChatModel

from ..errors import ModelError

_KEYS: Final = {
    "anthropic": "ANTHROPIC_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "google_genai": "GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistralai": "MISTRAL_API_KEY",
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "xai": "XAI_API_KEY",
}
_NAMES: Final = (
    'Use "offline", "openai:NAME", "anthropic:NAME", "ollama:NAME", "hf:NAME" or another "provider:name" of LangChain.'
)


def chat_models(names: str, *, timeout_s: float = 30.0) -> list[BaseChatModel]:
    """The models of a fallback chain such as ``"openai:gpt-5,ollama:llama3,offline"``, first choice first.

    Raises ``ModelError`` when one of them is unknown, or lacks its package or key.
    """
    return [chat_model(name.strip(), timeout_s=timeout_s) for name in names.split(",")]


def chat_model(name: str, *, timeout_s: float = 30.0) -> BaseChatModel:
    """The chat model *name*: "offline" or "provider:name[@URL]", where URL is an OpenAI-compatible or Ollama endpoint.

    *timeout_s* is the longest wait for the provider's answer. Nothing is sent yet; ``hf:`` loads its weights.
    Raises ``ModelError``.
    """
    if name == "offline":
        from .offline import OfflineChat

        return OfflineChat()
    provider, colon, rest = name.partition(":")
    model, _, url = rest.partition("@")
    if not (provider and colon and model):
        raise ModelError(f'Unknown chat model "{name}".', _NAMES)
    if provider == "hf":
        return _transformers(model)
    return _provided(provider, model, url, timeout_s)


def _provided(provider: str, model: str, url: str, timeout_s: float) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    options: dict[str, Any] = {"timeout": timeout_s, "max_retries": 0}
    if provider == "ollama":
        options = {"client_kwargs": {"timeout": timeout_s}}
    if url:
        options["base_url"] = url
    try:
        chat: BaseChatModel = init_chat_model(model, model_provider=provider, **options)
        return chat
    except ImportError as exc:
        package = str(getattr(exc, "name", "") or f"langchain_{provider}").partition(".")[0].replace("_", "-")
        raise ModelError(
            f'The chat model "{provider}:{model}" needs a package.', f"Run: pip install {package}"
        ) from exc
    except ValueError as exc:
        if "provider" in str(exc).lower():
            raise ModelError(f'Unknown provider "{provider}" of chat models.', _NAMES) from exc
        raise _unusable(provider, model, exc) from exc
    except Exception as exc:
        raise _unusable(provider, model, exc) from exc


def _unusable(provider: str, model: str, exc: Exception) -> ModelError:
    reason = str(exc).strip().partition("\n")[0].rstrip(".")
    key = _KEYS.get(provider)
    fix = f"Set {key}, or choose another model." if key else _NAMES
    return ModelError(f'The chat model "{provider}:{model}" cannot be used: {reason}.', fix)


def _transformers(model: str) -> BaseChatModel:
    try:
        from langchain_huggingface import ChatHuggingFace, HuggingFacePipeline  # type: ignore[import-not-found, unused-ignore]
    except ImportError as exc:
        raise ModelError(
            f'The chat model "hf:{model}" needs packages.', "Run: pip install 'visavis[neural]' langchain-huggingface"
        ) from exc
    try:
        pipeline = HuggingFacePipeline.from_model_id(
            model_id=model, task="text-generation", pipeline_kwargs={"return_full_text": False}
        )
    except (OSError, ValueError, ImportError) as exc:
        raise ModelError(
            f'The weights "{model}" cannot be loaded: {exc}.', "Check the name, the network and the disk."
        ) from exc
    chat: BaseChatModel = ChatHuggingFace(llm=pipeline)
    return chat
