"""What the offline model says in its own words, in English and Chinese."""

from __future__ import annotations

from typing import Final

from ..followup import Language

PHRASES: Final[dict[str, dict[Language, str]]] = {
    "hello": {"en": "Hello{name}! How can I help you?", "zh": "您好{name}！请问有什么可以帮您？"},
    "welcome": {
        "en": "You're welcome! Is there anything else I can do for you?",
        "zh": "不客气！还有什么可以帮您的吗？",
    },
    "goodbye": {"en": "Goodbye{name}, and have a good day!", "zh": "再见{name}，祝您愉快！"},
    "noted": {
        "en": "Thank you, I've noted that {what}. How can I help you?",
        "zh": "谢谢，我记下了：{what}。请问有什么可以帮您？",
    },
    "heard": {
        "en": "Thank you, I'll remember that. What can I do for you?",
        "zh": "好的，我记住了。请问有什么可以帮您？",
    },
    "unknown": {
        "en": "I'm afraid I don't know that. Shall I get a person to help you?",
        "zh": "抱歉，这个我不清楚。要为您转人工吗？",
    },
    "untold": {
        "en": "I don't think you have told me that. Could you tell me now?",
        "zh": "您好像还没有告诉过我。可以现在告诉我吗？",
    },
    "which": {"en": "Do you mean “{first}” or “{second}”?", "zh": "您是指“{first}”还是“{second}”？"},
    "maybe": {"en": "I'm not sure I understand. Do you mean “{first}”?", "zh": "我不太确定。您是想问“{first}”吗？"},
    "told": {"en": "You told me: {what}", "zh": "您说过：{what}"},
    "said": {"en": "I said: {what}", "zh": "我说过：{what}"},
    "able": {
        "en": "I'm a virtual assistant: I answer from our help pages and remember what you tell me. What would you like to know?",
        "zh": "我是虚拟客服，可以根据帮助资料回答问题，也会记住您告诉我的事。您想了解什么？",
    },
    "person": {
        "en": "I can't put you through myself, but a person can take over from here.",
        "zh": "我自己无法转接，不过可以由人工来接手。",
    },
    "handed over": {
        "en": "A person has been asked to take over and will be with you soon.",
        "zh": "已经为您转人工，请稍候。",
    },
    "declined": {"en": "All right. What else can I do for you?", "zh": "好的。还有什么可以帮您的吗？"},
    "fine": {"en": "I'm well, thank you. How can I help you?", "zh": "我很好，谢谢。请问有什么可以帮您？"},
    "more": {"en": "There is more. Shall I go on?", "zh": "还有其他内容，要继续听吗？"},
    "rest": {
        "en": "The rest I don't know, I'm afraid. Shall I get a person to help you?",
        "zh": "其余的我不清楚。要为您转人工吗？",
    },
}


def say(phrase: str, language: Language, **slots: str) -> str:
    """The phrase in *language* with its slots filled."""
    text = PHRASES[phrase][language]
    for slot, value in slots.items():
        text = text.replace("{" + slot + "}", value)
    return text
