"""The settings of one model: those that change its answers, and those that do not."""

import hashlib
import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from descan.collect.providers.decisions import Way
from descan.errors import quote

ProviderName = Literal["gemini", "openai"]


class ModelSettings(BaseModel):
    """How one model is asked.

    Settings that change an answer are part of `params_sha256`; access, pace and price are not.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, protected_namespaces=())

    provider: ProviderName
    model: str = Field(min_length=1)
    """The model, as the provider names it."""

    name: str = ""
    """What the corpus calls it; the model itself if empty."""

    base_url: str | None = None
    """Of another server: vLLM, Ollama, LM Studio, or a proxy."""

    api_key_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """Environment variable that holds the key; by default OPENAI_API_KEY, or GOOGLE_API_KEY before GEMINI_API_KEY."""

    api: Literal["chat", "responses"] = "chat"
    """OpenAI: Chat Completions or Responses."""

    token_field: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"
    """OpenAI chat: what the server calls the limit."""

    stream: bool = False
    """OpenAI: ask for a stream of events, which is joined to one reply, for servers that send nothing else."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    max_tokens: int | None = Field(default=None, ge=1, lt=2**31)
    thinking: Annotated[int, Field(ge=-1, lt=2**31)] | str | None = None
    """A budget in tokens, or a level such as `low`; None leaves it to the model."""

    detail: Literal["low", "high", "auto", "original"] | None = None
    """OpenAI: resolution at which the model sees pictures."""

    media_resolution: Literal["low", "medium", "high"] | None = None
    """Gemini: resolution at which the model sees pictures and clips."""

    verbosity: Literal["low", "medium", "high"] | None = None
    """OpenAI: how long answers are."""

    service_tier: Literal["default", "flex", "priority"] | None = None
    """How soon, and at which price, requests are answered."""

    system: str | None = Field(default=None, min_length=1)
    """The text of a system prompt."""

    max_side: int | None = Field(default=None, ge=32)
    """Longest side in pixels of a picture that is sent; larger ones are scaled down."""

    n_frames: int = Field(default=8, ge=1, le=100)
    """Frames of a clip that is sent as pictures."""

    clips: Literal["frames", "whole"] = "frames"
    """Whether a clip is sent as pictures, the same for every model, or whole to a provider that takes it."""

    fps: float | None = Field(default=None, gt=0, le=24)
    """Frames of a second of a clip: instead of `n_frames`, or what the provider takes of a whole clip."""

    audio: bool = False
    """Whether a clip is sent whole with its sound, which is removed otherwise."""

    decide_way: Way | None = None
    """How mode `decide` is asked; None: the best way that the model is known to have. Part of the recipe of such
    answers alone."""

    allow_served: tuple[str, ...] = ()
    """Other models that may answer instead of the requested one."""

    list_price: bool | None = None
    """Whether the provider's list price is paid; None: only at the provider's own address, not through a gateway."""

    price_in: float | None = Field(default=None, ge=0)
    """US dollars for a million tokens of input, in place of the list's; so are the next four."""

    price_out: float | None = Field(default=None, ge=0)
    price_thinking: float | None = Field(default=None, ge=0)
    """As `price_out` if left out."""

    price_cache_read: float | None = Field(default=None, ge=0)
    """Of the input, those that were read from a cache; as `price_in` if left out. So is the next one."""

    price_cache_write: float | None = Field(default=None, ge=0)
    """Of the input, those that were written to a cache."""

    concurrency: int = Field(default=16, ge=1)
    requests_per_minute: float | None = Field(default=None, gt=0)
    tokens_per_minute: float | None = Field(default=None, gt=0)
    timeout_s: float = Field(default=120, gt=0)
    max_attempts: int = Field(default=6, ge=1)

    @property
    def label(self) -> str:
        """What the corpus calls the model."""
        return self.name or self.model

    @property
    def sends_whole_clips(self) -> bool:
        """Whether a clip is sent whole, and not as pictures."""
        return self.clips == "whole" or self.audio

    @model_validator(mode="after")
    def _check_prices(self) -> "ModelSettings":
        given = (self.price_in is not None, self.price_out is not None)
        others = (self.price_thinking, self.price_cache_read, self.price_cache_write)
        if any(given) != all(given) or (any(price is not None for price in others) and not all(given)):
            raise ValueError(f"{quote(self.label)} has incomplete prices; give price_in and price_out")
        return self

    def params_sha256(self, crop_margin: float | None) -> str:
        """Hash the settings that change an answer.

        Args:
            crop_margin: Margin around the face crop as a share of its side, or None without a crop.
        """
        access = {"name", "api_key_env", "decide_way", "allow_served", "list_price", "stream"}
        access |= {name for name in type(self).model_fields if name.startswith("price_")}
        pace = {"concurrency", "requests_per_minute", "tokens_per_minute", "timeout_s", "max_attempts"}
        # Left out at their defaults, so that answers keep the hash that they had before these settings existed.
        clips = {name for name in ("clips", "audio") if getattr(self, name) == type(self).model_fields[name].default}
        params = self.model_dump(mode="json", exclude=access | pace | clips, exclude_none=True)
        params["crop_margin"] = crop_margin
        return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
