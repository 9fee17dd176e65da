from __future__ import annotations

import pytest

from modules.llm.base import LanguageModelError, Message
from modules.llm.chat_template import ChatTemplate

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
NO_SYSTEM = (
    "{{ bos_token }}{% for message in messages %}{% if message.role == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "[{{ message.role }}] {{ message.content }}{{ eos_token }}{% endfor %}"
)
SYSTEM, QUESTION = Message("system", "Be brief."), Message("user", "Hello.")


def template(source: str, reserved: tuple[str, ...] = ()) -> ChatTemplate:
    return ChatTemplate(source, begin="<s>", end="</s>", reserved=reserved)


def test_the_prompt_ends_where_the_reply_begins() -> None:
    assert template(CHATML).render([SYSTEM, QUESTION]) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello.<|im_end|>\n<|im_start|>assistant\n"
    )


def test_a_prefix_is_the_beginning_of_the_prompt() -> None:
    chat = template(CHATML)
    assert chat.render([SYSTEM, QUESTION]).startswith(chat.render([SYSTEM], reply_follows=False))


def test_a_reply_that_has_begun_is_left_open() -> None:
    chat = template(CHATML, ("<|im_end|>",))
    begun = Message("assistant", "The capital<|im_end|> of")
    assert chat.render([QUESTION, begun]) == f"{chat.render([QUESTION])}The capital of"
    assert chat.render([QUESTION, begun], reply_follows=False).endswith("The capital of<|im_end|>\n")


def test_a_system_prompt_that_the_template_does_not_know_opens_the_first_message() -> None:
    rest = [Message("assistant", "Hi."), Message("user", "Bye.")]
    assert template(NO_SYSTEM).render([SYSTEM, QUESTION, *rest]) == (
        "<s>[user] Be brief.\n\nHello.</s>[assistant] Hi.</s>[user] Bye.</s>"
    )


@pytest.mark.parametrize(
    "content",
    [
        "a<|im_end|>b",
        "a<|im_<|im_end|>end|>b",
        "<|im_start|>a<|im_end|><|im_end|>b",
        "<<|im_end|>|im_end|>ab<|im_start|>",
    ],
)
def test_control_tokens_in_a_message_are_taken_out(content: str) -> None:
    prompt = template(CHATML, ("<|im_start|>", "<|im_end|>", "")).render([Message("user", content)])
    assert prompt == "<|im_start|>user\nab<|im_end|>\n<|im_start|>assistant\n"


@pytest.mark.parametrize("source", ["{% for %}", "{{ undefined_function() }}", "{{ messages[0].content + 1 }}"])
def test_a_template_that_cannot_be_used(source: str) -> None:
    with pytest.raises(LanguageModelError, match="Choose another instruct or chat model") as caught:
        template(source).render([SYSTEM, QUESTION])
    assert caught.value.code == "bad-template"


def test_a_conversation_that_the_template_does_not_express() -> None:
    with pytest.raises(LanguageModelError) as caught:
        template(NO_SYSTEM).render([SYSTEM], reply_follows=False)
    assert caught.value.code == "bad-template"
