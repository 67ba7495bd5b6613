"""What a sentence of the user is meant to do."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final


class Act(Enum):
    """What a sentence is meant to do."""

    GREETING = "greeting"
    HOW_ARE_YOU = "how are you"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    YES = "yes"
    NO = "no"
    REPEAT = "repeat"
    ABILITY = "ability"
    PERSON = "person"
    WHAT_I_SAID = "what I said"
    WHAT_YOU_SAID = "what you said"
    ABOUT_ME = "about me"
    QUESTION = "question"
    STATEMENT = "statement"


def _r(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_FILL: Final = r"[\s,.!?~。！，？、-]*"
_HELLO_ZH: Final = "您好|你好|早上好|上午好|中午好|下午好|晚上好|大家好|嗨|喂|哈喽"
_GREETING: Final = _r(
    rf"^(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day))"
    rf"(?:[ ,]+(?:there|again|everyone|all|team|you))?(?!\w){_FILL}"
    rf"|^(?:(?:it['’]?s|it is)(?: only| just)? )?me again{_FILL}|^i(?:['’]m| am) back(?: again)?{_FILL}(?!\w)"
    rf"|^(?:{_HELLO_ZH}){_FILL}|^(?:又是我|我又来了){_FILL}"
)
_HUM: Final = (
    r"(?:ok(?:ay)?|great|perfect|super|wonderful|excellent|awesome|cool|lovely|fine|all ?right|got it|i see|understood)"
)
_HUM_ZH: Final = r"(?:好的?|太好了|明白了?|知道了|了解)"
_EXACT: Final[tuple[tuple[Act, re.Pattern[str]], ...]] = (
    (
        Act.HOW_ARE_YOU,
        _r(rf"^(?:how are you(?: doing)?(?: today)?|how(?: i|['’])s it going|你好吗|最近好吗){_FILL}$"),
    ),
    (
        Act.GOODBYE,
        _r(
            rf"^(?:(?:{_HUM}|thanks?(?: you)?|well|no|that['’]?s all|that is all)[, .!]+)*"
            r"(?:good ?bye|bye(?:[ -]bye)?|see you(?: later| soon)?|take care"
            rf"|have a (?:nice|good|great) (?:day|evening|weekend|one)|再见|拜拜|回头见){_FILL}$"
        ),
    ),
    (
        Act.NO,
        _r(
            rf"^(?:no|nope|nah|not now|no,? thanks?|no,? thank you|never mind){_FILL}$"
            rf"|^(?:不用了?|不要|不是|不|没有|没事了?|算了|不需要)(?:，?谢谢)?{_FILL}$"
        ),
    ),
    (
        Act.THANKS,
        _r(
            rf"^(?:(?:{_HUM}|no|yes|that['’]?s all|{_HUM_ZH})[, .!，。！]*)*"
            r"(?:(?:many |so )?(?:thanks|thank you|thx|cheers)(?: (?:a lot|so much|very much|a bunch|again|for .{1,60}))?"
            r"|much appreciated|appreciate it|that (?:helps|is helpful)(?: a lot)?"
            rf"|(?:太|非常|十分)?(?:谢谢|感谢|多谢)(?:你|您|了|啦)*(?:的?帮助|的?帮忙)?){_FILL}$"
        ),
    ),
    (
        Act.YES,
        _r(
            rf"^(?:(?:yes|yeah|yep|yup|sure|{_HUM}|please(?: do)?|go on|go ahead|of course|correct|right|exactly)[, ]*)+{_FILL}$"
            rf"|^(?:{_HUM_ZH}|是的?|对的?|可以|行|嗯|要|需要|请继续|继续|请转){_FILL}$"
        ),
    ),
    (
        Act.REPEAT,
        _r(
            r"^(?:(?:sorry|pardon|excuse me)[, ?]*)*(?:(?:can|could|would) you )?(?:please )?"
            rf"(?:say|repeat)(?: that| it)?(?: again| once more)?(?:,? please)?{_FILL}$"
            r"|^(?:pardon|sorry|what|come again|once more|again)(?: me)?(?: please)?\s*\?+$"
            rf"|^what (?:did you|was that)(?: just)?(?: say)?{_FILL}$"
            rf"|^(?:请)?(?:再说一(?:遍|次)|重复一(?:遍|下)|你说什么|您说什么|没听清)(?:好吗|吗)?{_FILL}$"
        ),
    ),
    (
        Act.ABILITY,
        _r(
            rf"^(?:who|what) are you{_FILL}$|^are you (?:an? )?(?:real|human|robot|bot|ai|machine|person|virtual)\b.{{0,30}}$"
            rf"|^what (?:can|do) you do(?: for me)?{_FILL}$|^(?:how|what) can you help(?: me)?(?: with)?{_FILL}$|^help{_FILL}$"
            rf"|^(?:你|您)(?:是谁|是什么|是机器人吗|是真人吗|会什么|能做什么|可以做什么|能帮我什么){_FILL}$"
        ),
    ),
)
_PERSON: Final = _r(
    r"\b(?:speak|talk|chat|connect|transfer|put|pass|get|give|want|need|hand)\b.{0,30}\b(?:human|real person|a person|agent"
    r"|representative|someone real|somebody real|an? (?:real )?(?:employee|colleague|advis[eo]r|operator)|(?:member of )?staff"
    r"|manager|supervisor)\b|^(?:human|agent|operator|representative)[.! ]*$"
    r"|转人工|人工客服|找人工|找真人|真人客服|要人工|转接"
)
_WHAT_I_SAID: Final = _r(
    r"\bwhat (?:did|have|had) i (?:just )?(?:say|said|tell|told|ask|asked|mention|mentioned|order|ordered|write|written)\b"
    r"|\bdid i (?:tell|say|mention|give)\b|\b(?:i|that i) (?:just )?(?:said|told you|mentioned|gave you)\b.*\?"
    r"|我(?:刚才|之前|上次|前面)?(?:说过|说了|告诉过|提到过|问过|问了|说的是|说的)"
)
_WHAT_YOU_SAID: Final = _r(
    r"\bwhat (?:did|have|had) you (?:just )?"
    r"(?:say|said|tell|told|recommend|recommended|suggest|suggested|mention|mentioned|answer)\b"
    r"|\byou (?:said|told me|mentioned)\b.*\?|(?:你|您)(?:刚才|之前|上次|前面)?(?:说过什么|说了什么|告诉我什么|怎么说)"
)
_ABOUT_ME: Final = _r(
    r"\b(?:what|which|who|where|when|how old|how many)\b"
    r"(?:(?:['’]s| is| are| was| were)\b.{0,30}\bmy\b|(?! do i| am i allowed).{0,30}\b(?:did|do|was|am|were|have|had) i\b)"
    r"|\b(?:do you|can you|you)(?: still)? (?:remember|recall|know)\b.{0,40}\b(?:my|me|i)\b"
    r"|\bremind me\b.{0,40}\b(?:my|i)\b|\bwho am i\b|\btell me my\b|\bmy .{2,40} again\b|\bwhere do i (?:live|work)\b"
    r"|我(?:的|叫|住|是|在|喜欢|对|穿|买|订)?.{0,12}(?:什么|多少|哪|谁|几)|还记得我|记得我|知道我"
)
_QUESTION: Final = _r(
    r"[?？]\s*$|^(?:(?:and|but|so|also|then|or|ok(?:ay)?|well|please),? )*"
    r"(?:what|where|when|who|whom|whose|which|why|how|do|does|did|is|are|was|were|can|could|will|would|should|shall|may|have|has"
    r"|am|any|tell me|give me|show me|explain|describe|let me know|i(?:['’]d| would) like to|i want|i need|i wish to|i wonder"
    r"|i(?:['’]m| am) (?:looking|wondering|interested|trying)|looking for|help me|need to|want to)\b"
    r"|(?:吗|呢|么)[。？! ]*$|什么|怎么|如何|哪|几|多少|多久|能否|能不能|可不可以|可以.{0,20}吗|是否|有没有|我想|我要|想知道"
    r"|请告诉|为什么"
)


def greeting(text: str) -> tuple[bool, str]:
    """Whether *text* opens with greetings, and what follows them."""
    rest = text
    while found := _GREETING.match(rest):
        rest = rest[found.end() :].strip()
    return rest != text, rest


def act(sentence: str) -> Act:
    """What *sentence*, without its greeting, is meant to do."""
    for kind, pattern in _EXACT:
        if pattern.match(sentence):
            return kind
    for kind, pattern in (
        (Act.PERSON, _PERSON),
        (Act.WHAT_YOU_SAID, _WHAT_YOU_SAID),
        (Act.WHAT_I_SAID, _WHAT_I_SAID),
    ):
        if pattern.search(sentence):
            return kind
    if _ABOUT_ME.search(sentence):
        return Act.ABOUT_ME
    return Act.QUESTION if _QUESTION.search(sentence) else Act.STATEMENT
